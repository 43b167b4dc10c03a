"""What the WebSockets of both roles do alike: frames, nothing else.

autobahn keeps the handshake, control frames, fragments, compression, unmasking of
large frames and limits. Beside it, a short loop reads the common case, whole text
frames of up to 64 KiB, and messages are framed here. What that looks at in autobahn's
protocol is private; ``test_pins.py`` pins it, and ``docs/design/0006-transport.md``
lists it.

A rule that the peer breaks closes with a code, and is told above at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from autobahn.util import encode_truncate
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from txaio.tx import make_logger

from ..errors import Disconnected, PadChatError, RemoteProtocolError, quoted
from ..wire.told import (
    Lost,
    SendWebSocket,
    WebSocketClosed,
    WebSocketHeard,
    WebSocketMessage,
    WebSocketOpened,
)
from .deflate import COMPRESS_FROM, Discarding, deflated
from .driver import Driver
from .frames import (
    COMPRESSED,
    FIN_BINARY,
    FIN_PING,
    FIN_PONG,
    FIN_TEXT,
    frame_size,
    xor,
)
from .pieces import Gathering
from .writing import BackPressure, can_write_at_once, write_at_once

__all__ = ["MAX_UNREAD", "Framing"]

#: Most bytes of pongs, ours and Engine.IO's, for a peer that does not read (bytes):
#: thousands of heartbeats.
MAX_UNREAD = 64 * 1024

#: Close code for "the peer goes away", autobahn's default. Source: RFC 6455, 7.4.1.
GOING_AWAY = 1001


class Framing(Gathering):
    """What both roles do alike; mixed into autobahn's protocols.

    Args:
        driver: runs the connection.
        hide: takes secrets out of a text of the peer.

    Attributes:
        is_new: whether frames may not come yet.
        is_writable: whether the transport takes bytes.
        unread: bytes of answers that wait for a peer who does not read.
        compress_from: size from which messages are compressed, where that was agreed
            on (bytes).
    """

    #: autobahn's log tells what peers say, and the auth key in the URL.
    log = make_logger(level="none")

    #: What the peer sets in the second byte of each of its frames.
    mask_bit: int

    is_new = False
    is_writable = True
    unread = 0
    compress_from = COMPRESS_FROM
    _is_reading = False
    _writes_at_once = True
    _tail = b""
    _missing = 0
    _drained = 0
    _error: PadChatError | None = None

    # Of autobahn's protocol:
    state: int
    data: bytes
    current_frame: Any
    current_frame_masker: Any
    inside_message: bool
    transport: Any
    _perMessageCompress: Any

    STATE_CONNECTING: int
    STATE_OPEN: int
    STATE_CLOSED: int

    def __init__(self, driver: Driver, hide: Callable[[str], str] = str) -> None:
        super().__init__()
        self.driver = driver
        self._hide = hide
        self._kept: list[bytes] = []

    @property
    def _autobahn(self) -> Any:  # noqa: ANN401 - the half of us that has no types
        return self

    # In

    def dataReceived(self, data: bytes) -> None:
        """Take a read: the short loop first, autobahn for all else."""
        self._is_reading = True
        if self.is_new:
            data = self._look_at_first(data)
        at = 0
        was_cut = bool(self._tail)
        while self._tail and at < len(data):
            # Complete the frame that was cut, and leave the rest where it is: a read
            # may have 64 KiB, and copying it costs more than reading a frame.
            frame = self._tail + data[at : at + self._missing]
            at += self._missing
            self._tail = b""
            self._take(frame, 0)
        if at < len(data):
            self._take(data, at)
        elif was_cut and self._tail:
            # Still not whole: from here on autobahn looks at its text as it comes.
            tail, self._tail = self._tail, b""
            super().dataReceived(tail)  # type: ignore[misc] # by the MRO
        self.driver.turn()
        self._is_reading = False

    def _look_at_first(self, data: bytes) -> bytes:
        raise NotImplementedError

    def _take(self, data: bytes, at: int) -> None:
        """Take the bytes of *data* from *at* on.

        autobahn gets what is not for the short loop frame by frame. Given more, it
        would begin the small frames behind it, keep the last of them as they are
        cut, and so go on with all that follows.
        """
        while at < len(data) and self.state == self.STATE_OPEN:
            if self.current_frame is not None:
                # A large message takes its time.
                self.driver.tell_in_read(WebSocketHeard())
                pointer = self.current_frame_masker.pointer()
                size = max(1, self.current_frame.length - pointer)
            else:
                if self.data:
                    data, at = self.data + data[at:], 0
                    self.data = b""
                if not self.inside_message:
                    at, missing = self._take_small_frames(data, at)
                    if missing:
                        self._tail = data[at:]
                        self._missing = missing
                        return
                    if at == len(data):
                        return
                size = frame_size(data, at)
            super().dataReceived(data[at : at + size])  # type: ignore[misc] # MRO
            at += size
        if at < len(data):
            if self.state == self.STATE_CONNECTING:
                self._take_head(data[at:])
            elif self.state != self.STATE_CLOSED:
                self._take_rest(data[at:])

    def _take_head(self, data: bytes) -> None:
        """Take bytes of the HTTP head, where autobahn is to read it."""
        super().dataReceived(data)  # type: ignore[misc] # by the MRO

    def _take_rest(self, data: bytes) -> None:
        """Take bytes after our close frame, until the peer's answer."""
        autobahn = self._autobahn
        if autobahn.failedByMe:
            # Who sends a message that is a little too large shall see the code; who
            # sends without end shall not keep us.
            self._drained += len(data)
            if self._drained > 2 * autobahn.maxMessagePayloadSize:
                self.abort()
                return
        super().dataReceived(data)  # type: ignore[misc] # by the MRO

    def _take_small_frames(self, data: bytes, at: int) -> tuple[int, int]:
        """Take whole small text frames, from *at* on.

        Returns:
            Where the first other byte is; and, when such a frame begins there that is
            cut, how many bytes miss, as far as its header tells: at least one.
        """
        texts: list[bytes] = []
        at, missing = self._find_small_frames(data, at, texts)
        if texts:
            self.driver.receive_texts(texts, self.driver.now())
        return at, missing

    def _find_small_frames(
        self, data: bytes, at: int, texts: list[bytes]
    ) -> tuple[int, int]:
        """Put the payloads of whole small text frames into *texts*."""
        mask_bit = self.mask_bit
        mask_size = 4 if mask_bit else 0
        size = len(data)
        while size - at >= 2 and data[at] == FIN_TEXT:
            length = data[at + 1] ^ mask_bit
            if length < 126:
                start = at + 2 + mask_size
            elif length == 126:
                if size - at < 4:
                    return at, 4 - (size - at)
                length = data[at + 2] << 8 | data[at + 3]
                if length < 126:
                    return at, 0
                start = at + 4 + mask_size
            else:
                return at, 0
            end = start + length
            if end > size:
                return at, end - size
            payload = data[start:end]
            if mask_bit:
                payload = xor(payload, data[start - 4 : start])
            texts.append(payload)
            at = end
        if size - at == 1 and data[at] == FIN_TEXT:
            return at, 1
        return at, 0

    def onOpen(self) -> None:
        """The handshake is done."""
        if self._autobahn.factory.isServer:
            # The transport still has the HTTP channel that it came from.
            self.transport.unregisterProducer()
        # autobahn's own option does nothing: it is read before it is set. And not
        # every transport is TCP.
        with suppress(AttributeError, OSError):
            self.transport.setTcpNoDelay(True)
        self.transport.registerProducer(BackPressure(self), True)
        self._writes_at_once = can_write_at_once(self.transport)
        self.driver.tell(WebSocketOpened())

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """A message came the long way; always within a read."""
        self.driver.tell_in_read(WebSocketMessage(payload, not isBinary))

    def onPing(self, payload: bytes) -> None:
        """Answer a ping, with what else is sent after this read."""
        self._keep(FIN_PONG, payload)

    def onPong(self, payload: bytes) -> None:
        """The peer is there."""
        self.driver.tell_in_read(WebSocketHeard())

    def onCloseFrame(self, code: int | None, reasonRaw: bytes | None) -> bool | None:
        """Answer a close frame; then a client leaves too, without waiting.

        RFC 6455, 7.1.1, lets a client wait for the server to close the TCP
        connection first. A server that does not would keep us.
        """
        is_broken: bool | None = super().onCloseFrame(  # type: ignore[misc] # MRO
            code, reasonRaw
        )
        if not self._autobahn.factory.isServer:
            self._autobahn.dropConnection(abort=False)
        return is_broken

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The transport is gone; what TLS found wrong is the reason."""
        if not isinstance(error := reason.value, ConnectionDone | ConnectionLost):
            self._autobahn.wasNotCleanReason = f"{type(error).__name__}: {error}"
        super().connectionLost(reason)  # type: ignore[misc] # by the MRO

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        """The WebSocket is gone, or never came about."""
        if not wasClean:
            # Then autobahn's code stands for "no close frame", and its text is wordy.
            code, reason = None, self._autobahn.wasNotCleanReason
        text = quoted(self._hide(reason or ""))
        self.driver.tell(WebSocketClosed(code, text, self._error))

    def _fail_connection(
        self, code: int = GOING_AWAY, reason: str = "going away"
    ) -> None:
        """The peer broke a rule: close with a code, and say so above at once.

        What came before it is answered first.
        """
        self.driver.turn()
        super()._fail_connection(code, reason)  # type: ignore[misc] # by the MRO
        if self._perMessageCompress is not None:
            self._perMessageCompress = Discarding()
        self.driver.fail_in_read(RemoteProtocolError("websocket", reason))

    # Out

    def send_message(self, data: bytes, *, is_text: bool) -> None:
        """Send one message; it is kept until ``flush``."""
        first = FIN_TEXT if is_text else FIN_BINARY
        if len(data) >= self.compress_from and self._perMessageCompress is not None:
            first |= COMPRESSED
            data = deflated(self._perMessageCompress, data)
        self._keep(first, data)

    def send_messages(self, messages: Sequence[SendWebSocket]) -> None:
        """Send messages, in order; they are kept until ``flush``."""
        if (
            self.state == self.STATE_OPEN
            and self.is_writable
            and self._perMessageCompress is None
        ):
            self._kept += self._frames(messages)
        else:
            for message in messages:
                self.send_message(message.data, is_text=message.is_text)

    def _keep(self, first: int, data: bytes) -> None:
        if self.state == self.STATE_OPEN:
            frame = self._frame(first, data)
            self._kept.append(frame)
            if not self.is_writable:
                # Messages wait elsewhere; these are answers to what the peer sends.
                self.unread += len(frame)
                if self.unread > MAX_UNREAD:
                    error = Disconnected("transport error", "the peer does not read")
                    self.driver.tell_in_read(Lost(error))

    def send_ping(self) -> None:
        """Ask for a sign of life; the ping is kept until ``flush``."""
        self._keep(FIN_PING, b"")

    def flush(self) -> None:
        """Write what was kept, in one piece."""
        if self._kept:
            kept, self._kept = self._kept, []
            data = kept[0] if len(kept) == 1 else b"".join(kept)
            # A read has one answer; what is sent between reads may get company.
            if self._is_reading and self._writes_at_once:
                write_at_once(self.transport, data)
            else:
                self.transport.write(data)

    def send_frame(self, frame: bytes) -> bool:
        """Write a frame that is ready, at once; tell whether that could be."""
        if (
            self._kept
            or not self.is_writable
            or self.state != self.STATE_OPEN
            or self._perMessageCompress is not None
        ):
            return False
        if self._writes_at_once:
            write_at_once(self.transport, frame)
        else:
            self.transport.write(frame)
        return True

    def close_websocket(self, code: int | None, reason: str) -> None:
        """Begin the closing handshake; without a code its frame is empty."""
        if self.state == self.STATE_OPEN:
            # A reason needs a code, and a control frame has at most 125 bytes.
            text = None if code is None else encode_truncate(reason, 123)
            self._autobahn.sendCloseFrame(code, text)

    def sendCloseFrame(
        self,
        code: int | None = None,
        reasonUtf8: bytes | None = None,
        isReply: bool = False,
    ) -> None:
        """Send a close frame, autobahn's or ours; nothing may come after it."""
        self.flush()
        super().sendCloseFrame(code, reasonUtf8, isReply)  # type: ignore[misc] # MRO

    def abort(self) -> None:
        """Drop the connection at once."""
        if self.transport is not None:
            self._autobahn.unregisterProducer()
            self._autobahn._closeConnection(abort=True)

    def pause_reading(self) -> None:
        """Take no more bytes from the peer."""
        if self.transport is not None:
            self.transport.pauseProducing()

    def resume_reading(self) -> None:
        """Take bytes again."""
        if self.transport is not None:
            self.transport.resumeProducing()

    def _frame(self, first: int, data: bytes) -> bytes:
        raise NotImplementedError

    def _frames(self, messages: Sequence[SendWebSocket]) -> list[bytes]:
        raise NotImplementedError
