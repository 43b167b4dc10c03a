"""From the text of an envelope to a typed value; pushes are read in ``pushes``.

What is of the expected shape is decoded in one pass of C. What is not goes the
lenient way: unknown events and fields are never fatal.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from msgspec.structs import force_setattr

from ..wire import json_text
from ..wire.envelope import Call, Notice
from ..wire.limits import SHORT_JSON_BYTES
from .base import (
    Event,
    RefusedReply,
    Result,
    UnknownEvent,
    engine_text,
    remember,
)
from .lenient import lenient
from .login_events import (
    AutoLogin,
    CloseEvent,
    Loaded,
    LoginEvent,
    LogoutEvent,
    Notify,
    QRCode,
    Reconnect,
    Scan,
    Sns,
    Warn,
)
from .messages import Push
from .pushes import decode_push

__all__ = [
    "EVENTS",
    "decode_command",
    "decode_event",
    "decode_push",
    "decode_reply",
]

#: Events by wire name.
EVENTS: dict[str, type[Event]] = {
    "qrcode": QRCode,
    "scan": Scan,
    "login": LoginEvent,
    "loaded": Loaded,
    "logout": LogoutEvent,
    "close": CloseEvent,
    "warn": Warn,
    "sns": Sns,
    "reconnect": Reconnect,
    "notify": Notify,
    "autoLogin": AutoLogin,
    "push": Push,
}

#: Fields of results that the engine may write with a length in front.
#: Source: dialects.md, 4, "engine_text_prefix"; commands.toml, createRoom.
ENGINE_TEXTS = ("message", "user_name")


def decode_event(notice: Notice, own: str = "") -> Event:
    """Turn a notice into its event.

    Args:
        notice: what came.
        own: WeChat id of the account, as far as it is known; see ``decode_push``.

    Returns:
        The event; ``UnknownEvent`` when its name is unknown or its shape another.

    Raises:
        ValueError: the notice is not JSON, or nested too deeply.
    """
    if notice.event == "push":
        return _push(notice, own)
    body = notice.body
    kind = EVENTS.get(notice.event)
    arguments = json_text.read(body)
    fields = arguments[1] if len(arguments) > 1 else None
    if kind is None:
        event: Event = UnknownEvent(event=notice.event)
    else:
        event = lenient(kind, fields if isinstance(fields, dict) else {})
    remember(event, body)
    return event


def _push(notice: Notice, own: str) -> Push | UnknownEvent:
    """Read a push; one without items is an error of the frame, not of the peer."""
    items = decode_push(notice, own)
    body = notice.body
    if items is None:
        event = UnknownEvent(event="push")
        remember(event, body)
        return event
    payload = json_text.read(body)[1]
    kind = payload.get("type")
    return Push(body, 0, items, kind if type(kind) is int else None)


@cache
def _reply_decoder(result: type[Result]) -> msgspec.json.Decoder[Any]:
    envelope = msgspec.defstruct(
        "Envelope",
        [("success", bool), ("data", result)],
        frozen=True,
    )
    frame = msgspec.defstruct("Frame", [("reply", envelope)], array_like=True)
    return msgspec.json.Decoder(frame)


def decode_reply(result: type[Result], body: bytes) -> Result | RefusedReply:
    """Turn the text of a reply into a result.

    Args:
        result: the command's result type.
        body: array of arguments; those after the first are ignored.

    Returns:
        The result, or what a reply with ``success`` false says. A reply without
        ``success`` counts as refused (open-questions.md, Q03).

    Raises:
        ValueError: not JSON, or nested too deeply.
    """
    if len(body) > SHORT_JSON_BYTES:
        json_text.check_bounds(body)
    try:
        reply = _reply_decoder(result).decode(body).reply
    except (msgspec.DecodeError, RecursionError):
        return _decode_odd_reply(result, body)
    if reply.success:
        data: Result = reply.data
        force_setattr(data, "_body", body)
        _read_texts(data)
        return data
    return _decode_odd_reply(result, body)


def _decode_odd_reply(result: type[Result], body: bytes) -> Result | RefusedReply:
    arguments = json_text.read(body)
    reply = arguments[0] if isinstance(arguments, list) and arguments else None
    if not isinstance(reply, dict) or "success" not in reply:
        return RefusedReply("the reply was empty")
    data = reply.get("data")
    fields = data if isinstance(data, dict) else {}
    if reply["success"]:
        value = lenient(result, fields)
        remember(value, body)
        _read_texts(value)
        return value
    message = reply.get("msg")
    status = fields.get("status")
    return RefusedReply(
        message if isinstance(message, str) else "",
        status if isinstance(status, int) else None,
    )


def _read_texts(result: Result) -> None:
    """Take the engine's prefix off its texts; ``raw`` keeps it."""
    for name in ENGINE_TEXTS:
        text = getattr(result, name, None)
        if text and text[0] == "\n":
            force_setattr(result, name, engine_text(text))


def decode_command(call: Call) -> object:
    """Return the parameters of a call as a gateway gets them.

    Returns:
        The first argument, normally an object; an empty one when there is none.

    Raises:
        ValueError: not JSON, or nested too deeply.
    """
    arguments = json_text.read(call.body)
    params = arguments[1] if len(arguments) > 1 else None
    return {} if params is None else params
