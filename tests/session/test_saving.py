"""A login is saved, and proven by that."""

from __future__ import annotations

from padchat_twisted.errors import Disconnected
from padchat_twisted.session.login import LOADED_SECONDS
from padchat_twisted.session.saving import ANSWER_SECONDS, LoginSaver

from .case import DEVICE, INSTANT, TOKEN, AccountCase


class ProofTests(AccountCase):
    """What counts as an answer."""

    def setUp(self) -> None:
        """Be logged in, with nothing answered yet."""
        super().setUp()
        self.begin()
        self.show_code()
        self.connection.notice("login", {})
        self.connection.notice("loaded")
        self.states.events.clear()

    def test_nothing_answered(self) -> None:
        """A session that answers nothing never was ready, and is left in time."""
        self.clock.advance(ANSWER_SECONDS - INSTANT)
        self.assertEqual(self.codes()[-1], "getDeviceInfo")
        self.clock.advance(INSTANT)
        self.assertEqual(self.codes()[-1], "getAutoLoginData")
        self.clock.advance(ANSWER_SECONDS)
        self.assertEqual(self.entered(), ["retrying"])
        self.assertTrue(self.connection.is_closing)
        self.assertLess(2 * ANSWER_SECONDS, LOADED_SECONDS)

    def test_reason(self) -> None:
        """The reason says what was missing."""
        self.clock.advance(ANSWER_SECONDS)
        self.clock.advance(ANSWER_SECONDS)
        reason = self.reason()
        assert isinstance(reason, Disconnected)
        self.assertEqual(reason.reason, "no answer")

    def test_one_answer_is_enough(self) -> None:
        """One reply may be lost."""
        self.clock.advance(ANSWER_SECONDS)
        self.answer("getAutoLoginData", {"token": TOKEN})
        self.assertEqual(self.account.state, "ready")

    def test_refusals_are_answers(self) -> None:
        """Who refuses is there."""
        self.refuse("getDeviceInfo", "not now")
        self.refuse("getAutoLoginData", "not now")
        self.assertEqual(self.account.state, "ready")

    def test_long_pause_of_the_process(self) -> None:
        """When all time limits are over at once, nobody is taken for ready."""
        self.clock.advance(10 * LOADED_SECONDS)
        self.assertEqual(self.account.state, "retrying")

    def test_hourly(self) -> None:
        """The same holds for the save of each hour."""
        self.answer("getDeviceInfo", DEVICE)
        self.answer("getAutoLoginData", {"token": TOKEN})
        self.clock.advance(3600)
        self.clock.advance(ANSWER_SECONDS)
        self.clock.advance(ANSWER_SECONDS)
        self.assertEqual(self.account.state, "retrying")
        self.assertEqual(self.record().login_token, TOKEN)

    def test_late_answer_of_an_older_connection(self) -> None:
        """What an older save finds out does not prove the login that is under way."""
        older = self.connection
        call = older.last_call("getDeviceInfo")
        older.lose()
        self.clock.advance(10)
        self.go_in()
        self.answer("login")
        self.connection.notice("login", {})
        older.is_lost = False
        older.reply(call.call_id, DEVICE)
        self.connection.notice("loaded")
        self.assertEqual(self.account.state, "syncing")
        self.answer("getDeviceInfo", DEVICE)
        self.answer("getAutoLoginData", {"token": TOKEN})
        self.assertEqual(self.account.state, "ready")


class WithoutProofTests(AccountCase):
    """The same with a saver that asks for nothing: a dead session counts as ready."""

    def test_nothing_answered(self) -> None:
        """Nobody finds out."""
        self.patch(LoginSaver, "save", lambda saver: saver.inputs.answered())
        self.begin()
        self.show_code()
        self.connection.notice("login", {})
        self.connection.notice("loaded")
        self.clock.advance(10 * LOADED_SECONDS)
        self.assertEqual(self.account.state, "ready")
