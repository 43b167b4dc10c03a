"""How contacts and messages get to a client: pushed at once, or when it fetches them.

PURE. The dialect ``sdk`` announces, from padchat-sdk 0.6.0 on, and the client asks::

    notify, type 4  -> syncContact -> push of type 4, again until one ends with END
    notify, type 2  -> syncMsg     -> push of type 2

Source: dialects.md, 3, "Synchronisation from 0.6.0 on", and K4, K5.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from ..wire.json_pushes import END_OF_CONTACTS
from .messages import Delivery
from .people import MAX_KEPT_MESSAGES, Person
from .profiles import contact_push
from .pushes import (
    CONTACTS_PER_PUSH,
    MESSAGES_PER_PUSH,
    Fields,
    batches,
    message_push,
)
from .rooms import Room

if TYPE_CHECKING:
    from .binding import Binding

__all__ = ["CONTACTS", "MESSAGES", "Feed", "FetchedFeed", "PushFeed"]

#: Types of ``notify`` and ``push``. Source: events.toml, ``notify``; sample K5.
CONTACTS = 4
MESSAGES = 2


class Feed(Protocol):
    """The way of contacts and messages to one connection."""

    def begin(self) -> None:
        """The account was logged in: what waits of before is void."""

    def contacts(self, contacts: Sequence[Person | Room]) -> None:
        """Bring the whole contact list, then ``loaded``."""

    def contact(self, contact: Person | Room) -> None:
        """Bring one contact that changed."""

    def messages(self, deliveries: Sequence[Delivery]) -> None:
        """Bring messages, in this order."""

    def sync_contacts(self, *, is_full: bool = False) -> None:
        """Do what the command ``syncContact`` asks for.

        Args:
            is_full: whether all contacts come, and not only those that wait.
        """

    def sync_messages(self) -> None:
        """Do what the command ``syncMsg`` asks for."""


class PushFeed:
    """Pushes at once."""

    def __init__(self, binding: Binding) -> None:
        self._binding = binding

    def begin(self) -> None:
        """Nothing waits here."""

    def contacts(self, contacts: Sequence[Person | Room]) -> None:
        """Push the whole contact list, then ``loaded``."""
        reader = self._binding.account.user
        for batch in batches(contacts, CONTACTS_PER_PUSH):
            self._push([contact_push(who, reader, more=more) for who, more in batch])
        self._binding.notify("loaded", {})

    def contact(self, contact: Person | Room) -> None:
        """Push one contact."""
        self._push([contact_push(contact, self._binding.account.user, more=False)])

    def messages(self, deliveries: Sequence[Delivery]) -> None:
        """Push messages."""
        reader = self._binding.account.user
        for batch in batches(deliveries, MESSAGES_PER_PUSH):
            self._push(
                [message_push(x.message, reader, more=more) for x, more in batch],
                [delivery for delivery, _ in batch],
            )

    def sync_contacts(self, *, is_full: bool = False) -> None:
        """Push the contact list again, the whole of it in any case."""
        self.contacts(self._binding.account.user.contact_list())

    def sync_messages(self) -> None:
        """There is nothing that was not pushed."""

    def _push(self, pushed: list[Fields], deliveries: Sequence[Delivery] = ()) -> None:
        self._binding.notify("push", {"list": pushed}, deliveries=deliveries)


class FetchedFeed:
    """Announces, and pushes what the client fetches.

    A message that is not fetched is kept for the next login, as one that could not be
    pushed is.
    """

    def __init__(self, binding: Binding) -> None:
        self._binding = binding
        self._contacts: dict[str, Person | Room] = {}
        # A person keeps no more either.
        self._messages: deque[Delivery] = deque(maxlen=MAX_KEPT_MESSAGES)
        self._announced: set[int] = set()

    def begin(self) -> None:
        """Forget what waits."""
        self._contacts.clear()
        self._messages.clear()
        self._announced.clear()

    def contacts(self, contacts: Sequence[Person | Room]) -> None:
        """Have the whole contact list fetched."""
        self._contacts = {contact.user_name: contact for contact in contacts}
        self._announce(CONTACTS)

    def contact(self, contact: Person | Room) -> None:
        """Have one contact fetched."""
        self._contacts[contact.user_name] = contact
        self._announce(CONTACTS)

    def messages(self, deliveries: Sequence[Delivery]) -> None:
        """Have messages fetched."""
        if deliveries:
            self._messages.extend(deliveries)
            self._announce(MESSAGES)

    def sync_contacts(self, *, is_full: bool = False) -> None:
        """Push some of the contacts that wait; after the last of them, the end.

        Only the end when none waits: what was fetched comes again with a login, or
        with a full synchronisation.
        """
        reader = self._binding.account.user
        if is_full:
            self._contacts = {
                contact.user_name: contact for contact in reader.contact_list()
            }
        names = list(self._contacts)[:CONTACTS_PER_PUSH]
        pushed = [
            contact_push(self._contacts.pop(name), reader, more=True) for name in names
        ]
        if not self._contacts:
            self._announced.discard(CONTACTS)
            pushed.append(
                {
                    "msgType": END_OF_CONTACTS,
                    "continue": 0,
                    "status": 1,
                    "uin": reader.uin,
                }
            )
        self._push(CONTACTS, pushed)

    def sync_messages(self) -> None:
        """Push all messages that wait."""
        reader = self._binding.account.user
        waiting = list(self._messages)
        self._messages.clear()
        self._announced.discard(MESSAGES)
        for batch in batches(waiting, MESSAGES_PER_PUSH):
            self._push(
                MESSAGES,
                [message_push(x.message, reader, more=more) for x, more in batch],
                [delivery for delivery, _ in batch],
            )

    def _announce(self, kind: int) -> None:
        """Send ``notify``, once until the client fetches."""
        if kind not in self._announced:
            self._announced.add(kind)
            self._binding.notify("notify", {"type": kind})

    def _push(
        self, kind: int, pushed: list[Fields], deliveries: Iterable[Delivery] = ()
    ) -> None:
        payload = {"type": kind, "list": pushed}
        self._binding.notify("push", payload, deliveries=tuple(deliveries))
