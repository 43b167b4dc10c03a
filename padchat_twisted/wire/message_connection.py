"""What the Socket.IO layer needs of the layer that carries its messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..errors import PadChatError
from .engineio import Revision
from .told import Asked, Role, Told

__all__ = ["MessageConnection", "MessageData"]


class MessageData(Protocol):
    """A message of the layer below."""

    @property
    def data(self) -> bytes:
        """Its content."""

    @property
    def is_text(self) -> bool:
        """Whether it was text."""


class MessageConnection(Protocol):
    """What this layer needs of the one below it."""

    #: Whether a message that is sent now leaves at the end of the turn.
    is_writable: bool

    @property
    def role(self) -> Role:
        """Which side we are."""

    @property
    def revision(self) -> Revision:
        """Which Engine.IO it speaks, and so which Socket.IO goes over it."""

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""

    @property
    def is_bare(self) -> bool:
        """Whether messages go over WebSocket alone, and nothing is to go before."""

    @property
    def closing_reason(self) -> str:
        """Why it is closing or closed, empty while it is not."""

    def start(self, *, now: float) -> None:
        """Begin."""

    def receive(self, told: Told, *, now: float) -> Sequence[MessageData]:
        """Take in what happened; return the messages that came."""

    def heard(self, now: float) -> int:
        """Take note that text messages came, which the caller may read itself.

        Returns:
            Up to which size (bytes) those that begin with ``4`` are messages of the
            layer above; 0 while none is. ``receive`` must be told of all others.
        """

    def send_message(
        self, data: bytes, *, is_text: bool, is_counted: bool = False
    ) -> None:
        """Ask to send; *is_counted* is what waited in a queue with a limit."""

    def close(
        self, reason: str, error: PadChatError | None = None, *, now: float
    ) -> None:
        """Begin to close."""

    def next_deadline(self) -> float | None:
        """When to call ``deadline_reached``."""

    def deadline_reached(self, *, now: float, is_deaf: bool = False) -> None:
        """Do what time demands."""

    def actions_to_take(self) -> list[Asked]:
        """Return what must be carried out."""
