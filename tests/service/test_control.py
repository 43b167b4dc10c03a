"""The control socket of a running service, over real sockets."""

from __future__ import annotations

import json
import socket
import stat
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.logger import LogEvent

from padchat_twisted.catalogue import GetContact, SendMsg, SentMessage
from padchat_twisted.errors import NotSent, OutcomeUnknown
from padchat_twisted.service import bounded, control
from padchat_twisted.service.accounts import PadChatService
from padchat_twisted.service.asking import ask
from padchat_twisted.service.control import CallRequest, ControlSocket
from padchat_twisted.service.outcomes import Outcome
from padchat_twisted.service.sockets import MAX_SOCKET_PATH, SocketName
from padchat_twisted.service.spelling import CallMistake

from .control_stage import HI, URL, ControlCase, FakeAccount
from .stage import KEY, CountingReactor, observe_log, real_reactor, texts, when_says


class ServiceTests(ControlCase):
    """The socket of a service with real accounts at a real gateway."""

    async def start(self, *names: str) -> PadChatService:
        """Start a service with accounts, and wait until they are ready."""
        self.counting = CountingReactor(real_reactor())
        self.sandbox = self.start_sandbox(auth_keys=[KEY], reactor=self.counting)
        service = self.make_service(self.sandbox.url, has_control=True)
        accounts = [service.add_account(name) for name in names]
        service.startService()
        for account in accounts:
            await account.when_ready()
        return service

    async def test_call(self) -> None:
        """A call goes through the account's own connection, and no text is logged."""
        events: list[LogEvent] = observe_log(self)
        await self.start("one", "two")
        said = when_says(self.sandbox, "two", "a message")
        outcome = await self.ask("two")
        self.assertEqual((outcome.outcome, outcome.command), ("done", "sendMsg"))
        result = outcome.result
        assert result is not None
        self.assertEqual((await said).message_id, result["msgId"])
        self.assertEqual(self.counting.accepted, 2)
        logged = texts(events)
        self.assertIn("account two: sendMsg by the control socket: done", logged)
        self.assertNotIn("a message", logged)

    async def test_accounts(self) -> None:
        """The accounts are listed with their states."""
        service = await self.start("one")
        user_name = service.accounts["one"].user_name
        status, found = await self.request(b"", "/accounts", "GET")
        self.assertEqual(status, 200)
        one = {"name": "one", "state": "ready", "user_name": user_name}
        self.assertEqual(found, {"gateway": self.sandbox.url, "accounts": [one]})

    async def test_outcomes(self) -> None:
        """What the gateway refuses, and what never leaves, is told as that."""
        await self.start("one")
        outcome = await self.ask(command="massMsg", params={}, is_raw=True)
        self.assertEqual(outcome.outcome, "refused")
        self.assertIn("the gateway refused 'massMsg': ", outcome.explanation)
        outcome = await self.ask(params={"to_user_name": "weixin", "content": "a"})
        self.assertEqual(outcome.outcome, "not_sent")
        self.assertIn("'weixin'", outcome.explanation)

    async def test_file(self) -> None:
        """The socket is its owner's alone, as long as the service runs."""
        service = await self.start("one")
        mode = self.path.stat().st_mode
        self.assertTrue(stat.S_ISSOCK(mode))
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        await service.stopService()
        self.assertFalse(self.path.exists())

    async def test_left_by_a_killed_process(self) -> None:
        """A socket that nobody listens at is taken away."""
        name = SocketName(self.path)
        self.addCleanup(name.close)
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(name.text)
        self.assertTrue(self.path.is_socket())
        request = CallRequest(account="one", command="sendMsg", params=HI)
        self.assertIsNone(await ask(real_reactor(), self.path, request))
        await self.start("one")
        self.assertEqual((await self.ask()).outcome, "done")

    async def test_file_taken_away(self) -> None:
        """Somebody who removes the socket does not keep the service from its end."""
        service = await self.start("one")
        self.path.unlink()
        await service.stopService()
        self.assertFalse(self.path.exists())

    async def test_folder_taken_away(self) -> None:
        """Nor does somebody who removes the whole folder."""
        below = self.folder / "below"
        below.mkdir()
        opened = ControlSocket(real_reactor(), below / "a.sock", URL, "", {})
        opened.open()
        (below / "a.sock").unlink()
        below.rmdir()
        await opened.close()

    async def test_without(self) -> None:
        """Where there can be no socket the accounts run, and the log says why."""
        events: list[LogEvent] = observe_log(self)
        self.path.write_text("not a socket")
        await self.start("one")
        told = f"there is no control socket {self.path} for `padchat call`: "
        self.assertIn(f"{told}[Errno 98] Address already in use", texts(events))
        self.assertEqual(self.path.read_text(), "not a socket")


