"""The keys of a store: what is read, and what is said of what is no key."""

from __future__ import annotations

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.secret import Secret
from padchat_twisted.service import values
from padchat_twisted.service.config import check, load_configuration
from padchat_twisted.service.problems import Unusable
from padchat_twisted.service.store_keys import (
    STORE_KEYS_VARIABLE,
    find_store_keys,
    store_keys_in_file,
    store_keys_in_variable,
)
from padchat_twisted.store.cipher import MAX_STORE_KEYS, make_store_key

FIRST, SECOND = make_store_key(), make_store_key()
ONE, TWO = FIRST.reveal(), SECOND.reveal()


class KeysCase(SynchronousTestCase):
    """A file for keys."""

    def setUp(self) -> None:
        """Choose its place."""
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.path = self.folder / "store.key"

    def write(self, text: str) -> None:
        """Write it, for its owner alone."""
        self.path.write_text(text, encoding="utf-8")
        self.path.chmod(0o600)

    def read(self, text: str) -> tuple[Secret, ...]:
        """Read the keys of a text."""
        self.write(text)
        return store_keys_in_file(self.path)

    def refused(self, text: str) -> Unusable:
        """Return what is said of a text that holds something else."""
        self.write(text)
        unusable: Unusable = self.assertRaises(Unusable, store_keys_in_file, self.path)
        told = str(unusable)
        for key in (ONE, TWO):
            self.assertNotIn(key[:8], told)
        return unusable


class ReadTests(KeysCase):
    """Keys as they may be written."""

    def test_written(self) -> None:
        """On lines, with commas, with remarks, by any editor."""
        for text in (
            f"{ONE}\n{TWO}\n",
            f"{ONE},{TWO}",
            f"  {ONE} , {TWO} ,\r\n",
            f"# since May\n\n{ONE}  # newest\n{TWO}\n",
            f"\ufeff{ONE}\n{TWO}",
        ):
            self.assertEqual(self.read(text), (FIRST, SECOND), text)
        self.assertEqual(self.read(ONE), (FIRST,))

    def test_order(self) -> None:
        """The first one is the one that seals."""
        self.assertEqual(self.read(f"{TWO}\n{ONE}"), (SECOND, FIRST))

    def test_variable(self) -> None:
        """A variable holds the same."""
        environ = {"KEYS": f"{ONE},{TWO}"}
        self.assertEqual(store_keys_in_variable("KEYS", environ), (FIRST, SECOND))
        unusable = self.assertRaises(Unusable, store_keys_in_variable, "KEYS", {})
        self.assertEqual(unusable.found, "there is no environment variable KEYS")
        environ = {"KEYS": "swordfish"}
        unusable = self.assertRaises(Unusable, store_keys_in_variable, "KEYS", environ)
        told = "line 1 of KEYS has 9 characters that are no key"
        self.assertEqual(unusable.found, told)
        self.assertIn("`padchat key` prints", unusable.remedy)


class RefusedTests(KeysCase):
    """What is no list of keys is told with its line, and is not repeated."""

    def test_no_key(self) -> None:
        """A line that is no key has its number and its length."""
        for text, line, length in (
            (f"{ONE}\n{TWO[:-1]}\n", 2, 43),
            (f"\n# old\n{ONE} {TWO}\n", 3, 89),
            ("correct horse battery staple", 1, 28),
        ):
            unusable = self.refused(text)
            told = f"line {line} of {self.path} has {length} characters that are no key"
            self.assertEqual(unusable.found, told)
            self.assertIn("mend that line", unusable.remedy)
            self.assertNotIn("horse", str(unusable))

    def test_twice(self) -> None:
        """A key that stands there twice is a slip of somebody."""
        unusable = self.refused(f"{ONE}\n{TWO}\n{ONE}\n")
        told = f"line 3 of {self.path} has the key of line 1 again"
        self.assertEqual(unusable.found, told)

    def test_none(self) -> None:
        """A file without keys is not the same as no file."""
        for text in ("", "\n", "# soon\n", ",,"):
            self.assertEqual(self.refused(text).found, f"{self.path} holds no key")

    def test_number(self) -> None:
        """There are not more than can be needed."""
        keys = [make_store_key().reveal() for _ in range(MAX_STORE_KEYS + 1)]
        self.assertEqual(len(self.read("\n".join(keys[:-1]))), MAX_STORE_KEYS)
        unusable = self.refused("\n".join(keys))
        self.assertEqual(unusable.expected, f"at most {MAX_STORE_KEYS}")

    def test_missing(self) -> None:
        """Where there is no file it says how to make one."""
        unusable = self.assertRaises(Unusable, store_keys_in_file, self.path)
        self.assertEqual(unusable.found, f"there is no {self.path}")
        self.assertEqual(unusable.remedy, f"run padchat key {self.path}")

    def test_open_to_others(self) -> None:
        """A file that others can read is refused with its chmod, where modes count."""
        for mode in (0o604, 0o640, 0o644):
            self.write(ONE)
            self.path.chmod(mode)
            unusable = self.assertRaises(Unusable, store_keys_in_file, self.path)
            told = f"others can use {self.path} (mode {mode:04o})"
            self.assertEqual(unusable.found, told)
            self.assertEqual(unusable.remedy, f"run chmod 600 {self.path}")
        self.patch(values, "HAS_MODES", False)
        self.assertEqual(store_keys_in_file(self.path), (FIRST,))


