"""The ``/socket.io/`` resource: how connections end, CORS, and the cookie."""

from __future__ import annotations

from typing import Any

from padchat_twisted.transport.cors import Cors
from padchat_twisted.wire.limits import OPEN_TIMEOUT

from .by_hand import close_frame
from .http_by_hand import UPGRADE, Served
from .resource_case import POLLING, ROOT, WEBSOCKET, ResourceTestCase, code_of


class EndTests(ResourceTestCase):
    """The server ends connections."""

    def test_close_all(self) -> None:
        """``close_all`` leaves each client in good order."""
        tcp = self.opened()
        tcp.hear()
        url = self.shake_hands()
        poll = self.server.connect()
        poll.ask(url)
        self.sockets.close_all()
        self.assertEqual(tcp.hear(), [b"41", b""])
        (answer,) = poll.answers()
        self.assertEqual(answer.body, b"2:411:1")
        tcp.write(close_frame(None, is_client=True))
        tcp.finish()
        for served in self.server.served:
            self.assertEqual(served.closed_with, [("forced server close", None)])
        self.assertEqual(code_of(self.server.get(url)), 1)

    def test_drop_all(self) -> None:
        """``drop_all`` says nothing to anybody, and every TCP connection ends."""
        tcp, poll = self.opened(), self.server.connect()
        tcp.hear()
        poll.ask(self.shake_hands())
        self.sockets.drop_all()
        self.assertEqual(poll.answers(), [])
        self.assertEqual(tcp.transport.taken(), b"")
        for one in (tcp, poll):
            self.assertTrue(one.transport.disconnecting)
            one.finish()
        self.assertEqual(self.sockets.drivers, set())
        self.assertEqual([len(s.closed_with) for s in self.server.served], [1, 1])

    def test_dropped_at_once(self) -> None:
        """Who serves may drop a client at once, and nothing is left."""

        class Dropping(Served):
            def begin(self, driver: Any, connection: Any) -> None:  # noqa: ANN401
                super().begin(driver, connection)
                driver.drop()

        self.build(serve=Dropping)
        self.assertEqual(code_of(self.server.get(POLLING)), 1)
        self.assertEqual(self.sockets.drivers, set())

    def test_websocket_that_never_opens(self) -> None:
        """A connection whose WebSocket never opens has its time."""
        self.server.get(WEBSOCKET, headers=UPGRADE[:-1])
        self.clock.advance(OPEN_TIMEOUT)
        self.assertEqual(self.sockets.drivers, set())


class CorsTests(ResourceTestCase):
    """What browsers are told about pages of other origins."""

    ORIGIN = ("Origin", "https://shop.example")

    def test_none(self) -> None:
        """Without the option nothing is said. Source: raw-server4-cors."""
        answer = self.server.get(POLLING, headers=[self.ORIGIN])
        for name, _ in answer.headers:
            self.assertFalse(name.lower().startswith("access-control"), name)

    def test_every_answer(self) -> None:
        """Errors have the headers too, or a page could not read them."""
        self.build(cors=Cors(("https://shop.example",), allows_credentials=True))
        for target in (POLLING, f"{POLLING}&sid=sid1", f"{POLLING}&sid=x", ROOT):
            tcp = self.server.connect()
            tcp.ask(target, headers=[self.ORIGIN])
            if target.endswith("sid1"):
                self.server.served[0].push(b'["a"]')
            (answer,) = tcp.answers()
            self.assertEqual(
                answer.header("access-control-allow-origin"), "https://shop.example"
            )
            self.assertEqual(answer.header("access-control-allow-credentials"), "true")
            self.assertEqual(answer.header("vary"), "Origin")

    def test_preflight(self) -> None:
        """OPTIONS is answered by itself. Source: raw-server4-cors-configured."""
        self.build(cors=Cors(allowed_headers=("x-token",)))
        url = self.shake_hands()
        for target in (POLLING, url, ROOT):
            answer = self.server.get(
                target,
                method="OPTIONS",
                headers=[self.ORIGIN, ("Access-Control-Request-Headers", "x-token")],
            )
            self.assertEqual((answer.status, answer.body), (204, b""))
            self.assertEqual(answer.header("access-control-allow-origin"), "*")
            self.assertEqual(answer.header("access-control-allow-methods"), "GET,POST")
            self.assertEqual(answer.header("access-control-allow-headers"), "x-token")
        self.assertEqual(len(self.server.served), 1)


class CookieTests(ResourceTestCase):
    """The cookie for load balancers."""

    def test_none(self) -> None:
        """Without the option there is none."""
        self.assertIsNone(self.server.get(POLLING).header("set-cookie"))

    def test_handshake(self) -> None:
        """The answer to a handshake has it, and no other. Source: eio4-*-cookie."""
        self.build(cookie="io")
        answer = self.server.get(POLLING)
        self.assertEqual(
            answer.header("set-cookie"), "io=sid1; Path=/; HttpOnly; SameSite=Lax"
        )
        answer = self.server.get(f"{POLLING}&sid=sid1", b"1:2")
        self.assertIsNone(answer.header("set-cookie"))
        self.assertIsNone(self.server.get(ROOT).header("set-cookie"))
        tcp = self.server.connect()
        self.assertIsNone(tcp.get(WEBSOCKET, headers=UPGRADE).header("set-cookie"))
