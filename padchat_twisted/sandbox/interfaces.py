"""What a gateway needs of the pretend world behind it, and nothing else of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

__all__ = [
    "IBinding",
    "IWorld",
    "ShownCode",
    "WorldNotice",
    "WorldReply",
]


class WorldReply(Protocol):
    """The answer to one command; ``sandbox.responders.Reply`` is one."""

    @property
    def success(self) -> bool:
        """Whether the command was carried out."""

    @property
    def msg(self) -> str:
        """The reason when it was not; empty or a hint when it was."""

    @property
    def data(self) -> dict[str, object]:
        """The result, with canonical keys."""

    @property
    def sdk(self) -> dict[str, object]:
        """More of the result, which only dialect ``sdk`` has."""


class WorldNotice(Protocol):
    """An event for a client; ``sandbox.binding.Notice`` is one."""

    @property
    def event(self) -> str:
        """Its canonical name."""

    @property
    def args(self) -> tuple[object, ...]:
        """Its arguments, with canonical keys.

        That of ``qrcode`` has the content of the code in ``qrCode``; the gateway puts
        the picture in its place.
        """


class ShownCode(Protocol):
    """A QR code for a login."""

    @property
    def name(self) -> str:
        """Label of the account that shows it."""


class IBinding(Protocol):
    """One connection's hold on an account in a world.

    After each command, behind its reply, and whenever the world called ``wake``, the
    gateway sends what :meth:`take_notices` gives; when :attr:`is_over`, it disconnects
    after that.

    Attributes:
        fetches_news: whether contacts and messages are announced and then fetched, or
            pushed at once; the gateway sets it, with ``init`` at the latest.
    """

    fetches_news: bool

    @property
    def state(self) -> int:
        """How far the client has come: 0 before init, 1 before the login, 2 then."""

    @property
    def is_over(self) -> bool:
        """Whether the connection has nothing to say any more."""

    @property
    def is_running(self) -> bool:
        """Whether the account's task runs, begun by this connection or not."""

    @property
    def device(self) -> dict[str, str]:
        """The parameters of the account's last ``init`` but ``deviceData``.

        By canonical name; empty when there was none.
        """

    def respond(self, code: str, params: object) -> WorldReply:
        """Carry out one command.

        Args:
            code: its canonical name.
            params: its parameters with canonical names; whatever the client sent.

        Returns:
            The reply. What is refused is one too, and no exception.
        """

    def resume(self) -> dict[str, object]:
        """Go on with a task that runs, in dialect ``legacy``.

        Event ``reconnect`` says so, and what waits follows it.

        Returns:
            What the event says: ``logined`` and ``status``.
        """

    def take_notices(self) -> Iterator[WorldNotice]:
        """Go through the events to be sent now, in order; each comes once.

        An event was sent when the next one is asked for; when it could not be, the
        gateway leaves the loop and calls :meth:`detach`.
        """

    def detach(self) -> None:
        """The connection is gone; twice is once."""


class IWorld(Protocol):
    """What is behind a sandbox gateway: a pretend WeChat.

    The gateway calls :meth:`tick` when :meth:`next_deadline` has come, which it asks
    again after each command, each tick and each ``wake``. It is no zope interface
    because the worlds are pure.
    """

    def attach(self, auth_key: str, name: str, wake: Callable[[], None]) -> IBinding:
        """Bind a new connection to an account.

        Args:
            auth_key: what the client identifies itself with; the gateway accepts it.
            name: label of the account under that key.
            wake: to be called when there is something to take from the binding, also
                from inside other calls.

        Raises:
            Refused: the world does not want it; the text is for the client.
        """

    def find_code(self, code_id: str) -> ShownCode | None:
        """Find a QR code by the last part of its address; None when it is void."""

    def next_deadline(self) -> float | None:
        """Tell when :meth:`tick` is due (Unix time, seconds); None for never."""

    def tick(self) -> None:
        """Do what the time has come for; harmless at any other moment."""

    def random_hex(self, size: int, /) -> str:
        """Give that many random bytes as hexadecimal digits, for ids."""
