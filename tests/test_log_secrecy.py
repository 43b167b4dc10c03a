"""A6: no log holds an auth key, a token, device data, a QR code or a message's text.

The log of the whole demonstration, and of all that can go wrong, is looked through
at its lowest level, with autobahn told to log all that it can.
"""

from __future__ import annotations

import json
import sqlite3
from base64 import b64encode
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import cast
from unittest import SkipTest

import autobahn.twisted.websocket as autobahn_websocket
from twisted.internet.interfaces import ITransport
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    Contact,
    GetAutoLoginData,
    GetDeviceInfo,
    Loaded,
    LoginEvent,
    QRCode,
    Scan,
    TextMessage,
)
from padchat_twisted.errors import (
    AuthKeyInvalid,
    NeedsHuman,
    OutcomeUnknown,
    PadChatError,
)
from padchat_twisted.secret import Secret
from padchat_twisted.service.demo import AUTH_KEY
from padchat_twisted.service.qrcode import decode_picture, read_code
from padchat_twisted.session.account import AccountSession
from padchat_twisted.transport.address import parse_url
from padchat_twisted.transport.gateway import GatewayConnection
from padchat_twisted.wire.query import encode_query

from .children import STDERR, start_child
from .interop.peers import AUTH_KEY as PEERS_KEY
from .night import KEY, TEXTS, NightCase, let_autobahn_talk, when_event
from .sandbox.stage import DEVICE
from .sandbox.stage import KEY as WORLD_KEY
from .secrets_in import forms_of, secrets_in, text_of_events
from .service.stage import KEY as STAGE_KEY
from .service.stage import StageCase, real_reactor, when_message, when_state
from .store.contract import error_of
from .transport.by_hand import (
    TEXT,
    UPGRADE_REQUEST,
    answer_upgrade,
    close_frame,
    frame,
)
from .transport.in_memory import MemoryTransport

#: The auth keys of the other tests.
KEYS_OF_TESTS = (KEY, AUTH_KEY, STAGE_KEY, WORLD_KEY, PEERS_KEY)

#: autobahn's loggers are told to tell everything, then the demonstration is run.
DEMO_WITH_AUTOBAHN = """
import sys, txaio
import padchat_twisted.cli, padchat_twisted.transport.websocket
txaio.set_global_log_level("trace")
sys.exit(padchat_twisted.cli.main(sys.argv[1:]))
"""


class ScannerTests(SynchronousTestCase):
    """The look through a log finds what is there."""

    def test_found(self) -> None:
        """A secret is found in each of its forms, and when it was cut."""
        for form in forms_of(KEY):
            self.assertTrue(secrets_in(f"GET /?authKey={form}&name=0", {"key": KEY}))
        self.assertIn("%2Fof%3Dtests%26more%2B", " ".join(forms_of(KEY)))
        self.assertTrue(secrets_in(f"...{KEY[:20]}...", {"key": KEY}))

    def test_not_found(self) -> None:
        """A word that is part of another one is no secret."""
        self.assertEqual(secrets_in("stopping, ping_pong", {"message": "ping"}), [])
        self.assertTrue(secrets_in("said 'ping'", {"message": "ping"}))

    def test_fields(self) -> None:
        """What only stands in a field of an event is found too."""
        event = {"log_format": "hello", "log_time": 0.0, "hidden": KEY}
        self.assertTrue(secrets_in(text_of_events([event]), {"key": KEY}))


class AutobahnTests(SynchronousTestCase):
    """autobahn logs the URL of a connection, which has the key in it; ours does not."""

    URL = "ws://gateway.invalid/socket.io/?EIO=3&authKey=the-auth-key"

    def logged_by(self, factory: Factory) -> str:
        """Begin a handshake, and return all that is logged at the lowest level."""
        let_autobahn_talk(self)
        protocol = factory.buildProtocol(None)
        assert protocol is not None
        with capturedLogs() as events:
            protocol.makeConnection(MemoryTransport())
            protocol.dataReceived(b"HTTP/1.1 400 the-auth-key is bad\r\n\r\n")
        return text_of_events(events)

    def test_by_itself(self) -> None:
        """By itself it logs the key, so this test would see one."""
        factory = autobahn_websocket.WebSocketClientFactory(
            self.URL, reactor=MemoryReactorClock()
        )
        factory.setProtocolOptions(openHandshakeTimeout=0)
        factory.protocol = autobahn_websocket.WebSocketClientProtocol
        self.assertTrue(secrets_in(self.logged_by(factory), {"key": "the-auth-key"}))

    def test_ours(self) -> None:
        """Over our transport it logs nothing, whatever it is told."""
        connection = GatewayConnection(
            Clock(),
            parse_url("http://gateway.invalid/user"),
            Secret("the-auth-key"),
            "0",
        )
        connection.driver.start()
        self.assertEqual(self.logged_by(connection.factory), "")


