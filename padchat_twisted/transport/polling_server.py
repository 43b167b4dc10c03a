"""The server's side of long polling: ``twisted.web`` requests and their answers."""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Callable
from typing import IO, Any

from msgspec.structs import replace
from twisted.python.failure import Failure
from twisted.web.http import Request
from twisted.web.server import NOT_DONE_YET

from ..wire.engineio import HttpError, http_error
from ..wire.told import HttpFailed, HttpRequest, HttpResponse

__all__ = [
    "MAX_COMPRESSED_BYTES",
    "MIN_COMPRESSED_BYTES",
    "WaitingRequests",
    "answer",
    "asks_for_websocket",
    "body_size",
    "set_headers",
]

#: Smallest answer that is compressed (bytes). Source: engine.io 3.6.2 and 6.6.12,
#: httpCompression.threshold; vectors raw-server2-http-compression.
MIN_COMPRESSED_BYTES = 1024

#: Largest answer that is compressed (bytes): that much takes some ten milliseconds, in
#: which nobody else is served. Larger ones are mostly pictures, which gain little.
MAX_COMPRESSED_BYTES = 256 * 1024

#: What zlib calls the two encodings.
_WINDOW_BITS = {"gzip": 31, "deflate": 15}


class WaitingRequests:
    """The requests of one connection that have no answer yet.

    Args:
        tell: tells the driver of the connection.
    """

    def __init__(self, tell: Callable[[HttpRequest | HttpFailed], None]) -> None:
        self._tell = tell
        self._next_id = 0
        self._requests: dict[int, Request] = {}

    def take(self, request: Request, query: tuple[tuple[str, str], ...]) -> int:
        """Tell of a request; its answer comes by ``respond``, perhaps at once.

        Args:
            request: whole, GET or POST.
            query: decoded pairs of its URL.

        Returns:
            What ``IResource.render`` returns.
        """
        self._next_id += 1
        request_id = self._next_id
        self._requests[request_id] = request
        request.notifyFinish().addErrback(self._given_up, request_id)
        kind = request.getHeader("content-type")
        told = HttpRequest(
            request_id,
            request.method.decode("latin-1"),
            query,
            () if kind is None else (("Content-Type", kind),),
            _content(request).read(),
        )
        # The request is kept while it waits; its body need not be.
        _content(request).close()
        self._tell(told)
        return NOT_DONE_YET

    def respond(self, response: HttpResponse) -> None:
        """Answer a request, unless it is gone meanwhile."""
        request = self._requests.pop(response.id, None)
        if request is not None:
            # Some caches keep what has no query of its own.
            request.setHeader("Cache-Control", "no-store")
            answer(request, response)

    def end(self) -> None:
        """Answer what still waits: the connection is over."""
        for request_id in list(self._requests):
            self.respond(replace(http_error(HttpError.UNKNOWN_SID), id=request_id))

    def abort(self) -> None:
        """Drop the TCP connections of what still waits."""
        requests, self._requests = self._requests, {}
        for request in requests.values():
            transport: Any = request.transport
            transport.abortConnection()

    def _given_up(self, reason: Failure, request_id: int) -> None:
        if self._requests.pop(request_id, None) is not None:
            self._tell(HttpFailed(request_id, "the client gave the request up"))


def asks_for_websocket(request: Request) -> bool:
    """Tell whether the head of a request wants a WebSocket."""
    return (request.getHeader("upgrade") or "").lower() == "websocket"


def set_headers(request: Request, headers: list[tuple[str, str]]) -> None:
    """Add headers to the answer of a request; a name may come twice."""
    for name, value in headers:
        request.responseHeaders.addRawHeader(name, value)


def answer(request: Request, response: HttpResponse) -> None:
    """Answer a request, compressed where the client takes that and it helps."""
    body = response.body
    request.setResponseCode(response.status)
    for name, value in response.headers:
        request.setHeader(name, value)
    if MIN_COMPRESSED_BYTES <= len(body) <= MAX_COMPRESSED_BYTES:
        encoding = _encoding(request.getHeader("accept-encoding") or "")
        if encoding is not None:
            compressor = zlib.compressobj(wbits=_WINDOW_BITS[encoding])
            body = compressor.compress(body) + compressor.flush()
            request.setHeader("Content-Encoding", encoding)
    request.setHeader("Content-Length", str(len(body)))
    request.write(body)
    request.finish()


def body_size(request: Request) -> int:
    """Return the size of a request's body (bytes)."""
    content = _content(request)
    size: int = content.seek(0, os.SEEK_END)
    content.seek(0)
    return size


def _content(request: Request) -> IO[bytes]:
    """Return the body of a request that is whole."""
    content: IO[bytes] | None = request.content
    return content if content is not None else io.BytesIO()


def _encoding(accepted: str) -> str | None:
    """Choose an encoding that the client accepts.

    Args:
        accepted: header ``Accept-Encoding``.
    """
    taken = {}
    for part in accepted.lower().split(","):
        name, _, quality = part.partition(";")
        is_refused = quality.replace(" ", "").rstrip("0") in ("q=", "q=0.", "q=.")
        taken[name.strip()] = not is_refused
    for encoding in _WINDOW_BITS:
        if taken.get(encoding, taken.get("*", False)):
            return encoding
    return None
