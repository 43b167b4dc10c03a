"""Tests of padchat_twisted.wire.socketio."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import LocalProtocolError, RemoteProtocolError
from padchat_twisted.wire import socketio
from padchat_twisted.wire.limits import (
    MAX_ACK_DIGITS,
    MAX_ATTACHMENTS,
    MAX_JSON_DEPTH,
    MAX_NAMESPACE_BYTES,
)
from padchat_twisted.wire.socketio import Packet

from .test_json_text import VALUES

BINARY = st.binary(max_size=5)
PROTOCOLS: tuple[socketio.Protocol, ...] = (4, 5)
NAMESPACES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=[","]), max_size=8
).map("/{}".format)


class DecodeTests(SynchronousTestCase):
    """One packet; the vectors hold many more of them."""

    def assert_refused(self, text: bytes) -> RemoteProtocolError:
        """Check that a packet is an error of the peer."""
        error = self.assertRaises(RemoteProtocolError, socketio.decode, text)
        assert isinstance(error, RemoteProtocolError)
        self.assertEqual(error.layer, "socket.io")
        return error

    def test_parts(self) -> None:
        """Type, count, namespace, ack id and body are found in any combination."""
        for text, packet in (
            (b"0", Packet(0)),
            (b"0/user", Packet(0, "/user")),
            (b"0/user?a=1,", Packet(0, "/user?a=1")),
            (b"1/user,", Packet(1, "/user")),
            (b'2["a"]', Packet(2, "/", None, b'["a"]')),
            (b'2/user,0["a"]', Packet(2, "/user", 0, b'["a"]')),
            (b"3/user,12[]", Packet(3, "/user", 12, b"[]")),
            (b'4/user,"no"', Packet(4, "/user", None, b'"no"')),
            (b'52-/user,7["a"]', Packet(5, "/user", 7, b'["a"]', 2)),
            (b"61-7[]", Packet(6, "/", 7, b"[]", 1)),
            (b'2/\xe4\xb8\xad,["a"]', Packet(2, "/中", None, b'["a"]')),
        ):
            self.assertEqual(socketio.decode(text), packet)

    def test_encode_is_the_way_back(self) -> None:
        """What encode writes, decode reads; a namespace has its comma."""
        for packet, text in (
            (Packet(0, "/user?a=1"), b"0/user?a=1,"),
            (Packet(1), b"1"),
            (Packet(2, "/user", 0, b'["a"]'), b'2/user,0["a"]'),
            (Packet(5, "/中", None, b'["a"]', 10), b'510-/\xe4\xb8\xad,["a"]'),
        ):
            self.assertEqual(socketio.encode(packet), text)
            self.assertEqual(socketio.decode(text), packet)

    def test_bodies(self) -> None:
        """A type with a body that it cannot have is refused."""
        for text in (
            b"",
            b"7",
            b"x",
            b"0/user,1",
            b'0"s"',
            b"0{",
            b"0\xff",
            b"1[]",
            b"1/user,5",
            b"2",
            b"2{}",
            b"20",
            b"3[]",
            b"30",
            b'30"a"',
            b"4",
            b"4/user,5",
        ):
            self.assert_refused(text)

    def test_bodies_of_protocol_5(self) -> None:
        """CONNECT holds an object, CONNECT_ERROR a text or an object, or nothing."""
        for text in (
            b"0",
            b"0/user",
            b'0/user,{"token":"123"}',
            b"0{}",
            b'4{"message":"no"}',
            b'4/user,"no"',
            b"1/user,",
            b'2/user,1["a"]',
            b"3/user,1[]",
            b'51-/user,1["a",{"_placeholder":true,"num":0}]',
        ):
            packet = socketio.decode(text, 5)
            self.assertEqual(packet, socketio.decode(text))
            with_comma = socketio.encode(packet)
            self.assertEqual(socketio.decode(with_comma, 5), packet)
        for text in (
            b"0[]",
            b"0null",
            b'0"s"',
            b"0{",
            b"01",
            b"0\xff",
            b"0" + b"[" * 1000 + b"]" * 1000,
            b"4",
            b"4[]",
            b"4null",
            b"4{",
            b"41",
            b"1{}",
            b"2{}",
            b"3[]",
            b"5[]",
        ):
            self.assertRaises(RemoteProtocolError, socketio.decode, text, 5)

    def test_version_1(self) -> None:
        """What socket.io 1.x sends over polling is known by its spelling and text."""
        for text in (b"0/user", b"0/user?a=1"):
            self.assertTrue(socketio.may_be_of_1x(text))
        for text in (b"0", b"0/user,", b"0/user?a=1,", b"1/user", b'2/user,["a"]', b""):
            self.assertFalse(socketio.may_be_of_1x(text))
        garbled = '2["成功 😀"]'.encode().decode("latin-1").encode()
        error = self.assertRaises(
            RemoteProtocolError, socketio.refuse_text_of_1x, garbled
        )
        self.assertIn("socket.io 1.x", str(error))
        for text in (b'2["a"]', '2["成功"]'.encode(), '2["é"]'.encode(), b"2\xff"):
            socketio.refuse_text_of_1x(text)

    def test_bytes_that_are_no_text(self) -> None:
        """A namespace must be UTF-8; the body is left to who reads it."""
        self.assert_refused(b'2/\xff,["a"]')
        packet = socketio.decode(b'2["\xff"]')
        self.assertRaises(RemoteProtocolError, socketio.event_name, packet.body)
        self.assertRaises(RemoteProtocolError, socketio.decode_arguments, packet.body)

    def test_namespace_limit(self) -> None:
        """The longest namespace passes, with or without its comma."""
        longest = b"/" + b"a" * (MAX_NAMESPACE_BYTES - 1)
        for comma in (b"", b","):
            packet = socketio.decode(b"0" + longest + comma)
            self.assertEqual(packet.namespace, longest.decode())
            error = self.assert_refused(b"0" + longest + b"a" + comma)
            self.assertIn(str(MAX_NAMESPACE_BYTES), str(error))

    def test_ack_id_limit(self) -> None:
        """The longest ack id passes; Python's own limit is never reached."""
        longest = b"9" * MAX_ACK_DIGITS
        self.assertEqual(socketio.decode(b"3" + longest + b"[]").ack_id, int(longest))
        for digits in (longest + b"9", b"9" * 5000):
            self.assert_refused(b"3" + digits + b"[]")
            self.assert_refused(b"2" + digits + b'["a"]')

    def test_attachment_limit(self) -> None:
        """As many attachments as JavaScript takes, and at least one."""
        packet = socketio.decode(b'5%d-["a"]' % MAX_ATTACHMENTS)
        self.assertEqual(packet.attachment_count, MAX_ATTACHMENTS)
        for count in (
            b"%d" % (MAX_ATTACHMENTS + 1),
            b"0",
            b"",
            b"01",
            b"-1",
            b"9" * 20,
        ):
            self.assert_refused(b"5" + count + b'-["a"]')
        self.assert_refused(b'51["a"]')

    def test_shows_no_content(self) -> None:
        """Neither an error nor a repr repeats a key or what was said."""
        packet = Packet(0, "/user?authKey=secret", None, b'{"secret":1}')
        self.assertNotIn("secret", repr(packet))
        self.assertNotIn("secret", str(self.assert_refused(b"2secret")))

    @settings(derandomize=True, deadline=None, max_examples=300)
    @given(st.lists(st.sampled_from(list(b'0123456789-/,["a]{}? \xff'))).map(bytes))
    def test_garbage(self, garbage: bytes) -> None:
        """Garbage is a packet or the one error of a peer."""
        for protocol in PROTOCOLS:
            with contextlib.suppress(RemoteProtocolError):
                packet = socketio.decode(garbage, protocol)
                socketio.event_name(packet.body, protocol)
                socketio.decode_arguments(packet.body)
            with contextlib.suppress(RemoteProtocolError):
                socketio.decode_connected(garbage)

    @settings(derandomize=True, deadline=None, max_examples=200)
    @given(
        st.sampled_from((socketio.EVENT, socketio.ACK)),
        NAMESPACES,
        st.integers(0, 10**MAX_ACK_DIGITS - 1),
        st.integers(0, MAX_ATTACHMENTS),
    )
    def test_round_trip(
        self, kind: int, namespace: str, ack_id: int, count: int
    ) -> None:
        """What is encoded comes back, in both protocols."""
        kind += 3 if count else 0
        packet = Packet(kind, namespace, ack_id, b'["a"]', count)
        for protocol in PROTOCOLS:
            decoded = socketio.decode(socketio.encode(packet), protocol)
            self.assertEqual(decoded, packet)


