"""Connection state recovery: a server sends again what was missed, if it keeps it.

Such a server gives an id with its CONNECT answer, and puts an offset behind the
arguments of each event that it keeps::

    S> 40/user,{"sid":"ESqY...","pid":"MyXI..."}
    S> 42/user,["e","one","Q8B-YRK"]
       (the connection is lost, and there is another)
    C> 40/user,{"pid":"MyXI...","offset":"Q8B-YRK"}
    S> 42/user,["e","missed","Q8B-YS1"]
    S> 40/user,{"sid":"ESqY...","pid":"MyXI..."}

It keeps events that want no acknowledgement and are not volatile. Nothing but its look
tells an offset from an argument: JavaScript takes every text at the end for one, and
hands it to the handler too.

Source: socket.io 4.8.4 and its client, Socket.onevent; socket.io-adapter 2.5,
SessionAwareAdapter; vectors ``eio4-*-state-recovery``.
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["Recovery"]

#: What offsets look like: a time in base 64, or an id of a stream.
_OFFSET = re.compile(r"[0-9A-Za-z_.-]{7,64}\Z")


class Recovery:
    """What one namespace of a client knows for its recovery."""

    def __init__(self) -> None:
        self._id = ""
        self._offset = ""

    @property
    def is_possible(self) -> bool:
        """Whether the server keeps what we miss."""
        return bool(self._id)

    def wish(self) -> dict[str, str]:
        """Return what is asked for in the CONNECT packet; empty for nothing."""
        if not self._id:
            return {}
        wish = {"pid": self._id}
        if self._offset:
            wish["offset"] = self._offset
        return wish

    def begin(self, recovery_id: str) -> bool:
        """Take the id of the session; tell whether it is the one of before.

        Args:
            recovery_id: empty when the server keeps nothing.
        """
        is_recovered = bool(recovery_id) and recovery_id == self._id
        if not is_recovered:
            self._offset = ""
        self._id = recovery_id
        return is_recovered

    def take_offset(self, arguments: list[Any]) -> None:
        """Note the offset of an event, and take it from the arguments.

        Args:
            arguments: of an event that wants no acknowledgement.
        """
        last = arguments[-1] if arguments else None
        if isinstance(last, str) and _OFFSET.match(last):
            self._offset = last
            arguments.pop()
