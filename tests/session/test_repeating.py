"""Reading commands, repeated over a lost connection when asked for."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import CancelledError, Deferred

from padchat_twisted.catalogue import ContactInfo, GetContact, SendMsg
from padchat_twisted.errors import CallRejected, OutcomeUnknown

from .case import INSTANT, TEXT, ReadyCase


class RepeatingCase(ReadyCase):
    """A ready account that reads."""

    def read(self, time_limit: float | None = None) -> Deferred[ContactInfo]:
        """Ask for a contact, whatever happens to the connection."""
        return self.account.call(
            GetContact("wxid_friend"), time_limit=time_limit, retry=True
        )

    def come_back(self, seconds: float = 10) -> None:
        """Connect again, and be ready."""
        self.clock.advance(seconds)
        self.go_in()
        self.answer("login")
        self.finish_login()

    def answer_contact(self, reading: Deferred[Any]) -> None:
        """Answer, and check that it is heard."""
        self.answer("getContact", {"userName": "wxid_friend"})
        self.assertEqual(self.successResultOf(reading).user_name, "wxid_friend")


class RepeatingTests(RepeatingCase):
    """When a command is sent again, and when not."""

    def test_once(self) -> None:
        """What is answered is sent once."""
        reading = self.read()
        self.answer_contact(reading)
        self.assertEqual(self.codes(), ["getContact"])

    def test_lost(self) -> None:
        """A command that left, and one that did not, is sent by the next connection."""
        for is_writable in (True, False):
            self.connection.is_writable = is_writable
            reading = self.read()
            self.connection.lose()
            self.assertNoResult(reading)
            # The second attempt waits longer.
            self.come_back(20)
            self.answer_contact(reading)
            self.assertEqual(self.codes().count("getContact"), 1)

    def test_not_asked_for(self) -> None:
        """Without being asked nothing is repeated."""
        reading = self.account.call(GetContact("wxid_friend"))
        self.connection.lose()
        self.failureResultOf(reading, OutcomeUnknown)

    def test_begun_without_a_connection(self) -> None:
        """It waits for the account to be ready."""
        self.connection.lose()
        reading = self.read()
        self.assertNoResult(reading)
        self.come_back()
        self.answer_contact(reading)

    def test_time_limit(self) -> None:
        """All attempts have the time of one, to the instant."""
        reading = self.read(20)
        self.clock.advance(5)
        self.connection.lose()
        self.come_back()
        self.clock.advance(5 - INSTANT)
        self.assertNoResult(reading)
        self.clock.advance(INSTANT)
        self.failureResultOf(reading, OutcomeUnknown)

    def test_usual_time_limit(self) -> None:
        """Without one it is the command's."""
        reading = self.read()
        self.connection.lose()
        self.clock.advance(60 - INSTANT)
        self.assertNoResult(reading)
        self.clock.advance(INSTANT)
        self.failureResultOf(reading, OutcomeUnknown)

    def test_refused(self) -> None:
        """The gateway's no is an answer."""
        reading = self.read()
        self.refuse("getContact", "no such contact")
        self.failureResultOf(reading, CallRejected)

    def test_wrong(self) -> None:
        """What is wrong with a command is not better the next time."""
        reading = self.account.call(GetContact(""), retry=True)
        self.not_sent(reading, "user_id: found an empty text")

    def test_never_ready_again(self) -> None:
        """An account that ends, ends it."""
        reading = self.read()
        self.connection.lose()
        self.account.close()
        self.failureResultOf(reading, OutcomeUnknown)

    def test_cancel(self) -> None:
        """Who waits may leave, in flight or between two connections."""
        reading = self.read()
        reading.cancel()
        self.failureResultOf(reading, OutcomeUnknown)
        reading = self.read()
        self.connection.lose()
        reading.cancel()
        self.failureResultOf(reading, CancelledError)


class RefusedTests(RepeatingCase):
    """What changes the world is sent once."""

    def test_sending(self) -> None:
        """A command that sends is not taken."""
        calling = self.account.call(SendMsg("wxid_friend", TEXT), retry=True)
        self.not_sent(calling, "retry: only commands that change nothing take it")

    def test_key(self) -> None:
        """Nor is a key with it."""
        calling = self.account.call(
            SendMsg("wxid_friend", TEXT), key="order-17", retry=True
        )
        self.not_sent(calling, "retry: a command with a key is never repeated")
