"""The factories of WebSockets."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.transport.factories import ClientFactory, ServerFactory
from padchat_twisted.wire.told import WebSocketClosed, WebSocketOpened

from .by_hand import UPGRADE_REQUEST
from .driving import client
from .in_memory import MemoryTransport, Recorder, Side, open_client, open_server


class ClientFactoryTests(SynchronousTestCase):
    """The factory of a client's one WebSocket."""

    def test_too_late(self) -> None:
        """For a driver that is over, nothing is built."""
        running = client()
        url = "ws://gateway.invalid:1/"
        factory = ClientFactory(running.clock, url, running.driver, max_frame=1)
        running.driver.start()
        running.driver.drop()
        self.assertIsNone(factory.buildProtocol(None))


class ServerFactoryTests(SynchronousTestCase):
    """The factory of a server's WebSockets."""

    def test_one_driver_each(self) -> None:
        """A WebSocket is only built for a driver that waits for it."""
        side = Side(hears_client=True)
        factory = side.websocket.factory
        with self.assertRaises(LocalProtocolError):
            factory.buildProtocol(None)

    def test_bad_handshake(self) -> None:
        """A request without a key is answered 400, and the driver is told."""
        driver = Recorder()
        factory = ServerFactory(Clock(), max_frame=1)
        factory.next_driver = driver
        websocket = factory.buildProtocol(None)
        transport = MemoryTransport()
        websocket.makeConnection(transport)
        lines = UPGRADE_REQUEST.split(b"\r\n")
        request = b"\r\n".join(line for line in lines if b"Key" not in line)
        websocket.dataReceived(request)
        self.assertIn(b"HTTP/1.1 400 ", transport.taken())
        transport.finish(websocket)
        (told,) = driver.told
        assert isinstance(told, WebSocketClosed)
        self.assertIn("Sec-WebSocket-Key", told.reason)

    def test_opened_once(self) -> None:
        """The driver is told that the WebSocket is open, and there is a producer."""
        for opened in (open_client, open_server):
            driver = Recorder()
            _, transport = opened(driver)
            self.assertEqual(driver.told, [WebSocketOpened()])
            self.assertIsNotNone(transport.producer)
            self.assertTrue(transport.is_nodelay)
