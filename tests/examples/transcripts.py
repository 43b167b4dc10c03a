"""The transcripts of the protocol page, made by the pure core and the pretend WeChat.

A `Stage` joins a client's and a server's connection in memory and writes down every
frame; `TRANSCRIPTS` has a function for each transcript of the page. Nothing in here
is random or reads a clock, so the frames are the same each time.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from padchat_twisted.catalogue import (
    Close,
    Command,
    GetAutoLoginData,
    GetDeviceInfo,
    Init,
    Login,
    SendMsg,
    decode_command,
)
from padchat_twisted.sandbox.binding import Binding
from padchat_twisted.sandbox.responders import respond
from padchat_twisted.sandbox.server import INVALID_KEY, qr_picture
from padchat_twisted.sandbox.world import World
from padchat_twisted.transport.dialer import ENGINE_PATH
from padchat_twisted.wire import json_text
from padchat_twisted.wire.dialect_socketio import (
    call_body,
    client_connection,
    notice_body,
    reply_body,
    server_connection,
    translate_call,
)
from padchat_twisted.wire.occurrences import NamespaceLeft, NamespaceRequested
from padchat_twisted.wire.query import encode_query
from padchat_twisted.wire.socketio_connection import SocketIOConnection
from padchat_twisted.wire.told import (
    Closed,
    CloseWebSocket,
    OpenWebSocket,
    SendWebSocket,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
)

__all__ = ["TRANSCRIPTS", "Stage", "broken", "shown"]

NAMESPACE = "/user"
KEY = "KEY-0001"

#: Unix time at which each transcript begins (seconds).
BEGIN = 1_500_000_000.0

DEVICE = Init(
    "Example iPad",
    "00000000-0000-4000-8000-00000000ABCD",
    "ExampleWifi",
    "02:00:00:00:00:01",
)

#: What is longer is cut in a transcript: texts, fields of an object, items of a list.
MAX_TEXT = 70
MAX_FIELDS = 9
MAX_ITEMS = 1
MAX_LINE = 84

_FRAME = re.compile(r"(\d+(?:/\w+,)?\d*)(\[.*)", re.DOTALL)


class Client:
    """One client of the stage: its connection, joined with one of the gateway.

    Args:
        stage: where it is.
        auth_key: its key.
        mark: what its lines begin with.
    """

    def __init__(self, stage: Stage, auth_key: str, mark: str) -> None:
        self._stage = stage
        self._mark = mark
        self._next_id = 0
        self._binding: Binding | None = None
        self._is_over = False
        pairs = (("authKey", auth_key), ("name", "bot"))
        self._client = client_connection(NAMESPACE, pairs, peer="the gateway")
        self._server = server_connection(f"EXAMPLESID{stage.new_number():010}")
        self._client.start(now=stage.now)
        self._server.start(now=stage.now)
        self.turn()

    def call(self, command: Command[Any]) -> None:
        """Send a command, and let everything happen that follows."""
        body = call_body(command.wire_name, json_text.write(command))
        self._client.emit(NAMESPACE, body, ack_id=self._next_id)
        self._next_id += 1
        self.turn()

    def leave(self) -> None:
        """Close in good order."""
        self._client.close(now=self._stage.now)
        self.turn()

    def wait(self, seconds: float) -> None:
        """Let time pass for the connection."""
        self._stage.now += seconds
        for connection in (self._client, self._server):
            deadline = connection.next_deadline()
            if deadline is not None and deadline <= self._stage.now:
                connection.deadline_reached(now=self._stage.now)
        self.turn()

    def turn(self) -> None:
        """Carry over what each side sends, until neither has anything to say."""
        while self._take("> ", self._client, self._server) or self._serve():
            pass

    def _serve(self) -> bool:
        return self._take("< ", self._server, self._client)

    def _take(
        self, arrow: str, sender: SocketIOConnection, receiver: SocketIOConnection
    ) -> bool:
        occurrences = sender.events_received()
        if sender is self._server:
            for occurrence in occurrences:
                self._answer(occurrence)
            self._send_notices()
        actions = [] if self._is_over else sender.actions_to_take()
        now = self._stage.now
        for action in actions:
            match action:
                case OpenWebSocket(query):
                    path = f"{ENGINE_PATH}?{encode_query(query)}"
                    self._write(arrow, f"GET {path} HTTP/1.1")
                    sender.receive(WebSocketOpened(), now=now)
                    receiver.receive(WebSocketOpened(), now=now)
                case SendWebSocket(data, is_text):
                    self._write(arrow, shown(data.decode()))
                    receiver.receive(WebSocketMessage(data, is_text), now=now)
                case CloseWebSocket(code, reason):
                    self._write(arrow, "(the WebSocket is closed)")
                    self._is_over = True
                    sender.receive(WebSocketClosed(code, reason), now=now)
                    receiver.receive(WebSocketClosed(code, reason), now=now)
                case Closed():
                    self._is_over = True
                case _:
                    raise AssertionError(f"asked for {action!r}")
        return bool(occurrences or actions)

    def _answer(self, occurrence: object) -> None:
        match occurrence:
            case NamespaceRequested("/"):
                self._server.accept("/")
            case NamespaceRequested(namespace, query):
                pairs = dict(query)
                if pairs["authKey"] == KEY:
                    world = self._stage.world
                    self._binding = world.attach(pairs["authKey"], pairs["name"])
                    self._server.accept(namespace)
                else:
                    self._server.refuse(namespace, json_text.write(INVALID_KEY))
            case NamespaceLeft(namespace) if namespace == NAMESPACE:
                if self._binding is not None:
                    self._binding.detach()
            case _:
                self._carry_out(occurrence)

    def _carry_out(self, occurrence: Any) -> None:  # noqa: ANN401 - an occurrence
        call = translate_call(occurrence)
        if call is None or self._binding is None or call.call_id is None:
            return
        reply = respond(self._binding, call.code, decode_command(call))
        said = {"success": reply.success, "msg": reply.msg, "data": reply.data}
        self._server.acknowledge(NAMESPACE, call.call_id, reply_body(said))

    def _send_notices(self) -> None:
        binding = self._binding
        if binding is None:
            return
        for notice in binding.take_notices():
            first = notice.args[0] if notice.args else None
            arguments = notice.args
            if isinstance(first, dict) and "qrCode" in first:
                arguments = ({**first, "qrCode": qr_picture(first["qrCode"])},)
            body = notice_body(notice.event, *arguments)
            self._server.emit(NAMESPACE, body)
        if binding.is_over:
            self._binding = None
            self._server.close(now=self._stage.now)

    def _write(self, arrow: str, text: str) -> None:
        first, *others = text.splitlines()
        self._stage.lines.append(f"{self._mark}{arrow}{first}")
        self._stage.lines += [f"{self._mark}    {line}" for line in others]


class Stage:
    """A pretend WeChat, its gateway, and clients.

    Attributes:
        lines: what went over the wire.
        now: Unix time (seconds).
        world: the pretend WeChat.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.now = BEGIN
        self._number = 0
        self.world = World(
            clock=lambda: self.now,
            random_hex=self._random_hex,
            base_url="http://127.0.0.1:7700",
        )
        self.alice = self.world.person("alice")

    def client(self, auth_key: str = KEY, mark: str = "") -> Client:
        """Connect a client."""
        return Client(self, auth_key, mark)

    def logged_in(self) -> Client:
        """Connect a client that is logged in, and forget what was said until then."""
        client = self.client()
        client.call(DEVICE)
        client.call(Login(login_type="qrcode"))
        self.world.person("bob").scan("bot")
        self.world.person("bob").confirm()
        client.turn()
        self.lines.clear()
        return client

    def note(self, text: str) -> None:
        """Say in the transcript what happens beside the wire."""
        self.lines.append(f"({text})")

    def new_number(self) -> int:
        """Count."""
        self._number += 1
        return self._number

    def _random_hex(self, size: int) -> str:
        digits = hashlib.sha512(str(self.new_number()).encode()).hexdigest()
        return digits[: 2 * size]


