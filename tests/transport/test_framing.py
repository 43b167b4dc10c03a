"""Compression beside the short loop, in both roles."""

from __future__ import annotations

import random
import tracemalloc
import zlib

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.transport.deflate import COMPRESS_FROM

from ..wire.recorded import payload, scenario
from .by_hand import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Frame,
    frame,
    read_frames,
)
from .in_memory import Side

ROLES = (False, True)

#: RSV1, as ``by_hand.frame`` takes it.
RSV1 = 4

MIB = 1024 * 1024


class Deflater:
    """The compressor of the other side, with its context kept."""

    def __init__(self) -> None:
        self._zlib = zlib.compressobj(6, zlib.DEFLATED, -15)

    def __call__(self, data: bytes) -> bytes:
        """Compress one message. Source: RFC 7692, 7.2.1."""
        made = self._zlib.compress(data) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
        return made[:-4]


class Compressing(Side):
    """A side that has agreed on compression with the other one."""

    def __init__(self, *, hears_client: bool, max_frame: int = 4 * MIB) -> None:
        super().__init__(hears_client=hears_client, max_frame=max_frame, compress=True)
        self.deflated = Deflater()
        self._inflate = zlib.decompressobj(-15)

    def compressed(
        self, opcode: int, data: bytes, *, bits: int = RSV1, is_final: bool = True
    ) -> bytes:
        """Write a frame of the other side with *data*, compressed already."""
        return frame(
            opcode,
            data,
            is_client=self.hears_client,
            reserved=bits,
            is_final=is_final,
        )

    def sent(self) -> list[tuple[bytes, bool]]:
        """Take what was sent: messages, and whether each was compressed."""
        sent = []
        data = self.transport.taken()
        first = [data[at] for at in starts(data)]
        for one, byte in zip(read_frames(data), first, strict=True):
            is_compressed = bool(byte & 0x40)
            content = one.payload
            if is_compressed:
                content = self._inflate.decompress(content + b"\0\0\xff\xff")
            sent.append((content, is_compressed))
        return sent


def starts(data: bytes) -> list[int]:
    """Find where frames begin."""
    at, found = 0, []
    while at < len(data):
        found.append(at)
        length = data[at + 1] & 0x7F
        size = {126: 4, 127: 10}.get(length, 2)
        if size > 2:
            length = int.from_bytes(data[at + 2 : at + size], "big")
        at += size + length + (4 if data[at + 1] & 0x80 else 0)
    return found


