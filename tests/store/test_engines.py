"""Tests of what is SQLite's own: files that are made, checked and refused."""

from __future__ import annotations

import errno
import hashlib
import os
import shlex
import shutil
import sqlite3
import subprocess
from contextlib import closing
from importlib.resources import files
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import (
    SchemaTooNew,
    StoreDamaged,
    StoreError,
    StoreExposed,
    StoreLocked,
    StoreReadOnly,
)
from padchat_twisted.store import engines
from padchat_twisted.store.engines import (
    APPLICATION_ID,
    SCHEMA_SCRIPTS,
    SCHEMA_VERSION,
    migrate,
    prepare_file,
    prepare_folder,
    set_up,
    store_error,
)


def contents(folder: Path) -> dict[str, str]:
    """Return the hash of every file in *folder*."""
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.iterdir()
    }


def set_version(path: Path, version: int) -> None:
    """Write a schema version into the store at *path*, as another version would."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")


class FileTestCase(SynchronousTestCase):
    """A folder with the path of a store."""

    def setUp(self) -> None:
        """Make the folder."""
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.path = self.folder / "store.sqlite"

    def is_refused(self, kind: type[StoreError]) -> str:
        """Check that the store is refused and nothing in its folder is changed."""
        before = contents(self.folder)
        error = self.assertRaises(kind, prepare_file, self.path)
        self.assertIs(type(error), kind)
        self.assertEqual(contents(self.folder), before)
        self.assertEqual(error.path, str(self.path))
        self.assertIn(str(self.path), str(error))
        self.assertIn(error.remedy, str(error))
        return str(error)


class CreateTests(FileTestCase):
    """A missing store is made."""

    def test_complete(self) -> None:
        """A new store is one file that has the newest schema and our mark."""
        self.assertEqual(prepare_file(self.path), ["made anew"])
        self.assertEqual(list(contents(self.folder)), ["store.sqlite"])
        with closing(sqlite3.connect(self.path)) as connection:
            for name, value in (
                ("user_version", SCHEMA_VERSION),
                ("application_id", APPLICATION_ID),
                ("journal_mode", "wal"),
            ):
                found = connection.execute(f"PRAGMA {name}").fetchone()
                self.assertEqual(found, (value,), name)

    def test_again(self) -> None:
        """A good store is left as it is, without a remark."""
        prepare_file(self.path)
        before = contents(self.folder)
        self.assertEqual(prepare_file(self.path), [])
        self.assertEqual(contents(self.folder), before)

    def test_for_the_owner_only(self) -> None:
        """File and folder are nobody else's, whatever the umask."""
        self.addCleanup(os.umask, os.umask(0))
        path = self.folder / "new" / "store.sqlite"
        prepare_folder(path)
        prepare_file(path)
        self.assertEqual(path.parent.stat().st_mode & 0o777, 0o700)
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)

    def test_killed_while_making(self) -> None:
        """What a killed process left of a new store is thrown away."""
        for leftover in ("", "-journal", "-wal", "-shm"):
            Path(f"{self.path}.new{leftover}").write_bytes(b"half of a page")
        self.assertEqual(prepare_file(self.path), ["made anew"])
        self.assertEqual(list(contents(self.folder)), ["store.sqlite"])

    def test_journal_without_file(self) -> None:
        """A journal whose store is missing is not mixed into a new one."""
        Path(f"{self.path}-wal").write_bytes(b"frames")
        text = self.is_refused(StoreDamaged)
        self.assertIn("its journal store.sqlite-wal is there", text)

    def test_scripts_are_listed(self) -> None:
        """Every script of the schema's folder is run, in the order of its number."""
        folder = files("padchat_twisted.store") / "schema"
        names = sorted(file.name for file in folder.iterdir())
        self.assertEqual(names, list(SCHEMA_SCRIPTS))
        numbers = [int(name[:4]) for name in names]
        self.assertEqual(numbers, list(range(1, SCHEMA_VERSION + 1)))


