"""Media in messages: what is known of them before they are fetched."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    EmoticonMessage,
    GetMsgImage,
    ImageMessage,
    ShortVideo,
    VideoMessage,
    VoiceMessage,
)
from padchat_twisted.wire import json_text

from .kind_examples import xml
from .pushed import each_way, message


class SizeTests(SynchronousTestCase):
    """Sizes and lengths."""

    def test_known(self) -> None:
        """They come from the XML."""
        for number, tag in ((3, "img"), (34, "voicemsg"), (43, "videomsg")):
            content = "<msg>" + xml(tag, length="7", voicelength="3120") + "</msg>"
            for found in each_way(message(number, content)):
                assert isinstance(found, ImageMessage | VoiceMessage | VideoMessage)
                self.assertEqual(found.size, 7)
                if isinstance(found, VoiceMessage):
                    self.assertEqual(found.milliseconds, 3120)

    def test_unknown(self) -> None:
        """Where it says nothing, or cannot be read, they are not known."""
        for number, tag in ((3, "img"), (34, "voicemsg"), (62, "videomsg")):
            for content in (f"<msg><{tag} /></msg>", "", "<msg", "<msg />"):
                for found in each_way(message(number, content)):
                    assert isinstance(found, ImageMessage | VoiceMessage | ShortVideo)
                    self.assertIsNone(found.size)
                    if isinstance(found, VoiceMessage):
                        self.assertIsNone(found.milliseconds)

    def test_in_a_room(self) -> None:
        """In a room the writer stands in front of the XML."""
        content = "wxid_a:\n<msg>" + xml("emoji", len="3") + "</msg>"
        for found in each_way(message(47, content, fromUser="1@chatroom")):
            assert isinstance(found, EmoticonMessage)
            assert found.details is not None
            self.assertEqual((found.details.length, found.sender), (3, "wxid_a"))


class ImageTests(SynchronousTestCase):
    """What ``GetMsgImage`` takes."""

    def test_raw_msg_data(self) -> None:
        """The item as it came, without its thumbnail."""
        item = {**message(3, "<msg />", data="/9j/"), "brandNew": [1]}
        for found in each_way(item):
            assert isinstance(found, ImageMessage)
            self.assertEqual(found.data, "/9j/")
            written = json_text.read(json_text.write(GetMsgImage(found.raw_msg_data)))
            self.assertEqual(written, {"rawMsgData": found.raw_msg_data})
            self.assertNotIn("data", found.raw_msg_data)

    def test_made_by_hand(self) -> None:
        """An image that did not come over a wire has nothing to hand back."""
        self.assertEqual(ImageMessage().raw_msg_data, {})
