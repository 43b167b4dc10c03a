"""Pushes of the JSON dialects that keep their spelling until it is asked for.

To spell all keys of a push anew costs several times what it costs to read it, so a
push of the usual frame stays as its gateway wrote it: the catalogue reads its items
in that spelling, and here they get the canonical one when somebody wants them untyped.

Source: dialects.md, 1, 3 and 4; messages.toml, [item].
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from . import json_text
from .json_keys import Texts, camel_case

__all__ = [
    "END_OF_CONTACTS",
    "MARKERS",
    "WRAPPED",
    "KeyCase",
    "canonical_item",
    "canonical_items",
    "listed_items",
    "push_body",
    "read_item",
]

#: How the keys of a push are spelled: ``pascal`` is a list of items, of ``legacy``;
#: ``snake`` is an object with the field ``list``, of ``sdk``.
KeyCase: TypeAlias = Literal["pascal", "snake"]

#: Type of a message whose own type is ``subType``. Source: messages.toml, [item].
WRAPPED = 5

#: Types of items that only mark a place in the synchronisation; the second one, with
#: ``continue`` 0, ends that of the contacts. Source: messages.toml, [item].
END_OF_CONTACTS = 32768
MARKERS = (2048, END_OF_CONTACTS)


def push_body(text: bytes, case: KeyCase) -> bytes:
    """Return the canonical body of a push, an array of arguments.

    Args:
        text: JSON with a list of items that is not empty.
        case: how its keys are spelled.

    Raises:
        ValueError: it cannot be read.
    """
    found = json_text.read(text)
    if case == "pascal":
        payload = {"list": canonical_items(camel_case(found), case)}
    else:
        payload = camel_case(found)
        payload["list"] = canonical_items(payload["list"], case)
    return json_text.write(("push", payload))


def read_item(text: bytes, case: KeyCase, index: int) -> dict[str, Any]:
    """Return one item of such a push with canonical keys.

    Args:
        text: see ``push_body``.
        case: how its keys are spelled.
        index: place of the item among all, markers too.
    """
    return canonical_item(listed_items(text, case)[index], case)


def listed_items(text: bytes, case: KeyCase) -> list[Any]:
    """Return the items of such a push as their dialect spells them, markers too."""
    found = json_text.read(text)
    items: list[Any] = found if case == "pascal" else found["list"]
    return items


def canonical_item(item: object, case: KeyCase) -> dict[str, Any]:
    """Return an item, which is no marker, with canonical keys."""
    (canonical,) = canonical_items([camel_case(item)], case)
    return canonical if isinstance(canonical, dict) else {}


def canonical_items(items: list[Any], case: KeyCase) -> list[Any]:
    """Do with items what is to be done but for their keys, which are canonical.

    Markers and what has no type are left out of those of ``sdk``, and what is wrapped
    gets its own type; members of rooms that stand in a text are read.
    """
    texts = Texts()
    kept: list[Any] = []
    for item in items:
        if case == "snake":
            kind = item.get("msgType") if isinstance(item, dict) else None
            if kind is None or kind in MARKERS:
                continue
            if kind == WRAPPED and isinstance(item.get("subType"), int):
                item["msgType"] = item["subType"]
        if isinstance(item, dict):
            texts.read_item(item)
        kept.append(item)
    return kept