class DemoTests(StageCase):
    """The log of the whole demonstration."""

    timeout = 120

    async def test_demo(self) -> None:
        """Neither a login by code nor one by token leaves anything in the log."""
        for _ in range(2):
            child = start_child(
                self, ("-c", DEMO_WITH_AUTOBAHN), "demo", "--once", folder=self.folder
            )
            self.assertEqual(await child.when_ended(), 0, child.said(STDERR))
            self.assertEqual(child.said(STDERR), "")
        kept = self.folder / ".padchat-demo"
        log = (kept / "demo.log").read_text()
        self.assertEqual(log.count("account shop-1: syncing -> ready"), 2)
        secrets = {"the auth key": AUTH_KEY, "a question": "ping", "an answer": "pong"}
        secrets |= self.kept_by_service(kept / "padchat.sqlite")
        secrets |= self.kept_by_sandbox(kept / "sandbox.json")
        secrets |= self.shown(kept / "qrcodes")
        self.assertGreater(len(secrets), 3 + 3 * 6 + 3 * 5 + 3)
        self.assertEqual(secrets_in(log, secrets), [])

    def kept_by_service(self, store: Path) -> dict[str, str]:
        """Return tokens and device data of the store."""
        secrets = {}
        with closing(sqlite3.connect(store)) as connection:
            rows = connection.execute("SELECT name, login_token, device FROM account")
            for name, token, device in rows:
                secrets[f"the token of {name}"] = token
                for field, value in json.loads(device).items():
                    secrets[f"{field} of {name}"] = value
        return secrets

    def kept_by_sandbox(self, state: Path) -> dict[str, str]:
        """Return the device data that the sandbox has of its accounts."""
        return {
            f"{field} of {account['name']} in the sandbox": value
            for account in json.loads(state.read_text())["accounts"]
            for field, value in account["device"].items()
        }

    def shown(self, folder: Path) -> dict[str, str]:
        """Return pictures and contents of the QR codes."""
        secrets = {}
        for path in folder.iterdir():
            text = b64encode(path.read_bytes()).decode()
            secrets[f"picture {path.name}"] = text
            code = read_code(decode_picture(text)).rpartition("/")[2]
            secrets[f"code in {path.name}"] = code
        return secrets


class NightTests(NightCase):
    """What goes wrong is told without what nobody may read."""

    async def test_talk(self) -> None:
        """Logging in, talking, and logging out."""
        sandbox = self.start_sandbox(auth_keys=[KEY])
        await self.store.open()
        account = await (await self.connect(sandbox.url)).when_ready()
        await self.learn_record(sandbox)
        alice = sandbox.world.person("alice")
        account.on(TextMessage, lambda _, message: self.said.append(message))
        for text in TEXTS.values():
            read = when_event(account, TextMessage)
            alice.says(text, to="one")
            await read
            self.said.append(await account.send(alice.user_name, text))
        self.said.append(await account.call(GetAutoLoginData()))
        self.said.append(await account.call(GetDeviceInfo()))
        await account.logout()
        self.assert_nothing_told(is_logged="account one: closing -> closed")

    async def test_refused_key(self) -> None:
        """A key that is not accepted."""
        sandbox = self.start_sandbox(auth_keys=["another"])
        await self.store.open()
        self.said.append(await error_of(self.connect(sandbox.url), AuthKeyInvalid))
        self.assert_nothing_told(is_logged="account one: connecting -> ")

    async def test_failing_logins(self) -> None:
        """A token that is void, then codes that are declined and cancelled."""
        sandbox = self.start_sandbox(auth_keys=[KEY])
        await self.store.open()
        account = await (await self.connect(sandbox.url)).when_ready()
        await self.learn_record(sandbox)
        await account.close()
        sandbox.world.account("one").tokens.clear()
        sandbox.world.auto_scan = False
        alice = sandbox.world.person("alice")
        account = await self.connect(sandbox.url)
        ready = account.when_ready()
        for fate in (alice.decline, alice.cancel, alice.decline):
            await when_event(account, QRCode)
            alice.scan("one")
            fate("one")
        self.said.append(await error_of(ready, NeedsHuman))
        self.assert_nothing_told(is_logged="the saved login is not accepted any more")

    async def test_handler_raises(self) -> None:
        """Handlers that raise, with all that they were given in their errors."""

        def fail(account: AccountSession, event: object) -> None:
            raise ZeroDivisionError(account, event)

        sandbox = self.start_sandbox(auth_keys=[KEY])
        await self.store.open()
        account = await self.connect(sandbox.url)
        for kind in (QRCode, TextMessage, LoginEvent, Loaded, Scan, Contact):
            account.on(kind, fail)
        await account.when_ready()
        await self.learn_record(sandbox)
        for text in TEXTS.values():
            read = when_event(account, TextMessage)
            sandbox.world.person("alice").says(text, to="one")
            await read
        self.assertGreater(account.handler_failures, 4)
        failures = self.flushLoggedErrors(ZeroDivisionError)
        self.assertEqual(len(failures), account.handler_failures)
        self.assert_nothing_told(is_logged="failed on TextMessage")

    async def test_lost_connection(self) -> None:
        """A connection that is lost while a message is being sent."""
        sandbox = self.start_sandbox(auth_keys=[KEY])
        await self.store.open()
        account = await (await self.connect(sandbox.url)).when_ready()
        await self.learn_record(sandbox)
        text = TEXTS["a message"]
        when_message(sandbox, lambda message: message.content == text).addCallback(
            lambda _: sandbox.gateway.drop_clients()
        )
        sending = account.send("filehelper", text)
        self.said.append(await error_of(sending, OutcomeUnknown))
        self.assert_nothing_told(is_logged="account one: ready -> retrying")


