"""``padchat key``: makes a key for a store, or a newer one that takes over."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..secret import Secret
from ..service.problems import Unusable
from ..service.store_keys import STORE_KEYS_VARIABLE, store_keys_in_file
from ..store.cipher import MAX_STORE_KEYS, make_store_key
from .process import complain, say

__all__ = ["DESCRIPTION", "add_options", "add_store_keys_option", "key"]

DESCRIPTION = """\
Make a key that seals device data and tokens in a store. FILE is made, for its owner
alone; where it is there already, the new key becomes its first line: the next start
seals everything with it, and after that the older lines may be taken out. Without
FILE the key is printed. Keep a copy where the store's copies are not: nobody can open
a sealed store without its key.
"""


def add_options(parser: ArgumentParser) -> None:
    """Add what stands behind ``padchat key``."""
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="FILE",
        help='named by keys = { file = "FILE" } in [store], or by --store-keys',
    )


def add_store_keys_option(parser: ArgumentParser) -> None:
    """Add the option that names such a file."""
    parser.add_argument(
        "--store-keys",
        type=Path,
        metavar="FILE",
        help=f"seal the store, see padchat key; may be in {STORE_KEYS_VARIABLE}",
    )


def key(options: Namespace) -> int:
    """Make a key.

    Args:
        options: of the command line.

    Returns:
        The exit status.
    """
    made = make_store_key()
    if options.file is None:
        say(made.reveal())
        return 0
    path = Path(os.path.realpath(options.file))
    try:
        return _add(made, path) if path.exists() else _make(made, path)
    except Unusable as unusable:
        return complain(str(unusable))
    except OSError as error:
        return complain(f"{path} cannot be written: {error.strerror}")


def _make(made: Secret, path: Path) -> int:
    _write(path, f"{made.reveal()}\n")
    say(f"{path}: made, with key {made.fingerprint()}; keep a copy of it elsewhere")
    return 0


def _add(made: Secret, path: Path) -> int:
    older = store_keys_in_file(path)
    if len(older) == MAX_STORE_KEYS:
        return complain(
            f"{path} has {MAX_STORE_KEYS} keys: take out the last ones; after a start"
            " everything is sealed by the first"
        )
    text = path.read_text(encoding="utf-8-sig")
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    _write(new, f"{made.reveal()}\n{text}")
    new.replace(path)
    say(
        f"{path}: key {made.fingerprint()} seals everything at the next start; after"
        " that the lines below it may be taken out"
    )
    return 0


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
