"""The factories of WebSockets."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.transport.factories import ClientFactory, ServerFactory
from padchat_twisted.transport.websocket import ClientWebSocket
from padchat_twisted.wire.told import WebSocketClosed, WebSocketOpened

from ..wire.recorded import scenario
from .by_hand import UPGRADE_REQUEST, answer_upgrade
from .driving import client
from .in_memory import (
    DEFLATE,
    MemoryTransport,
    Recorder,
    Side,
    open_client,
    open_server,
)

URL = "ws://gateway.invalid:7700/socket.io/?EIO=3&transport=websocket"


def begun(
    driver: Recorder,
    url: str = URL,
    *,
    headers: Sequence[tuple[str, str]] = (),
    protocols: Sequence[str] = (),
    compress: bool = False,
) -> tuple[ClientWebSocket, MemoryTransport]:
    """Connect a client that has sent its head."""
    factory = ClientFactory(
        Clock(),
        url,
        driver,
        max_frame=1000,
        headers=headers,
        protocols=protocols,
        compress=compress,
    )
    websocket = factory.buildProtocol(None)
    assert websocket is not None
    transport = MemoryTransport()
    websocket.makeConnection(transport)
    return websocket, transport


def request_of(
    url: str = URL,
    *,
    headers: Sequence[tuple[str, str]] = (),
    protocols: Sequence[str] = (),
    compress: bool = False,
) -> str:
    """Return the head that a client sends."""
    _, transport = begun(
        Recorder(), url, headers=headers, protocols=protocols, compress=compress
    )
    return transport.taken().decode()


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

    def test_headers_that_are_none(self) -> None:
        """What the handshake sets itself, or no line can hold, is refused unsaid."""
        for name, value in (
            ("Host", "SECRET"),
            ("connection", "SECRET"),
            ("Sec-WebSocket-Key", "SECRET"),
            ("Sec-WebSocket-Protocol", "SECRET"),
            ("A:", "SECRET"),
            ("", "SECRET"),
            ("Cookie", "SECRET\r\nX: y"),
            ("Cookie", "SECRET\0"),
        ):
            with self.assertRaises(LocalProtocolError) as caught:
                request_of(headers=[(name, value)])
            self.assertIn(repr(name), str(caught.exception))
            self.assertNotIn("SECRET", str(caught.exception))


class HandshakeTests(SynchronousTestCase):
    """The HTTP head of a client."""

    def test_recorded(self) -> None:
        """It is the head that the clients for Node send, offer and all."""
        steps = scenario("eio3-ws-permessage-deflate").steps
        recorded = next(step for step in steps if step["kind"] == "http-request")
        head = request_of("ws://127.0.0.1:44413" + recorded["target"], compress=True)
        first, *lines = head.split("\r\n")[:-2]
        self.assertEqual(first, f"GET {recorded['target']} HTTP/1.1")
        ours = [(name, value) for name, _, value in (a.partition(": ") for a in lines)]
        varies = ("Sec-WebSocket-Key", "Host")
        self.assertEqual(
            [(name, "" if name in varies else value) for name, value in ours],
            [
                (name, "" if name in varies else value)
                for name, value in recorded["headers"]
            ],
        )
        self.assertEqual(len(b64decode(dict(ours)["Sec-WebSocket-Key"])), 16)

    def test_keys_differ(self) -> None:
        """Each handshake has a key of its own."""
        self.assertNotEqual(request_of(), request_of())

    def test_host(self) -> None:
        """The port is left out where it goes without saying; addresses of IPv6."""
        for url, host in (
            ("ws://h.invalid/", "h.invalid"),
            ("ws://h.invalid:80/", "h.invalid"),
            ("ws://h.invalid:443/", "h.invalid:443"),
            ("wss://h.invalid/", "h.invalid"),
            ("wss://h.invalid:80/", "h.invalid:80"),
            ("ws://[::1]:7700/", "[::1]:7700"),
            ("ws://[::1]/", "[::1]"),
        ):
            self.assertIn(f"\r\nHost: {host}\r\n", request_of(url))

    def test_headers_and_protocols(self) -> None:
        """Headers of the caller are sent as they are, and so are subprotocols."""
        head = request_of(
            headers=[("Cookie", "io=a; b=c"), ("X-A", "1"), ("X-A", "2")],
            protocols=["chat", "v2"],
        )
        self.assertIn("\r\nCookie: io=a; b=c\r\nX-A: 1\r\nX-A: 2\r\n", head)
        self.assertIn("\r\nSec-WebSocket-Protocol: chat,v2\r\n", head)
        self.assertNotIn("Sec-WebSocket-Protocol", request_of())

    def test_subprotocol_of_the_server(self) -> None:
        """One that was offered is taken; another one is refused."""
        for chosen, is_taken in ((b"v2", True), (b"v3", False)):
            driver = Recorder()
            websocket, transport = begun(driver, protocols=["chat", "v2"])
            line = b"Sec-WebSocket-Protocol: " + chosen + b"\r\n"
            answer = answer_upgrade(transport.taken(), more_headers=line)
            websocket.dataReceived(answer)
            transport.finish(websocket)
            self.assertEqual(driver.told == [WebSocketOpened()], is_taken)
            self.assertEqual(transport.disconnecting, not is_taken)

    def test_compression_is_asked_for_only_when_wanted(self) -> None:
        """Without the option there is no offer, and an answer with one is refused."""
        self.assertNotIn("Sec-WebSocket-Extensions", request_of())
        driver = Recorder()
        websocket, transport = begun(driver)
        websocket.dataReceived(answer_upgrade(transport.taken(), more_headers=DEFLATE))
        transport.finish(websocket)
        (told,) = driver.told
        assert isinstance(told, WebSocketClosed)
        self.assertIn("denied", told.reason)


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

    def test_compression(self) -> None:
        """A server compresses when both want it, as the client wants it."""
        offers = {
            b"permessage-deflate; client_max_window_bits": b"permessage-deflate",
            b"permessage-deflate; server_no_context_takeover": b"permessage-deflate"
            b"; server_no_context_takeover",
            b"permessage-deflate; server_max_window_bits=10": b"permessage-deflate"
            b"; server_max_window_bits=10",
            b"x-webkit-deflate-frame": None,
        }
        for offer, answer in offers.items():
            for compress in (True, False):
                factory = ServerFactory(Clock(), max_frame=1, compress=compress)
                factory.next_driver = Recorder()
                websocket = factory.buildProtocol(None)
                transport = MemoryTransport()
                websocket.makeConnection(transport)
                line = b"Sec-WebSocket-Extensions: " + offer + b"\r\n\r\n"
                websocket.dataReceived(UPGRADE_REQUEST[:-2] + line)
                head = transport.taken()
                self.assertIn(b"HTTP/1.1 101 ", head)
                if compress and answer:
                    wanted = b"Sec-WebSocket-Extensions: " + answer + b"\r\n"
                    self.assertIn(wanted, head)
                else:
                    self.assertNotIn(b"Sec-WebSocket-Extensions", head)

    def test_opened_once(self) -> None:
        """The driver is told that the WebSocket is open, and there is a producer."""
        for opened in (open_client, open_server):
            driver = Recorder()
            _, transport = opened(driver)
            self.assertEqual(driver.told, [WebSocketOpened()])
            self.assertIsNotNone(transport.producer)
            self.assertTrue(transport.is_nodelay)
