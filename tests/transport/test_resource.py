"""The ``/socket.io/`` resource: who gets a connection, and which one is meant."""

from __future__ import annotations

import io
import json

from twisted.web.resource import IResource, Resource
from zope.interface.verify import verifyObject

from padchat_twisted.errors import HandshakeRefused
from padchat_twisted.transport.resource import FirstRequest, Forbidden
from padchat_twisted.wire.engineio import EIO3, EIO4

from .http_by_hand import UPGRADE, Served
from .resource_case import BOTH, POLLING, ROOT, WEBSOCKET, ResourceTestCase, code_of


class RefusalTests(ResourceTestCase):
    """Requests that get no connection."""

    def test_errors_of_engine_io(self) -> None:
        """Each wrong request has engine.io's code. Source: raw-server2-errors-http."""
        for target, how, code in (
            (f"{ROOT}?EIO=3", {}, 0),
            (ROOT, {}, 0),
            (f"{ROOT}?EIO=3&transport=constructor", {}, 0),
            (f"{ROOT}?EIO=4&transport=polling", {}, 5),
            (f"{POLLING}&sid=abc", {}, 1),
            (f"{POLLING}&sid=abc", {"body": b"6:4hello"}, 1),
            (POLLING, {"body": b""}, 2),
            (POLLING, {"method": "PUT"}, 2),
            (POLLING, {"method": "OPTIONS"}, 2),
            (WEBSOCKET, {}, 3),
            (WEBSOCKET, {"headers": [("Upgrade", "h2c")]}, 3),
        ):
            answer = self.server.get(target, **how)
            self.assertEqual((answer.status, code_of(answer)), (400, code), target)
        self.assertEqual(self.server.served, [])

    def test_errors_of_a_websocket(self) -> None:
        """Who asks for a WebSocket is told in words. Source: raw-*-errors-websocket."""
        for target, said in (
            (f"{WEBSOCKET}&sid=unknown", b"Session ID unknown"),
            (f"{ROOT}?EIO=3&transport=abc", b"Transport unknown"),
            (f"{ROOT}?EIO=4&transport=websocket", b"Unsupported protocol version"),
            (POLLING, b"Bad request"),
        ):
            tcp = self.server.connect()
            answer = tcp.get(target, headers=UPGRADE)
            self.assertEqual((answer.status, answer.body), (400, said))
            self.assertEqual(answer.header("content-type"), "text/html")
            self.assertEqual(answer.header("connection"), "close")
            self.assertTrue(tcp.transport.disconnecting)
        self.assertEqual(self.server.served, [])

    def test_an_upgrade_to_something_else(self) -> None:
        """Some clients offer HTTP/2 with each request; that is a poll like others."""
        self.assertEqual(
            self.server.get(POLLING, headers=[("Upgrade", "h2c")]).status, 200
        )

    def test_revisions(self) -> None:
        """A server speaks those revisions that it was told to; EIO is 4 or else 3."""
        for revisions, spoken in (
            (frozenset({EIO3}), "3"),
            (frozenset({EIO4}), "4"),
            (BOTH, "34"),
        ):
            self.build(revisions=revisions)
            for asked, revision in (("3", "3"), ("4", "4"), ("5", "3"), ("04", "3")):
                answer = self.server.get(f"{ROOT}?EIO={asked}&transport=polling")
                if revision in spoken:
                    self.assertEqual(answer.status, 200)
                    self.assertEqual(answer.body[:1] == b"0", revision == "4")
                else:
                    self.assertEqual(code_of(answer), 5)
            self.sockets.drop_all()

    def test_transports(self) -> None:
        """A transport that is not offered is unknown, and no upgrade to it either."""
        self.build(transports=("websocket",))
        self.assertEqual(code_of(self.server.get(POLLING)), 0)
        self.opened().lose()
        self.build(transports=("polling",))
        answer = self.server.get(WEBSOCKET, headers=UPGRADE)
        self.assertEqual(answer.body, b"Transport unknown")
        self.assertIn(b'"upgrades":[]', self.server.get(POLLING).body)

    def test_too_many(self) -> None:
        """Above the limit clients are refused, until another one has left."""
        self.build(max_connections=2)
        first = self.opened()
        url = self.shake_hands()
        self.assertEqual(self.server.get(POLLING).status, 503)
        answer = self.server.get(WEBSOCKET, headers=UPGRADE)
        self.assertEqual((answer.status, answer.body), (503, b"Too many connections"))
        self.assertEqual(self.server.get(url, b"1:2").status, 200)
        first.lose()
        self.assertEqual(self.server.get(POLLING).status, 200)
        self.assertEqual(len(self.server.served), 3)

    def test_idle_handshakes(self) -> None:
        """Who only shakes hands has a place until the heartbeat is missed."""
        self.build(max_connections=100)
        for _ in range(100):
            self.server.get(POLLING)
        self.assertEqual(self.server.get(POLLING).status, 503)
        self.clock.advance(44.9)
        self.assertEqual(len(self.sockets.drivers), 100)
        self.clock.advance(0.2)
        self.assertEqual(self.sockets.drivers, set())
        self.assertEqual(self.server.get(POLLING).status, 200)

    def test_forbidden(self) -> None:
        """Who serves may refuse, and say why. Source: raw-server4-allow-request."""

        def refuse(first: FirstRequest) -> Served:
            raise Forbidden("no <entry> 禁止")

        self.build(serve=refuse)
        answer = self.server.get(POLLING)
        self.assertEqual((answer.status, code_of(answer)), (403, 4))
        self.assertEqual(json.loads(answer.body)["message"], "no <entry> 禁止")
        answer = self.server.get(WEBSOCKET, headers=UPGRADE)
        self.assertEqual(answer.status, 400)
        self.assertEqual(answer.body.decode(), "no &lt;entry&gt; 禁止")

    def test_query_is_not_logged(self) -> None:
        """The site's log of requests has the path, but no key."""
        log = self.server.site.logFile = io.BytesIO()
        self.server.get(f"{POLLING}&authKey=SECRET")
        self.server.get(f"{ROOT}?authKey=SECRET")
        self.server.get(f"{ROOT}?authKey=SECRET", headers=UPGRADE)
        written = log.getvalue()
        self.assertEqual(written.count(b'"GET /socket.io/ HTTP/1.1" 400'), 2)
        self.assertEqual(written.count(b'"GET /socket.io/ HTTP/1.1" 200'), 1)
        self.assertNotIn(b"SECRET", written)

    def test_no_children(self) -> None:
        """Everything below is the same resource, and nothing is put below it."""
        verifyObject(IResource, self.sockets)
        self.assertEqual(code_of(self.server.get("/socket.io/a/b?transport=x")), 0)
        with self.assertRaises(ValueError):
            self.sockets.putChild(b"x", Resource())

    def test_bad_websocket_request(self) -> None:
        """Autobahn refuses a request that has no key; the client is forgotten."""
        tcp = self.server.connect()
        headers = [h for h in UPGRADE if h[0] != "Sec-WebSocket-Key"]
        tcp.ask(WEBSOCKET, headers=headers)
        self.assertIn(b" 400 ", tcp.transport.taken().split(b"\r\n")[0])
        tcp.finish()
        self.assertEqual(self.sockets.drivers, set())
        ((_, error),) = self.server.served[0].closed_with
        self.assertIsInstance(error, HandshakeRefused)


