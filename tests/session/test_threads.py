"""Handlers in threads."""

from __future__ import annotations

import threading
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase, TestCase

from padchat_twisted.catalogue import TextMessage
from padchat_twisted.errors import Disconnected, LocalProtocolError, NotSent
from padchat_twisted.session.account import AccountSession
from padchat_twisted.session.threads import call_from_thread, in_thread
from padchat_twisted.testing import FakeConnection, ready_account, text_message

reactor: Any = _reactor


class ThreadTests(TestCase):
    """On the real reactor, whose threads are the point."""

    timeout = 30

    async def setUp(self) -> None:  # type: ignore[override] # trial waits for it
        """Log an account in, at a fake gateway."""
        self.account: AccountSession
        self.gateway: FakeConnection
        self.account, self.gateway = ready_account(clock=reactor)
        self.addCleanup(self.account.close)

    async def test_other_conversations_go_on(self) -> None:
        """A handler that blocks keeps only its conversation busy."""
        go_on = threading.Event()
        done: Deferred[None] = Deferred()
        order: list[str] = []

        @in_thread
        def handle(_: AccountSession, message: TextMessage) -> None:
            if message.from_user == "slow":
                go_on.wait()
            self.assertIsNot(threading.current_thread(), threading.main_thread())
            order.append(message.text)
            if message.text == "last":
                reactor.callFromThread(done.callback, None)

        def release(_: AccountSession, message: TextMessage) -> None:
            if message.text == "quick":
                go_on.set()

        self.account.on(TextMessage, handle)
        self.account.on(TextMessage, release)
        self.gateway.push(text_message("first", from_user="slow"))
        self.gateway.push(text_message("last", from_user="slow"))
        self.gateway.push(text_message("quick", from_user="other"))
        await done
        self.assertEqual(order, ["quick", "first", "last"])
        self.assertEqual(handle.__name__, "handle")

    async def test_queue_of_the_pool(self) -> None:
        """What waits for a thread counts, so that reading pauses in time."""
        go_on = threading.Event()
        self.addCleanup(go_on.set)
        count = 3 * reactor.getThreadPool().max
        done: list[Deferred[None]] = []

        @in_thread
        def block(_: AccountSession, __: TextMessage) -> None:
            go_on.wait()

        def note(account: AccountSession, message: TextMessage) -> Deferred[None]:
            done.append(block(account, message))
            return done[-1]

        self.account.on(TextMessage, note)
        for number in range(count):
            self.gateway.push(text_message("a", from_user=f"wxid_{number}"))
        self.assertEqual(self.account.waiting_events, count)
        go_on.set()
        await gatherResults(done)
        self.assertEqual(self.account.waiting_events, 0)

    async def test_failure(self) -> None:
        """What it raises is logged as with every handler, and the next one runs."""
        seen: Deferred[TextMessage] = Deferred()

        @in_thread
        def fails(_: AccountSession, __: TextMessage) -> None:
            raise ValueError("a mistake")

        self.account.on(TextMessage, fails)
        self.account.on(TextMessage, lambda _, message: seen.callback(message))
        self.gateway.push(text_message("a"))
        await seen
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
        self.assertEqual(self.account.handler_failures, 1)

    async def test_call_from_thread(self) -> None:
        """Calls go through the reactor, and their outcome comes back."""
        outcomes: Deferred[list[object]] = Deferred()

        @in_thread
        def handle(account: AccountSession, message: TextMessage) -> None:
            def answer() -> Deferred[Any]:
                replying = account.reply(message, "yes")
                (call,) = self.gateway.calls
                self.gateway.reply(call.call_id, {"msgId": "7"})
                return replying

            found: list[object] = [call_from_thread(account, answer).msg_id]
            try:
                call_from_thread(account, account.send, "", "x" * 100_000)
            except NotSent as error:
                found.append(type(error))
            reactor.callFromThread(outcomes.callback, found)

        self.gateway.calls.clear()
        self.account.on(TextMessage, handle)
        self.gateway.push(text_message("a"))
        self.assertEqual(await outcomes, ["7", NotSent])


class ClosedTests(SynchronousTestCase):
    """After the end."""

    def test_closed(self) -> None:
        """Nothing is called any more, so that nobody waits for ever."""
        account, _ = ready_account()
        account.close()
        with self.assertRaises(Disconnected):
            call_from_thread(account, account.when_closed)


class ClockTests(SynchronousTestCase):
    """With a clock there are no threads."""

    def test_clock(self) -> None:
        """A handler in a thread fails, and says why."""
        account, gateway = ready_account(clock=Clock())
        account.on(TextMessage, in_thread(lambda _, __: None))
        gateway.push(text_message("a"))
        (failure,) = self.flushLoggedErrors(LocalProtocolError)
        self.assertIn("no threads", str(failure.value))
        account.close()
