"""How a server refuses, and what the refused client learns."""

from __future__ import annotations

import pickle

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import ConnectError, NamespaceRefused
from padchat_twisted.socketio.refusals import Refuse, Refused


class RefusalTests(SynchronousTestCase):
    """Both exceptions."""

    def test_refuse(self) -> None:
        """What is raised in middleware says why, and keeps the data to itself."""
        refuse = Refuse("no key", {"code": 7})
        self.assertEqual(str(refuse), "no key")
        self.assertEqual((refuse.message, refuse.data), ("no key", {"code": 7}))

    def test_refused(self) -> None:
        """What a client gets names server and namespace, and is permanent."""
        refused = Refused("h:1", "/chat", "no key", {"code": 7})
        self.assertIn("no connection to h:1", str(refused))
        self.assertIn("the server refused namespace /chat: no key", str(refused))
        self.assertEqual(
            (refused.namespace, refused.message, refused.data),
            ("/chat", "no key", {"code": 7}),
        )
        self.assertIsInstance(refused, ConnectError)
        self.assertIsInstance(refused, NamespaceRefused)
        self.assertTrue(refused.is_permanent)

    def test_refused_without_a_reason(self) -> None:
        """A server that says nothing is quoted with nothing."""
        self.assertIn("no reason given", str(Refused("h:1", "/chat", "")))

    def test_long_and_odd_texts(self) -> None:
        """A text of the server is bounded and printable in the sentence."""
        refused = Refused("h:1", "/chat", "a\nb" * 1000)
        self.assertNotIn("\n", str(refused))
        self.assertLess(len(str(refused)), 400)
        self.assertEqual(len(refused.message), 3000)

    def test_pickled(self) -> None:
        """Both survive pickling, as exceptions of processes must."""
        for error in (Refuse("a", 1), Refused("h:1", "/chat", "a", 1)):
            again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
            self.assertEqual(vars(again), vars(error))
            self.assertEqual(str(again), str(error))
