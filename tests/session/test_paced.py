"""An account that is paced: who waits, who goes, what is counted, and dry runs."""

from __future__ import annotations

from twisted.internet.defer import CancelledError, Deferred, fail

from padchat_twisted.catalogue import (
    AcceptUser,
    GetContact,
    Image,
    SendMsg,
    SentMessage,
    TextMessage,
)
from padchat_twisted.errors import NotSent, OutcomeUnknown, StoreError
from padchat_twisted.interfaces import AccountKey, PacingRecord
from padchat_twisted.session.pacing import Pacing, Rate
from padchat_twisted.session.work import LARGE_BYTES, SLOWEST_UPLOAD
from padchat_twisted.testing import ready_account, text_message

from .case import INSTANT, TEXT
from .paced_case import PacedCase

#: The smallest file that is large.
LARGE = b"x" * LARGE_BYTES


class LaneTests(PacedCase):
    """Who goes first, and when."""

    def test_off_by_default(self) -> None:
        """Without the setting nothing waits, and there is nothing to look at."""
        account, connection = ready_account(clock=self.clock, store=self.store)
        self.accounts.append(account)
        self.assertIsNone(account.pacing)
        connection.calls.clear()
        for _ in range(50):
            account.send("wxid_a", TEXT).addErrback(lambda _: None)
        self.assertEqual(len(connection.calls), 50)

    def test_order(self) -> None:
        """Replies go before commands, these before pushes, these before files."""
        pacing = self.begin(overall=Rate(10.0))
        self.account.on(
            TextMessage,
            lambda account, message: self.sends.append(
                account.reply(message, "an answer")
            ),
        )
        self.send(text="first")
        self.sends.append(self.account.send("wxid_b", Image(b"abc")))
        self.send("wxid_c", "news", lane="push")
        self.sends.append(self.account.call(SendMsg("wxid_d", "a command")))
        self.connection.push(text_message("hi"))
        self.assertEqual(
            pacing.waiting, {"reply": 1, "command": 1, "push": 1, "media": 1}
        )
        self.assertEqual(self.left(), ["first"])
        for expected in ("an answer", "a command", "news", "sendImage"):
            self.clock.advance(10.0 - INSTANT)
            self.assertEqual(self.left(), [])
            self.clock.advance(INSTANT)
            self.assertEqual(self.left(), [expected])
        self.assertEqual(sum(pacing.waiting.values()), 0)

    def test_result(self) -> None:
        """What waited ends as any other call."""
        self.begin(overall=Rate(10.0))
        self.send()
        sending = self.send("wxid_b")
        self.clock.advance(10.0)
        self.answer({"msgId": "7"})
        self.assertEqual(self.successResultOf(sending).msg_id, "7")

    def test_reads_are_not_paced(self) -> None:
        """What changes nothing for others goes at once."""
        self.begin(overall=Rate(10.0))
        self.send()
        self.sends.append(self.account.call(GetContact("wxid_a")))
        self.sends.append(self.account.call_raw("getContact", {"userId": "wxid_a"}))
        self.assertEqual(self.left(), [TEXT, "getContact", "getContact"])

    def test_raw_is_paced(self) -> None:
        """What others see waits, by whatever way it is called."""
        self.begin(overall=Rate(10.0))
        self.send()
        calling = self.account.call_raw("massMsg", {"content": "raw"})
        self.assertEqual(self.left(), [TEXT])
        self.clock.advance(10.0)
        self.answer({"some": 1})
        self.assertEqual(self.left(), ["raw"])
        self.assertEqual(self.successResultOf(calling), {"some": 1})

    def test_mistake(self) -> None:
        """What cannot be sent is told at once."""
        self.begin(overall=Rate(10.0))
        self.send()
        self.not_sent(self.send("weixin"), "a system account")

    def test_too_many_wait(self) -> None:
        """At the limit no more is taken; what waits is not harmed."""
        pacing = self.begin(overall=Rate(10.0), max_waiting=2)
        waiting = [self.send(text=str(number)) for number in range(3)]
        self.not_sent(self.send(), "2 calls wait for their turn")
        self.assertEqual(pacing.refused, 1)
        for sending in waiting:
            self.assertNoResult(sending)
        self.clock.advance(10.0)
        self.assertNoResult(self.send())

    def test_longest_wait(self) -> None:
        """Who waits too long did not leave, and is told so when the time is over."""
        pacing = self.begin(overall=Rate(100.0), longest_wait=20.0)
        self.send()
        usual = self.send()
        shorter = self.account.call(SendMsg("wxid_a", TEXT), time_limit=5.0)
        longer = self.account.call(SendMsg("wxid_a", TEXT), time_limit=50.0)
        self.clock.advance(5.0 - INSTANT)
        self.assertNoResult(shorter)
        self.clock.advance(INSTANT)
        self.not_sent(shorter, "its turn did not come")
        self.clock.advance(15.0 - INSTANT)
        for sending in (usual, longer):
            self.assertNoResult(sending)
        self.clock.advance(INSTANT)
        for sending in (usual, longer):
            self.not_sent(sending, "its turn did not come")
        self.assertEqual((len(self.left()), pacing.refused), (1, 3))

    def test_shorter_wait_comes_later(self) -> None:
        """One timer does for all, also when the last one to come is the first due."""
        self.begin(kinds={"text": Rate(100.0), "friend": Rate(5.0)})
        asking = AcceptUser("v1_x", "v2_x")
        for _ in range(2):
            self.send()
        timers = len(self.clock.getDelayedCalls())
        for _ in range(2):
            self.sends.append(self.account.call(asking))
        self.assertEqual(self.left(), [TEXT, "acceptUser"])
        self.assertEqual(len(self.clock.getDelayedCalls()), timers)
        self.clock.advance(5.0)
        self.assertEqual(self.left(), ["acceptUser"])
        self.clock.advance(95.0)
        self.assertEqual(self.left(), [TEXT])

    def test_time_of_the_reply(self) -> None:
        """Who waited has the whole time for its reply."""
        self.begin(overall=Rate(10.0))
        self.send()
        sending = self.account.call(SendMsg("wxid_a", TEXT), time_limit=30.0)
        self.clock.advance(10.0)
        self.clock.advance(30.0 - INSTANT)
        self.assertNoResult(sending)
        self.clock.advance(INSTANT)
        self.failureResultOf(sending, OutcomeUnknown)

    def test_cancel(self) -> None:
        """Who is cancelled while it waits does not leave; who left is unknown."""
        pacing = self.begin(overall=Rate(10.0))
        left, waits = self.send(), self.send()
        waits.cancel()
        left.cancel()
        self.failureResultOf(waits, CancelledError)
        self.failureResultOf(left, OutcomeUnknown)
        self.clock.advance(100.0)
        self.assertEqual(len(self.left()), 1)
        self.assertEqual(pacing.sent_today, {"text": 1})

    def test_connection_lost(self) -> None:
        """Who waits when the account goes offline ends at once."""
        self.begin(overall=Rate(10.0))
        left, waits = self.send(), self.send()
        self.connection.lose()
        self.failureResultOf(left, OutcomeUnknown)
        self.not_sent(waits, "account 'bot' is retrying")
        self.not_sent(self.send(), "account 'bot' is retrying")

    def test_closed(self) -> None:
        """The end of the session is the end of all that waits."""
        self.begin(overall=Rate(10.0))
        self.send()
        waits = self.send()
        self.account.close()
        self.not_sent(waits, "account 'bot' is clos")

    def test_sends_at_each_result(self) -> None:
        """Who sends when the last one is done is paced as well."""
        pacing = self.begin(overall=Rate(1.0))
        sent: list[float] = []

        async def campaign() -> None:
            for number in range(4):
                await self.account.send("wxid_a", str(number), lane="push")
                sent.append(self.clock.seconds())

        done = Deferred.fromCoroutine(campaign())
        for _ in range(4):
            self.answer()
            self.left()
            self.clock.advance(1.0)
        self.successResultOf(done)
        self.assertEqual([later - sent[0] for later in sent], [0.0, 1.0, 2.0, 3.0])
        self.assertEqual(pacing.sent_today, {"text": 4})


