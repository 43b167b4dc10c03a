"""Tests of padchat_twisted.wire.engineio_connection: every state, every input.

What time does is in test_engineio_deadlines.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import Disconnected, PadChatError
from padchat_twisted.wire.engineio import Packet
from padchat_twisted.wire.engineio_connection import EngineIOConnection, EngineState
from padchat_twisted.wire.limits import CLOSE_TIMEOUT
from padchat_twisted.wire.told import (
    Closed,
    HttpFailed,
    HttpRequest,
    HttpResponse,
    Lost,
    Role,
    SendWebSocket,
    Told,
    WebSocketClosed,
    WebSocketOpened,
)

from .engines import CLIENT, LIMIT, SERVER, binary, in_state, opened, shown, text
from .joined import OPEN_PACKET

INPUTS: dict[str, Told] = {
    "opened": WebSocketOpened(),
    "open packet": text(OPEN_PACKET),
    "message": text(b"4hi"),
    "binary message": binary(b"\x04\x01"),
    "base64 message": text(b"b4AQ=="),
    "ping": text(b"2abc"),
    "pong": text(b"3"),
    "close packet": text(b"1"),
    "upgrade": text(b"5"),
    "noop": text(b"6"),
    "unknown": text(b"9"),
    "empty": text(b""),
    "unknown binary": binary(b"\x63"),
    "edge": text(b"4" * LIMIT),
    "too big": text(b"4" * (LIMIT + 1)),
    "too big binary": binary(b"\x04" * (LIMIT + 1)),
    "closed": WebSocketClosed(1001, "bye"),
    "lost": Lost(Disconnected("no route")),
}

_BEFORE = {
    "closed": (EngineState.CLOSED, ["closed: transport close, HandshakeRefused"]),
    "lost": (EngineState.CLOSED, ["closed: transport error, Disconnected"]),
}
_BROKEN = (EngineState.CLOSING, ["close"])
_TOO_BIG = (EngineState.CLOSING, ["close 1009"])
_OPEN = {
    "close packet": _BROKEN,
    "unknown": _BROKEN,
    "empty": _BROKEN,
    "unknown binary": _BROKEN,
    "too big": _TOO_BIG,
    "too big binary": _TOO_BIG,
    "closed": (EngineState.CLOSED, ["closed: transport close, Disconnected"]),
    "lost": (EngineState.CLOSED, ["closed: transport error, Disconnected"]),
}
_ENDING = (EngineState.CLOSED, ["closed: io client disconnect, Disconnected"])

#: What each input does in each state, where it does anything.
TRANSITIONS: dict[
    tuple[Role, EngineState], dict[str, tuple[EngineState, list[str]]]
] = {
    (CLIENT, EngineState.CONNECTING): {
        "opened": (EngineState.OPENING, []),
        **_BEFORE,
    },
    (SERVER, EngineState.CONNECTING): {
        "opened": (EngineState.OPEN, [f"send {OPEN_PACKET.decode()}"]),
        **_BEFORE,
    },
    (CLIENT, EngineState.OPENING): {
        "open packet": (EngineState.OPEN, []),
        **dict.fromkeys(
            (
                "message",
                "binary message",
                "base64 message",
                "ping",
                "pong",
                "close packet",
                "upgrade",
                "noop",
                "unknown",
                "empty",
                "unknown binary",
                "edge",
            ),
            _BROKEN,
        ),
        "too big": _TOO_BIG,
        "too big binary": _TOO_BIG,
        **_BEFORE,
    },
    (CLIENT, EngineState.OPEN): _OPEN,
    (SERVER, EngineState.OPEN): {**_OPEN, "ping": (EngineState.OPEN, ["send 3"])},
    (CLIENT, EngineState.CLOSING): {"closed": _ENDING, "lost": _ENDING},
    (SERVER, EngineState.CLOSING): {"closed": _ENDING, "lost": _ENDING},
    (CLIENT, EngineState.CLOSED): {},
    (SERVER, EngineState.CLOSED): {},
}

#: What comes out for the layer above; only while open.
MESSAGES = {
    "message": Packet(4, b"hi"),
    "binary message": Packet(4, b"\x01", is_text=False),
    "base64 message": Packet(4, b"\x01", is_text=False),
    "edge": Packet(4, b"4" * (LIMIT - 1)),
}


class TransitionTests(SynchronousTestCase):
    """Every state answers every input."""

    def test_table(self) -> None:
        """State, actions and message are those of the table."""
        for (role, state), row in TRANSITIONS.items():
            for name, told in INPUTS.items():
                connection = in_state(role, state)
                message = connection.receive(told, now=1.0)
                actions = [shown(a) for a in connection.actions_to_take()]
                wanted = row.get(name, (state, []))
                where = f"{role.value} {state.value}: {name}"
                self.assertEqual((connection.state, actions), wanted, where)
                is_open = state is EngineState.OPEN
                wanted_messages = (
                    [MESSAGES[name]] if is_open and name in MESSAGES else []
                )
                self.assertEqual(list(message), wanted_messages, where)
                self.assertEqual(connection.actions_to_take(), [])

    def test_every_state(self) -> None:
        """The table has a row for each state that a role can be in."""
        states = {(role, state) for role in Role for state in EngineState}
        states.discard((SERVER, EngineState.OPENING))
        self.assertEqual(set(TRANSITIONS), states)

    def test_no_polling(self) -> None:
        """What belongs to polling does nothing, or is refused, on a WebSocket."""
        for told in (HttpResponse(1, 200), HttpFailed(1, "refused")):
            for role in Role:
                connection = opened(role)
                self.assertEqual(list(connection.receive(told, now=1.0)), [])
                self.assertEqual(connection.actions_to_take(), [])
                self.assertTrue(connection.is_open)
        connection = opened(SERVER)
        connection.receive(HttpRequest(7, "GET", ()), now=1.0)
        (refusal,) = connection.actions_to_take()
        assert isinstance(refusal, HttpResponse)
        self.assertEqual((refusal.id, refusal.status), (7, 400))
        self.assertTrue(connection.is_open)

    def test_hot_case(self) -> None:
        """While it is open, and only then, texts up to the limit may be read above."""
        for role in Role:
            for state in EngineState:
                if (role, state) == (SERVER, EngineState.OPENING):
                    continue
                connection = in_state(role, state)
                is_open = state is EngineState.OPEN
                self.assertEqual(connection.heard(1.0), LIMIT if is_open else 0)


class SendingTests(SynchronousTestCase):
    """What goes out."""

    def test_messages(self) -> None:
        """Text and bytes get their type in front, in order."""
        connection = opened(CLIENT)
        connection.send_message("2汉".encode(), is_text=True)
        connection.send_message(b"\x00", is_text=False)
        self.assertEqual(
            connection.actions_to_take(),
            [
                SendWebSocket("42汉".encode(), is_text=True),
                SendWebSocket(b"\x04\x00", is_text=False),
            ],
        )


class ClosingTests(SynchronousTestCase):
    """How a connection ends when we want it to."""

    def test_each_state(self) -> None:
        """Closed comes once and last, at once where nobody has to be asked."""
        error = Disconnected("why")
        ended = "closed: bye, Disconnected"
        for role in Role:
            for state, wanted in (
                (EngineState.CONNECTING, [ended]),
                (EngineState.OPENING, ["close", ended]),
                (EngineState.OPEN, ["close"]),
                (EngineState.CLOSING, []),
                (EngineState.CLOSED, []),
            ):
                if (role, state) == (SERVER, EngineState.OPENING):
                    continue
                connection = in_state(role, state)
                connection.close("bye", error, now=1.0)
                actions = [shown(a) for a in connection.actions_to_take()]
                self.assertEqual(actions, wanted, state)

    def test_reason_and_error_are_kept(self) -> None:
        """What follows the close does not change why it was closed."""
        error = Disconnected("why")
        self.assert_ends_with(
            lambda c: c.receive(WebSocketClosed(1000, "x"), now=2.0), error
        )
        self.assert_ends_with(
            lambda c: c.receive(Lost(Disconnected("aborted")), now=2.0), error
        )
        self.assert_ends_with(
            lambda c: c.deadline_reached(now=1.0 + CLOSE_TIMEOUT), error
        )

    def assert_ends_with(
        self, end: Callable[[EngineIOConnection], object], error: PadChatError
    ) -> None:
        """Close an open connection, end it, and check the last action."""
        connection = opened(CLIENT)
        connection.close("bye", error, now=1.0)
        connection.close("another", None, now=1.0)
        self.assertFalse(connection.is_open)
        self.assertEqual(connection.closing_reason, "bye")
        connection.actions_to_take()
        end(connection)
        self.assertEqual(connection.actions_to_take(), [Closed("bye", error)])

    def test_nothing_after_the_end(self) -> None:
        """A closed connection asks for nothing any more."""
        connection = in_state(CLIENT, EngineState.CLOSED)
        connection.deadline_reached(now=1e9)
        self.assertEqual(connection.heard(1e9), 0)
        self.assertEqual(connection.actions_to_take(), [])
        self.assertIsNone(connection.next_deadline())
