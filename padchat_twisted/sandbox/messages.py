"""What the pretend people write to each other, before it takes the form of a wire.

PURE. Values only: :mod:`.mail` delivers them, :mod:`.pushes` shows them to a client.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from ..catalogue.message_types import MessageType

if TYPE_CHECKING:
    from .people import Person
    from .rooms import Room

__all__ = ["Delivery", "Message", "RandomHex", "new_message_id"]

#: Message ids start here, 2**62: all of them are beyond 2**53, so a client that makes
#: a floating-point number of an id damages each one, and not one in a thousand.
_FIRST_MESSAGE_ID = 1 << 62

#: Gives as many random bytes as asked for, as hexadecimal digits.
RandomHex: TypeAlias = Callable[[int], str]


def new_message_id(random_hex: RandomHex) -> str:
    """Make the id of a message: 63 bits as decimal digits (dialects.md, 4, "Ids")."""
    return str(_FIRST_MESSAGE_ID | int(random_hex(8), 16) % _FIRST_MESSAGE_ID)


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """Something that was written, before it is shown to one reader.

    Attributes:
        message_id: 64-bit id as decimal digits.
        kind: what it is.
        sender: who wrote it; a room for the system texts of that room.
        to: the person or room it was written to.
        content: the text, or the XML.
        sent_at: Unix time (seconds).
        data: base64 that is pushed with it: a small picture, or a voice.
        summary: what stands for the XML where only a text has room.
        file_name: of an image.
        mentioned: wxids of the room members that are mentioned.
    """

    message_id: str
    kind: MessageType
    sender: Person | Room
    to: Person | Room
    content: str = field(repr=False)
    sent_at: float
    data: str = field(default="", repr=False)
    summary: str = field(default="", repr=False)
    file_name: str = field(default="", repr=False)
    mentioned: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """What people see where only a text has room."""
        return self.summary or self.content


@dataclass(slots=True, eq=False)
class Delivery:
    """A message as one reader has it.

    Attributes:
        message: the message.
        is_kept: whether no connection of the reader's account has taken it yet, so
            that it waits for the next login.
        pushed_at: Unix time (seconds) when one first took it; before that, and
            where there is no account, when it was sent.
    """

    message: Message
    is_kept: bool
    pushed_at: float

    def pushed(self, now: float) -> None:
        """Note that a connection has taken it; only the first time counts."""
        if self.is_kept:
            self.is_kept = False
            self.pushed_at = now
