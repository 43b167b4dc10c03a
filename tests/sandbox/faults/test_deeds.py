"""The table of what faults do."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import COMMANDS
from padchat_twisted.catalogue.events import EVENTS
from padchat_twisted.sandbox.faults.deeds import CONNECTION_DEEDS, DEEDS, Trigger


class DeedTests(SynchronousTestCase):
    """Each deed."""

    def test_complete(self) -> None:
        """Each says what it does, names its keys, and waits for something real."""
        for word, deed in DEEDS.items():
            self.assertTrue(deed.meaning and deed.triggers, word)
            for key in (*deed.needs, *deed.takes):
                self.assertIn(f"`{key}`", deed.meaning, word)
            if deed.name:
                self.assertIn(deed.name, {*COMMANDS, *EVENTS}, word)
                self.assertEqual(len(deed.triggers), 1, word)

    def test_connection(self) -> None:
        """What can wait for a connection is done to one."""
        self.assertEqual(
            CONNECTION_DEEDS - {"refuse-key"},
            {
                word
                for word, deed in DEEDS.items()
                if deed.triggers == (Trigger.COMMAND, Trigger.EVENT, Trigger.CONNECTION)
            },
        )
