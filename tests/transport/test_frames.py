"""Frames of whole messages, and their masks."""

from __future__ import annotations

import random
from itertools import islice, repeat

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.transport.frames import (
    FIN_BINARY,
    FIN_TEXT,
    MASK_POOL,
    MASKED_AT_ONCE,
    client_frame,
    client_frames,
    frame_size,
    masks,
    server_frame,
    server_frames,
    xor,
)
from padchat_twisted.wire.told import SendWebSocket

from .by_hand import BINARY, TEXT, Frame, masked, read_frames

#: Sizes around those where something changes.
EDGES = (0, 1, 2, 3, 4, 5, 125, 126, 127, 65534, 65535, 65536, 65537, 131_072, 131_074)


class XorTests(SynchronousTestCase):
    """The mask as one operation on integers."""

    @given(st.binary(max_size=300), st.binary(min_size=4, max_size=4))
    def test_as_the_rfc_has_it(self, data: bytes, mask: bytes) -> None:
        """It is what RFC 6455 does byte by byte, zeros at either end included."""
        self.assertEqual(xor(data, mask), masked(data, mask))
        self.assertEqual(xor(xor(data, mask), mask), data)


class FrameTests(SynchronousTestCase):
    """Frames, read back by a reader of the tests' own."""

    def test_edges(self) -> None:
        """Frames of all edge sizes are whole, in both roles."""
        assert MASKED_AT_ONCE in EDGES
        for size in EDGES:
            data = random.Random(size).randbytes(size)
            for first, opcode in ((FIN_TEXT, TEXT), (FIN_BINARY, BINARY)):
                (ours,) = read_frames(server_frame(first, data))
                self.assertEqual(ours, Frame(opcode, data))
                (ours,) = read_frames(client_frame(first, data, b"\x00\xff\x10\x80"))
                self.assertEqual(ours, Frame(opcode, data, is_masked=True))

    def test_many(self) -> None:
        """Many are framed as each would be, in their order."""
        mask = b"\x00\xff\x10\x80"
        messages = [
            SendWebSocket(random.Random(size).randbytes(size), is_text)
            for size in EDGES
            for is_text in (True, False)
        ]
        firsts = [FIN_TEXT if message.is_text else FIN_BINARY for message in messages]
        pairs = list(zip(firsts, messages, strict=True))
        self.assertEqual(
            client_frames(messages, repeat(mask)),
            [client_frame(first, message.data, mask) for first, message in pairs],
        )
        self.assertEqual(
            server_frames(messages),
            [server_frame(first, message.data) for first, message in pairs],
        )

    def test_each_has_a_mask_of_its_own(self) -> None:
        """No two frames of many share a mask."""
        messages = [SendWebSocket(b"the same", is_text=True)] * 50
        drawn = {ours[2:6] for ours in client_frames(messages, masks())}
        self.assertGreater(len(drawn), 48)

    def test_size_of_what_comes(self) -> None:
        """The size of a frame is known when its header is whole, and not before."""
        for size in EDGES:
            data = bytes(size)
            for ours in (
                server_frame(FIN_TEXT, data),
                client_frame(FIN_BINARY, data, b"\x01\x02\x03\x04"),
            ):
                self.assertEqual(frame_size(ours, 0), len(ours))
                self.assertEqual(frame_size(b"xx" + ours + b"y", 2), len(ours))
                counted = 2 if size < 126 else 4 if size <= 0xFFFF else 10
                self.assertEqual(frame_size(ours[:counted], 0), len(ours))
                for there in range(counted):
                    self.assertEqual(frame_size(ours[:there], 0), there)


class MasksTests(SynchronousTestCase):
    """Where masks come from."""

    def test_four_bytes_each(self) -> None:
        """Masks go on over the end of a block, four bytes each, hardly two alike."""
        drawn = list(islice(masks(), MASK_POOL))
        self.assertEqual({len(mask) for mask in drawn}, {4})
        self.assertGreater(len(set(drawn)), MASK_POOL - 5)