class InflatingTests(SynchronousTestCase):
    """Compressed messages that come."""

    def test_beside_the_short_loop(self) -> None:
        """Compressed and plain messages come in their order, wherever they are cut."""
        for is_server in ROLES:
            side = Compressing(hears_client=is_server)
            large = b"abc \xe6\xb1\x89" * 300
            said = [
                (side.said(TEXT, b"one"), (b"one", True)),
                (side.compressed(TEXT, side.deflated(large)), (large, True)),
                (side.said(TEXT, b"two"), (b"two", True)),
                (side.compressed(TEXT, side.deflated(large)), (large, True)),
                (side.compressed(BINARY, side.deflated(bytes(9))), (bytes(9), False)),
                (side.said(TEXT, b"three"), (b"three", True)),
            ]
            stream = b"".join(data for data, _ in said)
            wanted = [message for _, message in said]
            self.assertEqual(side.hears(stream), wanted)
            for place in range(1, len(stream)):
                # A context is kept over messages: each cut begins with a new one.
                other = Compressing(hears_client=is_server)
                heard = other.hears(stream[:place], stream[place:])
                self.assertEqual(heard, wanted, place)
            self.assertEqual(side.driver.failures, [])

    def test_fragments_and_pings(self) -> None:
        """Pings between compressed fragments are answered; the message is whole."""
        for is_server in ROLES:
            side = Compressing(hears_client=is_server)
            data = random.Random(1).randbytes(3000)
            body = side.deflated(data)
            heard = side.hears(
                side.compressed(BINARY, body[:1000], is_final=False)
                + side.said(PING, b"a"),
                side.compressed(CONTINUATION, body[1000:2000], bits=0, is_final=False)
                + side.said(PING, b"b"),
                side.compressed(CONTINUATION, body[2000:], bits=0)
                + side.said(TEXT, b"next"),
            )
            self.assertEqual(heard, [(data, False), (b"next", True)])
            side.websocket.flush()
            sent = read_frames(side.transport.taken())
            self.assertEqual(
                sent,
                [Frame(PONG, text, is_masked=not is_server) for text in (b"a", b"b")],
            )

    def test_recorded(self) -> None:
        """What the ws library compressed is read, with its context kept."""
        compressed = 0
        for name in ("eio3-ws-permessage-deflate", "eio4-ws-permessage-deflate"):
            for direction in ("c2s", "s2c"):
                side = Compressing(hears_client=direction == "c2s")
                for step in scenario(name).steps:
                    if step.get("dir") != direction or step["kind"] not in (
                        "ws-text",
                        "ws-binary",
                    ):
                        continue
                    data, is_text = payload(step)
                    opcode = TEXT if is_text else BINARY
                    if "compressed" in step:
                        compressed += 1
                        body = bytes.fromhex(step["compressed"]["hex"])
                        heard = side.hears(side.compressed(opcode, body))
                    else:
                        heard = side.hears(side.said(opcode, data))
                    self.assertEqual(heard, [(data, is_text)])
        self.assertGreater(compressed, 10)

    def test_limit(self) -> None:
        """The limit is for the inflated message: at the limit it passes, not above."""
        for is_server in ROLES:
            for size, is_taken in ((MIB, True), (MIB + 1, False)):
                side = Compressing(hears_client=is_server, max_frame=MIB)
                body = side.deflated(b"x" * size)
                self.assertLess(len(body), 2000)
                heard = side.hears(side.compressed(TEXT, body))
                self.assertEqual(len(heard), int(is_taken))
                if not is_taken:
                    self.assertEqual(side.closes_with(), 1009)
                    (failure,) = side.driver.failures
                    self.assertIn("payload limit", str(failure))

    def test_bomb(self) -> None:
        """A bomb takes no more memory than the limit, however it comes."""
        for is_server in ROLES:
            side = Compressing(hears_client=is_server, max_frame=4 * MIB)
            body = side.deflated(bytes(64 * MIB))
            whole = side.compressed(BINARY, body)
            tracemalloc.start()
            try:
                for at in range(0, len(whole), 65536):
                    side.hears(whole[at : at + 65536])
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
            self.assertLess(peak, 12 * MIB)
            self.assertEqual(side.closes_with(), 1009)

    def test_after_a_bomb(self) -> None:
        """After a broken rule nothing is inflated any more."""
        for is_server in ROLES:
            side = Compressing(hears_client=is_server, max_frame=MIB)
            bomb = side.compressed(BINARY, side.deflated(bytes(8 * MIB)))
            side.hears(bomb)
            self.assertEqual(side.closes_with(), 1009)
            tracemalloc.start()
            try:
                side.hears(*[bomb] * 100)
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
            self.assertLess(peak, MIB)
            self.assertEqual(len(side.driver.failures), 1)

    def test_not_deflate(self) -> None:
        """What cannot be inflated is refused with code 1007."""
        for is_server in ROLES:
            side = Compressing(hears_client=is_server)
            side.hears(side.compressed(TEXT, b"\xff" * 20))
            self.assertEqual(side.closes_with(), 1007)

    def test_misplaced_bit(self) -> None:
        """The bit is refused where nothing can be compressed, and without asking."""
        for is_server in ROLES:
            for opcode, before in ((PING, b""), (CLOSE, b""), (CONTINUATION, b"x")):
                side = Compressing(hears_client=is_server)
                if before:
                    side.hears(side.said(TEXT, before, is_final=False))
                side.hears(side.compressed(opcode, b""))
                self.assertEqual(side.closes_with(), 1002)
            side = Compressing(hears_client=is_server)
            side.hears(side.compressed(TEXT, b"", bits=2))
            self.assertEqual(side.closes_with(), 1002)


