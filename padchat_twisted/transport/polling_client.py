"""The requests of long polling, as a client: over HTTP connections of its own.

Twisted's HTTP client is used as it is, and not through treq, whose gzip decoder and
cookie jar have no bounds. What a stranger may send is bounded here: the head by
``HeadGuard``, the body before and after inflating, the cookies by number and size.
Redirects are not followed, and no request is made twice.

Source: engine.io-client 3.5 and 6.6, polling-xhr; vectors ``*-polling-*``.
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Callable, Sequence

from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionClosed
from twisted.internet.interfaces import (
    IConsumer,
    IReactorTime,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import URI, Agent, HTTPConnectionPool, ResponseDone
from twisted.web.http import OK, PotentialDataLoss
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgentEndpointFactory, IBodyProducer, IResponse
from zope.interface import implementer

from ..errors import PadChatError, RemoteProtocolError
from ..wire.query import encode_query
from ..wire.told import HttpFailed, HttpRequest, HttpResponse, Told
from .cookies import Cookies
from .endpoints import connect_error
from .head_guard import GuardedEndpoint
from .pieces import gather

__all__ = ["KEEP_ALIVE", "PollingClient"]

#: Time that an HTTP connection is kept for the next request (seconds). Node's server
#: closes one that was idle for 5 seconds, and a POST must not run into that. Source:
#: Node, http.Server.keepAliveTimeout.
KEEP_ALIVE = 4

#: What zlib is told for the gzip format. Source: zlib.h, inflateInit2.
_GZIP = 16 + zlib.MAX_WBITS


class PollingClient:
    """Makes the requests of one connection, and drops them when it is over.

    Args:
        clock: for the time that HTTP connections are kept.
        url: absolute, without query.
        endpoint: leads to the host of *url*, with TLS in it where that says so.
        place: host and port, for errors.
        max_body: largest body accepted, before and after inflating (bytes).
        headers: further ones of the caller, for every request.
        hide: takes secrets out of a text of the peer.

    Attributes:
        cookies: what the server has us send.
    """

    def __init__(
        self,
        clock: IReactorTime,
        url: str,
        endpoint: IStreamClientEndpoint,
        *,
        place: str,
        max_body: int,
        headers: Sequence[tuple[str, str]] = (),
        hide: Callable[[str], str] = str,
    ) -> None:
        self._url = url
        self._headers = tuple(headers)
        self._max_body = max_body
        self._place = place
        self._hide = hide
        self._endpoint = GuardedEndpoint(
            endpoint, lambda failure: Failure(connect_error(place, failure))
        )
        self._pool = HTTPConnectionPool(clock)
        self._pool.cachedConnectionTimeout = KEEP_ALIVE
        self._pool.retryAutomatically = False
        self._agent = Agent.usingEndpointFactory(
            clock, _OneEndpoint(self._endpoint), pool=self._pool
        )
        self._pending: set[Deferred[HttpResponse]] = set()
        self._is_over = False
        self._salt = secrets.token_urlsafe(6)
        self._count = 0
        self.cookies = Cookies()

    def request(self, request: HttpRequest, tell: Callable[[Told], None]) -> None:
        """Make a request.

        Args:
            request: what to ask; its query gets a part ``t``, which no cache knows.
            tell: told ``HttpResponse`` or ``HttpFailed``, perhaps at once; nothing
                after ``cancel``.
        """
        self._count += 1
        query = encode_query((*request.query, ("t", f"{self._salt}{self._count}")))
        answering = self._agent.request(
            request.method.encode("ascii"),
            f"{self._url}?{query}".encode("ascii"),
            self._head(request),
            _Body(request.body) if request.method == "POST" else None,
        ).addCallback(self._read, request.id)
        self._pending.add(answering)

        def finish(result: HttpResponse | Failure) -> None:
            self._pending.discard(answering)
            if self._is_over:
                return
            if isinstance(result, HttpResponse):
                tell(result)
            else:
                tell(self._failed(request.id, result))

        answering.addBoth(finish)

    def cancel(self) -> None:
        """Drop every request and every connection."""
        self._is_over = True
        for answering in list(self._pending):
            answering.cancel()
        self._pool.closeCachedConnections()
        self._endpoint.abort_all()

    # Steps

    def _head(self, request: HttpRequest) -> Headers:
        headers = Headers()
        headers.setRawHeaders("Accept", ["*/*"])
        # Of the two forms of "deflate" nobody knows which one is meant.
        headers.setRawHeaders("Accept-Encoding", ["gzip"])
        for name, value in (*self._headers, *request.headers):
            headers.addRawHeader(name, value)
        if cookie := self.cookies.header():
            headers.addRawHeader("Cookie", cookie)
        return headers

    def _read(self, response: IResponse, request_id: int) -> Deferred[HttpResponse]:
        headers = tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, values in response.headers.getAllRawHeaders()
            for value in values
        )
        for name, value in headers:
            if name == "set-cookie":
                self.cookies.learn(value)
        encodings = [value for name, value in headers if name == "content-encoding"]
        reader = _Reader(self._max_body, ",".join(encodings).strip().lower())
        response.deliverBody(reader)
        status = int(response.code)

        def answer(body: bytes) -> HttpResponse:
            if status != OK:
                # It is for people, who shall not see what we sent in the query.
                body = self._hide(body.decode("utf-8", "replace")).encode()
            return HttpResponse(request_id, status, headers, body)

        return reader.finished.addCallback(answer)

    def _failed(self, request_id: int, failure: Failure) -> HttpFailed:
        error = failure.value
        if self._endpoint.problem:
            error = _error(self._endpoint.problem)
        elif (found := connect_error(self._place, failure)).hop:
            return HttpFailed(request_id, found.problem, found)
        if isinstance(error, PadChatError):
            return HttpFailed(request_id, str(error), error)
        root = _root(error)
        if isinstance(root, ConnectionClosed):
            return HttpFailed(request_id, f"no answer over HTTP: {root}")
        # What the peer sent stands in such an error's text, as bytes or cut, and with
        # it perhaps what we sent in the query.
        error = _error(f"what answered does not speak HTTP ({type(root).__name__})")
        return HttpFailed(request_id, str(error), error)


@implementer(IAgentEndpointFactory)
class _OneEndpoint:
    """Leads wherever the one endpoint leads."""

    def __init__(self, endpoint: IStreamClientEndpoint) -> None:
        self._endpoint = endpoint

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:
        return self._endpoint


@implementer(IBodyProducer)
class _Body:
    """Writes the body of a request in one piece."""

    def __init__(self, body: bytes) -> None:
        self.length = len(body)
        self._body = body

    def startProducing(self, consumer: IConsumer) -> Deferred[None]:
        consumer.write(self._body)
        return succeed(None)

    def pauseProducing(self) -> None:
        """It is written already."""

    def resumeProducing(self) -> None:
        """It is written already."""

    def stopProducing(self) -> None:
        """It is written already."""


class _Reader(Protocol):
    """Reads the body of an answer, and inflates it, up to a limit."""

    def __init__(self, limit: int, encoding: str) -> None:
        self.finished: Deferred[bytes] = Deferred()
        self._limit = limit
        self._pieces: list[bytes | bytearray] = []
        self._size = 0
        self._read_size = 0
        self._inflating = zlib.decompressobj(_GZIP) if "gzip" in encoding else None
        self._problem = ""
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            self._problem = "a body in an encoding that we did not ask for"

    def connectionMade(self) -> None:
        if self._problem:
            self._give_up(self._problem)

    def dataReceived(self, data: bytes) -> None:
        if self.finished.called:
            return
        self._read_size += len(data)
        if self._inflating is not None:
            try:
                # One byte more than may be tells that there is more.
                data = self._inflating.decompress(data, self._limit - self._size + 1)
            except zlib.error as error:
                self._give_up(f"a body that is no gzip: {error}")
                return
        self._size += len(data)
        if max(self._size, self._read_size) > self._limit:
            self._give_up(f"a body of more than {self._limit} bytes")
        else:
            gather(self._pieces, data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self.finished.called:
            return
        if reason.check(ResponseDone, PotentialDataLoss) is None:
            self.finished.errback(reason)
        elif self._read_size and self._inflating and not self._inflating.eof:
            self._give_up("a gzip body that ends too early")
        else:
            self.finished.callback(b"".join(self._pieces))

    def _give_up(self, problem: str) -> None:
        self._pieces.clear()
        if self.transport is not None:
            self.transport.loseConnection()
        self.finished.errback(_error(problem))


def _error(problem: str) -> RemoteProtocolError:
    return RemoteProtocolError("http", problem)


def _root(error: BaseException | None) -> BaseException | None:
    """Return what is at the bottom of Twisted's collections of failures."""
    while reasons := getattr(error, "reasons", None):
        error = reasons[0].value
    return error
