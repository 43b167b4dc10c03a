"""Scenarios: which faults happen when, as a TOML file says.

PURE. ::

    about = "the reply to the first message is lost"
    problems = [4]               # of the list in the documents

    [[fault]]
    command = "sendMsg"          # or event = "push"; neither: a connection
    account = "bot"              # label; left out: each account counts for itself
    nth = 2                      # the second one of this account; first if left out
    times = 3                    # this one and the two after it; or "always"
    after = 60                   # only when the connection is a minute old
    do = "drop"

In place of ``times``, ``lasts`` is a time from the first one on (seconds). Faults
without ``command`` and ``event`` happen when a client is let in, or ``after`` that.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from ...catalogue import COMMANDS
from ...catalogue.events import EVENTS
from ...errors import PadChatError, quoted
from .deeds import DEEDS, Deed, Trigger

__all__ = [
    "ALWAYS",
    "ANY",
    "FAULT_KEYS",
    "FILE_KEYS",
    "MAX_FAULTS",
    "MAX_SCENARIO_BYTES",
    "MAX_SECONDS",
    "MAX_TEXT",
    "Fault",
    "Mistake",
    "Scenario",
    "ScenarioMistakes",
    "read_scenario",
]

#: Largest scenario file (bytes): hundreds of faults with comments.
MAX_SCENARIO_BYTES = 64 * 1024

#: Faults of one scenario: each is looked at for each command and event.
MAX_FAULTS = 100

#: Longest time in a scenario (seconds): a week.
MAX_SECONDS = 7 * 24 * 3600

#: Longest text of a refusal or a close frame (characters); a close frame has 123
#: bytes, three for each Chinese character. Source: RFC 6455, 5.5.
MAX_TEXT = 40

#: Problems in the list of the documents.
_PROBLEMS = range(1, 26)

#: ``times`` without end, and a name that stands for all.
ALWAYS = 0
ANY = "*"

#: Close codes that an endpoint may send. Source: RFC 6455, 7.4; IANA's list.
_CLOSE_CODES = (*range(1000, 1004), *range(1007, 1015), *range(3000, 5000))

#: The keys of a file, and of each fault.
_TRIGGER_KEYS = ("command", "event", "account", "nth", "times", "after", "lasts")
FILE_KEYS = ("about", "problems", "ends_after", "fault")
FAULT_KEYS = ("do", *_TRIGGER_KEYS, "seconds", "code", "text", "status")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. All times are in seconds.

    Attributes:
        do: what happens, a key of ``DEEDS``.
        trigger: what it waits for.
        name: canonical name of the command or event, ``ANY`` for each.
        account: label of the account, empty for each.
        nth: which one of an account is the first to be hit.
        times: how many are hit, ``ALWAYS`` for each from there on.
        after: age of the connection from which on it counts.
        lasts: in place of ``times``, for how long; 0 where that counts.
        seconds: of the deed; 0 when not said.
        code: of a close frame; 0 when not said.
        text: of a refusal or close frame.
        status: of the engine, in a refusal; 0 for none.
    """

    do: str
    trigger: Trigger
    name: str = ANY
    account: str = ""
    nth: int = 1
    times: int = 1
    after: float = 0.0
    lasts: float = 0.0
    seconds: float = 0.0
    code: int = 0
    text: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens.

    Attributes:
        name: what it is called, or the path of its file.
        about: what it is, in one sentence.
        faults: in the order of the file; what hits one occurrence is done in it.
        problems: numbers of the problems of users that it provokes.
        ends_after: time after which no fault happens any more (seconds), 0 for never.
    """

    name: str
    about: str
    faults: tuple[Fault, ...]
    problems: tuple[int, ...] = ()
    ends_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in a scenario.

    Attributes:
        line: where, counted from 1.
        found: what is there.
        expected: what belongs there.
    """

    line: int
    found: str
    expected: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.found}\n    expected: {self.expected}"


