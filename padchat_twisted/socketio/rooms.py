"""Rooms: which members are in which, both ways round."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

__all__ = ["Rooms"]

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
