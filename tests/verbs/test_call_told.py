"""``padchat call`` in this process: mistakes, how an end is told, and the pages."""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.cli import main
from padchat_twisted.service.calling import command_of, find_or_tell, given_words
from padchat_twisted.service.outcomes import Outcome
from padchat_twisted.verbs import call
from padchat_twisted.verbs.call import STATUSES, add_options, tell
from padchat_twisted.verbs.process import FAILED, USAGE
from padchat_twisted.verbs.target import words_of

from ..examples import pages
from ..test_tap import DING_DONG, write_configuration
from .stage import parsed, written

HI = ("sendMsg", "to_user_name=filehelper", "content=hello world")


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
        """Check what is said; nothing else is made or written."""
        before = sorted(Path.cwd().iterdir())
        ran = written(lambda: main(["call", *words]))
        self.assertEqual(ran, (2, "", f"padchat: {told}\n"))
        self.assertEqual(sorted(Path.cwd().iterdir()), before)

    def test_three_typical_ones(self) -> None:
        """A wrong command, a wrong field, and a text without quotes."""
        self.assert_told(
            "there is no command 'sendText': did you mean sendMsg or sendImage or"
            " sendVoice? `padchat commands` lists all, --raw sends what it does not"
            " list",
            *("shop-1", "sendText", "to_user_name=filehelper", "content=hi"),
        )
        self.assert_told(
            "sendMsg has no field 'toUser': the nearest is to_user_name; its fields are"
            " to_user_name, content, at_list",
            *("shop-1", "sendMsg", "toUser=filehelper", "content=hi"),
        )
        self.assert_told(
            "word 3 behind the command is not of the form FIELD=VALUE: a value with"
            " spaces needs quotes, as in content='hello world'",
            *("shop-1", "sendMsg", "to_user_name=filehelper", "content=hello", "world"),
        )

    def test_others(self) -> None:
        """An account, a file or a time limit that cannot be."""
        here = Path.cwd()
        self.assert_told(
            f"{here}/padchat.toml has no account 'shop1': the nearest is shop-1; it has"
            " shop-1",
            *("shop1", *HI),
        )
        self.assert_told(
            "'photo.jpg' cannot be read: No such file or directory; a text that begins"
            " with @ is written with @@",
            *("shop-1", "sendImage", "to_user_name=filehelper", "image=@photo.jpg"),
        )
        for limit in ("-1", "0", "nan", "inf", "3600.1"):
            self.assert_told(
                "--time-limit is above 0 and at most 3600 seconds",
                *("shop-1", *HI, f"--time-limit={limit}"),
            )
        self.assert_told(
            f"--save: there is no folder {here}/no",
            *("shop-1", *HI, "--save=no/photo.jpg"),
        )

    def test_size_of_file(self) -> None:
        """A file that no gateway takes is not read to its end."""
        self.patch(call, "MAX_FIELD_FILE_BYTES", 10)
        Path("large").write_bytes(11 * b"a")
        self.assert_told(
            "'large' has more than 10 bytes, and no gateway takes as many: send a"
            " smaller file",
            *("shop-1", "sendMsg", "to_user_name=filehelper", "content=@large"),
        )


class ToldTests(SynchronousTestCase):
    """What is written of each end."""

    def tell(self, outcome: Outcome, *words: str) -> tuple[int, str, str]:
        """Tell how a call ended; return exit status, output and error output."""
        options = parsed(add_options, "one", "logout", *words)
        return written(lambda: tell(outcome, options))

    def test_statuses(self) -> None:
        """Each end has its exit status; what explains it is no output."""
        for ending, status in STATUSES.items():
            because = "" if ending == "done" else "because"
            outcome = Outcome(outcome=ending, command="logout", explanation=because)
            told = ("done\n", "") if ending == "done" else ("", "padchat: because\n")
            self.assertEqual(self.tell(outcome), (status, *told))
            status_again, out, err = self.tell(outcome, "--json")
            self.assertEqual((status_again, err), (status, ""))
            self.assertEqual(json.loads(out)["outcome"], ending)

    def test_save(self) -> None:
        """Without a file in the result, or a place for it, that is told."""
        outcome = Outcome(outcome="done", command="getMsgImage", result={"size": 5})
        path = Path(self.mktemp())
        status, _, err = self.tell(outcome, f"--save={path}")
        told = "padchat: the call is done, but its result has no file to save\n"
        self.assertEqual((status, err), (1, told))
        self.assertFalse(path.exists())
        outcome = Outcome(
            outcome="done", command="getMsgImage", result={"image": "aGk="}
        )
        self.assertEqual(self.tell(outcome, f"--save={path}")[0], 0)
        self.assertEqual(path.read_bytes(), b"hi")
        status, _, err = self.tell(outcome, f"--save={path / 'below'}")
        self.assertEqual(status, 1)
        told = f"padchat: the call is done, but {path / 'below'} was not written: "
        self.assertTrue(err.startswith(told), err)


class DocumentedTests(SynchronousTestCase):
    """Every call that a page or the help shows is one that could be made."""

    def test_lines(self) -> None:
        """Its command and its fields are in the catalogue."""
        lines = [line for page in pages.pages() for line in pages.commands(page)]
        lines += [line.strip() for line in call.DESCRIPTION.splitlines()]
        seen = 0
        for line in lines:
            if line.startswith("padchat call ") and "=" in line:
                _, _, *rest = shlex.split(line)
                options = parsed(add_options, *rest)
                words = words_of(options.words, has_gateway=options.gateway is not None)
                given = given_words(words.fields, lambda _: b"{}")
                command_of(find_or_tell(words.command), given, "socketio")
                seen += 1
        self.assertGreater(seen, 8)

    def test_statuses(self) -> None:
        """The page and the help tell each exit status."""
        page = (pages.DOCS / "running.md").read_text()
        rows = re.findall(r"^\| (\d) \| (.*?) \|", page, re.MULTILINE)
        told = {
            ending: int(status)
            for status, endings in rows
            for ending in re.findall(r"`(\w+)`", endings)
        }
        self.assertEqual(told, STATUSES)
        for status in {FAILED, USAGE, *STATUSES.values()}:
            self.assertRegex(call.EPILOGUE, rf"\b{status}\b")
