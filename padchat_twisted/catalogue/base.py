"""What commands, results and events have in common.

Names follow one rule: the wire's ``sendMsg`` is the class ``SendMsg``, its
``toUserName`` the field ``to_user_name``. An event with the name of a command has
``Event`` behind it (``LoginEvent``). See ``docs/design/0002-catalogue.md``.
"""

from __future__ import annotations

import base64
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar, cast, get_args

import msgspec
from msgspec import Struct, field
from msgspec.structs import force_setattr

from ..wire import json_text

__all__ = [
    "Command",
    "Done",
    "Event",
    "RefusedReply",
    "Result",
    "UnknownEvent",
    "Wire",
    "decode_base64",
    "engine_text",
    "json_list",
    "lenient",
    "remember",
]

R = TypeVar("R", bound="Result")
S = TypeVar("S", bound=Struct)

#: Fields whose values say who and what, but nothing private: ``repr`` shows them.
SHOWN = frozenset(
    (
        "event",
        "expired_time",
        "from_user",
        "group_id",
        "login_type",
        "msg_id",
        "msg_type",
        "status",
        "sub_status",
        "success",
        "timestamp",
        "to_user",
        "to_user_name",
        "user_id",
        "user_name",
    )
)


def describe(value: Struct) -> str:
    """Write *value* for a log: texts that may be private only by their length."""
    parts = []
    for name in value.__struct_fields__:
        item = getattr(value, name)
        if name.startswith("_") or item in ("", None, (), msgspec.UNSET):
            continue
        if name in SHOWN:
            parts.append(f"{name}={item!r}")
        elif isinstance(item, str | bytes | tuple | dict):
            parts.append(f"{name}=<{len(item)}>")
        else:
            parts.append(f"{name}=...")
    return f"{type(value).__name__}({', '.join(parts)})"


#: Wire names of the fields of ``Wire``, which no peer may set.
_OWN = frozenset(("~body", "~index"))


class Wire(Struct, frozen=True, rename="camel", gc=False):
    """A value that came over the wire, with its original fields.

    ``repr`` shows no text of messages, no token and no device data.
    """

    _body: bytes = field(default=b"", name="~body")
    _index: int = field(default=0, name="~index")

    def __repr__(self) -> str:
        return describe(self)


def remember(value: Wire, body: bytes, index: int = 0) -> None:
    """Keep the undecoded text with a value that was just decoded from it."""
    force_setattr(value, "_body", body)
    if value._index != index:
        force_setattr(value, "_index", index)


class Event(Wire, frozen=True, gc=False):
    """Something the gateway says unasked."""

    @property
    def conversation(self) -> str:
        """What it belongs to: events of one conversation are handled in order."""
        return ""

    @property
    def arguments(self) -> list[Any]:
        """All arguments as they came, decoded now; a few events have a second one.

        Raises:
            ValueError: nested deeper than the limit.
        """
        decoded = json_text.read(self._body) if self._body else []
        return cast(list[Any], decoded)[1:]

    @property
    def raw(self) -> dict[str, Any]:
        """The original fields as they came, decoded now.

        Raises:
            ValueError: nested deeper than the limit.
        """
        arguments = self.arguments
        return arguments[0] if arguments and isinstance(arguments[0], dict) else {}


class UnknownEvent(Event, frozen=True, gc=False):
    """An event that the catalogue does not know, or that has another shape.

    Args:
        event: its wire name.
    """

    event: str = ""


class Result(Wire, frozen=True, gc=False):
    """What a command gives back."""

    @property
    def raw(self) -> dict[str, Any]:
        """The original fields of ``data`` as they came, decoded now.

        Raises:
            ValueError: nested deeper than the limit.
        """
        if not self._body:
            return {}
        arguments = json_text.read(self._body)
        reply = arguments[0] if isinstance(arguments, list) and arguments else None
        data = reply.get("data") if isinstance(reply, dict) else None
        return data if isinstance(data, dict) else {}


