"""Commands with a key: never twice, whatever happens in between."""

from __future__ import annotations

from twisted.internet.defer import CancelledError

from padchat_twisted.catalogue import (
    Logout,
    SentMessage,
)
from padchat_twisted.errors import (
    CallRejected,
    LocalProtocolError,
    NotSent,
    OutcomeUnknown,
    StillUnknown,
)
from padchat_twisted.session import keys
from padchat_twisted.session.states import CALLABLE_STATES

from .keyed import HI, KEY, Forgetful, KeyedCase


class OutcomeTests(KeyedCase):
    """Each outcome, and what the same key gives then."""

    def test_done(self) -> None:
        """The same key gives the same result again, and nothing leaves."""
        sending = self.send()
        self.answer("sendMsg", {"msgId": "1", "status": 0, "message": "told"})
        self.assertEqual(self.successResultOf(sending).msg_id, "1")
        again = self.successResultOf(self.send())
        self.assertEqual((type(again), again.msg_id), (SentMessage, "1"))
        # Texts of the engine are not kept.
        self.assertEqual(again.message, "")
        self.assertEqual(self.codes(), ["sendMsg"])
        self.assertEqual(self.unknown(), [])

    def test_without_the_mechanism(self) -> None:
        """A store that remembers nothing has it sent twice: it is the store's doing."""
        store = Forgetful()
        store.open()
        self.account._keyed._store = store
        for _ in range(2):
            sending = self.send()
            self.answer("sendMsg", {"msgId": "1"})
            self.successResultOf(sending)
        self.assertEqual(self.codes(), ["sendMsg", "sendMsg"])

    def test_refused(self) -> None:
        """What the gateway refused did not happen: the key is free."""
        sending = self.send()
        self.refuse("sendMsg", "not now")
        self.failureResultOf(sending, CallRejected)
        self.assertEqual(self.unknown(), [])
        sending = self.send()
        self.answer("sendMsg", {"msgId": "2"})
        self.assertEqual(self.successResultOf(sending).msg_id, "2")

    def test_refused_by_wechat(self) -> None:
        """A refusal that came as a success is a result: nobody knows what it means."""
        sending = self.send()
        self.answer("sendMsg", {"status": -22})
        self.assertFalse(self.successResultOf(sending).was_done)
        self.assertFalse(self.successResultOf(self.send()).was_done)
        self.assertEqual(self.codes(), ["sendMsg"])

    def test_not_sent(self) -> None:
        """What did not leave the process leaves the key free."""
        self.connection.is_writable = False
        sending = self.send()
        self.connection.lose()
        self.failureResultOf(sending, NotSent)
        self.assertEqual(self.unknown(), [])
        self.come_back()
        sending = self.send()
        self.answer("sendMsg", {"msgId": "2"})
        self.successResultOf(sending)

    def test_connection_lost(self) -> None:
        """An unknown outcome stays unknown, and the key is not sent again."""
        self.lose(self.send())
        self.assertEqual(self.unknown(), [KEY])
        self.come_back()
        error = self.failureResultOf(self.send(), StillUnknown).value
        self.assertEqual((error.code, error.key), ("sendMsg", KEY))
        self.assertEqual(self.codes(), [])

    def test_time_limit(self) -> None:
        """A reply that comes too late does not change it."""
        sending = self.account.call(HI, key=KEY, time_limit=5)
        self.clock.advance(5)
        self.failureResultOf(sending, OutcomeUnknown)
        self.answer("sendMsg", {"msgId": "1"})
        self.failureResultOf(self.send(), StillUnknown)
        self.assertEqual(self.codes(), ["sendMsg"])

    def test_other_keys(self) -> None:
        """Another key, or none, is another send."""
        self.lose(self.send())
        self.come_back()
        for key in ("order-18", None):
            sending = self.account.call(HI, key=key)
            self.answer("sendMsg", {"msgId": "2"})
            self.successResultOf(sending)

    def test_ending_command(self) -> None:
        """Logging out with a key ends the session as it does without."""
        self.account.call(Logout(), key=KEY)
        self.answer("logout")
        self.assertNotIn(self.account.state, CALLABLE_STATES)
        self.assertIsNone(self.record().login_token)


class RestartTests(KeyedCase):
    """The next process, over the same store."""

    def restart(self) -> None:
        """Close the account, and build it anew with the same store."""
        over = self.account.close()
        self.connection.lose()
        self.successResultOf(over)
        self.account = self.build()
        self.begin()
        self.finish_login()
        self.connection.calls.clear()

    def test_done(self) -> None:
        """A result is known to the next process."""
        sending = self.send()
        self.answer("sendMsg", {"msgId": "1"})
        self.successResultOf(sending)
        self.restart()
        self.assertEqual(self.successResultOf(self.send()).msg_id, "1")
        self.assertEqual(self.codes(), [])

    def test_killed(self) -> None:
        """So is that nobody knows; here the process ended before any reply."""
        self.send().addErrback(lambda _: None)
        self.restart()
        self.failureResultOf(self.send(), StillUnknown)
        self.assertEqual(self.unknown(), [KEY])
        self.assertEqual(self.codes(), [])

    def test_another_account(self) -> None:
        """Two accounts do not know each other's keys."""
        self.lose(self.send())
        self.come_back()
        other = self.build("other")
        self.assertEqual(self.successResultOf(other.unknown_sends()), [])
        other.close()


