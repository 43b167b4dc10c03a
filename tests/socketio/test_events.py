"""Events and answers as Python sees them."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import LocalProtocolError, RemoteProtocolError
from padchat_twisted.socketio import events
from padchat_twisted.wire.socketio import RESERVED_EVENTS


class EventTests(SynchronousTestCase):
    """Names, arguments, and answers."""

    def test_event(self) -> None:
        """An event is its name and arguments; bytes at any depth are attachments."""
        body, attachments = events.encode_event("a", (1, {"b": [b"x"]}, b"y"))
        self.assertEqual(
            body,
            b'["a",1,{"b":[{"_placeholder":true,"num":0}]},'
            b'{"_placeholder":true,"num":1}]',
        )
        self.assertEqual(attachments, (b"x", b"y"))
        self.assertEqual(
            events.arguments_of(body, attachments), [1, {"b": [b"x"]}, b"y"]
        )

    def test_names_that_cannot_be(self) -> None:
        """Reserved names and what is no text are refused before anything is sent."""
        names: list[Any] = [*RESERVED_EVENTS, 7, None]
        for name in names:
            self.assertRaises(LocalProtocolError, events.encode_event, name, ())

    def test_arguments_that_cannot_be(self) -> None:
        """What JSON cannot hold is refused."""
        self.assertRaises(LocalProtocolError, events.encode_event, "a", (object(),))

    def test_answers_both_ways(self) -> None:
        """None, one and several arguments: what is returned is what is got."""
        answers: list[Any] = [None, 1, "a", [1, 2], (1, 2), {"a": b"x"}, False]
        for answer in answers:
            body, attachments = events.encode_answer(answer)
            self.assertEqual(events.answer_of(body, attachments), answer)

    def test_answer_on_the_wire(self) -> None:
        """A tuple is several arguments, a list is one."""
        self.assertEqual(events.encode_answer(None)[0], b"[]")
        self.assertEqual(events.encode_answer((1, 2))[0], b"[1,2]")
        self.assertEqual(events.encode_answer([1, 2])[0], b"[[1,2]]")

    def test_arguments_that_cannot_be_read(self) -> None:
        """The peer is to blame for what is no JSON array."""
        for read in (events.arguments_of, events.answer_of):
            self.assertRaises(RemoteProtocolError, read, b"[nan]", ())

    def test_namespaces(self) -> None:
        """A namespace begins with a slash and holds nothing that ends it."""
        for name in ("/", "/chat", "/a/b", "/中文"):
            self.assertEqual(events.check_namespace(name), name)
        for name in ("", "chat", "/a,b", "/a?b", "/a\x1eb", "/a\nb"):
            error = self.assertRaises(LocalProtocolError, events.check_namespace, name)
            self.assertIn("no namespace", str(error))


class RefusalTests(SynchronousTestCase):
    """Refusals on the wire: protocol 4 sends one thing, protocol 5 an object."""

    def test_encoded(self) -> None:
        """As the JavaScript servers do: see the vectors *-connect-error-middleware."""
        encode = events.encode_refusal
        self.assertEqual(encode("no", None, 4), b'"no"')
        self.assertEqual(encode("no", {"code": 1}, 4), b'{"code":1}')
        self.assertEqual(encode("no", None, 5), b'{"message":"no"}')
        self.assertEqual(
            encode("no", {"code": 1}, 5), b'{"message":"no","data":{"code":1}}'
        )
        self.assertRaises(LocalProtocolError, encode, "no", object(), 5)

    def test_decoded(self) -> None:
        """Each form gives its message and its data."""
        decode = events.decode_refusal
        self.assertEqual(decode(b'"no"'), ("no", None))
        self.assertEqual(decode(b'{"message":"no"}'), ("no", None))
        self.assertEqual(decode(b'{"message":"no","data":[1]}'), ("no", [1]))
        self.assertEqual(decode(b'{"code":1}'), ("", {"code": 1}))
        self.assertEqual(
            decode(b'{"message":"no","code":1}'), ("no", {"message": "no", "code": 1})
        )
        self.assertEqual(decode(b'{"message":7}'), ("", {"message": 7}))
        self.assertEqual(decode(b"[1]"), ("", [1]))
        self.assertEqual(decode(b"{broken"), ("", None))

    def test_error_in_a_session(self) -> None:
        """Its data is whatever it is; what cannot be read is None."""
        self.assertEqual(events.decode_error(b'"oh"'), "oh")
        self.assertEqual(events.decode_error(b'{"a":1}'), {"a": 1})
        self.assertIsNone(events.decode_error(b"{broken"))
