"""What a server answers in place of a WebSocket: an HTTP status, and why."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..errors import MAX_QUOTED_BODY, HandshakeRefused, quoted

__all__ = [
    "END_OF_HEAD",
    "HTTP_SIGN",
    "MAX_HEAD_BYTES",
    "HttpAnswer",
    "as_text",
    "is_http",
    "is_switching",
]

#: Most bytes of an HTTP head: as much as Node's HTTP client takes of one.
MAX_HEAD_BYTES = 16 * 1024

#: Most bytes of an answer's body that are waited for, the sizes of its chunks included.
MAX_REFUSAL_BYTES = 4 * MAX_QUOTED_BODY

END_OF_HEAD = b"\r\n\r\n"

#: How an answer of HTTP/1 begins; no frame of a server that keeps RFC 6455 does.
HTTP_SIGN = b"HTTP/"
_STATUS_LINE = re.compile(rb"HTTP/\d\.\d +(\d{3})(?: +([^\r\n]*))?(?:\r|\n|$)")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]*\r\n")
_LAST_CHUNK = re.compile(rb"(?:^|\r\n)0+[^\r\n]*\r\n\r\n")


def is_http(begun: bytes) -> bool:
    """Tell whether *begun* begins like an answer of HTTP, as far as it goes."""
    return begun[: len(HTTP_SIGN)] == HTTP_SIGN[: len(begun)]


def is_switching(head: bytes) -> bool:
    """Tell whether a head says 101, or has no status at all."""
    line = _STATUS_LINE.match(head)
    return line is None or line[1] == b"101"


class HttpAnswer:
    """An HTTP answer that is no WebSocket; feed it with what comes.

    Args:
        place: what kind of place it was found in, for the error.

    Attributes:
        is_whole: whether all that is wanted of it is there.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._bytes = b""
        self.is_whole = False

    def take(self, data: bytes) -> None:
        """Take more bytes of it."""
        if self.is_whole:
            return
        self._bytes += data
        head, end, body = self._bytes.partition(END_OF_HEAD)
        if not end:
            self.is_whole = len(head) > MAX_HEAD_BYTES
        elif len(body) >= MAX_REFUSAL_BYTES:
            self.is_whole = True
        elif _is_chunked(head):
            self.is_whole = _LAST_CHUNK.search(body) is not None
        else:
            # Without a length it is what came with the head: a server that leaves the
            # connection open must not keep us waiting for the reason.
            length = _header(head, b"content-length")
            self.is_whole = not length.isdigit() or len(body) >= int(length[:9])

    def error(self, where: str, hide: Callable[[str], str] = str) -> HandshakeRefused:
        """Make the error that this answer stands for.

        Args:
            where: the server, as host and port.
            hide: takes secrets out of a text of the peer.
        """
        head, _, body = self._bytes.partition(END_OF_HEAD)
        if _is_chunked(head):
            body = _without_chunks(body)
        line = _STATUS_LINE.match(head)
        status = None if line is None else int(line[1])
        phrase = b"" if line is None else line[2] or b""
        # Hidden before anything is cut: half a secret would not be found.
        text = hide(as_text(body))
        said = f"HTTP {status or 'without a status'} {hide(as_text(phrase))}"
        problem = f"{said.rstrip()} {self._place}"
        if target := _header(head, b"location").partition(b"?")[0]:
            shown = hide(as_text(target))
            problem += f"; it points to {shown}, which is not followed"
        elif is_text(text):
            problem += f": {text.strip()}"
        return HandshakeRefused(
            where, quoted(problem), status=status, body=text.encode(), hop="HTTP"
        )


def as_text(data: bytes) -> str:
    """Decode what a server says, as far as it can be."""
    return data.decode("utf-8", "replace")


def is_text(text: str) -> bool:
    """Tell whether a body says something to people: no HTML, no bytes."""
    text = text.strip()
    return bool(text) and not text.startswith("<") and "\ufffd" not in text


def _header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n")[1:]:
        found, _, value = line.partition(b":")
        if found.strip().lower() == name:
            return value.strip()
    return b""


def _is_chunked(head: bytes) -> bool:
    return _header(head, b"transfer-encoding").lower().endswith(b"chunked")


def _without_chunks(body: bytes) -> bytes:
    """Join the chunks of a body that may be cut. Source: RFC 9112, 7.1."""
    joined = b""
    at = 0
    while (size := _CHUNK_SIZE.match(body, at)) and int(size[1], 16):
        end = size.end() + int(size[1], 16)
        joined += body[size.end() : end]
        at = end + 2
    return joined
