"""Many connections that are lost at once are told a few in each turn of the reactor.

When a gateway ends, all its sockets are found closed in one turn. What follows for an
account takes half a millisecond, and nothing else would be served for a thousand of
them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from weakref import WeakValueDictionary

from twisted.internet.interfaces import IDelayedCall, IReactorTime

__all__ = ["SHARE_SECONDS", "Losses", "losses_of"]

#: Time in a turn of the reactor that is for losses (seconds).
SHARE_SECONDS = 0.03

#: After such a time without a loss (seconds) another turn has surely begun.
PAUSE_SECONDS = 0.005


class Losses:
    """Tells losses in the order in which they came.

    Args:
        clock: measures how long it takes, and has further turns.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        # A connection is lost once, so they bound this.
        self._waiting: deque[Callable[[], None]] = deque()
        self._timer: IDelayedCall | None = None
        self._spent = self._ended = 0.0

    @property
    def waiting(self) -> int:
        """How many losses are told in a later turn."""
        return len(self._waiting)

    def tell(self, loss: Callable[[], None]) -> None:
        """Call *loss*: at once, when there was time enough; else in a later turn."""
        if self._timer is not None:
            self._waiting.append(loss)
            return
        began = self._clock.seconds()
        if began - self._ended > PAUSE_SECONDS:
            self._spent = 0.0
        if self._spent >= SHARE_SECONDS:
            self._waiting.append(loss)
            self._timer = self._clock.callLater(0, self._go_on)
            return
        try:
            loss()
        finally:
            self._ended = self._clock.seconds()
            self._spent += self._ended - began

    def _go_on(self) -> None:
        until = self._clock.seconds() + SHARE_SECONDS
        try:
            while self._waiting and self._clock.seconds() < until:
                self._waiting.popleft()()
        finally:
            self._timer = None
            if self._waiting:
                self._timer = self._clock.callLater(0, self._go_on)


#: By the id of the clock, which is kept alive with it.
_losses: WeakValueDictionary[int, Losses] = WeakValueDictionary()


def losses_of(clock: IReactorTime) -> Losses:
    """Return what all connections of a reactor share."""
    losses = _losses.get(id(clock))
    if losses is None:
        losses = _losses[id(clock)] = Losses(clock)
    return losses
