"""Events to handlers: order, parallel conversations, failures, back-pressure."""

from __future__ import annotations

import sys
from collections.abc import Callable

from twisted.internet.defer import Deferred, fail, succeed
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    Contact,
    Event,
    LoginEvent,
    Message,
    SystemMessage,
    TextMessage,
    Warn,
)
from padchat_twisted.session.dispatch import Dispatch
from padchat_twisted.session.handlers import HandlerFailed
from padchat_twisted.session.states import StateChanged

from .case import TEXT, LogWatch


def text(content: str, from_user: str = "a", to_user: str = "bot") -> TextMessage:
    """Build a message."""
    return TextMessage(content=content, from_user=from_user, to_user=to_user)


class DispatchCase(SynchronousTestCase):
    """A dispatch whose account is a plain object."""

    def setUp(self) -> None:
        """Build it."""
        self.account = object()
        self.paused: list[bool] = []
        self.dispatch = Dispatch(self.account, "bot", self.paused.append)
        self.ran: list[str] = []
        self.open: dict[str, Deferred[None]] = {}

    def sync(self, account: object, event: Event) -> None:
        """Handle it at once."""
        self.ran.append(getattr(event, "content", type(event).__name__))

    def saying(self, what: str) -> Callable[[object, object], None]:
        """Build a handler that says something."""
        return lambda account, event: self.ran.append(what)

    def slow(self, account: object, event: TextMessage) -> Deferred[None]:
        """Handle it until ``done`` is called."""
        self.ran.append(event.content)
        self.open[event.content] = Deferred()
        return self.open[event.content]

    async def coroutine(self, account: object, event: TextMessage) -> None:
        """Handle it until ``done`` is called, and say when that was."""
        await self.slow(account, event)
        self.ran.append(f"{event.content} done")

    def done(self, content: str) -> None:
        """End the handling of an event."""
        self.open.pop(content).callback(None)

    def deliver(self, *events: object) -> None:
        """Deliver events, one after the other."""
        for event in events:
            self.dispatch.deliver(event)


class RegistrationTests(DispatchCase):
    """Which handlers an event reaches."""

    def test_arguments(self) -> None:
        """A handler gets the account and the event."""
        got: list[tuple[object, object]] = []
        self.dispatch.on(
            TextMessage, lambda account, event: got.append((account, event))
        )
        event = text("1")
        self.deliver(event)
        self.assertEqual(got, [(self.account, event)])
        self.assertIs(got[0][0], self.account)

    def test_classes_below(self) -> None:
        """A handler of a class gets what is below it, and nothing beside it."""
        self.dispatch.on(Message, self.sync)
        self.deliver(text("1"), SystemMessage(content="2"), Contact(), LoginEvent())
        self.assertEqual(self.ran, ["1", "2"])

    def test_most_special_first(self) -> None:
        """Handlers of the event's own class come before those of classes above."""
        for kind in (Event, Message, TextMessage):
            self.dispatch.on(kind, self.saying(kind.__name__))
        self.deliver(text("1"))
        self.assertEqual(self.ran, ["TextMessage", "Message", "Event"])

    def test_same_class(self) -> None:
        """Handlers of one class run in the order of their registration."""
        for name in "abc":
            self.dispatch.on(TextMessage, self.saying(name))
        self.deliver(text("1"))
        self.assertEqual(self.ran, ["a", "b", "c"])

    def test_later_registration(self) -> None:
        """A handler may come when events of its kind were there already."""
        self.deliver(text("1"))
        self.dispatch.on(Message, self.sync)
        self.deliver(text("2"))
        self.assertEqual(self.ran, ["2"])

    def test_remove(self) -> None:
        """A handler that was taken away is not called; the others are."""
        remove = self.dispatch.on(TextMessage, self.sync)
        self.dispatch.on(TextMessage, self.saying("other"))
        self.deliver(text("1"))
        remove()
        self.deliver(text("2"))
        self.assertEqual(self.ran, ["1", "other", "other"])

    def test_remove_twice(self) -> None:
        """To take one registration away twice leaves an equal one alone."""
        remove = self.dispatch.on(TextMessage, self.sync)
        self.dispatch.on(TextMessage, self.sync)
        remove()
        remove()
        self.deliver(text("1"))
        self.assertEqual(self.ran, ["1"])

    def test_remove_itself(self) -> None:
        """A handler may take itself away while it runs."""
        removes = [self.dispatch.on(TextMessage, lambda _, e: removes.pop()())]
        self.dispatch.on(TextMessage, self.sync)
        self.deliver(text("1"), text("2"))
        self.assertEqual(self.ran, ["1", "2"])


