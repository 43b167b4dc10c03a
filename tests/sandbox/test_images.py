"""Tests of padchat_twisted.sandbox.images: the small pictures."""

from __future__ import annotations

import base64

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.images import (
    MAX_IMAGE_BYTES,
    MAX_SMALL_IMAGE_BYTES,
    small_image_of,
)
from padchat_twisted.sandbox.refusals import Refused


class SmallImageTests(SynchronousTestCase):
    """The picture that is pushed with the message."""

    def test_small_is_its_own(self) -> None:
        """A picture up to the limit is its own small picture."""
        image = bytes(MAX_SMALL_IMAGE_BYTES)
        self.assertEqual(base64.b64decode(small_image_of(image)), image)

    def test_large_gets_a_jpeg(self) -> None:
        """One byte more, and a small JPEG stands for it."""
        small = base64.b64decode(small_image_of(bytes(MAX_SMALL_IMAGE_BYTES + 1)))
        self.assertEqual((small[:3], small[-2:]), (b"\xff\xd8\xff", b"\xff\xd9"))
        self.assertLess(len(small), 200)

    def test_given(self) -> None:
        """A small picture that is given is taken, up to its limit."""
        largest = bytes(MAX_SMALL_IMAGE_BYTES)
        self.assertEqual(base64.b64decode(small_image_of(b"large", b"s")), b"s")
        self.assertEqual(base64.b64decode(small_image_of(b"x", largest)), largest)
        self.assertRaises(Refused, small_image_of, b"x", largest + b"1")

    def test_limits(self) -> None:
        """No picture at all is refused, and one above the limit."""
        self.assertRaises(Refused, small_image_of, b"")
        small_image_of(bytes(MAX_IMAGE_BYTES))
        self.assertRaises(Refused, small_image_of, bytes(MAX_IMAGE_BYTES + 1))
