"""From the text of an envelope to a typed value.

What is of the expected shape is decoded in one pass of C. What is not goes the
lenient way: unknown events, kinds and fields are never fatal.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr

from ..wire import json_text
from ..wire.envelope import Call, Notice
from ..wire.limits import SHORT_JSON_BYTES
from .base import (
    Command,
    Event,
    RefusedReply,
    Result,
    UnknownEvent,
    engine_text,
    lenient,
    remember,
)
from .contacts import Contact, GetContact, SyncContact
from .login import (
    AutoLogin,
    Close,
    CloseEvent,
    GetAutoLoginData,
    GetDeviceInfo,
    Init,
    Loaded,
    Login,
    LoginEvent,
    Logout,
    LogoutEvent,
    Notify,
    QRCode,
    Reconnect,
    Scan,
    Sns,
    Warn,
)
from .messages import (
    GetMsgImage,
    ImageMessage,
    Push,
    PushItem,
    SendImage,
    SendMsg,
    SyncMsg,
    SystemMessage,
    TextMessage,
    UnknownItem,
)
from .rooms import GetRoomMembers

__all__ = [
    "COMMANDS",
    "EVENTS",
    "decode_command",
    "decode_event",
    "decode_push",
    "decode_reply",
]

#: Commands by wire name.
COMMANDS: dict[str, type[Command[Any]]] = {
    command.wire_name: command
    for command in (
        Init,
        Login,
        Logout,
        Close,
        GetDeviceInfo,
        GetAutoLoginData,
        GetContact,
        SyncContact,
        SyncMsg,
        GetRoomMembers,
        SendMsg,
        SendImage,
        GetMsgImage,
    )
}

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

_Item = TextMessage | ImageMessage | SystemMessage | Contact
_ITEMS: dict[int, type[PushItem]] = {
    1: TextMessage,
    2: Contact,
    3: ImageMessage,
    10000: SystemMessage,
}


class _PushPayload(Struct, frozen=True, gc=False):
    list: tuple[_Item, ...]


class _PushFrame(Struct, frozen=True, array_like=True, gc=False):
    name: str
    payload: _PushPayload


_push_frame = msgspec.json.Decoder(_PushFrame)


def decode_event(notice: Notice) -> Event:
    """Turn a notice into its event.

    Returns:
        The event; ``UnknownEvent`` when its name is unknown or its shape another.

    Raises:
        ValueError: the notice is not JSON, or nested too deeply.
    """
    body = notice.body
    if notice.event == "push":
        items = decode_push(body)
        return Push(body, 0, items) if items else _odd_push(body)
    kind = EVENTS.get(notice.event)
    arguments = json_text.read(body)
    fields = arguments[1] if len(arguments) > 1 else None
    if kind is None:
        event: Event = UnknownEvent(event=notice.event)
    else:
        event = lenient(kind, fields if isinstance(fields, dict) else {})
    remember(event, body)
    return event


def decode_push(body: bytes) -> tuple[PushItem, ...]:
    """Turn the body of a push into its items.

    Returns:
        The items; none when its shape is another.

    Raises:
        ValueError: it is not JSON, or nested too deeply.
    """
    if len(body) > SHORT_JSON_BYTES:
        json_text.check_bounds(body)
    try:
        items: tuple[PushItem, ...] = _push_frame.decode(body).payload.list
    except (msgspec.DecodeError, RecursionError):
        return _decode_odd_push(body)
    for item in items:
        force_setattr(item, "_body", body)
    if len(items) > 1:
        for index, item in enumerate(items):
            force_setattr(item, "_index", index)
    elif items and items[0]._index:
        # A peer's own field of that name.
        force_setattr(items[0], "_index", 0)
    return items


def _decode_odd_push(body: bytes) -> tuple[PushItem, ...]:
    arguments = json_text.read(body)
    payload = arguments[1] if len(arguments) > 1 else None
    found = payload.get("list") if isinstance(payload, dict) else None
    items: list[PushItem] = []
    if not isinstance(found, list):
        return ()
    for index, fields in enumerate(found):
        item = _decode_item(fields)
        remember(item, body, index)
        items.append(item)
    return tuple(items)


def _odd_push(body: bytes) -> UnknownEvent:
    """Stand for a push without items: an error of the frame, not of the peer."""
    event = UnknownEvent(event="push")
    remember(event, body)
    return event


def _decode_item(fields: object) -> PushItem:
    if not isinstance(fields, dict):
        return UnknownItem()
    found = fields.get("msgType")
    kind = _ITEMS.get(found) if isinstance(found, int) else None
    return lenient(UnknownItem if kind is None else kind, fields)


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
        _read_message(data)
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
        _read_message(value)
        return value
    message = reply.get("msg")
    status = fields.get("status")
    return RefusedReply(
        message if isinstance(message, str) else "",
        status if isinstance(status, int) else None,
    )


def _read_message(result: Result) -> None:
    """Take the engine's prefix off its text; ``raw`` keeps it."""
    message = getattr(result, "message", None)
    if message and message[0] == "\n":
        force_setattr(result, "message", engine_text(message))


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
