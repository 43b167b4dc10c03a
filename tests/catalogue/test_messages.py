"""Messages: who wrote what where."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    Message,
    SelfProfile,
    StatusMessage,
    SystemMessage,
    TextMessage,
    UnknownItem,
)
from padchat_twisted.catalogue.messages import ROOM_SUFFIX
from tests.wire.json_examples import table

from .pushed import FRIEND, ODD, OWN, ROOM, each_way, message


class RoomTests(SynchronousTestCase):
    """Who wrote it, where, and what. Source: messages.toml, [item].room_rule."""

    def check(
        self,
        message: TextMessage | SystemMessage,
        *,
        room: str | None,
        sender: str,
        text: str,
        conversation: str,
    ) -> None:
        """Compare what a message says of itself."""
        self.assertEqual(
            (message.room, message.sender, message.text, message.conversation),
            (room, sender, text, conversation),
        )

    def test_private(self) -> None:
        """A private message is its sender's; colons are part of the text."""
        for content in ("hi", "wxid_b:\nhi", ":\n", ""):
            self.check(
                TextMessage(from_user="wxid_a", to_user="me", content=content),
                room=None,
                sender="wxid_a",
                text=content,
                conversation="wxid_a",
            )

    def test_room(self) -> None:
        """In a room the sender stands in front; only the first mark counts."""
        for text in ("hi", "a:\nb", "", "\nx"):
            self.check(
                TextMessage(from_user=ROOM, content=f"wxid_a:\n{text}"),
                room=ROOM,
                sender="wxid_a",
                text=text,
                conversation=ROOM,
            )

    def test_room_without_a_sender(self) -> None:
        """Where nobody stands in front, the room says it, and nothing is cut off."""
        for content in ("hi", "a: b", "two words:\nhi", "two\nlines:\nhi", ":\nhi", ""):
            self.check(
                TextMessage(from_user=ROOM, content=content),
                room=ROOM,
                sender=ROOM,
                text=content,
                conversation=ROOM,
            )

    def test_own_message_in_a_room(self) -> None:
        """The account's own message, from another device, has nobody in front."""
        self.check(
            TextMessage(from_user="me", to_user=ROOM, content="wxid_a:\nhi"),
            room=ROOM,
            sender="me",
            text="wxid_a:\nhi",
            conversation=ROOM,
        )

    def test_system_text(self) -> None:
        """A text of WeChat has nobody in front, also in a room."""
        self.check(
            SystemMessage(from_user=ROOM, content="A:\njoined"),
            room=ROOM,
            sender=ROOM,
            text="A:\njoined",
            conversation=ROOM,
        )

    @settings(database=None, deadline=None, max_examples=50)
    @given(st.text(max_size=20), st.text(max_size=20))
    def test_nothing_is_lost(self, before: str, after: str) -> None:
        """Sender and text together are the content, whatever that is."""
        content = f"{before}:\n{after}"
        message = TextMessage(from_user=ROOM, content=content)
        if message.sender == ROOM:
            self.assertEqual(message.text, content)
        else:
            self.assertEqual(f"{message.sender}:\n{message.text}", content)

    def test_unknown_items(self) -> None:
        """An item of an unknown kind belongs to its conversation too."""
        for from_user, to_user, conversation in (
            ("a", "me", "a"),
            (ROOM, "me", ROOM),
            ("me", ROOM, ROOM),
            ("", "", ""),
        ):
            item = UnknownItem(from_user=from_user, to_user=to_user)
            self.assertEqual(item.conversation, conversation)

    def test_room_suffix(self) -> None:
        """Rooms are known by the table's suffix."""
        self.assertEqual(table("messages")["item"]["room_id_suffix"], ROOM_SUFFIX)


class OwnTests(SynchronousTestCase):
    """What the account itself has to do with a message, in each dialect."""

    def test_from_me(self) -> None:
        """A message that the account wrote on another device says so."""
        for fields, is_from_me, conversation in (
            ({}, False, FRIEND),
            ({"fromUser": OWN, "toUser": FRIEND}, True, FRIEND),
            ({"fromUser": OWN, "toUser": ROOM}, True, ROOM),
            ({"fromUser": ROOM, "content": f"{OWN}:\nhi"}, True, ROOM),
            ({"fromUser": ROOM, "content": f"{FRIEND}:\nhi"}, False, ROOM),
        ):
            for found in each_way({**message(1, "hi"), **fields}):
                assert isinstance(found, TextMessage)
                self.assertEqual(found.is_from_me, is_from_me, fields)
                self.assertEqual(found.conversation, conversation)
                self.assertEqual(found.text, "hi")

    def test_own_id_unknown(self) -> None:
        """As long as the account's id is not known, only rooms tell."""
        for to, is_from_me in ((FRIEND, False), (ROOM, True)):
            item = message(1, "hi", fromUser=OWN, toUser=to)
            for found in each_way(item, own=""):
                assert isinstance(found, TextMessage)
                self.assertEqual(found.is_from_me, is_from_me)
                self.assertFalse(found.mentions_me)

    def test_mentions(self) -> None:
        """A message tells whether it mentions the account."""
        for names, mentions_me in ((OWN, True), (f"{FRIEND},{OWN}", True), ("", False)):
            source = f"<msgsource><atuserlist>{names}</atuserlist></msgsource>"
            item = message(1, f"{FRIEND}:\n@x hi", fromUser=ROOM, msgSource=source)
            for found in each_way(item):
                assert isinstance(found, TextMessage)
                expected = tuple(name for name in names.split(",") if name)
                self.assertEqual(found.mentions, expected)
                self.assertEqual(found.mentions_me, mentions_me)

    def test_hidden(self) -> None:
        """The account's own id and the undecoded rest are in no repr."""
        for found in each_way(message(1, "hi", toUser="x")):
            self.assertNotIn(OWN, repr(found))


class OldKindTests(SynchronousTestCase):
    """What only gateways of 2017 push."""

    def test_status(self) -> None:
        """The login status is JSON text."""
        content = '{"wxId":"wxid_a","status":3}'
        for text, details in (
            (content, {"wxId": "wxid_a", "status": 3}),
            ("[]", None),
            ("{", None),
            ("", None),
        ):
            for found in each_way(message(0, text)):
                assert isinstance(found, StatusMessage)
                self.assertEqual(found.details, details)

    def test_profile(self) -> None:
        """The account's own profile has the fields of the table's note."""
        item = {
            "msgType": 101,
            "userName": OWN,
            "nickName": "N",
            "sex": 1,
            "province": "P",
            "city": "C",
            "signature": "S",
            "bindUin": 7,
            "bindEmail": "e@example.invalid",
            "bindMobile": "1",
        }
        for found in each_way(item):
            assert isinstance(found, SelfProfile)
            self.assertEqual(
                (found.user_name, found.nick_name, found.sex, found.bind_uin),
                (OWN, "N", 1, 7),
            )
            raw = {**found.raw}
            raw.pop("subType", None)
            self.assertEqual({**raw, **ODD}, {**item, **ODD})
            self.assertNotIn("example.invalid", repr(found))


class HandedBackTests(SynchronousTestCase):
    """Items that commands take back."""

    def test_without_its_file(self) -> None:
        """Each message is handed back as it came, in its order, without its file."""
        for number in (3, 34, 43, 49, 2000, 2001):
            item = message(number, "<msg />", data="/9j/4A==")
            for found in each_way(item):
                assert isinstance(found, Message)
                names = [n for n in found.raw_msg_data if n not in ("subType", *ODD)]
                self.assertEqual(names, [name for name in item if name != "data"])
                self.assertEqual(found.raw["data"], "/9j/4A==")