class HandlerFailedTests(DispatchCase):
    """Who wants to know hears of what raised."""

    def setUp(self) -> None:
        """Listen."""
        super().setUp()
        self.failed: list[HandlerFailed] = []
        self.dispatch.on(HandlerFailed, lambda _, failed: self.failed.append(failed))

    def raises(self, account: object, event: Event) -> None:
        """Raise."""
        raise ValueError(TEXT)

    def test_told(self) -> None:
        """At once or later, with the handler, the event and the error."""
        self.dispatch.on(TextMessage, self.raises)
        self.dispatch.on(TextMessage, self.slow)
        message = text("a")
        self.deliver(message)
        self.open["a"].errback(KeyError())
        self.assertEqual(
            [failed.handler for failed in self.failed],
            ["HandlerFailedTests.raises", "DispatchCase.slow"],
        )
        self.assertIs(self.failed[0].event, message)
        self.assertIsInstance(self.failed[1].error, KeyError)
        self.assertNotIn("content", repr(self.failed[0]))
        self.flushLoggedErrors(ValueError, KeyError)

    def test_its_own_failure(self) -> None:
        """Who fails while it hears of a failure is not told of that."""
        self.dispatch.on(HandlerFailed, self.raises)
        self.dispatch.on(TextMessage, self.raises)
        self.deliver(text("a"))
        self.assertEqual(len(self.failed), 1)
        self.assertEqual(self.dispatch.failures, 2)
        self.flushLoggedErrors(ValueError)


class OrderTests(DispatchCase):
    """In order in a conversation, conversations side by side."""

    def test_one_conversation(self) -> None:
        """The next event waits for the handler of the one before."""
        self.dispatch.on(TextMessage, self.slow)
        self.deliver(text("1"), text("2"), text("3"))
        self.assertEqual(self.ran, ["1"])
        self.done("1")
        self.assertEqual(self.ran, ["1", "2"])
        self.done("2")
        self.done("3")
        self.deliver(text("4"))
        self.assertEqual(self.ran, ["1", "2", "3", "4"])

    def test_coroutines(self) -> None:
        """The same holds for coroutine functions."""
        self.dispatch.on(TextMessage, self.coroutine)
        self.deliver(text("1"), text("2"))
        self.assertEqual(self.ran, ["1"])
        self.done("1")
        self.assertEqual(self.ran, ["1", "1 done", "2"])

    def test_conversations_do_not_wait(self) -> None:
        """A slow handler holds up its own conversation only."""
        self.dispatch.on(TextMessage, self.slow)
        self.deliver(text("a1"), text("b1", "b"), text("a2"), text("b2", "b"))
        self.assertEqual(self.ran, ["a1", "b1"])
        self.done("b1")
        self.assertEqual(self.ran, ["a1", "b1", "b2"])

    def test_room_is_a_conversation(self) -> None:
        """All of a room is in order, the account's own messages included."""
        self.dispatch.on(TextMessage, self.slow)
        self.deliver(text("1", "7@chatroom"), text("2", "bot", "7@chatroom"))
        self.assertEqual(self.ran, ["1"])
        self.done("1")
        self.assertEqual(self.ran, ["1", "2"])

    def test_handlers_of_one_event(self) -> None:
        """They follow each other, slow or not, before the next event."""
        self.dispatch.on(TextMessage, self.slow)
        self.dispatch.on(TextMessage, lambda _, e: self.ran.append(f"{e.content} too"))
        self.deliver(text("1"), text("2"))
        self.assertEqual(self.ran, ["1"])
        self.done("1")
        self.assertEqual(self.ran, ["1", "1 too", "2"])

    def test_finished_deferred(self) -> None:
        """A Deferred that has fired is not waited for."""
        self.dispatch.on(TextMessage, lambda _, e: succeed(None))
        self.dispatch.on(TextMessage, self.sync)
        self.deliver(text("1"), text("2"))
        self.assertEqual(self.ran, ["1", "2"])
        self.assertEqual(self.dispatch.pending, 0)

    def test_chained_deferred(self) -> None:
        """A Deferred that fired with another one is waited for."""
        inner: Deferred[None] = Deferred()
        self.dispatch.on(
            TextMessage, lambda _, e: succeed(None).addCallback(lambda _: inner)
        )
        self.dispatch.on(TextMessage, self.sync)
        self.deliver(text("1"))
        self.assertEqual(self.ran, [])
        inner.callback(None)
        self.assertEqual(self.ran, ["1"])

    def test_other_return_values(self) -> None:
        """What a handler returns else is not looked at."""
        self.dispatch.on(TextMessage, lambda _, e: 5)
        self.dispatch.on(TextMessage, self.sync)
        self.deliver(text("1"))
        self.assertEqual(self.ran, ["1"])

    def test_caused_event_comes_after_its_cause(self) -> None:
        """What a handler brings about waits until its event was handled."""
        changed = StateChanged("ready", "closing")
        self.dispatch.on(LoginEvent, lambda _, e: self.deliver(changed))
        self.dispatch.on(LoginEvent, self.sync)
        self.dispatch.on(StateChanged, lambda _, e: self.ran.append(e.new))
        self.deliver(LoginEvent())
        self.assertEqual(self.ran, ["LoginEvent", "closing"])

    def test_many_caused_at_once(self) -> None:
        """However many events a handler causes, they come, in their order."""
        numbers: list[int] = []

        def cause(_: object, __: StateChanged) -> None:
            for number in range(3000):
                self.dispatch.deliver(number)

        def count(_: object, number: int) -> None:
            numbers.append(number)
            if number == 0:
                self.dispatch.deliver(3000)

        self.dispatch.on(StateChanged, cause)
        self.dispatch.on(int, count)
        self.dispatch.deliver(StateChanged("offline", "connecting"))
        self.assertEqual(numbers, list(range(3001)))

    def test_caused_by_a_slow_handler(self) -> None:
        """It also waits when that handler goes on afterwards."""
        changed = StateChanged("ready", "closing")
        opened: list[Deferred[None]] = []

        async def slow(account: object, event: object) -> None:
            if not opened:
                self.deliver(changed)
            opened.append(Deferred())
            await opened[-1]
            self.ran.append(type(event).__name__)

        self.dispatch.on(LoginEvent, slow)
        self.dispatch.on(StateChanged, slow)
        self.deliver(LoginEvent())
        self.assertEqual(len(opened), 1)
        opened[0].callback(None)
        opened[1].callback(None)
        self.assertEqual(self.ran, ["LoginEvent", "StateChanged"])
        self.deliver(LoginEvent())
        self.assertEqual(len(opened), 3)
        opened[2].callback(None)

    def test_fired_from_another_handler(self) -> None:
        """A handler may end the one that another conversation waits for."""
        self.dispatch.on(Warn, lambda _, e: self.done("1"))
        self.dispatch.on(Warn, lambda _, e: self.deliver(LoginEvent()))
        self.dispatch.on(Warn, self.saying("warned"))
        self.dispatch.on(LoginEvent, self.sync)
        self.dispatch.on(TextMessage, self.slow)
        self.deliver(text("1"), text("2"), Warn())
        self.assertEqual(self.ran, ["1", "2", "warned", "LoginEvent"])
        self.done("2")

    def test_caused_while_others_waited(self) -> None:
        """What the handler of an event that had waited brings about comes too."""
        self.dispatch.on(Warn, self.sync)
        self.dispatch.on(TextMessage, self.slow)
        self.dispatch.on(
            TextMessage,
            lambda _, e: self.deliver(Warn()) if e.content == "2" else None,
        )
        self.deliver(text("1"), text("2"))
        self.done("1")
        self.done("2")
        self.assertEqual(self.ran, ["1", "2", "Warn"])

    def test_many_without_recursion(self) -> None:
        """A long queue of quick handlers does not deepen the stack."""
        count = 2 * sys.getrecursionlimit()

        def slow_at_first(account: object, event: TextMessage) -> object:
            if event.content == "0":
                return self.slow(account, event)
            self.ran.append(event.content)
            return None

        self.dispatch.on(TextMessage, slow_at_first)
        self.deliver(*(text(str(number)) for number in range(count)))
        self.done("0")
        self.assertEqual(self.ran, [str(number) for number in range(count)])
        self.assertEqual(self.dispatch.pending, 0)


