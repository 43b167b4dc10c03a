"""Pieces of messages that are not whole yet, in both roles."""

from __future__ import annotations

import tracemalloc

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.transport.pieces import SMALL_PIECE, gather

from .by_hand import BINARY, CONTINUATION, TEXT
from .in_memory import Side

ROLES = (False, True)

#: Largest message in these tests.
MAX_FRAME = 1024 * 1024

#: What a connection may hold beside the bytes that were sent.
BESIDE = 8 * 1024


class GatherTests(SynchronousTestCase):
    """What becomes one object."""

    def test_edge(self) -> None:
        """Pieces up to the limit are joined, larger ones stay as they are."""
        large = bytes(SMALL_PIECE + 1)
        pieces: list[bytes | bytearray] = []
        for piece in (b"a", bytes(SMALL_PIECE), large, large, b"b", b"", b"c"):
            gather(pieces, piece)
        self.assertEqual(pieces, [b"a" + bytes(SMALL_PIECE), large, large, b"bc"])
        self.assertIs(pieces[1], large)


class SlowMessageTests(SynchronousTestCase):
    """Messages that come byte by byte, or in many fragments."""

    def held(self, side: Side, data: bytes, *, step: int) -> int:
        """Feed *data* in steps; return what is held afterwards (bytes)."""
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            for at in range(0, len(data), step):
                side.websocket.dataReceived(data[at : at + step])
            after, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        return after - before

    def test_drips(self) -> None:
        """A frame that comes byte by byte takes no more memory than its bytes."""
        for is_server in ROLES:
            side = Side(hears_client=is_server, max_frame=MAX_FRAME)
            whole = b"x" * 100_000
            data = side.said(TEXT, whole)
            begin, middle, end = data[:70_000], data[70_000:72_000], data[72_000:]
            side.hears(begin)
            self.assertLess(self.held(side, middle, step=1), BESIDE)
            self.assertEqual(side.hears(end), [(whole, True)])

    def test_small_fragments(self) -> None:
        """Fragments are one object, however many they are."""
        for is_server in ROLES:
            side = Side(hears_client=is_server, max_frame=MAX_FRAME)
            side.hears(side.said(BINARY, b"", is_final=False))
            more = side.said(CONTINUATION, b"xy", is_final=False) * 1000
            self.assertLess(self.held(side, more, step=65_536), BESIDE)
            heard = side.hears(side.said(CONTINUATION, b"z"))
            self.assertEqual(heard, [(b"xy" * 1000 + b"z", False)])

    def test_empty_fragments(self) -> None:
        """Fragments without content may come without end: nothing is kept of them."""
        for is_server in ROLES:
            side = Side(hears_client=is_server, max_frame=MAX_FRAME)
            side.hears(side.said(TEXT, b"a", is_final=False))
            more = side.said(CONTINUATION, b"", is_final=False) * 4000
            self.assertLess(self.held(side, more, step=65_536), BESIDE)
            heard = side.hears(side.said(CONTINUATION, b"b"))
            self.assertEqual(heard, [(b"ab", True)])