class ConnectedTests(SynchronousTestCase):
    """The answer of a server of protocol 5 that lets a client in."""

    def test_sid(self) -> None:
        """The sid goes there and back; what else a server says is ignored."""
        body = socketio.encode_connected("a-1")
        self.assertEqual(body, b'{"sid":"a-1"}')
        self.assertEqual(socketio.decode_connected(body), "a-1")
        self.assertEqual(socketio.decode_connected(b'{"sid":"a","pid":"b"}'), "a")

    def test_no_sid(self) -> None:
        """A server that answers without one speaks protocol 4: the error says so."""
        for body in (b"", b"{}", b'{"sid":""}', b'{"sid":1}', b"[]", b"{"):
            error = self.assertRaises(
                RemoteProtocolError, socketio.decode_connected, body
            )
            self.assertIn("2.x", str(error))


class EventNameTests(SynchronousTestCase):
    """The name is read without the arguments."""

    def test_names(self) -> None:
        """Plain, escaped, empty and numeric names."""
        for body, name in (
            (b'["push",{}]', "push"),
            (b'[""]', ""),
            (b'[ "push"]', "push"),
            ('["事件"]'.encode(), "事件"),
            (b'["a\\"b"]', 'a"b'),
            (b'["\\u4e8b"]', "事"),
            (rb'["\ud83d"]', "\ud83d"),
            (b"[1]", "1"),
            (b"[1.5]", "1.5"),
        ):
            self.assertEqual(socketio.event_name(body), name)

    def test_reserved_names(self) -> None:
        """Protocol 5 refuses six names, in whichever spelling; protocol 4 does not."""
        for name in (
            "connect",
            "connect_error",
            "disconnect",
            "disconnecting",
            "newListener",
            "removeListener",
        ):
            self.assertIn(name, socketio.RESERVED_EVENTS)
            escaped = f"\\u{ord(name[0]):04x}{name[1:]}"
            for spelling in (name, escaped):
                body = f'["{spelling}"]'.encode()
                self.assertEqual(socketio.event_name(body), name)
                self.assertRaises(RemoteProtocolError, socketio.event_name, body, 5)
        for name in ("error", "ping", "reconnect", ""):
            body = f'["{name}"]'.encode()
            self.assertEqual(socketio.event_name(body, 5), name)
        self.assertEqual(socketio.event_name(b"[1]", 5), "1")

    def test_no_name(self) -> None:
        """What is no text and no number is no name."""
        for body in (b"[]", b"[null]", b"[true]", b"[{}]", b'[["a"]]', b'["a', b"{}"):
            self.assertRaises(RemoteProtocolError, socketio.event_name, body)


