"""Kinds whose XML must say something useful to be them. Source: messages.toml."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    CardMessage,
    FriendRequest,
    LocationMessage,
    StatusNotify,
    UnparsedMessage,
    VoipMessage,
)

from .kind_examples import xml
from .pushed import each_way, message


class UsefulTests(SynchronousTestCase):
    """What is needed, and what is enough."""

    def test_enough(self) -> None:
        """The least that each kind needs."""
        place = "<msg>" + xml("location", x="0", y="-1e1") + "</msg>"
        for number, content, kind in (
            (37, xml("msg", ticket="v2_a@stranger"), FriendRequest),
            (37, xml("msg", encryptusername="v1_a@stranger"), FriendRequest),
            (42, xml("msg", username="wxid_a"), CardMessage),
            (48, place, LocationMessage),
            (50, "<voipinvitemsg><status>2</status></voipinvitemsg>", VoipMessage),
            (51, "<msg><op id='5' /></msg>", StatusNotify),
        ):
            for found in each_way(message(number, content)):
                self.assertIs(type(found), kind, content)
                self.assertFalse(found.is_unparsed)

    def test_not_enough(self) -> None:
        """With less it is a message that was not understood, with its type."""
        place = "<msg>" + xml("location", x="{}", y="{}") + "</msg>"
        for number, content in (
            (37, xml("msg", fromusername="wxid_a", antispamticket="v2_a@stranger")),
            (42, xml("msg", nickname="A")),
            (48, place.format("north", "1")),
            (48, place.format("nan", "1")),
            (48, place.format("1", "inf")),
            (48, place.format("1e999", "1")),
            (48, "<msg />"),
            (50, "<voipinvitemsg />"),
            (50, ""),
            (50, "</call><call>"),
            (51, "<msg><op /></msg>"),
            (51, "<msg><op id='x' /></msg>"),
        ):
            for found in each_way(message(number, content)):
                assert isinstance(found, UnparsedMessage)
                self.assertTrue(found.is_unparsed)
                self.assertEqual((found.type, found.text), (number, content))

    def test_private(self) -> None:
        """Neither codes nor greetings are in a repr."""
        content = xml("msg", encryptusername="v1_a@stranger", content="secret")
        for found in each_way(message(37, content)):
            self.assertNotIn("secret", repr(found))
            self.assertNotIn("v1_a", repr(found))
