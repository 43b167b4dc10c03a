"""The way to a gateway: its name, TCP, a proxy, TLS; each hop with a time limit.

::

    name -> TCP -> [proxy] -> [TLS] -> HTTP -> WebSocket -> Engine.IO -> namespace

The first four are one endpoint; its failure is a ``ConnectError`` that tells the hop,
what was seen there and what to do. With a proxy, name and TCP are those of the proxy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.endpoints import (
    HostnameEndpoint,
    TCP4ClientEndpoint,
    TCP6ClientEndpoint,
)
from twisted.internet.error import (
    ConnectBindError,
    ConnectionRefusedError,
    DNSLookupError,
    NoRouteError,
    TCPTimedOutError,
    UserError,
)
from twisted.internet.error import ConnectError as TwistedConnectError
from twisted.internet.error import TimeoutError as ConnectingTimedOut
from twisted.internet.interfaces import (
    IAddress,
    IConnector,
    IHostnameResolver,
    IHostResolution,
    IProtocol,
    IProtocolFactory,
    IReactorPluggableNameResolver,
    IResolutionReceiver,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import ClientFactory
from twisted.python.failure import Failure
from zope.interface import implementer

from ..errors import ConnectError, ConnectTimedOut, Hop, LocalProtocolError, quoted
from .address import GatewayAddress, place
from .gates import ascii_name
from .handshakes import TLSEndpoint
from .proxies import Proxy
from .tls import TLSOptions, tls_problem
from .tunnels import ProxyEndpoint

__all__ = ["connect_error", "endpoint_for", "gateway_endpoint"]

#: Time to look a name up (seconds): a resolver that does not answer is asked again
#: after five. The four hops together have more time than the whole way, so that one
#: that stands still is named.
NAME_TIMEOUT = 8.0

#: Time to connect to one of the addresses (seconds): a packet that is lost is sent
#: again after one, three and seven.
TCP_TIMEOUT = 8.0

#: Most addresses of a name that are tried, and told.
MAX_ADDRESSES = 8


def gateway_endpoint(
    reactor: Any,  # noqa: ANN401 - several interfaces in one
    host: str,
    port: int,
    *,
    is_secure: bool,
    tls: TLSOptions | None = None,
    proxy: Proxy | str | None = None,
    connect_timeout: float = TCP_TIMEOUT,
) -> IStreamClientEndpoint:
    """Return the endpoint that leads to a gateway.

    Args:
        reactor: connects and tells the time.
        host: name or address.
        port: TCP port.
        is_secure: whether TLS is spoken.
        tls: whom to trust, and who we are; None for the system's CAs.
        proxy: on the way, or its URL; None to connect directly.
        connect_timeout: time for TCP (seconds).

    Raises:
        LocalProtocolError: no such host or proxy, a file of *tls* that cannot be used,
            or *tls* where no TLS is spoken.
    """
    where = place(host, port)
    if isinstance(proxy, str):
        proxy = Proxy.from_url(proxy)
    endpoint: IStreamClientEndpoint
    if proxy is None:
        endpoint = HostEndpoint(
            reactor, host, port, where, connect_timeout=connect_timeout
        )
    else:
        to_proxy = HostEndpoint(
            reactor,
            proxy.host,
            proxy.port,
            where,
            what=f"the proxy {proxy.place}",
            connect_timeout=connect_timeout,
        )
        endpoint = ProxyEndpoint(reactor, to_proxy, proxy, host, port, where)
    if is_secure:
        return TLSEndpoint(reactor, endpoint, host, tls or TLSOptions(), where)
    if tls is not None:
        raise LocalProtocolError(
            f"options of TLS were given for {where}, but its URL is http; write https"
        )
    return endpoint


def endpoint_for(
    reactor: Any,  # noqa: ANN401 - several interfaces in one
    address: GatewayAddress,
    *,
    tls: TLSOptions | None = None,
    proxy: Proxy | str | None = None,
) -> IStreamClientEndpoint:
    """Return the endpoint that leads to the gateway of a URL.

    Args:
        reactor: connects and tells the time.
        address: what the URL says.
        tls: see ``gateway_endpoint``.
        proxy: see ``gateway_endpoint``.

    Raises:
        LocalProtocolError: see ``gateway_endpoint``.
    """
    return gateway_endpoint(
        reactor,
        address.host,
        address.port,
        is_secure=address.is_secure,
        tls=tls,
        proxy=proxy,
    )


def connect_error(where: str, failure: Failure) -> ConnectError:
    """Say in our terms what an endpoint, or a request through one, failed with.

    Args:
        where: the gateway, as host and port.
        failure: of an endpoint of ours or of somebody else, of ``twisted.web.client``,
            or the reason that a connection was lost.

    Returns:
        The error that names the hop, if one is in there; else one made of the text.
    """
    error = failure.value
    if isinstance(error, ConnectError):
        return error
    for inner in getattr(error, "reasons", ()):
        found = connect_error(where, inner)
        if found.hop:
            return found
    kind: type[ConnectError] = ConnectError
    hop: Hop = ""
    problem = failure.getErrorMessage() or type(error).__name__
    if isinstance(error, DNSLookupError):
        hop = "name"
    elif isinstance(error, TwistedConnectError | UserError):
        hop, problem = "TCP", _tcp_problem(error)
        if isinstance(error, ConnectingTimedOut | TCPTimedOutError):
            kind = ConnectTimedOut
    elif (text := tls_problem(error)) is not None:
        hop, problem = "TLS", text
    made = kind(where, quoted(problem), hop=hop)
    made.__cause__ = error
    return made


def _tcp_problem(error: BaseException) -> str:
    """Say what a failure to connect means, and what to do."""
    match error:
        case ConnectionRefusedError():
            return "the connection was refused; does it run, and is the port right?"
        case ConnectingTimedOut() | TCPTimedOutError():
            return "nothing answered; is a firewall in the way?"
        case NoRouteError():
            return "there is no route to it; is this machine's network up?"
        case ConnectBindError():
            return "this machine gave no port to connect from"
        case TwistedConnectError(osError=OSError(strerror=str(text))):
            return f"the connection failed: {text}"
        case _:
            return f"the connection failed: {error}"


@implementer(IStreamClientEndpoint)
class HostEndpoint:
    """Looks a name up and connects to the address that answers first.

    Args:
        reactor: connects and tells the time.
        host: name or address.
        port: TCP port.
        where: the gateway, for errors.
        what: whose name that is, for errors.
        connect_timeout: time for TCP (seconds).

    Raises:
        LocalProtocolError: no such host name.
    """

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401 - several interfaces in one
        host: str,
        port: int,
        where: str,
        *,
        what: str = "the gateway",
        connect_timeout: float = TCP_TIMEOUT,
    ) -> None:
        self._reactor = reactor
        self._host = ascii_name(host)
        self._port = port
        self._where = where
        self._what = what
        self._timeout = connect_timeout

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect.

        Raises:
            ConnectError: it failed; says at which hop and why.
        """
        return Deferred.fromCoroutine(self._connect(factory))

    async def _connect(self, factory: IProtocolFactory) -> IProtocol:
        addresses = await self._look_up()
        known = _KnownAddresses(self._reactor, addresses)
        endpoint = self._endpoint_to(addresses, known)
        try:
            return await endpoint.connect(factory)
        except TwistedConnectError as error:
            is_slow = isinstance(error, ConnectingTimedOut | TCPTimedOutError)
            raise (ConnectTimedOut if is_slow else ConnectError)(
                self._where,
                f"{self._what} at {known.told()}: {_tcp_problem(error)}",
                hop="TCP",
            ) from error

    def _endpoint_to(
        self, addresses: Sequence[IAddress], known: _KnownAddresses
    ) -> IStreamClientEndpoint:
        # HostnameEndpoint makes a class for each connection, which zope.interface keeps
        # in one table, all with one hash, until they are collected: after a thousand
        # connections the reactor stands still for that. One address needs no race.
        match addresses:
            case [IPv4Address(host=host, port=port)]:
                return TCP4ClientEndpoint(known, host, port, self._timeout)
            case [IPv6Address(host=host, port=port)]:
                return TCP6ClientEndpoint(known, host, port, self._timeout)
        return HostnameEndpoint(known, self._host, self._port, self._timeout)

    async def _look_up(self) -> list[IAddress]:
        receiver = _Receiver()
        resolver: IHostnameResolver = self._reactor.nameResolver
        resolver.resolveHostName(receiver, self._host, self._port)
        looking = receiver.when_complete().addTimeout(NAME_TIMEOUT, self._reactor)
        try:
            addresses = await looking
        except TimeoutError:
            raise ConnectTimedOut(
                self._where,
                f"the name {self._host} of {self._what} was not looked up in"
                f" {NAME_TIMEOUT:g} s; does this machine's resolver answer?",
                hop="name",
            ) from None
        if not addresses:
            raise ConnectError(
                self._where,
                f"there is no address for the name {self._host} of {self._what}; is it"
                " spelt right, and does this machine's resolver know it?",
                hop="name",
            )
        return addresses[:MAX_ADDRESSES]