class GarbageTests(NightCase):
    """A gateway that sends garbage, and what it was told, does not get it logged."""

    def answers(self, request: bytes) -> dict[str, bytes]:
        """Make what bad gateways say to a request that has the key in it."""
        upgraded = answer_upgrade(request)
        target = request.split(b" ")[1]
        encoded = encode_query([("authKey", KEY)]).encode()
        text = TEXTS["a message"].encode()
        opened = frame(
            TEXT, b'0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'
        ) + frame(TEXT, b"40")
        joined = opened + frame(TEXT, b"40/user")
        return {
            "a status line": b"HTTP/1.1 400 " + target + b"\r\n\r\n",
            "a redirection": b"HTTP/1.1 302 Found\r\nLocation: " + target + b"\r\n\r\n",
            "no HTTP": KEY.encode() + b" " + target + b"\r\n\r\n",
            "no UTF-8": b"\xff\xfe" + target + b"\r\n\r\n",
            "no packet": upgraded + frame(TEXT, b"9" + encoded),
            "no JSON": upgraded + frame(TEXT, b"0{" + encoded),
            "a close frame": upgraded + opened + close_frame(1008, KEY),
            "an encoded one": upgraded + opened + close_frame(1008, encoded.decode()),
            "an error": upgraded + opened + frame(TEXT, b"44/user," + quoted(KEY)),
            "an encoded error": upgraded
            + opened
            + frame(TEXT, b"44/user," + quoted(encoded.decode())),
            "a bad event": upgraded + joined + frame(TEXT, b"42/user,[" + text),
            "a bad push": upgraded
            + joined
            + frame(TEXT, b'42/user,["push",{"list":[' + text + b"]}]"),
            "a bad name": upgraded + joined + frame(TEXT, b"42/user,[7," + encoded),
            "a bad frame": upgraded + joined + b"\x83\x05" + text,
        }

    def listen(self, name: str) -> str:
        """Run the bad gateway of that name until the test ends; return its URL."""
        factory = Factory.forProtocol(lambda: Garbage(lambda x: self.answers(x)[name]))
        port = real_reactor().listenTCP(0, factory, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        return f"http://127.0.0.1:{port.getHost().port}/user"

    async def test_garbage(self) -> None:
        """Each is an error with a name, and none repeats what the gateway repeated."""
        await self.store.open()
        for name in self.answers(UPGRADE_REQUEST):
            url = self.listen(name)
            try:
                account = await self.connect(url)
            except PadChatError as error:
                self.said.append(error)
            else:
                if account.state != "retrying":
                    await when_state(account, "retrying")
                await account.close()
            self.assert_nothing_told(is_logged="account one: ")


def quoted(text: str) -> bytes:
    """Write a text as JSON."""
    return json.dumps(text).encode()


class Garbage(Protocol):
    """Answers the first request, whatever it was."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self._request = b""

    def dataReceived(self, data: bytes) -> None:
        """Answer once, when the request is whole."""
        is_whole = b"\r\n\r\n" in self._request
        self._request += data
        if not is_whole and b"\r\n\r\n" in self._request:
            transport = cast(ITransport, self.transport)
            transport.write(self._answer(self._request))
            transport.loseConnection()


class TrialLogTests(SynchronousTestCase):
    """The log of the tests themselves, as far as they have run."""

    def test_log(self) -> None:
        """It holds none of the secrets that the tests work with."""
        path = Path("test.log")
        if not path.exists():
            raise SkipTest("trial keeps its log elsewhere: it was told to by --logfile")
        log = path.read_text(errors="replace")
        self.assertIn("Log opened.", log)
        secrets = {
            **{f"the key {n}": key for n, key in enumerate(KEYS_OF_TESTS)},
            **{f"{field} of the sandbox": value for field, value in DEVICE.items()},
            **TEXTS,
            "a greeting": "你登录了！",
        }
        self.assertEqual(secrets_in(log, secrets), [])
        # How pictures begin in base64, and device data of the sandbox.
        for beginning in ("/9j/4AAQSkZJRg", "iVBORw0KGgo", "62706c6973743030"):
            self.assertNotIn(beginning, log)