class ArgumentTests(SynchronousTestCase):
    """Arguments, and the attachments in them."""

    def test_attachments(self) -> None:
        """Each bytes value leaves a placeholder, and comes back into its place."""
        value = ["file", {"list": [b"\xff", {"deep": bytearray(b"")}]}, (b"\x01",)]
        body, attachments = socketio.encode_arguments(value)
        self.assertEqual(attachments, (b"\xff", b"", b"\x01"))
        self.assertEqual(
            body,
            b'["file",{"list":[{"_placeholder":true,"num":0},'
            b'{"deep":{"_placeholder":true,"num":1}}]},'
            b'[{"_placeholder":true,"num":2}]]',
        )
        self.assertEqual(
            socketio.decode_arguments(body, attachments),
            ["file", {"list": [b"\xff", {"deep": b""}]}, [b"\x01"]],
        )

    def test_placeholders(self) -> None:
        """Only a true placeholder with a number in range is one."""
        for body in (
            b'[{"_placeholder":true,"num":1}]',
            b'[{"_placeholder":true,"num":-1}]',
            b'[{"_placeholder":true,"num":true}]',
            b'[{"_placeholder":true,"num":"0"}]',
            b'[{"_placeholder":true}]',
        ):
            self.assertRaises(
                RemoteProtocolError, socketio.decode_arguments, body, (b"x",)
            )
        body = b'[{"_placeholder":1,"num":0}]'
        read = socketio.decode_arguments(body, (b"x",))
        self.assertEqual(read, [{"_placeholder": 1, "num": 0}])

    def test_not_an_array(self) -> None:
        """What is no array, no JSON or too deep is refused."""
        for body in (b"", b"{}", b"1", b"[", b"[" * (MAX_JSON_DEPTH + 1)):
            self.assertRaises(RemoteProtocolError, socketio.decode_arguments, body)

    def test_too_many_attachments(self) -> None:
        """The limit holds for what we send, too."""
        socketio.encode_arguments([b"x"] * MAX_ATTACHMENTS)
        self.assertRaises(
            LocalProtocolError,
            socketio.encode_arguments,
            [b"x"] * (MAX_ATTACHMENTS + 1),
        )

    def test_what_json_cannot_hold(self) -> None:
        """Foreign values and cycles are our own error; nothing leaves."""
        cyclic: list[object] = ["\ud83d"]
        cyclic.append(cyclic)
        for arguments in ([object()], cyclic, [{"a": {1, object()}}]):
            self.assertRaises(LocalProtocolError, socketio.encode_arguments, arguments)

    @settings(derandomize=True, deadline=None, max_examples=150)
    @given(st.lists(VALUES | BINARY | st.lists(BINARY, max_size=2), max_size=4))
    def test_round_trip(self, arguments: list[object]) -> None:
        """What is encoded comes back, attachments in their places."""
        body, attachments = socketio.encode_arguments(arguments)
        self.assertEqual(socketio.decode_arguments(body, attachments), arguments)
