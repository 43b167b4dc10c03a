"""Reading a TOML document table by table, and collecting all that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from ..errors import quoted
from .problems import Problem, Unusable, Where, line_numbers
from .values import KEYS

__all__ = ["Reader", "Section", "kind_of"]

_T = TypeVar("_T")

_TYPE_NAMES: dict[type, str] = {
    str: "a text",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "an array",
    dict: "a table",
}


@dataclass(frozen=True, slots=True)
class Section:
    """The keys of a table."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


_SOURCE = Section((), ("env", "file"))

#: Tables whose examples show what is in them.
_TABLES = ("proxy", "keys", "kinds", "per_day")


class Reader:
    """Reads one document.

    Args:
        path: the file; what it names is found from its folder.
        environ: environment variables.
        text: the document.

    Attributes:
        problems: what was wrong so far.
        folder: the file's folder, absolute.
        environ: as given.
    """

    def __init__(self, path: Path, environ: Mapping[str, str], text: str) -> None:
        self.problems: list[Problem] = []
        self.folder = path.absolute().parent
        self.environ = environ
        self._path = path
        self._text = text
        self._numbers: dict[Where, int] = {}

    def fields(
        self, where: Where, value: object, section: Section
    ) -> Mapping[str, object]:
        """Check the keys of a table; return those that are known."""
        if value is None:  # not there: that was told where it is required
            return {}
        if not isinstance(value, dict):
            self.problem(where, f"this is {kind_of(value)}", "a table")
            return {}
        known = [*section.required, *section.optional]
        missing = [key for key in section.required if key not in value]
        for key in value:
            if key in known:
                continue
            near = get_close_matches(key, [k for k in known if k not in value], 1)
            missing = [name for name in missing if name not in near]
            self.problem(
                where,
                f"unknown {'key' if where else 'section'} {quoted(key)!r}",
                _either(known) + (f"; the nearest is {near[0]}" if near else ""),
                f"write {_example(where, near[0])}" if near else "take it out",
                line_of=(*where, key),
            )
        for key in missing:
            found, example = f"{key} is missing", KEYS[key].example
            self.problem(where, found, KEYS[key].meaning, f"write {example}")
        return {key: value[key] for key in known if key in value}

    def value(
        self, where: Where, table: Mapping[str, object], read: Callable[[str], _T]
    ) -> _T | None:
        """Read the text that the last key of *where* has in *table*, if any."""
        value = table.get(str(where[-1]))
        return None if value is None else self.text(where, value, read)

    def text(self, where: Where, value: object, read: Callable[[str], _T]) -> _T | None:
        """Read *value*, which must be a text of one line."""
        if not isinstance(value, str):
            self.problem(where, f"this is {kind_of(value)}", "a text, in quotes")
        elif not value.strip() or not value.isprintable():
            found = "control characters" if value.strip() else "an empty text"
            self.problem(where, found, "a text of one line")
        else:
            try:
                return read(value)
            except Unusable as unusable:
                self.problem(where, unusable.found, unusable.expected, unusable.remedy)
        return None

    def secret(
        self,
        where: Where,
        source: object,
        in_file: Callable[[Path], _T],
        in_variable: Callable[[str, Mapping[str, str]], _T],
    ) -> _T | None:
        """Read what a file or an environment variable holds, as *source* says."""
        table = self.fields(where, source, _SOURCE)
        if len(table) == 2 or source == {}:
            found = "both env and file" if table else "neither env nor file"
            self.problem(where, found, "one of env and file")
            return None
        if "file" in table:
            return self.value(
                (*where, "file"), table, lambda text: in_file(self.folder / text)
            )
        return self.value(
            (*where, "env"), table, lambda text: in_variable(text, self.environ)
        )

    def problem(
        self,
        where: Where,
        found: str,
        expected: str,
        remedy: str = "",
        line_of: Where = (),
    ) -> None:
        """Note a problem.

        Args:
            where: what it is about.
            found: what is there.
            expected: what belongs there.
            remedy: what to do; an example of the key, if empty.
            line_of: where its line is, if elsewhere.
        """
        self._numbers = self._numbers or line_numbers(self._text)
        place = line_of or where
        while place and place not in self._numbers:
            place = place[:-1]
        line = self._numbers.get(place, 1)
        key = next((str(p) for p in reversed(where) if isinstance(p, str)), "")
        remedy = remedy or f"write {_example(where, key)}"
        found = f"{_label(where)}: {found}"
        self.problems.append(Problem(self._path, line, found, expected, remedy))


def kind_of(value: object) -> str:
    """Say what kind of TOML value this is."""
    return _TYPE_NAMES.get(type(value), "a date or time")


def _example(where: Where, key: str) -> str:
    """Return how *key* is written; those within some tables belong to these."""
    owner = next((name for name in _TABLES if name in where), key)
    return KEYS[owner].example


def _either(names: list[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def _label(where: Where) -> str:
    """Say *where* as people see it in the file: ``[[account]] 2 device.deviceUuid``."""
    match where:
        case ():
            return "the file"
        case ("account", int(index), *keys):
            section = f"[[account]] {index + 1}"
        case (section_name, *keys):
            section = f"[{section_name}]"
    return f"{section} {'.'.join(map(str, keys))}".rstrip()
