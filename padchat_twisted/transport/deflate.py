"""Compression of messages, where both sides agreed on it; RFC 7692.

Beside autobahn's own, which inflates and deflates.
"""

from __future__ import annotations

from typing import Any

__all__ = ["COMPRESS_FROM", "Discarding", "deflated"]

#: Size from which messages are compressed, where that was agreed on (bytes): less
#: is not worth it. Source: engine.io 3.6.2 and 6.6, perMessageDeflate.threshold.
COMPRESS_FROM = 1024


class Discarding:
    """Takes the place of autobahn's decompressor when nothing is read any more."""

    EXTENSION_NAME = "permessage-deflate"

    def start_decompress_message(self) -> None:
        """Nothing is kept."""

    def decompress_message_data(self, data: bytes, max_output_len: int | None) -> bytes:
        """Inflate nothing: a bomb costs what it weighs."""
        return b""

    def end_decompress_message(self) -> None:
        """Nothing is kept."""


def deflated(deflate: Any, data: bytes) -> bytes:  # noqa: ANN401 - autobahn's
    """Return a message deflated.

    Args:
        deflate: autobahn's compressor of the connection.
        data: the message.
    """
    deflate.start_compress_message()
    begun: bytes = deflate.compress_message_data(data)
    end: bytes = deflate.end_compress_message()
    return begun + end
