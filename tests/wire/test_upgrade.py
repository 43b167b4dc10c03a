"""Tests of padchat_twisted.wire.engineio_connection: from polling to WebSocket.

That nothing is lost whatever the order is in test_interleaving.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.engineio import EIO3, EIO4
from padchat_twisted.wire.engineio_connection import EngineIOConnection
from padchat_twisted.wire.limits import NOOP_SECONDS, OPEN_TIMEOUT, UPGRADE_TIMEOUT
from padchat_twisted.wire.told import (
    HttpResponse,
    Role,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
)

from .pollers import (
    BOTH,
    REVISIONS,
    body,
    client,
    get,
    handshake,
    open_body,
    polling_client,
    polling_server,
    post,
    shown,
)


def taken(connection: EngineIOConnection) -> list[str]:
    """Say what a connection asks for."""
    return shown(connection.actions_to_take())


def frame(connection: EngineIOConnection, text: str, now: float = 1.0) -> list[bytes]:
    """Tell of a message of the WebSocket; return what comes out."""
    told = WebSocketMessage(text.encode(), is_text=True)
    return [message.data for message in connection.receive(told, now=now)]


def answer(
    connection: EngineIOConnection, number: int, *packets: str, now: float = 1.0
) -> list[bytes]:
    """Answer a request; return what comes out."""
    content = body(*packets, revision=connection.revision) if packets else b"ok"
    told = HttpResponse(number, 200, (), content)
    return [message.data for message in connection.receive(told, now=now)]


class ClientTests(SynchronousTestCase):
    """A client that goes over, with poll 2 open."""

    def probing(self) -> EngineIOConnection:
        """Return one that has sent its probe."""
        connection = polling_client(BOTH)
        connection.receive(WebSocketOpened(), now=0.5)
        connection.actions_to_take()
        return connection

    def test_whole(self) -> None:
        """It probes, waits until no request is open, and says so."""
        connection = client(BOTH)
        connection.receive(HttpResponse(1, 200, (), open_body("websocket")), now=0.0)
        self.assertEqual(taken(connection), ["open websocket", "GET 2"])
        self.assertTrue(connection.is_upgrading)
        connection.receive(WebSocketOpened(), now=0.5)
        self.assertEqual(taken(connection), ["send 2probe"])
        connection.send_message(b"a", is_text=True)
        self.assertEqual(taken(connection), ["POST 3 4a"])
        frame(connection, "3probe")
        self.assertFalse(connection.is_writable)
        connection.send_message(b"b", is_text=True)
        self.assertEqual(taken(connection), [])
        self.assertEqual(answer(connection, 2, "4c"), [b"c"])
        self.assertEqual(taken(connection), [])
        answer(connection, 3)
        self.assertEqual(taken(connection), ["send 5", "send 4b"])
        self.assertFalse(connection.is_upgrading)
        self.assertTrue(connection.is_writable)
        self.assertEqual(frame(connection, "4d"), [b"d"])
        connection.send_message(b"e", is_text=True)
        self.assertEqual(taken(connection), ["send 4e"])

    def test_not_offered(self) -> None:
        """It stays with polling when the server offers nothing else, or it is alone."""
        for transports, upgrades in ((BOTH, ()), (("polling",), ("websocket",))):
            connection = client(transports)
            opened = HttpResponse(1, 200, (), open_body(*upgrades))
            connection.receive(opened, now=0.0)
            self.assertEqual(taken(connection), ["GET 2"])
            self.assertFalse(connection.is_upgrading)

    def test_websocket_first(self) -> None:
        """One that begins with WebSocket does not poll when that fails."""
        connection = EngineIOConnection(
            Role.CLIENT, transports=("websocket", "polling")
        )
        connection.start(now=0.0)
        self.assertEqual(taken(connection), ["open websocket"])
        connection.receive(WebSocketClosed(None, "HTTP 400"), now=1.0)
        self.assertEqual(
            taken(connection), ["closed: transport close, HandshakeRefused"]
        )

    def test_refused(self) -> None:
        """Polling goes on when the WebSocket cannot be opened, or closes."""
        for connection in (polling_client(BOTH), self.probing()):
            connection.receive(WebSocketClosed(None, "HTTP 400"), now=1.0)
            self.assertFalse(connection.is_upgrading)
            self.assertEqual(taken(connection), [])
            answer(connection, 2, "4a")
            self.assertEqual(taken(connection), ["GET 3"])

    def test_other_answer(self) -> None:
        """Another packet than the pong of the probe ends the WebSocket alone."""
        for text in ("3", "3other", "4hi", "6", "9", ""):
            connection = self.probing()
            self.assertEqual(frame(connection, text), [])
            self.assertEqual(taken(connection), ["close"])
            self.assertTrue(connection.is_open)
            answer(connection, 2, "4a")
            self.assertEqual(taken(connection), ["GET 3"])

    def test_given_up_while_waiting(self) -> None:
        """What waited for the WebSocket goes by polling after all."""
        connection = self.probing()
        frame(connection, "3probe")
        connection.send_message(b"a", is_text=True)
        self.assertEqual(taken(connection), [])
        connection.receive(WebSocketClosed(), now=1.0)
        self.assertEqual(taken(connection), ["POST 3 4a"])

    def test_deadline(self) -> None:
        """An upgrade that does not come about in time is given up."""
        for asked in (False, True):
            connection = polling_client(BOTH)
            if asked:
                connection.receive(WebSocketOpened(), now=0.5)
                connection.actions_to_take()
            self.assertEqual(connection.next_deadline(), OPEN_TIMEOUT)
            connection.deadline_reached(now=OPEN_TIMEOUT - 0.1)
            self.assertTrue(connection.is_upgrading)
            connection.deadline_reached(now=OPEN_TIMEOUT)
            self.assertFalse(connection.is_upgrading)
            self.assertEqual(taken(connection), ["close"] if asked else [])
            connection.receive(WebSocketOpened(), now=21.0)
            self.assertEqual(taken(connection), [])

    def test_close(self) -> None:
        """A close in the middle goes by polling, and the WebSocket is dropped."""
        connection = self.probing()
        frame(connection, "3probe")
        connection.close("io client disconnect", now=1.0)
        self.assertEqual(taken(connection), ["close", "POST 3 1"])
        answer(connection, 2, "6")
        answer(connection, 3)
        self.assertEqual(taken(connection), ["closed: io client disconnect, NoneType"])

    def test_heartbeat_ends_both(self) -> None:
        """A silent server ends the upgrade with the session, once."""
        connection = self.probing()
        connection.deadline_reached(now=100.0)
        said = ["close", "closed: ping timeout, Disconnected"]
        self.assertEqual(taken(connection), said)
        self.assertFalse(connection.is_upgrading)


class ServerTests(SynchronousTestCase):
    """A server whose client goes over, with poll 2 waiting."""

    def probed(self, revision: int = EIO4) -> EngineIOConnection:
        """Return one that has answered the probe at 1."""
        connection = polling_server(revision=EIO4 if revision == EIO4 else EIO3)
        connection.receive(get(2), now=0.5)
        connection.receive(WebSocketOpened(), now=0.9)
        frame(connection, "2probe")
        return connection

    def test_offer(self) -> None:
        """WebSocket is offered to who polls, if it is there; not on a WebSocket."""
        for transports, said in ((BOTH, True), (("polling",), False)):
            connection = EngineIOConnection(
                Role.SERVER, transports=transports, handshake=handshake()
            )
            connection.start(now=0.0)
            connection.receive(get(1), now=0.0)
            self.assertEqual('"upgrades":["websocket"]' in taken(connection)[0], said)
        connection = EngineIOConnection(
            Role.SERVER, transports=BOTH, handshake=handshake()
        )
        connection.start(now=0.0)
        connection.receive(WebSocketOpened(), now=0.0)
        self.assertIn('"upgrades":[]', taken(connection)[0])

    def test_whole(self) -> None:
        """It answers the probe, ends the poll, and goes over when it is told."""
        for revision, noop in ((EIO3, "1:6"), (EIO4, "6")):
            connection = self.probed(revision)
            self.assertEqual(taken(connection), ["send 3probe"])
            self.assertEqual(connection.next_deadline(), 1.0 + NOOP_SECONDS)
            connection.deadline_reached(now=1.0 + NOOP_SECONDS - 0.01)
            self.assertEqual(taken(connection), [])
            connection.deadline_reached(now=1.0 + NOOP_SECONDS)
            self.assertEqual(taken(connection), [f"200 2 {noop}"])
            connection.send_message(b"a", is_text=True)
            self.assertEqual(taken(connection), [])
            frame(connection, "5", now=2.0)
            self.assertEqual(taken(connection), ["send 4a"])
            self.assertFalse(connection.is_upgrading)
            self.assertEqual(frame(connection, "4b", now=2.0), [b"b"])
            self.assertGreater(connection.heard(2.0), 0)

    def test_message_ends_the_poll(self) -> None:
        """What is sent while the poll waits goes by it, so no noop is needed."""
        connection = self.probed()
        connection.send_message(b"a", is_text=True)
        self.assertEqual(taken(connection), ["send 3probe", "200 2 4a"])
        connection.deadline_reached(now=1.0 + NOOP_SECONDS)
        self.assertEqual(taken(connection), [])

    def test_poll_after_the_noop(self) -> None:
        """A poll that comes later is ended as well."""
        connection = self.probed()
        connection.deadline_reached(now=1.0 + NOOP_SECONDS)
        connection.actions_to_take()
        connection.receive(get(3), now=1.15)
        connection.actions_to_take()
        deadline = connection.next_deadline()
        assert deadline is not None
        connection.deadline_reached(now=deadline)
        self.assertEqual(taken(connection), ["200 3 6"])

    def test_poll_at_the_end(self) -> None:
        """A poll that still waits when polling ends is answered."""
        connection = self.probed()
        connection.actions_to_take()
        frame(connection, "5")
        self.assertEqual(taken(connection), ["200 2 6"])

    def test_without_probe(self) -> None:
        """An upgrade packet alone is enough."""
        connection = polling_server()
        connection.receive(WebSocketOpened(), now=0.9)
        frame(connection, "5")
        self.assertFalse(connection.is_upgrading)
        self.assertEqual(frame(connection, "4a"), [b"a"])

    def test_other_packet(self) -> None:
        """Any other packet ends the WebSocket alone."""
        for text in ("2", "2other", "3probe", "4hi", "6", "9", ""):
            connection = polling_server()
            connection.receive(WebSocketOpened(), now=0.9)
            self.assertEqual(frame(connection, text), [])
            self.assertEqual(taken(connection), ["close"])
            self.assertFalse(connection.is_upgrading)
            connection.receive(post(3, "4a"), now=1.0)
            self.assertEqual(taken(connection), ["200 3 ok"])

    def test_deadline(self) -> None:
        """A client that does not go over in time loses its WebSocket, and polls on."""
        connection = self.probed()
        connection.actions_to_take()
        connection.deadline_reached(now=0.9 + UPGRADE_TIMEOUT - 0.01)
        self.assertTrue(connection.is_upgrading)
        connection.actions_to_take()
        connection.deadline_reached(now=0.9 + UPGRADE_TIMEOUT)
        self.assertFalse(connection.is_upgrading)
        self.assertEqual(taken(connection), ["close"])
        self.assertTrue(connection.is_open)

    def test_after_it(self) -> None:
        """Polling with that session is a bad request; the session goes on."""
        connection = self.probed()
        frame(connection, "5")
        connection.actions_to_take()
        bad = '400 {} {{"code":3,"message":"Bad request"}}'
        for request in (get(8), post(8, "4a")):
            self.assertEqual(list(connection.receive(request, now=2.0)), [])
            self.assertEqual(taken(connection), [bad.format(8)])
        self.assertTrue(connection.is_open)

    def test_second_websocket(self) -> None:
        """Once a WebSocket is in use, another one changes nothing."""
        connection = self.probed()
        frame(connection, "5")
        connection.actions_to_take()
        connection.receive(WebSocketOpened(), now=2.0)
        self.assertFalse(connection.is_upgrading)
        self.assertEqual(taken(connection), [])

    def test_close(self) -> None:
        """A close in the middle goes by the poll, and the WebSocket is dropped."""
        connection = self.probed()
        connection.actions_to_take()
        connection.close("forced server close", now=1.0)
        said = ["close", "200 2 1", "closed: forced server close, NoneType"]
        self.assertEqual(taken(connection), said)

    def test_heartbeat_afterwards(self) -> None:
        """A client that falls silent after it went over is found."""
        for revision in REVISIONS:
            connection = self.probed(revision)
            frame(connection, "5")
            connection.actions_to_take()
            for _ in range(4):
                deadline = connection.next_deadline()
                if deadline is None:
                    break
                connection.deadline_reached(now=deadline)
            said = ["close", "closed: ping timeout, Disconnected"]
            self.assertEqual(taken(connection)[-2:], said)