def shown(frame: str) -> str:
    """Shorten a frame for a person, and break it into lines.

    What is cut is marked by three dots.
    """
    found = _FRAME.fullmatch(frame)
    return frame if found is None else broken(found[1], json.loads(found[2]))


def broken(head: str, value: Any, longest: int = MAX_TEXT) -> str:  # noqa: ANN401
    """Write *head* and a JSON value, texts cut, in lines that a page has room for."""
    written = json.dumps(
        _cut(value, longest), ensure_ascii=False, separators=(",", ":")
    )
    written = written.replace('"...":"..."', "...").replace('"..."', "...")
    lines = [head]
    for part in re.split(r'(?<=,)(?=["\[{.])', written):
        if len(lines[-1]) + len(part) > MAX_LINE:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _cut(value: Any, longest: int) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str) and len(value) > longest:
        return f"{value[: longest // 3]}..."
    if isinstance(value, dict):
        kept = list(value.items())
        cut = dict(kept[:MAX_FIELDS]) if len(kept) > MAX_FIELDS + 1 else value
        more = {} if cut is value else {"...": "..."}
        return {key: _cut(item, longest) for key, item in cut.items()} | more
    if isinstance(value, list):
        is_items = bool(value) and all(isinstance(item, dict) for item in value)
        kept_items = value[:MAX_ITEMS] if is_items else value
        more_items = [] if len(kept_items) == len(value) else ["..."]
        return [_cut(item, longest) for item in kept_items] + more_items
    return value


