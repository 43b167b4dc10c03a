"""Whom an account knows: contacts by name, and who comes to and leaves a room."""

from padchat_twisted import (
    AccountSession,
    Contact,
    Contacts,
    ContactsSynced,
    KnownContact,
    Members,
    NotInRoom,
    RoomJoin,
    RoomLeave,
)


def find(contacts: Contacts, name: str) -> KnownContact:
    """Return the one contact whom the account sees as *name*."""
    found = contacts.named(name)
    if len(found) != 1:
        how_far = contacts.progress
        raise LookupError(f"{len(found)} contacts of that name ({how_far.state})")
    return found[0]


class RoomBook:
    """Says who came and who left, which WeChat itself does not always tell.

    Args:
        lines: takes what is to be said.
    """

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._last: dict[str, Members] = {}

    def set_up(self, account: AccountSession) -> None:
        """Register the handlers; call it as ``handlers=book.set_up``."""
        account.on(ContactsSynced, self.synced)
        account.on(Contact, self.room_changed)
        account.on(RoomJoin, self.room_changed)
        account.on(RoomLeave, self.room_changed)

    async def synced(self, account: AccountSession, event: ContactsSynced) -> None:
        """Say how many there are, and look into every room."""
        how = "all" if event.is_complete else "at least"
        people = len(account.contacts.people)
        self._lines.append(f"{how} {people} people, {len(event.removed)} gone")
        for room in account.contacts.rooms:
            await self.look_into(account, room.user_name)

    async def room_changed(
        self, account: AccountSession, event: Contact | RoomJoin | RoomLeave
    ) -> None:
        """Look into a room that is pushed, or whose members have changed."""
        if account.contacts.is_synced and event.conversation.endswith("@chatroom"):
            await self.look_into(account, event.conversation)

    async def look_into(self, account: AccountSession, room: str) -> None:
        """Compare the members of a room with those of the last time."""
        try:
            members = await account.members(room)
        except NotInRoom:
            self._lines.append(f"not in {room} any more")
            return
        last = self._last.get(room, members)
        self._last[room] = members
        came = [members[one].nick_name for one in members if one not in last]
        left = [last[one].nick_name for one in last if one not in members]
        if came or left:
            self._lines.append(f"came: {came}, left: {left}")
