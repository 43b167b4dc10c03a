"""Long polling as a server: requests that wait, and how they end."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import BufferFull, RemoteProtocolError
from padchat_twisted.transport.polling_server import (
    MAX_COMPRESSED_BYTES,
    MIN_COMPRESSED_BYTES,
)
from padchat_twisted.wire.engineio import EIO3, EIO4
from padchat_twisted.wire.limits import MAX_BUFFERED_BYTES, NOOP_SECONDS
from padchat_twisted.wire.occurrences import SocketEvent

from .by_hand import close_frame
from .http_by_hand import UPGRADE, Answer, Served, Server, Tcp

ROOT = "/socket.io/?EIO=4&transport=polling"


class _PollingTests(SynchronousTestCase):
    """A server in memory, and one client of revision 4 in its main namespace."""

    def setUp(self) -> None:
        """Build them."""
        self.clock = Clock()
        self.server = Server(self.clock, revisions=frozenset({EIO3, EIO4}))
        self.assertEqual(self.server.get(ROOT).status, 200)
        self.url = f"{ROOT}&sid=sid1"
        self.assertEqual(self.server.get(self.url, b"40").body, b"ok")
        self.assertEqual(self.server.get(self.url).body, b'40{"sid":"socket1"}')
        self.served: Served = self.server.served[0]

    def tearDown(self) -> None:
        """When all clients are gone, nothing is left."""
        self.server.sockets.drop_all()
        self.clock.pump((100, 100))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def poll(self, *, headers: tuple[tuple[str, str], ...] = ()) -> Tcp:
        """Begin a poll; it waits."""
        tcp = self.server.connect()
        tcp.ask(self.url, headers=headers)
        self.assertEqual(tcp.answers(), [])
        return tcp

    def assert_unknown(self) -> None:
        """The connection is over."""
        answer = self.server.get(self.url)
        self.assertEqual(answer.status, 400)
        self.assertIn(b"Session ID unknown", answer.body)


class PollTests(_PollingTests):
    """Requests and answers."""

    def test_poll_waits(self) -> None:
        """A poll waits for something to say; what it brings is not to be cached."""
        tcp = self.poll()
        self.served.push(b'["a"]')
        (answer,) = tcp.answers()
        self.assertEqual((answer.status, answer.body), (200, b'42["a"]'))
        self.assertEqual(answer.header("content-type"), "text/plain; charset=UTF-8")
        self.assertEqual(answer.header("cache-control"), "no-store")

    def test_events_between_polls(self) -> None:
        """What comes while none waits is kept for the next, in one body."""
        self.served.push(b'["a"]')
        self.served.push(b'["b"]')
        self.assertEqual(self.server.get(self.url).body, b'42["a"]\x1e42["b"]')

    def test_post(self) -> None:
        """Several packets come in a POST; the answer comes by the poll."""
        tcp = self.poll()
        answer = self.server.get(self.url, b'42["a"]\x1e42["b"]')
        self.assertEqual((answer.status, answer.body), (200, b"ok"))
        self.assertEqual(answer.header("content-type"), "text/html")
        (polled,) = tcp.answers()
        self.assertEqual(polled.body, b'42["a"]\x1e42["b"]')

    def test_binary_of_the_old_revision(self) -> None:
        """The type of a body says how it is framed, both ways."""
        root = ROOT.replace("EIO=4", "EIO=3")
        self.server.get(root)
        url = f"{root}&sid=sid2"
        text = b'451-["a",{"_placeholder":true,"num":0}]'
        length = bytes(int(digit) for digit in str(len(text)))
        body = b"\x00%b\xff%b\x01\x03\xff\x04\x07\x08" % (length, text)
        answer = self.server.get(
            url, body, headers=[("Content-Type", "application/octet-stream")]
        )
        self.assertEqual(answer.body, b"ok")
        event = self.server.served[1].seen[-1]
        self.assertIsInstance(event, SocketEvent)
        self.assertEqual(event.attachments, (b"\x07\x08",))

    def test_keep_alive(self) -> None:
        """One TCP connection serves for all requests."""
        tcp = self.server.connect()
        for number in range(3):
            self.assertEqual(tcp.get(self.url, b'42["%d"]' % number).body, b"ok")
            self.assertEqual(tcp.get(self.url).body, b'42["%d"]' % number)
        tcp.lose()

    def test_pipelined(self) -> None:
        """Requests that come at once are served in turn, as HTTP has it.

        Node's server begins the second before the first is done, and closes the
        session. Source: raw-server4-pipelined.
        """
        posts = [
            b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n%b"
            % (self.url.encode(), body)
            for body in (b'42["a"]', b'42["b"]')
        ]
        poll = b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % self.url.encode()
        tcp = self.server.connect()
        tcp.write(b"".join((*posts, poll)))
        bodies = [answer.body for answer in tcp.answers()]
        self.assertEqual(bodies, [b"ok", b"ok", b'42["a"]\x1e42["b"]'])

    def test_behind_a_poll(self) -> None:
        """What is pipelined behind a poll waits until that is answered."""
        tcp = self.poll()
        tcp.ask(self.url, b'42["a"]')
        self.assertEqual(tcp.answers(), [])
        self.served.push(b'["b"]')
        self.assertEqual([a.body for a in tcp.answers()], [b'42["b"]', b"ok"])

    def test_flood_behind_a_poll(self) -> None:
        """Behind a poll little is read, and then the peer has to wait."""
        tcp = self.poll()
        for _ in range(20):
            if tcp.transport.is_paused:
                break
            tcp.write(b"x" * 1024)
        self.assertTrue(tcp.transport.is_paused)

    def test_two_polls(self) -> None:
        """Two at once are a fault: all is over. Source: raw-server4-poll-overlap."""
        first = self.poll()
        second = self.server.get(self.url)
        self.assertEqual(second.status, 400)
        (answer,) = first.answers()
        self.assertEqual(answer.body, b"1")
        self.assert_unknown()

    def test_close_packet(self) -> None:
        """A client that leaves frees its poll. Source: raw-server4-close-packet."""
        tcp = self.poll()
        self.assertEqual(self.server.get(self.url, b"1").body, b"ok")
        self.assertEqual([a.body for a in tcp.answers()], [b"6"])
        self.assert_unknown()
        ((reason, _),) = self.served.closed_with
        self.assertEqual(reason, "transport close")

    def test_broken_body(self) -> None:
        """A body that cannot be read is refused, and ends the connection."""
        tcp = self.poll()
        self.assertEqual(self.server.get(self.url, b"x").status, 400)
        self.assertEqual([a.body for a in tcp.answers()], [b"1"])
        ((_, error),) = self.served.closed_with
        self.assertIsInstance(error, RemoteProtocolError)
        self.assert_unknown()


class LostTests(_PollingTests):
    """Peers that go away, do not read, or are slow."""

    def test_poll_is_given_up(self) -> None:
        """Who gives up its poll has left. Source: raw-server4-poll-cancelled."""
        self.poll().lose()
        self.assert_unknown()
        ((reason, _),) = self.served.closed_with
        self.assertEqual(reason, "transport error")

    def test_post_is_given_up(self) -> None:
        """A POST that is not whole is as if it had never been."""
        tcp = self.server.connect()
        tcp.ask(self.url, b'42["a', headers=[("Content-Length", "7")])
        tcp.lose()
        self.assertEqual(self.served.closed_with, [])
        self.assertEqual(self.server.get(self.url, b'42["b"]').body, b"ok")
        self.assertEqual(self.server.get(self.url).body, b'42["b"]')

    def test_slow_post_does_not_stop_the_clock(self) -> None:
        """A POST that drips is no sign of life: the heartbeat goes on."""
        tcp = self.server.connect()
        tcp.ask(self.url, b"", headers=[("Content-Length", "100")])
        for _ in range(50):
            tcp.write(b"x")
            self.clock.advance(1)
        ((reason, _),) = self.served.closed_with
        self.assertEqual(reason, "ping timeout")
        self.assert_unknown()
        tcp.lose()

    def test_half_open(self) -> None:
        """A peer that is gone without a word is missed by its heartbeat."""
        tcp = self.poll()
        self.clock.advance(25)
        self.assertEqual([a.body for a in tcp.answers()], [b"2"])
        self.clock.advance(20)
        ((reason, _),) = self.served.closed_with
        self.assertEqual(reason, "ping timeout")
        # Its TCP connection, too, is not kept for ever.
        self.clock.pump((60, 15))
        self.assertTrue(tcp.transport.disconnecting)

    def test_half_open_with_a_poll(self) -> None:
        """So it is in the old revision, where the poll still waits."""
        root = ROOT.replace("EIO=4", "EIO=3")
        self.server.get(root)
        tcp = self.server.connect()
        tcp.ask(f"{root}&sid=sid2")
        self.clock.advance(45)
        (answer,) = tcp.answers()
        self.assertEqual(answer.body, b"1:1")
        ((reason, _),) = self.server.served[1].closed_with
        self.assertEqual(reason, "ping timeout")

    def test_answer_that_is_not_read(self) -> None:
        """A peer that does not read its answer is dropped after some time."""
        tcp = self.poll()
        tcp.transport.fill()
        self.served.push(b'["a"]')
        self.clock.advance(60)
        self.clock.advance(15)
        self.assertTrue(tcp.transport.disconnecting)

    def test_nobody_polls(self) -> None:
        """What waits for a peer that does not poll is bounded."""
        third = b'["%b"]' % (b"x" * (MAX_BUFFERED_BYTES // 3))
        self.served.push(third)
        self.served.push(third)
        with self.assertRaises(BufferFull):
            self.served.push(third)

    def test_paused(self) -> None:
        """While the application does not read, a POST has to wait for its answer."""
        self.served.driver.pause()
        tcp = self.server.connect()
        tcp.ask(self.url, b'42["a"]')
        self.assertEqual(tcp.answers(), [])
        self.served.push(b'["b"]')
        self.assertEqual(self.server.get(self.url).body, b'42["b"]')
        self.served.driver.resume()
        self.assertEqual([a.body for a in tcp.answers()], [b"ok"])

    def test_paused_and_over(self) -> None:
        """A POST that waits is answered when the connection ends."""
        self.served.driver.pause()
        tcp = self.server.connect()
        tcp.ask(self.url, b'42["a"]')
        self.served.driver.drop()
        (answer,) = tcp.answers()
        self.assertEqual(answer.status, 400)

    def test_paused_and_given_up(self) -> None:
        """A POST whose sender went away meanwhile is not answered."""
        self.served.driver.pause()
        tcp = self.server.connect()
        tcp.ask(self.url, b'42["a"]')
        tcp.lose()
        self.served.driver.resume()
        self.assertEqual(self.server.get(self.url).body, b'42["a"]')


class UpgradeTests(_PollingTests):
    """From polling to WebSocket."""

    def setUp(self) -> None:
        """Open a WebSocket for the session."""
        super().setUp()
        self.target = self.url.replace("polling", "websocket")
        self.websocket = self.server.connect()
        self.assertEqual(self.websocket.get(self.target, headers=UPGRADE).status, 101)

    def test_upgrade(self) -> None:
        """The poll that waits gets a noop; then all goes over the WebSocket."""
        tcp = self.poll()
        self.websocket.say(b"2probe")
        self.assertEqual(self.websocket.hear(), [b"3probe"])
        self.clock.advance(NOOP_SECONDS)
        self.assertEqual([a.body for a in tcp.answers()], [b"6"])
        self.websocket.say(b"5")
        self.served.push(b'["a"]')
        self.assertEqual(self.websocket.hear(), [b'42["a"]'])
        self.assertEqual(self.server.get(self.url).status, 400)
        self.websocket.lose()
        self.assertEqual(
            [reason for reason, _ in self.served.closed_with], ["transport close"]
        )
        self.assert_unknown()

    def test_second_websocket(self) -> None:
        """Another WebSocket is refused, and does no harm to the first."""
        for _ in range(2):
            answer = self.server.get(self.target, headers=UPGRADE)
            self.assertEqual(answer.status, 400)
            self.websocket.say(b"2probe")
            self.assertEqual(self.websocket.hear(), [b"3probe"])
        self.websocket.say(b"5")
        self.assertEqual(self.server.get(self.target, headers=UPGRADE).status, 400)
        self.websocket.say(b'42["a"]')
        self.assertEqual(self.websocket.hear(), [b'42["a"]'])

    def test_failed_upgrade(self) -> None:
        """When the WebSocket is lost polling goes on, and another one may come."""
        self.websocket.say(b"2probe")
        self.websocket.lose()
        self.assertEqual(self.server.get(self.url, b'42["a"]').body, b"ok")
        self.assertEqual(self.server.get(self.url).body, b'42["a"]')
        again = self.server.connect()
        self.assertEqual(again.get(self.target, headers=UPGRADE).status, 101)
        again.say(b"2probe")
        self.assertEqual(again.hear(), [b"3probe"])

    def test_no_second_one_while_the_first_closes(self) -> None:
        """One that is closing is still there."""
        self.websocket.say(b"4nothing")
        self.assertEqual(self.websocket.hear(), [b""])
        self.assertEqual(self.server.get(self.target, headers=UPGRADE).status, 400)
        self.websocket.write(close_frame(None, is_client=True))
        self.websocket.finish()
        again = self.server.connect()
        self.assertEqual(again.get(self.target, headers=UPGRADE).status, 101)

    def test_bad_handshake(self) -> None:
        """A WebSocket request that autobahn refuses does the session no harm."""
        self.websocket.lose()
        tcp = self.server.connect()
        tcp.ask(self.target, headers=UPGRADE[:-1])
        self.assertIn(b" 400 ", tcp.transport.taken().split(b"\r\n")[0])
        tcp.finish()
        again = self.server.connect()
        self.assertEqual(again.get(self.target, headers=UPGRADE).status, 101)


class CompressionTests(_PollingTests):
    """Answers that are compressed. Source: raw-server4-http-compression."""

    def answer_of(self, size: int, accepted: str | None) -> Answer:
        """Have the server send a body of *size* bytes to one who accepts this."""
        headers = () if accepted is None else (("Accept-Encoding", accepted),)
        tcp = self.poll(headers=headers)
        body = b'["%b"]' % (b"x" * (size - 6))
        self.served.push(body)
        (answer,) = tcp.answers()
        self.assertEqual(answer.inflated, b"42" + body)
        self.assertEqual(len(answer.inflated), size)
        return answer

    def test_sizes(self) -> None:
        """Neither small answers are compressed nor very large ones."""
        for size, is_compressed in (
            (MIN_COMPRESSED_BYTES - 1, False),
            (MIN_COMPRESSED_BYTES, True),
            (MAX_COMPRESSED_BYTES, True),
            (MAX_COMPRESSED_BYTES + 1, False),
        ):
            answer = self.answer_of(size, "gzip")
            encoding = answer.header("content-encoding")
            self.assertEqual(encoding, "gzip" if is_compressed else None)
            self.assertEqual(len(answer.body) < size, is_compressed)

    def test_encodings(self) -> None:
        """The client says what it takes; a quality of 0 is a no."""
        for accepted, encoding in (
            (None, None),
            ("", None),
            ("br", None),
            ("identity", None),
            ("deflate", "deflate"),
            ("gzip;q=0, deflate", "deflate"),
            ("gzip; q=0.000,deflate;q=0.5", "deflate"),
            ("br, GZIP;q=0.1", "gzip"),
            ("deflate, gzip", "gzip"),
            ("*", "gzip"),
            ("gzip;q=0, *", "deflate"),
            ("*;q=0", None),
            ("gzip;q=0, deflate;q=0.0", None),
        ):
            answer = self.answer_of(2000, accepted)
            self.assertEqual(answer.header("content-encoding"), encoding, accepted)
