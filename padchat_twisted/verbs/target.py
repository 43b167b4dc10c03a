"""Whom a command line means: the account, its gateway and its store."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..secret import Secret
from ..service.config import Configuration, load_configuration
from ..service.spelling import CallMistake, find_command, nearest
from ..service.store_keys import find_store_keys
from .gateway import KEY_VARIABLE, Gateway, find_key, gateway_of
from .key import add_store_keys_option

__all__ = [
    "DEFAULT_CONFIGURATION",
    "DEFAULT_STORE",
    "Target",
    "Words",
    "add_target_options",
    "target_of",
    "words_of",
]

#: The configuration that is used when none is named.
DEFAULT_CONFIGURATION = Path("padchat.toml")

#: The store that is used when none is named.
DEFAULT_STORE = Path("padchat.sqlite")

#: Options that say what a configuration tells; none has a value if it is left out.
_WITH_GATEWAY = ("store", "proxy", "ca_file", "revision", "transport", "fallback")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the command line that are no options.

    Args:
        key: the auth key, None where it is not among them.
        account: name of the account.
        command: name of the command, in any spelling.
        fields: what stands behind it.
    """

    key: str | None = field(repr=False)
    account: str
    command: str
    fields: list[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Target:
    """An account, and where its login is.

    Args:
        name: of the account.
        gateway: where it is.
        auth_key: lets us use that.
        store: file with its login.
        device: device data by wire name, None to have it made.
        store_keys: seal what is in the store, see ``SQLiteStore``.
    """

    name: str
    gateway: Gateway
    auth_key: Secret
    store: Path
    device: Mapping[str, str] | None = field(default=None, repr=False)
    store_keys: tuple[Secret, ...] = ()


def add_target_options(parser: ArgumentParser, words: str) -> None:
    """Add the options by which an account is named, and *words* as those that follow.

    Args:
        parser: of a verb.
        words: how the usage names what is no option, see ``words_of``.
    """
    parser.add_argument(
        "words",
        nargs="+",
        metavar=words,
        help="with --gateway, the auth key may stand before ACCOUNT, or in"
        f" {KEY_VARIABLE}",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help=f"where the account is configured; {DEFAULT_CONFIGURATION} if left out",
    )
    parser.add_argument(
        "--gateway", metavar="URL", help="instead of a configuration: http://HOST/user"
    )
    parser.add_argument(
        "--store",
        type=Path,
        metavar="FILE",
        help=f"with --gateway: where the login is kept; {DEFAULT_STORE} if left out",
    )
    add_store_keys_option(parser)


def words_of(words: list[str], *, has_gateway: bool) -> Words:
    """Take the words apart; a key stands in front only where a gateway is named.

    Args:
        words: all that are no options.
        has_gateway: whether one is named.

    Raises:
        CallMistake: account or command is missing, or a key is there without a gateway.
    """
    # Behind a key the command is the third word; else that is a field.
    has_third = len(words) > 2 and "=" not in words[2]
    is_command = has_third and find_command(words[2]) is not None
    is_account = has_third and find_command(words[1]) is None
    if is_command and is_account and not has_gateway:
        # The first word is not repeated: it is a key.
        raise CallMistake(
            "a key before ACCOUNT is for --gateway: a configuration tells it itself"
        )
    has_key = has_gateway and (is_account or is_command)
    key, rest = (words[0], words[1:]) if has_key else (None, words)
    if len(rest) < 2:
        raise CallMistake(
            "account or command is missing: write padchat call ACCOUNT COMMAND"
            " FIELD=VALUE; `padchat commands` lists the commands"
        )
    return Words(key, rest[0], rest[1], rest[2:])


def target_of(options: Namespace, words: Words, environ: Mapping[str, str]) -> Target:
    """Find the account.

    Args:
        options: of the command line.
        words: of the command line.
        environ: environment variables.

    Raises:
        CallMistake: the options do not go together, there is no key, or no such
            account.
        PadChatError: the configuration has problems, or no such way to a gateway.
    """
    if options.gateway is None:
        for name in _WITH_GATEWAY:
            if getattr(options, name):
                option = name.replace("_", "-")
                raise CallMistake(
                    f"--{option} is for --gateway: a configuration tells it itself"
                )
        path = options.config or DEFAULT_CONFIGURATION
        if options.config is None and not path.exists():
            raise CallMistake(
                f"there is no {path} here: name the configuration with --config, or the"
                " gateway with --gateway"
            )
        configuration = load_configuration(path, environ, has_handlers=False)
        return _configured(configuration, words.account)
    if options.config is not None:
        raise CallMistake("--config and --gateway: give one of them")
    key = find_key(words.key, environ)
    if key is None:
        raise CallMistake(
            f"there is no auth key: give KEY before ACCOUNT, or set {KEY_VARIABLE}"
        )
    gateway = gateway_of(options, environ)
    store = options.store or DEFAULT_STORE
    store_keys = find_store_keys(options.store_keys, environ)
    return Target(words.account, gateway, key, store, store_keys=store_keys)


def _configured(configuration: Configuration, name: str) -> Target:
    accounts = {account.name: account for account in configuration.accounts}
    if name not in accounts:
        near = nearest(name, accounts)
        hint = f"the nearest is {near}; " if near else ""
        raise CallMistake(
            f"{configuration.path} has no account {name!r}: {hint}it has"
            f" {', '.join(accounts)}"
        )
    way = configuration.gateway
    return Target(
        name,
        Gateway(
            way.url,
            revision=way.revision,
            transports=way.transports,
            fallback=way.fallback,
            tls=way.tls,
            proxy=way.proxy,
        ),
        way.auth_key,
        configuration.store_path,
        accounts[name].device,
        configuration.store_keys,
    )
