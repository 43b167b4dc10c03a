"""A server's connection of a JSON dialect."""

from __future__ import annotations

from typing import Any

from ..errors import Disconnected, LocalProtocolError, PadChatError
from . import json_text
from .dialect_json import AuthRequested, Framing, Request
from .envelope import Call
from .json_connection import JsonConnection, JsonState
from .limits import CLOSE_TIMEOUT, MAX_BUFFERED_BYTES, MAX_FRAME_BYTES, OPEN_TIMEOUT
from .told import Role

__all__ = ["AUTH_TIMEOUT", "MAX_PENDING_CALLS", "SERVER_PING_INTERVAL", "JsonServer"]

#: How long a server waits for ``auth`` (seconds). Source: seed README; dialects.md, 1,
#: "Rules for a server", 1.
AUTH_TIMEOUT = 10.0

#: Time between two pings of a server (seconds). Source: dialects.md, 3, "Connection":
#: the monitor expects less than 20 s.
SERVER_PING_INTERVAL = 15.0

#: Most calls of one client that are not answered: as many as a client of ours has in
#: flight.
MAX_PENDING_CALLS = 1000

#: Close code of a client that did not come in. Source: RFC 6455, 7.4.1.
POLICY_VIOLATION = 1008

AUTH_FIRST = "auth comes first"
AUTH_TWICE = "this connection has sent auth already"
TOO_MANY = f"{MAX_PENDING_CALLS} commands wait for their reply, which is the limit"


class JsonServer(JsonConnection):
    """A gateway's side of one of the JSON dialects.

    Out of it come ``AuthRequested``, then ``Call``, and ``OddFrame``.

    Args:
        framing: the dialect.
        auth_key: what the client told in the URL; empty where ``auth`` tells it.
        max_frame: largest message accepted (bytes).
        max_buffered: most bytes kept for a transport that takes none.
        open_timeout: time until the WebSocket is open (seconds).
        auth_timeout: time after that until the client is let in (seconds).
        close_timeout: time for the closing handshake (seconds).
    """

    role = Role.SERVER
    ping_interval = SERVER_PING_INTERVAL

    def __init__(
        self,
        framing: Framing,
        auth_key: str = "",
        *,
        max_frame: int = MAX_FRAME_BYTES,
        max_buffered: int = MAX_BUFFERED_BYTES,
        open_timeout: float = OPEN_TIMEOUT,
        auth_timeout: float = AUTH_TIMEOUT,
        close_timeout: float = CLOSE_TIMEOUT,
    ) -> None:
        super().__init__(
            framing,
            peer="the client",
            max_frame=max_frame,
            max_buffered=max_buffered,
            open_timeout=open_timeout,
            close_timeout=close_timeout,
        )
        self._auth_key = auth_key
        self._auth_timeout = auth_timeout
        self._asking: Request | None = None
        self._pending: dict[int, str | int] = {}
        self._next_call_id = 0

    @property
    def fetches_news(self) -> bool:
        """Whether the client fetches contacts and messages that are announced.

        As far as its requests have shown; a client that does not is pushed to.
        """
        return self._framing.fetches_news

    def accept(self) -> None:
        """Let the client in that asked for it.

        Raises:
            LocalProtocolError: nobody asks.
        """
        asking = self._asks()
        self._is_let_in()
        if asking.cmd_id is not None:
            self._send_own(self._framing.reply(asking.cmd_id, True, "ok", None))

    def refuse(self, text: str, *, now: float, code: int | None = None) -> None:
        """Refuse the client that asks to come in, and close.

        Args:
            text: for people.
            now: seconds on the driver's clock.
            code: of the close frame, None for the dialect's.

        Raises:
            LocalProtocolError: nobody asks.
        """
        asking = self._asks()
        if asking.cmd_id is not None:
            self._send_own(self._framing.reply(asking.cmd_id, False, text, None))
        close_code = self._framing.refusal_code if code is None else code
        # A close frame without a code has no text either.
        self._close("refused", None, now, close_code, text if close_code else "")

    def reply(
        self,
        call_id: int,
        *,
        success: bool,
        msg: str = "",
        data: dict[str, Any] | None = None,
    ) -> None:
        """Answer a call.

        Args:
            call_id: of the call; each is answered once.
            success: whether it was carried out.
            msg: for people.
            data: the result, with canonical keys.

        Raises:
            LocalProtocolError: no such call waits for an answer.
            BufferFull: the client does not read.
        """
        cmd_id = self._pending.pop(call_id, None)
        if cmd_id is None or self.state is not JsonState.OPEN:
            raise LocalProtocolError(f"no call {call_id} waits for an answer")
        self._send(self._framing.reply(cmd_id, success, msg, data))

    def notify(self, event: str, *arguments: object) -> None:
        """Send an event.

        Args:
            event: canonical name.
            arguments: the fields, with canonical keys, and perhaps a text.

        Raises:
            LocalProtocolError: the client was not let in, or has gone.
            BufferFull: the client does not read.
        """
        if self.state is not JsonState.OPEN:
            raise LocalProtocolError("the client is not let in")
        self._send(self._framing.notice(event, arguments))

    # Steps

    def _opened(self, now: float) -> None:
        self._set_deadline(now + self._auth_timeout)
        if self._framing.auth("") is None:
            self._asking = Request(None, "", None)
            self._events.append(AuthRequested(self._auth_key))

    def _asks(self) -> Request:
        if self._asking is None or self.state is not JsonState.ASKING:
            raise LocalProtocolError("nobody asks to be let in")
        return self._asking

    def _received_frame(self, frame: dict[str, Any], now: float) -> None:
        request = self._framing.read_request(frame)
        problem = self._problem(request)
        if problem:
            if request.cmd_id is None:
                self._report(problem)
            else:
                self._send_own(
                    self._framing.reply(request.cmd_id, False, problem, None)
                )
        elif request.auth_key is not None:
            self._asking = request
            self._events.append(AuthRequested(request.auth_key))
        else:
            self._called(request)

    def _problem(self, request: Request) -> str:
        """Tell why a request goes no further, empty when it does."""
        if request.problem:
            return request.problem
        if request.auth_key is not None:
            return AUTH_TWICE if self._asking is not None else ""
        if self.state is not JsonState.OPEN:
            return AUTH_FIRST
        return TOO_MANY if len(self._pending) >= MAX_PENDING_CALLS else ""

    def _called(self, request: Request) -> None:
        call_id = None
        if request.cmd_id is not None:
            # Two requests with one id get an answer each (open-questions.md, Q08).
            call_id = self._next_call_id
            self._next_call_id += 1
            self._pending[call_id] = request.cmd_id
        body = json_text.write((request.code, request.params))
        self._events.append(Call(call_id, request.code, body))

    def _too_late(self, now: float) -> None:
        if self.state is JsonState.ASKING:
            problem = f"no auth within {self._auth_timeout:g} seconds"
            error = Disconnected("timeout", problem)
            self._close("timeout", error, now, POLICY_VIOLATION, problem)
        else:
            problem = f"no WebSocket within {self._open_timeout:g} seconds"
            self._finish("timeout", Disconnected("timeout", problem))

    def _ended(self, code: int | None, detail: str, error: PadChatError | None) -> None:
        self._finish("transport close", Disconnected("transport close", detail))
