"""WebSocket bytes that come in any pieces (the transport's part of the vectors)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.told import WebSocketClosed

from ..wire.recorded import payload, scenario, scenario_names
from .by_hand import (
    BINARY,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    close_frame,
    frame,
    header,
    masked,
    read_frames,
)
from .in_memory import Side

#: Messages above this size are cut at some places only.
LARGE = 4096

#: Cuts of a stream with a large message beside those near its frames' ends.
SAMPLED_CUTS = 40

#: How names of scenarios with their own WebSockets begin.
OVER_WEBSOCKET = ("eio3-ws-", "padchat-")

#: Of these, those without a WebSocket message, each with the reason.
SILENT = {
    "eio3-ws-transport-refused": "the server refuses the handshake",
    "eio3-ws-padchat-transports-polling-server": "the same: it has polling only",
}

Step = dict[str, Any]


def recorded_streams() -> Iterator[tuple[str, bool, list[Step]]]:
    """Find what was recorded: scenario, whether the client says it, its steps."""
    for name in names():
        streams: dict[tuple[int, str], list[Step]] = {}
        for step in scenario(name).steps:
            if step["kind"].startswith("ws-"):
                streams.setdefault((step["conn"], step["dir"]), []).append(step)
        for (_, direction), said in streams.items():
            yield name, direction == "c2s", said


def names() -> list[str]:
    """Name the scenarios over WebSocket."""
    return [name for name in scenario_names() if name.startswith(OVER_WEBSOCKET)]


def places_to_cut(frames: list[bytes]) -> Iterator[int]:
    """Choose where to cut: everywhere, or sampled when a message is large."""
    size = sum(map(len, frames))
    if max(map(len, frames)) <= LARGE:
        yield from range(1, size)
        return
    chosen: set[int] = set()
    end = 0
    for one in frames:
        if len(one) <= LARGE:
            chosen.update(range(end, end + len(one)))
        else:
            chosen.update(range(end, end + 20))
        end += len(one)
        chosen.update(range(end - 5, end + 1))
    sample = random.Random(size).sample(range(1, size), SAMPLED_CUTS)
    yield from sorted((chosen | set(sample)) - {0, size})


class RecordedBytesTests(SynchronousTestCase):
    """What was recorded, in two reads and byte by byte, in both directions."""

    def test_cut_everywhere(self) -> None:
        """Wherever a stream is cut, the driver hears the same messages."""
        messages = large = cuts = 0
        heard = set()
        for name, is_client, steps in recorded_streams():
            said = [payload(s) for s in steps if s["kind"] in ("ws-text", "ws-binary")]
            if not said:
                continue
            frames = [
                frame(TEXT if is_text else BINARY, data, is_client=is_client)
                for data, is_text in said
            ]
            stream = b"".join(frames)
            side = Side(hears_client=is_client)
            self.assertEqual(side.hears(stream), said, name)
            one_by_one = [stream[at : at + 1] for at in range(len(stream))]
            if len(stream) <= LARGE:
                self.assertEqual(side.hears(*one_by_one), said, name)
            for place in places_to_cut(frames):
                pieces = stream[:place], stream[place:]
                self.assertEqual(side.hears(*pieces), said, f"{name} at {place}")
                cuts += 1
            self.assertEqual(side.driver.failures, [])
            heard.add(name)
            messages += len(said)
            large += sum(len(data) > LARGE for data, _ in said)
        print(
            f"transport vectors: {len(heard)} scenarios, {messages} messages"
            f" ({large} above {LARGE} bytes), {cuts} cuts"
        )
        self.assertEqual(set(names()) - heard, set(SILENT))
        self.assertGreater(large, 5)

    def test_close_frames(self) -> None:
        """A recorded close frame, cut everywhere, closes with its code."""
        seen = set()
        for _, is_client, steps in recorded_streams():
            for step in (s for s in steps if s["kind"] == "ws-close"):
                seen.add((is_client, step["code"], step["reason"]))
        self.assertGreater(len(seen), 3)
        for is_client, code, reason in sorted(seen, key=str):
            data = close_frame(code, reason, is_client=is_client)
            for place in range(len(data)):
                side = Side(hears_client=is_client)
                before = frame(TEXT, b"2", is_client=is_client)
                heard = side.hears(before + data[:place], data[place:])
                side.transport.finish(side.websocket)
                self.assertEqual(heard, [(b"2", True)])
                self.assertEqual(side.driver.told, [WebSocketClosed(code, reason)])


class FrameSizeTests(SynchronousTestCase):
    """Frames around the sizes where the length is written in another way."""

    def test_sizes(self) -> None:
        """Frames of the edge sizes arrive whole, wherever their header is cut."""
        for is_client in (False, True):
            for size in (0, 1, 125, 126, 127, 65535, 65536):
                data = bytes(97 + at % 26 for at in range(size))
                following = frame(TEXT, b"next", is_client=is_client)
                for opcode in (TEXT, BINARY):
                    stream = frame(opcode, data, is_client=is_client) + following
                    side = Side(hears_client=is_client)
                    wanted = [(data, opcode == TEXT), (b"next", True)]
                    last = len(stream) - len(following)
                    for cut in (*range(1, 16), last - 1, last, last + 1, last + 3):
                        pieces = stream[:cut], stream[cut:]
                        self.assertEqual(side.hears(*pieces), wanted, (size, cut))
                    self.assertEqual(side.driver.failures, [])

    def test_what_looks_like_a_frame(self) -> None:
        """Headers, masks and payloads that look like small frames are none."""
        for is_client in (False, True):
            # As a mask too, it is the first byte of a whole text frame.
            mask = b"\x81\x81\x81\x81" if is_client else b""
            for opcode in (BINARY, TEXT, PING):
                size = 0x81 if opcode != PING else 0x7D
                look = (b"\x81\x02hi" * 40)[:size]
                if opcode == TEXT:
                    # The same in UTF-8, with the lead byte that 0x81 may follow.
                    look = (b"\xc2\x81\x02hi" * 40)[:size].ljust(size)
                data = masked(look, mask) if mask else look
                stream = header(opcode, size, mask=mask) + data
                stream += frame(TEXT, b"next", is_client=is_client)
                wanted = [] if opcode == PING else [(look, opcode == TEXT)]
                wanted.append((b"next", True))
                side = Side(hears_client=is_client)
                for cut in range(1, len(stream)):
                    heard = side.hears(stream[:cut], stream[cut:])
                    self.assertEqual(heard, wanted, (opcode, cut))
                self.assertEqual(side.driver.failures, [])

    def test_many_in_one_read(self) -> None:
        """Many frames of one read are told in order, then there is one turn."""
        texts = [b"%d" % number for number in range(500)]
        for is_client in (False, True):
            side = Side(hears_client=is_client)
            turns = side.driver.turns
            stream = b"".join(frame(TEXT, t, is_client=is_client) for t in texts)
            self.assertEqual(side.hears(stream), [(text, True) for text in texts])
            self.assertEqual(side.driver.turns, turns + 1)


class MixedFrameTests(SynchronousTestCase):
    """Fragments and control frames between whole frames."""

    def test_fragments_and_pings(self) -> None:
        """Fragments with pings between them give one message, cut anywhere."""
        for is_client in (False, True):
            side = Side(hears_client=is_client)
            said = side.said
            stream = b"".join(
                (
                    said(TEXT, b"first"),
                    said(TEXT, "汉".encode()[:2], is_final=False),
                    said(PING, b"are you there"),
                    said(CONTINUATION, "汉".encode()[2:], is_final=False),
                    said(PONG, b""),
                    said(CONTINUATION, b""),
                    said(TEXT, b"second"),
                    said(BINARY, b"\x04\x00", is_final=False),
                    said(CONTINUATION, b"\xff"),
                    said(PING, b""),
                    said(TEXT, b"third"),
                )
            )
            wanted = [
                (b"first", True),
                ("汉".encode(), True),
                (b"second", True),
                (b"\x04\x00\xff", False),
                (b"third", True),
            ]
            for cut in range(len(stream)):
                side.transport.taken()
                self.assertEqual(side.hears(stream[:cut], stream[cut:]), wanted, cut)
                side.websocket.flush()
                pongs = read_frames(side.transport.taken())
                self.assertEqual([pong.opcode for pong in pongs], [PONG, PONG])
                self.assertEqual(pongs[0].payload, b"are you there")
            bytewise = (stream[at : at + 1] for at in range(len(stream)))
            self.assertEqual(side.hears(*bytewise), wanted)
            self.assertEqual(side.driver.failures, [])

    def test_back_to_the_short_loop(self) -> None:
        """Wherever a read is cut, autobahn keeps nothing of a small text frame."""
        for is_client in (False, True):
            side = Side(hears_client=is_client)
            said = side.said
            for first in (
                b"",
                said(PING, b"x"),
                said(BINARY, b"\x04" + bytes(300)),
                said(TEXT, b"a", is_final=False) + said(CONTINUATION, b"b"),
                said(TEXT, bytes(70_000)),
            ):
                small = b"".join(said(TEXT, b"%d" % n * 70) for n in range(4))
                for cut in range(len(small) + 1):
                    side.hears(first + small[:cut])
                    self.assertEqual(side.websocket.data, b"", cut)
                    self.assertIsNone(side.websocket.current_frame, cut)
                    side.hears(small[cut:])
            self.assertEqual(side.driver.failures, [])