class FileTests(PacedCase):
    """Files stall no chat."""

    def test_large_files(self) -> None:
        """One large file is on its way; texts pass, and the next file follows."""
        pacing = self.begin()
        for name in ("wxid_a", "wxid_b"):
            self.sends.append(self.account.send(name, Image(LARGE)))
        for _ in range(5):
            self.clock.advance(0)
        self.send("wxid_c")
        self.assertEqual(
            [call.code for call in self.connection.calls], ["sendImage", "sendMsg"]
        )
        self.assertEqual((pacing.large_uploads, pacing.waiting["media"]), (1, 1))
        self.answer()
        self.left()
        self.assertEqual((pacing.large_uploads, pacing.waiting["media"]), (1, 0))

    def test_without_the_mechanism(self) -> None:
        """Without pacing both files leave at once, and the text behind them."""
        account, connection = ready_account(clock=self.clock, store=self.store)
        self.accounts.append(account)
        connection.calls.clear()
        for name in ("wxid_a", "wxid_b"):
            self.sends.append(account.send(name, Image(LARGE)))
        for _ in range(5):
            self.clock.advance(0)
        self.sends.append(account.send("wxid_c", TEXT))
        codes = [call.code for call in connection.calls]
        self.assertEqual(codes, ["sendImage", "sendImage", "sendMsg"])

    def test_time_limit(self) -> None:
        """A file has as long as it takes on the slowest line, paced or not."""
        size = 63 * SLOWEST_UPLOAD
        for pacing in (Pacing(), None):
            account, _ = ready_account(
                clock=self.clock, store=self.store, pacing=pacing
            )
            self.accounts.append(account)
            sending = account.send("wxid_a", Image(b"x" * size))
            self.clock.pump([0.0] * 30)
            self.clock.advance(63.0 - INSTANT)
            self.assertNoResult(sending)
            self.clock.advance(INSTANT)
            self.failureResultOf(sending, OutcomeUnknown)


