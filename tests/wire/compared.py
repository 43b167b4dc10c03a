"""Comparing what our side sent in a session with what the recorded side sent."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from padchat_twisted.wire.engineio import MESSAGE, Packet, Revision, encode_text
from padchat_twisted.wire.told import HttpRequest, HttpResponse, Role

from . import scripted
from .bodies import (
    BYTE_EQUAL,
    EQUAL,
    Body,
    body,
    compare_bodies,
    message,
    recorded,
    target_of,
)
from .meanings import meaning
from .player import Frame
from .recorded import is_upgrade, payload

#: How far a frame of ours may be off the recorded time (seconds); the recorded
#: timers of Node were a few milliseconds late.
TIME_TOLERANCE = 0.1

# Categories of frames, beside those of bodies.
DIFFERENT = "deliberately different"
OF_THE_TRANSPORT = "of the WebSocket layer"
NOT_RECORDED = "lost by the proxy, not recorded"

#: The close frame of socket.io 1.x; newer ones have none of it.
OF_1X = (1000, "")

#: What the upgrade is made of; it is no message.
_OF_THE_UPGRADE = (b"2probe", b"3probe", b"5")

Step = dict[str, Any]


@dataclass
class Result:
    """What a replay gave.

    Args:
        name: the scenario.
        role: ours.
        frames: how many frames of our side there were, by category.
        compared: how many observations were compared, or left out.
        problems: what was wrong; each a sentence.
        otherwise: what hand-made requests asked and we answer otherwise.
    """

    name: str
    role: Role
    frames: Counter[str] = field(default_factory=Counter)
    compared: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    otherwise: list[str] = field(default_factory=list)

    def wrong(self, problem: str) -> None:
        """Note what was wrong."""
        self.problems.append(f"{self.name} as {self.role.value}: {problem}")


class Session:
    """What both sent in one session of Engine.IO.

    Args:
        result: where to count.
        steps: all of the session.
        sent: those of our side.
        frames: ours.
        revision: of Engine.IO.
        polls: how many polls more than the recorded client we may make.
        is_40_later: whether the recorded server says ``40`` in the poll after the one
            that opens, and so never when there is no other.
    """

    def __init__(
        self,
        result: Result,
        steps: list[Step],
        sent: list[Step],
        frames: list[Frame],
        revision: Revision,
        polls: int = 0,
        is_40_later: bool = False,
    ) -> None:
        self._result = result
        self._polls = polls
        self._is_40_later = is_40_later
        self._sent = sent
        self._revision = revision
        self._requests = {s["i"]: s for s in steps if s["kind"] == "http-request"}
        self._frames = [frame for frame in frames if not frame.is_lost]
        result.frames[NOT_RECORDED] += len(frames) - len(self._frames)
        self._besides, _ = scripted.SENT_BESIDES.get(
            (result.name, result.role), (b"", "")
        )
        self._left_out = scripted.NOT_SENT.get((result.name, result.role), {})
        self._otherwise = scripted.ANSWERED_OTHERWISE.get(
            (result.name, result.role), {}
        )

    def compare(self) -> None:
        """Compare all of it."""
        steps: list[Step] = []
        packets: list[Step] = []
        polling = [s for s in self._sent if self._is_polling(s.get("re", s["i"]))]
        is_mixed = bool(polling) or any(map(self._is_of_polling, self._frames))
        for step in self._sent:
            if step in polling:
                if step["i"] in self._left_out:
                    self._result.frames[DIFFERENT] += 1
                elif self._has_packets(step):
                    packets.append(step)
            elif (
                is_mixed
                and _is_message(step["kind"], step)
                and step["i"] not in self._left_out
            ):
                packets.append(step)
            else:
                steps.append(step)
        others = [f for f in self._frames if not self._is_of_polling(f)]
        for frame in others:
            is_close = frame.kind == "ws-close" and self._besides == b"close"
            is_answer = (
                isinstance(frame.content, HttpResponse)
                and frame.content.id in self._otherwise
            )
            if is_answer:
                self._result.frames[DIFFERENT] += 1
            elif is_close or (self._besides and frame.data == self._besides):
                self._found_besides()
            else:
                continue
            others = [each for each in others if each is not frame]
            self._frames = [each for each in self._frames if each is not frame]
        if is_mixed:
            others = [f for f in others if not _is_message(f.kind, f.data)]
        compare_frames(self._result, steps, others)
        if is_mixed:
            if self._result.role is Role.CLIENT:
                self._compare_requests()
            else:
                self._compare_answers()
            self._compare_packets(packets, others)

    def _is_polling(self, number: object) -> bool:
        request = self._requests.get(number) if isinstance(number, int) else None
        return request is not None and not is_upgrade(request)

    def _is_of_polling(self, frame: Frame) -> bool:
        content = frame.content
        return isinstance(content, HttpRequest) or (
            isinstance(content, HttpResponse) and self._is_polling(content.id)
        )

    def _has_packets(self, step: Step) -> bool:
        if step["kind"] == "http-request":
            return bool(step["method"] == "POST")
        is_poll = self._requests[step["re"]]["method"] == "GET"
        return is_poll and bool(step["status"] == 200)

    def _compare_requests(self) -> None:
        for method in ("GET", "POST"):
            steps = [
                step
                for number, step in self._requests.items()
                if step["method"] == method
                and self._is_polling(number)
                and number not in self._left_out
            ]
            ours = [
                frame
                for frame in self._frames
                if isinstance(frame.content, HttpRequest)
                and frame.content.method == method
            ]
            wrong = {f.data for f in ours} - {target_of(step) for step in steps}
            if wrong and steps:
                self._result.wrong(f"asked for {wrong!r:.300}")
            if method == "GET":
                if len(steps) + self._polls != len(ours):
                    self._result.wrong(f"{len(ours)} polls, not {len(steps)}")
                self._result.frames[BYTE_EQUAL] += len(ours)

    def _compare_answers(self) -> None:
        """Compare the answers that carry no packets."""
        steps = {step["re"]: step for step in self._sent if "re" in step}
        ours = {
            frame.content.id: frame
            for frame in self._frames
            if isinstance(frame.content, HttpResponse)
        }
        for number in self._requests:
            step, frame = steps.get(number), ours.get(number)
            if not self._is_polling(number) or (
                step is not None and step["i"] in self._left_out
            ):
                continue
            has_packets = [
                step is None or self._has_packets(step),
                frame is None or self._carries(frame),
            ]
            if not all(has_packets):
                self._compare_answer(number, step, frame)

    def _carries(self, frame: Frame) -> bool:
        content = frame.content
        return (
            isinstance(content, HttpResponse)
            and content.status == 200
            and self._requests[content.id]["method"] == "GET"
        )

    def _compare_answer(
        self, number: int, step: Step | None, frame: Frame | None
    ) -> None:
        status = None
        if frame is not None and isinstance(frame.content, HttpResponse):
            status = frame.content.status
        is_equal = (
            step is not None
            and frame is not None
            and status == step["status"]
            and frame.data == (payload(step["body"])[0] if step["body"] else b"")
        )
        if is_equal is (number in self._otherwise):
            said = frame.data[:100] if frame is not None else None
            self._result.wrong(f"request {number} answered by {status} {said!r}")
        else:
            self._result.frames[BYTE_EQUAL if is_equal else DIFFERENT] += 1

    def _compare_packets(self, steps: list[Step], others: list[Frame]) -> None:
        wanted = [recorded(step, self._revision) for step in steps]
        ours = [
            self._body(index, frame)
            for index, frame in enumerate(self._frames)
            if frame not in others and self._has_body(frame)
        ]
        if self._besides:
            ours = self._without_besides(ours)
        if self._is_40_later:
            ours = _without_last_40(ours, wanted)
        found = compare_bodies(wanted, ours)
        if found.problem:
            self._result.wrong(f"with polling: {found.problem}")
        self._result.frames.update(found.categories)
        if found.is_split_alike:
            for one, other in zip(wanted, ours, strict=True):
                if abs(one.t - other.t) > TIME_TOLERANCE:
                    self._result.wrong(f"step {one.number}: at {other.t}, not {one.t}")

    def _without_besides(self, bodies: list[Body]) -> list[Body]:
        """Take out the packet that we send besides, once."""
        left = []
        for each in bodies:
            packets = list(each.packets)
            for packet in each.packets:
                if self._besides == encode_text(packet.type, packet.data):
                    self._found_besides()
                    packets.remove(packet)
            left.append(Body(each.number, each.t, each.data, tuple(packets)))
        return left

    def _found_besides(self) -> None:
        self._besides = b""
        self._result.frames[DIFFERENT] += 1

    def _has_body(self, frame: Frame) -> bool:
        content = frame.content
        if isinstance(content, HttpRequest):
            return content.method == "POST"
        return not isinstance(content, HttpResponse) or self._carries(frame)

    def _body(self, index: int, frame: Frame) -> Body:
        content = frame.content
        if isinstance(content, HttpRequest | HttpResponse):
            headers = dict(content.headers)
            return body(
                index,
                frame.t,
                content.body,
                is_binary=headers["Content-Type"] == "application/octet-stream",
                revision=self._revision,
            )
        return message(
            index,
            frame.t,
            frame.data,
            is_text=frame.kind == "ws-text",
            revision=self._revision,
        )


def _without_last_40(ours: list[Body], wanted: list[Body]) -> list[Body]:
    if len(ours) != len(wanted) or len(ours) != 1:
        return ours
    (only,) = ours
    if only.packets[1:] != (Packet(MESSAGE, b"0"),) or len(wanted[0].packets) != 1:
        return ours
    return [Body(only.number, only.t, b"", only.packets[:1])]


def _is_message(kind: str, content: Step | bytes) -> bool:
    if kind not in ("ws-text", "ws-binary"):
        return False
    data = content if isinstance(content, bytes) else payload(content)[0]
    return data not in _OF_THE_UPGRADE


def compare_frames(
    result: Result, steps: list[dict[str, Any]], frames: list[Frame]
) -> None:
    """Compare what our side sent over WebSocket with what the recorded side sent."""
    left_out = scripted.NOT_SENT.get((result.name, result.role), {})
    sooner = scripted.SENT_SOONER.get((result.name, result.role), {})
    ours = deque(frames)
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
        return BYTE_EQUAL if target_of(step) == frame.data else None
    if step["kind"] == "http-response":
        body = payload(step["body"])[0]
        assert isinstance(frame.content, HttpResponse)
        is_equal = frame.content.status == step["status"] and frame.data == body
        return BYTE_EQUAL if is_equal else None
    if step["kind"] == "ws-close":
        recorded_close = (step["code"], step["reason"])
        if recorded_close == OF_1X and frame.content == (None, ""):
            return EQUAL
        return BYTE_EQUAL if frame.content == recorded_close else None
    recorded = payload(step)[0]
    if recorded == frame.data:
        return BYTE_EQUAL
    if frame.kind != "ws-text":
        return None
    return EQUAL if meaning(recorded) == meaning(frame.data) else None
