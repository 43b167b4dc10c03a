"""Commands with a key that wait for their turn: stored when it has come."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import CancelledError, Deferred, fail, succeed

from padchat_twisted.catalogue import SendMsg
from padchat_twisted.errors import (
    CallRejected,
    OutcomeUnknown,
    StillUnknown,
    StoreError,
)
from padchat_twisted.interfaces import AccountKey, KeyedSend
from padchat_twisted.session.kept import fingerprint_of
from padchat_twisted.session.pacing import Pacing, Rate
from padchat_twisted.store import MemoryStore

from .case import TEXT
from .keyed import Held
from .paced_case import PacedCase

#: Time between two sends (seconds).
EVERY = 10.0


class KeyedPacedCase(PacedCase):
    """An account whose first send has left, so that the next ones wait."""

    def setUp(self) -> None:
        """Be ready, and use the first turn up."""
        super().setUp()
        self.pacing = self.begin(overall=Rate(EVERY))
        self.send("wxid_z", "first")
        self.assertEqual(self.left(), ["first"])

    def keyed(
        self, text: str = "one", key: str = "k", to: str = "wxid_a"
    ) -> Deferred[Any]:
        """Send a text with a key."""
        sending = self.account.send(to, text, key=key)
        self.sends.append(sending)
        return sending

    def kept(self) -> list[str]:
        """Return the keys that the store has as unknown, in flight or not."""
        found = self.store.unknown_sends(self.account._key)
        return [send.key for send in self.successResultOf(found)]

    def hold(self, name: str) -> Held:
        """Hold back what a method of the store tells."""
        held = Held(getattr(self.store, name))
        self.patch(self.store, name, held)
        return held

    def assert_free(self, key: str = "k") -> None:
        """Check that a key may be used, and leave it as it is."""
        found = self.store.find_send(self.account._key, key)
        self.assertIsNone(self.successResultOf(found))


class TurnTests(KeyedPacedCase):
    """Before its turn, at its turn, and behind it."""

    def test_waiting_is_not_stored(self) -> None:
        """What waits is not in the store: after a crash it may be sent."""
        self.keyed()
        self.assertEqual((self.kept(), self.left()), ([], []))
        self.clock.advance(EVERY)
        self.assertEqual((self.kept(), self.left()), (["k"], ["one"]))

    def test_stored_first(self) -> None:
        """When its turn has come it does not leave before it is stored."""
        held = self.hold("begin_send")
        sending = self.keyed()
        self.clock.advance(EVERY)
        self.assertEqual((self.kept(), self.left()), (["k"], []))
        held.release()
        [call] = self.connection.calls
        self.connection.reply(call.call_id, {"msgId": "7"})
        self.assertEqual(self.successResultOf(sending).msg_id, "7")
        self.assertEqual(self.kept(), [])
        again = self.successResultOf(self.keyed())
        self.assertEqual(again.msg_id, "7")

    def test_time(self) -> None:
        """The time that is stored is that of its leaving."""
        self.patch(self.account._keyed, "_now", self.clock.seconds)
        self.keyed()
        self.clock.advance(EVERY)
        found = self.successResultOf(self.store.find_send(self.account._key, "k"))
        self.assertEqual(found and found.began, self.clock.seconds())

    def test_same_key_twice(self) -> None:
        """A second send with a key that waits is the same one: it leaves once."""
        both = [self.keyed(), self.keyed()]
        self.assertEqual(self.pacing.waiting["command"], 1)
        self.clock.advance(3 * EVERY)
        [call] = self.connection.calls
        self.connection.reply(call.call_id, {"msgId": "7"})
        for sending in both:
            self.assertEqual(self.successResultOf(sending).msg_id, "7")

    def test_same_key_while_it_is_stored(self) -> None:
        """The same between its turn and its leaving."""
        held = self.hold("begin_send")
        first = self.keyed()
        self.clock.advance(EVERY)
        second = self.keyed()
        held.release()
        self.clock.advance(3 * EVERY)
        self.assertEqual(self.left(), ["one"])
        self.assertNoResult(first)
        self.assertNoResult(second)

    def test_another_command(self) -> None:
        """Another command under a key that waits is refused at once."""
        self.keyed()
        self.not_sent(self.keyed("other"), "belongs to another command")

    def test_known_key(self) -> None:
        """What is known of a key is told without a turn."""
        self.keyed()
        self.clock.advance(EVERY)
        self.answer({"msgId": "7"})
        # Another one waits now.
        self.send("wxid_b", "two")
        waiting = self.pacing.waiting["command"]
        self.assertEqual(self.successResultOf(self.keyed()).msg_id, "7")
        self.not_sent(self.keyed("other"), "belongs to another command")
        account = self.account._key
        fingerprint = fingerprint_of(account, "u", SendMsg("wxid_a", "one"))
        unknown = KeyedSend("u", "sendMsg", "wxid_a", fingerprint, self.clock.seconds())
        self.successResultOf(self.store.begin_send(account, unknown))
        self.failureResultOf(self.keyed(key="u"), StillUnknown)
        self.assertEqual(self.pacing.waiting["command"], waiting)

    def test_order(self) -> None:
        """While a key is being stored, its conversation waits, and no other one."""
        self.begin()
        held = self.hold("begin_send")
        self.keyed("one")
        self.send("wxid_a", "two")
        self.keyed("three", key="l")
        self.send("wxid_b", "elsewhere")
        self.assertEqual(self.left(), ["elsewhere"])
        held.release()
        self.clock.advance(0)
        self.assertEqual(self.left(), ["one", "two"])
        held.release()
        self.assertEqual(self.left(), ["three"])

    def test_many(self) -> None:
        """Hundreds at once are no trouble for a store that is done at once."""
        self.begin(max_waiting=2000)
        for number in range(1000):
            self.keyed(str(number), key=f"k{number}")
        self.assertEqual(self.left(), [str(number) for number in range(1000)])


class TroubleTests(KeyedPacedCase):
    """What ends before it has left."""

    def test_turn_does_not_come(self) -> None:
        """It is safe to repeat, and the store was never written."""
        forgets = self.hold("forget_send")
        sending = self.account.call(SendMsg("wxid_a", "one"), key="k", time_limit=5)
        self.clock.advance(5)
        self.not_sent(sending, "its turn did not come")
        self.assertEqual(forgets._waiting, [])
        self.assert_free()

    def test_cancelled_while_it_waits(self) -> None:
        """It does not leave, and its key is free."""
        sending = self.keyed()
        sending.cancel()
        self.failureResultOf(sending, CancelledError)
        self.clock.advance(3 * EVERY)
        self.assertEqual(self.left(), [])
        self.assert_free()

    def test_one_of_two_cancelled(self) -> None:
        """The other one who waits gets its result."""
        first, second = self.keyed(), self.keyed()
        first.cancel()
        self.failureResultOf(first, OutcomeUnknown)
        self.clock.advance(EVERY)
        self.answer()
        self.successResultOf(second)

    def test_cancelled_while_it_is_stored(self) -> None:
        """The store goes on, so the key is made free behind that."""
        held = self.hold("begin_send")
        sending = self.keyed()
        self.clock.advance(EVERY)
        self.assertEqual(self.kept(), ["k"])
        sending.cancel()
        self.failureResultOf(sending, CancelledError)
        held.release()
        self.assertEqual(self.left(), [])
        self.assert_free()
        self.assertEqual(self.pacing.sent_today["text"], 1)
        self.keyed("two", key="l")
        self.clock.advance(EVERY)
        held.release()
        self.assertEqual(self.left(), ["two"])

    def test_cancelled_while_another_process_has_it(self) -> None:
        """What another process noted under the key is not forgotten for it."""
        held = self.hold("begin_send")
        sending = self.keyed()
        fingerprint = fingerprint_of(self.account._key, "k", SendMsg("wxid_a", "one"))
        noted = KeyedSend("k", "sendMsg", "wxid_a", fingerprint, 0.0)
        MemoryStore.begin_send(self.store, self.account._key, noted)
        self.clock.advance(EVERY)
        sending.cancel()
        self.failureResultOf(sending, CancelledError)
        held.release()
        self.assertEqual((self.kept(), self.left()), (["k"], []))

    def test_wanted_again_while_it_is_stored(self) -> None:
        """Who asks for it again before the store has answered gets it."""
        held = self.hold("begin_send")
        first = self.keyed()
        self.clock.advance(EVERY)
        first.cancel()
        self.failureResultOf(first, CancelledError)
        second = self.keyed()
        held.release()
        [call] = self.connection.calls
        self.connection.reply(call.call_id, {"msgId": "7"})
        self.assertEqual(self.successResultOf(second).msg_id, "7")

    def test_store_fails(self) -> None:
        """What cannot be stored does not leave, and is not counted."""
        error = StoreError("store.sqlite", "is full", "make room")
        self.patch(self.store, "begin_send", lambda *_: fail(error))
        sending = self.keyed()
        self.send("wxid_a", "two")
        self.clock.advance(EVERY)
        self.not_sent(sending, "is full")
        self.assertEqual(self.pacing.sent_today["text"], 1)
        self.clock.advance(EVERY)
        self.assertEqual(self.left(), ["two"])

    def test_key_used_meanwhile(self) -> None:
        """A key that another process used meanwhile is left as it is."""
        sending = self.keyed()
        other = KeyedSend("k", "sendMsg", "wxid_a", "0" * 16, self.clock.seconds())
        self.successResultOf(self.store.begin_send(self.account._key, other))
        self.clock.advance(EVERY)
        self.not_sent(sending, "was used meanwhile")
        self.assertEqual((self.left(), self.kept()), ([], ["k"]))

    def test_lost_while_it_is_stored(self) -> None:
        """A connection that goes in between takes nothing with it."""
        held = self.hold("begin_send")
        sending = self.keyed()
        self.clock.advance(EVERY)
        self.connection.lose()
        held.release()
        self.not_sent(sending, "is retrying")
        self.assert_free()

    def stored_after(self, seconds: float) -> Deferred[Any]:
        """Send a text whose key the store notes so long after its turn."""
        held = self.hold("begin_send")
        sending = self.account.call(
            SendMsg("wxid_a", "one"), key="k", time_limit=2 * EVERY
        )
        self.sends.append(sending)
        self.clock.advance(EVERY)
        self.clock.advance(seconds)
        held.release()
        return sending

    def test_stored_in_time(self) -> None:
        """Until the end of its time limit a slow store holds nothing up."""
        self.stored_after(EVERY)
        self.assertEqual(self.left(), ["one"])

    def test_stored_too_late(self) -> None:
        """What is noted behind its time limit does not leave any more."""
        self.not_sent(self.stored_after(EVERY + 1), "within its time limit")
        self.assert_free()
        self.assertEqual(self.left(), [])

    def test_cool_down_while_it_is_stored(self) -> None:
        """What the gateway finds too often meanwhile ends what would leave."""
        held = self.hold("begin_send")
        self.send("wxid_b", "two")
        self.clock.advance(EVERY)
        sending = self.keyed()
        self.clock.advance(EVERY)
        self.refuse("操作过于频繁")
        held.release()
        self.not_sent(sending, "too often")
        self.assert_free()

    def test_refused_by_the_gateway(self) -> None:
        """A refusal frees the key, as without pacing."""
        sending = self.keyed()
        self.clock.advance(EVERY)
        self.refuse("no")
        self.failureResultOf(sending, CallRejected)
        self.assert_free()

    def test_closed(self) -> None:
        """An end in good order leaves nothing unknown of what waited."""
        sending = self.keyed()
        self.successResultOf(self.account.close())
        self.not_sent(sending, "is clos")
        self.assert_free()

    def test_dry_run(self) -> None:
        """A dry run uses no key up."""
        pacing = Pacing(unix_time=self.clock.seconds, dry_run=True)
        self.begin(pacing)
        sending = self.keyed()
        self.clock.advance(0)
        self.assertEqual(self.successResultOf(sending).raw, {"dryRun": True})
        self.assert_free()
        self.begin()
        self.keyed()
        self.assertEqual(self.left(), ["one"])

    def test_text(self) -> None:
        """The log tells no text."""
        self.keyed(TEXT)
        error = StoreError("store.sqlite", "is full", "make room")
        self.patch(self.store, "forget_send", lambda *_: fail(error))
        self.clock.advance(EVERY)
        self.refuse("no")
        self.assertTrue(self.log.has("is not stored"))


class NullCollaboratorTests(KeyedPacedCase):
    """A store that knows no key."""

    def test_twice(self) -> None:
        """Without it the same key leaves again, so the looks above would see that."""

        def nothing(*_: AccountKey | KeyedSend | str) -> Deferred[None]:
            return succeed(None)

        for name in ("begin_send", "find_send", "finish_send", "forget_send"):
            self.patch(self.store, name, nothing)
        for _ in range(2):
            self.keyed()
            self.clock.advance(EVERY)
            self.answer()
            self.clock.advance(EVERY)
        self.assertEqual(self.left(), ["one", "one"])
