"""What the texts of a configuration must be: one function for each kind.

Each takes the text and returns the value, or raises
:class:`~padchat_twisted.service.problems.Unusable` with what to do about it.
"""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from ..errors import quoted
from ..secret import Secret
from ..store.engines import HAS_MODES
from ..transport.address import LEGACY_PATH
from .problems import Unusable

__all__ = [
    "DEFAULT_STORE",
    "KEYS",
    "MAX_AUTH_KEY_BYTES",
    "MAX_NAME_LENGTH",
    "Key",
    "auth_key_in_file",
    "auth_key_in_variable",
    "check_private",
    "checked_name",
    "checked_store",
    "checked_url",
    "text_in_file",
    "text_in_variable",
]

#: Longest auth key (bytes): it travels in the query of each connection, and servers
#: commonly take no more than 8 KiB of request line.
MAX_AUTH_KEY_BYTES: Final = 4096

#: Longest account name (characters): it travels in that query too, and becomes part
#: of a file's name, which is limited to 255 bytes.
MAX_NAME_LENGTH: Final = 64

#: The store of a configuration that names none; relative to its folder.
DEFAULT_STORE: Final = "padchat.sqlite"


class Key(NamedTuple):
    """What belongs to a key of the configuration, and how it is written."""

    meaning: str
    example: str


