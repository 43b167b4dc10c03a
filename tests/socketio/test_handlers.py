"""Who hears which event."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.socketio.handlers import MAX_HANDLERS, Handlers, Listeners
from padchat_twisted.wire.socketio import RESERVED_EVENTS


def one() -> None:
    """Handle something."""


def other() -> None:
    """Handle something else."""


class HandlersTests(SynchronousTestCase):
    """One handler for each name."""

    def test_found_by_name(self) -> None:
        """A handler is found by the name that it was registered for, else None."""
        handlers = Handlers()
        handlers.on("a", one)
        self.assertIs(handlers.find("a"), one)
        self.assertIsNone(handlers.find("b"))

    def test_a_second_one_is_refused(self) -> None:
        """Two handlers would give two answers."""
        handlers = Handlers()
        handlers.on("a", one)
        error = self.assertRaises(LocalProtocolError, handlers.on, "a", other)
        self.assertIn("has a handler already", str(error))

    def test_taken_away(self) -> None:
        """What `on` returned takes the handler away, and never the one after it."""
        handlers = Handlers()
        remove = handlers.on("a", one)
        remove()
        self.assertIsNone(handlers.find("a"))
        handlers.on("a", other)
        remove()
        self.assertIs(handlers.find("a"), other)

    def test_reserved_names_are_refused(self) -> None:
        """Names that Socket.IO keeps for itself have no handlers."""
        for name in RESERVED_EVENTS:
            error = self.assertRaises(LocalProtocolError, Handlers().on, name, one)
            self.assertIn("Socket.IO keeps", str(error))

    def test_bound(self) -> None:
        """One too many is refused; one that is taken away makes room."""
        handlers = Handlers()
        removals = [handlers.on(str(number), one) for number in range(MAX_HANDLERS)]
        self.assertEqual(len(handlers), MAX_HANDLERS)
        error = self.assertRaises(LocalProtocolError, handlers.on, "a", one)
        self.assertIn("register each once", str(error))
        removals[0]()
        handlers.on("a", one)


class ListenersTests(SynchronousTestCase):
    """Several want to know of one thing."""

    def test_order_and_removal(self) -> None:
        """They come in order; one that is there twice goes once at a time."""
        listeners = Listeners()
        first = listeners.add(one)
        listeners.add(other)
        listeners.add(one)
        self.assertEqual(listeners.all(), (one, other, one))
        first()
        first()
        self.assertEqual(listeners.all(), (other, one))

    def test_bound(self) -> None:
        """One too many is refused; one that is taken away makes room."""
        listeners = Listeners()
        removals = [listeners.add(one) for _ in range(MAX_HANDLERS)]
        self.assertRaises(LocalProtocolError, listeners.add, one)
        removals[0]()
        listeners.add(other)
        self.assertEqual(len(listeners), MAX_HANDLERS)
