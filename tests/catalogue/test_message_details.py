"""What stands in XML, against the tables: messages.toml, [[xml_shape]] and others."""

from __future__ import annotations

import inspect

import msgspec
from msgspec import Struct
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    AppMessage,
    CardMessage,
    EmoticonDetails,
    EmoticonMessage,
    FileMessage,
    FriendRequest,
    ImageDetails,
    ImageMessage,
    LocationMessage,
    Message,
    MessageSource,
    MiniProgramMessage,
    RecalledMessage,
    RedPacketMessage,
    StatusNotify,
    TransferMessage,
    VideoDetails,
    VideoMessage,
    VoiceDetails,
    VoiceMessage,
    VoipMessage,
)
from padchat_twisted.catalogue.messages import MESSAGE_FIELDS
from tests.wire.json_examples import table

from .kind_examples import xml
from .pushed import each_way, message

#: The classes of each row of [[xml_shape]], by its first type.
SHAPES: dict[int, tuple[type[Struct], ...]] = {
    3: (ImageDetails,),
    34: (VoiceDetails,),
    43: (VideoDetails,),
    47: (EmoticonDetails,),
    42: (CardMessage,),
    48: (LocationMessage,),
    49: (
        AppMessage,
        FileMessage,
        MiniProgramMessage,
        TransferMessage,
        RedPacketMessage,
    ),
    50: (VoipMessage,),
    51: (StatusNotify,),
}


def paths_of(kind: type[Struct]) -> dict[str, str]:
    """Return the paths of the fields of a class that stand in XML."""
    skipped = MESSAGE_FIELDS if issubclass(kind, Message) else 0
    infos = msgspec.structs.fields(kind)[skipped:]
    return {i.encode_name: i.name for i in infos if not i.encode_name.startswith("~")}


class TableTests(SynchronousTestCase):
    """The paths are the table's."""

    def test_shapes(self) -> None:
        """Each shape has a class with its paths, and documents each field."""
        rows = table("messages")["xml_shape"]
        self.assertEqual({row["message_types"][0] for row in rows}, set(SHAPES))
        for row in rows:
            kinds = SHAPES[row["message_types"][0]]
            ours = {path for kind in kinds for path in paths_of(kind)}
            theirs = {place["path"] for place in row["paths"]}
            self.assertEqual(ours, theirs, kinds)

    def test_friend_request(self) -> None:
        """A friend request has all attributes whose meaning is known."""
        rows = table("messages")["friend_request"]["paths"]
        known = {row["path"] for row in rows if row["meaning"] != "Unknown"}
        self.assertEqual(set(paths_of(FriendRequest)), known)
        accept = table("messages")["friend_request"]["accept_with"]
        for name, path in accept.items():
            self.assertEqual(paths_of(FriendRequest)[path], name)

    def test_message_source(self) -> None:
        """So has what stands beside messages."""
        rows = table("messages")["msg_source"]["paths"]
        self.assertEqual(set(paths_of(MessageSource)), {row["path"] for row in rows})

    def test_recalled(self) -> None:
        """So has a message that was taken back."""
        (row,) = (r for r in table("messages")["sysmsg"] if r["type"] == "revokemsg")
        theirs = {place["path"] for place in row["paths"]}
        self.assertEqual(set(paths_of(RecalledMessage)) - {"@type"}, theirs)

    def test_documented(self) -> None:
        """Each field is explained where its class is."""
        kinds: list[type[Struct]] = [FriendRequest, MessageSource, RecalledMessage]
        for kind in [*kinds, *(kind for found in SHAPES.values() for kind in found)]:
            text = "".join(inspect.getdoc(base) or "" for base in kind.__mro__)
            for name in paths_of(kind).values():
                self.assertIn(f"\n    {name}: ", text, kind)


class DetailTests(SynchronousTestCase):
    """Details of media in each dialect."""

    def test_image(self) -> None:
        """An image says how large it is, and its thumbnail."""
        content = "<msg>" + xml("img", length="7", md5="0f", cdnthumbheight="120")
        for found in each_way(message(3, content + "</msg>")):
            assert isinstance(found, ImageMessage)
            details = ImageDetails(length=7, md5="0f", cdn_thumb_height=120)
            self.assertEqual(found.details, details)
            self.assertNotIn("0f", repr(found.details))

    def test_voice(self) -> None:
        """A voice message says how long it is."""
        content = "<msg>" + xml("voicemsg", voicelength="3120", voiceformat="4")
        for found in each_way(message(34, content + "</msg>")):
            assert isinstance(found, VoiceMessage)
            self.assertEqual(found.details, VoiceDetails(3120, voice_format=4))

    def test_video(self) -> None:
        """So does a video."""
        content = "<msg>" + xml("videomsg", playlength="9", md5="0f") + "</msg>"
        for found in each_way(message(43, content)):
            assert isinstance(found, VideoMessage)
            self.assertEqual(found.details, VideoDetails(9, md5="0f"))

    def test_emoticon(self) -> None:
        """A sticker may be a game, which stands beside it."""
        content = "<msg>" + xml("emoji", type="1", len="3")
        content += xml("gameext", type="2", content="4") + "</msg>"
        for found in each_way(message(47, content)):
            assert isinstance(found, EmoticonMessage)
            details = EmoticonDetails(1, length=3, game_type=2, game_content=4)
            self.assertEqual(found.details, details)

    def test_source(self) -> None:
        """What stands beside a message is read when it is asked for."""
        source = (
            "<msgsource><silence>1</silence><membercount>38</membercount>"
            "<atuserlist><![CDATA[wxid_a,wxid_b, ]]></atuserlist>"
            "<img_file_name>a.jpg</img_file_name></msgsource>\n"
        )
        for found in each_way(message(1, "hi", msgSource=source)):
            assert isinstance(found, Message)
            expected = MessageSource(1, 38, "wxid_a,wxid_b, ", "a.jpg")
            self.assertEqual(found.source, expected)
            self.assertEqual(found.mentions, ("wxid_a", "wxid_b"))
        for source in ("", "<msgsource />\n", "<msgsource>"):
            for found in each_way(message(1, "hi", msgSource=source)):
                assert isinstance(found, Message)
                self.assertEqual(found.source, MessageSource())
                self.assertEqual(found.mentions, ())
