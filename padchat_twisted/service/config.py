"""The configuration file of the service: TOML in, frozen dataclasses out.

All problems are found at once. Each tells its file and line, what was found, what
was expected and what to do; none repeats a value that may be secret::

    padchat.toml:2: [gateway]: unknown key 'ulr'
        expected: url or auth_key; the nearest is url
        remedy: write url = "http://127.0.0.1:7700/user"

Source: ``docs/design/0004-configuration.md``, which shows the whole file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final, TypeVar

from ..errors import ConfigurationError, quoted
from ..secret import Secret
from .handlers import Handlers, find_handlers
from .problems import Problem, Unusable, Where, line_numbers, syntax_problem
from .values import (
    DEFAULT_STORE,
    KEYS,
    auth_key_in_file,
    auth_key_in_variable,
    checked_name,
    checked_store,
    checked_url,
)

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

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class GatewayConfiguration:
    """Which gateway all accounts use: its URL, whose path is the namespace."""

    url: str
    auth_key: Secret


@dataclass(frozen=True, slots=True)
class AccountConfiguration:
    """One sub-account.

    Args:
        name: label at the gateway, unique in the file.
        handlers: called with the account, before it connects.
        device: device data by wire name, None to have it made and stored.
    """

    name: str
    handlers: Handlers
    device: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Configuration:
    """A whole configuration without problems; all paths are absolute."""

    path: Path
    gateway: GatewayConfiguration
    store_path: Path
    accounts: tuple[AccountConfiguration, ...]


def load_configuration(path: Path, environ: Mapping[str, str]) -> Configuration:
    """Read a configuration, with its auth key and its handlers.

    Args:
        path: the TOML file; other files are found from its folder.
        environ: environment variables, for ``auth_key = { env = "..." }``.

    Raises:
        ConfigurationError: all problems of the file, whole sentences.
    """
    configuration, problems = _read(path, environ)
    if configuration is None:
        raise ConfigurationError(str(path), tuple(str(problem) for problem in problems))
    return configuration


def check(path: Path, environ: Mapping[str, str]) -> list[Problem]:
    """Find all problems of a configuration, as :func:`load_configuration` would."""
    return _read(path, environ)[1]


@dataclass(frozen=True, slots=True)
class _Section:
    """The keys of a table."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


_ROOT = _Section(("gateway", "account"), ("store",))
_GATEWAY = _Section(("url", "auth_key"))
_AUTH_KEY = _Section((), ("env", "file"))
_STORE = _Section((), ("path",))
_ACCOUNT = _Section(("name", "handlers"), ("device",))
# The reference client refuses to send init unless the first four are filled;
# deviceData is what the gateway gives for them. Source: PADCHAT index.js, init.
_DEVICE = _Section(
    ("deviceName", "deviceUuid", "deviceWifiName", "deviceWifiMac"), ("deviceData",)
)

_TYPE_NAMES: dict[type, str] = {
    str: "a text",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "an array",
    dict: "a table",
}


