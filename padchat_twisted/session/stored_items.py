"""Items of a push as they are stored: each as a push of its own, canonical."""

from __future__ import annotations

from typing import Any

from ..catalogue import PushItem
from ..wire import json_text
from ..wire.json_pushes import canonical_item, listed_items

__all__ = ["ItemWriter"]


class ItemWriter:
    """Writes items; the text of a push, whose items come in a row, is read once."""

    def __init__(self) -> None:
        self._text = b""
        self._items: list[Any] = []

    def write(self, item: PushItem) -> bytes:
        """Return a canonical push with this item alone."""
        text, case, index = item._body, item._case, item._index
        items = self._items
        if text is not self._text:
            items = (
                listed_items(text, case) if case else json_text.read(text)[1]["list"]
            )
        if len(items) == 1 and not case:
            return text
        is_last = index == len(items) - 1
        self._text, self._items = (b"", []) if is_last else (text, items)
        found = canonical_item(items[index], case) if case else items[index]
        return json_text.write(("push", {"list": [found]}))