class WithoutTests(ControlCase):
    """Where there can be no socket."""

    def test_no_unix_sockets(self) -> None:
        """On a system without them the log says so."""
        events: list[LogEvent] = observe_log(self)
        ControlSocket(Clock(), self.path, URL, "", {}).open()
        self.assertIn(": this system has no Unix sockets", texts(events))

    async def test_long_name(self) -> None:
        """A name that is too long for a socket is told with what to do."""
        events: list[LogEvent] = observe_log(self)
        path = self.folder / f"{MAX_SOCKET_PATH * 'a'}.sock"
        opened = ControlSocket(real_reactor(), path, URL, "", {})
        opened.open()
        self.assertIn("; put the store into a folder with a shorter", texts(events))
        await opened.close()


class AccountTests(ControlCase):
    """Whose calls are taken."""

    async def assert_told(self, told: str, **options: Any) -> None:  # noqa: ANN401
        """Check what is said of a call that is not made."""
        account = FakeAccount()
        self.open_control(account)
        with self.assertRaises(CallMistake) as caught:
            await self.ask(**options)
        self.assertEqual(str(caught.exception), told)
        self.assertEqual(account.called, [])

    async def test_unknown(self) -> None:
        """An unknown account gets the nearest."""
        told = "the service runs no account 'onne': the nearest is one; it runs one"
        await self.assert_told(told, account="onne")

    async def test_gateway(self) -> None:
        """An account of the same name at another gateway is another one."""
        told = (
            f"the service runs 'one' at {URL}, not at http://other/user: name that"
            " gateway, or another store"
        )
        await self.assert_told(told, gateway="http://other/user")

    async def test_key(self) -> None:
        """So is one with another auth key."""
        told = (
            "the service runs 'one' with another auth key: give that one, or name"
            " another store"
        )
        await self.assert_told(told, gateway=URL, key_fingerprint="other")

    async def test_same(self) -> None:
        """What is the same is let through, with its time limit."""
        account = FakeAccount(succeed(SentMessage(msg_id="1")))
        self.open_control(account)
        outcome = await self.ask(
            gateway=URL, key_fingerprint="fingerprint", time_limit=2.5
        )
        self.assertEqual(outcome.outcome, "done")
        self.assertEqual(account.called, [(SendMsg("filehelper", "a message"), 2.5)])


