"""The labels that accounts put on their contacts.

PURE. Each person has labels of their own (:attr:`~.people.Person.labels`); which
contact has which is in :attr:`~.people.Notes.label_ids`. Source: commands.toml, group
``labels``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .people import Person, checked_name
from .refusals import Refused

if TYPE_CHECKING:
    from .world import World

__all__ = ["MAX_LABELS", "Labels"]

#: Labels of one person. People have some ten; a bot that makes one for each message
#: must not fill the memory.
MAX_LABELS = 100


class Labels:
    """The labels that accounts put on their contacts.

    Args:
        world: where they are.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def add(self, person: Person, name: str) -> int:
        """Make a label of *person*.

        Returns:
            Its id. That of a label that was deleted may come again.

        Raises:
            Refused: the name is empty, too long or taken; there are too many.
        """
        if checked_name(name) in person.labels.values():
            raise Refused("there is a label of that name")
        if len(person.labels) >= MAX_LABELS:
            raise Refused(f"an account has at most {MAX_LABELS} labels")
        label_id = max(person.labels, default=0) + 1
        person.labels[label_id] = name
        self._world.changed()
        return label_id

    def delete(self, person: Person, label_id: int) -> None:
        """Delete a label, and take it off the contacts that have it.

        Raises:
            Refused: there is no such label.
        """
        self._check(person, label_id)
        del person.labels[label_id]
        self._world.changed()
        for user_name, notes in person.notes.items():
            if label_id in notes.label_ids:
                notes.label_ids.remove(label_id)
                contact = person.contacts[user_name]
                self._world.contact_changed(contact, [person])

    def put(self, person: Person, contact: Person, label_id: int) -> None:
        """Put a label on a contact, beside those that it has.

        Raises:
            Refused: there is no such label, or *contact* is no contact.
        """
        self._check(person, label_id)
        notes = self._world.friends.notes_to_change(person, contact)
        if label_id not in notes.label_ids:
            notes.label_ids.append(label_id)
            self._world.contact_changed(contact, [person])

    def _check(self, person: Person, label_id: int) -> None:
        if label_id not in person.labels:
            raise Refused("there is no label of that id")
