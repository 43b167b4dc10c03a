"""Sending and delivering the messages of the pretend WeChat.

PURE. A message is delivered to each reader's inbox, and pushed where a sub-account is
logged in as the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ..catalogue.message_types import MessageType
from ..catalogue.sending import receiver_problem
from . import parcels, system_texts
from .messages import Delivery, Message, new_message_id
from .parcels import Parcel
from .people import Person
from .refusals import Refused
from .rooms import Room
from .shelf import Shelf

if TYPE_CHECKING:
    from .world import World

__all__ = ["MAX_OBSERVERS", "MAX_TEXT_CHARACTERS", "RECALL_SECONDS", "Mail"]

#: Longest text message (characters). Ours: no source gives WeChat's limit.
MAX_TEXT_CHARACTERS = 16_384

#: Most who are called with each message: a program has one or two, and whoever adds
#: one for each message has each message take longer than the one before.
MAX_OBSERVERS = 1000

#: How long a message can be recalled (seconds): WeChat's own two minutes.
RECALL_SECONDS = 120.0


class Mail:
    """The post office of one world.

    Attributes:
        shelf: the files that were sent.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._observers: list[Callable[[Message], None]] = []
        self.shelf = Shelf()

    def send_text(
        self,
        sender: Person,
        to: Person | Room,
        text: str,
        *,
        mentioned: Sequence[str] = (),
        is_from_phone: bool = False,
    ) -> Message:
        """Send a text message; as :meth:`send` otherwise.

        Args:
            sender: who writes.
            to: the receiver.
            text: the text.
            mentioned: wxids to mention; who is not in the room is left out.
            is_from_phone: see :meth:`send`.

        Raises:
            Refused: as for :meth:`send`; the text is empty or too long.
        """
        if not 0 < len(text) <= MAX_TEXT_CHARACTERS:
            raise Refused(f"a text has 1 to {MAX_TEXT_CHARACTERS} characters")
        known = to.memberships if isinstance(to, Room) else ()
        return self.send(
            sender,
            to,
            Parcel(MessageType.TEXT, text),
            mentioned=tuple(who for who in dict.fromkeys(mentioned) if who in known),
            is_from_phone=is_from_phone,
        )

    def send(
        self,
        sender: Person,
        to: Person | Room,
        parcel: Parcel,
        *,
        mentioned: tuple[str, ...] = (),
        is_from_phone: bool = False,
        on_made: Callable[[Message], None] | None = None,
    ) -> Message:
        """Send a message of any kind.

        A person who does not take mail of *sender* gets nothing; WeChat tells
        *sender* so by a system text, while the sending itself is a success
        (messages.toml, ``system_text``, ``friend_verify``).

        Args:
            sender: who sends it.
            to: the receiver.
            parcel: what it is made of.
            mentioned: wxids of the room members that are mentioned.
            is_from_phone: whether the sender's own account gets it pushed too:
                messages.toml, ``self_rule``.
            on_made: called with the message before anybody has it.

        Raises:
            Refused: *to* must not be written to, or is a room without *sender*.
        """
        readers = self._readers(sender, to)
        is_taken = isinstance(to, Room) or self._world.friends.takes_mail(to, sender)
        if not is_taken:
            readers.clear()
        if is_from_phone and sender.account is not None and sender is not to:
            readers.append(sender)
        message = self._message(sender, to, parcel, mentioned)
        if on_made is not None:
            on_made(message)
        if parcel.medium is not None:
            parties = [party.user_name for party in (sender, *readers)]
            self.shelf.put(message.message_id, parcel.medium, parcel.file, parties)
        self.deliver(message, readers)
        if not is_taken:
            language = self._world.settings.language
            refusal = system_texts.friend_verify(language, to.nick_name)
            self._world.tell(sender, refusal, sender=to)
        for observer in list(self._observers):
            observer(message)
        return message

    def send_card(
        self,
        sender: Person,
        to: Person | Room,
        person: Person | Room,
        *,
        title: str = "",
        is_from_phone: bool = False,
    ) -> Message:
        """Send the contact card of *person*; as :meth:`send` otherwise.

        Raises:
            Refused: as for :meth:`send`; *person* is a room, or nobody whom *sender*
                knows.
        """
        if isinstance(person, Room):
            raise Refused(f"{person.name} is a room, which has no card")
        if not sender.knows(person):
            raise Refused(f"{sender.name} does not know {person.name}")
        readers = to.members if isinstance(to, Room) else [to]
        parcel = parcels.card(
            person,
            person.ticket_for(to if isinstance(to, Person) else sender),
            is_known=all(reader.knows(person) for reader in readers),
            title=title,
        )
        return self.send(sender, to, parcel, is_from_phone=is_from_phone)

    def note(self, person: Person, about: Person | Room, parcel: Parcel) -> None:
        """Tell the account of *person* what happened on their own telephone."""
        self.deliver(self._message(person, about, parcel), [person])

    def recall(self, sender: Person, message: Message) -> None:
        """Take a message back: all who have it are told by WeChat.

        It is in their inboxes no more, and its file cannot be fetched.

        Args:
            sender: who does it.
            message: what :meth:`send` returned.

        Raises:
            Refused: *sender* did not write it; it is too old, was recalled already
                or is in no inbox any more.
        """
        if message.sender is not sender:
            raise Refused(f"{sender.name} did not write the message")
        if self._world.now() - message.sent_at > RECALL_SECONDS:
            raise Refused(f"a message can be recalled for {RECALL_SECONDS:g} seconds")
        found = [
            (reader, delivery)
            for reader in dict.fromkeys((*self._readers(sender, message.to), sender))
            for delivery in reader.deliveries
            if delivery.message is message
        ]
        if not found:
            raise Refused("the message was recalled already, or is in no inbox")
        for reader, delivery in found:
            reader.deliveries.remove(delivery)
        self.shelf.drop(message.message_id)
        conversation = message.to if isinstance(message.to, Room) else sender
        language = self._world.settings.language
        told = system_texts.recalled(language, sender.nick_name)
        parcel = parcels.recall(conversation, message, told)
        notice = self._message(sender, message.to, parcel)
        self.deliver(notice, [reader for reader, _ in found])

    def on_message(self, callback: Callable[[Message], None]) -> Callable[[], None]:
        """Have *callback* called with each message; see :meth:`World.on_message`."""
        if len(self._observers) >= MAX_OBSERVERS:
            raise Refused(f"at most {MAX_OBSERVERS} can be called with each message")
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

    def _message(
        self,
        sender: Person,
        to: Person | Room,
        parcel: Parcel,
        mentioned: tuple[str, ...] = (),
    ) -> Message:
        return Message(
            message_id=new_message_id(self._world.random_hex),
            kind=parcel.kind,
            sender=sender,
            to=to,
            content=parcel.content,
            sent_at=self._world.now(),
            data=parcel.data,
            summary=parcel.summary,
            file_name=parcel.file_name,
            mentioned=mentioned,
        )

    def _readers(self, sender: Person, to: Person | Room) -> list[Person]:
        if problem := receiver_problem(to.user_name):
            raise Refused(problem)
        if isinstance(to, Person):
            return [to]
        if not to.has(sender):
            raise Refused(f"{sender.name} is not a member of {to.name}")
        return [member for member in to.members if member is not sender]
