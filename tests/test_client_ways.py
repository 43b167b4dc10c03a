"""Accounts connect in the revision, and over the transports, that their caller says."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import TextMessage
from padchat_twisted.client import PadChatClientFactory, connect
from padchat_twisted.errors import ConnectError, LocalProtocolError
from padchat_twisted.service.accounts import PadChatService
from padchat_twisted.session.account import AccountSession
from padchat_twisted.store import MemoryStore
from padchat_twisted.testing import RecordedHandler

from .sandbox.gateway_stage import URL, GatewayStage
from .sandbox.stage import KEY
from .socketio.stage import Road
from .transport.in_memory import MemoryTransport
from .transport.network import MemoryNetwork
from .transport.served import EchoServer
from .transport.test_connectors import ADDRESS, FakeEndpoint

WAYS: list[tuple[Any, tuple[str, ...]]] = [
    (revision, transports)
    for revision in (3, 4)
    for transports in (("websocket",), ("polling",), ("polling", "websocket"))
]

#: URLs of the dialects that know one way.
OTHERS = ("ws://sandbox.invalid:8080/ws", "ws://sandbox.invalid:8080")

#: What cannot be, and what is said of it.
IMPOSSIBLE: tuple[tuple[str, dict[str, Any], str], ...] = (
    (URL, {"revision": 5}, 'revision is "auto", 3 or 4, and not 5'),
    (URL, {"transports": ()}, 'transports are "polling", "websocket", or both'),
    *(
        (url, option, "leave revision, transports and fallback out")
        for url in OTHERS
        for option in (
            {"revision": 3},
            {"transports": ("polling", "websocket")},
            {"fallback": True},
        )
    ),
)


class WayCase(SynchronousTestCase):
    """At a sandbox gateway in memory, which speaks both revisions."""

    def setUp(self) -> None:
        """Build it."""
        self.stage = GatewayStage()
        self.stage.world.auto_scan = True
        self.road = Road(self.stage.network)
        self.addCleanup(self.check_end, self.stage)

    def check_end(self, stage: GatewayStage) -> None:
        """No timer is left."""
        stage.gateway.stop()
        stage.wait(5)
        self.assertEqual(stage.clock.getDelayedCalls(), [])

    def requests(self) -> list[bytes]:
        """Return the first lines of the requests that were made."""
        return [
            data.split(b"\r\n")[0]
            for _, sign, data in self.road.heard
            if sign == ">" and data.startswith((b"GET ", b"POST "))
        ]

    def end(self, ending: Deferred[None] | None) -> None:
        """Let something end, which must succeed."""
        self.stage.wait(5)
        assert ending is not None
        self.successResultOf(ending)


class ConnectTests(WayCase):
    """``connect``."""

    def connect(self, url: str = URL, **options: Any) -> Deferred[AccountSession]:  # noqa: ANN401 - those of connect
        """Connect, and let the login go on."""
        options = {"endpoint": self.road, **options}
        connecting = connect(self.stage.clock, url, auth_key=KEY, **options)
        self.stage.wait(10)
        return connecting

    def test_each_way(self) -> None:
        """The account logs in, hears and says; the requests are as the caller said."""
        for revision, transports in WAYS:
            with self.subTest(revision=revision, transports=transports):
                self.setUp()
                texts: RecordedHandler[TextMessage] = RecordedHandler()
                account = self.successResultOf(
                    self.connect(revision=revision, transports=transports)
                )
                account.on(TextMessage, texts)
                self.assertEqual(account.state, "ready")
                user_name = self.stage.world.account("0").own_user
                self.stage.world.person("alice").says("hi", to=user_name)
                sent = account.send("filehelper", "hello")
                self.stage.wait(5)
                self.successResultOf(sent)
                self.assertEqual([one.text for one in texts.events], ["hi"])
                said = [b"EIO=%d" % revision, b"transport=" + transports[0].encode()]
                for part in said:
                    self.assertIn(part, self.requests()[0])
                told = b"".join(self.requests())
                for transport in (b"polling", b"websocket"):
                    self.assertEqual(
                        transport.decode() in transports,
                        b"transport=" + transport in told,
                    )
                self.end(account.close())

    def test_usual_way(self) -> None:
        """Left to itself it begins as PadChat's own client does."""
        account = self.successResultOf(self.connect())
        (request,) = self.requests()
        self.assertIn(b"EIO=3&transport=websocket", request)
        self.end(account.close())

    def test_fallback(self) -> None:
        """The next transport is tried when that was asked for, and only then."""
        transports = ("websocket", "polling")
        for fallback in (False, True):
            self.setUp()
            server = EchoServer(self.stage.clock, transports=("polling",))
            self.stage.network = MemoryNetwork(server.site, self.stage.clock)
            self.road = Road(self.stage.network)
            connecting = self.connect(transports=transports, fallback=fallback)
            if fallback:
                self.end(self.successResultOf(connecting).close())
                self.assertIn(b"transport=polling", self.requests()[-1])
            else:
                self.failureResultOf(connecting, ConnectError)
            self.assertIn(b"transport=websocket", self.requests()[0])

    def test_impossible(self) -> None:
        """What cannot be fails the Deferred; nobody connects."""
        for url, options, told in IMPOSSIBLE:
            failure = self.failureResultOf(
                self.connect(url, **options), LocalProtocolError
            )
            self.assertIn(told, str(failure.value))
        self.assertEqual(self.road.attempts, 0)

    def test_usual_way_of_the_others(self) -> None:
        """Where there is one way, it may be written out."""
        account = self.successResultOf(
            self.connect(OTHERS[0], revision="auto", transports=("websocket",))
        )
        self.end(account.close())


