"""Handlers that are named as ``module:callable``."""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import uuid4

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import ConfigurationError
from padchat_twisted.service.handlers import find_handlers, load_handlers
from padchat_twisted.service.problems import Unusable


class HandlersTests(SynchronousTestCase):
    """Modules are found from a folder, imported once, and explained if not."""

    def setUp(self) -> None:
        """Have a folder, and a name that no module has."""
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.name = f"bot_{uuid4().hex}"
        path = sys.path[:]
        self.addCleanup(lambda: self.assertEqual(sys.path, path))
        for name in (self.name, "antigravity"):
            self.addCleanup(sys.modules.pop, name, None)

    def write(self, text: str, name: str = "") -> Path:
        """Write a module."""
        path = self.folder / f"{name or self.name}.py"
        path.write_text(text)
        return path

    def unusable(self, reference: str) -> Unusable:
        """Fail to find handlers."""
        error = self.assertRaises(Unusable, find_handlers, reference, self.folder)
        assert isinstance(error, Unusable)
        return error

    def test_found(self) -> None:
        """The callable is returned as it is, and was not called."""
        self.write("calls = []\ndef setup(account):\n    calls.append(account)\n")
        handlers = load_handlers(f"{self.name}:setup", self.folder)
        module = sys.modules[self.name]
        self.assertIs(handlers, module.setup)
        self.assertEqual(module.calls, [])

    def test_folder_is_first(self) -> None:
        """The folder's module wins over an installed one; siblings are found."""
        self.write("def setup(account): pass\n", "antigravity")
        self.write("from antigravity import setup\n")
        load_handlers(f"{self.name}:setup", self.folder)
        found = sys.modules["antigravity"].__file__
        self.assertEqual(found, str(self.folder / "antigravity.py"))

    def test_any_callable(self) -> None:
        """A class, or an object with __call__, serves as well as a function."""
        self.write(
            "class Shop:\n"
            "    def __init__(self, account=None): pass\n"
            "    def __call__(self, account): pass\n"
            "shop = Shop()\n"
            "count = dict\n"
        )
        for name in ("Shop", "shop", "count"):
            load_handlers(f"{self.name}:{name}", self.folder)

    def test_error_is_public(self) -> None:
        """Other callers get one problem in the one error of configurations."""
        error = self.assertRaises(
            ConfigurationError, load_handlers, "shop", self.folder
        )
        self.assertEqual(error.path, str(self.folder))
        [problem] = error.problems
        self.assertIn("'shop' is not of the form module:callable", problem)
        self.assertIn('remedy: write "bots.shop:setup"', problem)

    def test_bad_form(self) -> None:
        """Paths, spaces, missing parts and escape sequences are no reference."""
        for reference in (
            "", ":", "shop:", ":setup", "shop.py:set up", "bots/shop:setup",
            "bots..shop:setup", ".shop:setup", "shop:a:b", "shop:setup()",
            "shop\x1b[2J:setup",
        ):  # fmt: skip
            unusable = self.unusable(reference)
            self.assertIn("is not of the form module:callable", unusable.found)
            self.assertTrue(unusable.found.isprintable())

    def test_arguments(self) -> None:
        """A function that does not take just the account is refused."""
        path = self.write("def none(): pass\ndef two(account, more): pass\n")
        for name in ("none", "two"):
            unusable = self.unusable(f"{self.name}:{name}")
            self.assertIn("cannot be called with the account", unusable.found)
            self.assertEqual(unusable.remedy, f"write def {name}(account): in {path}")

    def test_misspelt_without_likeness(self) -> None:
        """Where nothing is near, the form is shown; private names are not offered."""
        self.write("def _setup(account): pass\n")
        unusable = self.unusable(f"{self.name}:setup")
        self.assertNotIn("nearest", unusable.expected)
        self.assertIn("bots.shop:setup", unusable.remedy)

    def test_import_inside_fails(self) -> None:
        """A module that the handlers' module misses is not taken for itself."""
        path = self.write("\nimport no_such_module_at_all\ndef setup(a): pass\n")
        unusable = self.unusable(f"{self.name}:setup")
        self.assertIn("No module named 'no_such_module_at_all'", unusable.found)
        self.assertEqual(unusable.remedy, f"mend line 2 of {path}")

    def test_syntax_error(self) -> None:
        """A syntax error is told with the line of the module."""
        path = self.write("x = 1\ndef setup(account)\n    pass\n")
        unusable = self.unusable(f"{self.name}:setup")
        self.assertIn("SyntaxError", unusable.found)
        self.assertEqual(unusable.remedy, f"mend line 2 of {path}")

    def test_line_is_the_users(self) -> None:
        """An error deep in a library is told at the line that called it."""
        path = self.write("import json\nvalue = json.loads('{')\n")
        unusable = self.unusable(f"{self.name}:setup")
        self.assertIn("JSONDecodeError", unusable.found)
        self.assertEqual(unusable.remedy, f"mend line 2 of {path}")

    def test_exit(self) -> None:
        """A module that wants to end the process does not."""
        self.write("raise SystemExit(3)\n")
        self.assertIn("SystemExit: 3", self.unusable(f"{self.name}:setup").found)

    def test_path_that_the_module_cleans(self) -> None:
        """A module may take its folder off the path; the rest of it stays."""
        self.write("import sys\nsys.path.pop(0)\ndef setup(account): pass\n")
        load_handlers(f"{self.name}:setup", self.folder)

    def test_missing_package(self) -> None:
        """A package that is not there is told as a whole, without a likeness."""
        unusable = self.unusable(f"{self.name}.shop:setup")
        self.assertIn(f"there is no module '{self.name}.shop'", unusable.found)
        self.assertIn(str(self.folder / self.name / "shop.py"), unusable.remedy)
