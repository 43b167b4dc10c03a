"""Scenarios, good ones and bad ones."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.faults.deeds import Trigger
from padchat_twisted.sandbox.faults.scenario import (
    ALWAYS,
    ANY,
    MAX_FAULTS,
    MAX_SCENARIO_BYTES,
    MAX_SECONDS,
    MAX_TEXT,
    Fault,
    ScenarioMistakes,
    read_scenario,
)

ABOUT = 'about = "something"\n'

WHOLE = """\
about = "all keys"
problems = [4, 17]
ends_after = 600

[[fault]]
command = "sendMsg"
account = "bot"
nth = 2
times = 3
after = 60
do = "refuse"
text = "too often"
status = -1

[[fault]]
event = "*"
times = "always"
do = "late"
seconds = 0.5

[[fault]]
lasts = 9
do = "close"
code = 3202
"""


class GoodTests(SynchronousTestCase):
    """What is read."""

    def test_whole(self) -> None:
        """Each key reaches its place."""
        scenario = read_scenario(WHOLE, "mine")
        self.assertEqual(scenario.name, "mine")
        self.assertEqual(scenario.about, "all keys")
        self.assertEqual(scenario.problems, (4, 17))
        self.assertEqual(scenario.ends_after, 600)
        self.assertEqual(
            scenario.faults,
            (
                Fault(
                    "refuse",
                    Trigger.COMMAND,
                    "sendMsg",
                    "bot",
                    nth=2,
                    times=3,
                    after=60,
                    text="too often",
                    status=-1,
                ),
                Fault("late", Trigger.EVENT, ANY, times=ALWAYS, seconds=0.5),
                Fault("close", Trigger.CONNECTION, lasts=9, code=3202),
            ),
        )

    def test_implied(self) -> None:
        """Some deeds say themselves what they wait for."""
        for word, trigger, name in (
            ("refuse-token", Trigger.LOGIN_BY_TOKEN, "login"),
            ("expire-code", Trigger.EVENT, "scan"),
            ("refuse-key", Trigger.CONNECTION, ANY),
        ):
            text = f'{ABOUT}[[fault]]\ndo = "{word}"\n'
            self.assertEqual(
                read_scenario(text, "mine").faults, (Fault(word, trigger, name),)
            )


class BadTests(SynchronousTestCase):
    """What cannot be played is told, all of it, with its line."""

    def mistakes(self, text: str) -> list[str]:
        """Return the mistakes of a text, as people see them."""
        error = self.assertRaises(ScenarioMistakes, read_scenario, text, "mine")
        first, *lines = str(error).split("\n")
        self.assertEqual(first, "the scenario mine cannot be played:")
        self.assertEqual(len(lines), 2 * len(error.mistakes))
        return [
            " ".join([found, expected.strip()])
            for found, expected in zip(lines[::2], lines[1::2], strict=True)
        ]

    def in_fault(self, *lines: str) -> str:
        """Return the one mistake of a fault that begins in line 2."""
        [mistake] = self.mistakes(ABOUT + "[[fault]]\n" + "\n".join(lines))
        return mistake

    def test_several(self) -> None:
        """All are told at once, in the order of their lines."""
        self.assertEqual(
            self.mistakes('x = 1\n[[fault]]\ndo = "drop"\nevent = "pushh"\n'),
            [
                "line 1: unknown key 'x'"
                " expected: one of about, problems, ends_after, fault",
                "line 1: about is missing expected: what happens, in one sentence",
                'line 4: [[fault]] 1: event = "pushh"'
                " expected: a name of the catalogue's events, or *;"
                " the nearest is push",
            ],
        )

    def test_no_toml(self) -> None:
        """TOML that is none has tomllib's words."""
        [mistake] = self.mistakes(ABOUT + "[[fault]]\ndo = drop\n")
        self.assertEqual(
            mistake,
            "line 3: this is not valid TOML: Invalid value expected: [[fault]] above"
            ' each fault, and lines like do = "drop"',
        )

    def test_do(self) -> None:
        """A deed that is none is told with the nearest one."""
        told = self.in_fault('command = "sendMsg"', 'do = "dorp"')
        self.assertTrue(told.startswith('line 4: [[fault]] 1: do = "dorp" expected'))
        self.assertTrue(told.endswith("; the nearest is drop"), told)
        told = self.in_fault('command = "sendMsg"')
        self.assertTrue(told.startswith("line 2: [[fault]] 1: do is missing expected"))

    def test_key_of_another_deed(self) -> None:
        """A key that the deed does not use is a mistake, for it would do nothing."""
        self.assertEqual(
            self.in_fault('command = "sendMsg"', 'do = "drop"', "seconds = 3"),
            "line 5: [[fault]] 1: seconds; drop has no such key"
            " expected: do, command, event, account, nth, times, after, lasts",
        )
        self.assertIn(
            "event; refuse has no such key",
            "".join(
                self.mistakes(
                    ABOUT + '[[fault]]\ncommand = "*"\nevent = "*"\ndo = "refuse"\n'
                )
            ),
        )

    def test_missing(self) -> None:
        """What a deed needs must be there."""
        self.assertEqual(
            self.in_fault('event = "push"', 'do = "late"'),
            "line 4: [[fault]] 1: seconds is missing expected: late needs seconds",
        )
        self.assertEqual(
            self.in_fault('do = "drop"'),
            "line 3: [[fault]] 1: command or event is missing"
            " expected: what drop waits for",
        )

    def test_both(self) -> None:
        """One thing is waited for, and one way counts."""
        self.assertEqual(
            self.in_fault('command = "*"', 'event = "*"', 'do = "drop"'),
            "line 4: [[fault]] 1: both command and event"
            " expected: one of them for a fault",
        )
        self.assertEqual(
            self.in_fault('command = "*"', "times = 2", "lasts = 9", 'do = "drop"'),
            "line 4: [[fault]] 1: both times and lasts"
            " expected: one of them for a fault",
        )

    def test_values(self) -> None:
        """Values of the wrong kind or size are told with the right ones."""
        for line, expected in (
            ("nth = 0", "a whole number from 1 to 1000000"),
            ("nth = true", "a whole number from 1 to 1000000"),
            ('times = "often"', '"always", or a whole number from 1 to 1000000'),
            ("after = -1", f"seconds, from 0 to {MAX_SECONDS}"),
            ("account = 7", "a text of one line, at most 64 characters"),
            ("code = 42", "a close code: 1000 to 1003, 1007 to 1014 or 3000 to 4999"),
        ):
            self.assertEqual(
                self.in_fault('do = "close"', line),
                f"line 4: [[fault]] 1: {line} expected: {expected}",
            )

    def test_times_at_their_edge(self) -> None:
        """A time is at most a week."""
        line = f"after = {MAX_SECONDS + 1}"
        self.assertIn(str(MAX_SECONDS), self.in_fault('do = "take-over"', line))
        text = f'{ABOUT}[[fault]]\ndo = "take-over"\nafter = {MAX_SECONDS}\n'
        self.assertEqual(read_scenario(text, "").faults[0].after, MAX_SECONDS)

    def test_text_at_its_edge(self) -> None:
        """A text fits into a close frame, in Chinese as well."""
        lines = ('do = "close"', 'text = "{}"'.format("频" * (MAX_TEXT + 1)))
        self.assertIn(f"at most {MAX_TEXT} characters", self.in_fault(*lines))
        text = f'{ABOUT}[[fault]]\ndo = "close"\ntext = "{"频" * MAX_TEXT}"\n'
        self.assertLessEqual(len(read_scenario(text, "").faults[0].text.encode()), 123)

    def test_problems(self) -> None:
        """Problems are those of the list."""
        for problems in ("[26]", "[true]", "3"):
            text = f'{ABOUT}problems = {problems}\n[[fault]]\ndo = "take-over"\n'
            [mistake] = self.mistakes(text)
            self.assertTrue(mistake.startswith("line 2: problems = "), mistake)

    def test_size(self) -> None:
        """A file is bounded before it is parsed."""
        text = f'{ABOUT}[[fault]]\ndo = "take-over"\n#'
        text += "x" * (MAX_SCENARIO_BYTES - len(text))
        read_scenario(text, "mine")
        [mistake] = self.mistakes(text + "x")
        self.assertIn(f"at most {MAX_SCENARIO_BYTES} bytes", mistake)

    def test_number_of_faults(self) -> None:
        """There is a fault, and not too many."""
        fault = '[[fault]]\ndo = "take-over"\n'
        read_scenario(ABOUT + fault * MAX_FAULTS, "mine")
        for count in (0, MAX_FAULTS + 1):
            [mistake] = self.mistakes(ABOUT + fault * count)
            self.assertIn(f"{count} faults expected: from 1 to {MAX_FAULTS}", mistake)

    def test_no_tables(self) -> None:
        """Faults are tables."""
        for value in ("1", '["drop"]', '{ do = "drop" }'):
            [mistake] = self.mistakes(f"{ABOUT}fault = {value}\n")
            self.assertIn("fault is no array of tables", mistake)
