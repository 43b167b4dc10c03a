"""``padchat commands``."""

from __future__ import annotations

import json

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import COMMANDS, GROUPS, UNIMPLEMENTED
from padchat_twisted.verbs.commands import add_options, commands

from .stage import parsed, written


class CommandsTests(SynchronousTestCase):
    """What it writes."""

    def run_verb(self, *words: str) -> tuple[int, str, str]:
        """Run it."""
        return written(lambda: commands(parsed(add_options, *words)))

    def test_all(self) -> None:
        """All commands are listed by area, and those that never worked."""
        status, out, err = self.run_verb()
        self.assertEqual((status, err), (0, ""))
        for name in (*COMMANDS, *GROUPS, *UNIMPLEMENTED):
            self.assertIn(name, out)
        self.assertIn("massMsg: no gateway carries it out: padchat-sdk calls", out)

    def test_filtered(self) -> None:
        """A word, an area or a dialect leave out the others."""
        for words, names in (
            (("Label",), ["getLabelList", "addLabel", "deleteLabel", "setLabel"]),
            (("--group=media", "--dialect=legacy"), ["getMsgImage"]),
        ):
            status, out, err = self.run_verb(*words)
            self.assertEqual((status, err), (0, ""))
            told = [name for name in COMMANDS if name in out]
            self.assertEqual(told, names)

    def test_one(self) -> None:
        """A single one is told with its fields."""
        status, out, _ = self.run_verb("send_msg")
        self.assertEqual(status, 0)
        self.assertTrue(out.startswith("sendMsg: Send a text message"), out)
        self.assertIn("at_list", out)
        status, out, _ = self.run_verb("massMsg")
        self.assertEqual(status, 0)
        self.assertTrue(out.startswith("massMsg: no gateway carries it out"), out)

    def test_none(self) -> None:
        """A word that leads nowhere gets what was perhaps meant."""
        told = "padchat: no command has 'sendMsgs' in it: did you mean sendMsg"
        status, out, err = self.run_verb("sendMsgs")
        self.assertEqual((status, out), (1, ""))
        self.assertTrue(err.startswith(told), err)
        told = "padchat: no command has 'xyzzy' in it: leave it out\n"
        self.assertEqual(self.run_verb("xyzzy", "--dialect=sdk"), (1, "", told))

    def test_none_with_these_options(self) -> None:
        """A command that another dialect or area has is there without the options."""
        told = (
            "padchat: no command with these options has 'getMyInfo' in it:"
            " leave them out\n"
        )
        self.assertEqual(self.run_verb("getMyInfo", "--dialect=legacy"), (1, "", told))

    def test_json(self) -> None:
        """For programs there is one object, with the names on the wire."""
        status, out, err = self.run_verb("--json")
        self.assertEqual((status, err), (0, ""))
        found = json.loads(out)
        self.assertEqual([each["name"] for each in found["commands"]], list(COMMANDS))
        self.assertEqual(found["unimplemented"], UNIMPLEMENTED)
        status, out, _ = self.run_verb("sendImage", "--json")
        (entry,) = json.loads(out)["commands"]
        self.assertEqual(entry["parameters"][1]["wire"]["sdk"], "file")
        status, out, _ = self.run_verb("xyzzy", "--json")
        self.assertEqual(json.loads(out), {"commands": [], "unimplemented": {}})
