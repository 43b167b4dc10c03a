"""The pictures of codes."""

from __future__ import annotations

import json

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.pictures import qr_picture
from padchat_twisted.service.qrcode import decode_picture, read_code


class PictureTests(SynchronousTestCase):
    """What is drawn."""

    def test_reads_back(self) -> None:
        """What is drawn can be read, whatever address it is."""
        for content in ("http://127.0.0.1:7700/x/0123456789abcdef", "https://h/x/密"):
            self.assertEqual(read_code(decode_picture(qr_picture(content))), content)

    def test_json(self) -> None:
        """The picture is text that JSON holds as it is."""
        picture = qr_picture("x")
        self.assertEqual(json.loads(json.dumps(picture)), picture)
        self.assertTrue(picture.isascii())
