"""One process per store: a lock that the operating system drops with its holder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ..errors import StoreLocked

__all__ = ["StoreLock"]

#: Most bytes read of a lock file: a process id with room to spare.
MAX_HOLDER_BYTES = 20

if sys.platform == "win32":
    import msvcrt

    #: Windows keeps others from reading a locked byte, so it lies behind the id.
    LOCKED_BYTE = 1024

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class StoreLock:
    """The lock of one store: a file ``STORE.lock`` beside it with the holder's id.

    The file stays when the lock is given back: removing it would let two processes
    hold locks on two files of one name. A killed process leaves no lock behind.

    Args:
        store: the store's file, links resolved.
    """

    def __init__(self, store: Path) -> None:
        self._store = store
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock; it is never waited for.

        Raises:
            StoreLocked: another process, or another store of this one, has it.
            OSError: the lock file cannot be made or locked.
        """
        descriptor = os.open(f"{self._store}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not _try_lock(descriptor):
                raise StoreLocked(
                    str(self._store),
                    f"{_holder(descriptor)} has it open",
                    "stop that one, or name another store",
                )
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, f"{os.getpid()}\n".encode())
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.ftruncate(descriptor, 0)
            os.close(descriptor)


def _holder(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    text = os.read(descriptor, MAX_HOLDER_BYTES).strip()
    if not text.isdigit():
        return "another process"
    if int(text) == os.getpid():
        return f"this process ({os.getpid()})"
    return f"process {int(text)}"
