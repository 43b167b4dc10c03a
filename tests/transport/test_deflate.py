"""Compression of messages, and what stands in for it at the end."""

from __future__ import annotations

import zlib

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.transport.deflate import Discarding, deflated


class _Compressor:
    """Compresses as autobahn does: a context that is kept, ends that are cut off."""

    def __init__(self) -> None:
        self._context = zlib.compressobj(wbits=-15)
        self.begun = 0

    def start_compress_message(self) -> None:
        self.begun += 1

    def compress_message_data(self, data: bytes) -> bytes:
        return self._context.compress(data)

    def end_compress_message(self) -> bytes:
        return self._context.flush(zlib.Z_SYNC_FLUSH)[:-4]


class DeflateTests(SynchronousTestCase):
    """A message is compressed whole; see test_framing.py for it on a connection."""

    def test_deflated(self) -> None:
        """What is inflated is the message, one after the other."""
        compressor, inflate = _Compressor(), zlib.decompressobj(wbits=-15)
        for data in (b"a" * 5000, bytes(range(256)) * 8, b""):
            small = deflated(compressor, data) + b"\0\0\xff\xff"
            self.assertEqual(inflate.decompress(small), data)
        self.assertEqual(compressor.begun, 3)

    def test_discarding(self) -> None:
        """At the end nothing is inflated, whatever comes."""
        discarding = Discarding()
        discarding.start_decompress_message()
        self.assertEqual(discarding.decompress_message_data(b"bomb" * 1000, None), b"")
        discarding.end_decompress_message()
