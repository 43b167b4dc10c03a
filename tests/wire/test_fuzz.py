"""Garbage in any state: it is ignored, or the connection ends with an error."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import (
    ConnectError,
    Disconnected,
    LocalProtocolError,
    RemoteProtocolError,
)
from padchat_twisted.wire import json_text, socketio
from padchat_twisted.wire.engineio_connection import EngineIOConnection
from padchat_twisted.wire.occurrences import (
    ErrorReceived,
    NamespaceLeft,
    NamespaceRequested,
    SocketAck,
    SocketEvent,
)
from padchat_twisted.wire.socketio_connection import SocketIOConnection
from padchat_twisted.wire.told import (
    Closed,
    CloseWebSocket,
    Role,
    Told,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
)

from .joined import HANDSHAKE, OPEN_PACKET, client, told

#: Frames that are nearly right: they reach the inner parts.
SEEDS = (
    OPEN_PACKET,
    b"40",
    b"40/user,",
    b"40/user?a=%FF&b,",
    b'42/user,["push",{"list":[]}]',
    b'42/user,12["push","\\ud83d"]',
    b'42["a"]',
    b"43/user,3[{}]",
    b"430[]",
    b'44/user,"no"',
    b'452-/user,["f",{"_placeholder":true,"num":1}]',
    b'461-/user,0[{"_placeholder":true,"num":0}]',
    b"41/user,",
    b"41",
    b"b4AQID",
    b"2probe",
    b"3",
    b"1",
    b"6",
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Make one of the seeds with a few bytes changed, cut or doubled."""
    frame = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(frame)))
        match draw(st.sampled_from(("insert", "delete", "replace", "cut"))):
            case "insert":
                frame[at:at] = draw(st.binary(min_size=1, max_size=3))
            case "delete":
                del frame[at : at + 2]
            case "replace":
                frame[at : at + 1] = draw(
                    st.sampled_from(list(b'0159-/,"[]{}'))
                ).to_bytes()
            case "cut":
                del frame[at:]
    return bytes(frame)


FRAMES = st.one_of(damaged(), damaged(), st.binary(max_size=30))
MESSAGES = st.lists(
    st.tuples(FRAMES, st.sampled_from((True, True, False))), max_size=12
)

#: What comes before the garbage.
BEGINNINGS = st.sampled_from(("nothing", "opened", "open", "joined", "closing"))


class Fuzzed:
    """A connection and an application that reads what comes as ours do."""

    def __init__(self, role: Role, beginning: str) -> None:
        engine = EngineIOConnection(
            role, handshake=HANDSHAKE if role is Role.SERVER else None, max_frame=200
        )
        self.connection = SocketIOConnection(engine, max_buffered=1000)
        self.closes = 0
        self.closed: list[Closed] = []
        if role is Role.CLIENT:
            self.connection.join("/user")
        self.connection.start(now=0.0)
        if beginning != "nothing":
            self.tell(WebSocketOpened())
        if beginning in ("open", "joined", "closing") and role is Role.CLIENT:
            self.tell(WebSocketMessage(OPEN_PACKET, is_text=True))
        if beginning in ("joined", "closing"):
            self.tell(WebSocketMessage(b"40/user,", is_text=True))
        if beginning == "closing":
            self.connection.close(now=0.0)
            self.turn()

    def tell(self, told: Told, *, is_hot: bool = False) -> None:
        """Tell the connection something, and do what follows."""
        if is_hot and isinstance(told, WebSocketMessage) and told.is_text:
            self.connection.receive_texts([told.data], 1.0)
        else:
            self.connection.receive(told, now=1.0)
        self.turn()

    def turn(self) -> None:
        """Read what came, answer it, and note how the connection ends."""
        for _ in range(3):
            for occurrence in self.connection.events_received():
                self.read(occurrence)
            for action in self.connection.actions_to_take():
                assert not self.closed, "something was asked for after Closed"
                if isinstance(action, CloseWebSocket):
                    self.closes += 1
                elif isinstance(action, Closed):
                    self.closed.append(action)

    def read(self, occurrence: object) -> None:
        """Read an occurrence down to its values, and answer it."""
        try:
            match occurrence:
                case NamespaceRequested(namespace):
                    self.connection.accept(namespace)
                case SocketEvent(namespace, _, body, ack_id, attachments):
                    socketio.decode_arguments(body, attachments)
                    if ack_id is not None:
                        self.connection.acknowledge(namespace, ack_id, b"[]")
                case SocketAck(_, _, body, attachments):
                    socketio.decode_arguments(body, attachments)
                case ErrorReceived(_, body):
                    json_text.read(body)
                case NamespaceLeft(namespace):
                    assert namespace.startswith("/")
        except RemoteProtocolError as error:
            self.connection.fail(error, now=1.0)
        except ValueError:
            # The content of an ERROR packet need not be readable.
            assert isinstance(occurrence, ErrorReceived)
        except LocalProtocolError:
            # The connection may have been closed in the same turn.
            assert not self.connection._joined, "refused though we are in a namespace"


