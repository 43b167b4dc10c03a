"""What the fuzzer begins with: what was recorded, by what reads it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from .recorded import codec_entries, file_names, is_upgrade, payload, scenario

#: Longer ones are left out (bytes): they would only take time.
LONGEST = 2000


@dataclass(frozen=True)
class Corpus:
    """Recorded bytes, without doubles.

    Args:
        texts: text messages of a WebSocket.
        binaries: binary ones.
        bodies: of polling, in both forms.
        packets: texts of Socket.IO packets.
        handshakes: contents of open packets.
    """

    texts: tuple[bytes, ...]
    binaries: tuple[bytes, ...]
    bodies: tuple[bytes, ...]
    packets: tuple[bytes, ...]
    handshakes: tuple[bytes, ...]


@cache
def corpus() -> Corpus:
    """Collect it from the recordings and the codec files."""
    texts: set[bytes] = set()
    binaries: set[bytes] = set()
    bodies: set[bytes] = set()
    for name in file_names():
        recording = scenario(name)
        for step in recording.steps:
            if step["kind"] in ("ws-text", "ws-binary"):
                data, is_text = payload(step)
                (texts if is_text else binaries).add(data)
            elif step.get("body") and not (
                step["kind"] == "http-request" and is_upgrade(step)
            ):
                bodies.add(payload(step["body"])[0])
    packets: set[bytes] = set()
    for entry in codec_entries("codec-engineio"):
        if isinstance(entry.get("encoded"), dict):
            data, is_text = payload(entry["encoded"])
            is_body = entry["kind"] == "payload"
            (bodies if is_body else texts if is_text else binaries).add(data)
    for entry in codec_entries("codec-socketio"):
        for frame in entry.get("encoded", ()):
            data, is_text = payload(frame)
            (packets if is_text else binaries).add(data)
    packets |= {text[1:] for text in texts if text[:1] == b"4"}
    handshakes = {text[1:] for text in texts if text[:1] == b"0"}
    return Corpus(*map(_short, (texts, binaries, bodies, packets, handshakes)))


def _short(found: set[bytes]) -> tuple[bytes, ...]:
    return tuple(sorted(data for data in found if len(data) <= LONGEST))