#: All keys; none has two meanings.
KEYS: Final[Mapping[str, Key]] = {
    "gateway": Key(
        "a section [gateway] with url and auth_key",
        "[gateway] on a line of its own, url and auth_key on the next ones",
    ),
    "url": Key("the gateway's address", 'url = "http://127.0.0.1:7700/user"'),
    "auth_key": Key(
        "where the auth key is: an environment variable or a file",
        'auth_key = { env = "PADCHAT_AUTH_KEY" }',
    ),
    "ca_file": Key(
        "certificates to trust instead of the system's", 'ca_file = "ca.pem"'
    ),
    "pins": Key(
        "SHA-256 of the public key of the gateway's certificate, in base64",
        'pins = ["47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]',
    ),
    "client_certificate": Key(
        "our certificate for the gateway", 'client_certificate = "client.pem"'
    ),
    "client_key": Key("the key of our certificate", 'client_key = "client.key"'),
    "server_name": Key(
        "the name to verify in the gateway's certificate",
        'server_name = "gateway.example"',
    ),
    "proxy": Key(
        "a proxy on the way to the gateway",
        'proxy = "http://HOST:PORT", or proxy = { env = "PADCHAT_PROXY" }',
    ),
    "revision": Key(
        'the revision of Engine.IO: "auto" to find out, 3 or 4', 'revision = "auto"'
    ),
    "transports": Key(
        '"polling", "websocket", or both in the order to try them',
        'transports = ["polling", "websocket"]',
    ),
    "fallback": Key(
        "whether the next transport is tried when one does not work", "fallback = true"
    ),
    "env": Key(
        "the name of an environment variable",
        'auth_key = { env = "PADCHAT_AUTH_KEY" }',
    ),
    "file": Key("the name of a file", 'auth_key = { file = "auth.key" }'),
    "store": Key(
        "a section [store] with path or keys",
        "[store] on a line of its own, path on the next one",
    ),
    "endurance": Key(
        "a section [endurance] with note_minutes",
        "[endurance] on a line of its own, note_minutes on the next one",
    ),
    "note_minutes": Key(
        "minutes from one note to filehelper to the next", "note_minutes = 60"
    ),
    "path": Key("the file of the store", f'path = "{DEFAULT_STORE}"'),
    "keys": Key(
        "where the keys of the store are: a file or an environment variable",
        'keys = { file = "store.key" }',
    ),
    "pacing": Key(
        "a section [pacing], for example with cautious = true",
        "[pacing] on a line of its own, cautious = true on the next one",
    ),
    "cautious": Key(
        "true to begin with the numbers of Pacing.cautious()", "cautious = true"
    ),
    "dry_run": Key("true to send nothing of what is paced", "dry_run = true"),
    "overall": Key(
        "how often, everything together", "overall = { every = 1.0, burst = 10 }"
    ),
    "conversation": Key(
        "how often to one contact or room",
        "conversation = { every = 2.0, burst = 5 }",
    ),
    "kinds": Key(
        "how often, by kind", "kinds = { image = { every = 3.0, burst = 5 } }"
    ),
    "per_day": Key(
        "most in a day, by kind: whole numbers from 0 on", "per_day = { friend = 20 }"
    ),
    "every": Key("seconds from one to the next, above 0", "every = 2.0"),
    "burst": Key("how many at once: a whole number from 1 on", "burst = 5"),
    "cool_down": Key("seconds above 0", "cool_down = 300"),
    "longest_cool_down": Key(
        "seconds, not less than cool_down", "longest_cool_down = 21600"
    ),
    "max_waiting": Key("a whole number from 1 on", "max_waiting = 500"),
    "longest_wait": Key("seconds above 0", "longest_wait = 300"),
    "max_large_uploads": Key("a whole number from 1 on", "max_large_uploads = 1"),
    "too_often_codes": Key("an array of whole numbers", "too_often_codes = [-24]"),
    "too_often_texts": Key(
        "an array of texts that are not empty", 'too_often_texts = ["过于频繁"]'
    ),
    "account": Key(
        "one [[account]], in double brackets, for each account",
        "[[account]] on a line of its own, name and handlers on the next ones",
    ),
    "name": Key("the name of this account at the gateway", 'name = "shop-1"'),
    "handlers": Key(
        "the function that registers this account's handlers",
        'handlers = "bots.shop:setup"',
    ),
    "inbox": Key(
        "a table with durable, old_messages and old_seconds",
        "inbox = { durable = true }",
    ),
    "durable": Key(
        "true or false: whether messages are stored until their handlers are done",
        "inbox = { durable = true }",
    ),
    "old_messages": Key(
        'what becomes of old messages: "deliver", "mark" or "drop"',
        'inbox = { old_messages = "mark" }',
    ),
    "old_seconds": Key(
        "from which age on a message is old, in seconds: a number above 0",
        'inbox = { old_messages = "mark", old_seconds = 300 }',
    ),
    "watch": Key(
        "a section [watch] with stall_seconds",
        "[watch] on a line of its own, stall_seconds on the next one",
    ),
    "stall_seconds": Key(
        "after how many seconds without a turn of the reactor its log tells what holds"
        " it up: a number from 0.05 to 60",
        "stall_seconds = 1",
    ),
    "device": Key(
        "all device data of this account, or none to have it made",
        'device = { deviceName = "My iPad", ... }, or no device',
    ),
    "keeps_contacts": Key(
        "whether the contacts of this account are kept", "keeps_contacts = false"
    ),
    "deviceName": Key("the device's name", 'deviceName = "My iPad"'),
    "deviceUuid": Key(
        "the device's UUID", 'deviceUuid = "00000000-0000-4000-8000-00000000ABCD"'
    ),
    "deviceWifiName": Key("its Wi-Fi's name", 'deviceWifiName = "My Wi-Fi"'),
    "deviceWifiMac": Key("its Wi-Fi's address", 'deviceWifiMac = "02:00:00:00:00:01"'),
    "deviceData": Key("what getDeviceInfo returned", 'deviceData = "ZXhhbXBsZQ=="'),
}


def checked_url(text: str) -> str:
    """Check the gateway's URL; its scheme and path tell the dialect."""
    expected = "http:// or https://, a host, and the namespace as the path"
    remedy = f"write {KEYS['url'].example}"
    try:
        parts = urlsplit(text)
        bad_port = parts.port == 0
    except ValueError:
        raise Unusable("this is no address", expected, remedy) from None
    if parts.scheme in ("ws", "wss"):
        if parts.path.rstrip("/") not in ("", LEGACY_PATH):
            # In dialect sdk the auth key is the path: it is not repeated.
            raise Unusable(
                f"it begins with {parts.scheme!r}, and has a path that is not"
                f" {LEGACY_PATH}",
                "ws://HOST:PORT/ws (dialect legacy), ws://HOST:PORT (dialect sdk), or"
                f" {expected}",
                remedy,
            )
    elif parts.scheme not in ("http", "https"):
        found = f"it begins with {quoted(parts.scheme)!r}, not with http or https"
        if not parts.scheme:
            found = "it does not begin with http:// or https://"
        raise Unusable(found, expected, remedy)
    if not parts.hostname or bad_port or " " in text:
        raise Unusable("this is no address", expected, remedy)
    if parts.query or parts.fragment or "@" in parts.netloc:
        found = "it has more than host and path (a user name, a query or a fragment)"
        raise Unusable(found, f"{expected}; the key has its own line", remedy)
    return text


