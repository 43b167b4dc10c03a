"""Hostile gateways on real sockets, beside an honest one (acceptance A5)."""

from __future__ import annotations

import secrets
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.interfaces import IPushProducer
from twisted.internet.task import Clock, deferLater
from twisted.trial.unittest import TestCase
from twisted.web.server import Site
from zope.interface import implementer

from padchat_twisted.catalogue import TextMessage
from padchat_twisted.composing import build_account
from padchat_twisted.errors import (
    ConnectError,
    ConnectTimedOut,
    HandshakeRefused,
    PadChatError,
    RemoteProtocolError,
)
from padchat_twisted.sandbox.server import SandboxGateway
from padchat_twisted.sandbox.settings import WorldSettings
from padchat_twisted.sandbox.world import World
from padchat_twisted.secret import Secret
from padchat_twisted.session.account import AccountSession, StateChanged
from padchat_twisted.store import MemoryStore
from padchat_twisted.wire.limits import OPEN_TIMEOUT

from .by_hand import CONTINUATION, TEXT, frame
from .hostile import HostileFactory, HostileGateway, Play, at_once
from .served import connector_to

reactor: Any = _reactor

MIB = 1024 * 1024

#: Largest frame of the victims.
MAX_FRAME = 2 * MIB

#: More than the operating system keeps between two sockets on one machine.
BETWEEN = 16 * MIB


@implementer(IPushProducer)
class Flood:
    """Sends the same bytes to a client for as long as it takes any."""

    def __init__(self, gateway: HostileGateway, piece: bytes) -> None:
        self._gateway = gateway
        self._piece = piece
        self._is_on = True
        self.sent = 0
        self.stopped: Deferred[None] = Deferred()

    def begin(self) -> None:
        """Begin to send."""
        transport: Any = self._gateway.transport
        transport.registerProducer(self, True)
        self.resumeProducing()

    def resumeProducing(self) -> None:
        """Send until there is no room."""
        self._is_on = True
        while self._is_on:
            self.sent += len(self._piece)
            self._gateway.send(self._piece)

    def pauseProducing(self) -> None:
        """There is no room."""
        self._is_on = False

    def stopProducing(self) -> None:
        """The client is gone."""
        self._is_on = False
        self.stopped.callback(None)


