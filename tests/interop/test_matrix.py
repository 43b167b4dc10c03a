"""Ours against other implementations of Socket.IO, on real connections."""

from __future__ import annotations

from importlib.util import find_spec
from unittest import SkipTest

from twisted.trial.unittest import SynchronousTestCase, TestCase

from .matrix import play
from .peers import PATIENCE, real_reactor, require_node
from .sides import CLIENTS, OUR_CLIENT, OUR_SERVER, SERVERS, Pair, Side
from .table import PLACE, expected_table


def require(test: TestCase, side: Side) -> None:
    """Skip a test whose peer is not installed.

    Raises:
        SkipTest: says what is missing, and what to do.
    """
    if side.language == "js":
        require_node(test)
    elif side.language == "python" and find_spec("socketio") is None:
        raise SkipTest(
            f"{type(test).__name__}: python-socketio is not installed; run"
            " `pip install -r tests/bench/requirements.txt`"
        )


class MatrixTests(TestCase):
    """Every act, with each peer, by each way of transport."""

    timeout = 5 * PATIENCE

    async def check(self, pair: Pair) -> None:
        """Play every act of a pair; name those that do not come off."""
        require(self, pair.other)
        results = await play(real_reactor(), pair, lambda: require_node(self))
        problems = [
            f"{act}, by {way}: {problem}"
            for (act, way), problem in results.items()
            if problem
        ]
        self.assertEqual(problems, [], "\n".join(problems))

    async def test_server_2(self) -> None:
        """Our client does everything with a server of socket.io 2.5.1."""
        await self.check(Pair(OUR_CLIENT, SERVERS[0]))

    async def test_server_4(self) -> None:
        """Our client does everything with a server of socket.io 4.8.4."""
        await self.check(Pair(OUR_CLIENT, SERVERS[1]))

    async def test_server_4_for_all(self) -> None:
        """Our client does everything with a 4.8.4 that takes old clients too."""
        await self.check(Pair(OUR_CLIENT, SERVERS[2]))

    async def test_python_server(self) -> None:
        """Our client does everything with a server of python-socketio."""
        await self.check(Pair(OUR_CLIENT, SERVERS[3]))

    async def test_client_2(self) -> None:
        """Our server does everything with a client of socket.io-client 2.5.0."""
        await self.check(Pair(CLIENTS[0], OUR_SERVER))

    async def test_client_4(self) -> None:
        """Our server does everything with a client of socket.io-client 4.8.4."""
        await self.check(Pair(CLIENTS[1], OUR_SERVER))

    async def test_python_client(self) -> None:
        """Our server does everything with a client of python-socketio."""
        await self.check(Pair(CLIENTS[2], OUR_SERVER))


class TableTests(SynchronousTestCase):
    """The page for users."""

    def test_table(self) -> None:
        """The table of the page is what these tests prove."""
        self.assertEqual(PLACE.written(), PLACE.holding(expected_table()))