class KnownSidTests(ResourceTestCase):
    """Requests for a connection that is there."""

    def test_other_methods(self) -> None:
        """Only GET and POST are for a connection; the others do it no harm."""
        url = self.shake_hands()
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
            self.assertEqual(code_of(self.server.get(url, method=method)), 3)
        head = self.server.get(url, method="HEAD")
        self.assertEqual((head.status, head.body), (400, b""))
        self.assertEqual(self.server.get(url, b"1:2").body, b"ok")

    def test_another_revision(self) -> None:
        """The revision cannot change. Source: raw-server4-errors-http."""
        self.build(revisions=BOTH)
        url = self.shake_hands(f"{ROOT}?EIO=4&transport=polling")
        self.assertEqual(code_of(self.server.get(url.replace("EIO=4", "EIO=3"))), 3)
        self.assertEqual(code_of(self.server.get(url.replace("EIO=4&", ""))), 3)
        self.assertEqual(self.server.get(url, b"3").body, b"ok")

    def test_websocket_without_upgrade(self) -> None:
        """A plain request is no WebSocket, and the connection goes on."""
        url = self.shake_hands()
        other = url.replace("polling", "websocket")
        self.assertEqual(code_of(self.server.get(other)), 3)
        self.assertEqual(self.server.get(url, b"1:2").body, b"ok")

    def test_polling_of_a_websocket(self) -> None:
        """A connection over WebSocket is not polled. Source: raw-*-upgrade-steps."""
        tcp = self.opened()
        tcp.hear()
        url = f"{POLLING}&sid=sid1"
        self.assertEqual(code_of(self.server.get(url)), 3)
        self.assertEqual(code_of(self.server.get(url, b"3:42[]")), 3)
        tcp.say(b"2")
        self.assertEqual(tcp.hear(), [b"3"])

    def test_second_websocket(self) -> None:
        """A connection has one WebSocket; another one is refused."""
        tcp = self.opened()
        tcp.hear()
        second = self.server.get(f"{WEBSOCKET}&sid=sid1", headers=UPGRADE)
        self.assertEqual((second.status, second.body), (400, b"Bad request"))
        tcp.say(b"2")
        self.assertEqual(tcp.hear(), [b"3"])

    def test_other_case(self) -> None:
        """A sid is exact; an empty one asks for a connection."""
        self.shake_hands()
        self.assertEqual(code_of(self.server.get(f"{POLLING}&sid=SID1")), 1)
        self.assertEqual(self.server.get(f"{POLLING}&sid=").status, 200)
        self.assertEqual(len(self.server.served), 2)

    def test_body_over_the_limit(self) -> None:
        """A large body is refused, also on a plain site, and the session goes on."""
        self.build(max_frame=100)
        url = self.shake_hands()
        answer = self.server.get(url, b"x" * 101)
        self.assertEqual((answer.status, answer.body), (413, b""))
        body = b'97:42["' + b"x" * 91 + b'"]'
        self.assertEqual(len(body), 100)
        self.assertEqual(self.server.get(url, body).body, b"ok")