class HostileSocketTests(TestCase):
    """A victim and an honest account in one process, each at its own gateway."""

    timeout = 30

    async def setUp(self) -> None:  # type: ignore[override] # trial waits for it
        """Serve a sandbox, and log an account in that answers ``ping``."""
        self.ports: list[Any] = []
        self.addCleanup(self.clean_up)
        self.world = World(
            clock=reactor.seconds,
            random_hex=secrets.token_hex,
            settings=WorldSettings(auto_scan_seconds=0.01),
        )
        self.world.auto_scan = True
        self.gateway = SandboxGateway(reactor, self.world)
        number = self.listen(Site(self.gateway.resource(), reactor=reactor))
        self.accounts: list[AccountSession] = []
        self.honest = await self.account("honest", number, reactor)
        self.honest.on(TextMessage, self.answer)
        await self.honest.when_ready()

    async def clean_up(self) -> None:
        """Close everything."""
        for account in self.accounts:
            await account.close()
        await self.gateway.stop()
        for port in self.ports:
            await maybeDeferred(port.stopListening)
        for _ in range(5):
            await deferLater(reactor, 0)
        self.assertEqual(self.flushLoggedErrors(), [])

    def listen(self, factory: Any) -> int:  # noqa: ANN401 - a factory of any kind
        """Listen on this machine; return the port's number."""
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        self.ports.append(port)
        number: int = port.getHost().port
        return number

    async def account(self, name: str, port: int, clock: Any) -> AccountSession:  # noqa: ANN401 - a reactor or a Clock
        """Start an account at a gateway on this machine."""
        store = MemoryStore()
        await store.open()
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", port)
        account = build_account(
            clock,
            connector_to(endpoint, clock, max_frame=MAX_FRAME),
            Secret("KEY-1"),
            name,
            store,
        )
        self.accounts.append(account)
        await account.start()
        return account

    def answer(self, account: AccountSession, message: TextMessage) -> object:
        """Answer a ping."""
        if message.text != "ping":
            return None
        # The last answer may be on its way when the test ends.
        return account.reply(message, "pong").addErrback(lambda _: None)

    async def check_honest(self) -> None:
        """The honest account answers."""
        alice = self.world.person("alice")
        before = len(alice.inbox)
        alice.says("ping", to=self.world.account("bot1").own_user)
        while len(alice.inbox) == before:
            await deferLater(reactor, 0.001)
        self.assertEqual(alice.inbox[before].content, "pong")

    def trouble(self, account: AccountSession) -> Deferred[PadChatError]:
        """Fire when an account is in trouble."""
        found: Deferred[PadChatError] = Deferred()

        def changed(_: AccountSession, change: StateChanged) -> None:
            if change.reason is not None and not found.called:
                found.callback(change.reason)

        account.on(StateChanged, changed)
        return found

    async def test_refused(self) -> None:
        """Where nobody listens, the operating system says so."""
        port = reactor.listenTCP(0, HostileFactory(Play()), interface="127.0.0.1")
        number = port.getHost().port
        await maybeDeferred(port.stopListening)
        victim = await self.account("victim", number, reactor)
        with self.assertRaises(ConnectError) as caught:
            await victim.when_connected()
        self.assertIn("the connection was refused", str(caught.exception))
        await self.check_honest()

    async def test_silence(self) -> None:
        """A gateway that accepts and says nothing is given up in time."""
        asked: Deferred[None] = Deferred()
        play = Play(on_request=lambda _: asked.callback(None))
        clock = Clock()
        victim = await self.account("victim", self.listen(HostileFactory(play)), clock)
        trouble = self.trouble(victim)
        await asked
        await self.check_honest()
        clock.advance(OPEN_TIMEOUT - 0.25)
        self.assertNoResult(trouble)
        clock.advance(0.25)
        self.assertIsInstance(await trouble, ConnectTimedOut)

    async def test_closes_at_once(self) -> None:
        """A gateway that closes at once is told apart from one that is not there."""
        number = self.listen(HostileFactory(at_once(b"", leaves=True)))
        victim = await self.account("victim", number, reactor)
        with self.assertRaises(HandshakeRefused):
            await victim.when_connected()
        await self.check_honest()

    async def check_flood(self, begin: bytes, piece: bytes, *, is_joined: bool) -> Any:  # noqa: ANN401 - an exception of ours
        """Flood a victim; return how it ended, the honest account working meanwhile."""
        flooding: Deferred[Flood] = Deferred()

        def requested(gateway: HostileGateway) -> None:
            if is_joined:
                gateway.let_in()
            gateway.send(begin)
            flood = Flood(gateway, piece)
            # In a turn of its own, for it may fill every buffer there is.
            reactor.callLater(0, flood.begin)
            flooding.callback(flood)

        factory = HostileFactory(Play(on_request=requested))
        number = self.listen(factory)
        victim = await self.account("victim", number, reactor)
        trouble = self.trouble(victim)
        flood = await flooding
        await self.check_honest()
        reason = await trouble
        await self.check_honest()
        await flood.stopped
        # One frame that is kept, and twice as much that is thrown away.
        self.assertLess(flood.sent, 3 * MAX_FRAME + BETWEEN)
        await victim.close()
        return reason

    async def test_fragments_without_end(self) -> None:
        """A message without end is given up at the limit."""
        begin = frame(TEXT, b"4", is_final=False)
        piece = frame(CONTINUATION, bytes(16 * 1024), is_final=False)
        reason = await self.check_flood(begin, piece, is_joined=True)
        self.assertIsInstance(reason, RemoteProtocolError)
        self.assertIn(f"exceeds payload limit of {MAX_FRAME}", str(reason))

    async def test_head_without_end(self) -> None:
        """An HTTP head without end is given up at its limit."""
        begin = b"HTTP/1.1 101 Switching Protocols\r\n"
        reason = await self.check_flood(begin, b"X: y\r\n" * 1000, is_joined=False)
        self.assertIsInstance(reason, HandshakeRefused)
        self.assertIn("an HTTP head of more than", str(reason))
