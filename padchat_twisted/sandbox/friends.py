"""Who is whose contact: requests, the codes they are made with, and deletions.

PURE. Whom somebody knows stands in :attr:`~.people.Person.contacts`, and each of two
people has their own list, so that a contact can be one-sided::

    no contacts --ask--> request --accept--> contacts --delete--> one-sided
         |                                      ^                      |
         +---- ask, add: nobody wants to be asked +------ add, with the ticket

Source: commands.toml, group ``contact``; messages.toml, ``friend_request`` and
``system_text``; open-questions.md, Q42 to Q44.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..catalogue.message_types import MessageType
from . import system_texts, system_xml
from .people import MAX_NAME_CHARACTERS, Notes, Person
from .refusals import Refused

if TYPE_CHECKING:
    from .world import World

__all__ = [
    "MAX_GREETING_CHARACTERS",
    "MAX_OPEN_REQUESTS",
    "SEARCHED_BY_ID",
    "FriendRequest",
    "Friends",
]

#: Friend requests to one person that wait, the oldest dropped first. A person has a
#: few; a world of bots that ask each other must not fill the memory.
MAX_OPEN_REQUESTS = 100

#: Longest greeting of a friend request (characters). WeChat allows 50.
MAX_GREETING_CHARACTERS = 200

#: How most contacts are found (commands.toml, enum ``AddContactSource``).
SEARCHED_BY_ID = 3


@dataclass(frozen=True, slots=True, eq=False)
class FriendRequest:
    """A friend request that waits to be accepted.

    Attributes:
        asker: who wants to become a contact.
        ticket: the "v2" code of this request.
        source: how they found whom they ask (enum ``AddContactSource``).
    """

    asker: Person
    ticket: str = field(repr=False)
    source: int


class Friends:
    """Who is whose contact, and who asked whom to become one.

    Args:
        world: where they are.

    Attributes:
        fmessage: the system account that brings friend requests.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._requests: dict[str, OrderedDict[str, FriendRequest]] = {}
        self.fmessage = Person(
            world,
            "fmessage",
            user_name="fmessage",
            nick_name="Friend requests",
            is_system=True,
        )

    # What is so.

    def holders_of(self, person: Person) -> list[Person]:
        """List whose contact *person* is."""
        people = self._world.people.values()
        return [other for other in people if person.user_name in other.contacts]

    def are_contacts(self, one: Person, other: Person) -> bool:
        """Tell whether both have each other."""
        return other.user_name in one.contacts and one.user_name in other.contacts

    def is_one_sided(self, one: Person, other: Person) -> bool:
        """Tell whether one of them has the other, and is not had."""
        return (other.user_name in one.contacts) != (one.user_name in other.contacts)

    def takes_mail(self, reader: Person, sender: Person) -> bool:
        """Tell whether a message to *reader* arrives: they must have *sender*."""
        if reader is sender or reader.is_system or sender.is_system:
            return True
        return sender.user_name in reader.contacts

    def search(self, searcher: Person, key: str) -> Person | None:
        """Find somebody by wxid, WeChat id, telephone or QQ number."""
        for person in self._world.people.values():
            profile = person.profile
            keys = (person.user_name, profile.alias, profile.phone, profile.qq)
            if key and key in keys and not person.is_system:
                is_found = profile.is_findable or searcher.knows(person)
                return person if is_found else None
        return None

    def requests_to(self, person: Person) -> list[FriendRequest]:
        """List the requests that wait for *person*, the oldest first."""
        return list(self._requests.get(person.user_name, {}).values())

    # What is done.

    def befriend(self, one: Person, other: Person, source: int = 0) -> None:
        """Make two people contacts of each other; everybody has the system's.

        Args:
            one: one of them.
            other: the other.
            source: how the one found the other (enum ``AddContactSource``).
        """
        if one is other or one.is_system or other.is_system:
            return
        for holder, contact in ((one, other), (other, one)):
            self._forget_request(holder, contact)
            if contact.user_name not in holder.contacts:
                holder.contacts[contact.user_name] = contact
                if source:
                    holder.notes[contact.user_name] = Notes(source=source)
                self._world.contact_changed(contact, [holder])

    def add(
        self,
        adder: Person,
        contact: Person,
        *,
        has_ticket: bool = False,
        source: int = SEARCHED_BY_ID,
    ) -> bool:
        """Add somebody without asking them, where that is possible.

        Args:
            adder: who adds.
            contact: whom.
            has_ticket: whether they show the code of :meth:`.Person.ticket_for`,
                with which a one-sided contact is added at once.
            source: how they found them (enum ``AddContactSource``).

        Returns:
            Whether they are contacts of each other now.

        Raises:
            Refused: *contact* is nobody who can be added.
        """
        if adder is contact or contact.is_system:
            raise Refused(f"{contact.name} cannot be added as a contact")
        if self.are_contacts(adder, contact):
            return True
        is_free = has_ticket and self.is_one_sided(adder, contact)
        if contact.profile.needs_verification and not is_free:
            return False
        self.befriend(adder, contact, source)
        language = self._world.settings.language
        self._world.tell(
            adder, system_texts.you_added(language, contact), sender=contact
        )
        self._world.tell(contact, system_texts.added_you(language, adder), sender=adder)
        return True

    def ask(
        self,
        asker: Person,
        contact: Person,
        greeting: str = "",
        *,
        has_ticket: bool = False,
        source: int = SEARCHED_BY_ID,
    ) -> None:
        """Ask somebody to become a contact; at once, where :meth:`add` can.

        Who is a contact already answers that the request was accepted (commands.toml,
        ``sayHello``).

        Raises:
            Refused: *contact* cannot be asked, or the greeting is too long.
        """
        if len(greeting) > MAX_GREETING_CHARACTERS:
            raise Refused(
                f"a greeting has at most {MAX_GREETING_CHARACTERS} characters"
            )
        if self.are_contacts(asker, contact):
            self._say_accepted(contact, asker)
            return
        if self.add(asker, contact, has_ticket=has_ticket, source=source):
            return
        ticket = f"v2_{self._world.random_hex(24)}@stranger"
        request = FriendRequest(asker, ticket, source)
        waiting = self._requests.setdefault(contact.user_name, OrderedDict())
        waiting.pop(asker.user_name, None)
        waiting[asker.user_name] = request
        if len(waiting) > MAX_OPEN_REQUESTS:
            waiting.popitem(last=False)
        self._world.tell(
            contact,
            system_xml.friend_request(asker, greeting, request.ticket, source),
            sender=self.fmessage,
            kind=MessageType.FRIEND_REQUEST,
        )

    def accept(self, person: Person, asker: Person) -> None:
        """Accept the request of *asker* to *person*; both are told.

        Raises:
            Refused: there is no such request, or not any more.
        """
        requests = (x for x in self.requests_to(person) if x.asker is asker)
        request = next(requests, None)
        if request is None:
            raise Refused(f"{person.name} has no friend request of {asker.name}")
        self.befriend(asker, person, request.source)
        self._say_accepted(person, asker)
        language = self._world.settings.language
        self._world.tell(person, system_texts.you_added(language, asker), sender=asker)

    def delete(self, person: Person, contact: Person) -> None:
        """Delete a contact of *person*. The other side keeps *person*.

        Raises:
            Refused: *contact* is no contact.
        """
        if contact.user_name not in person.contacts:
            raise Refused(f"{contact.name} is no contact of {person.name}")
        del person.contacts[contact.user_name]
        person.notes.pop(contact.user_name, None)
        self._world.changed()

    def set_remark(self, person: Person, contact: Person, remark: str) -> None:
        """Give a contact a name that only *person* sees; an empty one takes it away.

        Raises:
            Refused: *contact* is no contact, or the name is too long.
        """
        if len(remark) > MAX_NAME_CHARACTERS:
            raise Refused(f"a remark has at most {MAX_NAME_CHARACTERS} characters")
        self.notes_to_change(person, contact).remark = remark
        self._world.contact_changed(contact, [person])

    def notes_to_change(self, person: Person, contact: Person) -> Notes:
        """Return what *person* keeps about a contact, to be changed.

        Raises:
            Refused: *contact* is no contact.
        """
        if contact.user_name not in person.contacts:
            raise Refused(f"{contact.name} is no contact of {person.name}")
        return person.notes.setdefault(contact.user_name, Notes())

    def _say_accepted(self, accepter: Person, asker: Person) -> None:
        text = system_texts.accepted(self._world.settings.language)
        self._world.tell(asker, text, sender=accepter, kind=MessageType.TEXT)

    def _forget_request(self, person: Person, asker: Person) -> None:
        waiting = self._requests.get(person.user_name)
        if waiting and waiting.pop(asker.user_name, None) and not waiting:
            del self._requests[person.user_name]
