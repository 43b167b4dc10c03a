"""Tests of padchat_twisted.wire.polling: requests and answers, without a connection."""

from __future__ import annotations

import json

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import RemoteProtocolError
from padchat_twisted.wire.engineio import EIO3, EIO4, MESSAGE, NOOP, Packet, Revision
from padchat_twisted.wire.polling import ClientPolling, ServerPolling, bad_request
from padchat_twisted.wire.told import Asked, HttpRequest, HttpResponse

A, B, C = (Packet(MESSAGE, letter) for letter in (b"a", b"bb", b"ccc"))
BYTES = Packet(MESSAGE, b"\x01", is_text=False)


def flushed(polling: ClientPolling | ServerPolling) -> list[Asked]:
    """Return what is asked for now."""
    actions: list[Asked] = []
    polling.flush(actions)
    return actions


def client(revision: Revision = EIO4) -> ClientPolling:
    """Return a client with a poll open, of id 1, and a sid."""
    polling = ClientPolling(revision, (("key", "k"),))
    polling.learn("S", None)
    flushed(polling)
    return polling


class ClientTests(SynchronousTestCase):
    """The requests of a client."""

    def test_first_request(self) -> None:
        """A poll with the caller's pairs, then those of Engine.IO."""
        for revision, last in ((EIO3, (("b64", "1"),)), (EIO4, ())):
            (poll,) = flushed(ClientPolling(revision, (("key", "k"),)))
            engine = (("EIO", str(revision)), ("transport", "polling"))
            query = (("key", "k"), *engine, *last)
            self.assertEqual(poll, HttpRequest(1, "GET", query))

    def test_one_poll(self) -> None:
        """The next poll follows the answer, with the sid that was learned."""
        polling = client()
        self.assertEqual(flushed(polling), [])
        self.assertEqual(polling.answered(HttpResponse(1, 200, (), b"4a")), [A])
        (poll,) = flushed(polling)
        assert isinstance(poll, HttpRequest)
        self.assertEqual((poll.id, poll.method), (2, "GET"))
        self.assertEqual(poll.query[-1], ("sid", "S"))

    def test_one_post(self) -> None:
        """What is sent during a POST waits for its answer, and goes as one body."""
        polling = client()
        self.assertTrue(polling.is_writable)
        polling.outbox.append(A)
        (post,) = flushed(polling)
        assert isinstance(post, HttpRequest)
        self.assertEqual((post.method, post.body), ("POST", b"4a"))
        self.assertEqual(post.headers, (("Content-Type", "text/plain;charset=UTF-8"),))
        self.assertFalse(polling.is_writable)
        polling.outbox += [B, C]
        self.assertEqual(flushed(polling), [])
        self.assertFalse(polling.has_sent_all)
        self.assertIsNone(polling.answered(HttpResponse(post.id, 200, (), b"ok")))
        (post,) = flushed(polling)
        assert isinstance(post, HttpRequest)
        self.assertEqual(post.body, b"4bb\x1e4ccc")
        polling.answered(HttpResponse(post.id, 200))
        self.assertTrue(polling.has_sent_all)

    def test_may_not_post(self) -> None:
        """While it is upgrading nothing leaves, and no poll is made."""
        polling = client()
        polling.may_post = polling.wants_poll = False
        polling.outbox.append(A)
        polling.answered(HttpResponse(1, 200, (), b"6"))
        self.assertEqual(flushed(polling), [])
        self.assertTrue(polling.is_idle)
        self.assertFalse(polling.is_writable)

    def test_binary(self) -> None:
        """Bytes go as base64 in text, in both revisions."""
        for revision, body in ((EIO3, b"6:b4AQ=="), (EIO4, b"bAQ==")):
            polling = client(revision)
            polling.outbox.append(BYTES)
            (post,) = flushed(polling)
            assert isinstance(post, HttpRequest)
            self.assertEqual(post.body, body)

    def test_max_payload(self) -> None:
        """A body holds what the server takes, at the edge too, and at least one."""
        for limit, bodies in (
            (10, [b"4a\x1e4bb\x1e4c", b"4d"]),
            (9, [b"4a\x1e4bb", b"4c\x1e4d"]),
            (1, [b"4a", b"4bb", b"4c", b"4d"]),
        ):
            polling = ClientPolling(EIO4)
            polling.learn("S", limit)
            polling.outbox += [A, B, Packet(MESSAGE, b"c"), Packet(MESSAGE, b"d")]
            sent = []
            while polling.outbox:
                post = next(
                    request
                    for request in flushed(polling)
                    if isinstance(request, HttpRequest) and request.method == "POST"
                )
                sent.append(post.body)
                polling.answered(HttpResponse(post.id, 200))
            self.assertEqual(sent, bodies, limit)

    def test_errors(self) -> None:
        """An error answer says what was refused, and why, and not the body."""
        body = json.dumps({"code": 1, "message": "Session ID unknown"}).encode()
        for answer, said in (
            (HttpResponse(1, 400, (), body), "HTTP 400 for a poll: Session ID unknown"),
            (HttpResponse(1, 502, (), b"<html>secret"), "HTTP 502 for a poll"),
            (HttpResponse(1, 500, (), b'{"message":5}'), "HTTP 500 for a poll"),
            (HttpResponse(1, 500, (), b"[1]"), "HTTP 500 for a poll"),
        ):
            error = self.assertRaises(RemoteProtocolError, client().answered, answer)
            self.assertEqual((error.layer, error.problem), ("http", said))
        polling = client()
        polling.outbox.append(A)
        flushed(polling)
        error = self.assertRaises(
            RemoteProtocolError, polling.answered, HttpResponse(2, 413)
        )
        self.assertEqual(error.problem, "HTTP 413 for what we sent")

    def test_broken_body(self) -> None:
        """A body that is no payload is the server's fault."""
        for body in (b"", b"<html>", b"9"):
            self.assertRaises(
                RemoteProtocolError, client().answered, HttpResponse(1, 200, (), body)
            )

    def test_binary_answer(self) -> None:
        """EIO3 has a binary form, told by its content type, however it is spelled."""
        polling = client(EIO3)
        headers = (("content-type", "Application/Octet-Stream; x=y"),)
        answer = HttpResponse(1, 200, headers, b"\x01\x02\xff\x04\x01")
        self.assertEqual(polling.answered(answer), [BYTES])

    def test_unknown_request(self) -> None:
        """An answer or a failure of a request that is none of ours is nothing."""
        polling = client()
        self.assertIsNone(polling.answered(HttpResponse(9, 500)))
        self.assertFalse(polling.failed(9))
        self.assertFalse(polling.is_idle)

    def test_failed(self) -> None:
        """A request without answer is no longer open."""
        polling = client()
        self.assertTrue(polling.failed(1))
        self.assertTrue(polling.is_idle)
        polling.outbox.append(A)
        post = flushed(polling)[0]
        assert isinstance(post, HttpRequest)
        self.assertTrue(polling.failed(post.id))
        self.assertTrue(polling.has_sent_all)


