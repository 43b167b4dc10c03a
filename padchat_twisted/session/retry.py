"""How long to wait before another attempt: full jitter, and a cap.

The upper end doubles with each attempt; what is waited is drawn between nothing and
that end, so that accounts which fell together do not come back together. Source:
"Exponential Backoff And Jitter", AWS Architecture Blog. Pure: chance is handed in.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = [
    "FIRST_DELAY",
    "LEAST_DELAY",
    "LONGEST_DELAY",
    "LONGEST_LOGIN_DELAY",
    "full_jitter",
]

#: Upper end of the first delay (seconds): a gateway that restarts is soon back.
FIRST_DELAY = 1.0

#: What is waited at least (seconds): chance may say zero, and no path of the login
#: may go round without waiting.
LEAST_DELAY = 0.1

#: Upper end of every delay (seconds): an outage of a night must not cost an hour.
LONGEST_DELAY = 60.0

#: The same after a login that failed (seconds): WeChat looks at who logs in often,
#: and whoever asks each minute does not give a gateway time to come to itself.
LONGEST_LOGIN_DELAY = 600.0

#: Attempts after which the upper end does not double any more: the longest delay was
#: reached long before, and a float has an end.
MOST_DOUBLINGS = 30


def full_jitter(
    attempt: int, chance: Callable[[], float], longest: float = LONGEST_DELAY
) -> float:
    """Draw the delay before an attempt (seconds).

    Args:
        attempt: counted from 1.
        chance: gives a number from 0 up to, not including, 1.
        longest: the cap (seconds).
    """
    doublings = min(attempt - 1, MOST_DOUBLINGS)
    return max(LEAST_DELAY, chance() * min(longest, FIRST_DELAY * 2.0**doublings))
