"""Problems of a configuration and the lines they stand on."""

from __future__ import annotations

import tomllib
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.service.problems import (
    Problem,
    Unusable,
    line_numbers,
    syntax_problem,
)


class LineTests(SynchronousTestCase):
    """Lines of keys, which tomllib does not tell."""

    def test_tables_and_keys(self) -> None:
        """Each section and key has its line; comments and blank lines count."""
        text = '# first\n\n[gateway]\nurl = "x" # [no]\n\n  [store]\n  path = "y"\n'
        expected = {
            ("gateway",): 3,
            ("gateway", "url"): 4,
            ("store",): 6,
            ("store", "path"): 7,
        }
        self.assertEqual(line_numbers(text), expected)

    def test_arrays_of_tables(self) -> None:
        """Accounts are numbered; a section below one belongs to the newest."""
        text = (
            '[[account]]\nname = "a"\n[account.device]\ndeviceName = "b"\n'
            "[[account]]\n[account.device]\ndeviceName = 'c'\n"
        )
        numbers = line_numbers(text)
        self.assertEqual(numbers["account", 0], 1)
        self.assertEqual(numbers["account", 0, "name"], 2)
        self.assertEqual(numbers["account", 0, "device"], 3)
        self.assertEqual(numbers["account", 0, "device", "deviceName"], 4)
        self.assertEqual(numbers["account", 1], 5)
        self.assertEqual(numbers["account", 1, "device", "deviceName"], 7)

    def test_values_of_many_lines(self) -> None:
        """What stands inside arrays and long texts is no key; the next line is."""
        text = (
            'a = """\nb = 1\n[c]\n"""\n'
            "d = [ # many\n  { e = 1 },\n  'f = 1',\n]\n"
            "g = '''\n[[h]]\n'''\ni = 1\n"
        )
        self.assertEqual(
            line_numbers(text),
            {
                ("a",): 1,
                ("d",): 5,
                ("d", 0): 5,
                ("d", 0, "e"): 5,
                ("d", 1): 5,
                ("g",): 9,
                ("i",): 12,
            },
        )

    def test_dotted_and_quoted_keys(self) -> None:
        """Keys are found however they are written."""
        text = '[a."b.c"]\n"d]" = 1\ne.f = 2\n\'g h\'.i = { j = 3 }'
        numbers = line_numbers(text)
        self.assertEqual(numbers["a", "b.c"], 1)
        self.assertEqual(numbers["a", "b.c", "d]"], 2)
        self.assertEqual(numbers["a", "b.c", "e", "f"], 3)
        self.assertEqual(numbers["a", "b.c", "g h", "i", "j"], 4)

    def test_nested_arrays_of_tables(self) -> None:
        """An array of tables inside another one begins anew in each."""
        text = "[[a]]\n[[a.b]]\n[[a.b]]\nc = 1\n[[a]]\n[[a.b]]\nc = 2\n"
        numbers = line_numbers(text)
        self.assertEqual(numbers["a", 0, "b", 1, "c"], 4)
        self.assertEqual(numbers["a", 1, "b", 0, "c"], 7)

    def test_array_of_many_lines(self) -> None:
        """An array of 20,000 lines is one statement, and is parsed once."""
        text = "a = [\n" + '  {b = "]"},\n' * 20_000 + "] # ]\nc = 1\n"
        self.assertEqual(line_numbers(text)["c",], 20_003)

    def test_every_path_has_a_line(self) -> None:
        """Nothing that tomllib finds in a document is without a line."""
        text = (Path(__file__).parent / "configs" / "good.toml").read_text(
            encoding="utf-8"
        )
        numbers = line_numbers(text)
        for index, account in enumerate(tomllib.loads(text)["account"]):
            for key in account:
                line = text.split("\n")[numbers["account", index, key] - 1]
                self.assertIn(key, line)


class SyntaxTests(SynchronousTestCase):
    """What is said of a file that is no TOML."""

    def problem_of(self, text: str) -> Problem:
        """Parse it and explain the error."""
        error = self.assertRaises(tomllib.TOMLDecodeError, tomllib.loads, text)
        return syntax_problem(Path("p.toml"), text, str(error))

    def test_end_of_document(self) -> None:
        """An error at the end of the file is told at its last line."""
        self.assertEqual(self.problem_of('a = 1\nb = """text\n\n').line, 2)

    def test_backslash(self) -> None:
        """A Windows path in double quotes gets its single quotes."""
        problem = self.problem_of('a = 1\npath = "C:\\bots\\qr"\n')
        self.assertEqual(problem.line, 2)
        self.assertEqual(problem.remedy, r"write path = 'C:\bots\db'")

    def test_other(self) -> None:
        """Any other error is told by tomllib's own words and the form of TOML."""
        problem = self.problem_of("one\ntwo\n")
        self.assertEqual(problem.line, 1)
        self.assertIn("this is not valid TOML: ", problem.found)
        self.assertIn("key = value", problem.expected)


class SentenceTests(SynchronousTestCase):
    """How problems look."""

    def test_problem(self) -> None:
        """Place and finding first, then what to do about it."""
        told = "found\n    expected: expected\n    remedy: remedy"
        problem = Problem(Path("p.toml"), 3, "found", "expected", "remedy")
        self.assertEqual(str(problem), f"p.toml:3: {told}")
        problem = Problem(Path("p.toml"), 0, "found", "expected", "remedy")
        self.assertEqual(str(problem), f"p.toml: {told}")
        self.assertEqual(str(Unusable("found", "expected", "remedy")), told)
