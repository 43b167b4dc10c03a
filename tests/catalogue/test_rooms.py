"""Rooms and their members."""

from __future__ import annotations

import json

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    AddedMember,
    CreatedRoom,
    CreateRoom,
    GetRoomMembers,
    RoomMember,
    RoomMembers,
    decode_reply,
)
from padchat_twisted.wire import json_text
from padchat_twisted.wire.dialect_socketio import reply_body

#: What gateways may send where there is no list.
NOTHING: tuple[object, ...] = (None, "", "null\n", "{}", "nonsense", [], {}, 5)

ANNA = {
    "userName": "wxid_a",
    "nickName": "Anna",
    "chatroomNickName": "",
    "bigHead": "",
    "smallHead": "",
    "invitedBy": "wxid_b",
}
ANNA_TYPED = RoomMember(user_name="wxid_a", nick_name="Anna", invited_by="wxid_b")


def members(member: object) -> tuple[RoomMember, ...]:
    """Decode a reply whose field ``member`` is that, and return the members."""
    data = {"userName": "1@chatroom", "chatroomId": 7, "count": 1, "member": member}
    result = decode_reply(RoomMembers, reply_body({"success": True, "data": data}))
    assert isinstance(result, RoomMembers)
    assert (result.user_name, result.chatroom_id, result.count) == ("1@chatroom", 7, 1)
    return result.members


class GetRoomMembersTests(SynchronousTestCase):
    """Who is in a room."""

    def test_command(self) -> None:
        """It asks by the room's id."""
        self.assertEqual(
            json_text.write(GetRoomMembers("1@chatroom")), b'{"groupId":"1@chatroom"}'
        )

    def test_list_and_text(self) -> None:
        """Members are read from a list and from JSON text alike."""
        for member in ([ANNA], json.dumps([ANNA]), json.dumps([ANNA]) + "\n"):
            self.assertEqual(members(member), (ANNA_TYPED,))

    def test_odd_fields(self) -> None:
        """One odd field harms neither its member nor the others."""
        odd = {"userName": "wxid_c", "nickName": None, "chatroomNickName": 5}
        expected = (
            ANNA_TYPED,
            RoomMember(user_name="wxid_c", chatroom_nick_name="5"),
        )
        for member in ([ANNA, odd, None, 5], json.dumps([ANNA, odd, None, 5])):
            self.assertEqual(members(member), expected)

    def test_lone_surrogates(self) -> None:
        """A nickname that was cut inside an emoji is kept, in a list and in a text."""
        cut = {**ANNA, "nickName": "Anna\ud83d"}
        for member in ([cut], json.dumps([cut])):
            self.assertEqual(members(member)[0].nick_name, "Anna\ud83d")

    def test_nobody(self) -> None:
        """Where there is no list there are no members."""
        for nothing in NOTHING:
            self.assertEqual(members(nothing), (), nothing)
        self.assertEqual(RoomMembers().members, ())

    def test_repr(self) -> None:
        """A member shows its id, not its name."""
        self.assertEqual(
            repr(ANNA_TYPED),
            "RoomMember(user_name='wxid_a', nick_name=<4>, invited_by=<6>)",
        )


class ChangeTests(SynchronousTestCase):
    """Rooms that are made, and members who are added."""

    def test_too_few(self) -> None:
        """A room of fewer than two friends is refused, however often one is named."""
        for names in ((), ("wxid_a",), ("wxid_a", "wxid_a")):
            count = len(set(names))
            for dialect in CreateRoom.dialects:
                self.assertEqual(
                    CreateRoom(names).problem(dialect),
                    f"user_list: found {count}, expected at least 2 contacts",
                )
        self.assertIsNone(CreateRoom(("wxid_a", "wxid_b")).problem("legacy"))

    def test_was_done(self) -> None:
        """Only the room's id, or the engine's text, tells whether it was done."""
        self.assertTrue(CreatedRoom(user_name="1@chatroom").was_done)
        self.assertFalse(CreatedRoom(message="Everything is OK").was_done)
        for message in ("Everything is OK", "Everything is ok"):
            self.assertTrue(AddedMember(message=message).was_done)
        self.assertFalse(AddedMember(message="MemberList are wrong").was_done)
        self.assertFalse(AddedMember(message="Everything is OK", status=-1).was_done)