class FailureTests(DispatchCase):
    """A failing handler harms nobody else."""

    def setUp(self) -> None:
        """Watch the log."""
        super().setUp()
        self.log = LogWatch()
        globalLogPublisher.addObserver(self.log)
        self.addCleanup(globalLogPublisher.removeObserver, self.log)

    def raising(self, account: object, event: object) -> None:
        """Fail at once."""
        raise ZeroDivisionError

    async def failing(self, account: object, event: object) -> None:
        """Fail in a coroutine."""
        raise ZeroDivisionError

    def failed(self, account: object, event: object) -> Deferred[None]:
        """Fail by a Deferred that has fired."""
        return fail(ZeroDivisionError())

    def test_others_go_on(self) -> None:
        """Other handlers and later events run, however a handler fails."""
        for handler in (self.raising, self.failing, self.failed):
            self.dispatch.on(TextMessage, handler)
        self.dispatch.on(TextMessage, self.sync)
        self.deliver(text("1"), text("2"))
        self.assertEqual(self.ran, ["1", "2"])
        self.assertEqual(self.dispatch.failures, 6)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 6)

    def test_late_failure(self) -> None:
        """A handler that fails after a while lets its conversation go on."""
        self.dispatch.on(TextMessage, self.slow)
        self.deliver(text("1"), text("2"))
        self.open.pop("1").errback(ZeroDivisionError())
        self.assertEqual(self.ran, ["1", "2"])
        self.assertEqual(self.dispatch.failures, 1)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.done("2")

    def test_log(self) -> None:
        """The log names account, handler and event, and tells no text of it."""
        self.dispatch.on(TextMessage, self.raising)
        self.deliver(text(TEXT))
        self.flushLoggedErrors(ZeroDivisionError)
        self.assertTrue(
            self.log.has(
                "handler FailureTests.raising of account bot failed on TextMessage"
            )
        )
        self.assertFalse(self.log.has(TEXT))
