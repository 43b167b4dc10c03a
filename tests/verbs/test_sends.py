"""``padchat unknown`` and ``padchat settle``, and ``padchat call --key``."""

from __future__ import annotations

import json
import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import SendMsg
from padchat_twisted.cli import main
from padchat_twisted.errors import OutcomeUnknown
from padchat_twisted.session.account import AccountSession
from padchat_twisted.verbs.call import STATUSES

from ..children import PADCHAT, STDERR, start_child
from ..service.stage import KEY, when_detached
from ..test_tap import DING_DONG, write_configuration
from .stage import written
from .test_call import HI, CallCase


class SendsCase(CallCase):
    """Has an account with an unknown send."""

    async def leave_unknown(self, account: AccountSession, key: str) -> None:
        """Send without any time for the reply."""
        command = SendMsg("filehelper", "hello world")
        try:
            await account.call(command, key=key, time_limit=1e-9)
        except OutcomeUnknown:
            return
        raise AssertionError("its outcome is known")

    async def run_verb(self, *words: str) -> tuple[int, str, str]:
        """Run a verb; return its status, output, and error output."""
        child = start_child(self, PADCHAT, *words, folder=self.folder)
        status = await child.when_ended()
        return status, child.said(), child.said(STDERR)

    async def look_and_settle(self, *where: str) -> None:
        """List the send, settle it, and look again."""
        status, out, err = await self.run_verb("unknown", *where)
        self.assertEqual((status, err), (0, ""))
        first, last = out.splitlines()
        self.assertRegex(
            first,
            r"^order-17: sendMsg to filehelper, 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC$",
        )
        self.assertEqual(
            last,
            "look whether they are in the chat, then run padchat settle one SENDKEY"
            " --happened or --did-not",
        )
        status, out, err = await self.run_verb(
            "settle", *where, "order-17", "--happened"
        )
        told = "settled: it happened; none of one left to settle\n"
        self.assertEqual((status, out, err), (0, told, ""))
        status, out, err = await self.run_verb("unknown", *where)
        self.assertEqual((status, out, err), (0, "there is none\n", ""))
        status, out, err = await self.run_verb(
            "settle", *where, "order-17", "--did-not"
        )
        told = (
            "padchat: account 'one' has no unknown send with key 'order-17': `padchat"
            " unknown one` lists them\n"
        )
        self.assertEqual((status, out, err), (2, "", told))


class ServiceTests(SendsCase):
    """By a service that runs the account."""

    async def test_look_and_settle(self) -> None:
        """The service looks into its store."""
        service = await self.start_service()
        account = service.accounts["one"]
        await self.leave_unknown(account, "order-17")
        await self.look_and_settle("one")


class AloneTests(SendsCase):
    """Where nobody runs the account."""

    async def have_unknown(self) -> None:
        """Have an unknown send in a store that nobody has open."""
        service = await self.start_service()
        await self.leave_unknown(service.accounts["one"], "order-17")
        await service.stopService()
        await when_detached(self.sandbox, "one")

    async def test_look_and_settle(self) -> None:
        """The store is read, and nobody logs in."""
        await self.have_unknown()
        accepted = self.counting.accepted
        await self.look_and_settle("one")
        self.assertEqual(self.counting.accepted, accepted)

    async def test_command_line(self) -> None:
        """It is found without a configuration too."""
        await self.have_unknown()
        await self.look_and_settle(KEY, "one", "--gateway", self.sandbox.url)

    async def test_json(self) -> None:
        """For programs it is one object."""
        await self.have_unknown()
        status, out, err = await self.run_verb("unknown", "one", "--json")
        self.assertEqual((status, err), (0, ""))
        (send,) = json.loads(out)["unknown"]
        self.assertEqual(
            (send["key"], send["command"], send["receiver"]),
            ("order-17", "sendMsg", "filehelper"),
        )

    async def test_locked(self) -> None:
        """A store that a service without a socket has is left alone."""
        await self.start_service(has_control=False)
        status, out, err = await self.run_verb("unknown", "one")
        self.assertEqual((status, out), (1, ""))
        self.assertIn(f"process {os.getpid()} has it open, and nothing answers", err)

    async def test_call_with_key(self) -> None:
        """A call with a key goes out once, however often it is made."""
        await self.log_in_once()
        got: list[str] = []
        self.sandbox.world.on_message(lambda message: got.append(message.content))
        results = []
        for _ in range(2):
            status, out, err = await self.call(
                "one", *HI, "--key", "order-18", "--json"
            )
            self.assertEqual((status, err), (0, ""))
            results.append(json.loads(out)["result"]["msgId"])
        self.assertEqual(results[0], results[1])
        status, _, err = await self.call(
            "one", "sendMsg", "to_user_name=filehelper", "content=b", "--key=order-18"
        )
        self.assertEqual(status, STATUSES["not_sent"])
        self.assertIn("key: 'order-18' belongs to another command", err)
        self.assertEqual(got, ["hello world"])


class MistakeTests(SynchronousTestCase):
    """What is wrong with a command line is told before anything starts."""

    def setUp(self) -> None:
        """Go to a folder with a configuration."""
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        write_configuration(
            folder, "http://gateway.invalid/user", handlers={"shop-1": DING_DONG}
        )
        self.addCleanup(os.chdir, Path.cwd())
        os.chdir(folder)

    def assert_told(self, told: str, *words: str) -> None:
        """Check what is said."""
        ran = written(lambda: main(words))
        self.assertEqual(ran, (2, "", f"padchat: {told}\n"))

    def test_words(self) -> None:
        """Too few, or too many."""
        self.assert_told("give ACCOUNT", "unknown", "a", "b")
        self.assert_told("give ACCOUNT and SENDKEY", "settle", "a", "--happened")
        line = ("settle", "a", "b", "c", "--happened")
        self.assert_told("give ACCOUNT and SENDKEY", *line)

    def test_account(self) -> None:
        """An account that is not configured."""
        here = Path.cwd()
        told = (
            f"{here}/padchat.toml has no account 'shop': the nearest is shop-1; it has"
            " shop-1"
        )
        self.assert_told(told, "unknown", "shop")

    def test_key_and_raw(self) -> None:
        """What no class stands for takes no key."""
        line = ("call", "shop-1", "status", "--raw", "--key=a")
        self.assert_told("--key and --raw: give one of them", *line)
