"""What both roles of a JSON dialect's connection do alike.

::

    client of legacy  connecting --WebSocketOpened / auth--> asking --its reply--> open
    client of sdk     connecting --WebSocketOpened--> open
    server            connecting --WebSocketOpened--> asking --accept()--> open
                      asking --refuse() | 10 s--> closing
    all               open --close() | fail()--> closing
                      any --WebSocketClosed | Lost | deadline of closing--> closed
                      open --nothing comes between two pings--> closed

Source: dialects.md, 1 and 3. A frame that cannot be understood is reported and
changes nothing (open-questions.md, Q10).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

from ..errors import (
    BufferFull,
    Disconnected,
    PadChatError,
    RemoteProtocolError,
)
from . import json_text
from .backlog import Backlog, Waiting
from .dialect_json import Framing, JsonOccurrence, OddFrame, OddFrameError
from .limits import CLOSE_TIMEOUT, MAX_BUFFERED_BYTES, MAX_FRAME_BYTES, OPEN_TIMEOUT
from .told import (
    TOO_BIG,
    Asked,
    Closed,
    CloseWebSocket,
    Lost,
    PingWebSocket,
    Role,
    SendWebSocket,
    Told,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
    too_large,
)

__all__ = ["JsonConnection", "JsonState"]

#: For what a frame waits in the backlog: there are no namespaces.
_ALL = ""


class JsonState(Enum):
    """Where a connection is."""

    CONNECTING = "connecting"
    ASKING = "asking"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class JsonConnection:
    """A connection of one of the JSON dialects: ``JsonClient`` or ``JsonServer``.

    Tell it what happened, then take ``events_received()``, then carry out
    ``actions_to_take()``, in this order; see ``docs/design/0001-connections.md``.

    Args:
        framing: the dialect.
        peer: where the other side is, for errors.
        max_frame: largest message accepted (bytes).
        max_buffered: most bytes kept for a transport that takes none.
        open_timeout: time until the WebSocket is open; for a client until it is let
            in (seconds).
        close_timeout: time for the closing handshake (seconds).

    Attributes:
        role: which side we are.
        ping_interval: time between two pings of ours (seconds).
        state: where it is.
        has_new_deadline: whether ``next_deadline`` may have become earlier; its
            reader resets it.
    """

    role: Role
    ping_interval: float

    def __init__(
        self,
        framing: Framing,
        *,
        peer: str = "the peer",
        max_frame: int = MAX_FRAME_BYTES,
        max_buffered: int = MAX_BUFFERED_BYTES,
        open_timeout: float = OPEN_TIMEOUT,
        close_timeout: float = CLOSE_TIMEOUT,
    ) -> None:
        self.state = JsonState.CONNECTING
        self.has_new_deadline = False
        self._framing = framing
        self._peer = peer
        self._max_frame = max_frame
        self._open_timeout = open_timeout
        self._close_timeout = close_timeout
        self._events: list[JsonOccurrence] = []
        self._actions: list[Asked] = []
        self._backlog = Backlog(max_buffered)
        self._is_writable = True
        self._deadline: float | None = None
        self._last_heard = 0.0
        self._pinged_at: float | None = None
        self._closing: tuple[str, PadChatError | None] = ("", None)

    @property
    def dialect(self) -> str:
        """Name of the dialect."""
        return self._framing.table.name

    # What happened

    def start(self, *, now: float) -> None:
        """Begin."""
        self._set_deadline(now + self._open_timeout)

    def receive(self, told: Told, *, now: float) -> None:
        """Take in what happened."""
        if self.state is JsonState.CLOSED:
            return
        self._last_heard = now
        match told:
            case WebSocketMessage(data, is_text):
                if is_text:
                    self._received(data, now)
                elif self.state in (JsonState.ASKING, JsonState.OPEN):
                    self._report("a binary frame")
            case WebSocketOpened():
                if self.state is JsonState.CONNECTING:
                    self.state = JsonState.ASKING
                    self._opened(now)
            case WebSocketClosed():
                self._websocket_closed(told)
            case Lost(error):
                if self.state is JsonState.CLOSING:
                    self._finish(*self._closing)
                else:
                    self._finish("transport error", error)
            case _:
                pass

    def receive_texts(self, frames: Sequence[bytes], now: float) -> None:
        """Take in the text messages of one read."""
        self._last_heard = now
        for data in frames:
            self._received(data, now)

    def next_deadline(self) -> float | None:
        """When to call ``deadline_reached``: seconds on the clock of ``now``."""
        return self._deadline

    def deadline_reached(self, *, now: float, is_deaf: bool = False) -> None:
        """Do what time demands; early calls do nothing.

        Args:
            now: seconds on the driver's clock.
            is_deaf: whether the driver does not read; the peer's silence then says
                nothing, but whoever was not let in yet is given no more time.
        """
        self.has_new_deadline = True
        if is_deaf or (self.role is Role.CLIENT and not self._is_writable):
            # A ping behind a photo that is still on its way would tell nothing; if it
            # never arrives, TCP tells. (A server drops who does not read.)
            self._last_heard = now
        if self._deadline is None or now < self._deadline:
            return
        if self.state is JsonState.CLOSING:
            self._finish(*self._closing)
        elif self.state is JsonState.OPEN:
            self._ping(now)
        else:
            self._too_late(now)

    def set_writable(self, writable: bool) -> None:
        """Tell whether the transport takes bytes; if not, they wait here."""
        self._is_writable = writable
        if writable:
            for waiting in self._backlog.take((_ALL,)):
                self._actions.append(SendWebSocket(waiting.text, True))

    def events_received(self) -> list[JsonOccurrence]:
        """Return what came, in wire order."""
        events, self._events = self._events, []
        return events

    def actions_to_take(self) -> list[Asked]:
        """Return what must be carried out now, in order."""
        actions, self._actions = self._actions, []
        return actions

    @property
    def buffered_bytes(self) -> int:
        """Bytes that wait here; what still sits here was not sent."""
        return self._backlog.size

    # The end

    def close(self, *, now: float, code: int | None = None, reason: str = "") -> None:
        """Close the connection, with a code if there is one to tell."""
        is_client = self.role is Role.CLIENT
        self._close(
            "client disconnect" if is_client else "forced server close",
            None,
            now,
            code,
            reason,
        )

    def fail(self, error: PadChatError, *, now: float) -> None:
        """Close since the peer broke a rule of this layer or of one above."""
        self._close("parse error", error, now)

    # Steps that each role has

    def _opened(self, now: float) -> None:
        """The WebSocket is open."""
        raise NotImplementedError

    def _received_frame(self, frame: dict[str, Any], now: float) -> None:
        """Take in a frame; ``OddFrameError`` when it has another shape."""
        raise NotImplementedError

    def _took_push(self, data: bytes) -> bool:
        """Take in a push of the usual frame in a shorter way; tell whether it was."""
        return False

    def _too_late(self, now: float) -> None:
        """Whoever asks to be let in took too long."""
        raise NotImplementedError

    def _ended(self, code: int | None, detail: str, error: PadChatError | None) -> None:
        """The WebSocket is gone, unasked; *error* says why it never was open."""
        raise NotImplementedError

    # Steps

    def _received(self, data: bytes, now: float) -> None:
        if self.state not in (JsonState.ASKING, JsonState.OPEN):
            return
        if len(data) > self._max_frame:
            error = too_large(data, self._max_frame)
            self._close("transport error", error, now, TOO_BIG)
            return
        if self._took_push(data):
            return
        try:
            frame = json_text.read(data)
        except json_text.OutOfBoundsError as problem:
            self.fail(RemoteProtocolError("padchat", str(problem)), now=now)
            return
        except ValueError:
            self._report("a frame that is not JSON")
            return
        if not isinstance(frame, dict):
            self._report("a frame that is no object")
            return
        try:
            self._received_frame(frame, now)
        except OddFrameError as odd:
            self._report(str(odd))

    def _report(self, problem: str) -> None:
        self._events.append(OddFrame(problem))

    def _websocket_closed(self, told: WebSocketClosed) -> None:
        if self.state is JsonState.CLOSING:
            self._finish(*self._closing)
            return
        self._ended(told.code, told.detail, told.error)

    def _send(self, text: bytes, call_id: int | None = None) -> None:
        """Send a frame, or keep it until the transport takes it.

        Raises:
            BufferFull: too much waits already.
        """
        if self._is_writable:
            self._actions.append(SendWebSocket(text, True))
        else:
            self._backlog.add(Waiting(_ALL, call_id, text, ()))

    def _send_own(self, text: bytes) -> None:
        """Send a frame that nobody above asked for; drop a peer that does not read."""
        try:
            self._send(text)
        except BufferFull:
            error = Disconnected("transport error", "the peer does not read")
            self._finish("transport error", error)

    def _set_deadline(self, deadline: float) -> None:
        self._deadline = deadline
        self.has_new_deadline = True

    def _is_let_in(self) -> None:
        self.state = JsonState.OPEN
        self._set_deadline(self._last_heard + self.ping_interval)

    def _ping(self, now: float) -> None:
        """Give up a peer of whom nothing came since the last ping, or ping again."""
        if self._pinged_at is not None and self._last_heard < self._pinged_at:
            error = Disconnected("ping timeout", "no answer to a ping")
            self._finish("ping timeout", error)
            return
        self._pinged_at = now
        self._actions.append(PingWebSocket())
        self._set_deadline(now + self.ping_interval)

    def _close(
        self,
        reason: str,
        error: PadChatError | None,
        now: float,
        code: int | None = None,
        text: str = "",
    ) -> None:
        if self.state is JsonState.CONNECTING:
            self._finish(reason, error)
        elif self.state in (JsonState.ASKING, JsonState.OPEN):
            self.state = JsonState.CLOSING
            self._closing = (reason, error)
            self._set_deadline(now + self._close_timeout)
            self._actions.append(CloseWebSocket(code, text))

    def _finish(self, reason: str, error: PadChatError | None) -> None:
        self.state = JsonState.CLOSED
        self._deadline = None
        self._actions.append(Closed(reason, error))
