"""How the gateway is reached: the keys of ``[gateway]`` beside its URL and its key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from ..errors import LocalProtocolError, quoted
from ..transport.gates import ascii_name
from ..transport.proxies import Proxy
from ..transport.revision import RevisionSetting, check_settings
from ..transport.tls import (
    TLSOptions,
    context_for,
    is_pin,
    read_certificates,
    read_key,
)
from .problems import Unusable, Where
from .reading import Reader, kind_of
from .values import KEYS, check_private, text_in_file, text_in_variable

__all__ = ["TLS_KEYS", "WAY_KEYS", "read_proxy", "read_tls", "read_way"]

#: The keys that make ``TLSOptions``; each has the name of its option.
TLS_KEYS: Final = (
    "ca_file",
    "pins",
    "client_certificate",
    "client_key",
    "server_name",
)

#: The keys for the way in which dialect ``socketio`` connects.
WAY_KEYS: Final = ("revision", "transports", "fallback")

_T = TypeVar("_T")


def read_tls(
    reader: Reader, gateway: Mapping[str, object], url: str | None
) -> TLSOptions | None:
    """Read the options of TLS.

    Args:
        reader: of the file; gets the problems.
        gateway: the section.
        url: of the gateway, None when that has a problem of its own.

    Returns:
        None when there are none, or when they have problems.
    """
    written = [key for key in TLS_KEYS if key in gateway]
    if not written:
        return None
    before = len(reader.problems)
    if url is not None and not url.lower().startswith(("https:", "wss:")):
        reader.problem(
            ("gateway", written[0]),
            "this is for TLS, and the url begins with http://",
            "no such key, or a gateway with TLS",
            "write https:// in url, or take this key out",
        )

    def value(key: str, read: Callable[[str], _T]) -> _T | None:
        return reader.value(("gateway", key), gateway, read)

    ca_file = value("ca_file", lambda text: _certificates(reader.folder / text))
    pins = _pins(reader, gateway.get("pins"))
    has_key = "client_key" in gateway
    certificate = value(
        "client_certificate",
        lambda text: _own_certificate(reader.folder / text, holds_key=not has_key),
    )
    key = value("client_key", lambda text: _key(reader.folder / text))
    server_name = value("server_name", _server_name)
    if has_key and "client_certificate" not in gateway:
        found = "a key without its certificate"
        expected = KEYS["client_certificate"].meaning + " beside it"
        remedy = f"write {KEYS['client_certificate'].example}"
        reader.problem(("gateway", "client_key"), found, expected, remedy)
    if len(reader.problems) > before:
        return None
    options = TLSOptions(ca_file, pins, certificate, key, server_name)
    try:
        context_for(options)
    except LocalProtocolError as error:
        reader.problem(
            ("gateway", "client_key" if has_key else "client_certificate"),
            str(error),
            "the key that the certificate was made for",
        )
        return None
    return options


def read_proxy(reader: Reader, gateway: Mapping[str, object]) -> Proxy | None:
    """Read the proxy; a URL with a password is never in the file itself.

    Args:
        reader: of the file; gets the problems.
        gateway: the section.

    Returns:
        None when there is none, or when it has a problem.
    """
    where: Where = ("gateway", "proxy")
    source = gateway.get("proxy")
    if isinstance(source, dict):
        return reader.secret(where, source, _proxy_in_file, _proxy_in_variable)
    return reader.value(where, gateway, _proxy_without_password)


def read_way(
    reader: Reader, gateway: Mapping[str, object], url: str | None
) -> tuple[RevisionSetting, tuple[str, ...], bool]:
    """Read in which revision, and over which transports, to connect.

    Args:
        reader: of the file; gets the problems.
        gateway: the section.
        url: of the gateway, None when that has a problem of its own.

    Returns:
        Revision, transports, and whether the next one is tried; anything where there
        are problems.
    """
    written = [key for key in WAY_KEYS if key in gateway]
    if written and url is not None and url.lower().startswith("ws"):
        reader.problem(
            ("gateway", written[0]),
            "this is for dialect socketio, and the url begins with ws",
            "no such key: the other dialects have one revision, and only WebSockets",
            "take this key out, or write http:// in url",
        )
    revision: Any = gateway.get("revision", "auto")
    transports: Any = gateway.get("transports", ["websocket"])
    fallback = gateway.get("fallback", False)
    try:
        check_settings(revision)
    except LocalProtocolError:
        found = kind_of(revision)
        if type(revision) in (int, str):
            found = quoted(repr(revision))
        reader.problem(
            ("gateway", "revision"), f"this is {found}", KEYS["revision"].meaning
        )
        revision = "auto"
    transports = _transports(reader, transports)
    if not isinstance(fallback, bool):
        found, expected = f"this is {kind_of(fallback)}", "true or false"
        reader.problem(("gateway", "fallback"), found, expected)
    elif fallback and len(transports) == 1:
        reader.problem(
            ("gateway", "fallback"),
            "there is no second transport to try",
            "two transports, or no such key",
            f"write {KEYS['transports'].example}",
        )
    return revision, transports, bool(fallback)


def _transports(reader: Reader, value: object) -> tuple[str, ...]:
    where: Where = ("gateway", "transports")
    expected = f"an array: {KEYS['transports'].meaning}"
    if not isinstance(value, list):
        reader.problem(where, f"this is {kind_of(value)}", expected)
    elif not all(isinstance(name, str) for name in value):
        reader.problem(where, "not all in it are texts", expected)
    else:
        try:
            check_settings(transports=value)
        except LocalProtocolError:
            shown = ", ".join(repr(quoted(name)) for name in value[:3]) or "nothing"
            reader.problem(where, f"there is {shown} in it", expected)
        else:
            return tuple(value)
    return ()


def _proxy_without_password(text: str) -> Proxy:
    if "@" in text:
        raise Unusable(
            "a user name or password is written here",
            "the URL without them, or an environment variable or file with all of it;"
            " a configuration is copied and shown, a password must not be",
            'write proxy = { env = "PADCHAT_PROXY" } or proxy = { file = "proxy.url" }',
        )
    return _proxy(text, f"write {KEYS['proxy'].example}")


def _proxy_in_file(path: Path) -> Proxy:
    text = text_in_file(path, "the URL of the proxy", "the URL")
    return _proxy(text, f"write such a URL to {path}")


def _proxy_in_variable(name: str, environ: Mapping[str, str]) -> Proxy:
    text = text_in_variable(name, environ, "the URL of the proxy")
    return _proxy(text, f"run export {name}=... in the shell that starts the service")


def _proxy(text: str, remedy: str) -> Proxy:
    try:
        return Proxy.from_url(text.strip())
    except LocalProtocolError as error:
        found = str(error).partition(";")[0]
        expected = "http://HOST:PORT or socks5://HOST:PORT, with USER:PASSWORD@ before"
        raise Unusable(found, f"{expected} HOST if needed", remedy) from None


def _pins(reader: Reader, value: object) -> tuple[str, ...]:
    where: Where = ("gateway", "pins")
    if value is None:
        return ()
    expected = f"an array with {KEYS['pins'].meaning}"
    if not isinstance(value, list) or not value:
        found = "there is none in it" if value == [] else f"this is {kind_of(value)}"
        reader.problem(where, found, expected)
        return ()
    pins = []
    for number, pin in enumerate(value, 1):
        if isinstance(pin, str) and is_pin(pin):
            pins.append(pin)
        else:
            reader.problem(where, f"pin {number} is no SHA-256 in base64", expected)
    return tuple(pins)


def _certificates(path: Path) -> Path:
    return _checked(path, read_certificates, "a file with certificates in PEM form")


def _own_certificate(path: Path, *, holds_key: bool) -> Path:
    _certificates(path)
    return _key(path) if holds_key else path


def _key(path: Path) -> Path:
    expected = "a file that only its owner can read, with an unencrypted key (PEM)"
    remedy = f"put the key into {path}, then run chmod 600 {path}"
    # Where it cannot be looked at, reading it tells why.
    with suppress(OSError):
        check_private(path, expected, remedy)
    return _checked(path, read_key, expected, remedy)


def _checked(
    path: Path, read: Callable[[Path], object], expected: str, remedy: str = ""
) -> Path:
    try:
        read(path)
    except LocalProtocolError as error:
        remedy = remedy or f"put the file there, or name another one than {path}"
        raise Unusable(str(error), expected, remedy) from None
    return path


def _server_name(text: str) -> str:
    expected = KEYS["server_name"].meaning
    try:
        ascii_name(text)
    except LocalProtocolError as error:
        remedy = f"write {KEYS['server_name'].example}"
        raise Unusable(str(error), expected, remedy) from None
    return text
