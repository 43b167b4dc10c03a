"""From a push to its items, each of its kind.

What is of the expected shape is read in one pass of C, whatever the dialect; what is
not goes the lenient way, where unknown kinds and fields are never fatal.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any

import msgspec
from msgspec.structs import force_setattr

from ..wire import json_text
from ..wire.envelope import Notice
from ..wire.json_pushes import MARKERS, WRAPPED
from ..wire.limits import SHORT_JSON_BYTES
from .base import remember
from .kinds import CONFIRMING_LENGTHS, KINDS, MARKER_CLASSES, UNFINISHED, refine
from .lenient import lenient
from .messages import PushItem, TextMessage, UnknownItem
from .spelled_pushes import decode_spelled

__all__ = ["decode_push"]

_FIRST: tuple[Any, ...] = (*(kind.first for kind in KINDS.values()), *MARKER_CLASSES)
_Items: Any = tuple[reduce(or_, _FIRST), ...]  # type: ignore[misc] # made at run time
_Payload: Any = msgspec.defstruct("_Payload", [("list", _Items)], gc=False)
_Frame = msgspec.defstruct(
    "_Frame", [("name", str), ("payload", _Payload)], array_like=True, gc=False
)

_decode: Callable[[bytes], Any] = msgspec.json.Decoder(_Frame).decode


def decode_push(notice: Notice, own: str = "") -> tuple[PushItem, ...] | None:
    """Turn a push into its items.

    Args:
        notice: a push.
        own: WeChat id of the account, as far as it is known; its messages tell whether
            they are from it.

    Returns:
        The items, without those that only mark a place in the synchronisation; None
        when the push has no items at all, or another shape.

    Raises:
        ValueError: it is not JSON, or nested too deeply.
    """
    if not notice.case:
        return _decode_canonical(notice.text, own)
    items = decode_spelled(notice.text, notice.case, own)
    # That there are items is known; all of them may be markers.
    return items if items is not None else _decode_canonical(notice.body, own) or ()


def _decode_canonical(body: bytes, own: str) -> tuple[PushItem, ...] | None:
    if len(body) > SHORT_JSON_BYTES:
        json_text.check_bounds(body)
    try:
        items: tuple[PushItem, ...] = _decode(body).payload.list
    except (msgspec.DecodeError, RecursionError):
        return _decode_odd_push(body, own)
    is_finished = True
    for index, item in enumerate(items):
        force_setattr(item, "_body", body)
        force_setattr(item, "_own", own)
        if item._index != index or item._case:
            # Of several items; or a peer's own fields of these names.
            force_setattr(item, "_index", index)
            force_setattr(item, "_case", "")
        if type(item) is TextMessage:
            if len(item.content) in CONFIRMING_LENGTHS:
                is_finished = False
        elif type(item) in UNFINISHED:
            is_finished = False
    if not items:
        return None
    return items if is_finished else refine(items)


def _decode_odd_push(body: bytes, own: str) -> tuple[PushItem, ...] | None:
    arguments = json_text.read(body)
    payload = arguments[1] if len(arguments) > 1 else None
    found = payload.get("list") if isinstance(payload, dict) else None
    if not isinstance(found, list) or not found:
        return None
    items: list[PushItem] = []
    for index, fields in enumerate(found):
        item = _decode_item(fields)
        if item is not None:
            remember(item, body, index)
            force_setattr(item, "_own", own)
            force_setattr(item, "_case", "")
            items.append(item)
    return refine(tuple(items))


def _decode_item(fields: object) -> PushItem | None:
    """Read one item, None for a marker."""
    if not isinstance(fields, dict):
        return UnknownItem()
    found = fields.get("msgType")
    if found == WRAPPED and isinstance(fields.get("subType"), int):
        found = fields["subType"]
        fields = {**fields, "msgType": found}
    if type(found) is not int:
        return lenient(UnknownItem, fields)
    if found in MARKERS:
        return None
    kind = KINDS.get(found)
    if kind is None:
        return lenient(UnknownItem, fields)
    if isinstance(fields.get("content"), dict | list):
        # Source: messages.toml, [[item_field]] content.
        text = json_text.write(fields["content"]).decode()
        fields = {**fields, "content": text}
    return lenient(kind.first, fields)
