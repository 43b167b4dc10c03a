"""Replaying hand-made requests against our server, session by session.

A person wrote them to find out what the real servers do with what no client sends. Each
session is a question of its own: it is compared whole, or we answer it otherwise on
purpose, which ``by_hand_tables`` names with the reason. What belongs to the table of
sids, to HTTP or to WebSocket is not of the pure core; those files are replayed in
tests/transport.
"""

from __future__ import annotations

from typing import Any

from padchat_twisted.wire import engineio
from padchat_twisted.wire.told import Role

from .acts import Act, Emit
from .by_hand_tables import ANSWERED_OTHERWISE, kind_of
from .compared import DIFFERENT, Result, Session
from .meanings import exact
from .player import Player
from .recorded import Scenario, payload, scenario
from .sessions import TAIL, steps_of_ours
from .setting import is_of_4

#: What the server of ``binary-polling`` sends by itself, while the third poll waits.
BINARY_EVENT = Emit("/user", ["bin", "汉😀", b"\x00\x01\xfe\xff"])
THIRD = 3


def replay_by_hand(name: str) -> Result:
    """Replay one scenario of hand-made requests."""
    recording = scenario(name)
    result = Result(name, Role.SERVER)
    player = Player(recording, Role.SERVER)
    for steps in recording.sessions():
        _replay_session(recording, player, steps, result)
    return result


def label_of(steps: list[dict[str, Any]]) -> str:
    """Say what is asked in a session: its note, or what the client sent."""
    said = []
    for step in steps:
        if step["kind"] == "note" and step["text"].startswith("send "):
            text: str = step["text"]
            return text.removeprefix("send ")
        if step.get("dir") != "c2s":
            continue
        if step["kind"] == "http-request" and step["body"]:
            said.append(_shown(*payload(step["body"])))
        elif step["kind"] in ("ws-text", "ws-binary"):
            said.append(_shown(*payload(step)))
    return " ".join(one for one in said if one not in ("1", "1:1"))[:100]


def _shown(data: bytes, is_text: bool) -> str:
    if is_text:
        return data[:40].decode("utf-8", "backslashreplace").replace("\x1e", "|")
    return data[:20].hex()


def _replay_session(
    recording: Scenario, player: Player, steps: list[dict[str, Any]], result: Result
) -> None:
    found = Result(result.name, Role.SERVER)
    before = len(player.seen)
    player.begin(steps)
    polls = 0
    for step in steps:
        player.step(step)
        is_request = step["kind"] == "http-request"
        polls += is_request and step["method"] == "GET"
        if kind_of(result.name) == "binary-polling" and is_request and polls == THIRD:
            player.do([Act(step["i"], step["t"] / 1000, BINARY_EVENT)])
            polls += 1
    player.finish(steps[-1]["t"] / 1000 + TAIL)
    sent = list(steps_of_ours(steps, "s2c", player.ignored))
    revision = engineio.revision_of(dict(steps[0]["query"]))
    is_40_later = is_of_4(recording) and revision == engineio.EIO3
    Session(
        found, steps, sent, player.frames, revision, is_40_later=is_40_later
    ).compare()
    numbers = {step["i"] for step in steps}
    wanted = [
        exact(seen.args[0].get("data"))
        for seen in recording.seen_by("server")
        if seen.event == "event"
        and seen.namespace == "/user"
        and seen.after_step in numbers
    ]
    got = [
        exact(args[0]["data"])
        for event, namespace, args in player.seen[before:]
        if event == "event" and namespace == "/user"
    ]
    found.compared["compared"] += len(wanted)
    if wanted != got:
        found.wrong(f"observed {wanted!r:.200}, reported {got!r:.200}")
    label = label_of(steps)
    reasons = ANSWERED_OTHERWISE.get(kind_of(result.name), {})
    if found.problems and label in reasons:
        result.frames[DIFFERENT] += 1
        result.otherwise.append(label)
        return
    result.frames += found.frames
    result.compared += found.compared
    result.problems += [f"{problem} [{label}]" for problem in found.problems]
