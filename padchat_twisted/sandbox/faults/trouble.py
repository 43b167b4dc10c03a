"""The faults of one gateway: which are due, and what concerns all its connections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.web.pages import errorPage
from twisted.web.resource import IResource
from twisted.web.server import Request
from zope.interface import implementer

from ...observers import Observers
from ..binding import Notice
from ..interfaces import WorldNotice
from .chaos import Chaos, ChaosPlayer
from .deeds import Trigger
from .library import find_scenario
from .player import Player, Plays, Who
from .scenario import Fault, Scenario

__all__ = ["MAX_REPLAYED", "Plan", "Trouble"]

#: What a gateway is told to play: a scenario, the name or file of one, or chaos.
Plan: TypeAlias = Scenario | Chaos | str | Path

#: Messages of an account that a replay pushes again: more than one push has.
MAX_REPLAYED = 20

#: What stands in the log of requests in place of a path, which may hold an auth key.
_HIDDEN = b"/***"

_log = Logger()


class Troubled(Protocol):
    """A connection that has faults."""

    def recover(self) -> None:
        """No fault goes on, and none comes."""


class Trouble:
    """The faults of one gateway.

    Args:
        clock: tells the time.
        plan: what to play.
        drop_clients: drops every connection of the gateway.

    Attributes:
        clock: as given.
        told: what is played, for people.
        played: how often each deed was done.

    Raises:
        UnknownScenario: there is no scenario of that name.
        ScenarioMistakes: it cannot be played.
    """

    def __init__(
        self, clock: IReactorTime, plan: Plan, drop_clients: Callable[[], None]
    ) -> None:
        self.clock = clock
        self.told = ""
        self.played: Counter[str] = Counter()
        self._drop_clients = drop_clients
        self._troubled: set[Troubled] = set()
        self._pushed: dict[Who, dict[str, Notice]] = {}
        self._down_until = clock.seconds()
        self._plays: Plays | None = None
        self._is_serving = False
        self._ends_after = 0.0
        self._ending: IDelayedCall | None = None
        self._over: Observers[None] = Observers()
        self.play(plan)

    def play(self, plan: Plan) -> None:
        """Play something else from now on, in which nothing has been counted yet.

        Raises:
            UnknownScenario: there is no scenario of that name.
            ScenarioMistakes: it cannot be played.
        """
        if isinstance(plan, str | Path):
            plan = find_scenario(plan)
        self.stop()
        if isinstance(plan, Chaos):
            self._plays = ChaosPlayer(plan)
            self.told = f"chaos with seed {plan.seed}"
        else:
            self._plays = Player(plan)
            self.told = f"scenario {plan.name}: {plan.about}"
        self._ends_after = plan.ends_after
        if self._is_serving:
            self._await_end()

    def met(self, trigger: Trigger, name: str, who: Who, age: float) -> Sequence[Fault]:
        """Return the faults that hit this; see ``player.Plays``."""
        if self._plays is None:
            return ()
        now = self.clock.seconds()
        faults = self._plays.met(trigger, name, who, now=now, age=age)
        for fault in faults:
            self.played[fault.do] += 1
            _log.info(
                "account {account}: fault {do} at {trigger} {name}",
                account=who.label,
                do=fault.do,
                trigger=trigger.value,
                name=name,
            )
        return faults

    def stop(self) -> None:
        """Have no further faults; those that go on end, too."""
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        self._end()

    def when_over(self) -> Deferred[None]:
        """Fire when the time of what is played ends; never when it has no end."""
        return self._over.wait()

    # For the connections

    def add(self, troubled: Troubled) -> None:
        """Take note of a connection, until ``remove``."""
        self._troubled.add(troubled)

    def remove(self, troubled: Troubled) -> None:
        """Forget a connection."""
        self._troubled.discard(troubled)

    def restart(self, seconds: float) -> None:
        """Drop every connection, and let none in for a while."""
        self._down_until = self.clock.seconds() + seconds
        self._drop_clients()

    def remember(self, who: Who, notice: WorldNotice) -> None:
        """Keep the messages of a push, for a replay."""
        payload = notice.args[0] if notice.args else None
        items = payload.get("list") if isinstance(payload, dict) else None
        kept = self._pushed.setdefault(who, {})
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and isinstance(item.get("msgId"), str):
                alone = {**cast(dict[str, object], payload), "list": [item]}
                kept.pop(item["msgId"], None)
                kept[item["msgId"]] = Notice("push", (alone,))
        while len(kept) > MAX_REPLAYED:
            del kept[next(iter(kept))]

    def replayed(self, who: Who, seconds: float) -> list[Notice]:
        """Return the last pushes of an account, as if *seconds* old when not 0."""
        pushes = list(self._pushed.get(who, {}).values())
        if not seconds:
            return pushes
        written_at = int(self.clock.seconds() - seconds)
        return [_written_at(push, written_at) for push in pushes]

    # For the site

    def guard(self, root: IResource) -> IResource:
        """Return the root of a site that is not there while the gateway is down.

        From now on the time until the end counts.
        """
        self._is_serving = True
        self._await_end()
        return _Guard(root, lambda: self.clock.seconds() < self._down_until)

    # Steps

    def _await_end(self) -> None:
        if self._ends_after and self._ending is None:
            self._ending = self.clock.callLater(self._ends_after, self._ended)

    def _ended(self) -> None:
        self._ending = None
        _log.info("the faults are over")
        self._end()
        self._over.fire(None)

    def _end(self) -> None:
        self._plays = None
        self._down_until = self.clock.seconds()
        for troubled in list(self._troubled):
            troubled.recover()


def _written_at(push: Notice, timestamp: int) -> Notice:
    payload = cast(dict[str, list[dict[str, object]]], push.args[0])
    items = [{**item, "timestamp": timestamp} for item in payload["list"]]
    return Notice("push", ({**payload, "list": items},))


@implementer(IResource)
class _Guard:
    """Answers in place of a site while the gateway is down."""

    isLeaf = False

    def __init__(self, root: IResource, is_down: Callable[[], bool]) -> None:
        self._root = root
        self._is_down = is_down

    def getChildWithDefault(self, name: bytes, request: Request) -> IResource:
        """Find what a request is for."""
        if self._is_down():
            request.uri = _HIDDEN
            request.postpath = []
            return errorPage(503, "Service Unavailable", "The gateway restarts.")
        child: IResource = self._root.getChildWithDefault(name, request)
        return child

    def putChild(self, path: bytes, child: IResource) -> None:
        """Put a child on the site."""
        self._root.putChild(path, child)

    def render(self, request: Request) -> bytes | int:
        """Answer for the root itself."""
        result: bytes | int = self._root.render(request)
        return result
