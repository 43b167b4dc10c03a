"""One account, composed: the short way, and a protocol factory for any endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import (
    IAddress,
    IReactorTime,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import Factory
from twisted.logger import Logger

from .interfaces import AccountKey, IConnector, IStateStore
from .secret import Secret
from .session.account import AccountSession, Handlers
from .store import MemoryStore, SQLiteStore
from .transport.address import GatewayAddress, parse_url
from .transport.gateway import EndpointConnector, OfferedConnector
from .transport.websocket import ClientWebSocket

__all__ = ["PadChatClientFactory", "connect"]

#: Where an account is kept: a store that is open, a path, or None for the memory.
Store = IStateStore | str | PathLike[str] | None

_log = Logger()


def endpoint_for(reactor: Any, address: GatewayAddress) -> IStreamClientEndpoint:  # noqa: ANN401 - several interfaces in one
    """Return the endpoint that leads to a gateway, with TLS where its URL says so."""
    endpoint: IStreamClientEndpoint = HostnameEndpoint(
        reactor, address.host, address.port
    )
    if address.is_secure:
        # OpenSSL is imported only where it is used.
        from twisted.internet.ssl import optionsForClientTLS

        endpoint = wrapClientTLS(optionsForClientTLS(address.host), endpoint)
    return endpoint


def build_account(
    reactor: IReactorTime,
    connector: IConnector,
    auth_key: Secret,
    name: str,
    store: IStateStore,
    *,
    handlers: Handlers | None = None,
    device: Mapping[str, str] | None = None,
) -> AccountSession:
    """Compose one account; it does nothing until it is started.

    Args:
        reactor: for time.
        connector: gives connections.
        auth_key: only its fingerprint is kept.
        name: label of the sub-account.
        store: must be open before the account is started.
        handlers: called with the account.
        device: device data by wire name, None to have it made once.
    """
    key = AccountKey(connector.url, auth_key.fingerprint(), name)
    account = AccountSession(reactor, connector, key, store, device=device)
    if handlers is not None:
        handlers(account)
    return account


class _OwnStore:
    """A store that lives as long as one account, when nobody gave one."""

    def __init__(self, reactor: Any, store: Store) -> None:  # noqa: ANN401 - see above
        self.is_ours = store is None or isinstance(store, str | PathLike)
        if store is None:
            self.store: IStateStore = MemoryStore()
        elif isinstance(store, str | PathLike):
            self.store = SQLiteStore(reactor, store)
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
    device: Mapping[str, str] | None = None,
    endpoint: IStreamClientEndpoint | None = None,
) -> Deferred[AccountSession]:
    """Connect one account to a gateway, and log it in.

    Args:
        reactor: runs everything.
        url: the gateway, for example ``http://127.0.0.1:7700/user``; the path is the
            namespace, ``https`` means TLS.
        auth_key: lets us use the gateway.
        name: label of the sub-account under that key.
        handlers: called with the account before it connects, to register handlers.
        store: where device data, login token and seen messages are kept: the path
            of a file, an open store that several accounts share, or None for the
            memory, so that the next process needs a scan again.
        device: device data by wire name, None to have it made once and kept.
        endpoint: leads to the gateway instead of one made from the URL, for a
            proxy or TLS options of your own.

    Returns:
        Fires with the account as soon as the gateway let it in; its login goes on,
        see ``AccountSession.when_ready``. After that it reconnects by itself.

    Raises:
        LocalProtocolError: not such a URL.
        ConnectError: the gateway cannot be reached or refused us.
        StoreError: the store cannot be used.
    """
    secret = auth_key if isinstance(auth_key, Secret) else Secret(auth_key)

    async def begin() -> AccountSession:
        address = parse_url(url)
        own = _OwnStore(reactor, store)
        connector = EndpointConnector(
            reactor,
            endpoint or endpoint_for(reactor, address),
            address,
            secret,
            name,
        )
        account = build_account(
            reactor,
            connector,
            secret,
            name,
            own.store,
            handlers=handlers,
            device=device,
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


class PadChatClientFactory(Factory):
    """A protocol factory for any stream endpoint: one account over its connections.

    Connect it again whenever the connection is lost, for example by a
    ``ClientService``: the account takes one connection at a time. ``account`` is
    there at once; register handlers on it before you connect.

    Args:
        reactor: for time, and for the thread of a store.
        url: the gateway; names host and namespace, wherever the endpoint leads.
        auth_key: lets us use the gateway.
        name: label of the sub-account under that key.
        handlers: called with the account, to register handlers.
        store: see ``connect``.
        device: see ``connect``.

    Raises:
        LocalProtocolError: not such a URL.
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
        device: Mapping[str, str] | None = None,
    ) -> None:
        secret = auth_key if isinstance(auth_key, Secret) else Secret(auth_key)
        self._own = _OwnStore(reactor, store)
        self._connector = OfferedConnector(reactor, parse_url(url), secret, name)
        self._starting: Deferred[None] | None = None
        self.account = build_account(
            reactor,
            self._connector,
            secret,
            name,
            self._own.store,
            handlers=handlers,
            device=device,
        )

    def buildProtocol(self, addr: IAddress | None) -> ClientWebSocket | None:
        """Build the WebSocket of a connection.

        Returns:
            None when the account has ended, or has a connection.
        """
        if self._starting is None and self.account.state == "offline":
            self._starting = Deferred.fromCoroutine(self._own.start(self.account))
            self._starting.addErrback(self._not_started)
        if self.account.state == "closed":
            return None
        return self._connector.offer(addr)

    def _not_started(self, failure: Any) -> None:  # noqa: ANN401 - a Failure
        _log.failure(
            "account {account} was not started", failure, account=self.account.name
        )
        self._connector.stop()
        self.account.close()
