"""Replaying recorded scenarios against the pure core, in either role.

The recorded bytes of the peer go in, at their time; our application does what the
recorded one did (see ``acts``); what our side asks to send is compared, frame by
frame, with what the recorded side sent, and what it reports with what that side
observed.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from padchat_twisted.errors import ConnectError, RemoteProtocolError
from padchat_twisted.wire import engineio, socketio
from padchat_twisted.wire.told import HttpResponse, Role

from . import scripted
from .acts import Act, Emit, Join, derived
from .player import Frame, Player
from .recorded import Scenario, payload, scenario

#: How far a frame of ours may be off the recorded time (seconds); the recorded
#: timers of Node were a few milliseconds late.
TIME_TOLERANCE = 0.1

#: How far beyond the last recorded moment deadlines are still run (seconds).
TAIL = 0.01

# Categories of frames.
BYTE_EQUAL = "byte-equal"
EQUAL = "equal, not byte-equal"
DIFFERENT = "deliberately different"
OF_THE_TRANSPORT = "of the WebSocket layer"
NOT_RECORDED = "lost by the proxy, not recorded"


@dataclass
class Result:
    """What a replay gave.

    Args:
        name: the scenario.
        role: ours.
        frames: how many frames of our side there were, by category.
        compared: how many observations were compared, or left out.
        problems: what was wrong; each a sentence.
    """

    name: str
    role: Role
    frames: Counter[str] = field(default_factory=Counter)
    compared: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def wrong(self, problem: str) -> None:
        """Note what was wrong."""
        self.problems.append(f"{self.name} as {self.role.value}: {problem}")


def acts_of(recording: Scenario, role: Role) -> list[Act]:
    """Return what our application does, in order."""
    key = (recording.name, role)
    if key in scripted.INSTEAD:
        return list(scripted.INSTEAD[key])
    acts = derived(recording, role, scripted.namespaces_of(recording.name))
    if role is Role.CLIENT and recording.name in scripted.EMITTED_EARLY:
        acts = [
            Act(-1, 0.0, act.deed) if isinstance(act.deed, Emit) else act
            for act in acts
        ]
    acts.extend(scripted.BESIDES.get(key, ()))
    # The sort is stable: what has one place stays in the order of its observation.
    return sorted(acts, key=lambda act: (act.after_step, act.t))


def replay(name: str, role: Role) -> Result:
    """Replay one scenario in one role."""
    recording = scenario(name)
    result = Result(name, role)
    player = Player(recording, role)
    acts = deque(acts_of(recording, role))
    own = "c2s" if role is Role.CLIENT else "s2c"
    connections = recording.connections()
    for number, steps in enumerate(connections):
        sent = list(steps_of_ours(steps, own))
        is_last = number + 1 == len(connections)
        last = steps[-1]["i"]
        player.begin(number)
        if number:
            # A new connection asks again for the namespaces of the one before.
            for act in acts_of(recording, role):
                if isinstance(act.deed, Join) and act.after_step < 0:
                    player.do(Act(last, steps[0]["t"] / 1000, act.deed))
        while acts and acts[0].after_step < steps[0]["i"]:
            player.do(acts.popleft())
        for step in steps:
            player.step(step)
            while acts and acts[0].after_step <= step["i"]:
                if not is_last and acts[0].after_step == last:
                    break
                player.do(acts.popleft())
        player.finish(recording.ends_at + TAIL if is_last else steps[-1]["t"] / 1000)
        compare_frames(result, sent, player.frames)
    result.problems.extend(
        f"{name} as {role.value}: {problem}" for problem in player.problems
    )
    if acts:
        result.wrong(f"{len(acts)} acts were never done")
    compare_observations(result, recording, player.seen)
    check_end(result, player)
    return result


def steps_of_ours(steps: list[dict[str, Any]], own: str) -> Iterator[dict[str, Any]]:
    """Return the frames, requests and answers of our side."""
    peer_closed = False
    for step in steps:
        if step.get("dir") not in (own, None) and step["kind"] == "ws-close":
            peer_closed = True
        elif step.get("dir") == own and step["kind"] not in ("tcp-close", "note"):
            # Who is asked to close answers by itself, below us.
            yield {**step, "is_answer": peer_closed and step["kind"] == "ws-close"}


def compare_frames(
    result: Result, steps: list[dict[str, Any]], frames: list[Frame]
) -> None:
    """Compare what our side sent with what the recorded side sent."""
    left_out = scripted.NOT_SENT.get((result.name, result.role), {})
    sooner = scripted.SENT_SOONER.get((result.name, result.role), {})
    ours = deque(frame for frame in frames if not frame.is_lost)
    result.frames[NOT_RECORDED] += len(frames) - len(ours)
    for step in steps:
        number = step["i"]
        if number in left_out:
            result.frames[DIFFERENT] += 1
        elif step["kind"] == "http-response" and step["status"] == 101:
            result.frames[OF_THE_TRANSPORT] += 1
        elif not ours:
            if step["is_answer"]:
                result.frames[OF_THE_TRANSPORT] += 1
            else:
                result.wrong(f"step {number} ({step['kind']}) was not sent")
        else:
            frame = ours.popleft()
            category = compare(step, frame)
            is_in_time = abs(frame.t - step["t"] / 1000) <= TIME_TOLERANCE
            if category is None:
                result.wrong(f"step {number}: sent {frame.kind} {frame.data[:200]!r}")
            elif is_in_time is (number in sooner):
                result.wrong(f"step {number} at {frame.t} s, not {step['t']} ms")
            else:
                result.frames[category if is_in_time else DIFFERENT] += 1
    for frame in ours:
        result.wrong(f"sent besides: {frame.kind} {frame.data[:200]!r}")


def compare(step: dict[str, Any], frame: Frame) -> str | None:
    """Say how a frame of ours equals a recorded one; None when it does not."""
    if step["kind"] != frame.kind:
        return None
    if step["kind"] == "http-request":
        return BYTE_EQUAL if step["target"].encode() == frame.data else None
    if step["kind"] == "http-response":
        body = payload(step["body"])[0]
        assert isinstance(frame.content, HttpResponse)
        is_equal = frame.content.status == step["status"] and frame.data == body
        return BYTE_EQUAL if is_equal else None
    if step["kind"] == "ws-close":
        return BYTE_EQUAL if frame.content == (step["code"], step["reason"]) else None
    recorded = payload(step)[0]
    if recorded == frame.data:
        return BYTE_EQUAL
    if frame.kind != "ws-text":
        return None
    return EQUAL if meaning(recorded) == meaning(frame.data) else None


def meaning(frame: bytes) -> Any:  # noqa: ANN401 - only compared
    """Read a text frame down to its JSON."""
    packet = engineio.decode_text(frame)
    if packet.type == engineio.OPEN:
        return packet.type, json.loads(packet.data)
    if packet.type != engineio.MESSAGE:
        return packet.type, packet.data
    inner = socketio.decode(packet.data)
    return (
        inner.type,
        inner.namespace,
        inner.ack_id,
        inner.attachment_count,
        exact(json.loads(inner.body)) if inner.body else None,
    )


def exact(value: Any) -> Any:  # noqa: ANN401 - JSON has any shape
    """Make a JSON value comparable such that true is not 1."""
    if isinstance(value, bool):
        return "true" if value else "false", "boolean"
    if isinstance(value, list):
        return [exact(entry) for entry in value]
    if isinstance(value, dict):
        return {key: exact(entry) for key, entry in value.items()}
    return value


def compare_observations(
    result: Result, recording: Scenario, seen: list[tuple[str, str | None, Any]]
) -> None:
    """Compare what our side reported with what the recorded side observed."""
    side = result.role.value
    entries = recording.seen_by(side)
    if not entries:
        result.compared["not observed"] += len(seen)
        return
    otherwise = scripted.SEEN_OTHERWISE.get((result.name, result.role), {})
    expected: list[tuple[str, str | None, Any]] = []
    for number, entry in enumerate(entries):
        if entry.event in scripted.NOT_OF_THE_WIRE:
            result.compared["not of the wire"] += 1
        elif number in otherwise:
            result.compared[DIFFERENT] += 1
            expected.extend((event, None, args) for event, args in otherwise[number][0])
        elif entry.event == "result":
            expected.append(("ack", None, [entry.args[-1:]]))
        else:
            expected.append((entry.event, entry.namespace, _plain(entry.args)))
    if any(entry.event == "result" for entry in entries):
        # The reference client hands on the first argument alone.
        seen = [(e, n, [a[0][:1]] if e == "ack" else a) for e, n, a in seen]
    if side == "server":
        watched = {entry.namespace for entry in entries}
        seen = [s for s in seen if s[1] in watched or s[0] == "ack"]
    for wanted, got in zip(expected, seen, strict=False):
        result.compared["compared"] += 1
        if not _matches(wanted, got):
            result.wrong(f"observed {wanted!r:.300}, reported {got!r:.300}")
    if len(expected) != len(seen):
        result.wrong(
            f"observed {len(expected)} things, reported {len(seen)}:"
            f" {[e[0] for e in expected]} and {[s[0] for s in seen]}"
        )


def _plain(args: Any) -> Any:  # noqa: ANN401 - JSON has any shape
    """Drop what the wire does not know, such as the id of a server's socket."""
    if args and isinstance(args[0], dict) and "nsp" in args[0]:
        return [
            {key: args[0][key] for key in args[0] if key != "id" or "data" in args[0]}
        ]
    return args


def _matches(
    wanted: tuple[str, str | None, Any], got: tuple[str, str | None, Any]
) -> bool:
    if wanted[0] != got[0] or (wanted[1] is not None and wanted[1] != got[1]):
        return False
    # What an error of a transport says is each side's own affair.
    return wanted[0] == "connect_error" or exact(wanted[2]) == exact(got[2])


def check_end(result: Result, player: Player) -> None:
    """Check the error with which the last connection was closed."""
    layer = scripted.BROKEN_RULES.get((result.name, result.role))
    error = player.closing_error
    if layer is not None:
        if not isinstance(error, RemoteProtocolError) or error.layer != layer:
            result.wrong(f"ended with {error!r}, not with an error of {layer}")
    elif isinstance(error, RemoteProtocolError):
        result.wrong(f"ended with {error!r}")
    if any(event == "connect_error" for event, _, _ in player.seen) and not isinstance(
        error, ConnectError
    ):
        result.wrong(f"ended with {error!r}, not with a ConnectError")