class RequestTests(ControlCase):
    """What comes over the socket."""

    async def test_by_hand(self) -> None:
        """Any program that speaks HTTP can call, in any spelling."""
        account = FakeAccount(succeed(SentMessage(msg_id="1")))
        self.open_control(account)
        params = {"to_user_name": "a", "Content": "b"}
        body = {"account": "one", "command": "send_msg", "params": params}
        status, found = await self.request(json.dumps(body).encode())
        self.assertEqual((status, found["command"]), (200, "sendMsg"))
        self.assertEqual(found["result"]["msgId"], "1")
        self.assertEqual(account.called, [(SendMsg("a", "b"), None)])

    async def test_mistakes(self) -> None:
        """What is no call is told as that, and nothing is called."""
        account = FakeAccount()
        self.open_control(account)
        for body, told in (
            (b"", "the request is not JSON: write one object"),
            (b"[" * 1000, "the request is not JSON: write one object"),
            (b"{}", "the request is no call: Object missing required field `account`"),
            (
                b'{"account": "one", "command": 5}',
                "the request is no call: Expected `str`, got `int` - at `$.command`",
            ),
            (
                b'{"account": "one", "command": "a", "time_limit": 3601}',
                "the request is no call: Expected `float` <= 3600.0 - at"
                " `$.time_limit`",
            ),
            (
                b'{"account": "one", "command": "getContact"}',
                "getContact: missing user_id (a text): add user_id=...",
            ),
        ):
            status, found = await self.request(body)
            self.assertEqual((status, found), (400, {"error": told}))
        self.assertEqual(account.called, [])

    async def test_elsewhere(self) -> None:
        """There is nothing else, and calls are posted."""
        self.open_control(FakeAccount())
        self.assertEqual((await self.request(b"", "/else"))[0], 404)
        self.assertEqual((await self.request(b"", method="GET"))[0], 405)

    async def test_size(self) -> None:
        """A call that no gateway would take is not read."""
        self.patch(control, "MAX_CALL_BYTES", 100)
        account = FakeAccount(succeed(SentMessage()))
        self.open_control(account)
        for size, status in ((100, 200), (101, 413)):
            body = b'{"account":"one","command":"getContact","params":{"userId":"a"}}'
            found = await self.request(body.ljust(size))
            self.assertEqual(found[0], status)
        self.assertEqual(account.called, [(GetContact("a"), None)])

    async def test_too_many(self) -> None:
        """One connection too many is told so; there is room when another one ends."""
        self.patch(bounded, "MAX_CONTROL_CONNECTIONS", 1)
        account = FakeAccount()
        opened = self.open_control(account)
        self.assertEqual(opened.connections, 0)
        call = {"account": "one", "command": "sendMsg", "params": HI}
        first = Deferred.fromCoroutine(self.request(json.dumps(call).encode()))
        await account.when_called
        self.assertEqual(opened.connections, 1)
        outcome = await self.ask()
        self.assertEqual(outcome.outcome, "not_sent")
        told = "'sendMsg' was not sent: 1 connections are open, which is the limit"
        self.assertEqual(outcome.explanation, told)
        self.assertEqual(len(account.called), 1)
        account.ended.callback(SentMessage(msg_id="1"))
        self.assertEqual((await first)[1]["outcome"], "done")

    async def test_in_flight_at_the_end(self) -> None:
        """A call in flight is answered although no others are taken."""
        account = FakeAccount()
        opened = self.open_control(account)
        asking = self.ask_later()
        await account.when_called
        await opened.close()
        self.assertFalse(self.path.exists())
        account.ended.errback(OutcomeUnknown("sendMsg", "connection lost"))
        opened.drop_clients()
        self.assertEqual((await asking).outcome, "unknown")

    async def test_gone(self) -> None:
        """Who goes away wants the call no more: it is taken back if it can be."""
        cancelled: Deferred[None] = Deferred()
        account = FakeAccount(Deferred(lambda _: cancelled.callback(None)))
        self.open_control(account)
        body = b'{"account":"one","command":"getContact","params":{"userId":"a"}}'
        head = b"POST /call HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
        asking = await self.begin(head % len(body) + body)
        await account.when_called
        assert asking.transport is not None
        asking.transport.loseConnection()
        await cancelled
        await asking.answered

    async def test_taken_back(self) -> None:
        """A call that was cancelled before it left surely did not leave."""
        self.open_control(FakeAccount(fail(CancelledError())))
        self.assertEqual((await self.ask()).outcome, "not_sent")

    async def test_broken(self) -> None:
        """A fault of ours is logged, and told without its text."""
        self.open_control(FakeAccount(fail(ZeroDivisionError("secret"))))
        with self.assertRaises(OutcomeUnknown) as caught:
            await self.ask()
        self.assertIn("the service failed; its log says why", str(caught.exception))
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    async def test_not_sent(self) -> None:
        """An account that is not logged in says so."""
        error = NotSent("sendMsg", "account 'one' is needs_human")
        self.open_control(FakeAccount(fail(error)))
        outcome = await self.ask()
        self.assertEqual(outcome.outcome, "not_sent")
        self.assertEqual(outcome.explanation, str(error))

    def test_repr(self) -> None:
        """A request shows whose and what, no text."""
        request = CallRequest(account="one", command="sendMsg", params=HI)
        self.assertEqual(repr(request), "CallRequest('one', 'sendMsg')")

    def ask_later(self) -> Deferred[Outcome]:
        """Begin to ask."""
        return Deferred.fromCoroutine(self.ask())
