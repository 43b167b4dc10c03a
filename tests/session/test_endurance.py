"""The settings for when nobody is there."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.composing import build_account
from padchat_twisted.secret import Secret
from padchat_twisted.session.budget import (
    MAX_CONNECTS_PER_SECOND,
    ConnectBudget,
    budget_of,
)
from padchat_twisted.session.endurance import MIN_NOTE_SECONDS, PROBE_SECONDS, Endurance
from padchat_twisted.store import MemoryStore
from padchat_twisted.testing import FakeConnector


class EnduranceTests(SynchronousTestCase):
    """What can be set, and what cannot."""

    def test_refused(self) -> None:
        """Numbers that cannot be are refused when they are given."""
        for name, value in (
            ("login_failures", 0),
            ("failure_window", 0.0),
            ("failure_window", float("nan")),
            ("probe_every", -1.0),
            ("note_every", MIN_NOTE_SECONDS - 1),
            ("note", " "),
        ):
            given = {name: value}
            error = self.assertRaises(ValueError, Endurance, **given)
            self.assertIn(name.partition("_")[0], str(error))

    def test_probe(self) -> None:
        """An account is asked each five minutes when nothing is said."""
        self.assertEqual(Endurance().probe_every, PROBE_SECONDS)

    def test_edge(self) -> None:
        """A note each ten minutes is as often as it may be."""
        self.assertEqual(Endurance(note_every=MIN_NOTE_SECONDS).note_every, 600.0)

    def test_one_budget_for_a_reactor(self) -> None:
        """Accounts on a reactor share its budget, where they have none of their own."""
        clock = Clock()
        own, shared = ConnectBudget(clock), budget_of(clock)
        store = MemoryStore()
        store.open()
        for name in range(2 * (MAX_CONNECTS_PER_SECOND + 1)):
            endurance = Endurance(budget=own) if name % 2 else None
            account = build_account(
                clock,
                FakeConnector(),
                Secret("key"),
                str(name),
                store,
                endurance=endurance,
            )
            account.start()
        self.assertEqual((own.waiting, shared.waiting), (1, 1))
