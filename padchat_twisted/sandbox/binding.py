"""The connections of clients, as the pretend WeChat sees them.

PURE. A binding is one connection's hold on a sub-account: what waits to be sent to
the client, and how far the client has come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from .feeds import Feed, FetchedFeed, PushFeed
from .messages import Delivery

if TYPE_CHECKING:
    from .accounts import Account
    from .responders.base import Reply

__all__ = ["MAX_WAITING_NOTICES", "NOT_TAKEN", "Binding", "Notice", "State"]

#: Text of event ``warn`` before a connection that does not take its events is ended.
NOT_TAKEN = "too many events wait for this connection; it is closed"

#: Notices that may wait for one connection. A synchronisation of 5,000 contacts and
#: 500 kept messages is 300 of them; a client that lets more wait does not read.
MAX_WAITING_NOTICES = 2000

#: State of a task that runs, in event ``reconnect``; sample L5.
_RUNNING = "init"

#: The events by which contacts and messages come.
_PUSHES = ("push", "notify")


@dataclass(frozen=True, slots=True)
class Notice:
    """An event for the client: a name and the arguments after it.

    In the notice ``qrcode`` the field ``qrCode`` holds the content of the code; the
    server puts the picture in its place.
    """

    event: str
    args: tuple[object, ...] = field(repr=False)


class State(IntEnum):
    """How far a connection has come; each state includes the ones before."""

    OPEN = 0
    INITIALISED = 1
    LOGGED_IN = 2


class Binding:
    """One connection's hold on a sub-account. Made by :meth:`World.attach`.

    The server carries out the client's commands with :meth:`respond`, and sends what
    :meth:`take_notices` gives: after each command, behind its reply, and whenever
    ``wake`` was called. When :attr:`is_over`, it disconnects after that.

    Attributes:
        account: the sub-account.
        state: how far the client has come.
        is_over: whether this connection has nothing to say any more.
        are_pushes_closed: whether contacts and messages are neither announced nor
            pushed; they are kept for the next login, which ends it.
        feed: brings contacts and messages.
    """

    def __init__(self, account: Account, wake: Callable[[], None]) -> None:
        self.account = account
        self.state = State.OPEN
        self.is_over = False
        self.are_pushes_closed = False
        self.feed: Feed = PushFeed(self)
        self._wake = wake
        self._waiting: deque[tuple[Notice, Sequence[Delivery]]] = deque()

    def __repr__(self) -> str:
        over = ", over" if self.is_over else ""
        return f"<binding to {self.account.name!r}, {self.state.name.lower()}{over}>"

    @property
    def is_running(self) -> bool:
        """Whether the account's task runs, connected or not."""
        return self.account.is_running

    @property
    def fetches_news(self) -> bool:
        """Whether contacts and messages are announced, and fetched by the client.

        Else they are pushed at once. The server says so, first of all.
        """
        return isinstance(self.feed, FetchedFeed)

    @fetches_news.setter
    def fetches_news(self, is_so: bool) -> None:
        if is_so is not self.fetches_news:
            self.feed = FetchedFeed(self) if is_so else PushFeed(self)

    @property
    def device(self) -> dict[str, str]:
        """The parameters of the account's last ``init`` but ``deviceData``.

        By canonical name, without empty ones.
        """
        device = self.account.device
        if device is None:
            return {}
        fields = {
            "deviceName": device.device_name,
            "deviceUuid": device.device_uuid,
            "deviceWifiName": device.device_wifi_name,
            "deviceWifiMac": device.device_wifi_mac,
        }
        return {name: value for name, value in fields.items() if value}

    def respond(self, code: str, params: object) -> Reply:
        """Carry out one command; see :func:`.responders.respond`."""
        return self.account.world.respond(self, code, params)

    def resume(self) -> dict[str, object]:
        """Go on with a task that runs, without a login.

        Event ``reconnect`` says so, and what waits follows it.

        Returns:
            What the event says.
        """
        told: dict[str, object] = {
            "logined": self.account.is_logged_in,
            "status": _RUNNING,
        }
        self.notify("reconnect", told)
        self.account.resume(self)
        return told

    def take_notices(self) -> Iterator[Notice]:
        """Go through the events to be sent now, in order; each comes once.

        A message counts as pushed when the next event is asked for: if sending an
        event fails, leave the loop and :meth:`detach`, and what was not sent is kept
        for the next login.
        """
        while self._waiting:
            notice, deliveries = self._waiting.popleft()
            yield notice
            now = self.account.world.now()
            for delivery in deliveries:
                delivery.pushed(now)

    def detach(self) -> None:
        """Tell that the connection is gone. The task goes on; twice is once."""
        self.is_over = True
        if self.account.binding is self:
            self.account.binding = None

    def notify(
        self, event: str, *args: object, deliveries: Sequence[Delivery] = ()
    ) -> None:
        """Queue an event; nothing happens when the binding is over.

        Pushes are not queued while they are closed.

        Args:
            event: its name.
            args: its arguments.
            deliveries: the messages in it; they are kept until it is taken.
        """
        if self.is_over or (self.are_pushes_closed and event in _PUSHES):
            return
        if len(self._waiting) >= MAX_WAITING_NOTICES:
            self.end("warn", {"error": NOT_TAKEN})
            return
        self._waiting.append((Notice(event, args), deliveries))
        if len(self._waiting) == 1:
            self._wake()

    def end(self, event: str, *args: object) -> None:
        """Drop what waits, queue one last event, and be over."""
        self._waiting = deque([(Notice(event, args), ())])
        self.detach()
        self._wake()
