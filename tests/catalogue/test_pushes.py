"""Pushes as a whole: which items come out, and what they know of where they came from.

What is in the items is tested in ``test_kinds``, how odd they may be in
``test_events``.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    Contact,
    ImageMessage,
    Push,
    TextMessage,
    UnknownEvent,
    decode_event,
    decode_push,
)
from padchat_twisted.wire.dialect_socketio import notice_body
from padchat_twisted.wire.envelope import Notice
from padchat_twisted.wire.limits import SHORT_JSON_BYTES

from .pushed import FRIEND, OWN, frame, heard, message


def push(*items: object) -> Notice:
    """Build a push."""
    return Notice("push", notice_body("push", {"list": items}))


class PushTests(SynchronousTestCase):
    """Pushes of the dialect socketio."""

    def test_no_items(self) -> None:
        """A push without items is none; one of nothing but markers is empty."""
        odd: tuple[tuple[object, ...], ...] = ((), ({},), ({"list": []},), ([],))
        for arguments in (*odd, ({"list": 5},)):
            notice = Notice("push", notice_body("push", *arguments))
            self.assertIsNone(decode_push(notice))
            self.assertIsInstance(decode_event(notice), UnknownEvent)
        marker = {"msgType": 2048, "continue": 1}
        self.assertEqual(decode_push(push(marker)), ())
        event = decode_event(push(marker))
        assert isinstance(event, Push)
        self.assertEqual(event.list, ())

    def test_places(self) -> None:
        """Each item finds its own source, also behind markers."""
        marker = {"msgType": 32768, "continue": 0}
        items = [marker, message(1, "a"), marker, message(3, "b", data="x")]
        for odd in ((), (message(4711),)):
            text, image, *_ = decode_push(push(*items, *odd)) or ()
            assert isinstance(text, TextMessage)
            assert isinstance(image, ImageMessage)
            self.assertEqual((text.raw, image.raw), (items[1], items[3]))

    def test_own_fields_cannot_be_sent(self) -> None:
        """No peer can say whose account it is, nor how a push is spelled."""
        for odd in ({}, {"msgId": 5}):
            given = {
                **message(1, "hi"),
                "~own": FRIEND,
                "~case": "snake",
                "~marks": 3,
                **odd,
            }
            for items in ([given], [given, given]):
                for found in decode_push(push(*items), OWN) or ():
                    assert isinstance(found, TextMessage)
                    self.assertFalse(found.is_from_me)
                    self.assertFalse(found.is_replayed or found.maybe_seen)
                    self.assertEqual(found.raw, given)
        wrong = {**message(1, "hi"), "~own": 5, "~case": "x"}
        (found,) = decode_push(push(wrong)) or ()
        self.assertEqual(found.raw, wrong)

    def test_long(self) -> None:
        """A long push is what a short one is."""
        item = message(1, "好" * SHORT_JSON_BYTES)
        (found,) = decode_push(push(item)) or ()
        self.assertIs(type(found), TextMessage)

    def test_deep(self) -> None:
        """Nesting beyond the limit is refused, also where nobody looks."""
        deep = b"[" * 1000 + b"]" * 1000
        body = b'["push",{"list":[{"msgType":1,"odd":%b}]}]' % deep
        self.assertRaises(ValueError, decode_push, Notice("push", body))


class EventTests(SynchronousTestCase):
    """The push as one event."""

    def test_type(self) -> None:
        """It says whether its items are contacts, where a gateway does."""
        contact = {"msgType": 2, "userName": "a"}
        body = notice_body("push", {"type": 4, "list": [contact]})
        event = decode_event(Notice("push", body), OWN)
        assert isinstance(event, Push)
        self.assertEqual(event.type, 4)
        self.assertEqual(event.raw, {"type": 4, "list": [contact]})
        self.assertIsInstance(event.list[0], Contact)
        event = decode_event(push(contact))
        assert isinstance(event, Push)
        self.assertIsNone(event.type)

    def test_spelled(self) -> None:
        """One that is kept in its spelling has canonical fields all the same."""
        text = b'{"type":2,"list":[{"msg_type":5,"sub_type":1,"content":"hi"}]}'
        event = decode_event(Notice("push", text, "snake"), OWN)
        assert isinstance(event, Push)
        item = {"msgType": 1, "subType": 1, "content": "hi"}
        self.assertEqual(event.raw, {"type": 2, "list": [item]})
        self.assertEqual([each.raw for each in event.list], [item])
        self.assertEqual(event.type, 2)


class FrameTests(SynchronousTestCase):
    """Frames as a gateway writes them, which are not our own server's."""

    def test_both_cases(self) -> None:
        """A text and a contact in a frame of each JSON dialect."""
        (text, contact) = heard(
            "legacy",
            frame(
                "legacy",
                {"MsgType": 1, "MsgId": "7", "FromUser": FRIEND, "Content": "ding"},
                {"MsgType": 2, "UserName": "1@chatroom", "Member": '["a"]\n'},
            ),
        )
        assert isinstance(text, TextMessage)
        assert isinstance(contact, Contact)
        self.assertEqual((text.msg_id, text.text, text.sender), ("7", "ding", FRIEND))
        self.assertEqual((contact.is_room, contact.members), (True, ("a",)))
        (text, contact) = heard(
            "sdk",
            frame(
                "sdk",
                {"msg_type": 5, "sub_type": 1, "msg_id": "7", "content": "ding"},
                {"msg_type": 2, "user_name": "1@chatroom", "member": '["a"]\n'},
            ),
        )
        assert isinstance(text, TextMessage)
        assert isinstance(contact, Contact)
        self.assertEqual((text.msg_id, text.text), ("7", "ding"))
        self.assertEqual(contact.members, ("a",))
