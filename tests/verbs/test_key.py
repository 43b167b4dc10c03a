"""``padchat key``."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.service.store_keys import (
    STORE_KEYS_VARIABLE,
    store_keys_in_file,
)
from padchat_twisted.store.cipher import MAX_STORE_KEYS, is_store_key
from padchat_twisted.verbs import key as key_verb
from padchat_twisted.verbs.process import FAILED

from ..children import STDERR, Child
from .child_case import ChildCase
from .stage import parsed


class KeyTests(SynchronousTestCase):
    """Keys that are made, and newer ones that take over."""

    def setUp(self) -> None:
        """Collect what is said."""
        self.path = Path(self.mktemp()).absolute()
        self.said: list[str] = []
        self.patch(key_verb, "say", self.said.append)
        self.patch(key_verb, "complain", self.complain)

    def complain(self, problem: str) -> int:
        """Collect a complaint."""
        self.said.append(problem)
        return FAILED

    def key(self, *line: str) -> int:
        """Run the verb."""
        return key_verb.key(parsed(key_verb.add_options, *line))

    def test_printed(self) -> None:
        """Without a file the key is printed, and nothing else."""
        for _ in range(2):
            self.assertEqual(self.key(), 0)
        one, other = self.said
        self.assertTrue(is_store_key(one) and is_store_key(other))
        self.assertNotEqual(one, other)

    def test_made(self) -> None:
        """A file is made for its owner alone, and its key is not shown."""
        self.assertEqual(self.key(str(self.path)), 0)
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)
        (made,) = store_keys_in_file(self.path)
        told = f"{self.path}: made, with key {made.fingerprint()}; keep a copy of it"
        self.assertEqual(self.said, [f"{told} elsewhere"])

    def test_newer(self) -> None:
        """A newer key comes first; the others, and remarks, stay below it."""
        self.key(str(self.path))
        before = "# of the first year\n" + self.path.read_text()
        self.path.write_text(before)
        (old,) = store_keys_in_file(self.path)
        self.assertEqual(self.key(str(self.path)), 0)
        new, kept = store_keys_in_file(self.path)
        self.assertEqual(kept, old)
        self.assertEqual(self.path.read_text(), f"{new.reveal()}\n{before}")
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)
        self.assertIn(f"key {new.fingerprint()} seals everything", self.said[-1])
        self.assertEqual([*self.path.parent.glob(f"{self.path.name}.*")], [])

    def test_other_file(self) -> None:
        """A file that holds something else is left alone."""
        self.path.write_text("[gateway]\n")
        self.path.chmod(0o600)
        self.assertEqual(self.key(str(self.path)), FAILED)
        self.assertIn("line 1 of ", self.said[-1])
        self.assertEqual(self.path.read_text(), "[gateway]\n")

    def test_number(self) -> None:
        """No key is added that a store would not take."""
        for _ in range(MAX_STORE_KEYS):
            self.assertEqual(self.key(str(self.path)), 0)
        before = self.path.read_text()
        self.assertEqual(self.key(str(self.path)), FAILED)
        self.assertIn("take out the last ones", self.said[-1])
        self.assertEqual(self.path.read_text(), before)

    def test_no_folder(self) -> None:
        """A file that cannot be made is told."""
        self.assertEqual(self.key(str(self.path / "store.key")), FAILED)
        self.assertIn("cannot be written: No such file or directory", self.said[-1])

    def test_link(self) -> None:
        """A link to the file stays one."""
        self.key(str(self.path))
        link = self.path.with_name("link.key")
        link.symlink_to(self.path)
        self.addCleanup(link.unlink)
        self.assertEqual(self.key(str(link)), 0)
        self.assertTrue(link.is_symlink())
        self.assertEqual(len(store_keys_in_file(self.path)), 2)


class SealedRunTests(ChildCase):
    """The keys as one uses them."""

    async def test_run(self) -> None:
        """Sealed, rotated, and refused without a key; a scan is needed only once."""
        sandbox = self.start_sandbox(auth_keys=["the-key"])
        line = ("run", "the-key", "one", "--gateway", sandbox.url)

        async def came_in(child: Child) -> str:
            await child.when_says("one: ready")
            child.signal("INT")
            self.assertEqual(await child.when_ended(), 0)
            return child.said()

        for rounds in range(2):
            made = self.padchat("key", "store.key")
            self.assertEqual(await made.when_ended(), 0)
            said = await came_in(self.padchat(*line, "--store-keys", "store.key"))
            self.assertEqual("awaiting_scan" in said, not rounds)
        key_file = self.folder / "store.key"
        newest = key_file.read_text().split()[0]
        environ = {STORE_KEYS_VARIABLE: newest}
        self.assertNotIn(
            "awaiting_scan", await came_in(self.padchat(*line, environ=environ))
        )
        told = await self.complaint(*line)
        self.assertIn("padchat.sqlite: is sealed with key ", told)
        self.assertIn("--store-keys FILE or PADCHAT_STORE_KEYS", told)
        key_file.write_text("swordfish")
        told = await self.padchat_told(*line, "--store-keys", "store.key")
        self.assertIn("store.key has 9 characters that are no key", told)

    async def padchat_told(self, *arguments: str) -> str:
        """Run a verb that must fail; return what it said."""
        child = self.padchat(*arguments)
        self.assertEqual(await child.when_ended(), FAILED)
        return child.said(STDERR)
