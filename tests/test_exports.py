"""The public names: what `from padchat_twisted import ...` promises."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from types import ModuleType

from twisted.trial.unittest import SynchronousTestCase

import padchat_twisted

ROOT = Path(__file__).parent.parent


def all_modules() -> list[ModuleType]:
    """Import every module of ours."""
    found = pkgutil.walk_packages(padchat_twisted.__path__, "padchat_twisted.")
    return [importlib.import_module(module.name) for module in found]


class ExportTests(SynchronousTestCase):
    """The top level re-exports, and does nothing else."""

    def test_names_are_in_order(self) -> None:
        """The list of public names is sorted and names nothing twice."""
        names = list(padchat_twisted.__all__)
        self.assertEqual(names, sorted(set(names)))

    def test_names_are_all(self) -> None:
        """Whatever the top level holds without an underscore is in the list."""
        held = {
            name
            for name, value in vars(padchat_twisted).items()
            if not name.startswith("_") and not isinstance(value, ModuleType)
        }
        self.assertEqual(held - {"annotations"}, set(padchat_twisted.__all__))

    def test_each_name_is_promised_by_its_module(self) -> None:
        """The module that defines a public name has it in its own list."""
        for name in padchat_twisted.__all__:
            value = getattr(padchat_twisted, name)
            home = importlib.import_module(value.__module__)
            self.assertIn(name, home.__all__)
            self.assertIs(getattr(home, name), value)

    def test_lists_are_true(self) -> None:
        """Every module's __all__ names only what the module has."""
        for module in all_modules():
            for name in getattr(module, "__all__", ()):
                self.assertTrue(
                    hasattr(module, name), f"{module.__name__} has no {name}"
                )

    def test_each_name_is_documented(self) -> None:
        """A public class or function says what it is for."""
        for name in padchat_twisted.__all__:
            value = getattr(padchat_twisted, name)
            if inspect.isclass(value) or inspect.isroutine(value):
                self.assertTrue(inspect.getdoc(value), f"{name} has no docstring")

    def test_each_name_has_a_documented_use(self) -> None:
        """A name is exported because a page or an example for users uses it."""
        pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
        pages += (ROOT / "docs" / "examples").rglob("*.py")
        words: set[str] = set()
        for page in pages:
            if "design" not in page.parts:
                words.update(re.findall(r"\w+", page.read_text()))
        self.assertEqual(set(padchat_twisted.__all__) - words, set())
