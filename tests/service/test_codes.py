"""QR codes come from accounts to the terminal."""

from __future__ import annotations

import base64
import io
import json
import os
import sys
from pathlib import Path

from twisted.logger import capturedLogs, eventAsText
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from padchat_twisted.composing import build_account
from padchat_twisted.interfaces import GatewayReceiver, IConnector
from padchat_twisted.secret import Secret
from padchat_twisted.service.codes import STYLES, terminal_of_process, watch_codes
from padchat_twisted.service.qrcode import Picture, Style, draw, read_code
from padchat_twisted.session.account import AccountSession
from padchat_twisted.session.login import CODE_SECONDS
from padchat_twisted.store import MemoryStore
from padchat_twisted.wire.envelope import Notice
from tests.service.test_qrcode import picture_of
from tests.service.test_terminal import ERASE, TerminalCase, text_of

LIFE = int(CODE_SECONDS)
NOT_NEEDED = "its QR code is not needed any more"


@implementer(IConnector)
class Gateway:
    """Gives no connection, and says what a test wants to an account."""

    url = "http://gateway.invalid/user"
    paces_itself = True

    def connect(self, receiver: GatewayReceiver) -> None:
        """Keep who hears it."""
        self._receiver = receiver

    def stop(self) -> None:
        """There is nothing to leave."""

    def says(self, event: str, *arguments: object) -> None:
        """Say something unasked."""
        body = json.dumps([event, *arguments]).encode()
        self._receiver.received([Notice(event, body)])


class WatchTests(TerminalCase):
    """A code is shown as long as it can be scanned."""

    def setUp(self) -> None:
        """Watch two accounts."""
        super().setUp()
        self.gateways: dict[AccountSession, Gateway] = {}
        self.one, self.two = self.watched("one"), self.watched("two")

    def watched(self, name: str) -> AccountSession:
        """Start an account whose codes are watched."""
        gateway, store = Gateway(), MemoryStore()
        self.successResultOf(store.open())
        account = build_account(self.clock, gateway, Secret("key"), name, store)
        watch_codes(account, self.qr_terminal)
        self.successResultOf(account.start())
        self.gateways[account] = gateway
        return account

    def happens(self, account: AccountSession, event: str, **payload: object) -> str:
        """Let the gateway say something; return what is written then."""
        self.gateways[account].says(event, payload)
        return self.taken()

    def shown(self, account: AccountSession) -> str:
        """Let the gateway show the code of an account."""
        return self.happens(account, "qrcode", qrCode=text_of(account.name))

    def test_told_without_a_picture(self) -> None:
        """Where only the code's text is told (``sdk``), it is drawn and saved."""
        url = "http://example.invalid/x/1"
        drawn = self.happens(self.one, "qrcode", url=url)
        for line in draw(url, style="blocks"):
            self.assertIn(line, drawn)
        (saved,) = self.folder.iterdir()
        self.assertEqual(read_code(Picture(saved.read_bytes(), "PNG")), url)

    def test_told_too_much(self) -> None:
        """What no code holds is told in one line."""
        told = self.happens(self.one, "qrcode", url="x" * 5000)
        self.assertIn("holds more than can be drawn", told)

    def test_shown(self) -> None:
        """A code is drawn with the account's name and the usual time."""
        self.assertEqual(self.shown(self.one), self.drawing("one", "one", LIFE))

    def test_still_valid(self) -> None:
        """What is repeated while nobody scans, or is not known, changes nothing."""
        self.shown(self.one)
        for status in (0, 7, -1):
            told = self.happens(self.one, "scan", status=status, expiredTime=200)
            self.assertEqual(told, "")

    def test_scanned(self) -> None:
        """After the scan it is gone, and the person is told what is next."""
        self.shown(self.one)
        told = self.happens(self.one, "scan", status=1, nickName="Alice")
        self.assertEqual(told, f"{ERASE}{ERASE}one: scanned; confirm it on the phone\n")
        self.assertEqual(self.happens(self.one, "scan", status=1), "")

    def test_over(self) -> None:
        """A code that has expired or was confirmed, declined or cancelled is gone."""
        for scan in (
            {"status": 2, "subStatus": 0},
            {"status": 2, "subStatus": 1},
            {"status": 3},
            {"status": 4},
            {"status": 0, "userName": "wxid_alice", "uin": 1},
        ):
            self.shown(self.one)
            told = self.happens(self.one, "scan", **scan)
            self.assertEqual(told, f"{ERASE}{ERASE}one: {NOT_NEEDED}\n", scan)

    def test_state_left(self) -> None:
        """A code goes when its account does not wait for a scan any more."""
        self.shown(self.one)
        self.successResultOf(self.one.close())
        self.assertEqual(self.taken(), f"{ERASE}{ERASE}one: {NOT_NEEDED}\n")

    def test_two_accounts(self) -> None:
        """The code of one account waits for that of the other, and follows it."""
        self.shown(self.one)
        told = f"two: scan within {LIFE} s with WeChat: {self.path('two')}"
        self.assertIn(f"{told} (or here, after one)\n", self.shown(self.two))
        told = self.happens(self.one, "scan", status=1)
        self.assertIn(self.drawing("two", "two", LIFE), told)
        self.assertEqual(self.happens(self.one, "scan", status=2), "")

    def test_renewed(self) -> None:
        """Another code of the same account takes the place of the first one."""
        self.shown(self.one)
        told = self.happens(self.one, "qrcode", qrCode=text_of("another"))
        self.assertIn(self.drawing("one", "another", LIFE), told)

    def test_no_picture(self) -> None:
        """What is no picture is told; no handler fails."""
        for text in ("", "not base64!", base64.b64encode(b"no picture").decode()):
            told = self.happens(self.one, "qrcode", qrCode=text)
            self.assertIn("one: the gateway sent", told)
        self.assertEqual(self.one.handler_failures, 0)


