"""Gateways that break every rule, over any transport."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory, Protocol

from .by_hand import TEXT, answer_upgrade, frame, masked
from .in_memory import OPEN_PACKET

_CALL = re.compile(rb'42/user,(\d+)\["(\w+)"')


def _nothing(_: HostileGateway) -> None:
    """Do nothing."""


def _no_answer(_: HostileGateway, ack_id: bytes, code: bytes) -> None:
    """Answer no call."""


@dataclass(frozen=True)
class Play:
    """What a gateway does, and when.

    Args:
        on_connect: when TCP is there.
        on_request: when the client's HTTP head is there.
        on_call: when the client sends a command, with its ack id and name.
        is_alive: whether pings are answered.
    """

    on_connect: Callable[[HostileGateway], object] = _nothing
    on_request: Callable[[HostileGateway], object] = _nothing
    on_call: Callable[[HostileGateway, bytes, bytes], object] = _no_answer
    is_alive: bool = True


class HostileGateway(Protocol):
    """One connection of a client to a gateway that plays *play*."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._received = b""
        self.request = b""

    def connectionMade(self) -> None:
        """The client is there."""
        self._play.on_connect(self)

    def dataReceived(self, data: bytes) -> None:
        """Read the client's head, then its text frames."""
        self._received += data
        if not self.request:
            head, end, self._received = self._received.partition(b"\r\n\r\n")
            if not end:
                self._received = head
                return
            self.request = head + end
            self._play.on_request(self)
        while (text := self._next_text()) is not None:
            if text == b"2" and self._play.is_alive:
                self.texts(b"3")
            elif call := _CALL.match(text):
                self._play.on_call(self, call[1], call[2])

    def _next_text(self) -> bytes | None:
        """Take one frame of the client; all of those in these tests are small."""
        data = self._received
        if len(data) < 6:
            return None
        size, start = data[1] & 0x7F, 6
        if size == 126:
            size, start = int.from_bytes(data[2:4], "big"), 8
        if len(data) < start + size:
            return None
        self._received = data[start + size :]
        return masked(data[start : start + size], data[start - 4 : start])

    def send(self, data: bytes) -> None:
        """Send bytes."""
        assert self.transport is not None
        self.transport.write(data)

    def texts(self, *texts: bytes) -> None:
        """Send text frames."""
        self.send(b"".join(frame(TEXT, text) for text in texts))

    def upgrade(self) -> None:
        """Take the WebSocket handshake."""
        self.send(answer_upgrade(self.request))

    def let_in(self) -> None:
        """Let the client in, as an honest gateway."""
        self.upgrade()
        self.texts(OPEN_PACKET, b"40", b"40/user")

    def reply(self, ack_id: bytes, body: bytes = b'{"success":true,"data":{}}') -> None:
        """Reply to a command."""
        self.texts(b"43/user,%b[%b]" % (ack_id, body))

    def notice(self, event: str, body: bytes) -> None:
        """Send an event with one argument."""
        self.texts(b'42/user,["%b",%b]' % (event.encode(), body))

    def leave(self) -> None:
        """Drop the connection."""
        assert self.transport is not None
        self.transport.loseConnection()


class HostileFactory(Factory):
    """Builds the connections of one hostile gateway."""

    noisy = False

    def __init__(self, play: Play) -> None:
        self._play = play
        self.built: list[HostileGateway] = []

    def buildProtocol(self, addr: IAddress | None) -> HostileGateway:
        """Build one."""
        gateway = HostileGateway(self._play)
        self.built.append(gateway)
        return gateway


@dataclass(frozen=True)
class Case:
    """A hostile gateway, and how an account must end with it.

    Args:
        play: what the gateway does.
        error: class of the reason that the account gives.
        text: part of the reason's text.
        within: time limit (seconds).
        cause: class of the reason's cause, where there is one.
    """

    play: Play
    error: type[BaseException]
    text: str
    within: float = 0.0
    cause: type[BaseException] | None = field(default=None)


def at_once(data: bytes, *, leaves: bool = False) -> Play:
    """Send *data* as soon as there is a connection."""

    def connected(gateway: HostileGateway) -> None:
        gateway.send(data)
        if leaves:
            gateway.leave()

    return Play(on_connect=connected)


def instead_of_101(data: bytes) -> Play:
    """Send *data* as the answer to the HTTP request."""
    return Play(on_request=lambda gateway: gateway.send(data))


def after_101(*texts: bytes, raw: bytes = b"", leaves: bool = False) -> Play:
    """Take the handshake, then send text frames and bytes."""

    def requested(gateway: HostileGateway) -> None:
        gateway.upgrade()
        gateway.texts(*texts)
        gateway.send(raw)
        if leaves:
            gateway.leave()

    return Play(on_request=requested)


def after_open(*texts: bytes, raw: bytes = b"", leaves: bool = False) -> Play:
    """Open Engine.IO, then send text frames and bytes."""
    return after_101(OPEN_PACKET, b"40", *texts, raw=raw, leaves=leaves)


def after_join(*texts: bytes, raw: bytes = b"", leaves: bool = False) -> Play:
    """Let the client in; send text frames and bytes in place of a reply to ``init``."""

    def called(gateway: HostileGateway, ack_id: bytes, name: bytes) -> None:
        gateway.texts(*texts)
        gateway.send(raw)
        if leaves:
            gateway.leave()

    return Play(on_request=HostileGateway.let_in, on_call=called)


def answers(code: bytes, body: bytes) -> Play:
    """Behave, but give *body* as the reply to one command."""

    def called(gateway: HostileGateway, ack_id: bytes, name: bytes) -> None:
        if name == code:
            gateway.reply(ack_id, body)
        else:
            gateway.reply(ack_id)

    return Play(on_request=HostileGateway.let_in, on_call=called)


def says_after_login(*texts: bytes) -> Play:
    """Behave, and send text frames behind the reply to ``login``."""

    def called(gateway: HostileGateway, ack_id: bytes, name: bytes) -> None:
        gateway.reply(ack_id)
        if name == b"login":
            gateway.texts(*texts)

    return Play(on_request=HostileGateway.let_in, on_call=called)
