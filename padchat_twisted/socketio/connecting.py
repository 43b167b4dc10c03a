"""The short way to a client: ``connect``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IStreamClientEndpoint

from ..errors import quoted
from ..observers import cancelled_by
from ..transport.address import split_url
from ..transport.dialer import Place
from ..transport.endpoints import gateway_endpoint
from ..transport.proxies import Proxy
from ..transport.revision import RevisionSetting
from ..transport.tls import TLSOptions
from ..wire.limits import MAX_BUFFERED_BYTES, MAX_FRAME_BYTES, OPEN_TIMEOUT
from .client import Client
from .link import Query, ServerLink
from .namespace import Auth

__all__ = ["connect", "parse_url"]

#: Where a server is found, unless its URL says otherwise.
DEFAULT_PATH = "/socket.io/"


def parse_url(url: str) -> Place:
    """Read the URL of a server, for example ``http://127.0.0.1:8080``.

    Args:
        url: its path is where the server's resource hangs, ``/socket.io/`` when there
            is none. It does not name a namespace.

    Raises:
        LocalProtocolError: not such a URL; the text says how it is written.
    """
    form = "it is written http://HOST:PORT or https://HOST/PATH/socket.io/"
    bare = url.partition("?")[0].partition("#")[0]
    scheme, slashes, rest = bare.rpartition("//")
    shown = quoted(scheme + slashes + rest.rpartition("@")[2])
    scheme, host, port, path = split_url(
        url,
        f"server URL {shown!r}",
        schemes="http or https",
        beside="pass a query as query=",
        form=form,
    )
    if path.strip("/"):
        path = quote(path.rstrip("/"), safe="/%:@-._~!$&'()*+,;=") + "/"
    else:
        path = DEFAULT_PATH
    return Place(scheme in ("https", "wss"), host, port, path)


def connect(
    reactor: Any,  # noqa: ANN401 - several interfaces in one
    url: str,
    *,
    namespace: str = "/",
    auth: Auth | None = None,
    query: Query = (),
    handlers: Callable[[Client], object] | None = None,
    headers: Query = (),
    revision: RevisionSetting = "auto",
    transports: tuple[str, ...] = ("polling", "websocket"),
    fallback: bool = False,
    reconnect: bool = True,
    retry_policy: Callable[[int], float] | None = None,
    endpoint: IStreamClientEndpoint | None = None,
    tls: TLSOptions | None = None,
    proxy: Proxy | str | None = None,
    max_frame: int = MAX_FRAME_BYTES,
    max_buffered: int = MAX_BUFFERED_BYTES,
    open_timeout: float = OPEN_TIMEOUT,
) -> Deferred[Client]:
    """Connect a client to a server.

    Args:
        reactor: runs everything.
        url: for example ``http://127.0.0.1:8080``; its path is where the server's
            resource hangs, ``/socket.io/`` when there is none.
        namespace: the first namespace; begins with a slash.
        auth: for servers of protocol 5: an object, or a function that is called for one
            at each attempt.
        query: pairs for the URL, and for the namespace with servers of protocol 4.
        handlers: called with the client before it connects, to register handlers.
        headers: for each HTTP request, for example cookies or an authorization.
        revision: of Engine.IO: 3 for socket.io 2.x, 4 for later ones, or ``"auto"`` to
            find out, beginning with 4.
        transports: ``polling``, ``websocket``, or both; the first is tried, and from
            polling the client goes over to WebSocket when the server offers it.
        fallback: whether the next transport is tried when one does not work.
        reconnect: whether to connect again by itself when the connection is lost.
        retry_policy: gives the delay before the n-th attempt (seconds); by default
            1 second, growing to 60, with jitter.
        endpoint: leads to the server, instead of one made from the URL, *tls* and
            *proxy*.
        tls: whom to trust, and who we are; None for the system's CAs.
        proxy: on the way to the server, or its URL; None to connect directly.
        max_frame: largest message accepted (bytes).
        max_buffered: most bytes that wait for a server that does not read.
        open_timeout: time until the server let us in (seconds).

    Returns:
        Fires with the client when the server let us into the namespace. Fails with
        the error of the first attempt: ``Refused`` when the server did not let us in,
        another ``ConnectError`` when there is no connection. Cancel it to give up.

    Raises:
        LocalProtocolError: not such a URL, or another argument that cannot be.
    """
    pairs = tuple(query)
    further = tuple(headers)
    place = parse_url(url)
    if endpoint is None:
        endpoint = gateway_endpoint(
            reactor,
            place.host,
            place.port,
            is_secure=place.is_secure,
            tls=tls,
            proxy=proxy,
        )
    link = ServerLink(
        reactor,
        place,
        endpoint,
        query=pairs,
        headers=further,
        revision=revision,
        transports=transports,
        fallback=fallback,
        max_frame=max_frame,
        max_buffered=max_buffered,
        open_timeout=open_timeout,
        secrets=[value for _, value in (*pairs, *further)] + _texts_of(auth),
    )
    client = Client(
        reactor,
        link,
        namespace=namespace,
        query=pairs,
        auth=auth,
        reconnect=reconnect,
        retry_policy=retry_policy,
    )
    if handlers is not None:
        handlers(client)
    client.start()
    connected = client.namespace.when_connected().addCallback(lambda _: client)
    return cancelled_by(connected, client.disconnect)


def _texts_of(auth: Auth | None) -> list[str]:
    """Return the texts of an auth that is known beforehand."""
    if not isinstance(auth, Mapping):
        return []
    return [value for value in auth.values() if isinstance(value, str)]
