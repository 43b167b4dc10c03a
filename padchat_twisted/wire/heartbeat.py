"""The heartbeat of Engine.IO: who pings, and when the peer is given up.

EIO3: the client pings ``interval`` after the open packet and after each pong. EIO4: the
server does. Whoever pings gives up ``timeout`` after a ping that nothing follows; both
give up ``interval + timeout`` after the last packet. A client of EIO4 that does not
read sends pongs that no ping asked for, by which a server counts as well. Source:
engine.io-client 3.5, Socket.setPing; engine.io 3.6.2, Socket.setPingTimeout; engine.io
6.6, Socket.onPacket; engine.io-client 6.6, Socket.
"""

from __future__ import annotations

__all__ = ["Heartbeat"]


class Heartbeat:
    """The times of one connection, in seconds on the clock of ``now``.

    Args:
        is_pinger: whether our side pings.
        is_ponger: whether our pongs are what the other side waits for.

    Attributes:
        last_received: when anything came.
    """

    __slots__ = (
        "_interval",
        "_is_pinger",
        "_is_ponger",
        "_next_ping",
        "_next_pong",
        "_pinged_at",
        "_timeout",
        "last_received",
    )

    def __init__(self, *, is_pinger: bool, is_ponger: bool = False) -> None:
        self._is_pinger = is_pinger
        self._is_ponger = is_ponger
        self._interval = 0.0
        self._timeout = 0.0
        self._next_ping: float | None = None
        self._next_pong: float | None = None
        self._pinged_at: float | None = None
        self.last_received = 0.0

    def begin(self, interval_ms: int, timeout_ms: int, now: float) -> None:
        """Begin, with the times of the open packet (milliseconds)."""
        self._interval = interval_ms / 1000
        self._timeout = timeout_ms / 1000
        self.last_received = now
        self.ponged(now)
        self.answered(now)

    def ponged(self, now: float) -> None:
        """A pong came: the next ping is due an interval later."""
        if self._is_pinger and self._next_ping is None:
            self._pinged_at = None
            self._next_ping = now + self._interval

    def answered(self, now: float) -> None:
        """We sent a pong: the other side has half of its timeout left at the next."""
        if self._is_ponger:
            self._next_pong = now + self._interval + self._timeout / 2

    def next_deadline(self) -> float:
        """When to look at ``is_over``, ``is_ping_due`` and ``is_pong_due``."""
        deadline = self._gives_up_at()
        for due in (self._next_ping, self._next_pong):
            if due is not None:
                deadline = min(deadline, due)
        return deadline

    def is_over(self, now: float) -> bool:
        """Tell whether the peer was silent for too long."""
        return now >= self._gives_up_at()

    def is_ping_due(self, now: float) -> bool:
        """Tell whether a ping is to be sent now, and take note of it."""
        if self._next_ping is None or now < self._next_ping:
            return False
        self._next_ping = None
        self._pinged_at = now
        return True

    def is_pong_due(self, now: float) -> bool:
        """Tell whether no pong was sent for long, and take note of it."""
        if self._next_pong is None or now < self._next_pong:
            return False
        self.answered(now)
        return True

    def deaf(self, now: float) -> None:
        """We do not read: the peer's silence says nothing, and our pings go on."""
        self.last_received = now
        if self._pinged_at is not None:
            self._pinged_at = None
            self._next_ping = now

    def _gives_up_at(self) -> float:
        if self._pinged_at is not None and self.last_received <= self._pinged_at:
            return self._pinged_at + self._timeout
        return self.last_received + self._interval + self._timeout
