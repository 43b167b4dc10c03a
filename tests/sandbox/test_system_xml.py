"""Tests of padchat_twisted.sandbox.system_xml: the XML that WeChat itself writes."""

from __future__ import annotations

from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.people import Profile
from padchat_twisted.sandbox.system_xml import friend_request, members_joined

from .stage import Stage

#: What XML can hold, so that it comes out as it went in.
texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"),
    max_size=30,
)


class FriendRequestTests(SynchronousTestCase):
    """The attributes of messages.toml, [friend_request]."""

    @settings(database=None, deadline=None, max_examples=60)
    @given(texts, texts.filter(bool))
    def test_any_text(self, greeting: str, nick_name: str) -> None:
        """Whatever somebody typed comes out as it was."""
        asker = Stage().world.person("alice", nick_name=nick_name)
        asker.profile = Profile(signature=greeting)
        root = fromstring(friend_request(asker, greeting, "v2_1@stranger", 3))
        self.assertEqual(root.get("content"), greeting)
        self.assertEqual(root.get("fromnickname"), nick_name)
        self.assertEqual(root.get("sign"), greeting)

    def test_codes(self) -> None:
        """The codes are those by which the request is accepted."""
        asker = Stage().world.person("alice")
        root = fromstring(friend_request(asker, "", "v2_1@stranger", 15))
        self.assertEqual(root.get("encryptusername"), asker.stranger)
        self.assertEqual(root.get("ticket"), "v2_1@stranger")
        self.assertEqual((root.get("scene"), root.get("opcode")), ("15", "2"))


class MembersJoinedTests(SynchronousTestCase):
    """The paths of messages.toml, [[sysmsg]] delchatroommember."""

    def setUp(self) -> None:
        """Have two people."""
        world = Stage().world
        self.people = [world.person("alice"), world.person("bob")]

    def test_invited(self) -> None:
        """Text, label and the wxids of who was invited."""
        root = fromstring(members_joined("a ]]> b", "undo", self.people))
        self.assertEqual(root.get("type"), "delchatroommember")
        body = root.find("delchatroommember")
        assert body is not None
        self.assertEqual(body.findtext("plain"), "a ]]> b")
        self.assertEqual(body.findtext("text"), "a ]]> b")
        self.assertEqual(body.findtext("link/scene"), "invite")
        self.assertEqual(body.findtext("link/text"), "undo")
        names = [x.text for x in body.iterfind("link/memberlist/username")]
        self.assertEqual(names, ["wxid_alice", "wxid_bob"])
        self.assertIsNone(body.find("link/qrcode"))

    def test_by_code(self) -> None:
        """With a QR code its address is there too."""
        root = fromstring(members_joined("a", "undo", self.people, "http://x/g/1"))
        self.assertEqual(root.findtext("delchatroommember/link/scene"), "qrcode")
        found = root.findtext("delchatroommember/link/qrcode")
        self.assertEqual(found, "http://x/g/1")
