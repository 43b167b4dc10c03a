"""Long polling of Engine.IO: what travels in GET and POST requests, in either role.

A client has one GET open, the poll, which brings what the server sends, and makes one
POST at a time for what it sends itself. Each body is a payload of packets. Source:
engine.io-client 3.5 and 6.6, Polling; engine.io 3.6.2 and 6.6, Polling.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from ..errors import RemoteProtocolError, quoted
from . import json_text
from .engineio import EIO3, HttpError, Packet, Revision, http_error
from .engineio_payload import decode_payload, encode_payload, encoded_size
from .told import Asked, HttpRequest, HttpResponse

__all__ = ["ClientPolling", "ServerPolling", "bad_request"]

#: Content type of the binary form of EIO3.
BINARY_TYPE = "application/octet-stream"

#: What a client sends its packets as. Source: engine.io-client, Request.create.
POST_TYPE = "text/plain;charset=UTF-8"


class ClientPolling:
    """The requests of a client: one GET and one POST at a time.

    Args:
        revision: of Engine.IO.
        query: pairs of every request, without those of Engine.IO.

    Attributes:
        outbox: packets that wait for the next POST.
        may_post: whether they may leave by one.
        wants_poll: whether a poll is to be made whenever none is open.
        max_payload: largest POST that the server takes (bytes), None when it did not
            say so.
    """

    def __init__(
        self, revision: Revision, query: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self._revision = revision
        self._query = (*query, ("EIO", str(revision)), ("transport", "polling"))
        if revision == EIO3:
            # As the clients for Node ask: bytes come as base64 in text.
            self._query += (("b64", "1"),)
        self._next_id = 0
        self._poll: int | None = None
        self._post: int | None = None
        self.outbox: list[Packet] = []
        self.may_post = True
        self.wants_poll = True
        self.max_payload: int | None = None

    @property
    def is_writable(self) -> bool:
        """Whether what is sent now leaves at the end of the turn."""
        return self.may_post and self._post is None

    @property
    def is_idle(self) -> bool:
        """Whether no request is open."""
        return self._poll is None and self._post is None

    @property
    def has_sent_all(self) -> bool:
        """Whether all that was to be sent has been answered."""
        return self._post is None and not self.outbox

    def learn(self, sid: str, max_payload: int | None) -> None:
        """Take in what the open packet said."""
        self._query += (("sid", sid),)
        self.max_payload = max_payload

    def flush(self, actions: list[Asked]) -> None:
        """Ask for the requests that can be made now."""
        if self.outbox and self.may_post and self._post is None:
            body = self._next_body()
            headers = (("Content-Type", POST_TYPE),)
            self._post = self._take_id()
            actions.append(HttpRequest(self._post, "POST", self._query, headers, body))
        if self.wants_poll and self._poll is None:
            self._poll = self._take_id()
            actions.append(HttpRequest(self._poll, "GET", self._query))

    def answered(self, response: HttpResponse) -> list[Packet] | None:
        """Take in the answer to one of our requests.

        Returns:
            The packets that a poll brought; None when it is the answer to a POST, or
            to a request of which nothing is known.

        Raises:
            RemoteProtocolError: it is an error, or cannot be read.
        """
        is_poll = response.id == self._poll
        if not is_poll and response.id != self._post:
            return None
        if is_poll:
            self._poll = None
        else:
            self._post = None
        if response.status != 200:
            what = "a poll" if is_poll else "what we sent"
            raise RemoteProtocolError(
                "http", f"HTTP {response.status} for {what}{_told(response)}"
            )
        if not is_poll:
            # Whatever its body is: not every server says "ok".
            return None
        return decode_payload(
            response.body, revision=self._revision, is_binary=_is_binary(response)
        )

    def failed(self, request_id: int) -> bool:
        """Take in that a request got no answer; tell whether it was one of ours."""
        is_ours = request_id in (self._poll, self._post)
        if request_id == self._poll:
            self._poll = None
        elif request_id == self._post:
            self._post = None
        return is_ours

    def _take_id(self) -> int:
        self._next_id += 1
        return self._next_id

    def _next_body(self) -> bytes:
        """Encode as many packets as the server takes in one POST, at least one."""
        count = len(self.outbox)
        if self.max_payload is not None:
            size = 0
            for index, packet in enumerate(self.outbox):
                size += encoded_size(packet, self._revision)
                if index and size > self.max_payload:
                    count = index
                    break
        batch, self.outbox = self.outbox[:count], self.outbox[count:]
        return encode_payload(batch, revision=self._revision, takes_binary=False).body


class ServerPolling:
    """The answers of a server: one poll waits at a time.

    Args:
        revision: of Engine.IO.
        max_body: largest POST accepted (bytes).

    Attributes:
        outbox: packets that wait for the next poll.
    """

    def __init__(self, revision: Revision, max_body: int) -> None:
        self._revision = revision
        self._max_body = max_body
        self._takes_binary = revision == EIO3
        self._poll: int | None = None
        self.outbox: list[Packet] = []

    @property
    def is_writable(self) -> bool:
        """Whether what is sent now leaves at the end of the turn."""
        return self._poll is not None

    def polled(self, request: HttpRequest) -> bool:
        """Take in a poll; tell whether it is alone.

        Two at once are a fault of the client: the first gets a close packet, the
        second an error. Source: engine.io 6.6, Polling.onPollRequest.
        """
        if self._poll is not None:
            return False
        self._poll = request.id
        if dict(request.query).get("b64"):
            self._takes_binary = False
        return True

    def posted(self, request: HttpRequest, actions: list[Asked]) -> list[Packet]:
        """Take in a POST, and answer it.

        One over the limit is refused, and the session goes on. Source: engine.io 6.6,
        Polling.onDataRequest; vector raw-server4-max-http-buffer.

        Raises:
            RemoteProtocolError: it cannot be read, and was answered so.
        """
        if len(request.body) > self._max_body:
            actions.append(HttpResponse(request.id, 413))
            return []
        try:
            packets = decode_payload(
                request.body, revision=self._revision, is_binary=_is_binary(request)
            )
        except RemoteProtocolError:
            # The reference servers say "ok", and close the session nevertheless.
            actions.append(bad_request(request.id))
            raise
        actions.append(
            HttpResponse(request.id, 200, (("Content-Type", "text/html"),), b"ok")
        )
        return packets

    def cancelled(self, request_id: int) -> bool:
        """Take in that a request was given up; tell whether it was the poll."""
        if request_id != self._poll:
            return False
        self._poll = None
        return True

    def flush(self, actions: list[Asked]) -> None:
        """Answer the poll that waits, if there is anything for it."""
        if self._poll is not None and self.outbox:
            payload = encode_payload(
                self.outbox, revision=self._revision, takes_binary=self._takes_binary
            )
            headers = (("Content-Type", payload.content_type),)
            actions.append(HttpResponse(self._poll, 200, headers, payload.body))
            self._poll = None
            self.outbox = []


def bad_request(request_id: int) -> HttpResponse:
    """Refuse a request of a session."""
    return replace(http_error(HttpError.BAD_REQUEST), id=request_id)


def _header(headers: Iterable[tuple[str, str]], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def _is_binary(message: HttpRequest | HttpResponse) -> bool:
    kind = _header(message.headers, "content-type")
    essence: str = kind.partition(";")[0].strip().lower()
    return essence == BINARY_TYPE


def _told(response: HttpResponse) -> str:
    """Say what an error of Engine.IO says of itself, if it is one."""
    try:
        said = json_text.read(response.body)
    except ValueError:
        return ""
    message = said.get("message") if isinstance(said, dict) else None
    return f": {quoted(message)}" if isinstance(message, str) else ""
