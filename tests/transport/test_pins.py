"""What our WebSocket takes for granted about autobahn's private parts.

These tests run autobahn's own classes, not ours. When one of them fails after an
update, read ``padchat_twisted/transport/websocket.py`` and
``docs/design/0006-transport.md`` before anything else: the short loop there reads
around autobahn, on the grounds that are pinned here.
"""

from __future__ import annotations

import zlib
from importlib.metadata import version
from typing import Any

from autobahn.twisted.websocket import (
    WebSocketClientFactory,
    WebSocketClientProtocol,
    WebSocketServerFactory,
    WebSocketServerProtocol,
)
from autobahn.websocket.compress import (
    PerMessageDeflateOfferAccept,
    PerMessageDeflateResponseAccept,
)
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.transport.websocket import ClientWebSocket, ServerWebSocket

from .by_hand import (
    CLOSE,
    CONTINUATION,
    PING,
    TEXT,
    UPGRADE_REQUEST,
    answer_upgrade,
    close_frame,
    frame,
    read_frames,
)
from .in_memory import MemoryTransport


class _Plain:
    """Notes which of its own methods autobahn calls."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, ...]] = []

    def onOpen(self) -> None:
        self.calls.append(("onOpen",))

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        self.calls.append(("onMessage", payload, isBinary))

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        self.calls.append(("onClose", wasClean, code, reason))

    def onCloseFrame(self, code: int | None, reasonRaw: bytes | None) -> Any:  # noqa: ANN401 - as autobahn has it
        self.calls.append(("onCloseFrame", code, reasonRaw))
        return super().onCloseFrame(code, reasonRaw)  # type: ignore[misc] # by the MRO

    def _fail_connection(self, code: int = 1001, reason: str = "") -> None:
        self.calls.append(("_fail_connection", code))
        super()._fail_connection(code, reason)  # type: ignore[misc] # by the MRO


class _PlainClient(_Plain, WebSocketClientProtocol):  # type: ignore[misc] # autobahn's own bases disagree
    pass


class _PlainServer(_Plain, WebSocketServerProtocol):  # type: ignore[misc] # autobahn's own bases disagree
    pass


class _Noting:
    """Notes how a decompressor is called."""

    EXTENSION_NAME = "permessage-deflate"

    def __init__(self, seen: list[Any]) -> None:
        self._seen = seen

    def start_decompress_message(self) -> None:
        self._seen.append("start")

    def decompress_message_data(self, data: bytes, max_output_len: int | None) -> bytes:
        self._seen.append((data, max_output_len))
        return b""

    def end_decompress_message(self) -> None:
        self._seen.append("end")


_NO_TIMERS = {
    "openHandshakeTimeout": 0,
    "closeHandshakeTimeout": 0,
    "autoPingInterval": 0,
    "autoPingTimeout": 0,
    "failByDrop": False,
}


def begun(is_server: bool) -> tuple[Any, MemoryTransport]:
    """Build autobahn's protocol before its handshake."""
    if is_server:
        factory: Any = WebSocketServerFactory(reactor=Clock())
        protocol: Any = _PlainServer()
        factory.setProtocolOptions(**_NO_TIMERS)
    else:
        factory = WebSocketClientFactory("ws://gateway.invalid:1/", reactor=Clock())
        protocol = _PlainClient()
        factory.setProtocolOptions(**_NO_TIMERS, serverConnectionDropTimeout=0)
    protocol.factory = factory
    transport = MemoryTransport()
    protocol.makeConnection(transport)
    return protocol, transport


def opened(is_server: bool) -> tuple[Any, MemoryTransport]:
    """Build autobahn's protocol with its handshake done."""
    protocol, transport = begun(is_server)
    sent = transport.taken()
    protocol.dataReceived(UPGRADE_REQUEST if is_server else answer_upgrade(sent))
    transport.taken()
    return protocol, transport


