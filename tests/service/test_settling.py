"""Unknown sends, looked at and settled by the control socket."""

from __future__ import annotations

import json
from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.logger import LogEvent

from padchat_twisted.errors import (
    LocalProtocolError,
    PadChatError,
    StoreError,
)
from padchat_twisted.interfaces import KeyedSend
from padchat_twisted.service.asking import ask_about_sends
from padchat_twisted.service.settling import SendsAnswer, SendsRequest, UnknownSend
from padchat_twisted.service.spelling import CallMistake

from .control_stage import HI, URL, ControlCase, FakeAccount
from .stage import KEY, observe_log, real_reactor, texts, when_says

SEND = KeyedSend("order-17", "sendMsg", "wxid_a", "0" * 16, 1500000000.0)
TOLD = UnknownSend("order-17", "sendMsg", "wxid_a", 1500000000.0)


class FakeKeeper(FakeAccount):
    """An account with one unknown send.

    Attributes:
        settled: what was settled.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sends: Any = succeed([SEND])
        self.settling: Deferred[None] = succeed(None)
        self.settled: list[tuple[str, bool]] = []

    def unknown_sends(self) -> Any:  # noqa: ANN401 - or what a test has it fail with
        """Give it."""
        return self.sends

    def settle(self, key: str, *, happened: bool) -> Deferred[None]:
        """Note what is settled."""
        self.settled.append((key, happened))
        return self.settling


class SendsCase(ControlCase):
    """Asks a control socket about sends."""

    async def about_sends(self, **asked: Any) -> SendsAnswer:  # noqa: ANN401
        """Ask."""
        request = SendsRequest(account="one", **asked)
        answer = await ask_about_sends(real_reactor(), self.path, request)
        assert answer is not None
        return answer


class PageTests(SendsCase):
    """What is asked, and what comes back."""

    def setUp(self) -> None:
        """Open the socket."""
        super().setUp()
        self.account = FakeKeeper()
        self.open_control(self.account)

    async def assert_fails(
        self,
        kind: type[PadChatError],
        told: str,
        **asked: Any,  # noqa: ANN401 - of SendsRequest
    ) -> None:
        """Check what is said of a request that is not carried out."""
        with self.assertRaises(kind) as caught:
            await self.about_sends(**asked)
        self.assertEqual(str(caught.exception), told)

    async def test_look(self) -> None:
        """What is unknown is listed, and nothing is settled."""
        found = await self.about_sends(gateway=URL, key_fingerprint="fingerprint")
        self.assertEqual(found, SendsAnswer((TOLD,)))
        self.assertEqual(self.account.settled, [])

    async def test_settle(self) -> None:
        """What is settled is told to the account, and logged without its key."""
        events: list[LogEvent] = observe_log(self)
        for happened in (True, False):
            await self.about_sends(key="order-17", happened=happened)
        self.assertEqual(
            self.account.settled, [("order-17", True), ("order-17", False)]
        )
        for what in ("it happened", "it did not happen"):
            told = f"account one: a send was settled by the control socket: {what}"
            self.assertIn(told, texts(events))
        self.assertNotIn("order-17", texts(events))

    async def test_half_said(self) -> None:
        """A key without what happened, or the reverse, settles nothing."""
        told = "to settle a send, say its key and whether it happened"
        await self.assert_fails(CallMistake, told, key="order-17")
        await self.assert_fails(CallMistake, told, happened=True)
        self.assertEqual(self.account.settled, [])

    async def test_nothing_to_settle(self) -> None:
        """What the account says of a key is told."""
        self.account.settling = fail(LocalProtocolError("there is no such one"))
        await self.assert_fails(
            CallMistake, "there is no such one", key="a", happened=True
        )

    async def test_store(self) -> None:
        """A store that fails is told."""
        self.account.sends = fail(StoreError("a.db", "is broken", "mend it"))
        await self.assert_fails(PadChatError, "a.db: is broken; mend it")

    async def test_broken(self) -> None:
        """A fault of ours is logged, and told without its text."""
        self.account.sends = fail(ZeroDivisionError("secret"))
        told = "the service failed; its log says why"
        await self.assert_fails(PadChatError, told)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    async def test_another_gateway(self) -> None:
        """Whose sends are looked at is checked as for a call."""
        told = (
            f"the service runs 'one' at {URL}, not at http://other/user: name that"
            " gateway, or another store"
        )
        await self.assert_fails(CallMistake, told, gateway="http://other/user")

    async def test_by_hand(self) -> None:
        """Any program that speaks HTTP can ask."""
        status, found = await self.request(b'{"account":"one"}', "/sends")
        send = {
            "key": "order-17",
            "command": "sendMsg",
            "receiver": "wxid_a",
            "began": 1500000000.0,
        }
        self.assertEqual((status, found), (200, {"unknown": [send]}))
        for body in (b"", b"{}", b'{"account":5}'):
            status, found = await self.request(body, "/sends")
            told = {"error": "the request is not JSON with an account"}
            self.assertEqual((status, found), (400, told))

    async def test_gone(self) -> None:
        """Who goes away leaves the service unharmed."""
        self.account.sends = Deferred()
        body = json.dumps({"account": "one"}).encode()
        head = b"POST /sends HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
        asking = await self.begin(head % len(body) + body)
        assert asking.transport is not None
        asking.transport.loseConnection()
        await asking.answered
        self.account.sends.callback([])


class NobodyTests(SendsCase):
    """Where no service is."""

    async def test_no_socket(self) -> None:
        """That is no failure: somebody else may look."""
        request = SendsRequest(account="one")
        found = await ask_about_sends(real_reactor(), self.path, request)
        self.assertIsNone(found)


class ServiceTests(SendsCase):
    """A service with a real account at a real gateway."""

    async def test_from_send_to_settled(self) -> None:
        """A reply that never comes, and what a person does about it."""
        sandbox = self.start_sandbox(auth_keys=[KEY])
        service = self.make_service(sandbox.url, has_control=True)
        account = service.add_account("one")
        service.startService()
        await account.when_ready()
        said = when_says(sandbox, "one", "a message")
        # It goes out, and there is no time for its reply.
        outcome = await self.ask(params=HI, key="order-17", time_limit=1e-9)
        self.assertEqual(outcome.outcome, "unknown")
        message = await said
        (send,) = (await self.about_sends()).unknown
        self.assertEqual(send.key, "order-17")
        self.assertEqual(send.receiver, HI["toUserName"])

        got: list[str] = []
        sandbox.world.on_message(lambda each: got.append(each.content))
        outcome = await self.ask(params=HI, key="order-17")
        self.assertEqual(outcome.outcome, "unknown")
        self.assertIn("was sent before", outcome.explanation)
        found = await self.about_sends(key="order-17", happened=True)
        self.assertEqual(found.unknown, ())
        outcome = await self.ask(params=HI, key="order-17")
        self.assertEqual((outcome.outcome, got), ("done", []))
        outcome = await self.ask(params=HI, key="order-18")
        self.assertEqual((outcome.outcome, got), ("done", ["a message"]))
        self.assertNotEqual((outcome.result or {})["msgId"], message.message_id)

    async def test_raw(self) -> None:
        """A raw command takes no key."""
        self.open_control(FakeAccount())
        with self.assertRaises(CallMistake):
            await self.ask(params={}, is_raw=True, key="order-17")
