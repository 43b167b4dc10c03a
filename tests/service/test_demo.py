"""The demonstration, in this process."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import TextMessage
from padchat_twisted.sandbox.service import SandboxStateError
from padchat_twisted.sandbox.settings import WorldSettings
from padchat_twisted.service.demo import ACCOUNTS, PERSON, Demo
from padchat_twisted.service.terminal import QRTerminal
from padchat_twisted.session.account import AccountSession, Handlers
from padchat_twisted.store import SQLiteStore

from .stage import StageCase, hurry, real_reactor, when_says

#: The last line of a run in which everything went well.
BY_CODE = "3 accounts, 3 QR logins, 0 token logins, 3 messages answered, 0 errors"
BY_TOKEN = "3 accounts, 0 QR logins, 3 token logins, 3 messages answered, 0 errors"


class DemoCase(StageCase):
    """Runs demonstrations in one folder."""

    def make(
        self, *, bot: Handlers | None = None, is_fresh: bool = False
    ) -> tuple[Demo, list[str]]:
        """Make a demonstration that loses no time, and the list of what it shows."""
        lines: list[str] = []

        def terminal(folder: Path) -> QRTerminal:
            return QRTerminal(
                real_reactor(),
                lambda text: lines.append(text.strip()),
                is_terminal=False,
                style="blocks",
                picture_folder=folder,
                width=80,
            )

        options = {} if bot is None else {"bot": bot}
        demo = Demo(
            real_reactor(),
            lines.append,
            terminal,
            folder=self.folder / "demo",
            is_fresh=is_fresh,
            **options,
        )
        hurry(demo.sandbox)
        self.addCleanup(lambda: Deferred.fromCoroutine(demo.stop()))
        return demo, lines

    async def run_once(
        self, *, bot: Handlers | None = None, is_fresh: bool = False
    ) -> tuple[bool, list[str]]:
        """Run a demonstration to its figures; return how it went and its lines."""
        demo, lines = self.make(bot=bot, is_fresh=is_fresh)
        is_good = await demo.run()
        await demo.stop()
        return is_good, lines


class GoodTests(DemoCase):
    """Every account does its part."""

    async def test_codes_then_tokens(self) -> None:
        """First everybody scans, then nobody has to, unless it is to be forgotten."""
        is_good, lines = await self.run_once()
        self.assertEqual((is_good, lines[-1]), (True, BY_CODE))
        is_good, lines = await self.run_once()
        self.assertEqual((is_good, lines[-1]), (True, BY_TOKEN))
        is_good, lines = await self.run_once(is_fresh=True)
        self.assertEqual((is_good, lines[-1]), (True, BY_CODE))

    async def test_transcript(self) -> None:
        """Codes, scans, logins, contacts, messages and answers are shown, in order."""
        is_good, lines = await self.run_once()
        self.assertTrue(is_good)
        self.assertRegex(lines[0], r"^sandbox gateway at http://127\.0\.0\.1:\d+/user,")
        store = self.folder / "demo" / "padchat.sqlite"
        self.assertEqual(lines[1], f"service with 3 accounts; store {store}")
        for name in ACCOUNTS:
            own = [line for line in lines if re.search(rf"\b{name}\b", line)]
            picture = self.folder / "demo" / "qrcodes" / f"qrcode-{name}.png"
            self.assertEqual(
                own,
                [
                    f"{name}: needs a scan",
                    f"{name}: scan within 240 s with WeChat: {picture}",
                    f"{name}: scanned, waiting for the confirmation",
                    f"{name}: logged in by QR code",
                    f"{name}: ready, 3 contacts",
                    f"  {PERSON} -> {name}: ping",
                    f"  {name} -> {PERSON}: pong",
                ],
            )

    async def test_goes_on(self) -> None:
        """After the figures it stays up, and what is typed is said to the bots."""
        demo, lines = self.make()
        self.assertTrue(await demo.run())
        self.assertEqual(lines[-1], BY_CODE)
        answered = when_says(demo.sandbox, "shop-3", "pong")
        demo.say("")
        demo.say("ping")
        await answered
        typed = [line for line in lines if line.startswith(f"  {PERSON} -> shop-3")]
        self.assertEqual(typed, [f"  {PERSON} -> shop-3: ping"] * 2)

    async def test_files(self) -> None:
        """Only the owner can read what it keeps."""
        await self.run_once()
        folder = self.folder / "demo"
        for name in ("padchat.sqlite", "sandbox.json"):
            mode = stat.S_IMODE((folder / name).stat().st_mode)
            self.assertEqual(mode, 0o600, name)


class BadTests(DemoCase):
    """An account that does not do its part is told by the result and the figures."""

    async def test_silent_bot(self) -> None:
        """A bot that does not answer is a failure, though nothing went wrong."""

        def all_but_one(account: AccountSession) -> None:
            if account.name != "shop-2":
                account.on(TextMessage, answer)

        async def answer(account: AccountSession, message: TextMessage) -> None:
            await account.reply(message, "pong")

        is_good, lines = await self.run_once(bot=all_but_one)
        self.assertFalse(is_good)
        self.assertEqual(
            lines[-1],
            "3 accounts, 3 QR logins, 0 token logins, 2 messages answered, 0 errors",
        )

    async def test_bot_raises(self) -> None:
        """A handler that raises is one error each time, even if answers come."""

        def broken(account: AccountSession) -> None:
            account.on(TextMessage, answer)
            if account.name == "shop-1":
                account.on(TextMessage, fail)

        async def answer(account: AccountSession, message: TextMessage) -> None:
            await account.reply(message, "pong")

        def fail(account: AccountSession, message: TextMessage) -> None:
            raise ZeroDivisionError

        is_good, lines = await self.run_once(bot=broken)
        self.assertFalse(is_good)
        self.assertEqual(
            lines[-1],
            "3 accounts, 3 QR logins, 0 token logins, 3 messages answered, 1 errors",
        )
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    async def test_store_locked(self) -> None:
        """A second one in the same folder gives up, and says who has the store."""
        await self.run_once()
        store = SQLiteStore(real_reactor(), self.folder / "demo" / "padchat.sqlite")
        self.addCleanup(store.close)
        await store.open()
        is_good, lines = await self.run_once()
        self.assertFalse(is_good)
        self.assertRegex(lines[-2], r"^gave up: .*padchat\.sqlite: .* has it open; ")
        self.assertEqual(
            lines[-1],
            "3 accounts, 0 QR logins, 0 token logins, 0 messages answered, 1 errors",
        )

    async def test_nobody_scans(self) -> None:
        """Accounts whose codes nobody scans are given up, and one of them is named."""
        demo, lines = self.make()
        demo.sandbox.world.settings = WorldSettings(qr_code_seconds=0.001)
        demo.sandbox.world.auto_scan = False
        self.assertFalse(await demo.run())
        self.assertRegex(lines[-2], r"^gave up: shop-\d needs a person: the QR code of")
        self.assertEqual(
            lines[-1],
            "3 accounts, 0 QR logins, 0 token logins, 0 messages answered, 0 errors",
        )


class StateTests(SynchronousTestCase):
    """What an earlier run kept."""

    def test_damaged(self) -> None:
        """A damaged state is told before anything starts, and left alone."""
        folder = Path(self.mktemp())
        folder.mkdir()
        state = folder / "sandbox.json"
        state.write_text("{")

        def make(is_fresh: bool) -> Demo:
            return Demo(
                Clock(),
                lambda line: None,
                lambda _: terminal(),
                folder=folder,
                is_fresh=is_fresh,
            )

        def terminal() -> QRTerminal:
            return QRTerminal(
                Clock(),
                str,
                is_terminal=False,
                style="ascii",
                picture_folder=folder,
                width=80,
            )

        error = self.assertRaises(SandboxStateError, make, is_fresh=False)
        self.assertIn("move it away", str(error))
        self.assertEqual(state.read_text(), "{")
        make(is_fresh=True)
        self.assertFalse(folder.exists())
