"""One switch for several who want reading to pause."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

__all__ = ["Pausing"]


class Pausing:
    """Reading is paused as long as anybody wants it to be.

    Args:
        set_paused: see ``Dispatch``.
    """

    def __init__(self, set_paused: Callable[[bool], None]) -> None:
        self._set_paused = set_paused
        self._wanted_by: set[str] = set()

    def by(self, who: str) -> Callable[[bool], None]:
        """Return the ``set_paused`` of one of them."""
        return partial(self._want, who)

    def _want(self, who: str, is_paused: bool) -> None:
        if is_paused:
            self._wanted_by.add(who)
            self._set_paused(True)
        elif who in self._wanted_by:
            self._wanted_by.remove(who)
            if not self._wanted_by:
                self._set_paused(False)
