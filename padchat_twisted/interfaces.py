"""The seams: what users may implement, and what the rooms expect of each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from twisted.internet.defer import Deferred
from zope.interface import Attribute, Interface

from .errors import PadChatError
from .wire.envelope import Notice, Reply

__all__ = [
    "AccountKey",
    "AccountRecord",
    "GatewayReceiver",
    "IBinding",
    "IConnector",
    "IGatewayConnection",
    "IStateStore",
    "IWorld",
    "InboxItem",
    "KeyedSend",
    "PacingRecord",
    "ShownCode",
    "WorldNotice",
    "WorldReply",
]


@dataclass(frozen=True, slots=True)
class AccountKey:
    """Under what an account is stored.

    Args:
        gateway: URL of the gateway without query, lower-case scheme and host.
        key_fingerprint: fingerprint of the auth key, never the key.
        name: label of the sub-account.
    """

    gateway: str
    key_fingerprint: str
    name: str


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """What is stored of an account.

    Args:
        device: device data by wire name (``deviceName deviceUuid deviceWifiName
            deviceWifiMac deviceData``), or None.
        login_token: the current good token, None when void or never had.
        user_name: WeChat id of the last login, empty when unknown.
    """

    device: Mapping[str, str] | None = field(default=None, repr=False)
    login_token: str | None = field(default=None, repr=False)
    user_name: str = ""


@dataclass(frozen=True, slots=True)
class KeyedSend:
    """What is stored of a command that was sent with a key; no text of a message.

    Args:
        key: what its caller knows it by.
        command: its wire name.
        receiver: WeChat id of a person or a room that it is for, empty for none.
        fingerprint: of the command with its parameters.
        began: when it was about to be sent (Unix time, seconds).
        result: what is kept of its result, one JSON object; None while nobody knows
            whether it happened.
    """

    key: str
    command: str
    receiver: str
    fingerprint: str = field(repr=False)
    began: float
    result: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class InboxItem:
    """What is stored of a message whose handlers are not done.

    Args:
        message_id: its id.
        content: a push with this message alone, canonical JSON.
        is_replayed: whether it was old when it came.
    """

    message_id: str
    content: bytes = field(repr=False)
    is_replayed: bool = False


@dataclass(frozen=True, slots=True)
class PacingRecord:
    """What is stored of how often an account sent.

    Args:
        day: the date of *counts*, as ``2026-01-31``.
        counts: how many were sent on that day, by kind.
        cool_until: until when nothing is to be sent (Unix time), 0 for never.
        cool_seconds: how long that cool-down takes.
    """

    day: str
    counts: Mapping[str, int] = field(default_factory=dict)
    cool_until: float = 0.0
    cool_seconds: float = 0.0


class IStateStore(Interface):
    """What must outlive the process. All texts of errors name file and remedy."""

    def open() -> Deferred[None]:
        """Lock the store and make it ready.

        Raises:
            StoreLocked, StoreDamaged, StoreReadOnly, StoreExposed, StoreSealed,
            SchemaTooNew: unusable; the file was not changed.
        """

    def location() -> str:
        """Say where it is, for people: a path, or ``memory``."""

    def load(key: AccountKey) -> Deferred[AccountRecord | None]:
        """Read what is known of an account; None when nothing is."""

    def save_device(key: AccountKey, device: Mapping[str, str]) -> Deferred[None]:
        """Store the device data of an account, before its first ``init``.

        Raises:
            DeviceInUse: another account has the same device data.
        """

    def save_login(
        key: AccountKey, *, login_token: str, user_name: str
    ) -> Deferred[None]:
        """Store a good token; the last good one is kept beside it."""

    def void_login_token(key: AccountKey, reason: str) -> Deferred[None]:
        """Put the current token aside; the device data stays."""

    def seen_message_ids(key: AccountKey, limit: int) -> Deferred[list[str]]:
        """Read the newest *limit* message ids, newest last."""

    def remember_message_ids(key: AccountKey, ids: Sequence[str]) -> Deferred[None]:
        """Add a group of message ids in one transaction; bounded, oldest go."""

    def inbox(key: AccountKey) -> Deferred[list[InboxItem]]:
        """Read the messages whose handlers are not done, in order of arrival."""

    def change_inbox(
        key: AccountKey, added: Sequence[InboxItem], done: Sequence[str]
    ) -> Deferred[None]:
        """Add messages, with their ids as seen, and remove those that are done.

        All of it is one transaction, and to repeat it does no harm.

        Args:
            key: of the account.
            added: in order of arrival; it is the session that keeps them few.
            done: ids of the messages to remove.
        """

    def find_send(key: AccountKey, name: str) -> Deferred[KeyedSend | None]:
        """Read what is known of the send with the key *name*; None when nothing is."""

    def begin_send(key: AccountKey, send: KeyedSend) -> Deferred[KeyedSend | None]:
        """Note, before it leaves, that a send may have left, unless its key is known.

        Those that are done and too old or too many are forgotten.

        Returns:
            None when it was noted; what is known of the key otherwise.

        Raises:
            StoreError: also when too many are unknown; it was not noted.
        """

    def finish_send(key: AccountKey, name: str, result: str) -> Deferred[bool]:
        """Note the result of an unknown send; tell whether there was such a one."""

    def forget_send(key: AccountKey, name: str) -> Deferred[bool]:
        """Forget an unknown send, which did not happen; tell whether there was one."""

    def unknown_sends(key: AccountKey) -> Deferred[list[KeyedSend]]:
        """Read the sends of which nobody knows whether they happened, oldest first."""

    def load_pacing(key: AccountKey, day: str) -> Deferred[PacingRecord]:
        """Read the counts of a day, and the last cool-down."""

    def save_pacing(key: AccountKey, record: PacingRecord) -> Deferred[None]:
        """Replace the counts of a day, and the cool-down; bounded, oldest days go."""

    def close() -> Deferred[None]:
        """Finish what was begun and give the lock back."""


class GatewayReceiver(Protocol):
    """Who hears what an :class:`IGatewayConnection` has to tell.

    ``connected`` or ``lost`` comes first; ``lost`` comes once, last.
    """

    def connected(self, connection: IGatewayConnection) -> None:
        """The gateway accepted us: calls may be sent."""

    def received(self, envelopes: Sequence[Reply | Notice]) -> None:
        """Replies and notices arrived, in wire order."""

    def lost(self, reason: PadChatError, unsent: frozenset[int]) -> None:
        """The connection is over.

        Args:
            reason: a :class:`~padchat_twisted.errors.ConnectError` when it never
                was up, else :class:`~padchat_twisted.errors.Disconnected` or
                :class:`~padchat_twisted.errors.RemoteProtocolError`.
            unsent: ids of the calls whose bytes never left.
        """


class IGatewayConnection(Interface):
    """One connection to a gateway, whatever its dialect and transport."""

    peer: str = Attribute("Where it goes, for people: host and port.")

    def send_call(call_id: int, code: str, params: bytes) -> None:
        """Send a call.

        Args:
            call_id: matched by the id of the :class:`Reply`.
            code: wire name of the command.
            params: one JSON object, encoded.

        Raises:
            LocalProtocolError: not connected, or no room; nothing was sent.
        """

    def withdraw_call(call_id: int) -> bool:
        """Take a call back whose bytes did not leave yet; tell whether it worked."""

    def pause() -> None:
        """Stop reading: somebody behind us is slow."""

    def resume() -> None:
        """Read again."""

    def close() -> None:
        """Leave in good order; ``lost`` follows within a time limit."""

    def abort() -> None:
        """Drop the connection at once; ``lost`` follows."""

    def fail(error: PadChatError) -> None:
        """The peer broke a rule above the wire: close, and be lost with *error*."""


class IConnector(Interface):
    """How an account gets a connection."""

    url: str = Attribute("The gateway, without its query: for people and as a key.")
    paces_itself: bool = Attribute("Whether somebody else decides when to try again.")

    def connect(receiver: GatewayReceiver) -> None:
        """Begin one attempt; *receiver* hears how it goes, within a time limit."""

    def stop() -> None:
        """Leave the attempt or connection in good order; nothing is told any more."""


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
