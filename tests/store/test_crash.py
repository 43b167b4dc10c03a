"""Tests with a real process that is killed while it writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

from twisted.trial.unittest import TestCase

from padchat_twisted.errors import StoreLocked
from padchat_twisted.store import MAX_SEEN_MESSAGE_IDS

from .contract import DEVICE, KEY, error_of
from .crash_child import GROUP, group
from .test_sql import make_store


class KilledTests(TestCase):
    """``kill -9`` costs nothing that was told as stored."""

    def setUp(self) -> None:
        """Name a store whose folder does not exist."""
        self.path = Path(self.mktemp()).absolute() / "store.sqlite"

    def start(self) -> subprocess.Popen[str]:
        """Start the process that writes."""
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.store.crash_child", str(self.path)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return child

    def kill(self, child: subprocess.Popen[str]) -> list[int]:
        """Kill the process and return the rounds it told that were not read yet."""
        child.kill()
        rest = self.output(child).read()
        child.wait()
        self.output(child).close()
        # The last line may have been cut by the kill.
        return [int(line) for line in rest.split("\n")[:-1]]

    def output(self, child: subprocess.Popen[str]) -> IO[str]:
        """Return what the process prints."""
        assert child.stdout is not None
        return child.stdout

    async def test_while_writing(self) -> None:
        """All that was told is there, and a group is there whole or not at all."""
        for last in (0, 3, 11):
            child = self.start()
            self.assertEqual(self.output(child).readline(), "opening\n")
            for number in range(last + 1):
                self.assertEqual(self.output(child).readline(), f"{number}\n")
            told = [last, *self.kill(child)][-1]

            store = make_store(self.path)
            self.addCleanup(store.close)
            await store.open()
            record = await store.load(KEY)
            assert record is not None
            self.assertEqual(record.device, DEVICE)
            token = int((record.login_token or "").removeprefix("token "))
            self.assertIn(token, (told, told + 1))
            ids = await store.seen_message_ids(KEY, MAX_SEEN_MESSAGE_IDS)
            whole = len(ids) // GROUP
            self.assertEqual(ids[-GROUP:], group(whole - 1))
            self.assertEqual(len(ids), whole * GROUP)
            self.assertIn(whole - 1, (told, told + 1))
            await store.remember_message_ids(KEY, ["after"])
            await store.close()
            for file in self.path.parent.iterdir():
                file.unlink()

    async def test_while_opening(self) -> None:
        """A process killed while it makes the store leaves none or a good one."""
        for _ in range(3):
            child = self.start()
            self.assertEqual(self.output(child).readline(), "opening\n")
            self.kill(child)
            store = make_store(self.path)
            self.addCleanup(store.close)
            await store.open()
            await store.load(KEY)
            await store.close()
            for file in self.path.parent.iterdir():
                file.unlink()

    async def test_locked_by_another_process(self) -> None:
        """A living process is named; when it is killed the lock is free."""
        child = self.start()
        self.assertEqual(self.output(child).readline(), "opening\n")
        self.assertEqual(self.output(child).readline(), "0\n")
        store = make_store(self.path)
        self.addCleanup(store.close)
        error = await error_of(store.open(), StoreLocked)
        self.assertIn(f"process {child.pid} has it open", str(error))
        self.kill(child)
        await store.open()
        self.assertIsNotNone(await store.load(KEY))