def checked_name(text: str) -> str:
    """Check the name of an account."""
    if len(text) > MAX_NAME_LENGTH:
        raise Unusable(
            f"this has {len(text)} characters",
            f"at most {MAX_NAME_LENGTH} characters",
            f"write {KEYS['name'].example}",
        )
    return text


def checked_store(path: Path) -> Path:
    """Check that the store could be made at *path*."""
    folder = path.parent
    if path.is_dir():
        found, remedy = f"{path} is a folder", f"write {KEYS['path'].example}"
    elif not folder.is_dir():
        found, remedy = f"there is no folder {folder}", f"run mkdir -p {folder}"
    elif not os.access(folder, os.W_OK):
        found = f"the folder {folder} cannot be written"
        remedy = f"run chmod u+w {folder}, or name another folder"
    else:
        return path
    raise Unusable(found, "a file in a folder that can be written", remedy)


def auth_key_in_variable(name: str, environ: Mapping[str, str]) -> Secret:
    """Take the auth key from the environment variable *name*."""
    remedy = f"run export {name}=... in the shell that starts the service"
    text = text_in_variable(name, environ, "the auth key")
    return _checked_auth_key(text, name, remedy)


def auth_key_in_file(path: Path) -> Secret:
    """Read the auth key from a file that nobody else may use."""
    text = text_in_file(path, "the auth key", "the key")
    return _checked_auth_key(text, str(path), f"write the key to {path}")


def text_in_variable(name: str, environ: Mapping[str, str], what: str) -> str:
    """Take *what*, a secret, from the environment variable *name*."""
    if name not in environ:
        raise Unusable(
            f"there is no environment variable {quoted(name)}",
            f"{what} in that variable",
            f"run export {name}=... in the shell that starts the service",
        )
    return environ[name]


def text_in_file(path: Path, what: str, short: str) -> str:
    """Read *what*, a secret (*short*), from a file that nobody else may use."""
    expected = f"a file that only its owner can read, with nothing but {what}"
    try:
        check_private(path, expected, f"write {short} to {path}")
        with path.open("rb") as file:
            content = file.read(MAX_AUTH_KEY_BYTES + 1)
    except OSError as error:
        found = f"{path} cannot be read: {error.strerror}"
        remedy = f"write {short} to {path}, then run chmod 600 {path}"
        raise Unusable(found, expected, remedy) from error
    return content.decode("utf-8-sig", "replace")


def check_private(path: Path, expected: str, remedy: str) -> None:
    """Check that *path* is a file that nobody but its owner may use.

    Raises:
        OSError: it cannot be looked at.
        Unusable: it is none.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise Unusable(f"{path} is no file", expected, remedy)
    if HAS_MODES and mode & 0o077:
        raise Unusable(
            f"others can use {path} (mode {stat.S_IMODE(mode):04o})",
            expected,
            f"run chmod 600 {shlex.quote(str(path))}",
        )


def _checked_auth_key(text: str, source: str, remedy: str) -> Secret:
    key = text.strip()
    if not key:
        found = f"{source} is empty"
    elif len(key.encode("utf-8", "surrogateescape")) > MAX_AUTH_KEY_BYTES:
        found = f"{source} holds more than {MAX_AUTH_KEY_BYTES} bytes"
    elif not key.isprintable() or " " in key or "\ufffd" in key:
        found = f"{source} holds spaces, several lines, or bytes that are no text"
    else:
        return Secret(key)
    raise Unusable(found, "the auth key and nothing else", remedy)
