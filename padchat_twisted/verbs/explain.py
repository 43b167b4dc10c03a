"""``padchat explain``: why an account is online or not."""

from __future__ import annotations

import os
import tomllib
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..service.asking import ask_why
from ..service.config import MAX_CONFIGURATION_BYTES
from ..service.explaining import explain_stored, language_named, nobody_runs
from ..service.sockets import socket_path
from ..service.spelling import CallMistake, nearest
from ..service.values import DEFAULT_STORE
from ..session.explain import LANGUAGES, Language
from ..store import StoredAccount, look
from .process import USAGE, complain, run_reactor, say
from .target import DEFAULT_CONFIGURATION

__all__ = ["DESCRIPTION", "add_options", "explain", "language_of"]

#: The variables that name a locale, in the order in which they count (POSIX).
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")

DESCRIPTION = """\
Tell why an account is online or not, what happens next, and what you can do. Where a
service runs the account, the service tells it; else the store tells what it knows. The
auth key is not needed.

  padchat explain                   all accounts, a line each
  padchat explain shop-1
  padchat explain shop-1 --language zh
  padchat explain shop-1 --store padchat.sqlite
"""


def add_options(parser: ArgumentParser) -> None:
    """Add what may stand behind the verb."""
    parser.add_argument(
        "account",
        nargs="?",
        metavar="NAME",
        help="of the account; all of them, a line each, if left out",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="where the accounts are configured; padchat.toml if left out",
    )
    parser.add_argument(
        "--store",
        type=Path,
        metavar="FILE",
        help="instead of a configuration: where the logins are kept",
    )
    parser.add_argument(
        "--language",
        choices=LANGUAGES,
        help="of the sentences; that of the locale if left out",
    )


def language_of(environ: Mapping[str, str]) -> Language:
    """Return the language of the locale: Chinese where it is, else English."""
    locale = next((environ[name] for name in _LOCALES if environ.get(name)), "")
    return language_named(locale) or "en"


def explain(reactor: Any, options: Namespace) -> int:  # noqa: ANN401 - see run_reactor
    """Explain an account, or all of them.

    Args:
        reactor: runs it.
        options: the command line.

    Returns:
        The exit status.

    Raises:
        PadChatError: the store cannot be read.
    """
    try:
        place = _place(options)
    except CallMistake as mistake:
        return complain(str(mistake), USAGE)
    language: Language = options.language or language_of(os.environ)
    name: str | None = options.account

    async def work() -> int:
        try:
            path = socket_path(place.store)
            found = await ask_why(reactor, path, language, name)
            if found is None:
                _tell_stored(place, name, language)
            elif name is None:
                _say_each(each.head for each in found)
            else:
                _say_each(str(each) for each in found)
        except CallMistake as mistake:
            return complain(str(mistake), USAGE)
        except OSError as error:
            return complain(f"{error.filename} cannot be read: {error.strerror}")
        return 0

    async def stop() -> None:
        """Nothing is left."""

    return run_reactor(reactor, work, stop)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the accounts are.

    Args:
        store: file with their logins.
        names: of those that are configured.
    """

    store: Path
    names: tuple[str, ...] = ()


def _place(options: Namespace) -> _Place:
    """Find the store.

    Raises:
        CallMistake: the options do not go together, or there is neither a store nor a
            configuration.
    """
    if options.store is not None:
        if options.config is not None:
            raise CallMistake("--config and --store: give one of them")
        return _Place(options.store.absolute())
    path: Path = options.config or DEFAULT_CONFIGURATION
    if options.config is None and not path.exists():
        store = Path(DEFAULT_STORE).absolute()
        if store.exists():
            return _Place(store)
        raise CallMistake(
            f"there is neither {path} nor {DEFAULT_STORE} here: name the configuration"
            " with --config, or the store with --store"
        )
    return _configured(path)


def _configured(path: Path) -> _Place:
    """Read of a configuration what is needed here.

    Neither its key nor its handlers are looked at, so that it can be asked by whoever
    may open the control socket, and whatever is wrong with it.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MAX_CONFIGURATION_BYTES).decode("utf-8-sig")
        document = tomllib.loads(text)
    except OSError as error:
        raise CallMistake(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise CallMistake(
            f"{path} is no configuration: padchat check --config {path} says why"
        ) from None
    store = _table(document.get("store")).get("path", DEFAULT_STORE)
    accounts = document.get("account")
    names = [
        _table(each).get("name")
        for each in (accounts if isinstance(accounts, list) else ())
    ]
    return _Place(
        path.absolute().parent / str(store),
        tuple(name for name in names if isinstance(name, str)),
    )


def _table(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _tell_stored(place: _Place, name: str | None, language: Language) -> None:
    """Tell what the store knows.

    Raises:
        CallMistake: no such account.
        StoreError: it cannot be read.
    """
    is_there = place.store.exists()
    known: dict[str, list[StoredAccount]] = {each: [] for each in place.names}
    for account in look(place.store) if is_there else ():
        known.setdefault(account.name, []).append(account)
    if name is not None and name not in known:
        near = nearest(name, known)
        hint = f"the nearest is {near}; " if near else ""
        names = ", ".join(known) or "none"
        raise CallMistake(f"there is no account {name!r}: {hint}there are {names}")
    path = socket_path(place.store)
    say(nobody_runs(path, place.store, language, is_there=is_there))
    for each in known if name is None else (name,):
        for head, others in explain_stored(each, known[each], language):
            _say_each((head,) if name is None else (head, *others))


def _say_each(texts: Iterable[str]) -> None:
    for text in texts:
        for line in text.splitlines():
            say(line)