class ScenarioMistakes(PadChatError):
    """A scenario cannot be played.

    Args:
        name: of the scenario, or the path of its file.
        mistakes: all that is wrong in it.
    """

    def __init__(self, name: str, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__(name, mistakes)
        self.name = name
        self.mistakes = mistakes

    def __str__(self) -> str:
        return "\n".join(
            [f"the scenario {self.name} cannot be played:", *map(str, self.mistakes)]
        )


def read_scenario(text: str, name: str) -> Scenario:
    """Read a scenario.

    Args:
        text: of the file.
        name: for errors.

    Raises:
        ScenarioMistakes: it cannot be played; with everything that is wrong in it.
    """
    reader = _Reader(text)
    scenario = reader.scenario(name)
    if reader.mistakes or scenario is None:
        mistakes = sorted(reader.mistakes, key=lambda mistake: mistake.line)
        raise ScenarioMistakes(name, tuple(mistakes))
    return scenario


@dataclass
class _Reader:
    """Reads one file, and collects what is wrong."""

    text: str
    mistakes: list[Mistake] = field(default_factory=list)
    at: int = 0  # number of the fault, 0 above the first

    def scenario(self, name: str) -> Scenario | None:
        size = len(self.text.encode("utf-8", "surrogatepass"))
        if size > MAX_SCENARIO_BYTES:
            self._mistake("", f"{size} bytes", f"at most {MAX_SCENARIO_BYTES} bytes")
            return None
        try:
            table = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            place = re.search(r" \(at line (\d+)", str(error))
            line = int(place[1]) if place else self.text.count("\n") + 1
            found = f"this is not valid TOML: {str(error).partition(' (at ')[0]}"
            expected = '[[fault]] above each fault, and lines like do = "drop"'
            self.mistakes.append(Mistake(line, found, expected))
            return None
        self._known(table, FILE_KEYS, FILE_KEYS)
        about = self._text(table, "about", 200)
        if "about" not in table:
            self._mistake("", "about is missing", "what happens, in one sentence")
        problems = self._problems(table)
        ends_after = self._number(table, "ends_after")
        return Scenario(name, about, self._faults(table), problems, ends_after)

    def _faults(self, table: Mapping[str, Any]) -> tuple[Fault, ...]:
        tables = table.get("fault", [])
        if not isinstance(tables, list) or not all(isinstance(x, dict) for x in tables):
            self._mistake("fault", "fault is no array of tables", "[[fault]]")
            return ()
        if not 1 <= len(tables) <= MAX_FAULTS:
            found = f"{len(tables)} faults"
            self._mistake("", found, f"from 1 to {MAX_FAULTS} tables [[fault]]")
            return ()
        faults = []
        for self.at, fields in enumerate(tables, 1):
            faults.append(self._fault(fields))
        return tuple(faults)

    def _fault(self, table: Mapping[str, Any]) -> Fault:
        word = table.get("do")
        deed = DEEDS.get(word) if isinstance(word, str) else None
        if deed is None:
            found = "do is missing" if word is None else f"do = {_shown(word)}"
            self._mistake("do", found, _one_of(DEEDS, word))
            # The other keys are looked at all the same.
            deed = Deed("", tuple(Trigger), takes=FAULT_KEYS)
        of_trigger = [
            key
            for key in _TRIGGER_KEYS
            if key not in ("command", "event")
            or (not deed.name and Trigger(key) in deed.triggers)
        ]
        usable = tuple(dict.fromkeys(("do", *of_trigger, *deed.needs, *deed.takes)))
        self._known(table, FAULT_KEYS, usable, f"; {word} has no such key")
        for key in deed.needs:
            if key not in table:
                self._mistake("do", f"{key} is missing", f"{word} needs {key}")
        trigger, name = self._trigger(table, deed)
        return Fault(
            do=str(word),
            trigger=trigger,
            name=name,
            account=self._text(table, "account", 64),
            nth=self._whole(table, "nth", 1, 1, 1_000_000),
            times=self._times(table),
            after=self._number(table, "after"),
            lasts=self._number(table, "lasts"),
            seconds=self._number(table, "seconds"),
            code=self._code(table),
            text=self._text(table, "text", MAX_TEXT),
            status=self._whole(table, "status", 0, -(2**31), 2**31 - 1),
        )

    def _trigger(self, table: Mapping[str, Any], deed: Deed) -> tuple[Trigger, str]:
        if deed.name:
            return deed.triggers[0], deed.name
        given = [key for key in ("command", "event") if key in table]
        if len(given) == 2:
            self._mistake("event", "both command and event", "one of them for a fault")
        elif not given and Trigger.CONNECTION not in deed.triggers:
            keys = " or ".join(deed.triggers)
            self._mistake("do", f"{keys} is missing", f"what {table['do']} waits for")
        if not given:
            return Trigger.CONNECTION, ANY
        key = given[0]
        value = table[key]
        known = (*(COMMANDS if key == "command" else EVENTS), ANY)
        if value not in known:
            what = f"a name of the catalogue's {key}s, or {ANY}"
            self._mistake(key, f"{key} = {_shown(value)}", what + _near(value, known))
        return Trigger(key), str(value)

    def _problems(self, table: Mapping[str, Any]) -> tuple[int, ...]:
        problems = table.get("problems", [])
        if not isinstance(problems, list) or any(
            type(number) is not int or number not in _PROBLEMS for number in problems
        ):
            found = f"problems = {_shown(problems)}"
            self._mistake("problems", found, "numbers from 1 to 25, as in [3, 7]")
            return ()
        return tuple(problems)

    def _times(self, table: Mapping[str, Any]) -> int:
        if "lasts" in table and "times" in table:
            self._mistake("times", "both times and lasts", "one of them for a fault")
        if table.get("times") == "always":
            return ALWAYS
        expected = '"always", or a whole number'
        return self._whole(table, "times", 1, 1, 1_000_000, expected)

    def _code(self, table: Mapping[str, Any]) -> int:
        code = table.get("code", 0)
        if "code" in table and (type(code) is not int or code not in _CLOSE_CODES):
            expected = "a close code: 1000 to 1003, 1007 to 1014 or 3000 to 4999"
            self._mistake("code", f"code = {_shown(code)}", expected)
            return 0
        return int(code)

    # Values

    def _known(
        self,
        table: Mapping[str, Any],
        known: Iterable[str],
        usable: Iterable[str],
        why: str = "",
    ) -> None:
        for key in table:
            if key not in known:
                found = f"unknown key {quoted(key)!r}"
                self._mistake(key, found, _one_of(usable, key))
            elif key not in usable:
                self._mistake(key, f"{key}{why}", ", ".join(usable))

    def _whole(
        self,
        table: Mapping[str, Any],
        key: str,
        default: int,
        least: int,
        most: int,
        expected: str = "a whole number",
    ) -> int:
        value = table.get(key, default)
        if type(value) is not int or not least <= value <= most:
            expected = f"{expected} from {least} to {most}"
            self._mistake(key, f"{key} = {_shown(value)}", expected)
            return default
        return value

    def _number(self, table: Mapping[str, Any], key: str) -> float:
        value = table.get(key, 0.0)
        if type(value) not in (int, float) or not 0 <= value <= MAX_SECONDS:
            expected = f"seconds, from 0 to {MAX_SECONDS}"
            self._mistake(key, f"{key} = {_shown(value)}", expected)
            return 0.0
        return float(value)

    def _text(self, table: Mapping[str, Any], key: str, most: int) -> str:
        value = table.get(key, "")
        if not isinstance(value, str) or len(value) > most or not value.isprintable():
            expected = f"a text of one line, at most {most} characters"
            self._mistake(key, f"{key} = {_shown(value)}", expected)
            return ""
        return value

    def _mistake(self, key: str, found: str, expected: str) -> None:
        where = f"[[fault]] {self.at}: " if self.at else ""
        line = _line_of(self.text, self.at, key)
        self.mistakes.append(Mistake(line, where + found, expected))


def _line_of(text: str, at: int, key: str) -> int:
    """Find the line of a key, of its fault where it is not there."""
    fault, found = 0, 1
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(r"\s*\[\[\s*fault\s*\]\]", line):
            fault += 1
            if fault == at or (key == "fault" and at == 0):
                found = number
        elif fault == at and key and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
            return number
    return found


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{quoted(value)}"' if isinstance(value, str) else quoted(str(value))


def _one_of(known: Iterable[str], word: object) -> str:
    return f"one of {', '.join(known)}" + _near(word, known)


def _near(word: object, known: Iterable[str]) -> str:
    near = get_close_matches(word, known, 1) if isinstance(word, str) else []
    return f"; the nearest is {near[0]}" if near else ""
