"""Tests of padchat_twisted.sandbox.shelf: the files of messages."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.shelf import MAX_KEPT_BYTES, MAX_KEPT_FILES, Medium, Shelf


class ShelfTests(SynchronousTestCase):
    """Who gets which file, and how long."""

    def test_only_for_those_concerned(self) -> None:
        """Sender and receivers get the file, others do not."""
        shelf = Shelf()
        shelf.put("1", Medium.IMAGE, b"picture", ["wxid_a", "wxid_b"])
        for user_name in ("wxid_a", "wxid_b"):
            self.assertEqual(shelf.get("1", Medium.IMAGE, user_name), b"picture")
        self.assertIsNone(shelf.get("1", Medium.IMAGE, "wxid_c"))
        self.assertIsNone(shelf.get("2", Medium.IMAGE, "wxid_a"))

    def test_medium(self) -> None:
        """A voice is no picture."""
        shelf = Shelf()
        shelf.put("1", Medium.VOICE, b"voice", ["wxid_a"])
        self.assertIsNone(shelf.get("1", Medium.IMAGE, "wxid_a"))
        self.assertEqual(shelf.get("1", Medium.VOICE, "wxid_a"), b"voice")

    def test_drop(self) -> None:
        """What is dropped is gone; to drop it again does nothing."""
        shelf = Shelf()
        shelf.put("1", Medium.VIDEO, b"video", ["wxid_a"])
        for _ in range(2):
            shelf.drop("1")
        self.assertIsNone(shelf.get("1", Medium.VIDEO, "wxid_a"))

    def test_bounded(self) -> None:
        """At the limit all are kept; a byte more and the oldest goes."""
        shelf = Shelf()
        half = bytes(MAX_KEPT_BYTES // 2)
        for number, medium in enumerate((Medium.IMAGE, Medium.VIDEO)):
            shelf.put(str(number), medium, half, ["wxid_a"])
        self.assertIsNotNone(shelf.get("0", Medium.IMAGE, "wxid_a"))
        shelf.put("more", Medium.VOICE, b"1", ["wxid_a"])
        self.assertIsNone(shelf.get("0", Medium.IMAGE, "wxid_a"))
        self.assertIsNotNone(shelf.get("1", Medium.VIDEO, "wxid_a"))
        self.assertEqual(shelf.get("more", Medium.VOICE, "wxid_a"), b"1")
        shelf.drop("1")
        shelf.put("again", Medium.IMAGE, half, ["wxid_a"])
        self.assertEqual(shelf.get("more", Medium.VOICE, "wxid_a"), b"1")

    def test_number(self) -> None:
        """Tiny ones are bounded by their number."""
        shelf = Shelf()
        for number in range(MAX_KEPT_FILES):
            shelf.put(str(number), Medium.VOICE, b"1", ["wxid_a"])
        self.assertIsNotNone(shelf.get("0", Medium.VOICE, "wxid_a"))
        shelf.put("more", Medium.VOICE, b"1", ["wxid_a"])
        self.assertIsNone(shelf.get("0", Medium.VOICE, "wxid_a"))
        self.assertIsNotNone(shelf.get("1", Medium.VOICE, "wxid_a"))
