"""What is SQLite's own: the file and its checks, the schema's scripts, its errors."""

from __future__ import annotations

import errno
import os
import shlex
import sqlite3
import stat
from collections.abc import Callable, Sequence
from contextlib import closing
from importlib.resources import files
from pathlib import Path

from ..errors import (
    SchemaTooNew,
    StoreDamaged,
    StoreError,
    StoreExposed,
    StoreLocked,
    StoreReadOnly,
    quoted,
)

__all__ = [
    "SCHEMA_VERSION",
    "connect_arguments",
    "migrate",
    "prepare_file",
    "prepare_folder",
    "read_scripts",
    "set_up",
    "store_error",
]

#: Scripts of the schema in order; the number of the last one is the version.
SCHEMA_SCRIPTS = (
    "0001_initial.sql",
    "0002_sealing.sql",
    "0003_keyed_sends.sql",
    "0004_inbox.sql",
    "0005_day_counts.sql",
)

#: Newest version known, kept in the file as ``user_version``.
#: 1: accounts with device data and login tokens, seen message ids.
#: 2: with which key the secrets are sealed.
#: 3: sends with a key.
#: 4: messages whose handlers are not done.
#: 5: how often an account sent, by day; its cool-down.
SCHEMA_VERSION = len(SCHEMA_SCRIPTS)

#: ``application_id`` of our files: "PChT".
APPLICATION_ID = 0x50436854

#: Only the owner may read what lets an account in without a scan.
FILE_MODE = 0o600
FOLDER_MODE = 0o700

#: Whether a file's mode says who may use it; on Windows it does not.
HAS_MODES = os.name == "posix"

#: What SQLite and the lock keep beside a store.
BESIDE = ("-wal", "-shm", ".lock")

_BACKUP = "put a copy back that works, or move it away to begin anew"
_WRITABLE = "make file and folder writable for this user, or name another store"
_FREE_SPACE = "free space on its disk"

#: SQLite's primary result codes that a person can do something about.
_ERRORS: dict[int, tuple[type[StoreError], str, str]] = {
    sqlite3.SQLITE_NOTADB: (StoreDamaged, "is not a store", _BACKUP),
    sqlite3.SQLITE_CORRUPT: (StoreDamaged, "its content is damaged", _BACKUP),
    sqlite3.SQLITE_READONLY: (StoreReadOnly, "cannot be written", _WRITABLE),
    sqlite3.SQLITE_CANTOPEN: (StoreReadOnly, "cannot be opened", _WRITABLE),
    sqlite3.SQLITE_BUSY: (
        StoreLocked,
        "another program keeps the database locked",
        "stop that program",
    ),
    sqlite3.SQLITE_FULL: (StoreError, "there is no room to write", _FREE_SPACE),
}

#: Numbers of the operating system for "not by this user".
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


def store_error(path: Path, error: sqlite3.Error | OSError) -> StoreError:
    """Say what *error* means for the store at *path*, and what to do.

    Texts of SQLite name tables and columns, never values.
    """
    if isinstance(error, OSError):
        if error.errno in _FORBIDDEN:
            return StoreReadOnly(
                str(path), f"{error.strerror}: {error.filename or path}", _WRITABLE
            )
        return StoreError(str(path), str(error), "see to it, or name another store")
    # The primary code is the low byte; the attribute is missing where the module
    # itself complains.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _ERRORS:
        kind, problem, remedy = _ERRORS[code]
        return kind(str(path), problem, remedy)
    return StoreError(
        str(path), f"SQLite says: {quoted(str(error))}", "see whether its disk works"
    )


def prepare_folder(path: Path) -> None:
    """Make the folder of the store at *path*, for the owner only, when it is missing.

    Raises:
        StoreReadOnly: the folder cannot be written.
        StoreExposed: everybody could put another file in the store's place.
        OSError: it cannot be made.
    """
    folder = path.parent
    folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
    _require_writable(path, folder)
    mode = stat.S_IMODE(folder.stat().st_mode)
    # In a sticky folder, such as /tmp, only the owner of a file may move it away.
    if HAS_MODES and mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise StoreExposed(
            str(path),
            f"everybody can write its folder {folder} (mode {mode:04o})",
            f"run chmod o-w {shlex.quote(str(folder))}",
        )


