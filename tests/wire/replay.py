"""Replaying recorded scenarios against the pure core, in either role.

The recorded bytes of the peer go in, at their time; our application does what the
recorded one did (see ``acts``); what our side asks to send is compared, frame by
frame, with what the recorded side sent, and what it reports with what that side
observed.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from padchat_twisted.errors import ConnectError, RemoteProtocolError
from padchat_twisted.wire import engineio
from padchat_twisted.wire.told import Role

from . import scripted
from .acts import Act, Emit, Join, by_rule, derived, is_refusal
from .compared import DIFFERENT, Result, Session
from .meanings import exact
from .player import Player
from .recorded import Observed, Scenario, scenario
from .sessions import TAIL, steps_of_ours


def acts_of(recording: Scenario, role: Role) -> list[Act]:
    """Return what our application does, in order."""
    key = (recording.name, role)
    if key in scripted.INSTEAD:
        return list(scripted.INSTEAD[key])
    acts = derived(recording, role, scripted.namespaces_of(recording.name))
    if (
        role is Role.CLIENT
        and scripted.kind_of(recording.name) in scripted.EMITTED_EARLY
    ):
        acts = [
            Act(-1, 0.0, act.deed) if isinstance(act.deed, Emit) else act
            for act in acts
        ]
    acts.extend(scripted.BESIDES.get(key, ()))
    acts.extend(by_rule(recording, role))
    # The sort is stable: what has one place stays in the order of its observation.
    return sorted(acts, key=lambda act: (act.after_step, act.t))


def replay(name: str, role: Role) -> Result:
    """Replay one scenario in one role."""
    recording = scenario(name)
    result = Result(name, role)
    player = Player(recording, role)
    acts = deque(acts_of(recording, role))
    own = "c2s" if role is Role.CLIENT else "s2c"
    sessions = recording.sessions()
    for number, steps in enumerate(sessions):
        is_last = number + 1 == len(sessions)
        last = steps[-1]["i"]
        if _is_left_out(result, steps, own):
            continue
        player.begin(steps)
        if number:
            # A new connection asks again for the namespaces of the one before.
            again = [
                Act(last, steps[0]["t"] / 1000, act.deed)
                for act in acts_of(recording, role)
                if isinstance(act.deed, Join) and act.after_step < 0
            ]
            player.do(again)
        player.do(_due(acts, steps[0]["i"] - 1))
        for step in steps:
            player.step(step)
            if is_last or step["i"] != last:
                player.do(_due(acts, step["i"]))
            else:
                player.do(_due(acts, last - 1))
        player.finish(recording.ends_at + TAIL if is_last else steps[-1]["t"] / 1000)
        sent = list(steps_of_ours(steps, own, player.ignored))
        revision = engineio.revision_of(dict(steps[0]["query"]))
        Session(result, steps, sent, player.frames, revision, player.polls).compare()
    result.problems.extend(
        f"{name} as {role.value}: {problem}" for problem in player.problems
    )
    if acts:
        result.wrong(f"{len(acts)} acts were never done")
    compare_observations(result, recording, player.seen)
    check_end(result, player)
    return result


def _is_left_out(result: Result, steps: list[dict[str, Any]], own: str) -> bool:
    """Tell whether all of a session is a fault that we do not copy."""
    left_out = scripted.NOT_SENT.get((result.name, result.role), {})
    sent = [step["i"] for step in steps_of_ours(steps, own)]
    is_left_out = set(sent) <= set(left_out)
    if is_left_out:
        result.frames[DIFFERENT] += len(sent)
    return is_left_out


def _due(acts: deque[Act], step: int) -> list[Act]:
    """Take out the acts up to a step."""
    due = []
    while acts and acts[0].after_step <= step:
        due.append(acts.popleft())
    return due


def compare_observations(
    result: Result, recording: Scenario, seen: list[tuple[str, str | None, Any]]
) -> None:
    """Compare what our side reported with what the recorded side observed."""
    side = result.role.value
    entries = recording.seen_by(side)
    if not entries:
        result.compared["not observed"] += len(seen)
        return
    otherwise = scripted.seen_otherwise(result.name, result.role)
    expected: list[tuple[str, str | None, Any]] = []
    for number, entry in enumerate(entries):
        if entry.event in scripted.NOT_OF_THE_WIRE or is_of_a_retry(recording, entry):
            result.compared["not of the wire"] += 1
        elif number in otherwise:
            result.compared[DIFFERENT] += 1
            expected.extend((event, None, args) for event, args in otherwise[number][0])
        elif is_of_the_engine(entry):
            result.compared["comes with Closed, from the engine"] += 1
        elif entry.event == "result":
            expected.append(("ack", None, [entry.args[-1:]]))
        else:
            expected.append((entry.event, entry.namespace, _plain(entry.args)))
    at_the_end = scripted.SEEN_AT_THE_END.get((result.name, result.role))
    if at_the_end is not None:
        result.compared[DIFFERENT] += 1
        (event, args), _ = at_the_end
        expected.append((event, None, args))
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


def is_of_a_retry(recording: Scenario, seen: Observed) -> bool:
    """Tell whether a client was refused below, so that no connection of ours is told.

    The session retries; nothing of it is on the wire.
    """
    return seen.event == "connect_error" and recording.kind == "reconnect-server-killed"


def is_of_the_engine(seen: Observed) -> bool:
    """Tell whether a client's application saw an error of a connection that was up.

    Ours comes with the action Closed, and is no occurrence.
    """
    return seen.side == "client" and seen.event == "error" and not is_refusal(seen)


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
    layer = scripted.broken_rule(result.name, result.role)
    error = player.closing_error
    if layer is not None:
        if not isinstance(error, RemoteProtocolError) or error.layer != layer:
            result.wrong(f"ended with {error!r}, not with an error of {layer}")
    elif isinstance(error, RemoteProtocolError):
        result.wrong(f"ended with {error!r}")
    is_not_connected = ("connect_error", None, [player.reason]) in player.seen
    if is_not_connected and layer is None and not isinstance(error, ConnectError):
        result.wrong(f"ended with {error!r}, not with a ConnectError")
