"""A world in memory, and clients that talk to it without a wire."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from twisted.internet.task import Clock

from padchat_twisted.catalogue.base import Result
from padchat_twisted.catalogue.events import decode_reply
from padchat_twisted.sandbox.accounts import Account
from padchat_twisted.sandbox.binding import Binding, Notice
from padchat_twisted.sandbox.responders import Reply, respond
from padchat_twisted.sandbox.settings import WorldSettings
from padchat_twisted.sandbox.world import World

R = TypeVar("R", bound=Result)

#: When the tests begin (Unix time, seconds).
BEGIN = 1_700_000_000.0

KEY = "KEY-0001"

#: Ticks in one waiting; a code of 240 seconds has 50.
MAX_TICKS = 1000

#: The four fields of ``init``, as the reference client sends them.
DEVICE = {
    "deviceName": "Example iPad",
    "deviceUuid": "00000000-0000-4000-8000-00000000ABCD",
    "deviceWifiName": "ExampleWifi",
    "deviceWifiMac": "02:00:00:00:00:01",
}


def repeatable_hex() -> Callable[[int], str]:
    """Make a ``random_hex`` that gives the same digits in each run, all different."""
    count = itertools.count()

    def random_hex(size: int) -> str:
        seed = str(next(count)).encode()
        return hashlib.shake_256(seed).hexdigest(size)

    return random_hex


class Client:
    """One connection of a client, with all events that it got."""

    def __init__(self, world: World, name: str, key: str) -> None:
        self.wakes = 0
        self.notices: list[Notice] = []
        self.binding: Binding = world.attach(key, name, self._wake)

    @property
    def account(self) -> Account:
        """The sub-account."""
        return self.binding.account

    def call(self, code: str, params: object = None) -> Reply:
        """Send one command."""
        return respond(self.binding, code, params)

    def refused(self, code: str, params: object = None) -> str:
        """Send one command that must be refused; return the reason."""
        reply = self.call(code, params)
        assert not reply.success, f"{code} was not refused"
        return reply.msg

    def take(self) -> list[Notice]:
        """Take what waits, and remember it."""
        taken = list(self.binding.take_notices())
        self.notices += taken
        return taken

    def events(self) -> list[str]:
        """Take what waits, and name it."""
        return [notice.event for notice in self.take()]

    def payloads(self, event: str) -> list[dict[str, Any]]:
        """Take what waits, and return the first arguments of one event."""
        return [first(notice) for notice in self.take() if notice.event == event]

    def pushed(self, *msg_types: int) -> list[dict[str, Any]]:
        """Take what waits, and return the push items of these types."""
        return [
            item
            for payload in self.payloads("push")
            for item in payload["list"]
            if item["msgType"] in msg_types
        ]

    def texts(self) -> list[str]:
        """Take what waits, and return the contents of the text messages."""
        return [item["content"] for item in self.pushed(1)]

    def init(self, **fields: str) -> Reply:
        """Initialise the task with the usual device, or with these fields."""
        return self.call("init", fields or DEVICE)

    def show_code(self) -> str:
        """Begin a QR login; return the content of the code."""
        self.init()
        assert self.call("login", {"loginType": "qrcode"}).success
        content: str = self.payloads("qrcode")[0]["qrCode"]
        return content

    def log_in(self) -> Client:
        """Log in by QR code as the account's own user, and read what follows."""
        self.show_code()
        self.account.own_user.scan(self.account)
        self.account.own_user.confirm(self.account)
        self.take()
        return self

    def token(self) -> str:
        """Fetch a login token."""
        token: str = self.call("getAutoLoginData").data["token"]  # type: ignore[assignment]  # it is a text
        return token

    def log_in_by_token(self, token: str) -> Reply:
        """Initialise with the usual device, and log in by token."""
        self.init()
        return self.call("login", {"loginType": "token", "token": token})

    def _wake(self) -> None:
        self.wakes += 1


def first(notice: Notice) -> dict[str, Any]:
    """Return the first argument of an event."""
    payload = notice.args[0]
    assert isinstance(payload, dict)
    return payload


def as_read(reply: Reply, result: type[R]) -> R:
    """Let a client's catalogue read a reply."""
    body = [{"success": reply.success, "msg": reply.msg, "data": reply.data}]
    read = decode_reply(result, msgspec.json.encode(body))
    assert isinstance(read, result)
    return read


class Stage:
    """A world whose time stands still unless told otherwise."""

    def __init__(self, settings: WorldSettings | None = None) -> None:
        self.clock = Clock()
        self.clock.advance(BEGIN)
        self.random_hex = repeatable_hex()
        self.world = World(
            clock=self.clock.seconds,
            random_hex=self.random_hex,
            base_url="http://sandbox.invalid:8080",
            settings=settings,
        )

    def connect(self, name: str = "bot1", key: str = KEY) -> Client:
        """Attach a new connection."""
        return Client(self.world, name, key)

    def wait(self, seconds: float) -> None:
        """Let time pass, and the world do what is due, as the server would."""
        until = self.clock.seconds() + seconds
        ticks = 0
        while (due := self.world.next_deadline()) is not None and due <= until:
            self.clock.advance(max(0.0, due - self.clock.seconds()))
            self.world.tick()
            ticks += 1
            assert ticks < MAX_TICKS, "the world wants to be woken without end"
        self.clock.advance(until - self.clock.seconds())

    def restart(self) -> None:
        """Make the world anew of what it dumps."""
        self.world = World.load(
            self.world.dump(),
            clock=self.clock.seconds,
            random_hex=self.random_hex,
            base_url=self.world.base_url,
            settings=self.world.settings,
        )
