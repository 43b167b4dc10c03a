"""The breaker of a login: too many failures in a time, and a person is needed.

Pure: the time is handed in.
"""

from __future__ import annotations

__all__ = ["FAILURE_WINDOW", "MAX_LOGIN_FAILURES", "Breaker"]

#: Failed logins within the window that are enough. With the delays between them, a
#: gateway that refuses every login is tried for about an hour, and an account that is
#: logged out every four minutes is stopped after the first hour and a half.
MAX_LOGIN_FAILURES = 20

#: The window (seconds): six hours, so that a night of trouble counts as one.
FAILURE_WINDOW = 6 * 3600.0


class Breaker:
    """Counts failures within a sliding window.

    Args:
        limit: so many are too many.
        window: within this time (seconds).
    """

    __slots__ = ("_times", "limit", "window")

    def __init__(
        self, limit: int = MAX_LOGIN_FAILURES, window: float = FAILURE_WINDOW
    ) -> None:
        self.limit = limit
        self.window = window
        # As good as always empty, for which nothing is smaller.
        self._times: tuple[float, ...] = ()

    def __len__(self) -> int:
        """Count the failures that are remembered, at most ``limit``."""
        return len(self._times)

    def failed(self, now: float) -> bool:
        """Count a failure; tell whether they are too many now."""
        begin = now - self.window
        kept = [time for time in self._times if time > begin]
        self._times = (*kept, now)[-self.limit :]
        return len(self._times) >= self.limit

    def reset(self) -> None:
        """Forget them: a person looked at it."""
        self._times = ()