class CountTests(PacedCase):
    """How many were sent today."""

    def test_limit_of_a_day(self) -> None:
        """At the limit of a kind nothing of it leaves; at midnight it begins anew."""
        pacing = self.begin(per_day={"friend": 2})
        asking = AcceptUser("v1_x", "v2_x")
        for _ in range(2):
            self.sends.append(self.account.call(asking))
        self.not_sent(self.account.call(asking), "limit of 2 for friend")
        self.send()
        self.assertEqual(pacing.sent_today, {"friend": 2, "text": 1})
        self.clock.advance(12 * 3600)
        self.assertEqual(pacing.sent_today, {})
        self.assertNoResult(self.account.call(asking).addErrback(lambda _: None))

    def test_waited_into_the_limit(self) -> None:
        """Who waits while others use the day up does not leave."""
        self.begin(overall=Rate(10.0), per_day={"text": 2})
        sends = [self.send() for _ in range(3)]
        self.clock.advance(10.0)
        self.clock.advance(10.0)
        self.not_sent(sends[2], "limit of 2 for text")
        self.assertEqual(len(self.left()), 2)

    def test_restart(self) -> None:
        """The counts of the day go on after a restart, those of another do not."""
        self.begin(per_day={"text": 3})
        for _ in range(2):
            self.send()
        self.account.close()
        pacing = self.begin(per_day={"text": 3})
        self.assertEqual(pacing.sent_today, {"text": 2})
        self.assertNoResult(self.send())
        self.not_sent(self.send(), "limit of 3 for text")
        self.account.close()
        self.clock.advance(12 * 3600)
        self.assertEqual(self.begin(per_day={"text": 3}).sent_today, {})

    def test_did_not_leave(self) -> None:
        """What surely did not leave is not counted."""
        pacing = self.begin()
        self.connection.is_writable = False
        sending = self.send()
        self.assertEqual(pacing.sent_today, {"text": 1})
        self.connection.lose()
        self.failureResultOf(sending, NotSent)
        self.assertEqual(pacing.sent_today, {"text": 0})

    def test_store_fails(self) -> None:
        """A store that fails is told to the log, and harms no call."""
        self.begin()

        def save_pacing(*_: object) -> Deferred[None]:
            return fail(StoreError("here", "no room to write", "free space"))

        self.patch(self.store, "save_pacing", save_pacing)
        sending = self.send()
        self.answer()
        self.clock.advance(1.0)
        self.successResultOf(sending)
        (error,) = self.flushLoggedErrors(StoreError)
        self.assertIn("no room to write", str(error.value))


class DryRunTests(PacedCase):
    """Nothing leaves, and all else is as it would be."""

    def test_nothing_leaves(self) -> None:
        """It is paced, logged without its text, and answered with what is marked."""
        self.begin(overall=Rate(10.0), dry_run=True)
        first, second = self.send("wxid_a"), self.send("wxid_b")
        self.clock.advance(0)
        result = self.successResultOf(first)
        self.assertIs(type(result), SentMessage)
        self.assertEqual((result.msg_id, result.raw), ("", {"dryRun": True}))
        self.assertTrue(result.was_done)
        self.assertNoResult(second)
        self.clock.advance(10.0)
        self.clock.advance(0)
        self.successResultOf(second)
        self.assertEqual(self.left(), [])
        self.assertTrue(self.log.has("dry run: sendMsg to 'wxid_b' was not sent"))

    def test_raw(self) -> None:
        """A command by its name does not leave either."""
        self.begin(dry_run=True)
        calling = self.account.call_raw("massMsg", {"content": TEXT})
        self.clock.advance(0)
        self.assertEqual(self.successResultOf(calling), {"dryRun": True})
        self.assertEqual(self.left(), [])

    def test_reads_leave(self) -> None:
        """What only asks is asked."""
        self.begin(dry_run=True)
        self.sends.append(self.account.call(GetContact("wxid_a")))
        self.assertEqual(self.left(), ["getContact"])

    def test_counts_are_not_stored(self) -> None:
        """The day of the real account is not used up by it."""
        pacing = self.begin(dry_run=True, per_day={"text": 2})
        for _ in range(2):
            self.send()
        self.not_sent(self.send(), "limit of 2 for text")
        self.assertEqual(pacing.sent_today, {"text": 2})
        self.clock.advance(60.0)
        self.account.close()
        self.assertEqual(self.begin().sent_today, {})

    def test_cancel(self) -> None:
        """It can be cancelled as any call, and leaves nothing behind."""
        self.begin(dry_run=True)
        sending = self.send()
        sending.cancel()
        self.failureResultOf(sending, CancelledError)


class RecordTests(PacedCase):
    """What the store of a session has."""

    def test_in_groups(self) -> None:
        """Many sends are stored at once."""
        saved: list[PacingRecord] = []
        self.begin()
        save = self.store.save_pacing

        def save_pacing(key: AccountKey, record: PacingRecord) -> Deferred[None]:
            saved.append(record)
            return save(key, record)

        self.patch(self.store, "save_pacing", save_pacing)
        for _ in range(100):
            self.send()
        self.assertEqual(saved, [])
        self.clock.advance(1.0)
        self.assertEqual([record.counts for record in saved], [{"text": 100}])
