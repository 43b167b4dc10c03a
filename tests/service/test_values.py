"""The texts of a configuration, at their limits."""

from __future__ import annotations

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.service.problems import Unusable
from padchat_twisted.service.values import (
    KEYS,
    MAX_AUTH_KEY_BYTES,
    MAX_NAME_LENGTH,
    auth_key_in_file,
    auth_key_in_variable,
    checked_name,
    checked_store,
    checked_url,
)


class UrlTests(SynchronousTestCase):
    """The gateway's address."""

    def test_good(self) -> None:
        """Schemes, hosts, ports and namespaces of all kinds pass unchanged."""
        for url in (
            "http://127.0.0.1:7700/user",
            "https://gateway.example/user",
            "HTTP://gateway.example/",
            "http://[::1]:7700/user",
            "https://gateway.example",
            "ws://127.0.0.1:7700/ws",
            "wss://gateway.example",
            KEYS["url"].example.split('"')[1],
        ):
            self.assertEqual(checked_url(url), url)

    def test_bad(self) -> None:
        """What no connection can be made to is refused, each for its reason."""
        for url, found in (
            ("ftp://h/user", "it begins with 'ftp', not with http or https"),
            ("localhost:7700", "it begins with 'localhost', not with http or https"),
            ("gateway.example", "it does not begin with http:// or https://"),
            ("ws://h/KEY", "it begins with 'ws', and has a path that is not /ws"),
            ("http:///user", "this is no address"),
            ("http://h:port/user", "this is no address"),
            ("http://h:0/user", "this is no address"),
            ("http://h:70000/user", "this is no address"),
            ("http://[::1/user", "this is no address"),
            ("http://my host/user", "this is no address"),
        ):
            unusable = self.assertRaises(Unusable, checked_url, url)
            self.assertEqual(unusable.found, found, url)

    def test_more_than_host_and_path(self) -> None:
        """Whatever may be a secret in a URL is refused and not repeated."""
        for url in (
            "http://h/user?authKey=secret",
            "http://h/user#secret",
            "http://secret@h/user",
            "http://user:secret@h/user",
        ):
            unusable = self.assertRaises(Unusable, checked_url, url)
            self.assertIn("more than host and path", unusable.found)
            self.assertNotIn("secret", str(unusable))


class NameTests(SynchronousTestCase):
    """The name of an account."""

    def test_length(self) -> None:
        """The longest name passes, one character more does not."""
        longest = "店" * MAX_NAME_LENGTH
        self.assertEqual(checked_name(longest), longest)
        unusable = self.assertRaises(Unusable, checked_name, longest + "店")
        self.assertEqual(unusable.expected, f"at most {MAX_NAME_LENGTH} characters")


class StoreTests(SynchronousTestCase):
    """The place of the store."""

    def test_good(self) -> None:
        """A file that is there or not, in a folder that is."""
        path = Path(self.mktemp())
        path.mkdir()
        self.assertEqual(checked_store(path / "a.sqlite"), path / "a.sqlite")
        (path / "a.sqlite").touch()
        self.assertEqual(checked_store(path / "a.sqlite"), path / "a.sqlite")

    def test_read_only_folder(self) -> None:
        """A folder that cannot be written is told with its chmod."""
        if os.geteuid() == 0:  # whom no mode stops
            self.patch(os, "access", lambda path, mode: False)
        folder = Path(self.mktemp())
        folder.mkdir(mode=0o500)
        unusable = self.assertRaises(Unusable, checked_store, folder / "a.sqlite")
        self.assertEqual(unusable.found, f"the folder {folder} cannot be written")
        self.assertIn(f"chmod u+w {folder}", unusable.remedy)


class AuthKeyTests(SynchronousTestCase):
    """Auth keys of files and of the environment."""

    def file(self, content: bytes, mode: int = 0o600) -> Path:
        """Write a key file."""
        path = Path(self.mktemp())
        path.write_bytes(content)
        path.chmod(mode)
        return path

    def test_file(self) -> None:
        """The key is what the file holds without its line end or byte order mark."""
        path = self.file(b"\xef\xbb\xbfthe-key\r\n", 0o400)
        self.assertEqual(auth_key_in_file(path).reveal(), "the-key")

    def test_mode(self) -> None:
        """Whatever others may do with the file is too much."""
        for mode in (0o640, 0o604, 0o620, 0o602, 0o601):
            path = self.file(b"the-key", mode)
            unusable = self.assertRaises(Unusable, auth_key_in_file, path)
            self.assertIn(f"(mode {mode:04o})", unusable.found)
            self.assertEqual(unusable.remedy, f"run chmod 600 {path}")

    def test_no_file(self) -> None:
        """A folder or a pipe, which would block, is not read."""
        folder, pipe = Path(self.mktemp()), Path(self.mktemp())
        folder.mkdir()
        os.mkfifo(pipe, 0o600)
        for path in (folder, pipe):
            unusable = self.assertRaises(Unusable, auth_key_in_file, path)
            self.assertEqual(unusable.found, f"{path} is no file")

    def test_length(self) -> None:
        """The longest key passes, one byte more does not, nor does a whole log."""
        key = "k" * MAX_AUTH_KEY_BYTES
        self.assertEqual(auth_key_in_file(self.file(key.encode())).reveal(), key)
        self.assertEqual(auth_key_in_variable("KEY", {"KEY": key}).reveal(), key)
        for content in (key + "k", key * 1000):
            path = self.file(content.encode())
            unusable = self.assertRaises(Unusable, auth_key_in_file, path)
            self.assertIn(f"more than {MAX_AUTH_KEY_BYTES} bytes", unusable.found)
            self.assertRaises(Unusable, auth_key_in_variable, "KEY", {"KEY": content})

    def test_more_than_a_key(self) -> None:
        """Two lines, a sentence, or bytes that are no text are no key."""
        for content in (b"secret\nother", b"secret key", b"secret\xff", b"secret\x00"):
            path = self.file(content)
            unusable = self.assertRaises(Unusable, auth_key_in_file, path)
            self.assertIn("spaces, several lines, or bytes", unusable.found)
            self.assertNotIn("secret", str(unusable))
