"""Rooms: which members are in which, both ways round."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from ..errors import LocalProtocolError

__all__ = ["MAX_ROOMS", "Rooms"]

#: Most rooms that one client is in, its own among them: programs often let clients
#: choose them, and one client must not fill the memory.
MAX_ROOMS = 1000

M = TypeVar("M")
A = TypeVar("A")
B = TypeVar("B")


class Rooms(Generic[M]):
    """Rooms of one namespace; a room is there as long as somebody is in it."""

    def __init__(self) -> None:
        # Dictionaries in place of sets: the order of a broadcast is then repeatable.
        self._members: dict[str, dict[M, None]] = {}
        self._rooms: dict[M, dict[str, None]] = {}

    def enter(self, member: M, room: str) -> None:
        """Put a member into a room; once is enough."""
        self._members.setdefault(room, {})[member] = None
        self._rooms.setdefault(member, {})[room] = None

    def check_number(self, member: M, room: str) -> None:
        """Look whether a member may be put into a room that it chose.

        Raises:
            LocalProtocolError: it is in too many others.
        """
        rooms = self._rooms.get(member, ())
        if len(rooms) >= MAX_ROOMS and room not in rooms:
            problem = f"the client is in {MAX_ROOMS} rooms, which is the limit"
            raise LocalProtocolError(problem)

    def leave(self, member: M, room: str) -> None:
        """Take a member out of a room that it may be in."""
        self._forget(self._members, room, member)
        self._forget(self._rooms, member, room)

    def leave_all(self, member: M) -> None:
        """Take a member out of every room."""
        for room in self._rooms.pop(member, ()):
            self._forget(self._members, room, member)

    def rooms_of(self, member: M) -> frozenset[str]:
        """Return the rooms that a member is in."""
        return frozenset(self._rooms.get(member, ()))

    def members(self, rooms: Iterable[str]) -> list[M]:
        """Return who is in at least one of *rooms*, each once."""
        found: dict[M, None] = {}
        for room in rooms:
            found.update(self._members.get(room, {}))
        return list(found)

    def __len__(self) -> int:
        """Count the rooms."""
        return len(self._members)

    @staticmethod
    def _forget(table: dict[A, dict[B, None]], key: A, value: B) -> None:
        entries = table.get(key)
        if entries is not None:
            entries.pop(value, None)
            if not entries:
                del table[key]
