"""What of the vectors is covered, counted: ``python -m tests.wire`` prints it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache

from padchat_twisted.wire.told import Role

from . import by_hand_tables, codec, scripted
from .by_hand import replay_by_hand
from .codec_tables import DIFFERENT_ENTRIES
from .compared import Result
from .recorded import SCENARIO_PREFIXES, file_names
from .replay import replay

CODEC_FILES = ("codec-engineio", "codec-socketio")


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
    for name in file_names():
        for role in Role:
            reason = scripted.not_served(name, role)
            if reason is not None:
                not_served[name, role] = reason
            elif name.startswith("raw-"):
                replays.append(replay_by_hand(name))
            else:
                replays.append(replay(name, role))
    entries = {name: tuple(codec.run_file(name)) for name in CODEC_FILES}
    return Coverage(tuple(replays), not_served, entries)


def table(coverage: Coverage) -> str:
    """Write what was covered, for a person."""
    lines = [f"Scenarios: {len(file_names())} files"]
    by_prefix = coverage.replays_by_prefix()
    for prefix in SCENARIO_PREFIXES:
        files = sum(name.startswith(prefix) for name in file_names())
        lines.append(
            f"  {prefix + '*':<34}{files:>5} files, replayed"
            f" {by_prefix[prefix, 'client']} as client,"
            f" {by_prefix[prefix, 'server']} as server"
        )
    for role in Role:
        reasons = Counter(
            reason for (_, r), reason in coverage.not_served.items() if r is role
        )
        for reason, number in reasons.items():
            lines.append(f"  {'not as ' + role.value:<34}{number:>5} files: {reason}")
    in_part = sum(scripted.is_scripted(r.name, r.role) for r in coverage.replays)
    lines.append(
        f"  {'our part written out by hand':<34}{in_part:>5} replays, wholly or in part"
    )
    lines.append("Frames, requests and answers of our side in the replays")
    lines += _rows(coverage.frames())
    reasons = different_reasons(coverage)
    lines += [f"      {number} different: {r}" for r, number in reasons.items()]
    lines.append("Observations of our side in the replays")
    lines += _rows(coverage.observations())
    for name, results in coverage.codec.items():
        lines.append(f"{name}: {len(results)} entries, results by direction")
        lines += _rows(codec.count(list(results)))
        ids = [result.id for result in results]
        reasons = Counter(
            reason for id_, reason in DIFFERENT_ENTRIES.items() if id_ in ids
        )
        lines += [f"      {number} different: {r}" for r, number in reasons.items()]
    lines.append(f"Problems: {len(coverage.problems())}")
    return "\n".join(lines)


def different_reasons(coverage: Coverage) -> Counter[str]:
    """Count the reasons for which something of ours is deliberately different."""
    reasons: Counter[str] = Counter()
    for result in coverage.replays:
        key = (result.name, result.role)
        if result.name.startswith("raw-"):
            kind = by_hand_tables.kind_of(result.name)
            named = by_hand_tables.ANSWERED_OTHERWISE.get(kind, {})
            reasons.update(named[label] for label in result.otherwise)
            continue
        for each in (
            scripted.NOT_SENT,
            scripted.SENT_SOONER,
            scripted.ANSWERED_OTHERWISE,
        ):
            reasons.update(each.get(key, {}).values())
        if key in scripted.SENT_BESIDES:
            reasons[scripted.SENT_BESIDES[key][1]] += 1
    return reasons


def _rows(counts: Counter[str]) -> list[str]:
    return [f"  {category:<34}{counts[category]:>5}" for category in sorted(counts)]
