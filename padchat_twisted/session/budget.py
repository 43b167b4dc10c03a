"""How many connections a process begins in a second, however many accounts it has.

After a restart of the gateway all accounts want to come back at once. Each waits for
its turn here, first come, first served; a turn that is not wanted any more goes to the
next. There is one budget for each reactor, which is one for a process.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from itertools import count
from weakref import WeakValueDictionary

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

__all__ = ["MAX_CONNECTS_PER_SECOND", "ConnectBudget", "Pace", "budget_of"]

#: Connections that one process begins in a second. *A guess*: a thousand accounts are
#: back within two minutes, and no report tells of a gateway that could not take ten.
MAX_CONNECTS_PER_SECOND = 10

_log = Logger()


class Pace:
    """So many in any second, and evenly once there were as many. Pure.

    Args:
        per_second: how many.

    Raises:
        ValueError: fewer than one.
    """

    def __init__(self, per_second: int) -> None:
        if per_second < 1:
            raise ValueError("a budget of less than one connection in a second")
        self.per_second = per_second
        self._taken: deque[float] = deque(maxlen=per_second)

    def next_at(self) -> float:
        """Tell when the next one may be (seconds), 0 for at once."""
        taken = self._taken
        if len(taken) < self.per_second:
            return 0.0
        return max(taken[0] + 1.0, taken[-1] + 1.0 / self.per_second)

    def take(self, now: float) -> None:
        """One begins now."""
        self._taken.append(now)


class ConnectBudget:
    """Gives turns to connect.

    Args:
        clock: for the time, and for the one timer of all who wait.
        per_second: most turns in any second.

    Raises:
        ValueError: fewer than one.
    """

    def __init__(
        self, clock: IReactorTime, per_second: int = MAX_CONNECTS_PER_SECOND
    ) -> None:
        self._clock = clock
        self._pace = Pace(per_second)
        self._numbers = count()
        # An account waits for one turn at most, so they bound this.
        self._waiting: OrderedDict[int, Callable[[], None]] = OrderedDict()
        self._timer: IDelayedCall | None = None
        self._is_serving = False

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    def wait(self, turn: Callable[[], None]) -> int:
        """Have *turn* called when it is its turn; at once, when nobody waits.

        Returns:
            The number of the turn, by which it can be given up.
        """
        number = next(self._numbers)
        self._waiting[number] = turn
        self._serve()
        return number

    def give_up(self, number: int) -> None:
        """Give a turn up; after it this does nothing."""
        self._waiting.pop(number, None)
        if not self._waiting and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _serve(self) -> None:
        while self._timer is None and self._waiting and not self._is_serving:
            delay = self._pace.next_at() - self._clock.seconds()
            if delay > 0:
                self._timer = self._clock.callLater(delay, self._due)
                return
            turn = self._waiting.popitem(last=False)[1]
            self._is_serving = True
            try:
                turn()
            except Exception:
                # It must not take the others' turns away.
                _log.failure("an attempt to connect could not begin")
            finally:
                self._is_serving = False
                # A turn on a busy machine may be long; it connects before its end.
                self._pace.take(self._clock.seconds())

    def _due(self) -> None:
        self._timer = None
        self._serve()


#: By the id of the reactor, which a budget keeps alive as accounts keep the budget.
_budgets: WeakValueDictionary[int, ConnectBudget] = WeakValueDictionary()


def budget_of(reactor: IReactorTime) -> ConnectBudget:
    """Return the budget that all accounts of a reactor share by default."""
    budget = _budgets.get(id(reactor))
    if budget is None:
        budget = _budgets[id(reactor)] = ConnectBudget(reactor)
    return budget
