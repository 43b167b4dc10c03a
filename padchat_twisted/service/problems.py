"""What is wrong in a configuration file, and on which line.

The file's text goes in, problems for people come out; nothing is opened here.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Problem", "Unusable", "Where", "line_numbers", "syntax_problem"]

#: A place in a TOML document: keys of tables, indexes of arrays.
Where = tuple[str | int, ...]

# What people often get wrong in TOML itself, by the text of tomllib's message.
_SYNTAX_HINTS = {
    "Invalid value": (
        'texts in quotes, numbers as digits, tables as { key = "text" }',
        'put the text in quotes, as in url = "http://127.0.0.1:7700/user"',
    ),
    "Cannot declare": (
        "each section once; only accounts are many, with double brackets",
        "write [[account]] above each account",
    ),
    "Cannot overwrite": ("each key once in its section", "take one of the two out"),
    "Unescaped '\\'": ("a backslash in single quotes", r"write path = 'C:\bots\db'"),
}

# How the last line of a statement of several lines ends. Parsing at each line instead
# takes a minute for an array of 5,000 lines.
_CLOSES = re.compile(r"[\]}\"'][ \t]*(#.*)?$")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a configuration, for a person to act on.

    Args:
        path: the configuration file.
        line: where in it, counted from 1; 0 for the file as a whole.
        found: what is there.
        expected: what belongs there.
        remedy: what to write or to run.
    """

    path: Path
    line: int
    found: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else f"{self.path}"
        return f"{place}: {_told(self.found, self.expected, self.remedy)}"


class Unusable(Exception):
    """A value that cannot be used; who catches it knows its place."""

    def __init__(self, found: str, expected: str, remedy: str) -> None:
        super().__init__(found, expected, remedy)
        self.found = found
        self.expected = expected
        self.remedy = remedy

    def __str__(self) -> str:
        return _told(self.found, self.expected, self.remedy)


def _told(found: str, expected: str, remedy: str) -> str:
    return f"{found}\n    expected: {expected}\n    remedy: {remedy}"


def syntax_problem(path: Path, text: str, message: str) -> Problem:
    """Explain the *message* of a :class:`tomllib.TOMLDecodeError`.

    The line itself is not shown: an auth key without quotes is such an error.

    Args:
        path: the file, for the problem.
        text: what is in it.
        message: what tomllib said, with line and column.
    """
    place = re.search(r" \(at line (\d+), (column \d+)\)$", message)
    line = int(place[1]) if place else text.rstrip("\n").count("\n") + 1
    what = f"{message[: place.start()]}, at {place[2]}" if place else message
    expected, remedy = next(
        (hint for part, hint in _SYNTAX_HINTS.items() if part in message),
        ("TOML: [section] lines, and lines of the form key = value", "mend this line"),
    )
    return Problem(path, line, f"this is not valid TOML: {what}", expected, remedy)


def line_numbers(text: str) -> dict[Where, int]:
    r"""Find the lines of all tables and keys of valid TOML.

    tomllib tells no lines. A TOML statement cut off after one of its lines is never
    valid, so lines are put together until they parse: that is one statement.

    Args:
        text: a whole document, line ends as ``\n``.

    Returns:
        Line numbers, counted from 1, of each table, key and array element; what an
        inline table or array holds has the line where its statement begins.
    """
    numbers: dict[Where, int] = {}
    newest: dict[Where, int] = {}  # index in each array of tables
    section: Where = ()
    statement, first = "", 1

    def note(where: Where, value: object) -> None:
        for length in range(1, len(where) + 1):
            numbers.setdefault(where[:length], first)
        if isinstance(value, dict):
            for key, inner in value.items():
                note((*where, key), inner)
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                note((*where, index), inner)

    for number, line in enumerate(text.split("\n"), 1):
        statement += line + "\n"
        if number > first and not _CLOSES.search(line):
            continue
        try:
            parsed: object = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        if statement.lstrip().startswith("["):
            section = ()
            while isinstance(parsed, dict) and parsed:
                [(key, parsed)] = parsed.items()
                section = (*section, key)
                if isinstance(parsed, list):
                    newest[section] = newest.get(section, -1) + 1
                if section in newest:
                    section = (*section, newest[section])
            parsed = {}
        note(section, parsed)
        statement, first = "", number + 1
    return numbers
