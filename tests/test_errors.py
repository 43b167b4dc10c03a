"""Every exception: its place in the tree, its sentence, and what it must not say."""

from __future__ import annotations

import pickle
import re
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted import errors
from padchat_twisted.errors import (
    MAX_QUOTED_TEXT,
    CallRejected,
    ConfigurationError,
    ConnectError,
    Disconnected,
    HandshakeRefused,
    LoginError,
    NamespaceRefused,
    NeedsHuman,
    PadChatError,
    PictureRefused,
    RemoteProtocolError,
    TakenOver,
    quoted,
)

#: How each exception is made, and what it says.
EXAMPLES: dict[str, tuple[tuple[Any, ...], str]] = {
    "PadChatError": (("something",), "something"),
    "LocalProtocolError": (("not joined",), "not joined"),
    "BufferFull": (
        (1000,),
        "the peer does not take our bytes: 1000 bytes are waiting, which is the limit;"
        " send less or wait",
    ),
    "RemoteProtocolError": (
        ("engine.io", "an empty frame"),
        "the peer broke the engine.io protocol: an empty frame",
    ),
    "PictureRefused": (
        ("a QR picture of 9 MiB",),
        "the peer broke the padchat protocol: a QR picture of 9 MiB",
    ),
    "MediaRefused": (
        ("a file that is no base64",),
        "the peer broke the padchat protocol: a file that is no base64",
    ),
    "ConnectError": (("h:1", "refused"), "no connection to h:1: refused"),
    "HandshakeRefused": (("h:1", "[403]"), "no connection to h:1 (HTTP): [403]"),
    "ConnectTimedOut": (("h:1", "too slow"), "no connection to h:1: too slow"),
    "NamespaceRefused": (("h:1", "no"), "no connection to h:1 (namespace): no"),
    "AuthKeyInvalid": (("h:1", "no"), "no connection to h:1 (namespace): no"),
    "AuthKeyInUse": (("h:1", "no"), "no connection to h:1 (namespace): no"),
    "AuthKeyExpired": (("h:1", "no"), "no connection to h:1 (namespace): no"),
    "Disconnected": (
        ("ping timeout", "code 1001"),
        "the connection was lost: ping timeout (code 1001)",
    ),
    "TakenOver": (
        ("by bot2",),
        "the connection was lost: taken over by another connection (by bot2)",
    ),
    "CallError": (("sendMsg", "oops"), "('sendMsg', 'oops')"),
    "CallRejected": (
        ("sendMsg", "no such user", -19),
        "the gateway refused 'sendMsg': no such user (status -19)",
    ),
    "NotInRoom": (
        ("getRoomMembers", "1@chatroom", -19),
        "the gateway refused 'getRoomMembers': the account is not in room 1@chatroom"
        " (status -19)",
    ),
    "NotSent": (("sendMsg", "no room"), "'sendMsg' was not sent: no room"),
    "OutcomeUnknown": (
        ("sendMsg", "time limit"),
        "'sendMsg' was sent, but its outcome is unknown: time limit; look before you"
        " repeat it",
    ),
    "StillUnknown": (
        ("sendMsg", "order-1"),
        "'sendMsg' with key 'order-1' was sent before, and its outcome is unknown: it"
        " is not sent again; look whether it happened, then settle the key",
    ),
    "LoginError": (("bot1", "why"), "bot1 is not logged in: why"),
    "QRCodeExpired": (
        ("bot1",),
        "the QR code of bot1 expired before anybody scanned it",
    ),
    "LoginDeclined": (("bot1",), "the login of bot1 was scanned and then refused"),
    "LoginCancelled": (("bot1",), "the login of bot1 was cancelled on the phone"),
    "LoginFailedOften": (
        ("bot1", "20 in 6 hours"),
        "too many logins of bot1 failed: 20 in 6 hours",
    ),
    "LoginTokenExpired": (
        ("bot1", "too old"),
        "the saved login of bot1 is not accepted any more: too old",
    ),
    "LoggedOut": (("bot1", "on the phone"), "bot1 was logged out: on the phone"),
    "NeedsHuman": (("bot1", "scan"), "bot1 needs a person: scan"),
    "StoreError": (("a.db", "is broken", "mend it"), "a.db: is broken; mend it"),
    "StoreLocked": (("a.db", "in use", "stop it"), "a.db: in use; stop it"),
    "StoreDamaged": (("a.db", "no store", "move it"), "a.db: no store; move it"),
    "StoreReadOnly": (("a.db", "locked", "chmod"), "a.db: locked; chmod"),
    "StoreExposed": (("a.db", "open", "chmod"), "a.db: open; chmod"),
    "StoreSealed": (("a.db", "sealed", "give it"), "a.db: sealed; give it"),
    "SchemaTooNew": (
        ("a.db", 3, 1),
        "a.db: its schema is version 3, this version knows up to 1; install a newer"
        " padchat-twisted, or name another store",
    ),
    "DeviceInUse": (
        ("a.db", "bot1", "bot2"),
        "a.db: account 'bot1' has the same device data as account 'bot2'; give each"
        " account device data of its own, or leave it out to have it made",
    ),
    "ConfigurationError": (
        ("a.toml", ("a.toml:1: x", "a.toml:2: y")),
        "a.toml:1: x\na.toml:2: y",
    ),
}


def exceptions() -> dict[str, type[PadChatError]]:
    """Find the exceptions of the module."""
    return {
        name: value
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, PadChatError)
    }