class WebSocketTests(ResourceTestCase):
    """A request that becomes a WebSocket."""

    def test_session(self) -> None:
        """The open packet and ``40`` follow the handshake; then events go round."""
        tcp = self.opened()
        opened = tcp.hear()
        self.assertEqual(json.loads(opened[0][1:])["sid"], "sid1")
        self.assertEqual(opened[1:], [b"40"])
        tcp.say(b"40/user")
        self.assertEqual(tcp.hear(), [b"40/user,"])
        tcp.say(b'42/user,["a",{}]', b"2")
        self.assertEqual(tcp.hear(), [b'42/user,["a",{}]', b"3"])
        tcp.lose()
        self.assertEqual(self.server.served[0].closed_with[0][0], "transport close")

    def test_session_of_the_new_revision(self) -> None:
        """In revision 4 the client asks for each namespace, and gets an id."""
        self.build(revisions=BOTH, max_frame=5000)
        tcp = self.opened(f"{ROOT}?EIO=4&transport=websocket")
        (opened,) = tcp.hear()
        self.assertEqual(json.loads(opened[1:])["maxPayload"], 5000)
        tcp.say(b"40")
        self.assertEqual(tcp.hear(), [b'40{"sid":"socket1"}'])
        self.clock.advance(25)
        self.assertEqual(tcp.hear(), [b"2"])

    def test_first_request(self) -> None:
        """Who serves gets the query, decoded, the headers, and the address."""
        query = "authKey=a%20b%2B%E5%AF%86&name=&x+y=1"
        told = (("Cookie", "a=1"), ("X-Odd", "x"), ("cookie", "b=2"), ("x-odd", "y"))
        for target in (f"{POLLING}&{query}", f"{WEBSOCKET}&{query}"):
            headers = UPGRADE if "websocket" in target else ()
            self.server.get(target, headers=(*headers, *told))
            first = self.server.served[-1].first
            self.assertEqual(first.query["authKey"], "a b+密")
            self.assertEqual((first.query["name"], first.query["x y"]), ("", "1"))
            self.assertEqual(first.headers["cookie"], "a=1; b=2")
            self.assertEqual(first.headers["x-odd"], "x, y")
            self.assertEqual(first.address, "192.168.1.1")
            self.assertEqual(repr(first), "FirstRequest(address='192.168.1.1')")

    def test_each_its_own(self) -> None:
        """Every client has its own id, its own driver, and who serves it."""
        tcps = [self.opened() for _ in range(3)]
        sids = {json.loads(tcp.hear()[0][1:])["sid"] for tcp in tcps}
        self.assertEqual(sids, {"sid1", "sid2", "sid3"})
        self.assertEqual(len(self.sockets.drivers), 3)

    def test_nobody_joins(self) -> None:
        """A client of revision 4 that joins nothing is closed when time is up."""
        self.build(revisions=BOTH, join_timeout=5.0)
        tcp = self.opened(f"{ROOT}?EIO=4&transport=websocket")
        tcp.hear()
        self.clock.advance(4.9)
        self.assertEqual(tcp.hear(), [])
        self.clock.advance(0.2)
        self.assertEqual(tcp.hear(), [b""])
