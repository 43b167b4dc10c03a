"""Sending and delivering the messages of the pretend WeChat.

PURE. A message is delivered to each reader's inbox, and pushed where a sub-account is
logged in as the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ..catalogue.messages import receiver_problem
from .images import ImageShelf, small_image_of
from .people import Delivery, Kind, Message, Person, Refused, new_message_id
from .rooms import Room

if TYPE_CHECKING:
    from .world import World

__all__ = ["MAX_TEXT_CHARACTERS", "Mail"]

#: Longest text message (characters). Ours: no source gives WeChat's limit.
MAX_TEXT_CHARACTERS = 16_384


class Mail:
    """The post office of one world.

    Attributes:
        images: the full pictures that were sent.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._observers: list[Callable[[Message], None]] = []
        self.images = ImageShelf()

    def send_text(
        self,
        sender: Person,
        to: Person | Room,
        text: str,
        *,
        mentioned: Sequence[str] = (),
        is_from_phone: bool = False,
    ) -> Message:
        """Send a text message.

        Args:
            sender: who writes.
            to: the receiver.
            text: the text.
            mentioned: wxids to mention; who is not in the room is left out.
            is_from_phone: whether the sender's own account gets it pushed too:
                messages.toml, ``self_rule``.

        Raises:
            Refused: *to* must not be written to, or is a room without *sender*; the
                text is empty or too long.
        """
        if not 0 < len(text) <= MAX_TEXT_CHARACTERS:
            raise Refused(f"a text has 1 to {MAX_TEXT_CHARACTERS} characters")
        known = to.memberships if isinstance(to, Room) else ()
        message = Message(
            message_id=new_message_id(self._world.random_hex),
            kind=Kind.TEXT,
            sender=sender,
            to=to,
            content=text,
            sent_at=self._world.now(),
            mentioned=tuple(who for who in dict.fromkeys(mentioned) if who in known),
        )
        self._send(message, self._readers(sender, to, is_from_phone))
        return message

    def send_image(
        self,
        sender: Person,
        to: Person | Room,
        image: bytes,
        *,
        small_image: bytes | None = None,
        is_from_phone: bool = False,
    ) -> Message:
        """Send a picture; as :meth:`send_text` otherwise.

        Raises:
            Refused: as for :meth:`send_text`; the picture is empty or too large.
        """
        message = Message(
            message_id=new_message_id(self._world.random_hex),
            kind=Kind.IMAGE,
            sender=sender,
            to=to,
            content=f'<msg><img length="{len(image)}" /></msg>',
            sent_at=self._world.now(),
            small_image=small_image_of(image, small_image),
        )
        readers = self._readers(sender, to, is_from_phone)
        parties = [party.user_name for party in (sender, *readers)]
        self.images.put(message.message_id, image, parties)
        self._send(message, readers)
        return message

    def on_message(self, callback: Callable[[Message], None]) -> Callable[[], None]:
        """Have *callback* called with each message; see :meth:`World.on_message`."""
        self._observers.append(callback)
        return lambda: self._observers.remove(callback)

    def deliver(self, message: Message, readers: Iterable[Person]) -> None:
        """Put a message into inboxes, and push it where an account is logged in."""
        for reader in readers:
            account = reader.account
            delivery = Delivery(message, account is not None, message.sent_at)
            reader.deliveries.append(delivery)
            if account is not None:
                account.push_message(delivery)

    def _readers(
        self, sender: Person, to: Person | Room, is_from_phone: bool
    ) -> list[Person]:
        if problem := receiver_problem(to.user_name):
            raise Refused(problem)
        if isinstance(to, Person):
            readers = [to]
        elif to.has(sender):
            readers = [member for member in to.members if member is not sender]
        else:
            raise Refused(f"{sender.name} is not a member of {to.name}")
        if is_from_phone and sender.account is not None and sender is not to:
            readers.append(sender)
        return readers

    def _send(self, message: Message, readers: list[Person]) -> None:
        self.deliver(message, readers)
        for observer in list(self._observers):
            observer(message)
