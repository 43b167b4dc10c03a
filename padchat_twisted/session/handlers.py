"""Handlers of events: what one is, what it is called, and what tells that it raised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

__all__ = ["Handler", "HandlerFailed", "name_of"]

A = TypeVar("A")
E = TypeVar("E")

#: ``handler(account, event)``; it may be a coroutine function.
Handler = Callable[[A, E], object]


@dataclass(frozen=True, slots=True, repr=False)
class HandlerFailed:
    """A handler raised; ``account.on(HandlerFailed, handler)``.

    It was logged, without the words of a message in what it says, and the other
    handlers and events went on. What raises while it handles this is only logged.

    Args:
        handler: its name.
        event: what it had.
        error: what it raised.
    """

    handler: str
    event: object
    error: BaseException

    def __repr__(self) -> str:
        """Show classes alone: what the error says may repeat a message."""
        kinds = f"{type(self.event).__name__}, {type(self.error).__name__}"
        return f"HandlerFailed({self.handler!r}, {kinds})"


def name_of(handler: Handler[Any, Any]) -> str:
    """Return the name of a handler, for people."""
    if isinstance(handler, partial):
        return name_of(handler.func)
    name: str = getattr(handler, "__qualname__", type(handler).__name__)
    return name