class FactoryTests(SynchronousTestCase):
    """``PadChatClientFactory``."""

    def test_revision(self) -> None:
        """Its WebSockets ask for the revision that the caller said."""
        for revision in (3, 4):
            factory = PadChatClientFactory(
                GatewayStage().clock, URL, auth_key=KEY, revision=revision
            )
            websocket = factory.buildProtocol(ADDRESS)
            assert websocket is not None
            transport = MemoryTransport()
            websocket.makeConnection(transport)
            self.assertIn(b"EIO=%d&transport=websocket" % revision, transport.taken())
            closing = factory.account.close()
            transport.finish(websocket)
            self.successResultOf(closing)

    def test_impossible(self) -> None:
        """What cannot be is refused at once."""
        for url, options, told in IMPOSSIBLE:
            if "revision" in options:
                with self.assertRaises(LocalProtocolError) as caught:
                    PadChatClientFactory(
                        GatewayStage().clock, url, auth_key=KEY, **options
                    )
                self.assertIn(told, str(caught.exception))


class ServiceTests(WayCase):
    """``PadChatService``."""

    def test_all_accounts(self) -> None:
        """All of its accounts connect as it was told."""
        service = PadChatService(
            self.stage.clock,
            URL,
            auth_key=KEY,
            store=MemoryStore(),
            revision=4,
            transports=("polling", "websocket"),
            endpoint=self.road,
        )
        accounts = [service.add_account(name) for name in ("one", "two")]
        service.startService()
        self.stage.wait(10)
        self.assertEqual([one.state for one in accounts], ["ready", "ready"])
        requests = self.requests()
        self.assertFalse([line for line in requests if b"EIO=4" not in line])
        self.assertEqual(sum(b"transport=websocket" in line for line in requests), 2)
        self.end(service.stopService())

    def test_impossible(self) -> None:
        """What cannot be is refused before there are accounts."""
        for url, options, told in IMPOSSIBLE:
            with self.assertRaises(LocalProtocolError) as caught:
                PadChatService(
                    self.stage.clock,
                    url,
                    auth_key=KEY,
                    store=MemoryStore(),
                    endpoint=FakeEndpoint(),
                    **options,
                )
            self.assertIn(told, str(caught.exception))
