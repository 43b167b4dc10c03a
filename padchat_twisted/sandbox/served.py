"""One client of the sandbox gateway, whatever dialect it speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from ..catalogue import decode_command
from ..errors import LocalProtocolError, PadChatError, RemoteProtocolError
from ..transport.driver import Driver
from ..wire.envelope import Call
from .interfaces import IBinding, IWorld, WorldNotice, WorldReply

if TYPE_CHECKING:
    from .faults.trouble import Trouble

__all__ = ["INVALID_KEY", "Gateway", "Served"]

#: What a client with a wrong key is told. Source: dialects.md, 2; *our choice*.
INVALID_KEY = "authKey is not valid"

_log = Logger()


class Gateway(Protocol):
    """What a client needs of the gateway."""

    @property
    def clock(self) -> IReactorTime:
        """For what is done in a moment."""

    @property
    def world(self) -> IWorld:
        """What is behind it."""

    @property
    def trouble(self) -> Trouble | None:
        """The faults that happen here, None for none."""

    def accepts(self, auth_key: str) -> bool:
        """Tell whether a key is accepted."""

    def look_at_time(self) -> None:
        """Set the timer to the world's next deadline."""


class Served:
    """One client: its commands go to the world, and the world's events to it.

    A subclass for each dialect says how.

    Args:
        gateway: where it is.

    Attributes:
        driver: runs its connection; set when that begins.
        binding: its hold on a sub-account, when it has one.
    """

    driver: Driver

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.binding: IBinding | None = None
        self._waking: IDelayedCall | None = None

    # What each dialect does in its own way

    def respond(self, binding: IBinding, code: str, params: object) -> WorldReply:
        """Carry out one command."""
        return binding.respond(code, params)

    def reply(self, call_id: int, reply: WorldReply) -> None:
        """Send a reply.

        Raises:
            LocalProtocolError: it cannot be sent.
        """
        raise NotImplementedError

    def notify(self, notice: WorldNotice) -> None:
        """Send an event.

        Raises:
            LocalProtocolError: it cannot be sent.
        """
        raise NotImplementedError

    def end(self, last: WorldNotice | None) -> None:
        """Leave in good order: another connection has the account, or it is full.

        Args:
            last: what the client was told last, in this turn.
        """
        self.driver.close()

    # What all do

    def bind(self, auth_key: str, name: str) -> IBinding:
        """Take hold of a sub-account.

        Raises:
            Refused: the world does not want it.
        """
        self.binding = self.gateway.world.attach(auth_key, name, self._wake)
        return self.binding

    def called(self, call: Call, binding: IBinding) -> None:
        """Carry out a command, answer it, and send what follows from it."""
        try:
            params = decode_command(call)
        except ValueError:
            self.driver.fail(
                RemoteProtocolError("padchat", "a command that cannot be read")
            )
            return
        reply = self.respond(binding, call.code, params)
        if call.call_id is not None:
            try:
                self.reply(call.call_id, reply)
            except LocalProtocolError:
                self._drop()
        self._send_notices()
        self.gateway.look_at_time()

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """The connection is over; the task goes on."""
        self.detach()
        if self._waking is not None:
            self._waking.cancel()
            self._waking = None

    def detach(self) -> None:
        """Let go of the sub-account."""
        binding, self.binding = self.binding, None
        if binding is not None:
            binding.detach()

    def _wake(self) -> None:
        if self._waking is None:
            self._waking = self.gateway.clock.callLater(0, self._awake)

    def _awake(self) -> None:
        self._waking = None
        self._send_notices()
        self.driver.turn()
        self.gateway.look_at_time()

    def _send_notices(self) -> None:
        binding = self.binding
        if binding is None:
            return
        notice = None
        try:
            for notice in binding.take_notices():
                self.notify(notice)
        except LocalProtocolError:
            self._drop()
            return
        if binding.is_over:
            self.binding = None
            self.end(notice)

    def _drop(self) -> None:
        """Drop a client that does not read; messages are pushed again later."""
        _log.info("a client of the sandbox was dropped: it does not read")
        self.detach()
        self.driver.drop()
