"""A client's connection to a gateway: what it tells its session, and how it ends."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from padchat_twisted.errors import (
    AuthKeyInvalid,
    ConnectError,
    ConnectTimedOut,
    Disconnected,
    HandshakeRefused,
    LocalProtocolError,
    NamespaceRefused,
    PadChatError,
    RemoteProtocolError,
)
from padchat_twisted.interfaces import IGatewayConnection
from padchat_twisted.wire.envelope import Notice, Reply
from padchat_twisted.wire.limits import CLOSE_TIMEOUT, OPEN_TIMEOUT

from .by_hand import CLOSE, close_frame, read_frames
from .in_memory import KEY, OPEN_PACKET, Opened, Receiver


class RequestTests(SynchronousTestCase):
    """The request that opens the WebSocket."""

    def test_as_recorded(self) -> None:
        """It is what the reference client sends. Source: vector padchat-login-flow."""
        request = Opened(is_joined=False).request.decode()
        self.assertEqual(
            request.split("\r\n")[0],
            "GET /socket.io/?authKey=KEY-0001%2F%C3%A5&name=bot1&EIO=3"
            "&transport=websocket HTTP/1.1",
        )
        self.assertIn("\r\nHost: gateway.invalid:7700\r\n", request)
        self.assertNotIn("Extensions", request)
        self.assertNotIn("User-Agent", request)

    def test_odd_keys(self) -> None:
        """Whatever is in a key, the request stays one line, and the packet whole."""
        for key in ("a b", "a&b=c", "a,b", "a#b", "a\r\nb", "a?b", "%41", "密钥"):
            opened = Opened(is_joined=False, key=key)
            first = opened.request.split(b"\r\n")[0]
            self.assertEqual(first.count(b" "), 2, key)
            opened.answer()
            opened.says(OPEN_PACKET)
            (packet,) = read_frames(opened.transport.taken())
            self.assertEqual(packet.payload.count(b","), 1, key)
            self.assertEqual(packet.payload[-1:], b",")

    def test_ipv6(self) -> None:
        """An IPv6 address stands in brackets in the header ``Host``."""
        opened = Opened(is_joined=False, url="http://[::1]:7700/user")
        self.assertIn(b"\r\nHost: [::1]:7700\r\n", opened.request)
        self.assertEqual(opened.connection.peer, "[::1]:7700")


class SessionTests(SynchronousTestCase):
    """What the session hears and asks for."""

    def test_interface(self) -> None:
        """It is what the session expects."""
        verifyObject(IGatewayConnection, Opened().connection)

    def test_joined(self) -> None:
        """The session is told when the namespace is joined, and not before."""
        receiver = Receiver()
        opened = Opened(receiver, is_joined=False)
        opened.answer()
        opened.says(OPEN_PACKET, b"40")
        self.assertEqual(receiver.order, [])
        opened.says(b"40/user")
        self.assertEqual(receiver.order, ["connected"])
        self.assertIs(receiver.connection, opened.connection)

    def test_garbage_behind_the_answer(self) -> None:
        """What is over by the end of the read that let us in was never up."""
        receiver = Receiver()
        opened = Opened(receiver, is_joined=False)
        opened.answer()
        opened.says(OPEN_PACKET, b"40")
        opened.says(b"40/user", b"4garbage")
        self.assertEqual(receiver.order, [])
        opened.clock.advance(CLOSE_TIMEOUT)
        self.assertEqual(receiver.order, ["lost"])
        (reason, _), *_ = receiver.losses
        self.assertIsInstance(reason, ConnectError)
        self.assertIsInstance(reason.__cause__, RemoteProtocolError)

    def test_envelopes(self) -> None:
        """Events and acknowledgements come as one group per read, in order."""
        receiver = Receiver()
        opened = Opened(receiver)
        opened.says(b'42/user,["a",1]', b"43/user,7[{}]", b'42/user,["b"]')
        self.assertEqual(
            receiver.envelopes,
            [Notice("a", b'["a",1]'), Reply(7, b"[{}]"), Notice("b", b'["b"]')],
        )
        self.assertEqual(receiver.groups, 1)

    def test_other_namespaces(self) -> None:
        """What comes on the main namespace is not for us."""
        receiver = Receiver()
        opened = Opened(receiver)
        opened.says(b'42["a"]', b'42/other,["b"]', b'431["c"]', b'44"no"')
        self.assertEqual(receiver.envelopes, [])
        self.assertEqual(receiver.losses, [])

    def test_error_in_session(self) -> None:
        """An ERROR packet after the join is an event, and ends nothing."""
        receiver = Receiver()
        opened = Opened(receiver)
        opened.says(b'44/user,{"message":"busy"}')
        notice = Notice("error", b'["error",{"message":"busy"}]')
        self.assertEqual(receiver.envelopes, [notice])

    def test_call(self) -> None:
        """A call is an event with an ack id; its parameters go as they are."""
        opened = Opened(Receiver())
        opened.connection.send_call(12, "sendMsg", b'{"content":"hi"}')
        (sent,) = read_frames(opened.transport.taken())
        self.assertEqual(sent.payload, b'42/user,12["sendMsg",{"content":"hi"}]')
        self.assertTrue(sent.is_masked)

    def test_call_at_its_limit(self) -> None:
        """Parameters above the largest frame are refused, and nothing leaves."""
        opened = Opened(Receiver(), max_frame=1000)
        opened.connection.send_call(1, "x", b"1" * 1000)
        self.assertEqual(len(read_frames(opened.transport.taken())), 1)
        with self.assertRaises(LocalProtocolError) as caught:
            opened.connection.send_call(2, "x", b"1" * 1001)
        self.assertIn("1001 bytes; the limit is 1000", str(caught.exception))
        self.assertEqual(opened.transport.writes, [])

    def test_call_when_it_is_over(self) -> None:
        """After the end a call is refused."""
        opened = Opened(Receiver())
        opened.lose()
        with self.assertRaises(LocalProtocolError):
            opened.connection.send_call(1, "x", b"{}")

    def test_early_envelopes(self) -> None:
        """What came before there was a session is told when there is one."""
        opened = Opened(is_joined=False)
        opened.answer()
        opened.says(OPEN_PACKET, b"40/user", b'42/user,["early",1]', b"43/user,0[1]")
        self.assertTrue(opened.transport.is_paused)
        receiver = Receiver()
        opened.connection.attach(receiver)
        self.assertEqual(receiver.order, ["connected", "received"])
        self.assertEqual(len(receiver.envelopes), 2)
        opened.says(b'42/user,["late"]')
        self.assertEqual(len(receiver.envelopes), 3)

    def test_loss_before_there_was_a_session(self) -> None:
        """A session that comes too late is told so, in order."""
        opened = Opened()
        self.assertFalse(opened.connection.is_over)
        opened.lose()
        self.assertTrue(opened.connection.is_over)
        receiver = Receiver()
        opened.connection.attach(receiver)
        self.assertEqual(receiver.order, ["connected", "lost"])

    def test_over_within_one_read(self) -> None:
        """What is joined and left in one read was never up: only the loss is told."""
        receiver = Receiver()
        opened = Opened(receiver, is_joined=False)
        opened.answer()
        opened.says(OPEN_PACKET, b"40/user", b'42/user,["a"]', b"41/user,")
        opened.websocket.dataReceived(close_frame(None))
        opened.finish()
        self.assertEqual(receiver.order, ["lost"])
        self.assertIs(type(receiver.loss), ConnectError)


class LossTests(SynchronousTestCase):
    """What the session is told when the connection ends."""

    def lost(self, opened: Opened, receiver: Receiver) -> PadChatError:
        """Let the closing handshake and the connection end; return the reason."""
        (*_, last) = read_frames(opened.transport.taken())
        self.assertEqual(last.opcode, CLOSE)
        opened.websocket.dataReceived(close_frame(None))
        opened.finish()
        self.assertEqual(opened.clock.getDelayedCalls(), [])
        return receiver.loss

    def test_close(self) -> None:
        """``close`` leaves in good order."""
        receiver = Receiver()
        opened = Opened(receiver)
        opened.connection.close()
        reason = self.lost(opened, receiver)
        self.assertIsInstance(reason, Disconnected)
        self.assertEqual(str(reason), "the connection was lost: io client disconnect")

    def test_abort(self) -> None:
        """``abort`` drops at once."""
        receiver = Receiver()
        opened = Opened(receiver)
        opened.connection.abort()
        self.assertTrue(opened.transport.disconnected)
        self.assertIsInstance(receiver.loss, Disconnected)
        opened.finish()
        self.assertEqual(opened.clock.getDelayedCalls(), [])

    def test_fail(self) -> None:
        """``fail`` closes, and the session hears its own error back."""
        receiver = Receiver()
        opened = Opened(receiver)
        error = RemoteProtocolError("padchat", "nonsense")
        opened.connection.fail(error)
        self.assertIs(self.lost(opened, receiver), error)

    def test_gateway_leaves(self) -> None:
        """When the gateway takes us out of the namespace, we leave it all."""
        receiver = Receiver()
        opened = Opened(receiver)
        opened.says(b"41/user,")
        self.assertEqual(
            str(self.lost(opened, receiver)),
            "the connection was lost: io server disconnect",
        )

    def test_silent_gateway(self) -> None:
        """A gateway that does not answer pings is given up."""
        receiver = Receiver()
        opened = Opened(receiver)
        opened.clock.advance(25)
        opened.clock.advance(20)
        opened.clock.advance(CLOSE_TIMEOUT)
        self.assertTrue(opened.transport.disconnected)
        self.assertEqual(str(receiver.loss), "the connection was lost: ping timeout")

    def test_deadlines(self) -> None:
        """Each step of connecting has its limit, and the error names the step."""
        receiver = Receiver()
        opened = Opened(receiver, is_joined=False)
        opened.clock.advance(OPEN_TIMEOUT)
        self.assertIn("the WebSocket handshake did not come", str(receiver.loss))
        receiver = Receiver()
        opened = Opened(receiver, is_joined=False)
        opened.answer()
        opened.clock.advance(OPEN_TIMEOUT)
        self.assertIn("open packet did not come", str(receiver.loss))
        receiver = Receiver()
        opened = Opened(receiver, is_joined=False)
        opened.answer()
        opened.says(OPEN_PACKET, b"40")
        opened.clock.advance(OPEN_TIMEOUT)
        reason = self.lost(opened, receiver)
        self.assertIsInstance(reason, ConnectTimedOut)
        self.assertEqual(
            str(reason),
            "no connection to gateway.invalid:7700: the server did not answer for"
            " namespace /user within 20 seconds",
        )

    def test_broken_before_the_join(self) -> None:
        """A rule broken before the join is an attempt that failed, with its cause."""
        receiver = Receiver()
        opened = Opened(receiver, is_joined=False)
        opened.answer()
        opened.says(b"nonsense")
        reason = self.lost(opened, receiver)
        self.assertIs(type(reason), ConnectError)
        self.assertIsInstance(reason.__cause__, RemoteProtocolError)
        self.assertIn("the peer broke the engine.io protocol", str(reason))


class RefusalTests(SynchronousTestCase):
    """A gateway that does not let us in."""

    def refused(self, body: bytes, key: str = KEY) -> NamespaceRefused:
        """Have the gateway refuse the namespace."""
        receiver = Receiver()
        opened = Opened(receiver, is_joined=False, key=key)
        opened.answer()
        opened.says(OPEN_PACKET, b"40", b"44/user," + body)
        opened.websocket.dataReceived(close_frame(None))
        opened.finish()
        reason = receiver.loss
        assert isinstance(reason, NamespaceRefused)
        self.assertTrue(reason.is_permanent)
        return reason

    def test_unknown_namespace(self) -> None:
        """``Invalid namespace`` is about the URL, everything else about the key."""
        for body in (b'"Invalid namespace"', b'{"message":"Invalid namespace"}'):
            reason = self.refused(body)
            self.assertIs(type(reason), NamespaceRefused)
            self.assertEqual(reason.where, "gateway.invalid:7700")
        for body in (b'"no"', b'{"msg":"no"}', b'{"other":"no"}', b"[1]", b"{]"):
            self.assertIs(type(self.refused(body)), AuthKeyInvalid)

    def test_text(self) -> None:
        """The gateway's text is repeated, bounded."""
        text = str(self.refused(b'"key unknown"'))
        self.assertIn("the gateway refused namespace /user: key unknown", text)
        text = str(self.refused(b'"%b"' % (b"x" * 10_000)))
        self.assertLess(len(text), 400)

    def test_key_is_hidden(self) -> None:
        """A gateway that repeats the key does not get it into our errors."""
        for key, said in (
            (KEY, KEY),
            (KEY, "KEY-0001%2F%C3%A5"),
            ("plain", "plain"),
            ("a b", "a%20b"),
        ):
            text = str(self.refused(f'"no such key {said}!"'.encode(), key=key))
            self.assertIn("no such key ***!", text)
            self.assertNotIn(said, text)
        self.assertIn("no such key", str(self.refused(b'"no such key"', key="")))

    def test_key_in_http(self) -> None:
        """The same holds for the status line and for the reason of a close frame."""
        receiver = Receiver()
        opened = Opened(receiver, is_joined=False, key="s3cret")
        answer = b"HTTP/1.1 403 s3cret is not known\r\n\r\n"
        opened.websocket.dataReceived(answer)
        opened.finish()
        self.assertIsInstance(receiver.loss, HandshakeRefused)
        self.assertIn("*** is not known", str(receiver.loss))
        receiver = Receiver()
        opened = Opened(receiver, key="s3cret")
        opened.websocket.dataReceived(close_frame(4000, "s3cret expired"))
        opened.finish()
        self.assertIn("code 4000 *** expired", str(receiver.loss))

    def test_nothing_leaks(self) -> None:
        """Neither the connection nor its parts show the key."""
        opened = Opened(Receiver())
        for thing in (
            opened.connection,
            opened.connection.driver,
            opened.connection.factory,
            opened.websocket,
        ):
            self.assertNotIn("KEY-0001", repr(thing) + str(thing))