class DeflatingTests(SynchronousTestCase):
    """What is sent where compression was agreed on."""

    def test_threshold(self) -> None:
        """Messages from 1,024 bytes on are compressed, in order, smaller ones not."""
        for is_server in ROLES:
            side = Compressing(hears_client=is_server)
            sizes = (1, COMPRESS_FROM - 1, COMPRESS_FROM, 5000, 10, 100_000)
            messages = [b"ab" * (size // 2) + b"c" * (size % 2) for size in sizes]
            for data in messages:
                side.websocket.send_message(data, is_text=True)
            side.websocket.flush()
            sent = side.sent()
            self.assertEqual([data for data, _ in sent], messages)
            self.assertEqual(
                [is_compressed for _, is_compressed in sent],
                [size >= COMPRESS_FROM for size in sizes],
            )

    def test_context(self) -> None:
        """The same message again costs next to nothing, and is another frame."""
        side = Compressing(hears_client=False)
        data = random.Random(2).randbytes(5000)
        side.websocket.send_message(data, is_text=False)
        side.websocket.send_message(data, is_text=False)
        side.websocket.flush()
        sizes = [len(one.payload) for one in read_frames(side.transport.value())]
        self.assertLess(sizes[1] * 20, sizes[0])
        self.assertEqual([content for content, _ in side.sent()], [data, data])

    def test_not_agreed(self) -> None:
        """Without an agreement nothing is compressed."""
        for is_server in ROLES:
            side = Side(hears_client=is_server)
            side.websocket.send_message(b"x" * 5000, is_text=True)
            side.websocket.flush()
            (sent,) = read_frames(side.transport.taken())
            self.assertEqual(sent.payload, b"x" * 5000)


class ReadyFrameTests(SynchronousTestCase):
    """Frames that are ready are written at once, or left to the usual way."""

    def test_at_once(self) -> None:
        """A ready frame is written as it is, without waiting for the turn's end."""
        side = Side(hears_client=True)
        self.assertTrue(side.websocket.send_frame(b"\x81\x01a"))
        self.assertEqual(side.transport.taken(), b"\x81\x01a")

    def test_not_before_what_is_kept(self) -> None:
        """What was sent before, and is kept for the turn's end, goes first."""
        side = Side(hears_client=True)
        side.websocket.send_message(b"first", is_text=True)
        self.assertFalse(side.websocket.send_frame(b"\x81\x01a"))
        side.websocket.flush()
        self.assertTrue(side.websocket.send_frame(b"\x81\x01a"))
        self.assertEqual(side.transport.taken(), b"\x81\x05first\x81\x01a")

    def test_not_to_a_full_transport(self) -> None:
        """While the transport takes no bytes, what may wait waits in the connection."""
        side = Side(hears_client=True)
        side.transport.fill()
        self.assertFalse(side.websocket.send_frame(b"\x81\x01a"))
        side.transport.drain()
        self.assertTrue(side.websocket.send_frame(b"\x81\x01a"))

    def test_not_where_messages_are_compressed(self) -> None:
        """Where compression was agreed on, each connection has frames of its own."""
        side = Compressing(hears_client=True)
        self.assertFalse(side.websocket.send_frame(b"\x81\x01a"))
        self.assertEqual(side.sent(), [])

    def test_not_after_the_end(self) -> None:
        """Nothing follows our close frame."""
        side = Side(hears_client=True)
        side.websocket.close_websocket(1000, "")
        side.transport.taken()
        self.assertFalse(side.websocket.send_frame(b"\x81\x01a"))
        self.assertEqual(side.transport.taken(), b"")
