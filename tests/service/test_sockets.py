"""Where a control socket is, and names for long paths."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from unittest import skipIf

from twisted.trial.unittest import TestCase

from padchat_twisted.service import sockets
from padchat_twisted.service.sockets import MAX_SOCKET_PATH, SocketName, socket_path

from ..children import new_folder


class SocketPathTests(TestCase):
    """The socket belongs to the file, not to a name of it."""

    def test_links(self) -> None:
        """Two names of one store lead to one socket."""
        folder = new_folder(self)
        (folder / "link.sqlite").symlink_to(folder / "real.sqlite")
        expected = folder.resolve() / "real.sqlite.sock"
        self.assertEqual(socket_path(folder / "link.sqlite"), expected)
        self.assertEqual(socket_path(os.path.relpath(folder / "real.sqlite")), expected)


class SocketNameTests(TestCase):
    """What the system is told."""

    def open_files(self) -> int:
        """Count the open files of this process."""
        return len(list(sockets.OPEN_FILES.iterdir()))

    def test_short(self) -> None:
        """A path that is short enough is its own name."""
        path = Path("/" + (MAX_SOCKET_PATH - 1) * "a")
        self.assertEqual(SocketName(path).text, str(path))

    @skipIf(not sockets.OPEN_FILES.is_dir(), "this system has no names for open files")
    def test_long(self) -> None:
        """A longer one gets a name by which the same socket is found."""
        folder = new_folder(self) / (60 * "f") / (60 * "g")
        folder.mkdir(parents=True)
        before = self.open_files()
        name = SocketName(folder / "a.sock")
        self.addCleanup(name.close)
        listening, calling = (
            socket.socket(socket.AF_UNIX),
            socket.socket(socket.AF_UNIX),
        )
        with listening, calling:
            listening.bind(name.text)
            listening.listen()
            self.assertTrue((folder / "a.sock").is_socket())
            calling.connect(name.text)
        name.close()
        name.close()
        self.assertEqual(self.open_files(), before)

    def test_too_long(self) -> None:
        """Where there is none, it is told what to do."""
        told = (
            f"a socket's path has at most {MAX_SOCKET_PATH} bytes; put the store into a"
            " folder with a shorter path, under a shorter name"
        )
        with self.assertRaises(OSError) as caught:
            SocketName(new_folder(self) / (MAX_SOCKET_PATH * "a"))
        self.assertEqual(caught.exception.strerror, told)
        self.patch(sockets, "OPEN_FILES", Path("/no/such/place"))
        with self.assertRaises(OSError) as caught:
            SocketName(Path("/" + MAX_SOCKET_PATH * "a"))
        self.assertEqual(caught.exception.strerror, told)