class PinTests(SynchronousTestCase):
    """Each attribute and hook of autobahn's that ``websocket.py`` uses."""

    def pin(self, holds: bool, what: str) -> None:
        """Fail with a text that says what to do."""
        self.assertTrue(
            holds,
            f"autobahn {version('autobahn')} has changed: {what} does not hold any"
            " more; see padchat_twisted/transport/websocket.py",
        )

    def test_state(self) -> None:
        """``state`` is one of four numbers and goes from one to the next."""
        for is_server in (False, True):
            protocol, transport = begun(is_server)
            states = [protocol.state]
            sent = transport.taken()
            protocol.dataReceived(
                UPGRADE_REQUEST if is_server else answer_upgrade(sent)
            )
            states.append(protocol.state)
            protocol.sendCloseFrame(1000, b"bye")
            states.append(protocol.state)
            protocol.dropConnection(abort=False)
            states.append(protocol.state)
            wanted = [
                protocol.STATE_CONNECTING,
                protocol.STATE_OPEN,
                protocol.STATE_CLOSING,
                protocol.STATE_CLOSED,
            ]
            self.pin(
                states == wanted and len(set(wanted)) == 4,
                "state: CONNECTING, OPEN, CLOSING, CLOSED",
            )

    def test_data(self) -> None:
        """``data`` holds the bytes of a header that is not whole, else none."""
        for is_server in (False, True):
            protocol, _ = opened(is_server)
            self.pin(protocol.data == b"", "data: empty between frames")
            whole = frame(TEXT, b"x" * 200, is_client=is_server)
            protocol.dataReceived(whole[:3])
            self.pin(protocol.data == whole[:3], "data: the begun header")
            self.pin(protocol.current_frame is None, "current_frame: not yet there")
            protocol.dataReceived(whole[3:])
            self.pin(protocol.data == b"", "data: empty after a whole frame")

    def test_current_frame(self) -> None:
        """``current_frame`` is there from the end of a header to the end of a frame."""
        for is_server in (False, True):
            protocol, _ = opened(is_server)
            self.pin(protocol.current_frame is None, "current_frame: None at first")
            for opcode in (TEXT, PING):
                whole = frame(opcode, b"x" * 100, is_client=is_server)
                protocol.dataReceived(whole[:-50])
                self.pin(
                    protocol.current_frame is not None,
                    "current_frame: set within a payload",
                )
                self.pin(protocol.data == b"", "data: a payload is not kept in it")
                protocol.dataReceived(whole[-50:])
                self.pin(
                    protocol.current_frame is None, "current_frame: None after a frame"
                )

    def test_pieces(self) -> None:
        """Pieces are added by two methods, and what is joined is the message."""
        for is_server in (False, True):
            protocol, _ = opened(is_server)
            begun = frame(TEXT, b"ab", is_client=is_server, is_final=False)
            data = begun + frame(CONTINUATION, b"cd", is_client=is_server)
            protocol.dataReceived(data[:-1])
            self.pin(protocol.message_data == [b"ab"], "message_data: whole frames")
            self.pin(protocol.frame_data == [b"c"], "frame_data: of this frame")
            protocol.onMessageFrameData(b"X")
            protocol.onMessageFrame([b"Y"])
            protocol.dataReceived(data[-1:])
            self.pin(
                protocol.calls[-1][:2] == ("onMessage", b"abYcXd"), "pieces are joined"
            )

    def test_inside_message(self) -> None:
        """``inside_message`` is true between the fragments of a message."""
        for is_server in (False, True):
            protocol, _ = opened(is_server)
            seen = [protocol.inside_message]
            for opcode, is_final in ((TEXT, False), (PING, True), (CONTINUATION, True)):
                data = frame(opcode, b"x", is_client=is_server, is_final=is_final)
                protocol.dataReceived(data)
                seen.append(protocol.inside_message)
            self.pin(
                seen == [False, True, True, False], "inside_message: between fragments"
            )
            self.pin(
                ("onMessage", b"xx", False) in protocol.calls,
                "onMessage: called with the whole message",
            )

    def test_frames_taken_beside_it(self) -> None:
        """Frames that autobahn never sees leave it as it was."""
        for is_server in (False, True):
            protocol, _ = opened(is_server)
            before = dict(vars(protocol))
            protocol.dataReceived(frame(PING, b"", is_client=is_server))
            after = dict(vars(protocol))
            changed = {name for name in before if before[name] is not after[name]}
            # What remembers frames is where a skipped frame would be missed.
            self.pin(
                changed <= {"control_frame_data", "current_frame_masker"},
                f"no state over whole frames (changed: {sorted(changed)})",
            )

    def test_close_frame(self) -> None:
        """``sendCloseFrame`` and ``onCloseFrame`` are where close frames pass."""
        for is_server in (False, True):
            protocol, transport = opened(is_server)
            protocol.dataReceived(close_frame(1001, "x", is_client=is_server))
            self.pin(
                ("onCloseFrame", 1001, b"x") in protocol.calls,
                "onCloseFrame: called with code and raw reason",
            )
            (answer,) = read_frames(transport.taken())
            self.pin(answer.opcode == CLOSE, "onCloseFrame: answers in STATE_OPEN")
            protocol, transport = opened(is_server)
            protocol.sendCloseFrame(None, None)
            protocol.sendCloseFrame(1000, b"again")
            (sent,) = read_frames(transport.taken())
            self.pin(sent.payload == b"", "sendCloseFrame: without code, and only once")

    def test_drop_connection(self) -> None:
        """``dropConnection`` and ``_closeConnection`` lose or abort the transport."""
        for is_server in (False, True):
            protocol, transport = opened(is_server)
            transport.registerProducer(object(), True)
            protocol.dropConnection(abort=False)
            self.pin(
                transport.disconnecting and not transport.disconnected,
                "dropConnection(abort=False): loses the connection",
            )
            self.pin(
                transport.producer is None, "dropConnection: unregisters the producer"
            )
            protocol, transport = opened(is_server)
            protocol._closeConnection(abort=True)
            self.pin(transport.disconnected, "_closeConnection(abort=True): aborts")

    def test_failures(self) -> None:
        """Every broken rule passes through ``_fail_connection``, which sends a code."""
        for is_server in (False, True):
            for code, data in (
                (1002, frame(TEXT, b"", reserved=4, is_client=is_server)),
                (1002, frame(TEXT, b"", is_client=not is_server)),
                (1007, frame(TEXT, b"\xff", is_client=is_server)),
                (1009, frame(TEXT, bytes(101), is_client=is_server)),
            ):
                protocol, transport = opened(is_server)
                protocol.maxMessagePayloadSize = 100
                protocol.dataReceived(data)
                self.pin(protocol.failedByMe is True, "failedByMe: we failed it")
                self.pin(
                    ("_fail_connection", code) in protocol.calls,
                    f"_fail_connection: called with {code}",
                )
                sent = read_frames(transport.taken())
                self.pin(
                    sent[0].payload[:2] == code.to_bytes(2, "big"),
                    f"_fail_connection: sends close code {code}",
                )

    def test_failed_handshake(self) -> None:
        """``failHandshake`` takes a text, and ends without a close code."""
        for is_server in (False, True):
            protocol, transport = begun(is_server)
            protocol.failHandshake("a text")
            self.pin(transport.disconnecting, "failHandshake: ends the connection")
            self.pin(
                protocol.wasNotCleanReason == "a text",
                "wasNotCleanReason: the text of failHandshake",
            )
            transport.finish(protocol)
            (closed,) = (call for call in protocol.calls if call[0] == "onClose")
            self.pin(closed[1] is False, "onClose: not clean after failHandshake")

    def test_timers(self) -> None:
        """With our options there is no timer, neither on the clock nor elsewhere."""
        for is_server in (False, True):
            protocol, _ = opened(is_server)
            for name in (
                "openHandshakeTimeoutCall",
                "closeHandshakeTimeoutCall",
                "autoPingTimeoutCall",
                "autoPingPendingCall",
            ):
                self.pin(getattr(protocol, name) is None, f"{name}: no timer")
            protocol.sendCloseFrame(1000)
            self.pin(
                protocol.closeHandshakeTimeoutCall is None, "no timer after our close"
            )

    def test_log(self) -> None:
        """Autobahn's log has one switch, and it is off in our WebSockets."""
        for kind in (ClientWebSocket, ServerWebSocket):
            for level in ("debug", "info", "warn", "error", "critical"):
                method = getattr(kind.log, level)
                self.pin(
                    method.__name__ == "_no_op", f"log.{level}: does nothing for us"
                )

    def test_roles(self) -> None:
        """``factory.isServer`` tells the role, and no compression is offered."""
        for is_server in (False, True):
            protocol, _ = opened(is_server)
            self.pin(protocol.factory.isServer is is_server, "factory.isServer")
            self.pin(protocol._perMessageCompress is None, "no compression by default")

    def test_handshake_of_a_client(self) -> None:
        """``startHandshake`` sends the head, and ``websocket_key`` is what counts."""
        protocol, transport = begun(is_server=False)
        sent = transport.taken()
        self.pin(
            sent.startswith(b"GET ") and sent.endswith(b"\r\n\r\n"),
            "startHandshake: called when the connection is made",
        )
        key = b"dGhlIHNhbXBsZSBub25jZQ=="
        protocol.websocket_key = key
        protocol.dataReceived(answer_upgrade(UPGRADE_REQUEST))
        self.pin(key in UPGRADE_REQUEST, "the key of the answer")
        self.pin(
            protocol.state == protocol.STATE_OPEN,
            "websocket_key: what the answer is compared with",
        )

    def test_compression(self) -> None:
        """``_perMessageCompress`` inflates within a bound, and deflates."""
        for is_server in (False, True):
            protocol, transport = begun(is_server)
            protocol.maxMessagePayloadSize = 1000
            sent = transport.taken()
            extension = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
            if is_server:
                protocol.perMessageCompressionAccept = lambda offers: (
                    PerMessageDeflateOfferAccept(offers[0])
                )
                protocol.dataReceived(UPGRADE_REQUEST[:-2] + extension + b"\r\n")
            else:
                protocol.perMessageCompressionAccept = PerMessageDeflateResponseAccept
                protocol.dataReceived(answer_upgrade(sent, more_headers=extension))
            transport.taken()
            deflate = protocol._perMessageCompress
            deflate.start_compress_message()
            data = deflate.compress_message_data(b"x" * 1000)
            data += deflate.end_compress_message()
            inflated = zlib.decompressobj(-15).decompress(data + b"\0\0\xff\xff")
            self.pin(inflated == b"x" * 1000, "_perMessageCompress: deflates messages")
            protocol.dataReceived(frame(TEXT, data, reserved=4, is_client=is_server))
            self.pin(
                ("onMessage", b"x" * 1000, False) in protocol.calls,
                "_perMessageCompress: inflates messages with RSV1",
            )
            seen: list[Any] = []
            protocol._perMessageCompress = _Noting(seen)
            protocol.dataReceived(frame(TEXT, data, reserved=4, is_client=is_server))
            self.pin(
                seen == ["start", (data, 1000), "end"],
                "_perMessageCompress: three methods, and a bound for what comes out",
            )