class Done(Result, frozen=True, gc=False):
    """The result of a command that has no documented fields."""


class RefusedReply(Struct, frozen=True):
    """A reply with ``success`` false.

    Args:
        message: the gateway's text.
        status: the WeChat engine's status in ``data``, when it has one.
    """

    message: str
    status: int | None = None

    def __repr__(self) -> str:
        return describe(self)


class Command(Struct, Generic[R], frozen=True, rename="camel"):
    """A command: its fields are the parameters, its argument *R* the result.

    Attributes:
        wire_name: name on the wire.
        result_type: the class *R*.
        time_limit: how long a reply may take (seconds), None for the dialect's.
        changes_world: whether others can see that it was carried out.
    """

    wire_name: ClassVar[str] = ""
    result_type: ClassVar[type[Result]] = Done
    time_limit: ClassVar[float | None] = None
    changes_world: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.wire_name = cls.__name__[0].lower() + cls.__name__[1:]
        for base in getattr(cls, "__orig_bases__", ()):
            for argument in get_args(base):
                if isinstance(argument, type):
                    cls.result_type = argument

    def __repr__(self) -> str:
        return describe(self)

    def problem(self) -> str | None:
        """Tell what is wrong with the parameters, None when nothing is."""
        return None


def lenient(kind: type[S], fields: dict[str, Any]) -> S:
    """Build *kind* from fields of which some may have another type than ours.

    What fits is taken, numbers in texts and texts for numbers are turned, and the
    rest is left at its default: a field never turns a success into a failure.
    """
    if _OWN.isdisjoint(fields):
        try:
            return msgspec.convert(fields, kind)
        except ValueError:
            pass
    values: dict[str, Any] = {}
    infos = _fields(kind)
    for info in infos:
        if info.encode_name not in fields:
            continue
        value = fields[info.encode_name]
        if isinstance(value, int | float) and not isinstance(value, bool):
            candidates: tuple[Any, ...] = (value, str(value))
        else:
            candidates = (value,)
        for candidate in candidates:
            try:
                values[info.name] = msgspec.convert(candidate, info.type, strict=False)
            except ValueError:
                continue
            break
    for info in infos:
        if info.required and info.name not in values:
            values[info.name] = _empty(info.type)
    return kind(**values)


@cache
def _fields(kind: type[Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Return the fields that come over the wire; to find them costs 100 µs."""
    infos = msgspec.structs.fields(kind)
    return tuple(info for info in infos if info.encode_name not in _OWN)


def json_list(text: str) -> list[Any]:
    """Read the list that some gateways write as JSON text into a field.

    Returns:
        The list; an empty one when the text holds none.
    """
    try:
        found = json_text.read(json_text.to_utf8_text(text).encode())
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _empty(kind: object) -> object:
    return {int: 0, str: "", bool: False, float: 0.0}.get(cast(type, kind), ())


def decode_base64(text: str) -> bytes:
    """Decode what a gateway sends as base64, with or without a data URL in front.

    Raises:
        ValueError: not base64.

    Source: dialects.md, 4, "Binary data".
    """
    try:
        return base64.b64decode(text.rpartition(",")[2], validate=True)
    except ValueError:
        raise ValueError("the image is not base64") from None


def engine_text(text: str) -> str:
    r"""Take away the length that the WeChat engine may leave in front of a text.

    Returns:
        The text behind ``\n`` and the length of that text in bytes: one character, or
        from 128 bytes on two, the low seven bits first. Any other text as it is.

    Source: dialects.md, 4, "engine_text_prefix".
    """
    if text[:1] != "\n" or len(text) == 1:
        return text
    length, rest = ord(text[1]), text[2:]
    if length >= 0x80 and rest:
        length, rest = (length & 0x7F) | (ord(rest[0]) << 7), rest[1:]
    if len(rest.encode("utf-8", "surrogatepass")) == length:
        return rest
    return text
