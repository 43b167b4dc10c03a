"""The files of messages."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    GetMsgImage,
    GetMsgVideo,
    GetMsgVoice,
    MessageImage,
    MessageVideo,
    MessageVoice,
)
from padchat_twisted.wire import json_text


class MediaTests(SynchronousTestCase):
    """What is handed back to the gateway, and what comes."""

    def test_without_thumbnail(self) -> None:
        """The item goes back as it came, but for the file in it."""
        item = {"msgId": "1", "msgType": 3, "data": "/9j/", "odd": [1]}
        for kind in (GetMsgImage, GetMsgVideo, GetMsgVoice):
            command = kind(item)
            self.assertEqual(
                json_text.write(command),
                b'{"rawMsgData":{"msgId":"1","msgType":3,"odd":[1]}}',
            )
            self.assertIsNone(command.problem("sdk"))
            self.assertFalse(command.changes_world)
        self.assertIn("data", item)

    def test_content(self) -> None:
        """The file is decoded, with a data URL in front or without."""
        for head in ("", "data:image/jpeg;base64,"):
            text = f"{head}/9j/"
            for found in (
                MessageImage(image=text),
                MessageVideo(video=text),
                MessageVoice(voice=text),
            ):
                self.assertEqual(found.content, b"\xff\xd8\xff")
                self.assertNotIn("9j", repr(found))

    def test_no_file(self) -> None:
        """What is no base64 is told so."""
        for found in (MessageImage(image="?"), MessageVideo(video="?")):
            with self.assertRaises(ValueError):
                _ = found.content
