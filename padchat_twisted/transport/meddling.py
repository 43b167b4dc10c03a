"""Ways to meddle with a connection that its driver runs, for a sandbox with faults.

Nothing else needs them. A driver stays as it is: what is sent with these goes past the
order of its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..wire.told import Asked, SendWebSocket
from .driver import Driver

__all__ = ["carry_out", "cut", "half_close", "taken_actions"]


def taken_actions(driver: Driver, send: Callable[[], None]) -> list[Asked]:
    """Return what the connection asks for when *send* is called, not carried out yet.

    What it asked for before is carried out. Nothing comes of it when the transport
    takes no bytes, or no poll waits: then it leaves later, as ever.
    """
    connection = driver._connection
    carry_out(driver, connection.actions_to_take())
    send()
    return list(connection.actions_to_take())


def carry_out(driver: Driver, actions: Iterable[Asked]) -> None:
    """Carry out what a connection asked for, or what it did not."""
    for action in actions:
        if isinstance(action, SendWebSocket):
            driver._send((action,))
        else:
            driver._carry_out(action)
    if driver._websocket is not None:
        driver._websocket.flush()


def cut(message: SendWebSocket) -> SendWebSocket:
    """Return half of a text message."""
    # In the middle of a character it would break a rule of WebSocket's.
    half = message.data[: len(message.data) // 2].decode("utf-8", "ignore")
    return SendWebSocket(half.encode(), True)


def half_close(driver: Driver) -> bool:
    """Close our half of the TCP connection; tell whether that could be."""
    websocket: Any = driver._websocket
    transport = getattr(websocket, "transport", None)
    close_half = getattr(transport, "loseWriteConnection", None)
    if close_half is None:
        return False
    close_half()
    return True
