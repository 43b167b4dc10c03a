"""The chat of the page on Socket.IO, run as its reader runs it."""

from __future__ import annotations

from twisted.trial.unittest import TestCase

from ..children import PATIENCE, STDERR, Child, new_folder, start_child
from .running import EXAMPLES


class ChatTests(TestCase):
    """A server and its clients, each a program of its own."""

    timeout = PATIENCE

    async def serve(self) -> str:
        """Start the server; return its URL."""
        self.folder = new_folder(self)
        self.server = self.run_file("chat_server.py", "tcp:0:interface=127.0.0.1")
        line = await self.server.when_says("serving on port ")
        return f"http://127.0.0.1:{line.rpartition(' ')[2]}"

    def run_file(self, name: str, *arguments: str) -> Child:
        """Run an example until the test ends."""
        file = (str(EXAMPLES / name),)
        return start_child(self, file, *arguments, folder=self.folder)

    async def test_talk(self) -> None:
        """Two people meet and talk; one leaves, the other outlives the server."""
        url = await self.serve()
        alice = self.run_file("chat_client.py", "alice", "hall", url)
        await alice.when_says("in hall: alice")
        bob = self.run_file("chat_client.py", "bob", "hall", url)
        await bob.when_says("in hall: alice, bob")
        await alice.when_says("bob is here")
        alice.type("hello, 你好")
        await bob.when_says("alice: hello, 你好")
        bob.type("hello")
        await alice.when_says("bob: hello")
        other = self.run_file("chat_client.py", "bob", "hall", url)
        self.assertEqual(await other.when_ended(), 1)
        self.assertIn("not let in", other.said(STDERR))
        bob.transport.closeStdin()
        self.assertEqual(await bob.when_ended(), 0)
        await alice.when_says("bob has left")
        self.server.signal("TERM")
        await alice.when_says("(disconnected: transport close)")
        self.assertEqual(await self.server.when_ended(), 0)
        # It would come back to a server that is started again.
        alice.transport.closeStdin()
        self.assertEqual(await alice.when_ended(), 0)
        for child in (alice, bob, self.server):
            self.assertEqual(child.said(STDERR), "")
