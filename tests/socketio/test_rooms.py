"""Rooms: who is where, both ways round."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.socketio.rooms import MAX_ROOMS, Rooms


class RoomsTests(SynchronousTestCase):
    """Entering, leaving and looking."""

    def setUp(self) -> None:
        """Make rooms."""
        self.rooms: Rooms[str] = Rooms()

    def test_members_of_several_rooms_come_once(self) -> None:
        """Who is in two of the rooms is found once, in the order of entering."""
        for member, room in [("b", "x"), ("a", "x"), ("a", "y"), ("c", "y")]:
            self.rooms.enter(member, room)
        self.assertEqual(self.rooms.members(["x", "y", "z"]), ["b", "a", "c"])

    def test_entering_twice_is_being_there_once(self) -> None:
        """A second entry changes nothing, and one leave takes the member out."""
        self.rooms.enter("a", "x")
        self.rooms.enter("a", "x")
        self.rooms.leave("a", "x")
        self.assertEqual(self.rooms.members(["x"]), [])

    def test_rooms_of_a_member(self) -> None:
        """A member knows its rooms, and only its own."""
        self.rooms.enter("a", "x")
        self.rooms.enter("a", "y")
        self.rooms.enter("b", "z")
        self.assertEqual(self.rooms.rooms_of("a"), {"x", "y"})
        self.assertEqual(self.rooms.rooms_of("nobody"), frozenset())

    def test_leaving_a_room_that_one_is_not_in(self) -> None:
        """It does nothing."""
        self.rooms.enter("b", "x")
        self.rooms.leave("a", "x")
        self.rooms.leave("a", "y")
        self.assertEqual(self.rooms.members(["x"]), ["b"])

    def test_nothing_is_kept_of_those_who_left(self) -> None:
        """An empty room is no room, whichever way it became empty."""
        self.rooms.enter("a", "x")
        self.rooms.enter("a", "y")
        self.rooms.enter("b", "y")
        self.rooms.leave("b", "y")
        self.rooms.leave_all("a")
        self.assertEqual(len(self.rooms), 0)
        self.assertEqual(self.rooms.rooms_of("a"), frozenset())

    def test_bound(self) -> None:
        """A member is in so many rooms at most; what others do is as it was."""
        for number in range(MAX_ROOMS):
            self.rooms.check_number("a", str(number))
            self.rooms.enter("a", str(number))
        self.assertEqual(len(self.rooms), MAX_ROOMS)
        with self.assertRaises(LocalProtocolError):
            self.rooms.check_number("a", "one more")
        self.rooms.check_number("a", "0")
        self.rooms.check_number("b", "one more")
        self.rooms.leave("a", "0")
        self.rooms.check_number("a", "one more")
