"""Contacts: people, rooms, official accounts."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    AskedContact,
    Contact,
    ContactInfo,
    GetContact,
    Push,
    RefusedReply,
    SetHeadImg,
    SyncContact,
    decode_event,
    decode_reply,
)
from padchat_twisted.wire import json_text
from padchat_twisted.wire.dialect_socketio import notice_body, reply_body
from padchat_twisted.wire.envelope import Notice

#: What gateways may send where there is no list.
NOTHING: tuple[object, ...] = (None, "", "null\n", "{}", "nonsense", [], {}, 5)


def pushed(**fields: object) -> Contact:
    """Decode a contact with these wire fields."""
    item = {"msgType": 2, **fields}
    event = decode_event(Notice("push", notice_body("push", {"list": [item]})))
    assert isinstance(event, Push)
    (contact,) = event.list
    assert isinstance(contact, Contact)
    return contact


class ContactTests(SynchronousTestCase):
    """Contacts as they are pushed."""

    def test_person(self) -> None:
        """A person has a name and no members."""
        contact = pushed(userName="wxid_a", nickName="A", sex=1, remarkPyInitial="R")
        self.assertFalse(contact.is_room)
        self.assertEqual((contact.nick_name, contact.sex), ("A", 1))
        self.assertEqual(contact.remark_py_initial, "R")
        self.assertEqual(contact.members, ())
        self.assertEqual(contact.conversation, "wxid_a")

    def test_names(self) -> None:
        """A remark hides the nickname; official accounts are known by their ids."""
        contact = pushed(userName="wxid_a", nickName="A")
        self.assertEqual((contact.display_name, contact.is_official), ("A", False))
        official = pushed(userName="gh_a", nickName="A", remark="B")
        self.assertEqual((official.display_name, official.is_official), ("B", True))

    def test_continue(self) -> None:
        """The wire's ``continue``, a word of Python, is ``continues``."""
        self.assertEqual(pushed(**{"continue": 1}).continues, 1)

    def test_members(self) -> None:
        """The members of a room are read from a list and from JSON text alike."""
        for member in (["a", "b"], '["a","b"]', '["a","b"]\n'):
            room = pushed(userName="1@chatroom", member=member, memberCount=2)
            self.assertTrue(room.is_room)
            self.assertEqual(room.members, ("a", "b"))

    def test_odd_members(self) -> None:
        """What is no name is left out, and harms no other name."""
        for member in (["a", None, 5, "b"], '["a",null,5,"b"]'):
            self.assertEqual(pushed(member=member).members, ("a", "b"))
        for nothing in NOTHING:
            self.assertEqual(pushed(member=nothing).members, (), nothing)
        self.assertEqual(Contact().members, ())


class GetContactTests(SynchronousTestCase):
    """The profile of somebody."""

    def test_command(self) -> None:
        """It asks by id."""
        self.assertEqual(json_text.write(GetContact("gh_a")), b'{"userId":"gh_a"}')

    def test_unknown_id(self) -> None:
        """For an id that is unknown every text is empty, and it is no failure."""
        data = {"userName": "", "nickName": "", "status": 0}
        body = reply_body({"success": True, "msg": "", "data": data})
        info = decode_reply(ContactInfo, body)
        assert not isinstance(info, RefusedReply)
        self.assertEqual(info, ContactInfo(info._body))


class SyncContactTests(SynchronousTestCase):
    """To begin a synchronisation."""

    def test_command(self) -> None:
        """It has no parameters, which is an empty object."""
        self.assertEqual(json_text.write(SyncContact()), b"{}")

    def test_reset(self) -> None:
        """It can be asked for from the beginning, in one dialect."""
        self.assertEqual(json_text.write(SyncContact(reset=True)), b'{"reset":true}')


class OwnTests(SynchronousTestCase):
    """What changes contacts, and what is told of it."""

    def test_needs_verification(self) -> None:
        """A user who wants to be asked is told apart from a refusal."""
        self.assertTrue(AskedContact(status=-44).needs_verification)
        for status in (0, -1):
            self.assertFalse(AskedContact(status=status).needs_verification)

    def test_picture(self) -> None:
        """What is no picture is not sent as one."""
        self.assertIsNone(SetHeadImg("/9j/4A==").problem("sdk"))
        self.assertIn("not base64", SetHeadImg("no base64").problem("sdk") or "")
