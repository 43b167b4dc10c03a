"""One account, composed: the short way, and a protocol factory for any endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IAddress,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import Factory, Protocol
from twisted.logger import Logger

from .catalogue import Dialect
from .composing import build_account, check_way, connector_for
from .errors import LocalProtocolError
from .interfaces import IStateStore
from .secret import Secret
from .session.account import AccountSession, Handlers, StateChanged
from .session.endurance import Endurance
from .session.pacing import Pacing
from .session.policy import PLAIN, InboxPolicy
from .store import MemoryStore, SQLiteStore
from .transport.address import parse_url
from .transport.connectors import OfferedConnector
from .transport.endpoints import endpoint_for
from .transport.json_gateway import JsonOfferedConnector
from .transport.proxies import Proxy
from .transport.revision import RevisionSetting
from .transport.tls import TLSOptions

__all__ = ["PadChatClientFactory", "connect"]

#: Where an account is kept: a store that is open, a path, or None for the memory.
Store = IStateStore | str | PathLike[str] | None

_log = Logger()


class _OwnStore:
    """A store that lives as long as one account, when nobody gave one."""

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401 - several interfaces in one
        store: Store,
        keys: Sequence[Secret],
    ) -> None:
        if keys and not isinstance(store, str | PathLike):
            raise LocalProtocolError(
                "store_keys seal the file that store= names; give an open store its"
                " keys itself, as SQLiteStore(reactor, path, keys)"
            )
        self.is_ours = store is None or isinstance(store, str | PathLike)
        if store is None:
            self.store: IStateStore = MemoryStore()
        elif isinstance(store, str | PathLike):
            self.store = SQLiteStore(reactor, store, keys)
        else:
            self.store = store

    async def start(self, account: AccountSession) -> None:
        if not self.is_ours:
            await account.start()
            return
        account.at_end = self._close
        try:
            await self.store.open()
            await account.start()
        except Exception:
            await self.store.close()
            raise

    def _close(self) -> Deferred[None]:
        closing: Deferred[None] = self.store.close()
        return closing.addErrback(
            lambda failure: _log.failure("the store was not closed well", failure)
        )


def connect(
    reactor: Any,  # noqa: ANN401 - several interfaces in one
    url: str,
    *,
    auth_key: str | Secret,
    name: str = "0",
    handlers: Handlers | None = None,
    store: Store = None,
    store_keys: Sequence[Secret] = (),
    device: Mapping[str, str] | None = None,
    dialect: Dialect | None = None,
    revision: RevisionSetting = "auto",
    transports: tuple[str, ...] = ("websocket",),
    fallback: bool = False,
    endpoint: IStreamClientEndpoint | None = None,
    tls: TLSOptions | None = None,
    proxy: Proxy | str | None = None,
    endurance: Endurance | None = None,
    keeps_contacts: bool = True,
    inbox: InboxPolicy = PLAIN,
    pacing: Pacing | None = None,
) -> Deferred[AccountSession]:
    """Connect one account to a gateway, and log it in.

    Args:
        reactor: runs everything.
        url: the gateway, for example ``http://127.0.0.1:7700/user``; the path is the
            namespace, ``https`` means TLS. ``ws://HOST:PORT/ws`` is one of dialect
            ``legacy``, ``ws://HOST:PORT`` one of dialect ``sdk``; ``wss`` means TLS.
        auth_key: lets us use the gateway.
        name: label of the sub-account under that key.
        handlers: called with the account before it connects, to register handlers.
        store: where device data, login token and seen messages are kept: the path
            of a file, an open store that several accounts share, or None for the
            memory, so that the next process needs a scan again.
        store_keys: where *store* is a path: the first one seals device data and token
            in that file, the others open what they sealed; see ``padchat key``.
        device: device data by wire name, None to have it made once and kept.
        dialect: what the gateway speaks, where its URL does not tell it.
        revision: of Engine.IO, in dialect ``socketio``: 3, 4, or ``"auto"`` to find
            out, beginning with 3.
        transports: in that dialect: ``websocket``, ``polling``, or both; the first is
            tried, and from polling the account goes over to WebSocket when the gateway
            offers it.
        fallback: whether the next transport is tried when one does not work.
        endpoint: leads to the gateway instead of one made from the URL.
        tls: whom to trust, and who we are; None for the system's CAs.
        proxy: on the way, or its URL; None to connect directly.
        endurance: what the account does by itself when nobody is there.
        keeps_contacts: whether ``account.contacts`` is kept.
        inbox: whether messages are stored until their handlers are done, and what is
            done with old ones.
        pacing: how often the account may do what others see, for example
            ``Pacing.cautious()``; None for as often as it likes.

    Returns:
        Fires with the account as soon as the gateway let it in; its login goes on,
        see ``AccountSession.when_ready``. After that it reconnects by itself.

    Raises:
        LocalProtocolError: not such a URL, or another argument that cannot be.
        ConnectError: the gateway cannot be reached or refused us.
        StoreError: the store cannot be used.
    """
    secret = auth_key if isinstance(auth_key, Secret) else Secret(auth_key)

    async def begin() -> AccountSession:
        address = parse_url(url, dialect)
        way = endpoint or endpoint_for(reactor, address, tls=tls, proxy=proxy)
        own = _OwnStore(reactor, store, store_keys)
        connector = connector_for(
            reactor,
            way,
            address,
            secret,
            name,
            revision=revision,
            transports=transports,
            fallback=fallback,
        )
        account = build_account(
            reactor,
            connector,
            secret,
            name,
            own.store,
            handlers=handlers,
            device=device,
            dialect=address.dialect,
            endurance=endurance,
            keeps_contacts=keeps_contacts,
            inbox=inbox,
            pacing=pacing,
        )
        connected = account.when_connected()
        try:
            await own.start(account)
            return await connected
        except Exception:
            connected.addErrback(lambda _: None)
            await account.close()
            raise

    return Deferred.fromCoroutine(begin())


class _Parked(Protocol):
    """A connection that nobody wants yet: it says nothing, and hears nothing."""

    def leave(self) -> None:
        """End it."""
        if self.transport is not None:
            self.transport.loseConnection()


class PadChatClientFactory(Factory):
    """A protocol factory for any stream endpoint: one account over its connections.

    Connect it again whenever the connection is lost, for example by a
    ``ClientService``: the account takes one connection at a time. ``account`` is
    there at once; register handlers on it before you connect.

    Args:
        reactor: for time, and for the thread of a store.
        url: the gateway; names host, dialect and namespace, wherever the endpoint
            leads.
        auth_key: lets us use the gateway.
        name: label of the sub-account under that key.
        handlers: called with the account, to register handlers.
        store: see ``connect``.
        store_keys: see ``connect``.
        device: see ``connect``.
        dialect: see ``connect``.
        revision: see ``connect``; found out from one connection to the next. The
            transport is WebSocket.
        endurance: see ``connect``; whoever connects the factory paces that.
        keeps_contacts: see ``connect``.
        inbox: see ``connect``.
        pacing: see ``connect``.

    Raises:
        LocalProtocolError: not such a URL or revision.
    """

    noisy = False

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401 - several interfaces in one
        url: str,
        *,
        auth_key: str | Secret,
        name: str = "0",
        handlers: Handlers | None = None,
        store: Store = None,
        store_keys: Sequence[Secret] = (),
        device: Mapping[str, str] | None = None,
        dialect: Dialect | None = None,
        revision: RevisionSetting = "auto",
        endurance: Endurance | None = None,
        keeps_contacts: bool = True,
        inbox: InboxPolicy = PLAIN,
        pacing: Pacing | None = None,
    ) -> None:
        secret = auth_key if isinstance(auth_key, Secret) else Secret(auth_key)
        address = parse_url(url, dialect)
        check_way(address, revision)
        self._own = _OwnStore(reactor, store, store_keys)
        self._connector: OfferedConnector | JsonOfferedConnector
        if address.dialect == "socketio":
            self._connector = OfferedConnector(
                reactor, address, secret, name, revision=revision
            )
        else:
            self._connector = JsonOfferedConnector(reactor, address, secret)
        self._starting: Deferred[None] | None = None
        self._parked: _Parked | None = None
        self.account = build_account(
            reactor,
            self._connector,
            secret,
            name,
            self._own.store,
            handlers=handlers,
            device=device,
            dialect=address.dialect,
            endurance=endurance,
            keeps_contacts=keeps_contacts,
            inbox=inbox,
            pacing=pacing,
        )
        self.account.on(StateChanged, self._changed)

    def buildProtocol(self, addr: IAddress | None) -> Protocol | None:
        """Build the WebSocket of a connection.

        Returns:
            None when the account has ended, or has a connection. While it waits for a
            person, a connection that says nothing: what asks for the account would
            take it over from whoever has it.
        """
        if self._starting is None and self.account.state == "offline":
            self._starting = Deferred.fromCoroutine(self._own.start(self.account))
            self._starting.addErrback(self._not_started)
        if self.account.state == "closed":
            return None
        if self.account.state == "needs_human":
            self._parked = _Parked()
            return self._parked
        return self._connector.offer(addr)

    def _changed(self, _: AccountSession, change: StateChanged) -> None:
        parked, self._parked = self._parked, None
        if change.old == "needs_human" and parked is not None:
            # Whoever connects makes another one, which is used.
            parked.leave()

    def _not_started(self, failure: Any) -> None:  # noqa: ANN401 - a Failure
        _log.failure(
            "account {account} was not started", failure, account=self.account.name
        )
        self._connector.stop()
        self.account.close()
