"""What an account does with messages before handlers have them, when asked to."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from twisted.internet.interfaces import IReactorTime

from ..catalogue import Message, PushItem
from ..catalogue.messages import REPLAYED, mark
from ..errors import LocalProtocolError, quoted

__all__ = [
    "OLD_MESSAGES",
    "OLD_SECONDS",
    "PLAIN",
    "InboxPolicy",
    "OldMessages",
    "WithOldMessages",
]

WithOldMessages = Literal["deliver", "mark", "drop"]

#: What can be done with old messages.
OLD_MESSAGES: tuple[WithOldMessages, ...] = get_args(WithOldMessages)

#: From which age on a message is old (seconds), where nothing else is said: a login
#: and the messages behind it take a minute or two, an answer after five is late.
OLD_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class InboxPolicy:
    """What is done with messages before handlers have them; by itself nothing.

    Args:
        durable: whether messages are stored until their handlers are done. After a
            crash the next start hands them over again, with ``maybe_seen`` true.
        old_messages: what to do with those that are old when they come: ``deliver``
            them as any other, ``mark`` them with ``is_replayed`` true, or ``drop``
            them.
        old_seconds: from which age on a message is old (seconds).

    Raises:
        LocalProtocolError: no such values.
    """

    durable: bool = False
    old_messages: WithOldMessages = "deliver"
    old_seconds: float = OLD_SECONDS

    def __post_init__(self) -> None:
        """Check what was given."""
        if self.old_messages not in OLD_MESSAGES:
            raise LocalProtocolError(
                f"old_messages is {quoted(repr(self.old_messages))}: write one of"
                f" {', '.join(OLD_MESSAGES)}"
            )
        if not 0 < self.old_seconds < math.inf:
            raise LocalProtocolError(
                f"old_seconds is {self.old_seconds}: write a number of seconds above 0"
            )


#: Messages are neither stored nor looked at.
PLAIN = InboxPolicy()


class OldMessages:
    """Marks or drops messages that are old when they come.

    Args:
        clock: tells the age of a message.
        policy: says what is done.
        go_on: takes what is not dropped.

    Attributes:
        dropped: how many were.
    """

    def __init__(
        self,
        clock: IReactorTime,
        policy: InboxPolicy,
        go_on: Callable[[PushItem], None],
    ) -> None:
        self._clock = clock
        self._is_dropping = policy.old_messages == "drop"
        self._seconds = policy.old_seconds
        self._go_on = go_on
        self.dropped = 0

    def take(self, item: PushItem) -> None:
        """Look at an item; what says no time is not old."""
        if (
            isinstance(item, Message)
            and item.timestamp > 0
            and self._clock.seconds() - item.timestamp > self._seconds
        ):
            if self._is_dropping:
                self.dropped += 1
                return
            mark(item, REPLAYED)
        self._go_on(item)
