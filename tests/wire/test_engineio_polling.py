"""Tests of padchat_twisted.wire.engineio_connection: sessions that poll."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import (
    ConnectError,
    HandshakeRefused,
    RemoteProtocolError,
)
from padchat_twisted.wire.engineio import EIO3, EIO4, MESSAGE, Packet
from padchat_twisted.wire.engineio_connection import EngineIOConnection, EngineState
from padchat_twisted.wire.limits import (
    CLOSE_TIMEOUT,
    OPEN_TIMEOUT,
)
from padchat_twisted.wire.told import (
    Closed,
    HttpFailed,
    HttpRequest,
    HttpResponse,
    Role,
)

from .pollers import (
    INTERVAL,
    LIMIT,
    REVISIONS,
    TIMEOUT,
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

SERVER = Role.SERVER

BAD = '400 {} {{"code":3,"message":"Bad request"}}'


def taken(connection: EngineIOConnection) -> list[str]:
    """Say what a connection asks for."""
    return shown(connection.actions_to_take())


def end_of(connection: EngineIOConnection) -> Closed:
    """Return the last action, which is the end."""
    closed = connection.actions_to_take()[-1]
    assert isinstance(closed, Closed)
    return closed


class OpeningTests(SynchronousTestCase):
    """The first poll and its answer."""

    def test_client(self) -> None:
        """A client polls, learns the session, and polls on; a POST may go beside."""
        connection = client()
        self.assertEqual(connection.next_deadline(), OPEN_TIMEOUT)
        self.assertFalse(connection.is_open)
        answer = HttpResponse(1, 200, (), open_body() + b"\x1e4hi")
        messages = connection.receive(answer, now=1.0)
        self.assertEqual(messages, [Packet(MESSAGE, b"hi")])
        self.assertTrue(connection.is_open)
        connection.send_message(b"yo", is_text=True)
        self.assertEqual(taken(connection), ["POST 2 4yo", "GET 3"])
        self.assertEqual(connection.next_deadline(), 1.0 + INTERVAL + TIMEOUT / 2)

    def test_server(self) -> None:
        """What is sent in the turn of the first poll goes with the open packet."""
        connection = EngineIOConnection(
            SERVER,
            revision=EIO4,
            transports=("polling",),
            handshake=handshake(),
        )
        connection.start(now=0.0)
        connection.receive(get(1), now=0.0)
        self.assertTrue(connection.is_open)
        connection.send_message(b"hi", is_text=True)
        self.assertEqual(taken(connection), [f"200 1 {open_body().decode()}\x1e4hi"])

    def test_refused(self) -> None:
        """An answer that opens nothing ends in an error with its status and body."""
        for status, content in ((400, b'{"code":5,"message":"no"}'), (200, b"<html>")):
            connection = client()
            connection.receive(HttpResponse(1, status, (), content), now=1.0)
            error = end_of(connection).error
            assert isinstance(error, HandshakeRefused)
            self.assertEqual((error.status, error.body), (status, content))
            self.assertNotIn("<html>", str(error))

    def test_no_answer(self) -> None:
        """A request that fails, or no answer in time, ends in a ConnectError."""
        connection = client()
        connection.receive(HttpFailed(1, "refused"), now=1.0)
        self.assertIsInstance(end_of(connection).error, ConnectError)
        connection = client()
        cause = ConnectError("gw:80", "no route")
        connection.receive(HttpFailed(1, "refused", cause), now=1.0)
        self.assertIs(end_of(connection).error, cause)
        connection = client()
        connection.deadline_reached(now=OPEN_TIMEOUT - 0.1)
        self.assertEqual(taken(connection), [])
        connection.deadline_reached(now=OPEN_TIMEOUT)
        self.assertEqual(taken(connection), ["closed: timeout, ConnectTimedOut"])

    def test_first_packet(self) -> None:
        """Another packet before the open packet opens nothing."""
        connection = client()
        connection.receive(HttpResponse(1, 200, (), b"4hi"), now=1.0)
        error = end_of(connection).error
        self.assertIsInstance(error, HandshakeRefused)


class TrafficTests(SynchronousTestCase):
    """Messages, and who may send when."""

    def test_client_is_writable(self) -> None:
        """It is while no POST is open; what is sent anyway goes with the next."""
        connection = polling_client()
        self.assertTrue(connection.is_writable)
        connection.send_message(b"a", is_text=True)
        self.assertEqual(taken(connection), ["POST 3 4a"])
        self.assertFalse(connection.is_writable)
        connection.send_message(b"b", is_text=True)
        self.assertEqual(taken(connection), [])
        connection.receive(HttpResponse(3, 200, (), b"ok"), now=1.0)
        self.assertEqual(taken(connection), ["POST 4 4b"])
        connection.receive(HttpResponse(4, 200, (), b"ok"), now=1.0)
        self.assertTrue(connection.is_writable)

    def test_server_is_writable(self) -> None:
        """It is while a poll waits."""
        connection = polling_server()
        self.assertFalse(connection.is_writable)
        connection.receive(get(2), now=1.0)
        self.assertTrue(connection.is_writable)
        connection.send_message(b"a", is_text=True)
        connection.send_message(b"\x01", is_text=False)
        self.assertEqual(taken(connection), ["200 2 4a\x1ebAQ=="])
        self.assertFalse(connection.is_writable)

    def test_post(self) -> None:
        """The packets of a POST come out, each message; the hot case is none."""
        connection = polling_server()
        messages = connection.receive(post(2, "4a", "6", "4b"), now=1.0)
        self.assertEqual([m.data for m in messages], [b"a", b"b"])
        self.assertEqual(taken(connection), ["200 2 ok"])
        self.assertEqual(connection.heard(1.0), 0)

    def test_too_large(self) -> None:
        """A POST over the limit is refused, and the session goes on."""
        connection = polling_server()
        large = HttpRequest(2, "POST", (), (), b"4" * (LIMIT + 1))
        self.assertEqual(list(connection.receive(large, now=1.0)), [])
        self.assertEqual(taken(connection), ["413 2"])
        self.assertTrue(connection.is_open)

    def test_heartbeat(self) -> None:
        """It travels as all packets do; who pings is said by the revision."""
        for revision in REVISIONS:
            pinger = polling_client(revision=revision)
            other = polling_server(revision=revision)
            pings = ["POST 3 1:2"]
            if revision == EIO4:
                pinger, other, pings = other, pinger, ["200 2 2"]
                pinger.receive(get(2), now=0.0)
            pinger.deadline_reached(now=INTERVAL)
            self.assertEqual(taken(pinger), pings)
            other.deadline_reached(now=INTERVAL + TIMEOUT - 0.1)
            self.assertEqual(taken(other), [])
            other.deadline_reached(now=INTERVAL + TIMEOUT)
            said = taken(other)
            self.assertEqual(said, ["closed: ping timeout, Disconnected"])

    def test_deaf(self) -> None:
        """A client of EIO4 that does not read stays alive by pongs of its own."""
        connection = polling_client()
        moment = INTERVAL + TIMEOUT / 2
        connection.deadline_reached(now=moment, is_deaf=True)
        self.assertEqual(taken(connection), ["POST 3 3"])
        connection = polling_client()
        connection.deadline_reached(now=moment)
        self.assertEqual(taken(connection), [])

    def test_pong(self) -> None:
        """A ping gets its pong without the content, by POST or in a poll."""
        connection = polling_server(revision=EIO3)
        connection.receive(post(2, "2abc", revision=EIO3), now=1.0)
        connection.receive(get(3), now=1.0)
        self.assertEqual(taken(connection), ["200 2 ok", "200 3 1:3"])
        connection = polling_client()
        connection.receive(HttpResponse(2, 200, (), b"2"), now=1.0)
        self.assertEqual(taken(connection), ["POST 3 3", "GET 4"])

    def test_wrong_direction(self) -> None:
        """In EIO4 a client that pings breaks a rule; in EIO3 a pong does not."""
        connection = polling_server()
        connection.receive(post(2, "2"), now=1.0)
        error = end_of(connection).error
        assert isinstance(error, RemoteProtocolError)
        self.assertEqual(error.layer, "engine.io")
        connection = polling_server(revision=EIO3)
        connection.receive(post(2, "3", revision=EIO3), now=1.0)
        self.assertTrue(connection.is_open)

    def test_overlapping_polls(self) -> None:
        """The first gets a close packet, the second an error, and it is over."""
        connection = polling_server()
        connection.receive(get(2), now=1.0)
        connection.receive(get(3), now=1.0)
        bad = BAD.format(3)
        closed = "closed: transport error, RemoteProtocolError"
        self.assertEqual(taken(connection), ["200 2 1", bad, closed])

    def test_broken_post(self) -> None:
        """A body that cannot be read ends the session; a waiting poll is told."""
        closed = "closed: transport error, RemoteProtocolError"
        for waiting, answers in ((False, []), (True, ["200 3 1"])):
            connection = polling_server()
            if waiting:
                connection.receive(get(3), now=1.0)
            connection.receive(HttpRequest(2, "POST", (), (), b"abc"), now=1.0)
            self.assertEqual(taken(connection), [BAD.format(2), *answers, closed])

    def test_poll_given_up(self) -> None:
        """A client that gives up its poll has ended the connection."""
        connection = polling_server()
        connection.receive(get(2), now=1.0)
        connection.receive(HttpFailed(9, "of a POST"), now=1.0)
        self.assertEqual(taken(connection), [])
        connection.receive(HttpFailed(2, "gone"), now=1.0)
        self.assertEqual(taken(connection), ["closed: transport error, Disconnected"])

    def test_request_failed(self) -> None:
        """A client whose request fails has lost the connection."""
        for failed in (HttpFailed(2, "reset"), HttpFailed(3, "reset")):
            connection = polling_client()
            connection.send_message(b"a", is_text=True)
            connection.actions_to_take()
            connection.receive(failed, now=1.0)
            said = taken(connection)
            self.assertEqual(said, ["closed: transport error, Disconnected"])

    def test_error_answer(self) -> None:
        """An error answer ends the session; the server is told, if it listens."""
        connection = polling_client()
        connection.receive(HttpResponse(2, 500), now=1.0)
        self.assertEqual(taken(connection), ["POST 3 1"])
        connection.receive(HttpResponse(3, 400), now=1.0)
        closed = "closed: transport error, RemoteProtocolError"
        self.assertEqual(taken(connection), [closed])


class ClosingTests(SynchronousTestCase):
    """The end of a session that polls."""

    def test_client(self) -> None:
        """A client sends what waits, then a close packet, and waits for the answer."""
        connection = polling_client()
        connection.send_message(b"a", is_text=True)
        self.assertEqual(taken(connection), ["POST 3 4a"])
        connection.send_message(b"b", is_text=True)
        connection.close("io client disconnect", now=1.0)
        self.assertEqual(taken(connection), [])
        connection.receive(HttpResponse(3, 200), now=1.0)
        self.assertEqual(taken(connection), ["POST 4 4b"])
        connection.receive(HttpResponse(4, 200), now=1.0)
        self.assertEqual(taken(connection), ["POST 5 1"])
        # The poll is answered meanwhile; no other one follows.
        connection.receive(HttpResponse(2, 200, (), b"6"), now=1.0)
        self.assertEqual(taken(connection), [])
        connection.receive(HttpResponse(5, 200), now=1.0)
        self.assertEqual(taken(connection), ["closed: io client disconnect, NoneType"])

    def test_client_without_answer(self) -> None:
        """A server that does not answer the close packet is left after a while."""
        connection = polling_client()
        connection.close("io client disconnect", now=1.0)
        self.assertEqual(taken(connection), ["POST 3 1"])
        self.assertEqual(connection.next_deadline(), 1.0 + CLOSE_TIMEOUT)
        connection.deadline_reached(now=1.0 + CLOSE_TIMEOUT)
        self.assertEqual(taken(connection), ["closed: io client disconnect, NoneType"])
        connection = polling_client()
        connection.close("io client disconnect", now=1.0)
        connection.actions_to_take()
        connection.receive(HttpFailed(3, "reset"), now=1.0)
        self.assertEqual(taken(connection), ["closed: io client disconnect, NoneType"])

    def test_server_with_poll(self) -> None:
        """A server puts the close packet into the poll that waits."""
        connection = polling_server()
        connection.receive(get(2), now=1.0)
        connection.send_message(b"bye", is_text=True)
        connection.close("forced server close", now=1.0)
        said = ["200 2 4bye\x1e1", "closed: forced server close, NoneType"]
        self.assertEqual(taken(connection), said)

    def test_server_without_poll(self) -> None:
        """With none, the next poll gets what waits, a noop and the close packet."""
        connection = polling_server()
        connection.send_message(b"bye", is_text=True)
        connection.close("forced server close", now=1.0)
        self.assertEqual(taken(connection), [])
        self.assertIs(connection.state, EngineState.CLOSING)
        connection.receive(post(2, "4late"), now=1.0)
        self.assertEqual(taken(connection), [BAD.format(2)])
        connection.receive(get(3), now=1.0)
        said = ["200 3 4bye\x1e6\x1e1", "closed: forced server close, NoneType"]
        self.assertEqual(taken(connection), said)

    def test_server_without_any_poll(self) -> None:
        """A client that never polls again does not hold up the end."""
        connection = polling_server()
        connection.close("forced server close", now=1.0)
        connection.deadline_reached(now=1.0 + CLOSE_TIMEOUT)
        self.assertEqual(taken(connection), ["closed: forced server close, NoneType"])

    def test_closed_by_client(self) -> None:
        """The poll that waits is ended with a noop, or none waits."""
        closed = "closed: transport close, Disconnected"
        for revision, noop in ((EIO3, "1:6"), (EIO4, "6")):
            connection = polling_server(revision=revision)
            connection.receive(get(2), now=1.0)
            connection.receive(post(3, "1", revision=revision), now=1.0)
            said = ["200 3 ok", f"200 2 {noop}", closed]
            self.assertEqual(taken(connection), said)
        connection = polling_server()
        messages = connection.receive(post(3, "4a", "1", "4b"), now=1.0)
        self.assertEqual([m.data for m in messages], [b"a"])
        self.assertEqual(taken(connection), ["200 3 ok", closed])

    def test_closed_by_server(self) -> None:
        """A close packet in a poll ends it; what came before it counts."""
        connection = polling_client()
        answer = HttpResponse(2, 200, (), body("4bye", "1", "4late"))
        messages = connection.receive(answer, now=1.0)
        self.assertEqual([m.data for m in messages], [b"bye"])
        self.assertEqual(taken(connection), ["closed: transport close, Disconnected"])

    def test_after_the_end(self) -> None:
        """Nothing is asked for any more."""
        connection = polling_server()
        connection.receive(post(2, "1"), now=1.0)
        connection.actions_to_take()
        self.assertEqual(list(connection.receive(get(3), now=2.0)), [])
        connection.deadline_reached(now=100.0)
        self.assertEqual(taken(connection), [])
        self.assertIsNone(connection.next_deadline())
        self.assertIsInstance(connection.closing_reason, str)