class TreeTests(SynchronousTestCase):
    """The classes."""

    def test_drawn_as_it_is(self) -> None:
        """The tree in the module's docstring is the tree of the classes."""
        assert errors.__doc__ is not None
        drawn = {}
        stack: list[tuple[int, str]] = []
        for line in errors.__doc__.splitlines():
            found = re.match(r"^ {4}(.*?)(\w+)(?:  |$)", line)
            if found is None or found[2][0].islower():
                continue
            depth = len(found[1])
            while stack and stack[-1][0] >= depth:
                stack.pop()
            drawn[found[2]] = stack[-1][1] if stack else "Exception"
            stack.append((depth, found[2]))
        built = {name: kind.__mro__[1].__name__ for name, kind in exceptions().items()}
        self.assertEqual(drawn, built)

    def test_exported(self) -> None:
        """Every exception is exported, each name once."""
        self.assertEqual(sorted(errors.__all__), sorted(exceptions()))

    def test_documented(self) -> None:
        """Every exception says in a sentence when it is raised."""
        for name, kind in exceptions().items():
            assert kind.__doc__, name
            self.assertTrue(kind.__doc__.split("\n")[0].endswith((".", ";")), name)

    def test_permanence(self) -> None:
        """Only a refused namespace makes another attempt pointless."""
        permanent = {
            name
            for name, kind in exceptions().items()
            if issubclass(kind, ConnectError) and kind.is_permanent
        }
        refused = {"AuthKeyInvalid", "AuthKeyInUse", "AuthKeyExpired"}
        self.assertEqual(permanent, {"NamespaceRefused", *refused})
        self.assertFalse(ConnectError("h", "p").is_permanent)
        self.assertTrue(NamespaceRefused("h", "p").is_permanent)


class SentenceTests(SynchronousTestCase):
    """What the exceptions say."""

    def test_examples(self) -> None:
        """Each has the sentence above."""
        self.assertEqual(sorted(EXAMPLES), sorted(exceptions()))
        for name, (arguments, wanted) in EXAMPLES.items():
            self.assertEqual(str(exceptions()[name](*arguments)), wanted)

    def test_copies(self) -> None:
        """Each survives a copy by pickle, attributes and sentence included."""
        for name, (arguments, wanted) in EXAMPLES.items():
            error = exceptions()[name](*arguments)
            again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
            self.assertIs(type(again), type(error))
            self.assertEqual(str(again), wanted)
            self.assertEqual(vars(again), vars(error), name)

    def test_hops(self) -> None:
        """The hop that failed is an attribute, and told where it is known."""
        error = ConnectError("h:1", "refused", hop="TCP")
        self.assertEqual(error.hop, "TCP")
        self.assertEqual(str(error), "no connection to h:1 (TCP): refused")
        self.assertEqual(ConnectError("h:1", "refused").hop, "")
        self.assertEqual(NamespaceRefused("h:1", "no").hop, "namespace")
        self.assertEqual(HandshakeRefused("h:1", "no").hop, "HTTP")
        refused = HandshakeRefused("h:1", "no", hop="WebSocket")
        self.assertEqual(refused.hop, "WebSocket")
        again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        self.assertEqual(again.hop, "TCP")

    def test_attributes(self) -> None:
        """Values are attributes, for whoever decides by them."""
        rejected = CallRejected("sendMsg", "no", -19)
        self.assertEqual(
            (rejected.code, rejected.message, rejected.status), ("sendMsg", "no", -19)
        )
        remote = RemoteProtocolError("socket.io", "x")
        self.assertEqual((remote.layer, remote.problem), ("socket.io", "x"))
        self.assertEqual(PictureRefused("x").layer, "padchat")
        taken = TakenOver("x")
        self.assertIsInstance(taken, Disconnected)
        self.assertEqual(taken.detail, "x")
        human = NeedsHuman("bot1", "x")
        self.assertIsInstance(human, LoginError)
        self.assertEqual((human.account, human.problem), ("bot1", "x"))
        self.assertEqual(ConfigurationError("f", ("a",)).problems, ("a",))

    def test_without_details(self) -> None:
        """What is missing leaves no hole in the sentence."""
        self.assertEqual(
            str(Disconnected("transport close")),
            "the connection was lost: transport close",
        )
        self.assertEqual(
            str(CallRejected("init", "")),
            "the gateway refused 'init': no reason given",
        )
        self.assertEqual(
            str(CallRejected("init", "", 0)),
            "the gateway refused 'init': no reason given (status 0)",
        )


class QuotedTests(SynchronousTestCase):
    """Texts of peers in our sentences."""

    def test_edge(self) -> None:
        """A text of the limit stays whole; a longer one is cut, and that shows."""
        self.assertEqual(quoted("x" * MAX_QUOTED_TEXT), "x" * MAX_QUOTED_TEXT)
        cut = quoted("x" * (MAX_QUOTED_TEXT + 1))
        self.assertEqual(cut, "x" * MAX_QUOTED_TEXT + "...")
        self.assertEqual(quoted(""), "")

    def test_printable(self) -> None:
        """Nothing in it can end a line, move a cursor or hide."""
        for odd in ("\n", "\r", "\t", "\x1b[2J", "\x00", "\u202e", "\u200b", "\ud83d"):
            self.assertTrue(quoted(f"a{odd}b").isprintable(), repr(odd))
        self.assertEqual(quoted("汉字 😀"), "汉字 😀")

    def test_in_sentences(self) -> None:
        """A gateway's reason for saying no is cut too."""
        text = str(CallRejected("init", "x\n" * 10_000))
        self.assertLess(len(text), MAX_QUOTED_TEXT + 100)
        self.assertNotIn("\n", text)
