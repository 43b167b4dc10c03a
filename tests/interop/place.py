"""Where in a page of the documents a table stands that the tests make."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from .peers import INTEROP

__all__ = ["DOCS", "Place", "rows"]

DOCS = INTEROP.parent.parent / "docs"


@dataclass(frozen=True)
class Place:
    """The place of one table, between two comments.

    Args:
        page: the file.
        name: what the first comment calls the table.
    """

    page: Path
    name: str

    def written(self) -> str:
        """Return what stands there, with the comments.

        Raises:
            ValueError: the page has no such place.
        """
        found = self._pattern.search(self.page.read_text())
        if found is None:
            raise ValueError(f"{self.page.name} has no place for the table {self.name}")
        return found[0]

    def write(self, text: str) -> None:
        """Put a table there."""
        page = self.page.read_text()
        self.page.write_text(self._pattern.sub(lambda found: self.holding(text), page))

    def holding(self, text: str) -> str:
        """Return a table between its comments."""
        return f"<!-- table: {self.name} -->\n{text}<!-- end of table -->"

    @property
    def _pattern(self) -> re.Pattern[str]:
        begin = re.escape(f"<!-- table: {self.name} -->")
        return re.compile(f"{begin}\n.*?<!-- end of table -->", re.DOTALL)


def rows(lines: list[list[str]]) -> str:
    """Write a table in Markdown; the first line is its head."""
    head, *rest = lines
    written = [head, ["---"] * len(head), *rest]
    return "".join(f"| {' | '.join(line)} |\n" for line in written)