@implementer(IResolutionReceiver)
class _Receiver:
    """Collects the addresses of one name."""

    def __init__(self) -> None:
        self._addresses: list[IAddress] = []
        self._completed: Deferred[list[IAddress]] = Deferred()

    def when_complete(self) -> Deferred[list[IAddress]]:
        """Fire with the addresses; for one caller."""
        return self._completed

    def resolutionBegan(self, _: IHostResolution) -> None:
        """It cannot be stopped: the thread of the system's resolver ends by itself."""

    def addressResolved(self, address: IAddress) -> None:
        """Keep an address."""
        self._addresses.append(address)

    def resolutionComplete(self) -> None:
        """Tell; one that is late is ignored, as the Deferred was cancelled."""
        self._completed.callback(self._addresses)


@implementer(IReactorPluggableNameResolver, IHostnameResolver)
class _KnownAddresses:
    """A reactor for ``HostnameEndpoint`` that knows the addresses, and notes their use.

    Args:
        reactor: connects and tells the time.
        addresses: of the one name that will be asked for.
    """

    def __init__(self, reactor: Any, addresses: Sequence[IAddress]) -> None:  # noqa: ANN401 - see above
        self._reactor = reactor
        self._addresses = addresses
        self._tried: list[str] = []
        self.nameResolver = self
        self.seconds = reactor.seconds
        self.callLater = reactor.callLater

    def installNameResolver(self, _: IHostnameResolver) -> IHostnameResolver:
        """Nobody asks for another one."""
        raise NotImplementedError

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """Give the addresses at once."""
        resolution = _KnownName(hostName)
        resolutionReceiver.resolutionBegan(resolution)
        for address in self._addresses:
            resolutionReceiver.addressResolved(address)
        resolutionReceiver.resolutionComplete()
        return resolution

    def connectTCP(
        self,
        host: str,
        port: int,
        factory: ClientFactory,
        timeout: float = TCP_TIMEOUT,
        bindAddress: tuple[str, int] | None = None,
    ) -> IConnector:
        """Connect, and note the address."""
        self._tried.append(place(host, port))
        connector: IConnector = self._reactor.connectTCP(
            host, port, factory, timeout, bindAddress
        )
        return connector

    def told(self) -> str:
        """Say which addresses were tried, for people."""
        return ", ".join(self._tried) or "no address"


@implementer(IHostResolution)
class _KnownName:
    """A name that is looked up already."""

    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """It is done."""
