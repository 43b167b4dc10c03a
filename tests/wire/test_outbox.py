"""Tests of padchat_twisted.wire.engineio_connection: peers that take no packets."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.engineio import EIO3
from padchat_twisted.wire.engineio_connection import EngineIOConnection
from padchat_twisted.wire.limits import MAX_OUTBOX_BYTES, PACKET_BYTES

from .pollers import get, polling_client, polling_server, post, shown


def taken(connection: EngineIOConnection) -> list[str]:
    """Say what a connection asks for."""
    return shown(connection.actions_to_take())


class OutboxTests(SynchronousTestCase):
    """What cannot wait above, for a peer that takes nothing."""

    def test_pongs(self) -> None:
        """A client that pings and never polls is given up at the limit."""
        size = PACKET_BYTES
        fitting = MAX_OUTBOX_BYTES // size
        connection = polling_server(revision=EIO3)
        pings = ["2"] * 20
        for start in range(0, fitting - fitting % 20, 20):
            connection.receive(post(start + 2, *pings, revision=EIO3), now=1.0)
        for number in range(fitting % 20):
            connection.receive(post(5000 + number, "2", revision=EIO3), now=1.0)
        self.assertTrue(connection.is_open)
        connection.receive(post(9999, "2", revision=EIO3), now=1.0)
        self.assertEqual(taken(connection)[-1], "closed: transport error, Disconnected")

    def test_messages(self) -> None:
        """So is one that makes us say much, in messages that cannot wait above."""
        content = b"x" * (MAX_OUTBOX_BYTES - PACKET_BYTES)
        connection = polling_server()
        connection.send_message(content, is_text=True)
        self.assertTrue(connection.is_open)
        connection.send_message(b"", is_text=True)
        self.assertFalse(connection.is_open)

    def test_counted_elsewhere(self) -> None:
        """What waited above was counted there."""
        content = b"x" * MAX_OUTBOX_BYTES
        for connection in (polling_server(), polling_client()):
            connection.send_message(b"a", is_text=True)
            connection.actions_to_take()
            connection.send_message(content, is_text=True, is_counted=True)
            self.assertTrue(connection.is_open)

    def test_taken_in_time(self) -> None:
        """A poll starts the count anew."""
        connection = polling_server()
        content = b"x" * (MAX_OUTBOX_BYTES - PACKET_BYTES)
        for number in range(3):
            connection.send_message(content, is_text=True)
            connection.receive(get(2 + number), now=1.0)
            connection.actions_to_take()
        self.assertTrue(connection.is_open)
