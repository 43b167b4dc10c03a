"""The numbers of kinds, against the tables. Source: messages.toml."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import AppType
from tests.wire.json_examples import table


class TableTests(SynchronousTestCase):
    """Message types are compared in test_kinds."""

    def test_app_types(self) -> None:
        """Each of the table is there; a quote is newer."""
        theirs = {row["value"]: row["name"] for row in table("messages")["app_type"]}
        ours = {kind.value: kind.name.lower() for kind in AppType}
        self.assertEqual(ours.pop(57), "quote")
        # The second form of mini programs needs a name of its own in an enum.
        self.assertEqual(ours.pop(36), "mini_program_2")
        self.assertEqual(theirs.pop(36), "mini_program")
        self.assertEqual(ours, theirs)
