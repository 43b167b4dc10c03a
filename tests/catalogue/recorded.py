"""What the reference client and its server said to each other, packet by packet."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

VECTORS = Path(__file__).parent.parent / "vectors"

#: An event or an acknowledgement in the namespace of PadChat.
_PACKET = re.compile(r"4([23])/user,(\d*)(\[.*)", re.DOTALL)


@dataclass(frozen=True)
class Said:
    """One packet.

    Args:
        by_client: whether the client said it.
        ack_id: of a call or its reply, None for what came unasked.
        body: the array of arguments, as it was on the wire.
    """

    by_client: bool
    ack_id: int | None
    body: bytes

    @property
    def name(self) -> str:
        """Name of the command or event."""
        name = json.loads(self.body)[0]
        assert isinstance(name, str)
        return name


@cache
def packets(scenario: str) -> tuple[Said, ...]:
    """Read the events and acknowledgements of a recorded scenario."""
    steps = json.loads((VECTORS / f"{scenario}.json").read_bytes())["steps"]
    found = []
    for step in steps:
        packet = _PACKET.fullmatch(step.get("text", ""))
        if packet is not None:
            _, ack_id, body = packet.groups()
            found.append(
                Said(
                    step["dir"] == "c2s", int(ack_id) if ack_id else None, body.encode()
                )
            )
    return tuple(found)


def calls(scenario: str) -> list[Said]:
    """Return what the client asked, in order."""
    return [said for said in packets(scenario) if said.by_client]


def reply(scenario: str, ack_id: int) -> bytes:
    """Return the body of the reply to a call."""
    (said,) = (
        said
        for said in packets(scenario)
        if not said.by_client and said.ack_id == ack_id
    )
    return said.body


def notices(scenario: str) -> list[Said]:
    """Return what the server said unasked, in order."""
    return [
        said for said in packets(scenario) if not said.by_client and said.ack_id is None
    ]
