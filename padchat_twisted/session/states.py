"""The states of an account, as users see them."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import PadChatError

__all__ = ["CALLABLE_STATES", "StateChanged", "Unheard"]

#: States in which commands may be sent.
CALLABLE_STATES = frozenset(("syncing", "ready"))


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The account entered another state; ``account.on(StateChanged, handler)``.

    Args:
        old: the state before.
        new: one of ``offline connecting initialising awaiting_scan awaiting_confirm
            logging_in syncing ready retrying needs_human closing closed``.
        reason: why, when something went wrong.
    """

    old: str
    new: str
    reason: PadChatError | None = None


@dataclass(frozen=True, slots=True)
class Unheard:
    """A question that the gateway does not answer.

    Args:
        code: wire name of the command.
        since: when it failed first (Unix time, seconds).
    """

    code: str
    since: float
