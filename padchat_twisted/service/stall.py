"""Who holds the reactor up? A thread that looks when it did not turn for a time.

What blocks harms all accounts at once, and heartbeats too: the log has to name it while
it lasts, for it may never end.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import twisted
from twisted.application.service import Service
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger

from ..session import dispatch

__all__ = [
    "BEATS",
    "MAX_TOLD_PLACES",
    "STALL_SECONDS",
    "TELL_AGAIN_SECONDS",
    "Place",
    "StallWatch",
    "place_of",
]

#: For how long the reactor may not turn, where nothing else is said (seconds): a
#: heartbeat is not missed by that, but people who wait for an answer notice.
STALL_SECONDS = 1.0

#: How often within that time the reactor says that it turns, and the thread looks.
BEATS = 4

#: What was named is not named again in this time (seconds).
TELL_AGAIN_SECONDS = 60.0

#: Most places that are remembered as named (a count); the first goes first.
MAX_TOLD_PLACES = 100

#: Where Twisted is, whose functions are not what anybody looks for.
_TWISTED = str(Path(twisted.__file__).parent)
_STANDARD = str(Path(threading.__file__).parent)
_SITE = "site-packages"

_log = Logger()


@dataclass(frozen=True, slots=True)
class Place:
    """What a thread is doing.

    Args:
        function: the handler, or the function nearest to it that is known.
        account: label of the account whose handler it is, empty when unknown.
        line: where in the function's file it is, and in which function.
    """

    function: str
    account: str
    line: str

    def __str__(self) -> str:
        """Say it in words."""
        who = f"handler {self.function} of account {self.account}"
        return f"{who if self.account else self.function}, at {self.line}"


def place_of(frame: FrameType) -> Place:
    """Say what the thread of *frame*, its innermost one, is doing.

    A handler is what a ``Dispatch`` called. One that waited for a Deferred is gone on
    with by Twisted: then it is the outermost function that belongs neither to Twisted
    nor to this package.
    """
    frames: list[FrameType] = []
    step: FrameType | None = frame
    while step is not None:
        frames.append(step)
        step = step.f_back
    frames.reverse()
    account, begin = "", 0
    for at, each in enumerate(frames):
        if each.f_code.co_filename == dispatch.__file__:
            owner = each.f_locals.get("self")
            if isinstance(owner, dispatch.Dispatch):
                account, begin = owner.name, at + 1
        elif not account and _is_loop(each):
            begin = at + 1
    ours = [each for each in frames[begin:] if not _is_of_twisted(each)] or [frame]
    if not account:
        package = str(Path(__file__).parents[1])
        foreign = [e for e in ours if not e.f_code.co_filename.startswith(package)]
        ours = foreign or ours
    last = next((e for e in reversed(ours) if not _is_library(e)), ours[-1])
    code = last.f_code
    return Place(
        ours[0].f_code.co_qualname,
        account,
        f"{code.co_filename}:{last.f_lineno} in {code.co_qualname}",
    )


def _is_of_twisted(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(_TWISTED)


def _is_library(frame: FrameType) -> bool:
    name = frame.f_code.co_filename
    return name.startswith((_STANDARD, "<")) or _SITE in name


def _is_loop(frame: FrameType) -> bool:
    return _is_of_twisted(frame) and frame.f_code.co_name == "mainLoop"


class StallWatch(Service):
    """Names what blocks the reactor, while it does.

    Args:
        reactor: runs in the thread in which the service is started.
        seconds: for how long it may not turn.
        now: a clock that never goes back (seconds).

    Attributes:
        stalls: how often it did not turn for longer.
        longest: the longest of them (seconds).
    """

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401 - several interfaces in one
        seconds: float = STALL_SECONDS,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stalls = 0
        self.longest = 0.0
        self._reactor = reactor
        self._seconds = seconds
        self._now = now
        self._last = 0.0
        self._is_stalled = False
        self._timer: IDelayedCall | None = None
        self._told: dict[str, float] = {}
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None
        self._watched = 0

    def startService(self) -> None:
        """Begin to look as soon as the reactor runs."""
        super().startService()
        self._timer = self._reactor.callLater(0, self._begin)

    def stopService(self) -> None:
        """Look no more; the thread ends by itself."""
        super().stopService()
        self._ends.set()
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def look(self) -> None:
        """Tell what blocks the reactor, if it did not turn for too long.

        Called in a thread of its own, a few times in ``seconds``.
        """
        now = self._now()
        if self._is_stalled or now - self._last <= self._seconds:
            return
        frame = sys._current_frames().get(self._watched)
        if frame is None:
            return
        self._is_stalled = True
        place = place_of(frame)
        del frame
        told = self._told.get(place.function)
        if told is not None and now - told < TELL_AGAIN_SECONDS:
            return
        self._told.pop(place.function, None)
        if len(self._told) >= MAX_TOLD_PLACES:
            del self._told[next(iter(self._told))]
        self._told[place.function] = now
        _log.warn(
            "the reactor does not turn since {seconds:.1f} s: it is held up by {place}",
            seconds=now - self._last,
            place=str(place),
        )

    # Steps

    def _begin(self) -> None:
        self._watched = threading.get_ident()
        self._last = self._now()
        self._ends = threading.Event()
        self._thread = threading.Thread(
            target=self._watch,
            args=(self._ends,),
            name="padchat-stall-watch",
            daemon=True,
        )
        self._thread.start()
        self._beat()

    def _beat(self) -> None:
        now = self._now()
        if now - self._last > self._seconds:
            self.stalls += 1
            self.longest = max(self.longest, now - self._last)
        self._last = now
        self._is_stalled = False
        self._timer = self._reactor.callLater(self._seconds / BEATS, self._beat)

    def _watch(self, ends: threading.Event) -> None:
        while not ends.wait(self._seconds / BEATS):
            self.look()
