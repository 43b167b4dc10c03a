"""The configuration file of the service: TOML in, frozen dataclasses out.

All problems are found at once. Each tells its file and line, what was found, what
was expected and what to do; none repeats a value that may be secret::

    padchat.toml:2: [gateway]: unknown key 'ulr'
        expected: url or auth_key; the nearest is url
        remedy: write url = "http://127.0.0.1:7700/user"

Source: ``docs/design/0004-configuration.md``; all keys are in ``docs/running.md``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ..errors import ConfigurationError
from ..secret import Secret
from ..session.account import AccountSession
from ..session.endurance import Endurance
from ..session.pacing import Pacing
from ..session.policy import PLAIN, InboxPolicy
from ..transport.proxies import Proxy
from ..transport.revision import RevisionSetting
from ..transport.tls import TLSOptions
from .enduring import read_endurance
from .handlers import Handlers, find_handlers
from .inboxes import read_inbox
from .pacing import read_pacing
from .problems import Problem, Where, syntax_problem
from .reach import TLS_KEYS, WAY_KEYS, read_proxy, read_tls, read_way
from .reading import Reader, Section, kind_of
from .store_keys import read_store_keys
from .values import (
    DEFAULT_STORE,
    KEYS,
    auth_key_in_file,
    auth_key_in_variable,
    checked_name,
    checked_store,
    checked_url,
)
from .watching import read_watch

__all__ = [
    "AccountConfiguration",
    "Configuration",
    "GatewayConfiguration",
    "check",
    "load_configuration",
]

#: Largest file read (bytes): thousands of accounts fit; a store or a log that was
#: named by mistake does not fill the memory.
MAX_CONFIGURATION_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class GatewayConfiguration:
    """Which gateway all accounts use, and how it is reached.

    Args:
        url: its path is the namespace.
        auth_key: lets us use it.
        tls: whom to trust and who we are, None for the usual.
        proxy: on the way, None to connect directly.
        revision: of Engine.IO, or to find out.
        transports: in the order to try them.
        fallback: whether the next one is tried when one does not work.
    """

    url: str
    auth_key: Secret
    tls: TLSOptions | None = None
    proxy: Proxy | None = None
    revision: RevisionSetting = "auto"
    transports: tuple[str, ...] = ("websocket",)
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class AccountConfiguration:
    """One sub-account.

    Args:
        name: label at the gateway, unique in the file.
        handlers: called with the account, before it connects.
        device: device data by wire name, None to have it made and stored.
        keeps_contacts: see ``AccountSession``.
        inbox: what is done with messages before handlers have them.
    """

    name: str
    handlers: Handlers
    device: Mapping[str, str] | None = field(default=None, repr=False)
    keeps_contacts: bool = True
    inbox: InboxPolicy = PLAIN


@dataclass(frozen=True, slots=True)
class Configuration:
    """A whole configuration without problems; all paths are absolute."""

    path: Path
    gateway: GatewayConfiguration
    store_path: Path
    accounts: tuple[AccountConfiguration, ...]
    endurance: Endurance
    store_keys: tuple[Secret, ...] = ()
    stall_seconds: float | None = None
    pacing: Pacing | None = None


def load_configuration(
    path: Path, environ: Mapping[str, str], *, has_handlers: bool = True
) -> Configuration:
    """Read a configuration, with its auth key and its handlers.

    Args:
        path: the TOML file; other files are found from its folder.
        environ: environment variables, for ``auth_key = { env = "..." }``.
        has_handlers: whether the handlers are imported, which runs code of users; else
            the accounts have handlers that register nothing.

    Raises:
        ConfigurationError: all problems of the file, whole sentences.
    """
    configuration, problems = _read(path, environ, has_handlers=has_handlers)
    if configuration is None:
        raise ConfigurationError(str(path), tuple(str(problem) for problem in problems))
    return configuration


def check(path: Path, environ: Mapping[str, str]) -> list[Problem]:
    """Find all problems of a configuration, as :func:`load_configuration` would."""
    return _read(path, environ)[1]


_ROOT = Section(("gateway", "account"), ("store", "endurance", "watch", "pacing"))
_GATEWAY = Section(("url", "auth_key"), (*TLS_KEYS, "proxy", *WAY_KEYS))
_STORE = Section((), ("path", "keys"))
_ACCOUNT = Section(("name", "handlers"), ("device", "keeps_contacts", "inbox"))
# The reference client refuses to send init unless the first four are filled;
# deviceData is what the gateway gives for them. Source: PADCHAT index.js, init.
_DEVICE = Section(
    ("deviceName", "deviceUuid", "deviceWifiName", "deviceWifiMac"), ("deviceData",)
)


def _read(
    path: Path, environ: Mapping[str, str], *, has_handlers: bool = True
) -> tuple[Configuration | None, list[Problem]]:
    """Read and check; the configuration is there if and only if no problem is."""
    expected = "a configuration in TOML"
    remedy = "write this file, or name another one with --config"
    try:
        with path.open("rb") as file:
            content = file.read(MAX_CONFIGURATION_BYTES + 1)
    except OSError as error:
        found = f"this file cannot be read: {error.strerror}"
        return None, [Problem(path, 0, found, expected, remedy)]
    if len(content) > MAX_CONFIGURATION_BYTES:
        found = f"this file has more than {MAX_CONFIGURATION_BYTES} bytes"
        return None, [Problem(path, 0, found, expected, remedy)]
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = "this line holds bytes that are not UTF-8"
        remedy = "save the file as UTF-8 in your editor"
        return None, [Problem(path, line, found, "text in UTF-8", remedy)]
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, [syntax_problem(path, text, str(error))]
    reader = _Reader(path, environ, text, has_handlers=has_handlers)
    configuration = reader.configuration(document)
    return configuration, sorted(reader.problems, key=lambda problem: problem.line)


class _Reader(Reader):
    """Reads one configuration."""

    def __init__(
        self, path: Path, environ: Mapping[str, str], text: str, *, has_handlers: bool
    ) -> None:
        super().__init__(path, environ, text)
        self._has_handlers = has_handlers

    def configuration(self, document: object) -> Configuration | None:
        """Read the whole document; None when it has problems."""
        root = self.fields((), document, _ROOT)
        gateway = self.fields(("gateway",), root.get("gateway"), _GATEWAY)
        url = self.value(("gateway", "url"), gateway, checked_url)
        auth_key = self._auth_key(gateway)
        tls = read_tls(self, gateway, url)
        proxy = read_proxy(self, gateway)
        way = read_way(self, gateway, url)
        store = self.fields(("store",), root.get("store"), _STORE)
        store_path = self.value(
            ("store", "path"),
            {"path": DEFAULT_STORE, **store},
            lambda text: checked_store(self.folder / text),
        )
        store_keys = read_store_keys(self, store)
        endurance = read_endurance(self, root.get("endurance"))
        stall_seconds = read_watch(self, root.get("watch"))
        pacing = read_pacing(self, root.get("pacing"))
        accounts = self._accounts(root.get("account"))
        if url is not None and url.startswith("ws") and len(accounts) > 1:
            self.problem(
                ("account", 1),
                "a second account",
                "one account: a gateway of this dialect has one for each auth key",
                "take it out, or give it a configuration and a key of its own",
            )
        if self.problems or url is None or auth_key is None or store_path is None:
            return None
        return Configuration(
            path=self._path.absolute(),
            gateway=GatewayConfiguration(url, auth_key, tls, proxy, *way),
            store_path=store_path,
            accounts=accounts,
            store_keys=store_keys or (),
            endurance=endurance,
            stall_seconds=stall_seconds,
            pacing=pacing,
        )

    def _auth_key(self, gateway: Mapping[str, object]) -> Secret | None:
        where: Where = ("gateway", "auth_key")
        source = gateway.get("auth_key")
        if isinstance(source, str):
            self.problem(
                where,
                "the key itself is written here",
                "the name of an environment variable, or of a file that only you can"
                " read; a configuration is copied and shown, a key must not be",
                f"write {KEYS['env'].example} or {KEYS['file'].example}",
            )
            return None
        return self.secret(where, source, auth_key_in_file, auth_key_in_variable)

    def _accounts(self, value: object) -> tuple[AccountConfiguration, ...]:
        if value is None:
            return ()
        if not isinstance(value, list) or not value:
            found = f"this is {kind_of(value)}"
            if isinstance(value, dict):
                found = "single brackets"
            elif value == []:
                found = "there is none"
            self.problem(("account",), found, KEYS["account"].meaning)
            return ()
        owners: dict[tuple[str, str], int] = {}
        accounts = [self._account(n, each, owners) for n, each in enumerate(value)]
        return tuple(account for account in accounts if account is not None)

    def _handlers(self, text: str) -> Handlers:
        return find_handlers(text, self.folder) if self._has_handlers else _no_handlers

    def _account(
        self, index: int, value: object, owners: dict[tuple[str, str], int]
    ) -> AccountConfiguration | None:
        """Read one account; *owners* maps what no two may share to who has it."""
        where: Where = ("account", index)
        account = self.fields(where, value, _ACCOUNT)
        name = self.value((*where, "name"), account, checked_name)
        handlers = self.value((*where, "handlers"), account, self._handlers)
        device = self.fields((*where, "device"), account.get("device"), _DEVICE)
        texts = {
            key: text
            for key in device
            if (text := self.value((*where, "device", key), device, str)) is not None
        }
        keeps_contacts = account.get("keeps_contacts", True)
        if not isinstance(keeps_contacts, bool):
            found, expected = f"this is {kind_of(keeps_contacts)}", "true or false"
            self.problem((*where, "keeps_contacts"), found, expected)
        inbox = read_inbox(self, (*where, "inbox"), account.get("inbox"))
        for key, text in (
            ("name", name or ""),
            ("deviceUuid", texts.get("deviceUuid", "").casefold()),
            ("deviceData", texts.get("deviceData", "")),
        ):
            owner = owners.setdefault((key, text), index)
            if not text or owner == index:
                continue
            self.problem(
                (*where, key) if key == "name" else (*where, "device", key),
                f"the same as that of [[account]] {owner + 1}",
                "a name of its own for each account"
                if key == "name"
                else "device data of its own for each account, or none to have it made;"
                " WeChat takes a shared set for a theft",
                f"write another {key}",
            )
        if name is None or handlers is None:
            return None
        return AccountConfiguration(
            name, handlers, texts or None, keeps_contacts is not False, inbox
        )


def _no_handlers(account: AccountSession) -> None:
    """Register nothing."""
