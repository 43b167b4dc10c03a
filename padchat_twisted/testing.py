"""Fakes for tests of bots and handlers: a gateway in memory, and what it says.

Nothing here needs a network, a reactor or a phone::

    class GreeterTests(SynchronousTestCase):
        def test_greets(self) -> None:
            account, gateway = ready_account(handlers=setup)
            gateway.push(text_message("hello", from_user="wxid_friend"))
            call = gateway.calls[-1]
            self.assertEqual(call.params["toUserName"], "wxid_friend")
            gateway.reply(call.call_id, {"msgId": "1"})

The fakes implement the interfaces that the real ones do, so what passes here runs
there. For a whole gateway with people who scan and write, use the sandbox.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Generic, TypeVar

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import Clock
from zope.interface import implementer

from .errors import AuthKeyInvalid, ConnectError, Disconnected, PadChatError
from .interfaces import (
    AccountKey,
    GatewayReceiver,
    IConnector,
    IGatewayConnection,
    IStateStore,
)
from .session.account import AccountSession, Handlers
from .session.endurance import UNWATCHED
from .session.pacing import Pacing
from .store import MemoryStore
from .wire import json_text
from .wire.dialect_socketio import notice_body, reply_body
from .wire.envelope import Notice, Reply

__all__ = [
    "FakeCall",
    "FakeConnection",
    "FakeConnector",
    "RecordedHandler",
    "contact",
    "image_message",
    "push_item",
    "ready_account",
    "system_message",
    "text_message",
]

E = TypeVar("E")

#: Ids that a fake gateway gives to messages without one begin here.
FIRST_MESSAGE_ID = 9000000000000000001


@dataclass(frozen=True, slots=True)
class FakeCall:
    """A call as it came to the fake gateway.

    Args:
        call_id: what its reply is matched by.
        code: wire name of the command.
        params: its parameters, decoded.
        body: the same as the bytes that were sent.
    """

    call_id: int
    code: str
    params: dict[str, Any] = field(repr=False)
    body: bytes = field(repr=False)


@implementer(IGatewayConnection)
class FakeConnection:
    """A connection to a gateway that is played by the test.

    Args:
        receiver: hears what the gateway says.
        message_ids: where the ids of messages without one come from.

    Attributes:
        calls: the calls that left, oldest first.
        waiting: the calls that could not leave, since ``is_writable`` was False.
        is_writable: set it to False to have calls wait; see ``let_out``.
        is_paused: whether reading is paused; then what the gateway says waits.
        is_closing: whether we asked to leave.
        is_lost: whether it is over.
        closes_at_once: whether it is lost as soon as we leave; else call ``lose``.
        failure: what ``fail`` was called with.
    """

    peer = "gateway.test:80"

    def __init__(
        self, receiver: GatewayReceiver, message_ids: Iterator[int] | None = None
    ) -> None:
        self._receiver: GatewayReceiver | None = receiver
        self._message_ids = message_ids or count(FIRST_MESSAGE_ID)
        self._unread: list[Reply | Notice] = []
        self.calls: list[FakeCall] = []
        self.waiting: list[FakeCall] = []
        self.is_writable = True
        self.is_paused = False
        self.is_closing = False
        self.is_lost = False
        self.closes_at_once = True
        self.failure: PadChatError | None = None

    # For the test

    def last_call(self, code: str) -> FakeCall:
        """Return the newest call of a command.

        Raises:
            LookupError: there is none.
        """
        for call in reversed(self.calls):
            if call.code == code:
                return call
        raise LookupError(f"{code!r} is not among {[call.code for call in self.calls]}")

    def reply(
        self, call_id: int, data: Mapping[str, object] | None = None, *, msg: str = ""
    ) -> None:
        """Answer a call with success."""
        said = {"success": True, "msg": msg, "data": dict(data or {})}
        self.say(Reply(call_id, reply_body(said)))

    def refuse(self, call_id: int, msg: str = "", status: int | None = None) -> None:
        """Answer a call with a refusal."""
        data = {} if status is None else {"status": status}
        said = {"success": False, "msg": msg, "data": data}
        self.say(Reply(call_id, reply_body(said)))

    def push(self, *items: Mapping[str, object]) -> None:
        """Push items; messages that have no id are given one."""
        given = [dict(item) for item in items]
        for item in given:
            if "fromUser" in item and "msgId" not in item:
                item["msgId"] = str(next(self._message_ids))
        self.notice("push", {"list": given})

    def notice(self, event: str, *arguments: object) -> None:
        """Say anything unasked."""
        self.say(Notice(event, notice_body(event, *arguments)))

    def say(self, *envelopes: Reply | Notice) -> None:
        """Say whatever these envelopes hold, in one read."""
        if self.is_paused:
            self._unread.extend(envelopes)
        elif self._receiver is not None and not self.is_lost:
            self._receiver.received(envelopes)

    def let_out(self) -> None:
        """Take bytes again: calls that waited leave."""
        self.is_writable = True
        self.calls += self.waiting
        self.waiting.clear()

    def lose(self, reason: PadChatError | None = None) -> None:
        """End the connection, as when the network is gone."""
        if self.is_lost:
            return
        self.is_lost = True
        unsent = frozenset(call.call_id for call in self.waiting)
        if self._receiver is not None:
            self._receiver.lost(reason or Disconnected("transport close"), unsent)

    def detach(self) -> None:
        """Tell the receiver nothing any more."""
        self._receiver = None
        self.is_closing = True

    # For the session

    def send_call(self, call_id: int, code: str, params: bytes) -> None:
        """Take a call; see ``IGatewayConnection``."""
        call = FakeCall(call_id, code, json_text.read(params), params)
        (self.calls if self.is_writable else self.waiting).append(call)

    def withdraw_call(self, call_id: int) -> bool:
        """Take a call back that waits."""
        for call in self.waiting:
            if call.call_id == call_id:
                self.waiting.remove(call)
                return True
        return False

    def pause(self) -> None:
        """Stop reading."""
        self.is_paused = True

    def resume(self) -> None:
        """Read again, what waited first."""
        self.is_paused = False
        unread, self._unread = self._unread, []
        if unread:
            self.say(*unread)

    def close(self) -> None:
        """Leave in good order."""
        self.is_closing = True
        if self.closes_at_once:
            self.lose(Disconnected("io client disconnect"))

    def abort(self) -> None:
        """Drop it at once."""
        self.lose(Disconnected("aborted"))

    def fail(self, error: PadChatError) -> None:
        """Close it since the gateway broke a rule."""
        self.failure = error
        self.lose(error)


@implementer(IConnector)
class FakeConnector:
    """A connector whose attempts end as the test says.

    Args:
        url: of the gateway.
        paces_itself: see ``IConnector``.

    Attributes:
        attempts: how often the account tried to connect.
        connections: those that came about, oldest first.
    """

    def __init__(
        self, url: str = "http://gateway.test/user", *, paces_itself: bool = False
    ) -> None:
        self.url = url
        self.paces_itself = paces_itself
        self.attempts = 0
        self.connections: list[FakeConnection] = []
        self._message_ids = count(FIRST_MESSAGE_ID)
        self._receiver: GatewayReceiver | None = None

    # For the test

    @property
    def is_connecting(self) -> bool:
        """Whether an attempt is under way."""
        return self._receiver is not None

    def let_in(self) -> FakeConnection:
        """Have the attempt succeed."""
        receiver = self._take_receiver()
        connection = FakeConnection(receiver, self._message_ids)
        self.connections.append(connection)
        receiver.connected(connection)
        return connection

    def fail(self, error: ConnectError | None = None) -> None:
        """Have the attempt fail; another one may succeed."""
        reason = error or ConnectError(FakeConnection.peer, "connection refused")
        self._take_receiver().lost(reason, frozenset())

    def refuse(self, problem: str = "authKey is not valid") -> None:
        """Have the attempt refused for good, as with a wrong auth key."""
        self.fail(AuthKeyInvalid(FakeConnection.peer, problem))

    # For the session

    def connect(self, receiver: GatewayReceiver) -> None:
        """Begin an attempt."""
        self.attempts += 1
        self._receiver = receiver

    def stop(self) -> None:
        """Leave the attempt or the connection; nothing is told any more."""
        self._receiver = None
        if self.connections:
            self.connections[-1].detach()

    def _take_receiver(self) -> GatewayReceiver:
        receiver, self._receiver = self._receiver, None
        if receiver is None:
            raise RuntimeError("no attempt to connect is under way")
        return receiver


class RecordedHandler(Generic[E]):
    """A handler that keeps what it was called with, in ``events``."""

    def __init__(self) -> None:
        self.events: list[E] = []

    def __call__(self, account: object, event: E) -> None:
        """Take an event."""
        self.events.append(event)


def ready_account(
    *,
    handlers: Handlers | None = None,
    name: str = "bot",
    user_name: str = "wxid_bot",
    clock: IReactorTime | None = None,
    connector: FakeConnector | None = None,
    store: IStateStore | None = None,
    pacing: Pacing | None = None,
) -> tuple[AccountSession, FakeConnection]:
    """Build an account that is logged in at a fake gateway.

    Args:
        handlers: called with the account before it connects.
        name: label of the account.
        user_name: its WeChat id.
        clock: None for one that stands still.
        connector: None for a new one.
        store: must be open, and fire at once; None for a new one in memory.
        pacing: see ``connect``.

    Returns:
        The account, in state ``ready``, and its connection.
    """
    if store is None:
        store = MemoryStore()
        store.open()
    connector = connector or FakeConnector()
    key = AccountKey(connector.url, "0" * 16, name)
    account = AccountSession(
        clock or Clock(), connector, key, store, endurance=UNWATCHED, pacing=pacing
    )
    if handlers is not None:
        handlers(account)
    account.start()
    connection = connector.let_in()
    connection.reply(connection.last_call("init").call_id)
    connection.reply(connection.last_call("login").call_id)
    connection.notice("login", {"data": {"userName": user_name}})
    connection.reply(connection.last_call("getDeviceInfo").call_id)
    token = {"token": "token-of-a-fake"}
    connection.reply(connection.last_call("getAutoLoginData").call_id, token)
    connection.notice("loaded")
    return account, connection


def text_message(content: str = "hello", **fields: object) -> dict[str, object]:
    """Build a text message as it is pushed.

    Args:
        content: the text.
        **fields: others, with our spelling (``from_user``, ...); None leaves one out.
            With ``room="1@chatroom"`` it was written there, and names its sender.
    """
    return _message(1, content, fields)


def image_message(data: str = "/9j/4A==", **fields: object) -> dict[str, object]:
    """Build an image message; *data* is its thumbnail. See ``text_message``."""
    return _message(3, "<msg><img /></msg>", {"data": data, **fields})


def system_message(content: str, **fields: object) -> dict[str, object]:
    """Build a text of WeChat itself as it is pushed; see ``text_message``."""
    return _message(10000, content, fields)


def push_item(msg_type: int, **fields: object) -> dict[str, object]:
    """Build an item of any kind, with nothing but the given fields."""
    return _item(msg_type, fields)


def contact(user_name: str = "wxid_friend", **fields: object) -> dict[str, object]:
    """Build a contact as it is pushed.

    Args:
        user_name: WeChat id; ``...@chatroom`` for a room.
        **fields: other fields of ``Contact``, with our spelling.
    """
    return _item(2, {"user_name": user_name, "nick_name": "Friend", **fields})


def _message(kind: int, content: str, fields: dict[str, object]) -> dict[str, object]:
    parties = {"from_user": "wxid_friend", "to_user": "wxid_bot"}
    given = {**parties, "timestamp": 1500000000, **fields}
    if (in_room := given.pop("room", None)) is not None:
        if kind != 10000:
            content = f"{given['from_user']}:\n{content}"
        given["from_user"] = in_room
    return _item(kind, {"content": content, **given})


def _item(msg_type: int, fields: Mapping[str, object]) -> dict[str, object]:
    given = {"msg_type": msg_type, **fields}
    return {_wire_name(n): value for n, value in given.items() if value is not None}


def _wire_name(name: str) -> str:
    first, *others = name.replace("continues", "continue").split("_")
    return first + "".join(word.capitalize() for word in others)
