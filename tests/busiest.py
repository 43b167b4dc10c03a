"""How many things were begun within a second."""

from __future__ import annotations

from bisect import bisect_left

__all__ = ["most_in_a_second"]


def most_in_a_second(times: list[float]) -> int:
    """Count the most that lie in any second, its end left out."""
    times = sorted(times)
    counts = (bisect_left(times, t + 1.0) - n for n, t in enumerate(times))
    return max(counts, default=0)
