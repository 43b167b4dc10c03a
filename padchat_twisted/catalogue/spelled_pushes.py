"""Reading pushes in the spelling of the JSON dialects, in one pass of C.

For each kind there is a second class with the same fields in another letter case, and
no others: what has more goes the way of the canonical spelling, as everything does that
is odd, so both ways give the same items. See ``wire.json_pushes``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, reduce
from operator import or_
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from ..wire.json_keys import pascal_key, snake_key
from ..wire.json_pushes import MARKERS, WRAPPED, KeyCase
from ..wire.limits import MAX_JSON_VALUES
from .contacts import Contact
from .kinds import CONFIRMING_LENGTHS, KINDS, Kind, Marker, refine
from .messages import Message, PushItem, TextMessage

__all__ = ["decode_spelled"]

_SPELL: dict[KeyCase, Callable[[str], str]] = {
    "pascal": pascal_key,
    "snake": snake_key,
}

_read_members = msgspec.json.Decoder(tuple[str, ...]).decode

#: Place of the members among the fields of a contact that come over the wire.
_MEMBER = [name for name in Contact.__struct_fields__ if name[0] != "_"].index("member")


#: Kinds of messages that may be wrapped, and whether they have a file in ``data``.
_WRAPPED_KINDS = {
    kind.type: (kind, "data" in kind.first.__struct_fields__)
    for kind in KINDS.values()
    if issubclass(kind.first, Message)
}


class _OddPushError(ValueError):
    """The push is to be read in its canonical spelling."""


def decode_spelled(text: bytes, case: KeyCase, own: str) -> tuple[PushItem, ...] | None:
    """Read the items of a push that is kept as its dialect spelled it.

    Args:
        text: see ``wire.json_pushes``.
        case: how its keys are spelled.
        own: WeChat id of the account.

    Returns:
        The items; None when the push is to be read in its canonical spelling.
    """
    try:
        return _reader(case).read(text, own)
    except (ValueError, RecursionError):
        return None


class _Reader:
    """Reads the pushes of one dialect.

    Args:
        case: how it spells keys.
    """

    def __init__(self, case: KeyCase) -> None:
        self._case = case
        spell = _SPELL[case]
        self._kinds = {
            _spelled(kind.first, kind.type, spell): kind for kind in KINDS.values()
        }
        self._wrapped = _spelled(Message, WRAPPED, spell, *_OF_WRAPPED)
        markers = [_spelled(Marker, tag, spell) for tag in MARKERS]
        items: Any = tuple[reduce(or_, (*self._kinds, self._wrapped, *markers)), ...]  # type: ignore[misc] # made at run time
        shape: Any = items
        if case == "snake":
            fields: list[Any] = [("list", items), ("type", int | None, None)]
            shape = msgspec.defstruct(
                "Payload", fields, gc=False, forbid_unknown_fields=True
            )
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(shape).decode

    def read(self, text: bytes, own: str) -> tuple[PushItem, ...]:
        """Read the items.

        Raises:
            ValueError: the push is odd.
        """
        case, kinds, wrapped = self._case, self._kinds, self._wrapped
        found = self._decode(text)
        members = 0
        is_finished = True
        items: list[PushItem] = []
        for index, spelled in enumerate(found if case == "pascal" else found.list):
            values = astuple(spelled)
            kind = kinds.get(type(spelled))
            if kind is None:
                if type(spelled) is not wrapped:
                    # A marker.
                    continue
                kind, values = _unwrapped(values)
            elif kind.first is Contact and type(values[_MEMBER]) is str:
                members += len(values[_MEMBER])
                if members > MAX_JSON_VALUES:
                    raise _OddPushError
                values = _with_members(values)
            first: Any = kind.first
            item = first(text, index, own, case, 0, *values)
            if kind.refine is not None and (
                first is not TextMessage or len(item.content) in CONFIRMING_LENGTHS
            ):
                is_finished = False
            items.append(item)
        return tuple(items) if is_finished else refine(tuple(items))


@cache
def _reader(case: KeyCase) -> _Reader:
    return _Reader(case)


#: What wrapped messages have besides the fields of all messages, and its names.
_OF_WRAPPED: tuple[Any, ...] = (("sub_type", int), ("data", str | None, None))
_CAMEL = {"sub_type": "subType"}


def _spelled(
    kind: type[PushItem], tag: int, spell: Callable[[str], str], *more: tuple[Any, ...]
) -> type[Struct]:
    """Make the class with the fields of *kind* in another letter case.

    Args:
        kind: of the first pass.
        tag: its type.
        spell: from camelCase.
        more: fields around its own: the first in front, the others behind.
    """
    infos = [i for i in msgspec.structs.fields(kind) if i.name[0] != "_"]
    fields: list[Any] = [(info.name, info.type, info.default) for info in infos]
    names = {info.name: spell(info.encode_name) for info in infos}
    names.update((name, spell(_CAMEL.get(name, name))) for name, *_ in more)
    return msgspec.defstruct(
        f"Spelled{kind.__name__}",
        [*more[:1], *fields, *more[1:]],
        rename=names,
        tag_field=spell("msgType"),
        tag=tag,
        forbid_unknown_fields=True,
        gc=False,
    )


def _unwrapped(values: tuple[Any, ...]) -> tuple[Kind, tuple[Any, ...]]:
    """Return the kind of a message that is wrapped, and the fields of that."""
    found = _WRAPPED_KINDS.get(values[0])
    if found is None:
        raise _OddPushError
    kind, has_data = found
    return kind, values[1:] if has_data else values[1:-1]


def _with_members(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Read the members of a room that stand in a text.

    Raises:
        ValueError: the text is odd.
    """
    text = values[_MEMBER].strip()
    if text[:1] not in ("[", "{"):
        if text != "null":
            return values
        members = None
    else:
        members = _read_members(text)
    return (*values[:_MEMBER], members, *values[_MEMBER + 1 :])
