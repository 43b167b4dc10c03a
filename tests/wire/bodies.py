"""Comparing what our side sent by long polling with what the recorded side sent.

How the packets are split over requests is chance: it hangs on which request was open
when. Their order is not. A noop only ends a poll, so it belongs to the split.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from padchat_twisted.wire import engineio
from padchat_twisted.wire.engineio import Packet, Revision
from padchat_twisted.wire.engineio_payload import decode_payload

from .meanings import meaning
from .recorded import payload

# Categories of bodies and requests.
BYTE_EQUAL = "byte-equal"
EQUAL = "equal, not byte-equal"
SPLIT = "equal, other split over requests"


@dataclass(frozen=True)
class Body:
    """What carries packets: a body, or a message of the WebSocket after it.

    Args:
        number: of the recorded step, or of our frame.
        t: when (seconds).
        data: of it.
        packets: in it.
    """

    number: int
    t: float
    data: bytes
    packets: tuple[Packet, ...]


def body(
    number: int, t: float, data: bytes, *, is_binary: bool, revision: Revision
) -> Body:
    """Read a body."""
    packets = decode_payload(data, revision=revision, is_binary=is_binary)
    return Body(number, t, data, tuple(packets))


def message(
    number: int, t: float, data: bytes, *, is_text: bool, revision: Revision
) -> Body:
    """Read a message of the WebSocket."""
    packet = engineio.decode_frame(data, is_text=is_text, revision=revision)
    return Body(number, t, data, (packet,))


def recorded(step: dict[str, Any], revision: Revision) -> Body:
    """Read a recorded step."""
    data, is_text = payload(step.get("body", step))
    if "body" in step:
        return body(
            step["i"],
            step["t"] / 1000,
            data,
            is_binary=not is_text,
            revision=revision,
        )
    return message(
        step["i"], step["t"] / 1000, data, is_text=is_text, revision=revision
    )


def target_of(step: dict[str, Any]) -> bytes:
    """Return what a recorded request asks for, without what breaks caches."""
    return re.sub(r"&t=[^&]*", "", step["target"]).encode()


def _packets(bodies: list[Body]) -> list[Packet]:
    return [packet for body in bodies for packet in body.packets]


def _meaning(packet: Packet) -> object:
    if packet.is_text:
        return meaning(engineio.encode_text(packet.type, packet.data))
    return packet.data


def _without_noop(packets: list[Packet]) -> list[Packet]:
    return [packet for packet in packets if packet.type != engineio.NOOP]


@dataclass(frozen=True)
class Comparison:
    """How bodies of ours compare.

    Args:
        categories: one for each recorded body.
        problem: what differs, empty if nothing does.
        is_split_alike: whether each body is that of the recorded one.
    """

    categories: list[str]
    problem: str = ""
    is_split_alike: bool = False


def compare_bodies(wanted_bodies: list[Body], ours: list[Body]) -> Comparison:
    """Compare the packets in bodies, in order."""
    same = [
        index < len(ours) and ours[index].data == body.data
        for index, body in enumerate(wanted_bodies)
    ]
    if all(same) and len(ours) == len(wanted_bodies):
        return Comparison([BYTE_EQUAL] * len(same), is_split_alike=True)
    wanted, got = _packets(wanted_bodies), _packets(ours)
    if wanted != got:
        wanted, got = _without_noop(wanted), _without_noop(got)
    if wanted == got:
        return Comparison([BYTE_EQUAL if is_same else SPLIT for is_same in same])
    meant, said = list(map(_meaning, wanted)), list(map(_meaning, got))
    if meant == said:
        return Comparison([BYTE_EQUAL if is_same else EQUAL for is_same in same])
    at = next(
        (n for n, (a, b) in enumerate(zip(meant, said, strict=False)) if a != b),
        min(len(meant), len(said)),
    )
    return Comparison(
        [],
        f"packet {at} of {len(wanted)} is {_shown(got[at : at + 1])},"
        f" not {_shown(wanted[at : at + 1])}; we sent {len(got)}",
    )


def _shown(packets: list[Packet]) -> str:
    if not packets:
        return "missing"
    packet = packets[0]
    return f"{packet.type}{packet.data[:100]!r}"
