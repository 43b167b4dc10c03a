"""Connection state recovery: what a client asks for, and what an offset is."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.socketio.recovery import Recovery


class RecoveryTests(SynchronousTestCase):
    """As in the vectors eio4-*-state-recovery."""

    def test_as_recorded(self) -> None:
        """The id of the session and the last offset are asked for, then it is ours."""
        recovery = Recovery()
        self.assertFalse(recovery.is_possible)
        self.assertEqual(recovery.wish(), {})
        self.assertFalse(recovery.begin("MyXIXwUNCzylyWoCAABC"))
        self.assertTrue(recovery.is_possible)
        self.assertEqual(recovery.wish(), {"pid": "MyXIXwUNCzylyWoCAABC"})
        arguments: list[Any] = ["one", "Q8B-YRK"]
        recovery.take_offset(arguments)
        self.assertEqual(arguments, ["one"])
        self.assertEqual(
            recovery.wish(), {"pid": "MyXIXwUNCzylyWoCAABC", "offset": "Q8B-YRK"}
        )
        self.assertTrue(recovery.begin("MyXIXwUNCzylyWoCAABC"))
        self.assertEqual(recovery.wish()["offset"], "Q8B-YRK")

    def test_another_session(self) -> None:
        """A server that forgot us begins another one, and the old offset is void."""
        recovery = Recovery()
        recovery.begin("a")
        recovery.take_offset(["Q8B-YRK"])
        self.assertFalse(recovery.begin("b"))
        self.assertEqual(recovery.wish(), {"pid": "b"})

    def test_a_server_that_keeps_nothing(self) -> None:
        """Without an id there is nothing to ask for."""
        recovery = Recovery()
        recovery.begin("a")
        self.assertFalse(recovery.begin(""))
        self.assertFalse(recovery.is_possible)
        self.assertEqual(recovery.wish(), {})

    def test_what_is_no_offset(self) -> None:
        """Texts that do not look like one, and other values, stay arguments."""
        recovery = Recovery()
        recovery.begin("a")
        for last in ("short", "two words", "中文中文中文中文", "x" * 65, 1234567, None):
            arguments: list[Any] = ["one", last]
            recovery.take_offset(arguments)
            self.assertEqual(arguments, ["one", last])
        empty: list[Any] = []
        recovery.take_offset(empty)
        self.assertEqual(recovery.wish(), {"pid": "a"})

    def test_offsets_of_other_adapters(self) -> None:
        """An id of a Redis stream and one of MongoDB look like offsets too."""
        recovery = Recovery()
        recovery.begin("a")
        for offset in ("1700000000000-0", "65a1b2c3d4e5f60718293a4b", "Q8B-YRK.1"):
            arguments: list[Any] = [offset]
            recovery.take_offset(arguments)
            self.assertEqual(recovery.wish()["offset"], offset)
            self.assertEqual(arguments, [])
