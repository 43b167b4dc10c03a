"""The scenarios that come with the package, and those in files."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from ...errors import PadChatError, quoted
from .scenario import MAX_SCENARIO_BYTES, Mistake, Scenario, ScenarioMistakes
from .scenario import read_scenario as read

__all__ = ["UnknownScenario", "find_scenario", "scenario_names"]

_SUFFIX = ".toml"


class UnknownScenario(PadChatError):
    """There is no scenario of that name.

    Args:
        name: what was asked for.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        names = scenario_names()
        near = get_close_matches(_normal(self.name), names, 1)
        meant = f"; did you mean {near[0]}?" if near else ""
        return (
            f"there is no scenario {quoted(self.name)!r}{meant}\n"
            f"    there are: {', '.join(names)}\n"
            f"    or give the path of a file that ends in {_SUFFIX}"
        )


def scenario_names() -> list[str]:
    """List the scenarios that come with the package."""
    return sorted(
        entry.name.removesuffix(_SUFFIX)
        for entry in _folder().iterdir()
        if entry.name.endswith(_SUFFIX)
    )


def find_scenario(given: str | Path) -> Scenario:
    """Find a scenario and read it.

    Args:
        given: a name, with ``-`` or ``_``; or the path of a file, which ends in
            ``.toml``.

    Raises:
        UnknownScenario: there is none of that name.
        ScenarioMistakes: the file cannot be read, or cannot be played.
    """
    if isinstance(given, Path) or given.endswith(_SUFFIX):
        return _in_file(Path(given))
    name = _normal(given)
    if name not in scenario_names():
        raise UnknownScenario(given)
    text = (_folder() / f"{name}{_SUFFIX}").read_text("utf-8")
    return read(text, name)


def _in_file(path: Path) -> Scenario:
    name = str(path)
    expected = f"a file in UTF-8 of at most {MAX_SCENARIO_BYTES} bytes"
    try:
        with path.open("rb") as file:
            # One more is enough to see that it is too large.
            content = file.read(MAX_SCENARIO_BYTES + 1)
        text = content.decode("utf-8")
    except OSError as error:
        problem = f"it cannot be read: {error.strerror}"
        raise ScenarioMistakes(name, (Mistake(1, problem, expected),)) from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ScenarioMistakes(
            name, (Mistake(line, "it is not UTF-8", expected),)
        ) from error
    return read(text.replace("\r\n", "\n"), name)


def _normal(name: str) -> str:
    return name.replace("_", "-")


def _folder() -> Traversable:
    return files(__package__) / "scenarios"