class RefuseTests(FileTestCase):
    """What is not a good store of ours is named and left alone."""

    def test_text(self) -> None:
        """A file of text is no store."""
        self.path.write_text("[service]\n" * 1000)
        self.assertIn("is not a store", self.is_refused(StoreDamaged))

    def test_empty(self) -> None:
        """An empty file is what a full disk leaves, no new store."""
        self.path.touch()
        self.assertIn("is empty", self.is_refused(StoreDamaged))

    def test_cut(self) -> None:
        """A store that lost its end is damaged."""
        prepare_file(self.path)
        os.truncate(self.path, self.path.stat().st_size // 2)
        self.assertIn("content is damaged", self.is_refused(StoreDamaged))

    def test_overwritten_page(self) -> None:
        """A store with a page of garbage in its middle is damaged."""
        prepare_file(self.path)
        with self.path.open("r+b") as file:
            file.seek(4096)
            file.write(b"garbage!" * 512)
        self.assertIn("content is damaged", self.is_refused(StoreDamaged))

    def test_other_program(self) -> None:
        """A database of another program is not made a store."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("CREATE TABLE history (url TEXT)")
        self.assertIn("another program", self.is_refused(StoreDamaged))

    def test_newer(self) -> None:
        """A store of a newer version says which versions there are."""
        prepare_file(self.path)
        set_version(self.path, SCHEMA_VERSION + 1)
        text = self.is_refused(SchemaTooNew)
        self.assertIn(f"version {SCHEMA_VERSION + 1}, this version", text)

    def test_newer_in_its_journal(self) -> None:
        """The version counts that a killed newer process left in the journal."""
        source = self.folder.parent / "source.sqlite"
        prepare_file(source)
        with closing(sqlite3.connect(source)) as connection:
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
            # Copied while it is open, as it is after a kill.
            for end in ("", "-wal"):
                shutil.copy(f"{source}{end}", f"{self.path}{end}")
        before = contents(self.folder)
        self.assertRaises(SchemaTooNew, prepare_file, self.path)
        after = contents(self.folder)
        after.pop("store.sqlite-shm")  # SQLite's index of the journal, made to read it
        self.assertEqual(after, before)

    def test_read_only_file(self) -> None:
        """A file that nobody may write is refused, to root as well."""
        prepare_file(self.path)
        self.path.chmod(0o400)
        self.assertIn("the file cannot be written", self.is_refused(StoreReadOnly))
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o400)

    def test_read_only_folder(self) -> None:
        """A folder that nobody may write is refused, to root as well."""
        self.folder.chmod(0o500)
        self.addCleanup(self.folder.chmod, 0o700)
        error = self.assertRaises(StoreReadOnly, prepare_folder, self.path)
        self.assertIn(f"its folder {self.folder} cannot be written", str(error))
        self.assertEqual(contents(self.folder), {})

    def test_folder(self) -> None:
        """A folder in the place of the store is no store."""
        self.path.mkdir()
        error = self.assertRaises(StoreError, prepare_file, self.path)
        self.assertIn("is not a file", str(error))

    def test_refused_mode_stays(self) -> None:
        """The mode of a file that is not ours is not changed either."""
        self.path.write_text("notes for everybody")
        self.path.chmod(0o644)
        self.is_refused(StoreDamaged)
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o644)


class ExposedTests(FileTestCase):
    """A store that others can read or replace is refused, with what to run."""

    def test_file(self) -> None:
        """Store, journal and lock are named with their modes, and left alone."""
        prepare_file(self.path)
        lock = Path(f"{self.path}.lock")
        lock.touch(0o600)
        self.path.chmod(0o640)
        lock.chmod(0o604)
        text = self.is_refused(StoreExposed)
        self.assertIn("(mode of store.sqlite 0640, store.sqlite.lock 0604)", text)
        self.assertIn(f"; run chmod 600 {self.path} {lock}; where", text)
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o640)

    def test_journal(self) -> None:
        """The journal holds what the store holds."""
        prepare_file(self.path)
        journal = Path(f"{self.path}-wal")
        journal.touch(0o600)
        for mode in (0o604, 0o640, 0o620):
            journal.chmod(mode)
            self.assertIn(f"-wal {mode:04o})", self.is_refused(StoreExposed))
        journal.chmod(0o600)
        prepare_file(self.path)

    def test_remedy(self) -> None:
        """What it says to run is what helps, whatever the path."""
        path = self.folder / "a shop's.sqlite"
        prepare_file(path)
        path.chmod(0o644)
        error = self.assertRaises(StoreExposed, prepare_file, path)
        command = error.remedy.removeprefix("run ").partition(";")[0]
        subprocess.run(shlex.split(command), check=True)
        self.assertEqual(prepare_file(path), [])

    def test_folder(self) -> None:
        """In a folder that everybody can write, the store could be exchanged."""
        self.folder.chmod(0o777)
        error = self.assertRaises(StoreExposed, prepare_folder, self.path)
        self.assertIn(f"its folder {self.folder} (mode 0777)", str(error))
        self.assertEqual(error.remedy, f"run chmod o-w {self.folder}")
        for mode in (0o1777, 0o775, 0o755):
            self.folder.chmod(mode)
            prepare_folder(self.path)

    def test_without_modes(self) -> None:
        """Where a mode says nothing, nothing is refused."""
        self.patch(engines, "HAS_MODES", False)
        self.folder.chmod(0o777)
        prepare_folder(self.path)
        prepare_file(self.path)
        self.path.chmod(0o644)
        self.assertEqual(prepare_file(self.path), [])


class MigrateTests(FileTestCase):
    """Older schemas are brought up to date."""

    def test_only_what_is_new(self) -> None:
        """Each script runs once, and what is stored stays."""
        first, second = "CREATE TABLE t (a);", "ALTER TABLE t ADD COLUMN b;"
        with closing(sqlite3.connect(self.path)) as connection:
            migrate(connection, [first])
            connection.execute("INSERT INTO t VALUES ('kept')")
            connection.commit()
            migrate(connection, [first, second])
            migrate(connection, [first, second])
            found = connection.execute("SELECT a, b FROM t").fetchall()
            self.assertEqual(found, [("kept", None)])
            version = connection.execute("PRAGMA user_version").fetchone()
            self.assertEqual(version, (2,))

    def test_failing_script(self) -> None:
        """A script that fails leaves the version before it."""
        scripts = ["CREATE TABLE t (a);", "CREATE TABLE u (a); CREATE TABLE t (a);"]
        with closing(sqlite3.connect(self.path)) as connection:
            self.assertRaises(sqlite3.Error, migrate, connection, scripts)
            self.assertFalse(connection.in_transaction)
            tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
            self.assertEqual(tables, [("t",)])
            version = connection.execute("PRAGMA user_version").fetchone()
            self.assertEqual(version, (1,))

    def test_older_store(self) -> None:
        """A store of an older version is brought up to date, and it is told."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        self.path.chmod(0o600)
        remarks = prepare_file(self.path)
        self.assertEqual(
            remarks, [f"schema brought from version 0 to {SCHEMA_VERSION}"]
        )
        self.assertEqual(prepare_file(self.path), [])


class DurabilityTests(FileTestCase):
    """What is told as written has reached the disk."""

    def test_settings(self) -> None:
        """Every commit is synced, and the journal is the write-ahead one."""
        with closing(sqlite3.connect(self.path)) as connection:
            # SQLite may be built with a weaker default.
            connection.execute("PRAGMA synchronous = OFF")
            set_up(connection)
            mode = connection.execute("PRAGMA journal_mode").fetchone()
            self.assertEqual(mode, ("wal",))
            full = connection.execute("PRAGMA synchronous").fetchone()
            self.assertEqual(full, (2,))
            keys = connection.execute("PRAGMA foreign_keys").fetchone()
            self.assertEqual(keys, (1,))


class StoreErrorTests(SynchronousTestCase):
    """Errors of SQLite and of the system become errors with a remedy."""

    def test_codes_of_sqlite(self) -> None:
        """Each code has its class, extended codes count as their primary one."""
        for code, kind in (
            (sqlite3.SQLITE_CORRUPT_VTAB, StoreDamaged),
            (sqlite3.SQLITE_NOTADB, StoreDamaged),
            (sqlite3.SQLITE_READONLY_DBMOVED, StoreReadOnly),
            (sqlite3.SQLITE_CANTOPEN, StoreReadOnly),
            (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreLocked),
            (sqlite3.SQLITE_FULL, StoreError),
            (sqlite3.SQLITE_IOERR_FSYNC, StoreError),
        ):
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = code
            found = store_error(Path("file"), error)
            self.assertIs(type(found), kind, code)
            self.assertTrue(str(found).startswith("file: "))
        self.assertIn("SQLite says: disk I/O error", str(found))

    def test_without_code(self) -> None:
        """An error of the module itself, which has no code, is told as it is."""
        found = store_error(Path("file"), sqlite3.ProgrammingError("closed"))
        self.assertIs(type(found), StoreError)
        self.assertIn("SQLite says: closed", str(found))

    def test_errors_of_the_system(self) -> None:
        """What the user may not do is read-only, the rest is told as it is."""
        for number in (errno.EACCES, errno.EPERM, errno.EROFS):
            error = OSError(number, os.strerror(number), "place")
            found = store_error(Path("file"), error)
            self.assertIs(type(found), StoreReadOnly)
            self.assertIn(f"{os.strerror(number)}: place", str(found))
        found = store_error(Path("file"), OSError(errno.ENOTDIR, "Not a directory"))
        self.assertIs(type(found), StoreError)
        self.assertIn("Not a directory", str(found))

    def test_remedies(self) -> None:
        """Every known code has words for problem and remedy."""
        for kind, problem, remedy in engines._ERRORS.values():
            self.assertTrue(issubclass(kind, StoreError))
            self.assertTrue(problem)
            self.assertTrue(remedy)