class FuzzTests(SynchronousTestCase):
    """A peer may send anything."""

    @settings(derandomize=True, deadline=None, max_examples=300)
    @given(st.sampled_from(Role), BEGINNINGS, MESSAGES, st.booleans())
    def test_garbage(
        self,
        role: Role,
        beginning: str,
        messages: list[tuple[bytes, bool]],
        is_hot: bool,
    ) -> None:
        """Nothing raises; the end comes once, with an error that names a layer."""
        fuzzed = Fuzzed(role, beginning)
        for data, is_text in messages:
            fuzzed.tell(WebSocketMessage(data, is_text), is_hot=is_hot)
        self.assertLessEqual(fuzzed.closes, 1)
        self.assertEqual(fuzzed.closed, [])
        was_closing = fuzzed.closes > 0
        fuzzed.connection.receive(WebSocketClosed(1006), now=1.0)
        fuzzed.turn()
        (closed,) = fuzzed.closed
        if beginning == "closing":
            self.assertIsNone(closed.error)
        elif not was_closing:
            self.assertIsInstance(closed.error, Disconnected | ConnectError)
        elif closed.reason != "io server disconnect":
            self.assertIsInstance(closed.error, RemoteProtocolError | Disconnected)
        self.assertIsNone(fuzzed.connection.next_deadline())

    @settings(derandomize=True, deadline=None, max_examples=150)
    @given(st.sampled_from(Role), MESSAGES)
    def test_the_two_ways_in(
        self, role: Role, messages: list[tuple[bytes, bool]]
    ) -> None:
        """``receive_texts`` is a short cut of ``receive``, and no other way."""
        short, long = Fuzzed(role, "joined"), Fuzzed(role, "joined")
        for data, is_text in messages:
            message = WebSocketMessage(data, is_text)
            if is_text:
                short.connection.receive_texts([data], 1.0)
            else:
                short.connection.receive(message, now=1.0)
            long.connection.receive(message, now=1.0)
            self.assertEqual(
                short.connection.events_received(), long.connection.events_received()
            )
            self.assertEqual(
                short.connection.actions_to_take(), long.connection.actions_to_take()
            )

    @settings(derandomize=True, deadline=None, max_examples=300)
    @given(damaged())
    def test_short_cuts(self, frame: bytes) -> None:
        """What is read in a hurry is what the codec reads."""
        connection = client("/user")
        told(connection, b'42/user,["push"]')
        came = told(connection, frame)
        was_refused = bool(connection.actions_to_take())
        if not frame.startswith(b"4"):
            return
        try:
            packet = socketio.decode(frame[1:])
            if packet.type == socketio.EVENT and packet.namespace == "/user":
                name = socketio.event_name(packet.body)
        except RemoteProtocolError:
            self.assertTrue(was_refused)
            return
        if packet.namespace != "/user" or packet.attachment_count:
            return
        wanted: list[object] = []
        if packet.type == socketio.EVENT:
            wanted = [SocketEvent("/user", name, packet.body, packet.ack_id)]
        elif packet.type == socketio.ACK:
            assert packet.ack_id is not None
            wanted = [SocketAck("/user", packet.ack_id, packet.body)]
        else:
            return
        self.assertEqual(came, wanted)