class Screen(io.TextIOWrapper):
    """Stands for the standard output of a process, on a terminal or not."""

    def __init__(self, *, is_terminal: bool, encoding: str = "utf-8") -> None:
        self.bytes = io.BytesIO()
        self._is_terminal = is_terminal
        super().__init__(self.bytes, encoding=encoding)

    def isatty(self) -> bool:
        """Tell whether somebody sees it."""
        return self._is_terminal

    def shown(self) -> str:
        """Return what was written."""
        self.flush()
        return self.bytes.getvalue().decode(self.encoding)


class ProcessTests(TerminalCase):
    """Codes go to the terminal of the process and not through the log."""

    def on(self, screen: Screen | None, style: Style = "blocks") -> list[str]:
        """Show a code on this standard output; return what was said instead."""
        self.patch(sys, "__stdout__", screen)
        self.patch(os, "environ", {**os.environ, "COLUMNS": "80"})
        said: list[str] = []
        terminal = terminal_of_process(self.clock, self.folder, style, said.append)
        terminal.show("one", text_of("one"), 100)
        terminal.close()
        return said

    def test_terminal(self) -> None:
        """On a terminal it is drawn, and nothing is said elsewhere."""
        screen = Screen(is_terminal=True)
        with capturedLogs() as events:
            self.assertEqual(self.on(screen), [])
        self.assertEqual(screen.shown(), self.drawing("one", "one", 100) + ERASE)
        self.assertEqual(events, [])

    def test_style(self) -> None:
        """It is drawn in the style that was asked for."""
        for style in STYLES:
            screen = Screen(is_terminal=True)
            self.on(screen, style)
            wanted = self.drawing("one", "one", 100, style=style) + ERASE
            self.assertEqual(screen.shown(), wanted)

    def test_no_half_blocks(self) -> None:
        """A terminal whose encoding has no half blocks gets plain ASCII."""
        for encoding in ("ascii", "latin-1", "gbk", "cp437"):
            screen = Screen(is_terminal=True, encoding=encoding)
            self.on(screen)
            is_ascii = "#" in screen.shown()
            self.assertEqual(is_ascii, encoding != "cp437", encoding)

    def test_no_terminal(self) -> None:
        """Without a terminal the picture's path is said, one line without its end."""
        saved = Path(self.path("one"))
        told = f"one: scan within 100 s with WeChat: {saved}"
        closed = Screen(is_terminal=True)
        closed.close()
        for screen in (Screen(is_terminal=False), closed, None):
            self.assertEqual(self.on(screen), [told])
            self.assertEqual(saved.read_bytes(), picture_of("one").data)

    def test_daemon(self) -> None:
        """A daemon is about to leave its terminal: the path goes to the log."""
        screen = Screen(is_terminal=True)
        self.patch(sys, "__stdout__", screen)
        terminal = terminal_of_process(
            self.clock, self.folder, "blocks", is_daemon=True
        )
        with capturedLogs() as events:
            terminal.show("one", text_of("one"), 100)
        self.assertEqual(screen.shown(), "")
        self.assertEqual(len(events), 1)

    def test_log(self) -> None:
        """By default it is said in the log: the path, and nothing of the code."""
        self.patch(sys, "__stdout__", None)
        terminal = terminal_of_process(self.clock, self.folder, "blocks")
        with capturedLogs() as events:
            terminal.show("one", text_of("one"), 100)
        (event,) = events
        told = f"one: scan within 100 s with WeChat: {self.path('one')}"
        self.assertTrue(eventAsText(event).endswith(told))
        self.assertEqual(event["line"], told)


class StyleTests(SynchronousTestCase):
    """What can be asked for."""

    def test_styles(self) -> None:
        """The command line has all styles that can be drawn."""
        self.assertEqual(STYLES, ("blocks", "inverted", "ascii"))
