"""What an account does by itself when nobody is there: the settings, in one object."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from .breaker import FAILURE_WINDOW, MAX_LOGIN_FAILURES
from .budget import ConnectBudget

__all__ = ["MIN_NOTE_SECONDS", "PROBE_SECONDS", "UNWATCHED", "Endurance"]

#: How often an account that is ready is asked whether it is there (seconds).
PROBE_SECONDS = 300.0

#: Shortest time between two notes (seconds): they are messages, and WeChat counts
#: messages.
MIN_NOTE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Endurance:
    """How an account stays logged in; the defaults are for a service that runs alone.

    Args:
        login_failures: so many logins that failed within the window are too many: the
            account then waits for a person.
        failure_window: that time (seconds).
        probe_every: how often a command is sent to see whether it is answered
            (seconds, a fifth more or less); None for never.
        watches_silence: whether a silence that is unusual for the account ends the
            connection.
        note_every: how often a note is sent to ``filehelper``, whose result proves
            the whole way to WeChat (seconds, a fifth more or less); None for never.
        note: its text.
        budget: paces the attempts to connect; None for that of the reactor.
        chance: gives a number from 0 up to, not including, 1, for delays.

    Raises:
        ValueError: a number that cannot be.
    """

    login_failures: int = MAX_LOGIN_FAILURES
    failure_window: float = FAILURE_WINDOW
    probe_every: float | None = PROBE_SECONDS
    watches_silence: bool = True
    note_every: float | None = None
    note: str = "still here"
    budget: ConnectBudget | None = field(default=None, repr=False)
    chance: Callable[[], float] = field(default=random.random, repr=False)

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.login_failures < 1:
            raise ValueError("login_failures is less than one")
        for name in ("failure_window", "probe_every"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name} is not above zero")
        if self.note_every is not None and not self.note_every >= MIN_NOTE_SECONDS:
            raise ValueError(
                f"note_every is less than {MIN_NOTE_SECONDS:g} seconds: notes are"
                " messages, and WeChat counts messages"
            )
        if not self.note.strip():
            raise ValueError("the note is empty")


#: For a gateway that is played by a test: nobody answers there, however long it takes.
UNWATCHED = Endurance(probe_every=None, watches_silence=False)