def _read(
    path: Path, environ: Mapping[str, str]
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
    reader = _Reader(path, environ, text)
    configuration = reader.configuration(document)
    return configuration, sorted(reader.problems, key=lambda problem: problem.line)


class _Reader:
    """Reads one document and collects what is wrong with it."""

    def __init__(self, path: Path, environ: Mapping[str, str], text: str) -> None:
        self.problems: list[Problem] = []
        self._path = path
        self._folder = path.absolute().parent
        self._environ = environ
        self._text = text
        self._numbers: dict[Where, int] = {}

    def configuration(self, document: object) -> Configuration | None:
        """Read the whole document; None when it has problems."""
        root = self._fields((), document, _ROOT)
        gateway = self._fields(("gateway",), root.get("gateway"), _GATEWAY)
        url = self._value(("gateway", "url"), gateway, checked_url)
        auth_key = self._auth_key(gateway)
        store = self._fields(("store",), root.get("store"), _STORE)
        store_path = self._value(
            ("store", "path"),
            {"path": DEFAULT_STORE, **store},
            lambda text: checked_store(self._folder / text),
        )
        accounts = self._accounts(root.get("account"))
        if self.problems or url is None or auth_key is None or store_path is None:
            return None
        return Configuration(
            path=self._path.absolute(),
            gateway=GatewayConfiguration(url, auth_key),
            store_path=store_path,
            accounts=accounts,
        )

    def _auth_key(self, gateway: Mapping[str, object]) -> Secret | None:
        where: Where = ("gateway", "auth_key")
        source = gateway.get("auth_key")
        if isinstance(source, str):
            self._problem(
                where,
                "the key itself is written here",
                "the name of an environment variable, or of a file that only you can"
                " read; a configuration is copied and shown, a key must not be",
                f"write {KEYS['env'].example} or {KEYS['file'].example}",
            )
            return None
        table = self._fields(where, source, _AUTH_KEY)
        if len(table) == 2 or source == {}:
            found = "both env and file" if table else "neither env nor file"
            self._problem(where, found, "one of env and file")
            return None
        if "file" in table:
            return self._value(
                (*where, "file"),
                table,
                lambda text: auth_key_in_file(self._folder / text),
            )
        return self._value(
            (*where, "env"),
            table,
            lambda text: auth_key_in_variable(text, self._environ),
        )

    def _accounts(self, value: object) -> tuple[AccountConfiguration, ...]:
        if value is None:
            return ()
        if not isinstance(value, list) or not value:
            found = f"this is {_kind(value)}"
            if isinstance(value, dict):
                found = "single brackets"
            elif value == []:
                found = "there is none"
            self._problem(("account",), found, KEYS["account"].meaning)
            return ()
        owners: dict[tuple[str, str], int] = {}
        accounts = [self._account(n, each, owners) for n, each in enumerate(value)]
        return tuple(account for account in accounts if account is not None)

    def _account(
        self, index: int, value: object, owners: dict[tuple[str, str], int]
    ) -> AccountConfiguration | None:
        """Read one account; *owners* maps what no two may share to who has it."""
        where: Where = ("account", index)
        account = self._fields(where, value, _ACCOUNT)
        name = self._value((*where, "name"), account, checked_name)
        handlers = self._value(
            (*where, "handlers"),
            account,
            lambda text: find_handlers(text, self._folder),
        )
        device = self._fields((*where, "device"), account.get("device"), _DEVICE)
        texts = {
            key: text
            for key in device
            if (text := self._value((*where, "device", key), device, str)) is not None
        }
        for key, text in (
            ("name", name or ""),
            ("deviceUuid", texts.get("deviceUuid", "").casefold()),
            ("deviceData", texts.get("deviceData", "")),
        ):
            owner = owners.setdefault((key, text), index)
            if not text or owner == index:
                continue
            self._problem(
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
        return AccountConfiguration(name, handlers, texts or None)

    def _fields(
        self, where: Where, value: object, section: _Section
    ) -> Mapping[str, object]:
        """Check the keys of a table; return those that are known."""
        if value is None:  # not there: that was told where it is required
            return {}
        if not isinstance(value, dict):
            self._problem(where, f"this is {_kind(value)}", "a table")
            return {}
        known = [*section.required, *section.optional]
        missing = [key for key in section.required if key not in value]
        for key in value:
            if key in known:
                continue
            near = get_close_matches(key, [k for k in known if k not in value], 1)
            missing = [name for name in missing if name not in near]
            self._problem(
                where,
                f"unknown {'key' if where else 'section'} {quoted(key)!r}",
                _either(known) + (f"; the nearest is {near[0]}" if near else ""),
                f"write {KEYS[near[0]].example}" if near else "take it out",
                line_of=(*where, key),
            )
        for key in missing:
            found, example = f"{key} is missing", KEYS[key].example
            self._problem(where, found, KEYS[key].meaning, f"write {example}")
        return {key: value[key] for key in known if key in value}

    def _value(
        self, where: Where, table: Mapping[str, object], read: Callable[[str], _T]
    ) -> _T | None:
        """Read the text that the last key of *where* has in *table*, if any."""
        value = table.get(str(where[-1]))
        if value is None:
            return None
        if not isinstance(value, str):
            self._problem(where, f"this is {_kind(value)}", "a text, in quotes")
        elif not value.strip() or not value.isprintable():
            found = "control characters" if value.strip() else "an empty text"
            self._problem(where, found, "a text of one line")
        else:
            try:
                return read(value)
            except Unusable as unusable:
                self._problem(where, unusable.found, unusable.expected, unusable.remedy)
        return None

    def _problem(
        self,
        where: Where,
        found: str,
        expected: str,
        remedy: str = "",
        line_of: Where = (),
    ) -> None:
        self._numbers = self._numbers or line_numbers(self._text)
        place = line_of or where
        while place and place not in self._numbers:
            place = place[:-1]
        line = self._numbers.get(place, 1)
        key = next((str(p) for p in reversed(where) if isinstance(p, str)), "")
        remedy = remedy or f"write {KEYS[key].example}"
        found = f"{_label(where)}: {found}"
        self.problems.append(Problem(self._path, line, found, expected, remedy))


def _kind(value: object) -> str:
    return _TYPE_NAMES.get(type(value), "a date or time")


def _either(names: list[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def _label(where: Where) -> str:
    """Say *where* as people see it in the file: ``[[account]] 2 device.deviceUuid``."""
    match where:
        case ():
            return "the file"
        case ("account", int(index), *keys):
            section = f"[[account]] {index + 1}"
        case (section_name, *keys):
            section = f"[{section_name}]"
    return f"{section} {'.'.join(map(str, keys))}".rstrip()
