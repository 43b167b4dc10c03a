"""Tests of the lock that keeps a store to one process."""

from __future__ import annotations

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import StoreLocked
from padchat_twisted.store.lock import MAX_HOLDER_BYTES, StoreLock


class StoreLockTests(SynchronousTestCase):
    """One lock at a time, given back with its holder."""

    def setUp(self) -> None:
        """Make a folder for a store that need not exist."""
        folder = Path(self.mktemp())
        folder.mkdir()
        self.store = folder / "store.sqlite"
        self.lock_file = folder / "store.sqlite.lock"

    def test_second_is_refused(self) -> None:
        """While one holds the lock another is told who it is and what to do."""
        first, second = StoreLock(self.store), StoreLock(self.store)
        first.acquire()
        self.addCleanup(first.release)
        error = self.assertRaises(StoreLocked, second.acquire)
        self.assertEqual(error.path, str(self.store))
        self.assertEqual(error.problem, f"this process ({os.getpid()}) has it open")
        self.assertIn("name another store", str(error))

    def test_holder_is_named(self) -> None:
        """The refusal names the process whose id is in the lock file."""
        first, second = StoreLock(self.store), StoreLock(self.store)
        first.acquire()
        self.addCleanup(first.release)
        self.assertEqual(self.lock_file.read_text(), f"{os.getpid()}\n")
        self.lock_file.write_text("4294967294\n")
        error = self.assertRaises(StoreLocked, second.acquire)
        self.assertEqual(error.problem, "process 4294967294 has it open")

    def test_holder_is_unknown(self) -> None:
        """Without a readable id the refusal still says that it is a process."""
        first, second = StoreLock(self.store), StoreLock(self.store)
        first.acquire()
        self.addCleanup(first.release)
        for content in ("", "no number", "-" + "1" * MAX_HOLDER_BYTES):
            self.lock_file.write_text(content)
            error = self.assertRaises(StoreLocked, second.acquire)
            self.assertEqual(error.problem, "another process has it open")

    def test_holder_is_bounded(self) -> None:
        """Of a file that somebody filled as much is read as the limit says."""
        first, second = StoreLock(self.store), StoreLock(self.store)
        first.acquire()
        self.addCleanup(first.release)
        self.lock_file.write_text("1" * (MAX_HOLDER_BYTES + 1))
        error = self.assertRaises(StoreLocked, second.acquire)
        self.assertEqual(error.problem, f"process {'1' * MAX_HOLDER_BYTES} has it open")

    def test_given_back(self) -> None:
        """A lock that was given back can be taken; its file stays, empty."""
        first, second = StoreLock(self.store), StoreLock(self.store)
        first.acquire()
        first.release()
        self.assertEqual(self.lock_file.read_text(), "")
        second.acquire()
        second.release()

    def test_release_without_lock(self) -> None:
        """Giving back a lock that is not held does nothing to its holder."""
        first, second = StoreLock(self.store), StoreLock(self.store)
        first.acquire()
        self.addCleanup(first.release)
        self.assertRaises(StoreLocked, second.acquire)
        second.release()
        self.assertRaises(StoreLocked, second.acquire)
        self.assertEqual(self.lock_file.read_text(), f"{os.getpid()}\n")

    def test_left_behind(self) -> None:
        """A lock file that a killed process left locks nobody out."""
        self.lock_file.write_text("12345678901234567890\n")
        lock = StoreLock(self.store)
        lock.acquire()
        self.assertEqual(self.lock_file.read_text(), f"{os.getpid()}\n")
        lock.release()

    def test_for_the_owner_only(self) -> None:
        """The lock file is nobody else's, whatever the umask."""
        self.addCleanup(os.umask, os.umask(0))
        lock = StoreLock(self.store)
        lock.acquire()
        self.addCleanup(lock.release)
        self.assertEqual(self.lock_file.stat().st_mode & 0o777, 0o600)

    def test_no_folder(self) -> None:
        """A lock file that cannot be made is the system's error, for the caller."""
        lock = StoreLock(self.store.parent / "missing" / "store.sqlite")
        self.assertRaises(FileNotFoundError, lock.acquire)
        lock.release()
