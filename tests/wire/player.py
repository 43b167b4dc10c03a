"""Our side of a replay: one pure connection after another, and its application."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from padchat_twisted.errors import PadChatError
from padchat_twisted.wire.engineio import EIO3
from padchat_twisted.wire.query import encode_query
from padchat_twisted.wire.socketio_connection import SocketIOConnection
from padchat_twisted.wire.told import (
    Asked,
    Closed,
    CloseWebSocket,
    HttpFailed,
    HttpRequest,
    HttpResponse,
    OpenWebSocket,
    Role,
    SendWebSocket,
    Told,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
)

from .acts import (
    Act,
    SetWritable,
)
from .application import Application
from .exchange import ClientExchange, ServerExchange
from .recorded import Scenario, is_upgrade, payload
from .setting import engine

#: Pairs of a query that are not the application's.
OF_THE_ENGINE = ("EIO", "transport", "t", "b64", "sid")

#: The namespaces of the servers of hand-made requests.
KNOWN = re.compile(r"/|/user|/dyn-\d+")

#: Adding milliseconds as floats may miss a deadline by a hair (seconds).
HAIR = 1e-6

#: What comes within this time of a deadline came before it (seconds).
AT_ONCE = 0.001

#: What an application does within this time is of one tick (seconds).
ONE_TICK = 0.005


@dataclass(frozen=True)
class Frame:
    """What our side asked to send.

    Args:
        t: when (seconds).
        kind: as the vectors name it.
        data: bytes of it.
        content: code and reason of a close frame, or the whole HTTP answer.
        is_lost: whether the recording proxy dropped it.
    """

    t: float
    kind: str
    data: bytes
    content: object = None
    is_lost: bool = False


class Player:
    """Plays our side.

    Args:
        recording: what is replayed.
        role: ours.
    """

    def __init__(self, recording: Scenario, role: Role) -> None:
        self._recording = recording
        self._role = role
        self._peer = "s2c" if role is Role.CLIENT else "c2s"
        self._application = Application(recording, role)
        self.problems: list[str] = []
        self.closing_error: PadChatError | None = None
        self.reason = ""

    @property
    def seen(self) -> list[tuple[str, str | None, Any]]:
        """What our application saw."""
        return self._application.seen

    def begin(self, steps: list[dict[str, Any]]) -> None:
        """Begin the connection of a session with these steps."""
        self.frames: list[Frame] = []
        self._now = 0.0
        self._is_lossy = False
        self._is_over = False
        self._is_started = False
        self._peer_close: tuple[int | None, str] = (None, "")
        self._has_closed = False
        self._requests = {s["i"]: s for s in steps if s["kind"] == "http-request"}
        self._websocket: int | None = None
        self._held: deque[HttpRequest] = deque()
        self.ignored: set[int] = set()
        self._client = ClientExchange(steps)
        self._server = ServerExchange(self._recording)
        self._below = engine(
            self._recording, self._role, steps, self._application.query()
        )
        timeout = self._recording.server_options.get("connectTimeout", 45000) / 1000
        self._connection = SocketIOConnection(self._below, join_timeout=timeout)
        self._application.begin(self._connection)

    # What the recording says

    def step(self, step: dict[str, Any]) -> None:
        """Take in one recorded step, ours or the peer's."""
        is_peers = step.get("dir") == self._peer
        t = step["t"] / 1000
        self._keep_deadlines(t + (-AT_ONCE if is_peers else ONE_TICK))
        self._now = max(self._now, t)
        match step["kind"]:
            case "note":
                self._noted(step["text"])
            case "http-request":
                self._requested(step)
            case "http-response":
                self._responded(step)
            case "tcp-close" if step["conn"] != self._websocket:
                self._request_cut(step)
            case _ if self._is_over or step["conn"] in self.ignored:
                pass
            case "ws-text" | "ws-binary" if is_peers:
                self._received(*payload(step))
            case "ws-close" if is_peers:
                self._peer_close = (step["code"], step["reason"])
            case "ws-close":
                self._has_closed = True
            case "tcp-close":
                self._tcp_closed(is_peers)
        self._turn()

    def finish(self, until: float) -> None:
        """Let time pass to the end of the connection."""
        if not self._is_over:
            self._pass_time(until)
            self._turn()

    def _pass_time(self, until: float) -> None:
        self._keep_deadlines(until)
        self._now = max(self._now, until)

    def _keep_deadlines(self, until: float) -> None:
        while not self._is_over:
            deadline = self._connection.next_deadline()
            if deadline is None or deadline > until + HAIR:
                break
            self._now = max(self._now, deadline)
            self._connection.deadline_reached(now=self._now)
            self._turn()

    def _noted(self, text: str) -> None:
        mine = "server" if self._role is Role.SERVER else "client"
        if f"bytes from {mine} to" in text:
            self._is_lossy = True
        elif text.startswith("connection broken"):
            self._fail_requests(text)
            if self._websocket is not None:
                self._tell(WebSocketClosed(None, text))
        elif text == "server process killed":
            if self._role is Role.SERVER:
                self._is_over = True
            elif self._websocket is None:
                self._client.ended += self._client.is_poll_extra
                self._fail_requests(text)

    def _fail_requests(self, reason: str) -> None:
        waiting = [*self._client.open.values(), *self._server.open]
        for number in waiting:
            self._tell(HttpFailed(number, reason))
        self._client.open.clear()
        self._server.open.clear()

    def _tell(self, told: Told) -> None:
        if not self._is_over:
            self._connection.receive(told, now=self._now)

    def _requested(self, step: dict[str, Any]) -> None:
        if not self._is_started and not self._is_over:
            self._application.url_query = tuple((k, v) for k, v in step["query"])
        if self._role is Role.CLIENT:
            if not self._is_started:
                self._is_started = True
                self._connection.start(now=self._now)
            return
        refusal = self._server.refuse(step, self._is_started, self._is_over)
        if refusal is not None:
            if not self._is_started:
                self._is_over = True
            self._note("http-response", refusal.body, refusal)
            return
        if not self._is_started:
            self._is_started = True
            self._connection.start(now=self._now)
        if not is_upgrade(step):
            request = self._server.request(step)
            if request.method == "GET" and self._has_other_split():
                self._held.append(request)
            else:
                self._tell_request(request)

    def _has_other_split(self) -> bool:
        """Tell whether the recorded poll before was answered, and ours is not yet."""
        return any(
            self._requests[number]["method"] == "GET"
            and number not in self._client.unanswered
            for number in self._server.open
        )

    def _tell_request(self, request: HttpRequest) -> None:
        self._server.open.append(request.id)
        self._tell(request)

    def _responded(self, step: dict[str, Any]) -> None:
        request = self._requests[step["re"]]
        self._client.unanswered.pop(step["re"], None)
        if is_upgrade(request):
            self._websocket_answered(step)
        elif self._role is Role.CLIENT:
            response = self._client.answered(step, request["method"])
            if response is not None:
                self._tell(response)
            elif request["method"] == "GET":
                self._client.left_out += 1
                if not self._is_over and not self._below.closing_reason:
                    self.problems.append(f"step {step['i']}: we have no poll open")

    def _websocket_answered(self, step: dict[str, Any]) -> None:
        if step["status"] != 101:
            if self._role is Role.CLIENT:
                self._tell(WebSocketClosed(None, f"HTTP {step['status']}"))
        elif self._is_over or self._websocket is not None:
            # A second WebSocket is refused by whoever knows the sids.
            self.ignored.add(step["conn"])
        else:
            self._websocket = step["conn"]
            self._tell(WebSocketOpened())

    def _request_cut(self, step: dict[str, Any]) -> None:
        """Take in the end of a connection whose request has no answer."""
        for number in self._client.cut(step, self._role, self._server.open):
            self._tell(HttpFailed(number, step["how"]))

    def _received(self, data: bytes, is_text: bool) -> None:
        if is_text:
            self._connection.receive_texts([data], self._now)
        else:
            self._connection.receive(
                WebSocketMessage(data, is_text=False), now=self._now
            )
        if data == b"3probe":
            # The recorded client had no poll open that a server had to end.
            self._turn()
            noop = self._client.end_poll(b"1:6" if self._is_of_3 else b"6")
            if noop is not None:
                self._tell(noop)

    @property
    def _is_of_3(self) -> bool:
        return self._recording.revision == EIO3

    @property
    def polls(self) -> int:
        """How many polls more than the recorded client we made, for other timing."""
        return self._client.ended - self._client.left_out

    def _tcp_closed(self, is_peers: bool) -> None:
        if is_peers or self._has_closed or self._below.is_upgrading:
            self._websocket = None
            self._tell(WebSocketClosed(*self._peer_close))
            self._turn()
        else:
            # The process on our side was ended: nobody is there to be told.
            self._is_over = True

    def do(self, acts: list[Act]) -> None:
        """Carry out acts of the application that belong together."""
        for act in acts:
            if act.t > self._now + ONE_TICK or isinstance(act.deed, SetWritable):
                self._turn()
            if not self._is_over:
                self._pass_time(act.t)
                self._application.now = self._now
                self._application.do(act.deed)
        self._turn()

    # What the connection reports and asks for

    def _turn(self) -> None:
        while True:
            occurrences = self._connection.events_received()
            for occurrence in occurrences:
                self._application.now = self._now
                self._application.occurred(occurrence)
            actions = self._connection.actions_to_take()
            for action in actions:
                self._asked(action)
            if not occurrences and not actions:
                return

    def _asked(self, action: Asked) -> None:
        match action:
            case OpenWebSocket(query):
                self._note("http-request", _target(query), action)
            case HttpRequest(_, _, query):
                self._note("http-request", _target(query), action)
                answer = self._client.asked(action)
                if answer is not None and not self._is_lossy:
                    self._tell(answer)
            case HttpResponse():
                self._server.answered(action)
                self._note("http-response", action.body, action)
                if self._held and self._requests[action.id]["method"] == "GET":
                    self._tell_request(self._held.popleft())
            case SendWebSocket(data, is_text):
                self._note("ws-text" if is_text else "ws-binary", data)
            case CloseWebSocket(code, reason):
                self._has_closed = True
                self._note("ws-close", b"", (code, reason))
            case Closed(reason, error):
                self.closing_error, self.reason = error, reason
                self._is_over = True
                if self._role is Role.CLIENT and not self._application.was_joined:
                    self.seen.append(("connect_error", None, [reason]))
            case _:
                self.problems.append(f"asked for {action!r}")

    def _note(self, kind: str, data: bytes, content: object = None) -> None:
        self.frames.append(Frame(self._now, kind, data, content, self._is_lossy))


def _target(query: Sequence[tuple[str, str]]) -> bytes:
    return f"/socket.io/?{encode_query(list(query))}".encode()