class ServerTests(SynchronousTestCase):
    """The answers of a server."""

    def poll(self, polling: ServerPolling, number: int, **query: str) -> bool:
        """Let a client poll."""
        return polling.polled(HttpRequest(number, "GET", tuple(query.items())))

    def test_answer(self) -> None:
        """A poll waits until there is something, and gets all of it."""
        polling = ServerPolling(EIO4, 100)
        self.assertFalse(polling.is_writable)
        self.assertTrue(self.poll(polling, 3))
        self.assertTrue(polling.is_writable)
        self.assertEqual(flushed(polling), [])
        polling.outbox += [A, B]
        headers = (("Content-Type", "text/plain; charset=UTF-8"),)
        answer = HttpResponse(3, 200, headers, b"4a\x1e4bb")
        self.assertEqual(flushed(polling), [answer])
        self.assertFalse(polling.is_writable)
        polling.outbox.append(C)
        self.assertEqual(flushed(polling), [])

    def test_overlap(self) -> None:
        """A second poll is told apart."""
        polling = ServerPolling(EIO4, 100)
        self.assertTrue(self.poll(polling, 1))
        self.assertFalse(self.poll(polling, 2))
        polling.outbox.append(Packet(NOOP))
        (answer,) = flushed(polling)
        assert isinstance(answer, HttpResponse)
        self.assertEqual(answer.id, 1)

    def test_binary(self) -> None:
        """Who did not ask for base64 gets the binary form of EIO3."""
        for revision, query, body, kind in (
            (EIO3, {}, b"\x01\x02\xff\x04\x01", "application/octet-stream"),
            (EIO3, {"b64": "1"}, b"6:b4AQ==", "text/plain; charset=UTF-8"),
            (EIO4, {}, b"bAQ==", "text/plain; charset=UTF-8"),
        ):
            polling = ServerPolling(revision, 100)
            self.poll(polling, 1, **query)
            polling.outbox.append(BYTES)
            headers = (("Content-Type", kind),)
            self.assertEqual(flushed(polling), [HttpResponse(1, 200, headers, body)])

    def test_asked_for_once(self) -> None:
        """Base64 is asked for with the first poll, and stays."""
        polling = ServerPolling(EIO3, 100)
        self.poll(polling, 1, b64="1")
        polling.outbox.append(A)
        flushed(polling)
        self.poll(polling, 2)
        polling.outbox.append(BYTES)
        (answer,) = flushed(polling)
        assert isinstance(answer, HttpResponse)
        self.assertEqual(answer.body, b"6:b4AQ==")

    def test_post(self) -> None:
        """A POST is answered, and its packets come out."""
        polling = ServerPolling(EIO4, 100)
        actions: list[Asked] = []
        post = HttpRequest(5, "POST", (), (), b"4a\x1e4bb")
        self.assertEqual(polling.posted(post, actions), [A, B])
        headers = (("Content-Type", "text/html"),)
        self.assertEqual(actions, [HttpResponse(5, 200, headers, b"ok")])

    def test_largest_post(self) -> None:
        """A body up to the limit is read; a larger one is refused, and no more."""
        for size, status, count in ((100, 200, 1), (101, 413, 0)):
            polling = ServerPolling(EIO4, 100)
            actions: list[Asked] = []
            post = HttpRequest(5, "POST", (), (), b"4" * size)
            self.assertEqual(len(polling.posted(post, actions)), count)
            (answer,) = actions
            assert isinstance(answer, HttpResponse)
            self.assertEqual((answer.id, answer.status), (5, status))

    def test_broken_post(self) -> None:
        """A body that is no payload is answered so."""
        polling = ServerPolling(EIO3, 100)
        actions: list[Asked] = []
        post = HttpRequest(5, "POST", (), (), b"abc")
        self.assertRaises(RemoteProtocolError, polling.posted, post, actions)
        self.assertEqual(actions, [bad_request(5)])

    def test_cancelled(self) -> None:
        """A poll that was given up is gone; another request is not it."""
        polling = ServerPolling(EIO4, 100)
        self.poll(polling, 1)
        self.assertFalse(polling.cancelled(7))
        self.assertTrue(polling.cancelled(1))
        self.assertFalse(polling.is_writable)
