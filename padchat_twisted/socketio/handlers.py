"""Who hears which event: one handler for each name."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import LocalProtocolError
from .events import check_name
from .flow import Handler

__all__ = ["MAX_HANDLERS", "Handlers", "Listeners"]

#: Most handlers of the events of a namespace, and most listeners for one thing: a
#: program has some ten, and whoever registers one for each event fills the memory.
MAX_HANDLERS = 1000


class Handlers:
    """The handlers of one namespace, by the name of their event."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}

    def __len__(self) -> int:
        """Count them."""
        return len(self._handlers)

    def on(self, name: str, handler: Handler) -> Callable[[], None]:
        """Register a handler.

        Returns:
            Call it to take the handler away again.

        Raises:
            LocalProtocolError: a reserved name, or one that has a handler: two would
                give two answers; or there are too many.
        """
        check_name(name)
        if name in self._handlers:
            raise LocalProtocolError(
                f"event {name!r} has a handler already; take that away first"
            )
        _check_number(len(self._handlers))
        self._handlers[name] = handler

        def remove() -> None:
            if self._handlers.get(name) is handler:
                del self._handlers[name]

        return remove

    def find(self, name: str) -> Handler | None:
        """Return the handler of an event, or None."""
        return self._handlers.get(name)


class Listeners:
    """Those who want to know of one thing, in the order in which they came."""

    def __init__(self) -> None:
        self._listeners: dict[object, Handler] = {}

    def __len__(self) -> int:
        """Count them."""
        return len(self._listeners)

    def add(self, listener: Handler) -> Callable[[], None]:
        """Register a listener; call what comes back to take it away again.

        Raises:
            LocalProtocolError: there are too many.
        """
        _check_number(len(self._listeners))
        key = object()
        self._listeners[key] = listener

        def remove() -> None:
            self._listeners.pop(key, None)

        return remove

    def all(self) -> tuple[Handler, ...]:
        """Return the listeners of this moment."""
        return tuple(self._listeners.values())


def _check_number(number: int) -> None:
    if number >= MAX_HANDLERS:
        raise LocalProtocolError(
            f"there are {MAX_HANDLERS} handlers, which is the limit: register each"
            " once, or take it away by calling what came back"
        )