class FindTests(KeysCase):
    """Keys for a command line."""

    def test_found(self) -> None:
        """The file that is named comes before the variable; there may be neither."""
        self.write(ONE)
        environ = {STORE_KEYS_VARIABLE: TWO}
        self.assertEqual(find_store_keys(self.path, environ), (FIRST,))
        self.assertEqual(find_store_keys(None, environ), (SECOND,))
        self.assertEqual(find_store_keys(None, {STORE_KEYS_VARIABLE: ""}), ())
        self.assertEqual(find_store_keys(None, {}), ())

    def test_relative(self) -> None:
        """A file is found from the current folder."""
        self.write(ONE)
        relative = Path(os.path.relpath(self.path))
        self.assertEqual(find_store_keys(relative, {}), (FIRST,))

    def test_refused(self) -> None:
        """What is wrong is an error for people."""
        self.write("swordfish")
        for path, environ in (
            (self.path, {}),
            (None, {STORE_KEYS_VARIABLE: "swordfish"}),
        ):
            error = self.assertRaises(
                LocalProtocolError, find_store_keys, path, environ
            )
            self.assertIn("9 characters that are no key", str(error))
            self.assertNotIn("swordfish", str(error))


class ConfigurationTests(KeysCase):
    """``keys`` in the section ``[store]``."""

    def configuration(self, store: str) -> Path:
        """Write a configuration whose store is this."""
        path = self.folder / "padchat.toml"
        path.write_text(
            f'[store]\n{store}\n[gateway]\nurl = "http://h/user"\n'
            'auth_key.env = "PADCHAT_AUTH_KEY"\n[[account]]\nname = "a"\n'
            'handlers = "padchat_twisted.service.bots:ding_dong"\n'
        )
        return path

    def test_file_and_variable(self) -> None:
        """Both sources work; without keys there are none."""
        self.write(f"{ONE}\n{TWO}")
        environ = {"PADCHAT_AUTH_KEY": "k", "KEYS": TWO}
        for store, keys in (
            ('keys = { file = "store.key" }', (FIRST, SECOND)),
            ('keys = { env = "KEYS" }', (SECOND,)),
            ("", ()),
        ):
            loaded = load_configuration(self.configuration(store), environ)
            self.assertEqual(loaded.store_keys, keys)
            self.assertNotIn(ONE, repr(loaded))

    def test_problems(self) -> None:
        """Each mistake is a problem with its line and how keys are written."""
        for store, found, remedy in (
            (f'keys = "{ONE}"', "the keys themselves are written here", "store.key"),
            (f'keys = ["{ONE}"]', "the keys themselves are written here", "env"),
            ("keys = 7", "this is an integer", 'keys = { file = "store.key" }'),
            ("keys = {}", "neither env nor file", 'keys = { file = "store.key" }'),
            ("keys = { file = 7 }", "this is an integer", 'keys = { file = "'),
            ('keys = { flie = "a" }', "unknown key 'flie'", 'keys = { file = "'),
            ('keys = { file = "no" }', f"there is no {self.folder}/no", "padchat key"),
        ):
            path = self.configuration(store)
            [problem] = check(path, {"PADCHAT_AUTH_KEY": "k"})
            self.assertEqual(problem.line, 2, store)
            self.assertTrue(problem.found.startswith("[store] keys"), problem.found)
            self.assertIn(found, problem.found)
            self.assertIn(remedy, problem.remedy)
            self.assertNotIn(ONE, str(problem))
