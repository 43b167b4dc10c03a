"""The sandbox gateway of a soak: a process of its own, with faults for a time."""

from __future__ import annotations

from pathlib import Path

from twisted.internet.defer import Deferred

from padchat_twisted.transport.address import parse_url

from ..children import PADCHAT, STDERR, Child, spawn_child
from .ledger import Ledger

__all__ = ["Gateway", "read_faults"]

#: How a line of a log begins that tells an error.
ERRORS = ("#error]", "#critical]")

#: What `padchat sandbox` says when its faults are over, before it names them.
OVER = "the faults are over: "


def read_faults(line: str) -> dict[str, int]:
    """Read the names of faults and how often each was played."""
    parts = line.removeprefix(OVER).split(", ")
    pairs = (part.split(" ", 1) for part in parts)
    return {name: int(times) for times, name in pairs if times.isdigit()}


class Gateway:
    """Starts it, listens to it, kills it.

    Args:
        folder: for its state.
        ledger: gets what it says.

    Attributes:
        port: at which it listens, 0 before the first start.
        complaints: the errors of its log, once it was killed.
    """

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self.port = 0
        self.complaints: list[str] = []
        self._folder = folder
        self._ledger = ledger
        self._child: Child | None = None
        self._over: Deferred[None] = Deferred()

    async def start(self, *faults: str) -> None:
        """Start it, with its state and its port of before.

        Args:
            faults: options of `padchat sandbox` that say what goes wrong.
        """
        self._over = Deferred()
        self._child = child = spawn_child(
            PADCHAT,
            *("sandbox", "--scan", "--state", "sandbox.json"),
            *("--port", str(self.port), *faults),
            folder=self._folder,
        )
        line = await child.when_says("listening on ")
        self.port = parse_url(line.rpartition(" ")[2]).port
        child.hand_lines(self._heard)

    def when_over(self) -> Deferred[None]:
        """Wait for the end of its faults; once for each start."""
        return self._over

    def say(self, number: int) -> None:
        """Have a message said to every account that is logged in."""
        assert self._child is not None
        self._child.type(str(number))

    async def kill(self) -> None:
        """Kill it, if it runs, and hear all that it said."""
        if self._child is not None:
            child, self._child = self._child, None
            await child.stop()
            self.complaints += [
                f"the gateway: {line}"
                for line in child.lines(STDERR)
                if any(level in line for level in ERRORS)
            ]

    def _heard(self, line: str) -> None:
        if line.startswith(OVER):
            self._ledger.played.update(read_faults(line))
            self._over.callback(None)
        else:
            self._ledger.heard(line)