# The transcripts


def connection(stage: Stage) -> None:
    """Connect."""
    stage.client()


def refused_key(stage: Stage) -> None:
    """Connect with a wrong key."""
    stage.client("KEY-9999").leave()


def init(stage: Stage) -> None:
    """Create the task."""
    client = stage.client()
    stage.lines.clear()
    client.call(DEVICE)


def login(stage: Stage) -> None:
    """Be refused with a token, then show a code that is scanned and confirmed."""
    client = stage.client()
    client.call(DEVICE)
    stage.lines.clear()
    client.call(Login(token="dG9rZW4gb2YgeWVzdGVyZGF5", login_type="token"))
    client.call(Login(login_type="qrcode"))
    stage.now += 5
    bob = stage.world.person("bob")
    bob.scan("bot")
    stage.note("bob scans the code")
    client.turn()
    bob.confirm()
    stage.note("bob confirms the login on his phone")
    client.turn()


def save_login(stage: Stage) -> None:
    """Fetch what the next login needs, and use it."""
    client = stage.logged_in()
    client.call(GetDeviceInfo())
    client.call(GetAutoLoginData())


def push(stage: Stage) -> None:
    """Get messages from a person and from a room."""
    client = stage.logged_in()
    stage.world.room("dev", members=["alice", "bob"])
    client.turn()
    stage.lines.clear()
    stage.alice.says("ping", to="bot")
    client.turn()
    stage.alice.says("hello, all", to="dev")
    client.turn()


def command(stage: Stage) -> None:
    """Send a command that is carried out, and one that is refused."""
    client = stage.logged_in()
    client.call(SendMsg(stage.alice.user_name, "pong"))
    client.call(SendMsg("wxid_nobody", "pong"))


def heartbeat(stage: Stage) -> None:
    """Let 25 seconds pass."""
    client = stage.logged_in()
    client.wait(25.0)


def taken_over(stage: Stage) -> None:
    """Let a second client run the account."""
    first = stage.client(mark="first  ")
    stage.lines.clear()
    second = stage.client(mark="second ")
    first.turn()
    second.turn()


def close(stage: Stage) -> None:
    """End the task, then leave."""
    client = stage.logged_in()
    client.call(Close())
    client.leave()


#: What the page shows, by the name of its place there.
TRANSCRIPTS: dict[str, Callable[[Stage], None]] = {
    "connection": connection,
    "refused-key": refused_key,
    "init": init,
    "login": login,
    "save-login": save_login,
    "push": push,
    "command": command,
    "heartbeat": heartbeat,
    "taken-over": taken_over,
    "close": close,
}


def transcript(name: str) -> str:
    """Make one transcript, as a block of the page."""
    stage = Stage()
    TRANSCRIPTS[name](stage)
    return "\n".join(["```text", *stage.lines, "```"])
