"""What the two JSON dialects share: what comes out, and how both read and write.

Every frame is one JSON object in one WebSocket text message. ``json_client`` and
``json_server`` run a connection; what the dialects do differently is in a ``Framing``
(``dialect_legacy``, ``dialect_sdk``) and in the table of names (``dialect_table``).

Source: dialects.md, 1, 3 and 4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from msgspec import Struct

from ..errors import PadChatError
from . import json_text
from .dialect_table import Differences
from .envelope import Call, Notice, Reply

__all__ = [
    "AUTH_CALL_ID",
    "NO_CALL_ID",
    "AuthRequested",
    "Framing",
    "JsonOccurrence",
    "LetIn",
    "OddFrame",
    "OddFrameError",
    "Request",
    "cmd_id_of",
    "notice",
    "reply_body",
    "wire_params",
]

#: The parameter that is a push item handed back, and its field that is not needed.
#: Source: dialects.md, 4, "rawMsgData".
RAW_ITEM = "rawMsgData"
RAW_ITEM_BYTES = b'"rawMsgData"'
RAW_PICTURE = "data"

#: Id of the call ``auth``, which is the connection's own.
AUTH_CALL_ID = -1

#: Id of a reply that is to no call of this connection.
NO_CALL_ID = -2


class OddFrameError(ValueError):
    """A frame that has another shape; its text says which, and nothing of its content.

    It does not leave this room.
    """


class AuthRequested(Struct, frozen=True):
    """A client wants to come in: ``accept`` or ``refuse`` it."""

    auth_key: str

    def __repr__(self) -> str:
        return "<AuthRequested>"


class LetIn(Struct, frozen=True):
    """The gateway let us in: calls may be sent."""


class OddFrame(Struct, frozen=True):
    """A frame was not understood, and ignored.

    Args:
        problem: what was wrong, without content.
    """

    problem: str


JsonOccurrence = AuthRequested | LetIn | Call | Reply | Notice | OddFrame


class Request(NamedTuple):
    """What a client's frame asks for.

    Args:
        cmd_id: as it came, None when there is none.
        code: canonical name of the command.
        params: canonical; anything but an object stays what it is.
        auth_key: of the command ``auth``, None of every other one.
        problem: why it cannot be carried out, empty when it can.
    """

    cmd_id: str | int | None
    code: str
    params: Any
    auth_key: str | None = None
    problem: str = ""


class Framing(Protocol):
    """What one dialect does in its own way."""

    @property
    def table(self) -> Differences:
        """How it spells names."""

    def call(self, call_id: int, code: str, params: bytes) -> bytes:
        """Write a request; *params* is one JSON object."""

    def auth(self, auth_key: str) -> bytes | None:
        """Write the request that lets us in; None when the URL does that."""

    def read(self, frame: dict[str, Any]) -> list[Reply | Notice]:
        """Read a frame of the gateway.

        Raises:
            OddFrameError: it has another shape.
        """

    def read_push(self, data: bytes) -> list[Reply | Notice]:
        """Read a push of the usual frame, which keeps its spelling.

        Args:
            data: a frame that may be one, not yet read.

        Returns:
            Nothing when it is of another shape and ``read`` is to look at it.

        Raises:
            ValueError: the same, or no JSON.
        """

    def read_request(self, frame: dict[str, Any]) -> Request:
        """Read a frame of a client.

        Raises:
            OddFrameError: it has another shape.
        """

    def reply(
        self,
        cmd_id: str | int,
        success: bool,
        msg: str,
        data: dict[str, Any] | None,
    ) -> bytes:
        """Write a reply."""

    def notice(self, event: str, arguments: Sequence[Any]) -> bytes:
        """Write an event."""

    def close_error(self, peer: str, code: int | None) -> PadChatError | None:
        """Say what a close code means; None when it means nothing special."""

    @property
    def fetches_news(self) -> bool:
        """Whether the other side is a client that fetches contacts and messages."""

    @property
    def refusal_code(self) -> int | None:
        """With which code a client is closed that was refused."""


def cmd_id_of(frame: dict[str, Any]) -> str | int | None:
    """Return the ``cmdId`` of a frame; an empty one is none.

    Raises:
        OddFrameError: it is neither a text nor a whole number.
    """
    cmd_id = frame.get("cmdId")
    if cmd_id is None or cmd_id == "":
        return None
    if isinstance(cmd_id, str | int) and not isinstance(cmd_id, bool):
        return cmd_id
    raise OddFrameError("a cmdId that is no text")


def notice(event: str, *arguments: object) -> Notice:
    """Build a notice in canonical form."""
    return Notice(event, json_text.write((event, *arguments)))


def reply_body(fields: dict[str, Any], msg: str, data: object) -> bytes:
    """Build the body of a reply in canonical form.

    Args:
        fields: may hold ``success``; without it a reply counts as refused.
        msg: for people.
        data: canonical; None is an empty object.
    """
    result = {"msg": msg, "data": {} if data is None else data}
    if "success" in fields:
        result["success"] = bool(fields["success"])
    return json_text.write((result,))


def wire_params(
    table: Differences,
    code: str,
    params: bytes,
    spell_item: Callable[[dict[str, Any]], dict[str, Any]],
) -> bytes:
    """Spell encoded parameters as a dialect does.

    Args:
        table: of the dialect.
        code: canonical name of the command.
        params: one JSON object with canonical keys.
        spell_item: gives a push item that is handed back the keys it came with.

    Raises:
        ValueError: no JSON object.
    """
    if not table.touches(code) and RAW_ITEM_BYTES not in params:
        return params
    fields = json_text.read(params)
    if not isinstance(fields, dict):
        raise ValueError("no JSON object")
    spelled = table.wire_params(code, fields)
    item = spelled.get(RAW_ITEM)
    if isinstance(item, dict):
        bare = {name: value for name, value in item.items() if name != RAW_PICTURE}
        spelled[RAW_ITEM] = spell_item(bare)
    return json_text.write(spelled)
