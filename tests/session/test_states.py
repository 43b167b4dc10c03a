"""The states as users see them."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.session import account
from padchat_twisted.session.states import CALLABLE_STATES, StateChanged

from .machine import PATHS


class StatesTests(SynchronousTestCase):
    """Names of states."""

    def test_callable_states_exist(self) -> None:
        """Commands may be sent in states that the machine has."""
        self.assertLessEqual(CALLABLE_STATES, set(PATHS))

    def test_documented(self) -> None:
        """The docstring names each state of the machine."""
        documented = (StateChanged.__doc__ or "").split()
        for state in PATHS:
            self.assertIn(state.partition(" ")[0], " ".join(documented))

    def test_where_users_find_it(self) -> None:
        """It is found beside the account that tells it."""
        self.assertIs(account.StateChanged, StateChanged)
