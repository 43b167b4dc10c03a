"""Where a control socket is, and a name by which the system takes a long path."""

from __future__ import annotations

import errno
import os
from pathlib import Path

__all__ = ["MAX_SOCKET_PATH", "SocketName", "socket_path"]

#: Longest path of a Unix socket (bytes) on all systems: macOS has room for 104 with the
#: zero behind it, Linux for 108.
MAX_SOCKET_PATH = 103

#: Where Linux shows the open files of a process; other systems have no such place.
OPEN_FILES = Path("/proc/self/fd")


def socket_path(store: str | os.PathLike[str]) -> Path:
    """Return where the control socket of a store is, links resolved."""
    return Path(f"{os.path.realpath(store)}.sock")


class SocketName:
    """A name of a Unix socket that the system takes; close it after use.

    Of a path that is too long it goes over the socket's folder, held open, where the
    system has names for open files.

    Args:
        path: of the socket; absolute.

    Attributes:
        text: the name, for this process.

    Raises:
        OSError: the path is too long, and there is no shorter name; or its folder
            cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.text = str(path)
        self._folder: int | None = None
        if len(os.fsencode(path)) <= MAX_SOCKET_PATH:
            return
        longest = f"{OPEN_FILES}/{'9' * len(str(2**31))}/{path.name}"
        if len(os.fsencode(longest)) > MAX_SOCKET_PATH or not OPEN_FILES.is_dir():
            raise OSError(
                errno.ENAMETOOLONG,
                f"a socket's path has at most {MAX_SOCKET_PATH} bytes; put the store"
                " into a folder with a shorter path, under a shorter name",
            )
        self._folder = os.open(path.parent, os.O_RDONLY)
        self.text = f"{OPEN_FILES}/{self._folder}/{path.name}"

    def close(self) -> None:
        """Use the name no more."""
        if self._folder is not None:
            os.close(self._folder)
            self._folder = None
