"""Tests of padchat_twisted.sandbox.messages: ids, and how a delivery is counted."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.messages import Delivery, new_message_id

from .stage import Stage, repeatable_hex


class MessageIdTests(SynchronousTestCase):
    """Ids that are made at random."""

    @settings(database=None, deadline=None, max_examples=200)
    @given(st.binary(min_size=8, max_size=8))
    def test_message_ids_are_large(self, drawn: bytes) -> None:
        """An id has 63 bits, and no floating-point number can hold most of them."""
        message_id = int(new_message_id(lambda size: drawn[:size].hex()))
        self.assertGreaterEqual(message_id, 2**62)
        self.assertLess(message_id, 2**63)

    def test_message_ids_differ(self) -> None:
        """Each id is another one."""
        random_hex = repeatable_hex()
        ids = {new_message_id(random_hex) for _ in range(1000)}
        self.assertEqual(len(ids), 1000)


class DeliveryTests(SynchronousTestCase):
    """A message on its way to one reader."""

    def setUp(self) -> None:
        """Have a message."""
        world = Stage().world
        world.person("bob")
        self.alice = world.person("alice")
        self.message = self.alice.says("private words", to="bob")

    def test_first_push_counts(self) -> None:
        """The time of the first push stays, whatever follows."""
        delivery = Delivery(self.message, is_kept=True, pushed_at=1.0)
        delivery.pushed(5.0)
        delivery.pushed(9.0)
        self.assertEqual((delivery.is_kept, delivery.pushed_at), (False, 5.0))

    def test_shown(self) -> None:
        """A text is shown as it is, XML by what stands for it."""
        self.assertEqual(self.message.shown, "private words")
        link = self.alice.sends_link("http://a.invalid/", title="News", to="bob")
        self.assertEqual(link.shown, "[link] News")

    def test_repr_has_no_text(self) -> None:
        """The repr of a message tells who and what, and no text."""
        self.assertNotIn("private", repr(self.message))
