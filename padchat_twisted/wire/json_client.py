"""A client's connection of a JSON dialect."""

from __future__ import annotations

from typing import Any

from ..errors import (
    AuthKeyInvalid,
    ConnectError,
    ConnectTimedOut,
    Disconnected,
    HandshakeRefused,
    Hop,
    LocalProtocolError,
    PadChatError,
    quoted,
)
from . import json_text
from .dialect_json import AUTH_CALL_ID, Framing, LetIn
from .envelope import Reply
from .json_connection import JsonConnection, JsonState
from .limits import (
    CLOSE_TIMEOUT,
    MAX_BUFFERED_BYTES,
    MAX_FRAME_BYTES,
    OPEN_TIMEOUT,
    SHORT_JSON_BYTES,
)
from .told import CloseWebSocket, OpenWebSocket, Role, SendWebSocket

__all__ = ["CLIENT_PING_INTERVAL", "JsonClient"]

#: Time between two pings of a client (seconds). Source: dialects.md, 3, "Connection"
#: (30 s in Python); open-questions.md, Q11.
CLIENT_PING_INTERVAL = 30.0

#: A frame that has this within so many bytes is looked at as a push first: gateways
#: write the name of an event in front of what it holds.
PUSH = b'"push"'
PUSH_WITHIN = 100


class JsonClient(JsonConnection):
    """A client of one of the JSON dialects.

    Out of it come ``LetIn``, ``Reply``, ``Notice`` and ``OddFrame``.

    Args:
        framing: the dialect.
        auth_key: sent by ``legacy``; empty where the URL holds it.
        peer: where it goes, for errors.
        max_frame: largest message accepted (bytes).
        max_buffered: most bytes kept for a transport that takes none.
        open_timeout: time until the gateway let us in (seconds).
        close_timeout: time for the closing handshake (seconds).
    """

    role = Role.CLIENT
    ping_interval = CLIENT_PING_INTERVAL

    def __init__(
        self,
        framing: Framing,
        auth_key: str = "",
        *,
        peer: str = "the peer",
        max_frame: int = MAX_FRAME_BYTES,
        max_buffered: int = MAX_BUFFERED_BYTES,
        open_timeout: float = OPEN_TIMEOUT,
        close_timeout: float = CLOSE_TIMEOUT,
    ) -> None:
        super().__init__(
            framing,
            peer=peer,
            max_frame=max_frame,
            max_buffered=max_buffered,
            open_timeout=open_timeout,
            close_timeout=close_timeout,
        )
        self._auth_key = auth_key

    def start(self, *, now: float) -> None:
        """Begin: ask for the WebSocket."""
        super().start(now=now)
        self._actions.append(OpenWebSocket())

    def send_call(self, call_id: int, code: str, params: bytes) -> None:
        """Send a call.

        Args:
            call_id: not negative; comes back in its reply.
            code: canonical name of the command.
            params: one JSON object with canonical keys, encoded.

        Raises:
            LocalProtocolError: not let in, or parameters that cannot be spelled.
            BufferFull: too much waits already.
        """
        if self.state is not JsonState.OPEN:
            raise LocalProtocolError("the gateway has not let us in")
        try:
            text = self._framing.call(call_id, code, params)
        except ValueError:
            raise LocalProtocolError("its parameters are no JSON object") from None
        self._send(text, call_id)

    def withdraw(self, call_id: int) -> bool:
        """Take back a call that still waits here; tell whether it did."""
        return self._backlog.withdraw("", call_id)

    def unsent_call_ids(self) -> frozenset[int]:
        """Return the ids of the calls that still wait here."""
        return self._backlog.ack_ids("")

    # Steps

    def _opened(self, now: float) -> None:
        auth = self._framing.auth(self._auth_key)
        if auth is None:
            self._let_in()
        else:
            self._actions.append(SendWebSocket(auth, True))

    def _let_in(self) -> None:
        self._is_let_in()
        self._events.append(LetIn())

    def _took_push(self, data: bytes) -> bool:
        if self.state is not JsonState.OPEN or data.find(PUSH, 0, PUSH_WITHIN) < 0:
            return False
        try:
            if len(data) > SHORT_JSON_BYTES:
                json_text.check_bounds(data)
            notices = self._framing.read_push(data)
        except (ValueError, RecursionError):
            return False
        self._events += notices
        return bool(notices)

    def _received_frame(self, frame: dict[str, Any], now: float) -> None:
        for envelope in self._framing.read(frame):
            if type(envelope) is Reply and envelope.call_id == AUTH_CALL_ID:
                if self.state is JsonState.ASKING:
                    self._auth_answered(envelope.body, now)
            elif self.state is JsonState.OPEN:
                self._events.append(envelope)

    def _auth_answered(self, body: bytes, now: float) -> None:
        (reply,) = json_text.read(body)
        if reply.get("success"):
            self._let_in()
            return
        said = str(reply.get("msg") or "")
        if self._auth_key:
            # A gateway may repeat it.
            said = said.replace(self._auth_key, "***")
        problem = f"the gateway refused auth: {quoted(said)}"
        error = AuthKeyInvalid(self._peer, problem, hop="authentication")
        self._close("refused", error, now)

    def _too_late(self, now: float) -> None:
        hop: Hop = "WebSocket"
        what = "the WebSocket handshake"
        if self.state is JsonState.ASKING:
            hop = "authentication"
            what = "the answer to auth"
            self._actions.append(CloseWebSocket())
        problem = f"{what} did not come within {self._open_timeout:g} seconds"
        self._finish("timeout", ConnectTimedOut(self._peer, problem, hop=hop))

    def _ended(self, code: int | None, detail: str, error: PadChatError | None) -> None:
        refusal = self._framing.close_error(self._peer, code)
        if refusal is not None:
            self._finish("refused", refusal)
        elif self.state is JsonState.OPEN:
            self._finish("transport close", Disconnected("transport close", detail))
        elif self.state is JsonState.ASKING:
            problem = "it closed before it answered auth"
            if detail:
                problem += f": {detail}"
            self._finish(
                "transport close",
                ConnectError(self._peer, problem, hop="authentication"),
            )
        else:
            problem = detail or "closed before the connection was open"
            refused = HandshakeRefused(self._peer, problem, hop="WebSocket")
            self._finish("transport close", error or refused)
