"""The pages for users are true: made parts, code, and the names they tell."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted import AccountSession
from padchat_twisted.sandbox.accounts import Account
from padchat_twisted.sandbox.people import Person
from padchat_twisted.sandbox.rooms import Room
from padchat_twisted.sandbox.server import SandboxGateway
from padchat_twisted.sandbox.service import SandboxService
from padchat_twisted.sandbox.world import World
from padchat_twisted.service.values import KEYS
from padchat_twisted.session.states import StateChanged

from . import pages

_INCLUDED = re.compile(r"^\{literalinclude\} (?:\.\./)?examples/([\w.]+)$")
_SAME_AS = re.compile(
    r"<!-- same as docs/examples/([\w.]+) -->\n```\w+\n(.*?)```", re.S
)


class MadePartTests(SynchronousTestCase):
    """What is made from the code is what the code gives today."""

    maxDiff = None

    def test_current(self) -> None:
        """Each part is as it would be made now: else run `python -m tests.examples`."""
        for page in pages.pages():
            for name, text in pages.made_parts(page).items():
                made = pages.MAKERS[name]()
                self.assertEqual(text, made, f"{page.name}: {name} is out of date")

    def test_all_are_shown(self) -> None:
        """Whatever can be made is shown, once."""
        shown = [name for page in pages.pages() for name in pages.made_parts(page)]
        self.assertEqual(sorted(shown), sorted(pages.MAKERS))


class CodeTests(SynchronousTestCase):
    """Code in a page is a file of docs/examples."""

    def test_manual(self) -> None:
        """In the manual, Python is only included; so are whole configurations."""
        for page in pages.pages():
            if page.parent == pages.ROOT:
                continue
            for block in pages.blocks(page):
                where = f"{page.name}:{block.line}"
                self.assertNotEqual(block.language, "python", where)
                if block.language == "toml":
                    self.assertIn("\nulr = ", block.text, f"{where} has no mistake")

    def test_readme(self) -> None:
        """A README cannot include, so what it shows is the same as the file."""
        for page in (pages.README, pages.README_ZH):
            same = dict(_SAME_AS.findall(page.read_text()))
            self.assertEqual(sorted(same), ["bot.py", "padchat.toml"], page.name)
            for name, text in same.items():
                self.assertEqual(text, (pages.EXAMPLES / name).read_text(), name)
            shown = [x for x in pages.blocks(page) if x.language in ("python", "toml")]
            self.assertEqual(len(shown), len(same), page.name)

    def test_each_example_is_shown(self) -> None:
        """Each file of docs/examples is on some page."""
        included = {
            found[1]
            for page in pages.pages()
            for block in pages.blocks(page)
            if (found := _INCLUDED.match(block.language))
        }
        files = {file.name for file in pages.EXAMPLES.iterdir() if file.is_file()}
        self.assertEqual(files, included)


class NameTests(SynchronousTestCase):
    """What a page names is there."""

    def test_links(self) -> None:
        """Each link to a file leads to one."""
        for page in pages.pages():
            for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
                if "://" not in target:
                    file = page.parent / target
                    self.assertTrue(file.exists(), f"{page.name}: {target}")

    def test_methods(self) -> None:
        """Each call between backticks, such as `world.room(...)`, is of a method."""
        kinds: dict[str, type] = {
            "account": AccountSession,
            "alice": Person,
            "bob": Person,
            "bot": Account,
            "room": Room,
            "world": World,
            "sandbox": SandboxService,
            "sandbox.gateway": SandboxGateway,
        }
        told = set()
        for page in pages.pages():
            for span in pages.spans(page):
                found = re.match(r"(?:await )?([\w.]+)\.(\w+)\(", span)
                if found and found[1] in kinds:
                    told.add(found[0])
                    has_it = callable(getattr(kinds[found[1]], found[2], None))
                    self.assertTrue(has_it, f"{page.name}: {span}")
        self.assertGreater(len(told), 20)

    def test_states(self) -> None:
        """The tutorial has every state of an account."""
        found = re.search(r"one of ``([^`]*)``", StateChanged.__doc__ or "")
        assert found is not None
        told = set(pages.spans(pages.DOCS / "tutorial.md"))
        self.assertEqual(set(found[1].split()) - told, set())

    def test_configuration_keys(self) -> None:
        """The page on running has every key of a configuration."""
        told = " ".join(pages.spans(pages.DOCS / "running.md"))
        self.assertEqual(set(KEYS) - set(re.findall(r"\w+", told)), set())


class ImportTests(SynchronousTestCase):
    """Importing an example starts nothing."""

    def test_no_reactor(self) -> None:
        """No example installs a reactor, or writes a file, when it is imported."""
        names = [file.stem for file in sorted(pages.EXAMPLES.glob("*.py"))]
        program = "\n".join(
            [
                "import os, sys",
                f"sys.path[:0] = [{str(pages.EXAMPLES)!r}, {str(pages.ROOT)!r}]",
                *(f"import {name}" for name in names),
                "print('twisted.internet.reactor' in sys.modules, os.listdir())",
            ]
        )
        folder = Path(self.mktemp())
        folder.mkdir()
        ran = subprocess.run(
            [sys.executable, "-B", "-c", program],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual((ran.stdout, ran.stderr), ("False []\n", ""))
