"""What the catalogue offers."""

from __future__ import annotations

import importlib

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted import catalogue
from padchat_twisted.catalogue import COMMANDS, EVENTS

#: Modules of an area of WeChat: all that they promise is offered.
AREAS = ("login", "contacts", "rooms", "messages")

#: What they promise to their neighbours only, each with the reason.
INSIDE = {
    "MAX_IMAGE_BYTES": "a limit",
    "REFUSED_RECEIVERS": "asked for by `problem`",
    "receiver_problem": "the same",
}


class OfferTests(SynchronousTestCase):
    """Users and other rooms find everything in one place."""

    def test_areas(self) -> None:
        """Whatever an area promises is offered, and is the same there."""
        for area in AREAS:
            module = importlib.import_module(f"{catalogue.__name__}.{area}")
            for name in module.__all__:
                if name in INSIDE:
                    continue
                self.assertIn(name, catalogue.__all__)
                self.assertIs(getattr(catalogue, name), getattr(module, name))

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
