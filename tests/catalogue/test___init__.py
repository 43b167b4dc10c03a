"""What the catalogue offers."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted import catalogue
from padchat_twisted.catalogue import COMMANDS, EVENTS

#: Classes that modules promise to their neighbours only, each with the reason.
INSIDE = {
    "Part": "the base of what stands inside results",
    "For": "for the declarations of commands",
    "Param": "for the documents and the command line",
    "Kind": "for the reading of pushes",
    "Marker": "the same; never handed out",
    "Match": "for the reading of system texts",
    "SystemText": "the same",
}


class OfferTests(SynchronousTestCase):
    """Users and other rooms find every class in one place."""

    def test_classes(self) -> None:
        """Whatever class a module promises is offered, and is the same there."""
        promised = set()
        for found in pkgutil.iter_modules(catalogue.__path__):
            module = importlib.import_module(f"{catalogue.__name__}.{found.name}")
            promised |= set(module.__all__)
            for name in module.__all__:
                value = getattr(module, name)
                if inspect.isclass(value) and name not in INSIDE:
                    self.assertIn(name, catalogue.__all__, module.__name__)
                    self.assertIs(getattr(catalogue, name), value)
        self.assertEqual(set(catalogue.__all__) - promised, set())

    def test_inside(self) -> None:
        """What is for neighbours only is not offered."""
        self.assertEqual(set(INSIDE) & set(catalogue.__all__), set())

    def test_tables(self) -> None:
        """Every class of the tables is offered by its name, with its result."""
        for kind in (
            *COMMANDS.values(),
            *(command.result_type for command in COMMANDS.values()),
            *EVENTS.values(),
        ):
            self.assertIs(getattr(catalogue, kind.__name__), kind)
