"""The benchmark of the codecs compares like with like, and its table counts right."""

from __future__ import annotations

import importlib.util

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from padchat_twisted.wire.engineio import Packet
from tests.bench.codecs import (
    PACKETS_PER_PAYLOAD,
    Peer,
    Row,
    contents,
    our_event,
    our_event_read,
    our_payload,
    render,
    tasks,
    verdict,
)


def row(direction: str, ours: float, theirs: float) -> Row:
    """Return a row of one task."""
    return Row("EIO4", "frame", "small", direction, ours, theirs)


class TableTests(SynchronousTestCase):
    """What was measured, for a person."""

    def test_table(self) -> None:
        """Both directions of a task share a line; figures are thousands."""
        lines = render([row("decode", 6_000, 1_000), row("encode", 3_000_000, 1_500)])
        self.assertEqual(
            lines.splitlines()[2],
            "| EIO4 frame, small | 6 | 1 | 6.0 | 3,000 | 2 | 2000.0 |",
        )

    def test_verdict(self) -> None:
        """The aim is held from five times theirs on; what misses it is named."""
        text = verdict([row("decode", 5.0, 1.0)])
        self.assertEqual(text, "aim (at least 5 times theirs): held in 1 of 1")
        text = verdict([row("decode", 5.0, 1.0), row("encode", 4.94, 1.0)])
        self.assertIn("held in 1 of 2; missed: EIO4 frame, small, encode 4.9", text)


class OursTests(SynchronousTestCase):
    """Our side works on what it says."""

    def test_event(self) -> None:
        """An event comes back with its arguments, in both protocols."""
        for arguments in contents().values():
            parts = our_event(arguments)
            self.assertEqual(our_event_read(parts, 4), arguments)
            self.assertEqual(our_event_read(parts, 5), arguments)


class PeerTests(SynchronousTestCase):
    """Both sides do the same; skipped where the peers are not installed."""

    def setUp(self) -> None:
        """Load the peers."""
        if importlib.util.find_spec("socketio") is None:
            raise SkipTest("python-socketio is not there: tests/bench/requirements.txt")
        self.peer = Peer()

    def test_event(self) -> None:
        """Either side reads the event of the other; theirs escapes Chinese."""
        for arguments in contents().values():
            theirs = self.peer.event(arguments)
            parts = [theirs] if isinstance(theirs, str) else theirs
            sent = [p.encode() if isinstance(p, str) else p for p in parts]
            self.assertEqual(our_event_read(sent, 5), arguments)
            text, *attachments = our_event(arguments)
            received: list[str | bytes] = [text.decode(), *attachments]
            self.assertEqual(self.peer.read_event(received), arguments)

    def test_frame_and_payload(self) -> None:
        """The bytes of EIO4 are the same."""
        for data in ("42汉", b"\x00\xff"):
            is_text = isinstance(data, str)
            content = data.encode() if isinstance(data, str) else data
            frame = b"4" + content if is_text else content
            self.assertEqual(self.peer.frame(data), frame)
            self.assertEqual(self.peer.read_frame(frame, is_text), data)
            body = self.peer.payload(data)
            self.assertEqual(body, our_payload(content, is_text, 4))
            self.assertEqual(len(self.peer.read_payload(body)), PACKETS_PER_PAYLOAD)

    def test_tasks(self) -> None:
        """Each task runs on both sides, and works on as many packets as it says."""
        seen = []
        for task in tasks():
            seen.append((task.protocol, task.unit, task.content, task.direction))
            task.theirs()
            result = task.ours()
            if task.unit == "payload" and task.direction == "decode":
                self.assertEqual(len(result), task.packets)
                self.assertIsInstance(result[0], Packet)
        self.assertEqual(len(seen), 36)
        self.assertEqual(len(set(seen)), 36)
