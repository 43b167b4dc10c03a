"""Two roles of the pure core joined in memory, and the pair that joins them."""

from __future__ import annotations

from collections.abc import Sequence

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import Disconnected
from padchat_twisted.wire import socketio
from padchat_twisted.wire.occurrences import (
    ErrorReceived,
    NamespaceJoined,
    NamespaceLeft,
    NamespaceRequested,
    SocketAck,
    SocketEvent,
)

from .joined import OPEN_PACKET, pair


class JoinedTests(SynchronousTestCase):
    """A client and a server understand each other."""

    def test_joining(self) -> None:
        """Both sides agree on who is in which namespace."""
        joined = pair("/", "/user")
        self.assertEqual(
            joined.seen["server"],
            [NamespaceRequested("/"), NamespaceRequested("/user")],
        )
        self.assertEqual(
            joined.seen["client"], [NamespaceJoined("/"), NamespaceJoined("/user")]
        )
        self.assertEqual(joined.sent["client"], [b"40/user,"])
        self.assertEqual(joined.sent["server"], [OPEN_PACKET, b"40", b"40/user,"])

    def test_refusing(self) -> None:
        """A refusal arrives as one; the client may ask again."""
        joined = pair("/user", accepts=False)
        joined.server.refuse("/user", b'"no"')
        joined.turn()
        refused = ErrorReceived("/user", b'"no"', is_refusal=True)
        self.assertEqual(joined.seen["client"], [refused])
        joined.client.join("/user")
        joined.turn()
        joined.server.accept("/user")
        joined.turn()
        self.assertEqual(joined.seen["client"][-1], NamespaceJoined("/user"))

    def test_what_one_says_the_other_hears(self) -> None:
        """Events and answers arrive as they were, attachments included."""
        joined = pair("/user")
        said: Sequence[list[object]] = (
            ["push", {"list": [{"内容": "lone \ud83d", "b": b"\x00\xff"}]}],
            ["two", b"", [b"1", {"deep": b"2"}]],
            ["", None, True, 1.5, 2**53],
        )
        for here, there, name in (
            (joined.client, joined.server, "server"),
            (joined.server, joined.client, "client"),
        ):
            for number, arguments in enumerate(said):
                body, attachments = socketio.encode_arguments(arguments)
                here.emit("/user", body, ack_id=number, attachments=attachments)
                joined.turn()
                event = joined.seen[name][-1]
                assert isinstance(event, SocketEvent)
                read = socketio.decode_arguments(event.body, event.attachments)
                self.assertEqual(read, arguments)
                self.assertEqual((event.name, event.ack_id), (arguments[0], number))
                there.acknowledge("/user", number, body, attachments)
                joined.turn()
                ack = joined.seen["client" if name == "server" else "server"][-1]
                self.assertEqual(ack, SocketAck("/user", number, body, attachments))

    def test_a_day_of_silence(self) -> None:
        """The heartbeat alone keeps both sides up, at its pace."""
        joined = pair("/user")
        before = len(joined.sent["client"])
        joined.advance(24 * 3600.0)
        self.assertEqual(joined.closed, {})
        pings = joined.sent["client"][before:]
        self.assertEqual(pings, [b"2"] * (24 * 3600 // 25))
        self.assertEqual(joined.sent["server"].count(b"3"), len(pings))

    def test_client_closes(self) -> None:
        """Both sides see the end, each with its own reason."""
        joined = pair("/user")
        joined.client.close(now=joined.now)
        joined.turn()
        self.assertEqual(
            joined.seen["server"][-2:],
            [
                NamespaceLeft("/user", "client namespace disconnect"),
                NamespaceLeft("/", "transport close"),
            ],
        )
        self.assertEqual(joined.closed["client"].reason, "io client disconnect")
        self.assertIsNone(joined.closed["client"].error)
        self.assertIsInstance(joined.closed["server"].error, Disconnected)

    def test_server_closes(self) -> None:
        """A client whose only namespace is left closes; the end is in good order."""
        joined = pair("/user")
        joined.server.close(now=joined.now)
        joined.turn()
        left = NamespaceLeft("/user", "io server disconnect")
        self.assertEqual(joined.seen["client"][-1], left)
        self.assertEqual(joined.closed["server"].reason, "forced server close")
        self.assertEqual(joined.closed["client"].reason, "io server disconnect")
        self.assertIsNone(joined.closed["client"].error)

    def test_leave_and_come_back(self) -> None:
        """A namespace can be left and joined again on the same connection."""
        joined = pair("/", "/user")
        for _ in range(3):
            joined.client.leave("/user", now=joined.now)
            joined.turn()
            joined.client.join("/user")
            joined.turn()
        joined.client.emit("/user", b'["a"]')
        joined.turn()
        self.assertEqual(joined.seen["server"][-1], SocketEvent("/user", "a", b'["a"]'))
        self.assertEqual(joined.closed, {})
