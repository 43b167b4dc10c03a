"""Whom one account knows: contacts and members of rooms, kept true by what comes.

::

    pushed contact                    -> replaced in the book; a room of another version
                                         loses its list of members
    RoomJoin, RoomLeave, RoomRename,
    RoomOwner                         -> the room loses its list
    a login                           -> a synchronisation begins
    logged in no more                 -> all lists are void
    loaded                            -> the synchronisation ends
    DeleteContact, QuitRoom of ours   -> gone from the book
    AddRoomMember, DeleteRoomMember,
    QuitRoom of ours                  -> the room loses its list
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from ..catalogue import (
    AddRoomMember,
    Command,
    Contact,
    DeleteContact,
    DeleteRoomMember,
    GetRoomMembers,
    Loaded,
    QuitRoom,
    RoomJoin,
    RoomLeave,
    RoomMembers,
    RoomOwner,
    RoomRename,
    SyncContact,
    SystemMessage,
)
from ..catalogue.base import Answer
from .contacts import ContactBook, ContactsSynced
from .members import MemberLists
from .states import CALLABLE_STATES

__all__ = ["FOLLOWED", "Roster"]

T = TypeVar("T")

#: Commands of ours that change whom the account knows.
FOLLOWED = (AddRoomMember, DeleteContact, DeleteRoomMember, QuitRoom, SyncContact)


class Roster:
    """Whom one account knows.

    Args:
        clock: for ages and times.
        name: label of the account, for the log.
        call: sends a command.
        synced: told when a synchronisation of contacts ended.
        keeps_contacts: whether there is a book of contacts.
        comes_whole: see ``ContactBook``.

    Attributes:
        book: the contacts.
        lists: the members of rooms.
        watches: takes in events, by their class; made once for all accounts.
    """

    __slots__ = ("_comes_whole", "book", "lists")

    def __init__(
        self,
        clock: IReactorTime,
        name: str,
        call: Callable[[GetRoomMembers], Deferred[RoomMembers]],
        synced: Callable[[ContactsSynced], None],
        *,
        keeps_contacts: bool = True,
        comes_whole: bool = True,
    ) -> None:
        self._comes_whole = comes_whole
        self.book = ContactBook(
            clock, name, synced, is_kept=keeps_contacts, comes_whole=comes_whole
        )
        self.lists = MemberLists(clock, call)

    def entered(self, state: str, own: str) -> None:
        """The account entered a state.

        Args:
            state: see ``StateChanged``.
            own: WeChat id of the account, as far as it is known.
        """
        if state == "syncing":
            self.book.begin(own)
        elif state not in CALLABLE_STATES:
            # Nobody knows what happens meanwhile.
            self.lists.clear()
            self.book.stop()

    def follow(self, command: Command[Any], calling: Deferred[Any]) -> None:
        """Take in how a command of ``FOLLOWED`` ends, once it was sent."""
        if not isinstance(command, SyncContact):
            calling.addBoth(self._ended, command)
        elif self._comes_whole and not calling.called:
            # Contacts come before the reply.
            self.book.begin()

    # Steps

    def _contact_came(self, contact: Contact) -> None:
        self.book.take(contact)
        if contact.is_room:
            self.lists.take(contact)

    def _room_changed(self, message: SystemMessage) -> None:
        self.lists.changed(message.conversation)

    def _loaded(self, _: Loaded) -> None:
        self.book.loaded()

    def _ended(self, outcome: T, command: Command[Any]) -> T:
        was_done = isinstance(outcome, Answer) and outcome.was_done
        match command:
            case DeleteContact() if was_done:
                self.book.forget(command.user_id)
            case QuitRoom() if was_done:
                self.book.forget(command.group_id)
                self.lists.changed(command.group_id)
            case AddRoomMember() | DeleteRoomMember() | QuitRoom():
                # Whatever is said of it: it may have happened.
                self.lists.changed(command.group_id)
            case _:
                pass
        return outcome

    watches: ClassVar[Mapping[type, Callable[[Roster, Any], None]]] = {
        Contact: _contact_came,
        Loaded: _loaded,
        RoomJoin: _room_changed,
        RoomLeave: _room_changed,
        RoomOwner: _room_changed,
        RoomRename: _room_changed,
    }
