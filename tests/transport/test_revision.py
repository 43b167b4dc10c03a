"""Finding out which revision a peer speaks, and over which transport."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import (
    AuthKeyInvalid,
    ConnectError,
    ConnectTimedOut,
    Disconnected,
    HandshakeRefused,
    LocalProtocolError,
    RemoteProtocolError,
)
from padchat_twisted.transport.revision import RevisionFinder, Way, is_mismatch
from padchat_twisted.wire.socketio import decode_connected

WHERE = "gateway.invalid:7700"
UNSUPPORTED = b'{"code":5,"message":"Unsupported protocol version"}'
OPEN = b'0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'


def refused(body: bytes = UNSUPPORTED, status: int = 400) -> HandshakeRefused:
    """Build the error of a handshake that was answered like this."""
    return HandshakeRefused(WHERE, "not a connection", status=status, body=body)


def broken(error: RemoteProtocolError) -> ConnectError:
    """Build the error of an attempt in which the peer broke a rule."""
    failed = ConnectError(WHERE, str(error))
    failed.__cause__ = error
    return failed


def without_sid() -> RemoteProtocolError:
    """Return what a server of protocol 4 causes in a client of protocol 5."""
    try:
        decode_connected(b"")
    except RemoteProtocolError as error:
        return error
    raise AssertionError


class MismatchTests(SynchronousTestCase):
    """What shows that a peer speaks the other revision."""

    def test_refused_version(self) -> None:
        """Each server has a text of its own for it."""
        for body in (
            UNSUPPORTED,
            b"Unsupported protocol version",
            b'"The client is using an unsupported version of the Socket.IO or'
            b' Engine.IO protocols"',
            b"",
            b" \r\n",
        ):
            self.assertTrue(is_mismatch(3, refused(body)), body)
            self.assertTrue(is_mismatch(4, refused(body)), body)

    def test_other_refusals(self) -> None:
        """Other answers say nothing about the revision."""
        for body, status in (
            (b'{"code":0,"message":"Transport unknown"}', 400),
            (b'{"code":3,"message":"Bad request"}', 400),
            (b"<html>404 Not Found</html>", 404),
            (b"", 403),
            (b"", 502),
        ):
            self.assertFalse(is_mismatch(3, refused(body, status)), body)
            self.assertFalse(is_mismatch(4, refused(body, status)), body)

    def test_payload_of_the_other_revision(self) -> None:
        """An open packet in the other framing shows it, one in ours does not."""
        text = b"%d:%b" % (len(OPEN), OPEN)
        in_bytes = b"\x00\x06\x07\xff" + OPEN
        for body, revision in ((text, 4), (in_bytes, 4), (OPEN, 3)):
            self.assertIs(is_mismatch(3, refused(body, 200)), revision == 3)
            self.assertIs(is_mismatch(4, refused(body, 200)), revision == 4)
        self.assertFalse(is_mismatch(3, refused(b"<html>", 200)))

    def test_answer_without_sid(self) -> None:
        """An answer for a namespace without ``sid`` is that of a socket.io 2.x."""
        error = without_sid()
        self.assertTrue(is_mismatch(4, error))
        self.assertTrue(is_mismatch(4, broken(error)))
        self.assertFalse(is_mismatch(3, error))

    def test_other_errors(self) -> None:
        """Nothing else is taken for it."""
        for error in (
            ConnectError(WHERE, "refused"),
            ConnectTimedOut(WHERE, "nothing came"),
            AuthKeyInvalid(WHERE, "no such key"),
            Disconnected("transport close"),
            RemoteProtocolError("engine.io", "nonsense"),
            broken(RemoteProtocolError("socket.io", "nonsense")),
        ):
            self.assertFalse(is_mismatch(3, error), error)
            self.assertFalse(is_mismatch(4, error), error)


class RevisionFinderTests(SynchronousTestCase):
    """Which ways are tried, in which order, and what is told at the end."""

    def test_auto(self) -> None:
        """Revision 3 is tried first, then 4, then there is no way left."""
        finder = RevisionFinder(WHERE)
        self.assertEqual(finder.begin(), Way(3, ("websocket",)))
        self.assertEqual(finder.after(refused()), Way(4, ("websocket",)))
        self.assertIsNone(finder.after(refused(b"")))

    def test_the_other_first(self) -> None:
        """Who expects a server of revision 4 begins with that."""
        finder = RevisionFinder(WHERE, first=4)
        self.assertEqual(finder.begin().revision, 4)
        self.assertEqual(finder.after(broken(without_sid())), Way(3, ("websocket",)))
        self.assertIsNone(finder.after(refused()))
        self.assertEqual(finder.begin().revision, 4)
        self.assertEqual(RevisionFinder(WHERE, 3, first=4).begin().revision, 3)

    def test_remembered(self) -> None:
        """What worked comes first, until it works no longer."""
        finder = RevisionFinder(WHERE)
        finder.begin()
        finder.after(refused())
        finder.worked()
        self.assertEqual(finder.begin().revision, 4)
        way = finder.after(broken(without_sid()))
        self.assertEqual(way, Way(3, ("websocket",)))
        finder.worked()
        self.assertEqual(finder.begin().revision, 3)

    def test_one_revision(self) -> None:
        """A revision that was set is the only one."""
        for finder, revision in (
            (RevisionFinder(WHERE, 3), 3),
            (RevisionFinder(WHERE, 4), 4),
        ):
            self.assertEqual(finder.begin().revision, revision)
            self.assertIsNone(finder.after(refused()))

    def test_settings(self) -> None:
        """What cannot be is refused, and the error says what can."""
        for transports in (
            (),
            ("websockets",),
            ("polling", ""),
            ("polling", "polling"),
            "polling",
        ):
            with self.assertRaises(LocalProtocolError) as caught:
                RevisionFinder(WHERE, transports=transports)  # type: ignore[arg-type] # one of them is a text
            self.assertIn('"polling", "websocket", or both', str(caught.exception))
        with self.assertRaises(LocalProtocolError) as caught:
            RevisionFinder(WHERE, 5)  # type: ignore[arg-type] # that is the point
        self.assertIn('"auto", 3 or 4', str(caught.exception))

    def test_other_failures(self) -> None:
        """What has nothing to do with the revision ends it, and is told as it is."""
        finder = RevisionFinder(WHERE)
        finder.begin()
        error = ConnectTimedOut(WHERE, "nothing came")
        self.assertIsNone(finder.after(error))
        self.assertIs(finder.explain(error), error)

    def test_fallback(self) -> None:
        """The next transport is tried when that was asked for."""
        order = ("websocket", "polling")
        finder = RevisionFinder(WHERE, transports=order, has_fallback=True)
        self.assertEqual(finder.begin(), Way(3, order))
        forbidden = refused(b"<html>", 403)
        self.assertEqual(finder.after(forbidden), Way(3, ("polling",)))
        self.assertIsNone(finder.after(forbidden))
        finder = RevisionFinder(WHERE, transports=order)
        finder.begin()
        self.assertIsNone(finder.after(forbidden))

    def test_no_fallback(self) -> None:
        """What another transport would not help with ends it."""
        order = ("websocket", "polling")
        for error in (
            ConnectError(WHERE, "refused", hop="TCP"),
            ConnectError(WHERE, "unknown", hop="name"),
            ConnectError(WHERE, "no certificate", hop="TLS"),
            ConnectError(WHERE, "no tunnel", hop="proxy"),
            AuthKeyInvalid(WHERE, "no such key"),
        ):
            finder = RevisionFinder(WHERE, transports=order, has_fallback=True)
            finder.begin()
            self.assertIsNone(finder.after(error), error)

    def test_fallback_after_both_revisions(self) -> None:
        """Each transport is tried with both revisions."""
        order = ("websocket", "polling")
        finder = RevisionFinder(WHERE, transports=order, has_fallback=True)
        finder.begin()
        self.assertEqual(finder.after(refused(b"")), Way(4, order))
        self.assertEqual(finder.after(refused(b"")), Way(3, ("polling",)))
        self.assertEqual(finder.after(refused()), Way(4, ("polling",)))
        self.assertIsNone(finder.after(refused()))


class ExplanationTests(SynchronousTestCase):
    """What is told when no way is left."""

    def test_both(self) -> None:
        """It says which revisions were tried and what was answered to each."""
        finder = RevisionFinder(WHERE)
        finder.begin()
        finder.after(refused())
        last = refused(b"")
        finder.after(last)
        error = finder.explain(last)
        assert isinstance(error, HandshakeRefused)
        text = str(error)
        self.assertIn(f"no connection to {WHERE} (Engine.IO): it speaks no rev", text)
        self.assertIn("revision 3 was answered with HTTP 400", text)
        self.assertIn("Unsupported protocol version", text)
        self.assertIn("revision 4 was answered with HTTP 400;", text)
        self.assertIn("port and path", text)
        self.assertIs(error.__cause__, last)
        self.assertEqual((error.hop, error.status), ("Engine.IO", 400))

    def test_one(self) -> None:
        """With a revision that was set it says what to set."""
        finder = RevisionFinder(WHERE, 3)
        finder.begin()
        error: ConnectError = refused()
        finder.after(error)
        self.assertIn('set revision to 4 or "auto"', str(finder.explain(error)))
        finder = RevisionFinder(WHERE, 4)
        finder.begin()
        error = broken(without_sid())
        finder.after(error)
        text = str(finder.explain(error))
        self.assertIn('set revision to 3 or "auto"', text)
        self.assertIn("without sid", text)

    def test_no_time(self) -> None:
        """When there was no time for the other one, it says so."""
        finder = RevisionFinder(WHERE)
        finder.begin()
        error = refused()
        finder.after(error)
        text = str(finder.explain(error))
        self.assertIn("no time to try revision 4", text)

    def test_the_other_got_further(self) -> None:
        """When the second revision fails otherwise, that is told, with a note."""
        finder = RevisionFinder(WHERE)
        finder.begin()
        finder.after(refused())
        late = ConnectTimedOut(WHERE, "nothing came")
        finder.after(late)
        self.assertIs(finder.explain(late), late)
        self.assertIn("nothing came (with revision 4 of Engine.IO;", str(late))
        self.assertIn("revision 3 was answered with HTTP 400", str(late))

    def test_payload(self) -> None:
        """What came with status 200 is not repeated: anything may be in it."""
        finder = RevisionFinder(WHERE, 3)
        finder.begin()
        error = refused(OPEN, 200)
        finder.after(error)
        self.assertIn("a body of the other revision", str(finder.explain(error)))
        self.assertNotIn("sid", str(finder.explain(error)))
