"""What commands, results and events have in common.

Names follow one rule: the wire's ``sendMsg`` is the class ``SendMsg``, its
``toUserName`` the field ``to_user_name``. An event with the name of a command has
``Event`` behind it (``LoginEvent``). See ``docs/design/0002-catalogue.md``.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast, get_args

import msgspec
from msgspec import Struct, field
from msgspec.structs import force_setattr

from ..wire import json_text
from .parameters import DIALECTS, Dialect, any_of, problem_with

__all__ = [
    "LARGE_TIME_LIMIT",
    "Answer",
    "Command",
    "Done",
    "Event",
    "OfMessage",
    "Part",
    "R",
    "RefusedReply",
    "Result",
    "UnknownEvent",
    "Wire",
    "decode_base64",
    "engine_text",
    "remember",
    "without_data",
]

#: How long the reply to a command with media may take (seconds): a server was seen to
#: give up on an upload after 40. Source: open-questions.md, Q12.
LARGE_TIME_LIMIT = 60.0

R = TypeVar("R", bound="Result")

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


class Answer(Result, frozen=True, gc=False):
    """What the WeChat engine said to a command; most results begin with it.

    Args:
        message: text of the engine, informational.
        status: of the engine, 0 on success.

    Source: seed README; commands.toml, ``status_code``.
    """

    message: str = ""
    status: int = 0

    @property
    def was_done(self) -> bool:
        """Whether the engine did it: the gateway may pass its refusal on as a success.

        Source: open-questions.md, Q60.
        """
        return self.status == 0


class Part(Struct, frozen=True, rename="camel", gc=False):
    """An object inside a result, such as one member of a room."""

    def __repr__(self) -> str:
        return describe(self)


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
        wire_name: canonical name; ``wire.dialect_table`` has the other spellings.
        dialects: the dialects that have it.
        result_type: the class *R*.
        time_limit: how long a reply may take (seconds), None for the dialect's.
        changes_world: whether WeChat is otherwise after it, for the account or others.
        may_be_empty: required texts for which the empty text is a value.
    """

    wire_name: ClassVar[str] = ""
    dialects: ClassVar[tuple[Dialect, ...]] = DIALECTS
    result_type: ClassVar[type[Result]] = Done
    time_limit: ClassVar[float | None] = None
    changes_world: ClassVar[bool] = False
    may_be_empty: ClassVar[tuple[str, ...]] = ()

    if TYPE_CHECKING:

        def __init__(self) -> None:
            """Of commands without parameters; mypy lets them take any otherwise."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.wire_name = cls.__name__[0].lower() + cls.__name__[1:]
        for base in getattr(cls, "__orig_bases__", ()):
            for argument in get_args(base):
                if isinstance(argument, type):
                    cls.result_type = argument

    def __repr__(self) -> str:
        return describe(self)

    def problem(self, dialect: Dialect) -> str | None:
        """Tell what is wrong with it before it is sent, None when nothing is.

        Args:
            dialect: what the gateway speaks.

        Returns:
            Which field, what was found and what is expected; never a text of a field.
        """
        if dialect not in self.dialects:
            those = any_of(self.dialects)
            return f"dialect {dialect} has no such command: {those} has"
        problem = problem_with(self, dialect, self.dialects, self.may_be_empty)
        return problem or self.own_problem(dialect)

    def own_problem(self, dialect: Dialect) -> str | None:
        """Tell what only this command knows to be wrong; for subclasses."""
        return None


class OfMessage(Command[R], Generic[R], frozen=True):
    """A command about a message that was pushed.

    Args:
        raw_msg_data: the push item as it came, ``message.raw_msg_data``; what it has in
            ``data``, large and not needed, is left out of a copy.

    Source: dialects.md, 4, "rawMsgData"; open-questions.md, Q58.
    """

    raw_msg_data: dict[str, Any]

    def __post_init__(self) -> None:
        """Leave the file in it out."""
        item = self.raw_msg_data
        if isinstance(item, dict) and "data" in item:
            force_setattr(self, "raw_msg_data", without_data(item))


def without_data(item: dict[str, Any]) -> dict[str, Any]:
    """Copy a push item without its base64 field."""
    return {name: value for name, value in item.items() if name != "data"}


def decode_base64(text: str) -> bytes:
    """Decode what a gateway sends as base64, with or without a data URL in front.

    Raises:
        ValueError: not base64.

    Source: dialects.md, 4, "Binary data".
    """
    try:
        return base64.b64decode(text.rpartition(",")[2], validate=True)
    except ValueError:
        raise ValueError("the file is not base64") from None


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
