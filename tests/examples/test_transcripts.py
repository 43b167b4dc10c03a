"""The transcripts of the protocol page are what the client of the package says."""

from __future__ import annotations

import json
import re

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted import AccountSession, MemoryStore
from padchat_twisted.interfaces import AccountKey
from padchat_twisted.testing import FakeConnector

from .transcripts import TRANSCRIPTS, Stage, shown

_COMMAND = re.compile(r'^> 42/user,\d+\["(\w+)"')


def commands_of(*names: str) -> list[str]:
    """List the commands of some transcripts, in order."""
    found = []
    for name in names:
        stage = Stage()
        TRANSCRIPTS[name](stage)
        found += [match[1] for line in stage.lines if (match := _COMMAND.match(line))]
    return found


class TranscriptTests(SynchronousTestCase):
    """Made the same each time, and in the order of the real client."""

    def test_repeatable(self) -> None:
        """Nothing random is in them."""
        for make in TRANSCRIPTS.values():
            first, second = Stage(), Stage()
            make(first)
            make(second)
            self.assertEqual(first.lines, second.lines)
            self.assertTrue(first.lines)

    def test_order_of_the_client(self) -> None:
        """The client of the package sends these commands in this order."""
        connector = FakeConnector()
        store = MemoryStore()
        self.successResultOf(store.open())
        key = AccountKey(connector.url, "0" * 16, "bot")
        saving = store.save_login(key, login_token="old", user_name="")
        self.successResultOf(saving)
        account = AccountSession(Clock(), connector, key, store)
        self.successResultOf(account.start())
        gateway = connector.let_in()
        gateway.reply(gateway.last_call("init").call_id)
        gateway.refuse(gateway.last_call("login").call_id, "token has expired", -2023)
        gateway.reply(gateway.last_call("login").call_id)
        gateway.notice("login", {})
        gateway.reply(gateway.last_call("getDeviceInfo").call_id)
        gateway.reply(gateway.last_call("getAutoLoginData").call_id, {"token": "new"})
        codes = [call.code for call in gateway.calls]
        self.assertEqual(codes, commands_of("init", "login", "save-login"))
        gateway.lose()
        self.successResultOf(account.close())

    def test_takeover_is_told(self) -> None:
        """The transcript of a takeover has the text that the client looks for."""
        stage = Stage()
        TRANSCRIPTS["taken-over"](stage)
        self.assertIn("taken over by", "".join(stage.lines))


class ShownTests(SynchronousTestCase):
    """Long frames are shortened, and nothing else is done to them."""

    def test_short(self) -> None:
        """A short frame stays as it is."""
        for frame in ("2", "40/user,", '42/user,1["a",{"b":"ü"}]', '44/user,"no"'):
            self.assertEqual(shown(frame), frame)

    def test_long(self) -> None:
        """Long texts, many fields and many items are cut; the rest is kept."""
        fields = {f"field{number}": number for number in range(20)}
        frame = "42" + json.dumps(["x", {"list": [fields, {}]}, "t" * 100])
        text = shown(frame)
        self.assertIn('"field8":8,...}', text.replace("\n", ""))
        self.assertIn('},...]},"tttt', text.replace("\n", ""))
        self.assertNotIn("t" * 30, text)
        self.assertNotIn("field9", text)

    def test_lines(self) -> None:
        """It is broken between fields, into lines that fit on a page."""
        frame = "42" + json.dumps(["x", {f"field{n}": "t" * 40 for n in range(8)}])
        lines = shown(frame).splitlines()
        self.assertGreater(len(lines), 3)
        self.assertLessEqual(max(map(len, lines)), 88)
        self.assertEqual("".join(lines), frame.replace(" ", ""))