def prepare_file(
    path: Path, check: Callable[[sqlite3.Connection], object] | None = None
) -> list[str]:
    """Make the file ready for :func:`connect_arguments`; the lock must be held.

    A missing file is made under another name and renamed when it is complete. One
    that is there is only read until it is known to be good; an older schema is
    brought up to date.

    Args:
        path: the store's file, links resolved.
        check: looks at one that is there, and raises what is wrong with it.

    Returns:
        What was changed, in words for the log.

    Raises:
        StoreDamaged, SchemaTooNew, StoreReadOnly, StoreError: unusable; unchanged.
        StoreExposed: others can read it; unchanged.
        OSError: the file cannot be made or looked at.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        _create(path)
        return ["made anew"]
    if not stat.S_ISREG(status.st_mode):
        raise StoreError(str(path), "is not a file", "name a file for the store")
    _require_writable(path, path)
    version = _inspect(path, check)
    _require_private(path)
    remarks = []
    if version < SCHEMA_VERSION:
        with closing(sqlite3.connect(path)) as connection:
            set_up(connection)
            migrate(connection, read_scripts())
        remarks.append(f"schema brought from version {version} to {SCHEMA_VERSION}")
    return remarks


def connect_arguments(path: Path) -> tuple[str, dict[str, object]]:
    """Return what :func:`sqlite3.connect` needs to open a prepared store.

    A file that vanished is not made anew. The connection is used in the pool's only
    thread and closed in the reactor's.
    """
    return f"{path.as_uri()}?mode=rw", {
        "uri": True,
        "check_same_thread": False,
        "isolation_level": "IMMEDIATE",
    }


def set_up(connection: sqlite3.Connection) -> None:
    """Make a connection durable: a commit that was told has reached the disk."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def migrate(connection: sqlite3.Connection, scripts: Sequence[str]) -> None:
    """Run the scripts that the database has not seen, each in one transaction.

    Args:
        connection: outside of a transaction.
        scripts: all of them; the first one makes version 1.

    Raises:
        sqlite3.Error: a script failed; the database stands as the one before left it.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for number, script in enumerate(scripts[version:], start=version + 1):
        try:
            connection.executescript(
                f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
            )
        except sqlite3.Error:
            connection.rollback()
            raise


def read_scripts() -> list[str]:
    """Read the scripts of the schema, in order."""
    folder = files(__package__) / "schema"
    return [(folder / name).read_text("utf-8") for name in SCHEMA_SCRIPTS]


def _create(path: Path) -> None:
    wal = Path(f"{path}-wal")
    if wal.exists():
        # SQLite would play its content into the new file.
        raise StoreDamaged(
            str(path),
            f"is missing, but its journal {wal.name} is there",
            "put the store back beside it, or move that away too to begin anew",
        )
    new = Path(f"{path}.new")
    for leftover in ("", "-journal", "-wal", "-shm"):
        Path(f"{new}{leftover}").unlink(missing_ok=True)
    # SQLite gives the files beside it the mode of this one.
    os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE))
    with closing(sqlite3.connect(new)) as connection:
        # Nothing of it counts before it is whole, so it is synced once, at the end.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = WAL")
        migrate(connection, read_scripts())
    _sync(new, os.O_RDWR)
    new.replace(path)
    if os.name == "posix":  # Windows cannot open a folder
        _sync(path.parent, os.O_RDONLY)


def _sync(place: Path, flags: int) -> None:
    descriptor = os.open(place, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _inspect(path: Path, check: Callable[[sqlite3.Connection], object] | None) -> int:
    """Return the schema version of the store at *path* without changing a byte."""
    if path.stat().st_size == 0:
        raise StoreDamaged(str(path), "is empty", _BACKUP)
    wal = Path(f"{path}-wal")
    has_journal = wal.exists() and wal.stat().st_size > 0
    # "immutable" leaves no files behind, but reads no journal.
    mode = "mode=ro" if has_journal else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?{mode}", uri=True)) as look:
            (application,) = look.execute("PRAGMA application_id").fetchone()
            if application != APPLICATION_ID:
                raise StoreDamaged(
                    str(path), "is a database of another program", "name another store"
                )
            (version,) = look.execute("PRAGMA user_version").fetchone()
            if version > SCHEMA_VERSION:
                raise SchemaTooNew(str(path), version, SCHEMA_VERSION)
            (verdict,) = look.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise StoreDamaged(
                    str(path), f"its content is damaged ({quoted(verdict)})", _BACKUP
                )
            if check is not None:
                check(look)
    except sqlite3.Error as error:
        raise store_error(path, error) from error
    return int(version)


def _require_writable(path: Path, place: Path) -> None:
    # The bits count for root too: who took them all away meant it.
    if place.stat().st_mode & 0o222 == 0 or not os.access(place, os.W_OK):
        what = "the file" if place == path else f"its folder {place}"
        raise StoreReadOnly(str(path), f"{what} cannot be written", _WRITABLE)


def _require_private(path: Path) -> None:
    if not HAS_MODES:
        return
    places = [path, *(Path(f"{path}{end}") for end in BESIDE)]
    modes = {
        place: stat.S_IMODE(place.stat().st_mode) for place in places if place.exists()
    }
    exposed = {place: mode for place, mode in modes.items() if mode & 0o077}
    if exposed:
        told = ", ".join(f"{place.name} {mode:04o}" for place, mode in exposed.items())
        names = " ".join(shlex.quote(str(place)) for place in exposed)
        raise StoreExposed(
            str(path),
            f"others may read what lets its accounts in (mode of {told})",
            f"run chmod 600 {names}; where that changes nothing, keep the store on a"
            " disk that knows owners",
        )