class InFlightTests(KeyedCase):
    """The same key while its command is on its way."""

    def test_same_outcome(self) -> None:
        """Everybody who asks meanwhile gets the outcome of the one that left."""
        sending = [self.send() for _ in range(3)]
        self.assertEqual(self.codes(), ["sendMsg"])
        self.assertEqual(len(self.account._keyed), 3)
        self.answer("sendMsg", {"msgId": "1"})
        results = [self.successResultOf(each) for each in sending]
        self.assertEqual([each.msg_id for each in results], ["1"] * 3)
        self.assertEqual(len(self.account._keyed), 0)

    def test_same_failure(self) -> None:
        """A failure is everybody's as well."""
        sending = [self.send() for _ in range(2)]
        self.refuse("sendMsg", "no")
        for each in sending:
            self.failureResultOf(each, CallRejected)

    def test_told_when_stored(self) -> None:
        """A result is told when it is on the disk: told twice, it is the same."""
        held = self.hold("finish_send")
        sending = self.send()
        self.answer("sendMsg", {"msgId": "1"})
        again = self.send()
        self.assertNoResult(sending)
        held.release()
        for each in (sending, again):
            self.assertEqual(self.successResultOf(each).msg_id, "1")
        self.assertEqual(self.codes(), ["sendMsg"])

    def test_sent_when_stored(self) -> None:
        """Nothing leaves before the store has the key."""
        held = self.hold("begin_send")
        self.send().addErrback(lambda _: None)
        self.assertEqual(self.codes(), [])
        held.release()
        self.assertEqual(self.codes(), ["sendMsg"])

    def test_closed_meanwhile(self) -> None:
        """The session ends when the store knows what became of its sends."""
        held = self.hold("begin_send")
        sending = self.send()
        over = self.account.close()
        self.connection.lose()
        self.assertNoResult(over)
        held.release()
        self.failureResultOf(sending, NotSent)
        self.successResultOf(over)
        found = self.successResultOf(self.store.unknown_sends(self.key))
        self.assertEqual(found, [])

    def test_not_listed(self) -> None:
        """What is in flight is neither unknown nor to be settled."""
        sending = self.send()
        self.assertEqual(self.unknown(), [])
        settling = self.account.settle(KEY, happened=False)
        error = self.failureResultOf(settling, LocalProtocolError).value
        self.assertIn("is in flight: wait for its outcome", str(error))
        self.answer("sendMsg", {"msgId": "1"})
        self.successResultOf(sending)

    def test_bound(self) -> None:
        """A loop without an end is stopped, by those who wait for one key as well."""
        self.patch(keys, "MAX_CALLS_IN_FLIGHT", 2)
        waiting = [self.send(), self.send()]
        for key in (KEY, "order-18"):
            error = self.failureResultOf(self.send(key), NotSent).value
            self.assertIn("2 calls with a key wait for their outcome", str(error))
        self.answer("sendMsg")
        for each in waiting:
            self.successResultOf(each)
        again = self.send("order-18")
        self.answer("sendMsg")
        self.successResultOf(again)


class CancelTests(KeyedCase):
    """Who waits may leave."""

    def test_before_it_is_stored(self) -> None:
        """It does not leave, and the key is free."""
        held = self.hold("begin_send")
        sending = self.send()
        sending.cancel()
        self.failureResultOf(sending, CancelledError)
        held.release()
        self.assertEqual(self.codes(), [])
        self.assertEqual(self.unknown(), [])

    def test_before_it_left(self) -> None:
        """So when it waits for the connection."""
        self.connection.is_writable = False
        sending = self.send()
        sending.cancel()
        self.failureResultOf(sending, CancelledError)
        self.connection.let_out()
        self.assertEqual(self.codes(), [])
        self.assertEqual(self.unknown(), [])

    def test_in_flight(self) -> None:
        """What left is unknown."""
        sending = self.send()
        sending.cancel()
        self.failureResultOf(sending, OutcomeUnknown)
        self.failureResultOf(self.send(), StillUnknown)

    def test_one_of_two(self) -> None:
        """The other one goes on, and gets the outcome."""
        first, second = self.send(), self.send()
        first.cancel()
        self.failureResultOf(first, OutcomeUnknown)
        self.answer("sendMsg", {"msgId": "1"})
        self.assertEqual(self.successResultOf(second).msg_id, "1")

    def test_asked_again_in_time(self) -> None:
        """Who asks before the store answered has it sent after all."""
        held = self.hold("begin_send")
        first = self.send()
        first.cancel()
        self.failureResultOf(first, CancelledError)
        second = self.send()
        held.release()
        self.answer("sendMsg", {"msgId": "1"})
        self.assertEqual(self.successResultOf(second).msg_id, "1")

    def test_while_it_is_stored(self) -> None:
        """Its result is kept all the same."""
        held = self.hold("finish_send")
        sending = self.send()
        self.answer("sendMsg", {"msgId": "1"})
        sending.cancel()
        self.failureResultOf(sending, OutcomeUnknown)
        held.release()
        self.assertEqual(self.successResultOf(self.send()).msg_id, "1")
