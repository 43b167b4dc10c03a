"""A ``twisted.web`` site that bounds what a request may take.

``twisted.web`` reads the whole body of a request before any resource sees it, of
whatever size and for however long; large ones go to a file. So the bounds are the
site's.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure
from twisted.web.resource import IResource
from twisted.web.server import Request, Site

from ..wire.limits import MAX_FRAME_BYTES

__all__ = ["REQUEST_TIMEOUT", "BoundedSite"]

#: Time for a request to come, from its first line to the end of its body (seconds): a
#: byte now and then is no progress. Source: Node 18 and later, server.requestTimeout.
REQUEST_TIMEOUT = 300.0


class _BoundedRequest(Request):
    """A request that is refused as soon as it is too large or too slow."""

    def __init__(
        self,
        channel: Any,  # noqa: ANN401 - an HTTPChannel, which has no types
        *args: Any,  # noqa: ANN401 - those of twisted.web
        **options: Any,  # noqa: ANN401 - those of twisted.web
    ) -> None:
        super().__init__(channel, *args, **options)
        self._room: int = channel.site.max_body
        self._is_refused = False
        self._timer: IDelayedCall | None = channel.callLater(
            REQUEST_TIMEOUT, self._refuse, b"408 Request Timeout"
        )

    def gotLength(self, length: int | None) -> None:
        """The head is there; *length* is None for a body in chunks."""
        super().gotLength(length)
        if length is not None and length > self._room:
            self._refuse(b"413 Payload Too Large")

    def handleContentChunk(self, data: bytes) -> None:
        """Take a piece of the body."""
        self._room -= len(data)
        if self._room < 0:
            self._refuse(b"413 Payload Too Large")
        if not self._is_refused:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """The whole request is there."""
        self._stop_timer()
        if not self._is_refused:
            super().requestReceived(command, path, version)

    def connectionLost(self, reason: Failure) -> None:
        """The connection is gone, perhaps before the request was whole."""
        self._stop_timer()
        super().connectionLost(reason)

    def _refuse(self, status: bytes) -> None:
        """Answer before the rest came, and leave.

        As ``twisted.web`` does with a request that it cannot read: the channel still
        stands in the middle of the body, so there is no ordinary answer.
        """
        if self._is_refused:
            return
        self._is_refused = True
        self._stop_timer()
        # Nobody shall be told to go on.
        self.requestHeaders.removeHeader(b"Expect")
        channel: Any = self.channel
        channel.transport.write(
            b"HTTP/1.1 %b\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" % status
        )
        channel.loseConnection()

    def _stop_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None and timer.active():
            timer.cancel()


class BoundedSite(Site):
    """A site for ``SocketIOResource``, and for pages beside it.

    A request with a larger body is answered 413, one that comes too slowly 408, and
    both connections are closed. Forms are not read into ``request.args``: reading one
    of some MiB takes a hundred times its size in memory. HTTP/2 is not offered, for a
    WebSocket cannot be had over it.

    Args:
        root: the root of the site.
        reactor: for time limits.
        max_body: largest body of a request (bytes).
    """

    requestFactory = _BoundedRequest

    def __init__(
        self,
        root: IResource,
        *,
        reactor: IReactorTime,
        max_body: int = MAX_FRAME_BYTES,
    ) -> None:
        super().__init__(root, reactor=reactor, parsePOSTFormSubmission=False)
        self.max_body = max_body

    def acceptableProtocols(self) -> list[bytes]:
        """Return what is offered over TLS."""
        return [b"http/1.1"]
