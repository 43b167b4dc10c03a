"""The pages for users: their code, their commands, and the parts that are made.

A made part stands between two comments, ``<!-- made: NAME -->`` and ``<!-- end -->``.
``python -m tests.examples`` makes all of them anew; the tests compare.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from . import (
    checked,
    command_pages,
    differences,
    event_pages,
    fault_pages,
    names,
    transcripts,
)

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
EXAMPLES = DOCS / "examples"
README = ROOT / "README.md"
README_ZH = ROOT / "README.zh-CN.md"

_MADE = re.compile(r"<!-- made: ([\w-]+) -->\n(.*?)<!-- end -->", re.DOTALL)
_FENCE = re.compile(r"^(`{3,})(.*)$")
_HEADING = re.compile(r"^(#+) +(.+)$")
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")

#: What makes each part that is made, by its name; the text ends without a line end.
MAKERS: dict[str, Callable[[], str]] = {
    "check": checked.checked,
    "dialect-differences": differences.differences,
    "dialect-numbers": differences.numbers,
    "engine-statuses": command_pages.statuses,
    "events": event_pages.events,
    "faults": fault_pages.faults,
    "messages": event_pages.items,
    "names-events": names.events,
    "names-readme": names.readme,
    "names-sdk": names.sdk,
    "scenarios": fault_pages.scenarios,
    **command_pages.MAKERS,
    **{
        f"transcript-{name}": partial(transcripts.transcript, name)
        for name in transcripts.TRANSCRIPTS
    },
}


@dataclass(frozen=True)
class Block:
    """A block of code in a page.

    Args:
        language: what stands behind the fence, for example ``sh``.
        text: its lines, each with its end.
        line: number of the fence's line.
    """

    language: str
    text: str
    line: int


def pages() -> list[Path]:
    """List the pages for users; decisions and fragments are for developers."""
    folders = (DOCS, DOCS / "commands", DOCS / "protocol")
    found = [page for folder in folders for page in folder.glob("*.md")]
    return [README, README_ZH, *sorted(found)]


def blocks(page: Path) -> list[Block]:
    """List the blocks of code of a page, in order."""
    return list(_blocks(page.read_text()))


def _blocks(text: str) -> Iterator[Block]:
    fence, language, begun, lines = "", "", 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        found = _FENCE.match(line)
        if not fence and found:
            fence, language, begun, lines = found[1], found[2].strip(), number, []
        elif fence and line.strip() == fence:
            yield Block(language, "".join(f"{line}\n" for line in lines), begun)
            fence = ""
        elif fence:
            lines.append(line)


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    kept, is_code, fence = [], False, ""
    for line in page.read_text().splitlines():
        found = _FENCE.match(line)
        if found and not is_code:
            is_code, fence = True, found[1]
        elif is_code and line.strip() == fence:
            is_code = False
        elif not is_code:
            kept.append(line)
    return "\n".join(kept)


def headings(page: Path) -> list[int]:
    """Return the levels of a page's headings, in order."""
    found = (_HEADING.match(line) for line in prose(page).splitlines())
    return [len(heading[1]) for heading in found if heading]


def spans(page: Path) -> list[str]:
    """Return what stands between backticks in a page's prose."""
    return _SPAN.findall(prose(page))


def commands(page: Path) -> list[str]:
    """List the command lines that a page shows, in blocks and between backticks."""
    lines = [
        line.strip()
        for block in blocks(page)
        if block.language == "sh"
        for line in block.text.replace("\\\n", " ").splitlines()
    ]
    return [line for line in (*lines, *spans(page)) if line and line[0] != "#"]


def made_parts(page: Path) -> dict[str, str]:
    """Return the parts of a page that are made, by their names."""
    return {name: text.rstrip("\n") for name, text in _MADE.findall(page.read_text())}


def make_again(page: Path) -> bool:
    """Make the parts of a page anew; tell whether it changed."""
    before = page.read_text()
    after = _MADE.sub(
        lambda found: f"<!-- made: {found[1]} -->\n{MAKERS[found[1]]()}\n<!-- end -->",
        before,
    )
    if after != before:
        page.write_text(after)
    return after != before
