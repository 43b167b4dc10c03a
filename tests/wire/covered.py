"""What of the vectors is covered, counted: ``python -m tests.wire`` prints it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache

from padchat_twisted.wire.told import Role

from . import codec, scripted
from .recorded import SCENARIO_PREFIXES, file_names, scenario_names
from .replay import Result, replay

CODEC_FILES = ("codec-engineio", "codec-socketio")

#: Scenario files that are not replayed yet, by prefix, each with the reason.
NOT_YET = {
    "eio3-polling-": "long polling comes later",
    "eio3-upgrade-": "the upgrade from polling to WebSocket comes later",
    "eio3on4-": "a 4.x server that speaks Engine.IO 3: with Engine.IO 4, later",
    "eio4-": "Engine.IO 4 comes later",
    "legacy17-": "socket.io 1.7: with long polling, later",
    "legacy20-": "socket.io 2.0: with long polling, later",
    "mismatch-": "both revisions in one scenario: with Engine.IO 4, later",
    "raw-server2-": "hand-made requests, mostly of long polling: later",
    "raw-server4-": "hand-made requests to a server of Engine.IO 4: later",
}


@dataclass(frozen=True)
class Coverage:
    """What was run.

    Args:
        replays: one for each scenario and role that it can serve.
        not_served: the others, with the reason.
        codec: the results of each codec file.
    """

    replays: tuple[Result, ...]
    not_served: dict[tuple[str, Role], str]
    codec: dict[str, tuple[codec.EntryResult, ...]]

    def problems(self) -> list[str]:
        """Return all that was wrong."""
        found = [problem for result in self.replays for problem in result.problems]
        for results in self.codec.values():
            found += [problem for result in results for problem in result.problems]
        return found

    def frames(self) -> Counter[str]:
        """Count the frames of our side by category."""
        return sum((result.frames for result in self.replays), Counter())

    def observations(self) -> Counter[str]:
        """Count the observations by category."""
        return sum((result.compared for result in self.replays), Counter())

    def replays_by_prefix(self) -> Counter[tuple[str, str]]:
        """Count the replays by prefix and role."""
        return Counter(
            (prefix, result.role.value)
            for result in self.replays
            for prefix in SCENARIO_PREFIXES
            if result.name.startswith(prefix)
        )


@cache
def run() -> Coverage:
    """Run everything; a second call gives the same result again."""
    replays = []
    not_served = {}
    for name in scenario_names():
        for role in Role:
            reason = scripted.not_served(name, role)
            if reason is None:
                replays.append(replay(name, role))
            else:
                not_served[name, role] = reason
    entries = {name: tuple(codec.run_file(name)) for name in CODEC_FILES}
    return Coverage(tuple(replays), not_served, entries)


def table(coverage: Coverage) -> str:
    """Write what was covered, for a person."""
    lines = ["Scenarios"]
    names = scenario_names()
    by_prefix = coverage.replays_by_prefix()
    for prefix in SCENARIO_PREFIXES:
        files = sum(name.startswith(prefix) for name in names)
        lines.append(
            f"  {prefix + '*':<34}{files:>5} files, replayed"
            f" {by_prefix[prefix, 'client']} as client,"
            f" {by_prefix[prefix, 'server']} as server"
        )
    for reason, number in Counter(coverage.not_served.values()).items():
        lines.append(f"  {'not as server':<34}{number:>5} files: {reason}")
    in_part = sum(scripted.is_scripted(r.name, r.role) for r in coverage.replays)
    lines.append(
        f"  {'our part written out by hand':<34}{in_part:>5} replays, wholly or in part"
    )
    for prefix, reason in NOT_YET.items():
        files = sum(name.startswith(prefix) for name in file_names())
        lines.append(f"  {prefix + '*':<34}{files:>5} files not replayed: {reason}")
    lines.append("Frames, requests and answers of our side in the replays")
    lines += _rows(coverage.frames())
    lines.append("Observations of our side in the replays")
    lines += _rows(coverage.observations())
    for name, results in coverage.codec.items():
        lines.append(f"{name}: {len(results)} entries, results by direction")
        lines += _rows(codec.count(list(results)))
        later = [reason for key, reason in codec.NOT_YET.items() if key[0] == name]
        lines += [f"      later: {reason}" for reason in dict.fromkeys(later)]
    lines.append(f"Problems: {len(coverage.problems())}")
    return "\n".join(lines)


def _rows(counts: Counter[str]) -> list[str]:
    return [f"  {category:<34}{counts[category]:>5}" for category in sorted(counts)]
