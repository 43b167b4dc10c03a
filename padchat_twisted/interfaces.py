"""The seams: what users may implement, and what the rooms expect of each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    "IConnector",
    "IGatewayConnection",
    "IStateStore",
    "InboxItem",
    "KeyedSend",
    "PacingRecord",
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
