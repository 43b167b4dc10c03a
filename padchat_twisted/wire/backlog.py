"""What cannot leave yet: events that wait for their namespace or for the transport."""

from __future__ import annotations

from collections.abc import Container

from msgspec import Struct

from ..errors import BufferFull
from .limits import MAX_WAITING_PACKETS

__all__ = ["Backlog", "Waiting"]


class Waiting(Struct, frozen=True):
    """One packet that waits, with its attachments."""

    namespace: str
    ack_id: int | None
    text: bytes
    attachments: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Bytes of the packet and its attachments."""
        return len(self.text) + sum(map(len, self.attachments))

    def __repr__(self) -> str:
        return f"<waiting {self.namespace!r} {self.ack_id}: {self.size} bytes>"


class Backlog:
    """A bounded queue of packets.

    Args:
        limit: most bytes kept.

    Attributes:
        size: bytes kept now.
    """

    __slots__ = (
        "_limit",
        "_waiting",
        "size",
    )

    def __init__(self, limit: int) -> None:
        self._limit = limit
        # As good as always empty, for which a list is smaller than a deque.
        self._waiting: list[Waiting] = []
        self.size = 0

    def __len__(self) -> int:
        """Count the packets."""
        return len(self._waiting)

    def add(self, waiting: Waiting) -> None:
        """Keep a packet.

        Raises:
            BufferFull: there is no room.
        """
        if self.size + waiting.size > self._limit:
            raise BufferFull(self._limit)
        if len(self._waiting) >= MAX_WAITING_PACKETS:
            raise BufferFull(MAX_WAITING_PACKETS, "packets")
        self._waiting.append(waiting)
        self.size += waiting.size

    def take(self, namespaces: Container[str]) -> list[Waiting]:
        """Take out, in order, what waits for one of *namespaces*."""
        taken = [
            waiting for waiting in self._waiting if waiting.namespace in namespaces
        ]
        if taken:
            self._keep([w for w in self._waiting if w.namespace not in namespaces])
        return taken

    def withdraw(self, namespace: str, ack_id: int) -> bool:
        """Take one packet back; tell whether it was here."""
        kept = [
            waiting
            for waiting in self._waiting
            if waiting.ack_id != ack_id or waiting.namespace != namespace
        ]
        was_here = len(kept) < len(self._waiting)
        if was_here:
            self._keep(kept)
        return was_here

    def ack_ids(self, namespace: str) -> frozenset[int]:
        """Return the ack ids of what waits for *namespace*."""
        return frozenset(
            waiting.ack_id
            for waiting in self._waiting
            if waiting.ack_id is not None and waiting.namespace == namespace
        )

    def _keep(self, kept: list[Waiting]) -> None:
        self._waiting = kept
        self.size = sum(waiting.size for waiting in kept)
