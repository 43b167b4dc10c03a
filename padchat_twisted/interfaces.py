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


class IStateStore(Interface):
    """What must outlive the process. All texts of errors name file and remedy."""

    def open() -> Deferred[None]:
        """Lock the store and make it ready.

        Raises:
            StoreLocked, StoreDamaged, StoreReadOnly, SchemaTooNew: unusable; the
                file was not changed.
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
