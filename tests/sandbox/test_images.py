"""Tests of padchat_twisted.sandbox.images: the pictures that were sent."""

from __future__ import annotations

import base64

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.images import (
    MAX_IMAGE_BYTES,
    MAX_KEPT_IMAGE_BYTES,
    MAX_SMALL_IMAGE_BYTES,
    ImageShelf,
    small_image_of,
)
from padchat_twisted.sandbox.people import Refused


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


class ImageShelfTests(SynchronousTestCase):
    """The full pictures."""

    def test_only_for_those_concerned(self) -> None:
        """Sender and receivers get the picture, others do not."""
        shelf = ImageShelf()
        shelf.put("1", b"picture", ["wxid_a", "wxid_b"])
        self.assertEqual(shelf.get("1", "wxid_a"), b"picture")
        self.assertEqual(shelf.get("1", "wxid_b"), b"picture")
        self.assertIsNone(shelf.get("1", "wxid_c"))
        self.assertIsNone(shelf.get("2", "wxid_a"))

    def test_bounded(self) -> None:
        """At the limit all are kept; a byte more and the oldest goes."""
        shelf = ImageShelf()
        image = bytes(MAX_IMAGE_BYTES)
        count = MAX_KEPT_IMAGE_BYTES // MAX_IMAGE_BYTES
        for number in range(count):
            shelf.put(str(number), image, ["wxid_a"])
        rest = MAX_KEPT_IMAGE_BYTES - count * MAX_IMAGE_BYTES
        shelf.put("rest", bytes(rest), ["wxid_a"])
        self.assertIsNotNone(shelf.get("0", "wxid_a"))
        shelf.put("more", b"1", ["wxid_a"])
        self.assertIsNone(shelf.get("0", "wxid_a"))
        self.assertIsNotNone(shelf.get("1", "wxid_a"))
        self.assertEqual(shelf.get("more", "wxid_a"), b"1")
