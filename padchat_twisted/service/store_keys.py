"""The keys of a store: in a file or an environment variable, never on a command line.

One stands on each line, or commas stand between them. The first one seals what is
stored; the others open what was sealed before them. A ``#`` begins a remark.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ..errors import LocalProtocolError
from ..secret import Secret
from ..store.cipher import MAX_STORE_KEYS, is_store_key
from .problems import Unusable, Where
from .reading import Reader
from .values import KEYS, text_in_file, text_in_variable

__all__ = [
    "STORE_KEYS_VARIABLE",
    "find_store_keys",
    "read_store_keys",
    "store_keys_in_file",
    "store_keys_in_variable",
]

#: The environment variable with the keys, where there is no configuration.
STORE_KEYS_VARIABLE: Final = "PADCHAT_STORE_KEYS"

_WHAT: Final = "the keys of the store"


def read_store_keys(
    reader: Reader, store: Mapping[str, object]
) -> tuple[Secret, ...] | None:
    """Read the keys of the section ``[store]``.

    Args:
        reader: of the file; gets the problems.
        store: the section.

    Returns:
        None when there are none, or when they have a problem.
    """
    where: Where = ("store", "keys")
    source = store.get("keys")
    if source is None:
        return None
    if isinstance(source, str | list):
        reader.problem(
            where,
            "the keys themselves are written here",
            "the name of a file that only you can read, or of an environment variable;"
            " a configuration is copied and shown, a key must not be",
            f"write {KEYS['keys'].example}, or the same with env and"
            f' "{STORE_KEYS_VARIABLE}"',
        )
        return None
    return reader.secret(where, source, store_keys_in_file, store_keys_in_variable)


def find_store_keys(
    path: Path | None, environ: Mapping[str, str]
) -> tuple[Secret, ...]:
    """Return the keys for a command line; none when it has none.

    Args:
        path: of the file that it names, None to look into the environment.
        environ: environment variables.

    Raises:
        LocalProtocolError: they cannot be used.
    """
    try:
        if path is not None:
            return store_keys_in_file(path.absolute())
        if environ.get(STORE_KEYS_VARIABLE):
            return store_keys_in_variable(STORE_KEYS_VARIABLE, environ)
    except Unusable as unusable:
        raise LocalProtocolError(str(unusable)) from None
    return ()


def store_keys_in_file(path: Path) -> tuple[Secret, ...]:
    """Read the keys from a file that nobody else may use.

    Raises:
        Unusable: it cannot be read, others can read it, or it holds something else.
    """
    make = f"run padchat key {shlex.quote(str(path))}"
    if not path.exists():
        expected = f"a file that only its owner can read, with {_WHAT}"
        raise Unusable(f"there is no {path}", expected, make)
    text = text_in_file(path, _WHAT, "such keys")
    return _keys_in(text, str(path), f"{make} when the file is away")


def store_keys_in_variable(name: str, environ: Mapping[str, str]) -> tuple[Secret, ...]:
    """Take the keys from the environment variable *name*.

    Raises:
        Unusable: it is not there, or holds something else.
    """
    text = text_in_variable(name, environ, _WHAT)
    return _keys_in(text, name, "put what `padchat key` prints into that variable")


def _keys_in(text: str, source: str, remedy: str) -> tuple[Secret, ...]:
    lines: dict[str, int] = {}
    expected = "keys made by `padchat key`, one on each line or with commas between"
    for number, line in enumerate(text.splitlines(), 1):
        for word in line.partition("#")[0].split(","):
            key = word.strip()
            if not key:
                continue
            place = f"line {number} of {source}"
            if not is_store_key(key):
                found = f"{place} has {len(key)} characters that are no key"
                raise Unusable(found, expected, f"mend that line, or {remedy}")
            if key in lines:
                found = f"{place} has the key of line {lines[key]} again"
                raise Unusable(found, expected, "take one of the two out")
            lines[key] = number
    if not lines:
        raise Unusable(f"{source} holds no key", expected, remedy)
    if len(lines) > MAX_STORE_KEYS:
        raise Unusable(
            f"{source} holds {len(lines)} keys",
            f"at most {MAX_STORE_KEYS}",
            "take out the last ones: after a start everything is sealed by the first",
        )
    return tuple(map(Secret, lines))
