"""Three accounts and a person: their messages and rooms, and a model of both.

The model follows what the commands answer: what was done must be seen by everybody
whom it concerns, and what was refused must have changed nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from padchat_twisted.catalogue import COMMANDS, Result
from padchat_twisted.catalogue.base import engine_text
from padchat_twisted.catalogue.message_types import MessageType
from padchat_twisted.sandbox.messages import Message
from padchat_twisted.sandbox.people import Person
from padchat_twisted.sandbox.refusals import Refused
from padchat_twisted.sandbox.responders import Reply

from .stage import Client, Stage, as_read

#: Who acts, and who or what they act on: an index, taken modulo what there is.
WHO = st.integers(0, 2)
WHAT = st.integers(0, 5)

#: How what the machine says begins; the world has texts of its own.
SAID = "said "


@dataclass
class Party:
    """One account, and what is known of it.

    Args:
        client: its connection.

    Attributes:
        due: ids of the texts that it must have got, in this order.
        got: ids of those that it got.
        ids: of all messages that were pushed to it.
        items: the last push of each kind.
        contacts: wxids of the people that it knows.
        asked_by: wxids of those whose friend requests wait.
        remarks: its names for contacts.
        labels: the contacts that have each of its labels, by id.
        favorites: ids of what it keeps.
    """

    client: Client
    due: list[str] = field(default_factory=list)
    got: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    items: dict[int, dict[str, Any]] = field(default_factory=dict)
    contacts: set[str] = field(default_factory=set)
    asked_by: set[str] = field(default_factory=set)
    remarks: dict[str, str] = field(default_factory=dict)
    labels: dict[str, set[str]] = field(default_factory=dict)
    favorites: list[int] = field(default_factory=list)

    @property
    def user(self) -> Person:
        """Who it is."""
        return self.client.account.user

    @property
    def user_name(self) -> str:
        """Their wxid."""
        return self.user.user_name


class PeopleMachine(RuleBasedStateMachine):
    """They write to each other, and make rooms, fill and leave them."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage()
        self.world = self.stage.world
        self.parties = [
            Party(self.stage.connect(f"bot{number}").log_in()) for number in (1, 2, 3)
        ]
        self.alice = self.world.person("alice")
        everybody = [*(party.user for party in self.parties), self.alice]
        for one in everybody:
            for other in everybody:
                self.world.friends.befriend(one, other)
        for party in self.parties:
            party.contacts = {
                person.user_name for person in everybody if person is not party.user
            }
            party.client.take()
        self.alices_due: list[str] = []
        self.rooms: dict[str, list[str]] = {}
        self.invitations: list[tuple[Message, str, str, Party]] = []
        self.followed: set[str] = set()
        self.said = 0
        for who in range(3):
            self.create_room(who, with_alice=who == 0)

    # What everybody does with commands.

    def call(self, who: int, code: str, **params: object) -> Reply:
        """Have an account send a command; return what dialect sdk would have too."""
        reply = self.parties[who].client.call(code, params)
        return replace(reply, data={**reply.data, **reply.sdk})

    def did(self, who: int, code: str, **params: object) -> Result | None:
        """Have an account send a command.

        Returns:
            The result; None when the gateway or the engine refused it.
        """
        reply = self.call(who, code, **params)
        read = as_read(reply, COMMANDS[code].result_type) if reply.success else None
        return read if getattr(read, "was_done", True) else None

    def other(self, who: int, what: int) -> Party:
        """Choose another account than *who*."""
        return self.parties[(who + 1 + what % 2) % 3]

    def someone(self, who: int, what: int) -> str:
        """Choose somebody else than *who*: another account's user, or alice."""
        names = [*(party.user_name for party in self.parties), self.alice.user_name]
        return names[(who + 1 + what % 3) % 4]

    def room(self, what: int) -> str:
        """Choose a room, one of the first."""
        return list(self.rooms)[what % len(self.rooms)]

    def readers(self, sender: str, to: str) -> list[str]:
        """Say who must get a message."""
        if to in self.rooms:
            return [name for name in self.rooms[to] if name != sender]
        party = next((one for one in self.parties if one.user_name == to), None)
        return [to] if party is None or sender in party.contacts else []

    # Messages.

    def say(self, who: int, to: str) -> None:
        """Send a text, and note who must get it."""
        self.said += 1
        reply = self.call(who, "sendMsg", toUserName=to, content=f"{SAID}{self.said}")
        sender = self.parties[who].user_name
        if to.endswith("@chatroom"):
            assert reply.success == (sender in self.rooms[to])
        else:
            assert reply.success
        if reply.success:
            self.note_sent(str(reply.data["msgId"]), self.readers(sender, to))

    def note_sent(self, message_id: str, readers: list[str]) -> None:
        """Note who must get a message."""
        for party in self.parties:
            if party.user_name in readers:
                party.due.append(message_id)
        if self.alice.user_name in readers:
            self.alices_due.append(message_id)

    @rule(who=WHO, what=WHAT)
    def say_to_somebody(self, who: int, what: int) -> None:
        """An account writes to another one, or to alice."""
        self.say(who, self.someone(who, what))

    @rule(who=WHO, what=WHAT)
    def say_to_room(self, who: int, what: int) -> None:
        """An account writes to a room, which it may not be in."""
        self.say(who, self.room(what))

    @rule(who=WHO)
    def alice_says(self, who: int) -> None:
        """The person writes to an account, which may have deleted her."""
        self.said += 1
        to = self.parties[who].user_name
        message = self.alice.says(f"{SAID}{self.said}", to=self.parties[who].user)
        self.note_sent(message.message_id, self.readers(self.alice.user_name, to))

    # Rooms.

    @rule(who=WHO, with_alice=st.booleans())
    def create_room(self, who: int, with_alice: bool) -> None:
        """An account makes a room of people, whom it may not know."""
        names = [self.someone(who, 0), self.someone(who, 1)]
        if with_alice:
            names[1] = self.alice.user_name
        result = self.did(who, "createRoom", userList=names)
        if result is not None:
            room_id = engine_text(result.raw["userName"])
            assert room_id not in self.rooms, "two rooms have one id"
            own = self.parties[who].user_name
            self.rooms[room_id] = [own, *dict.fromkeys(names)]

    @rule(who=WHO, what=WHAT, whom=WHAT)
    def add_member(self, who: int, what: int, whom: int) -> None:
        """An account adds somebody to a room."""
        room_id, name = self.room(what), self.someone(who, whom)
        is_done = self.did(who, "addRoomMember", groupId=room_id, userId=name)
        if is_done is not None:
            assert self.parties[who].user_name in self.rooms[room_id]
            if name not in self.rooms[room_id]:
                self.rooms[room_id].append(name)

    @rule(who=WHO, what=WHAT, whom=WHAT)
    def invite_member(self, who: int, what: int, whom: int) -> None:
        """An account invites another one, which may follow at some time."""
        party, other = self.parties[who], self.other(who, whom)
        room_id = self.room(what)
        invitation = {"groupId": room_id, "userId": other.user_name}
        if self.did(who, "inviteRoomMember", **invitation) is not None:
            assert party.user_name in self.rooms[room_id]
            message = other.user.inbox[-1]
            self.invitations.append((message, room_id, party.user_name, other))

    @rule(what=WHAT)
    def join_room(self, what: int) -> None:
        """Somebody follows an invitation, which is good once."""
        if not self.invitations:
            return
        number = -1 - what % len(self.invitations)
        message, room_id, inviter, newcomer = self.invitations[number]
        members = self.rooms[room_id]
        is_good = message.message_id not in self.followed and inviter in members
        try:
            newcomer.user.joins(message)
        except Refused:
            assert not is_good
            return
        assert is_good
        self.followed.add(message.message_id)
        if newcomer.user_name not in members:
            members.append(newcomer.user_name)

    @rule(who=WHO, what=WHAT, whom=WHAT)
    def delete_member(self, who: int, what: int, whom: int) -> None:
        """An account removes somebody from a room, which only its owner can."""
        room_id, name = self.room(what), self.someone(who, whom)
        is_done = self.did(who, "deleteRoomMember", groupId=room_id, userId=name)
        if is_done is not None:
            assert self.rooms[room_id][0] == self.parties[who].user_name
            self.rooms[room_id].remove(name)

    @rule(who=WHO, what=WHAT)
    def quit_room(self, who: int, what: int) -> None:
        """An account leaves a room."""
        room_id = self.room(what)
        if self.did(who, "quitRoom", groupId=room_id) is not None:
            self.rooms[room_id].remove(self.parties[who].user_name)

    @rule(who=WHO, what=WHAT)
    def rename_room(self, who: int, what: int) -> None:
        """An account gives a room another name, which all members see."""
        room_id = self.room(what)
        self.said += 1
        name = f"room {self.said}"
        if self.did(who, "setRoomName", groupId=room_id, content=name) is not None:
            for number in self.members_of(room_id):
                seen = self.call(number, "getContact", userId=room_id).data
                assert seen["nickName"] == name

    def members_of(self, room_id: str) -> list[int]:
        """List which accounts are in a room."""
        members = self.rooms[room_id]
        return [n for n, party in enumerate(self.parties) if party.user_name in members]

    # What must be so after each step.

    def see_all(self) -> None:
        """Take what was pushed to each account."""
        for party in self.parties:
            for payload in party.client.payloads("push"):
                for item in payload["list"]:
                    self.see(party, item)

    def see(self, party: Party, item: dict[str, Any]) -> None:
        """Take one push item; nothing comes twice."""
        kind = item["msgType"]
        party.items[kind] = item
        if "msgId" not in item:
            return
        message_id = item["msgId"]
        assert message_id not in party.ids, "a message came twice"
        party.ids.add(message_id)
        if kind == MessageType.TEXT and SAID in item["content"]:
            party.got.append(message_id)

    @invariant()
    def no_message_is_lost(self) -> None:
        """Everybody got what was for them, once and in its order, and no more."""
        self.see_all()
        for party in self.parties:
            assert party.got == party.due
        said = [m.message_id for m in self.alice.inbox if SAID in m.content]
        assert said == self.alices_due

    @invariant()
    def members_agree(self) -> None:
        """All members see the same members, and nobody else sees any."""
        for room_id, members in self.rooms.items():
            for number, party in enumerate(self.parties):
                seen = self.call(number, "getRoomMembers", groupId=room_id).data
                if party.user_name in members:
                    listed = seen["member"]
                    assert isinstance(listed, list)
                    assert [one["userName"] for one in listed] == members
                    assert seen["count"] == len(members)
                else:
                    assert seen["count"] == 0
