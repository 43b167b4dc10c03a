"""Tests of padchat_twisted.sandbox.parcels: what messages are made of."""

from __future__ import annotations

import base64
import hashlib
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.message_types import MessageType
from padchat_twisted.catalogue.sending import MAX_VOICE_BYTES, MAX_VOICE_MILLISECONDS
from padchat_twisted.sandbox import parcels
from padchat_twisted.sandbox.images import MAX_IMAGE_BYTES
from padchat_twisted.sandbox.parcels import (
    MAX_PUSHED_VOICE_BYTES,
    MAX_VIDEO_BYTES,
    Game,
    Parcel,
)
from padchat_twisted.sandbox.people import Person, Profile
from padchat_twisted.sandbox.refusals import Refused
from padchat_twisted.sandbox.shelf import Medium

from .stage import Stage


def read(parcel: Parcel, path: str = "") -> Element:
    """Read the XML of *parcel*; return the element at *path*."""
    root: Element = fromstring(parcel.content)
    found = root.find(path) if path else root
    assert found is not None
    return found


class ParcelTests(SynchronousTestCase):
    """Each kind with its attributes; amounts at their edges."""

    def setUp(self) -> None:
        """Have two people and a room."""
        self.world = Stage().world
        self.alice = self.world.person("alice", nick_name='A "quoted" <name>')
        self.bob = self.world.person("bob")
        self.room = self.world.room("dev", members=["alice", "bob"])

    def test_image(self) -> None:
        """A picture has sizes and hash, and ids of files that look like such."""
        parcel = parcels.image(b"12345", file_name="a.png")
        image = read(parcel, "img")
        self.assertEqual((image.get("length"), image.get("hdlength")), ("5", "5"))
        self.assertEqual(
            image.get("md5"), hashlib.md5(b"12345", usedforsecurity=False).hexdigest()
        )
        self.assertEqual(image.get("cdnthumblength"), "5")
        places = {image.get(f"cdn{part}url") for part in ("thumb", "midimg", "bigimg")}
        self.assertEqual(len(places), 3)
        self.assertRegex(str(image.get("aeskey")), r"\A[0-9a-f]{32}\Z")
        self.assertEqual(
            (parcel.kind, parcel.medium, parcel.file, parcel.file_name, parcel.data),
            (MessageType.IMAGE, Medium.IMAGE, b"12345", "a.png", "MTIzNDU="),
        )

    def test_image_limit(self) -> None:
        """A picture is at most as large as the limit says."""
        parcels.image(bytes(MAX_IMAGE_BYTES))
        self.assertRaises(Refused, parcels.image, bytes(MAX_IMAGE_BYTES + 1))

    def test_voice(self) -> None:
        """A voice has its length; a short one is pushed, a longer one is not."""
        short = bytes(MAX_PUSHED_VOICE_BYTES)
        parcel = parcels.voice(self.alice, short, 3000)
        voice = read(parcel, "voicemsg")
        self.assertEqual(
            [voice.get(x) for x in ("voicelength", "length", "voiceformat")],
            ["3000", str(len(short)), "4"],
        )
        self.assertEqual(voice.get("fromusername"), "wxid_alice")
        self.assertEqual((voice.get("endflag"), voice.get("cancelflag")), ("1", "0"))
        self.assertTrue(voice.get("bufid") and voice.get("clientmsgid"))
        self.assertEqual(base64.b64decode(parcel.data), short)
        self.assertEqual(parcels.voice(self.alice, short + b"1", 3000).data, "")

    def test_voice_limits(self) -> None:
        """A voice is not empty, and at most as large and as long as the limits say."""
        largest = bytes(MAX_VOICE_BYTES)
        parcels.voice(self.alice, largest, MAX_VOICE_MILLISECONDS)
        for content, milliseconds in (
            (b"", 1),
            (largest + b"1", 1),
            (b"x", MAX_VOICE_MILLISECONDS + 1),
            (b"x", -1),
        ):
            self.assertRaises(Refused, parcels.voice, self.alice, content, milliseconds)

    def test_video(self) -> None:
        """A video, short or not, has its length and size, and nothing is pushed."""
        for is_short, kind in (
            (False, MessageType.VIDEO),
            (True, MessageType.SHORT_VIDEO),
        ):
            parcel = parcels.video(self.alice, b"12345", 7, is_short=is_short)
            video = read(parcel, "videomsg")
            self.assertEqual((video.get("playlength"), video.get("length")), ("7", "5"))
            self.assertEqual((parcel.kind, parcel.data), (kind, ""))
            self.assertEqual((parcel.medium, parcel.file), (Medium.VIDEO, b"12345"))

    def test_video_limits(self) -> None:
        """A video is not empty, and at most as large as the limit says."""
        largest = bytes(MAX_VIDEO_BYTES)
        parcels.video(self.alice, largest, 0, is_short=False)
        for content, seconds in ((b"", 1), (largest + b"1", 1), (b"x", -1)):
            with self.assertRaises(Refused):
                parcels.video(self.alice, content, seconds, is_short=False)

    def test_emoticon(self) -> None:
        """A sticker names both sides; a game stands beside it."""
        parcel = parcels.emoticon(
            self.alice,
            self.room,
            b"gif",
            url="http://x.invalid/?a=1&b=2",
            is_animated=True,
            game=Game.DICE,
            game_result=9,
        )
        emoji = read(parcel, "emoji")
        self.assertEqual(emoji.get("tousername"), self.room.user_name)
        self.assertEqual((emoji.get("type"), emoji.get("len")), ("2", "3"))
        self.assertEqual(emoji.get("cdnurl"), "http://x.invalid/?a=1&b=2")
        game = read(parcel, "gameext")
        self.assertEqual((game.get("type"), game.get("content")), ("2", "9"))

    def test_location(self) -> None:
        """A place is somewhere on the globe, its edges included."""
        parcel = parcels.location(self.alice, -90, 180, label="a\nb", name="Pole")
        place = read(parcel, "location")
        self.assertEqual((place.get("x"), place.get("y")), ("-90", "180"))
        self.assertEqual((place.get("label"), place.get("poiname")), ("a\nb", "Pole"))
        for latitude, longitude in ((90.1, 0), (0, -180.1), (float("nan"), 0)):
            self.assertRaises(
                Refused, parcels.location, self.alice, latitude, longitude
            )

    def test_card(self) -> None:
        """A card has the profile; who does not know the person sees the v1 code."""
        self.alice.profile = Profile(alias="al", sex=2, city="Bern", signature="<hi>")
        known = read(parcels.card(self.alice, "v2_1@stranger", is_known=True))
        self.assertEqual(known.get("username"), "wxid_alice")
        self.assertEqual(known.get("antispamticket"), "v2_1@stranger")
        self.assertEqual(
            [known.get(x) for x in ("nickname", "alias", "sex", "city", "sign")],
            ['A "quoted" <name>', "al", "2", "Bern", "<hi>"],
        )
        self.assertEqual((known.get("scene"), known.get("certflag")), ("17", "0"))
        self.assertEqual(known.get("bigheadimgurl"), self.alice.head_url)
        other = read(parcels.card(self.alice, "", is_known=False, title="Boss"))
        self.assertEqual(
            (other.get("username"), other.get("nickname")),
            (self.alice.stranger, "Boss"),
        )

    def test_card_of_an_official_account(self) -> None:
        """An official account is verified."""
        official = Person(self.world, "shop", user_name="gh_1", is_system=True)
        shown = read(parcels.card(official, "", is_known=True))
        self.assertNotEqual(shown.get("certflag"), "0")

    def test_call(self) -> None:
        """A call has three roots in a row."""
        ringing = parcels.call(1_700_000_000.9, is_video=True, seconds=0)
        root = fromstring(f"<all>{ringing.content}</all>")
        self.assertEqual(root.findtext("voipinvitemsg/invitetype"), "0")
        self.assertEqual(root.findtext("voipextinfo/recvtime"), "1700000000")
        talk = parcels.call(0.0, is_video=False, seconds=61)
        root = fromstring(f"<all>{talk.content}</all>")
        self.assertEqual(root.findtext("voipinvitemsg/invitetype"), "1")
        self.assertEqual(root.findtext("voiplocalinfo/duration"), "61")

    def test_opened(self) -> None:
        """Entering and leaving a conversation are told by number."""
        for is_left, number in ((False, "2"), (True, "5")):
            told = read(parcels.opened(self.room, is_left=is_left), "op")
            self.assertEqual(told.get("id"), number)
            self.assertEqual(told.findtext("username"), self.room.user_name)

    def test_recall(self) -> None:
        """A recall names the message by its whole and by its short id."""
        message = self.alice.says("oops", to="bob")
        told = read(parcels.recall(self.alice, message, "gone"), "revokemsg")
        self.assertEqual(told.findtext("newmsgid"), message.message_id)
        self.assertLess(int(str(told.findtext("msgid"))), 2**31)
        self.assertEqual(
            (told.findtext("session"), told.findtext("replacemsg")),
            ("wxid_alice", "gone"),
        )

    def test_repr(self) -> None:
        """The repr holds neither content nor file."""
        shown = repr(parcels.image(b"secret", file_name="secret.png"))
        self.assertNotIn("secret", shown)
        self.assertNotIn("<img", shown)
