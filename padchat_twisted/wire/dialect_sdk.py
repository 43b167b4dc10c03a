"""The dialect ``sdk``: JSON frames of padchat-sdk, snake_case results.

::

    C> {"type":"user","cmd":"sendMsg","payload":{"toUserName":"..."},"cmdId":"1"}
    S> {"type":"userEvent","event":"push","taskId":"...","payload":{"list":[...]}}
    S> {"type":"cmdRet","cmdId":"1","taskId":"...","payload":{"success":true,...}}

A message has ``msg_type`` 5 and its own type in ``sub_type``; canonically ``msgType``
is the type, and ``subType`` stays beside it. ``payload`` was named ``data`` before
0.6.0: both are read, and written as the other side does.

From 0.6.0 on a client fetches what is new. Of that, what the reference client does by
itself is turned into events: ``notify`` after a push of contacts that does not end the
synchronisation, and ``loaded``, once, after the one that does.

Source: dialects.md, 3; padchat-sdk 0.6.3, index.js.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from ..errors import AuthKeyExpired, AuthKeyInUse, AuthKeyInvalid, PadChatError
from . import json_text
from .dialect_json import (
    NO_CALL_ID,
    RAW_ITEM,
    OddFrameError,
    Request,
    cmd_id_of,
    notice,
    reply_body,
    wire_params,
)
from .dialect_table import SDK
from .envelope import Notice, Reply
from .json_client import JsonClient
from .json_keys import Texts, camel_case, snake_case, snake_key, write_texts
from .json_pushes import END_OF_CONTACTS, MARKERS, WRAPPED, canonical_items
from .json_server import JsonServer
from .limits import MAX_ACK_DIGITS, MAX_FRAME_BYTES, OPEN_TIMEOUT

__all__ = [
    "CONTACTS",
    "INVALID_TOKEN",
    "TOKEN_EXPIRED",
    "TOKEN_IN_USE",
    "SdkFraming",
    "client_connection",
    "server_connection",
]

#: Close codes: the token of the URL is of no use. Source: events.toml, close_code.
INVALID_TOKEN = 3201
TOKEN_IN_USE = 3202
TOKEN_EXPIRED = 3203

_CLOSE_ERRORS = {
    INVALID_TOKEN: (AuthKeyInvalid, "the gateway does not know the auth key"),
    TOKEN_IN_USE: (AuthKeyInUse, "another connection has the auth key"),
    TOKEN_EXPIRED: (AuthKeyExpired, "the auth key has expired"),
}

#: Type of a push, and of a notify, that is about contacts.
CONTACTS = 4

#: Types of items that a server does not wrap: contacts, markers, what is wrapped.
BARE = (2, WRAPPED, *MARKERS)


class _PushPayload(Struct, forbid_unknown_fields=True, gc=False):
    list: Raw
    type: int | UnsetType = UNSET


class _PushFrame(
    Struct, tag_field="type", tag="userEvent", forbid_unknown_fields=True, gc=False
):
    """The usual frame of a push."""

    event: Literal["push"]
    taskId: str | None = None
    payload: _PushPayload | UnsetType = UNSET
    data: _PushPayload | UnsetType = UNSET


_read_push = msgspec.json.Decoder(_PushFrame).decode


class SdkFraming:
    """How ``sdk`` writes and reads frames.

    Args:
        task_id: a server's: id of the client's task.
    """

    table = SDK
    refusal_code = INVALID_TOKEN

    def __init__(self, task_id: str = "") -> None:
        self._task_id = task_id
        self._field = "payload"
        self._is_loaded = False

    # As a client

    def call(self, call_id: int, code: str, params: bytes) -> bytes:
        """Write a request; ids are counted from 1."""
        return b'{"type":"user","cmd":%b,"%b":%b,"cmdId":"%d"}' % (
            json_text.write(self.table.codes.get(code, code)),
            self._field.encode(),
            wire_params(self.table, code, params, _raw_item),
            call_id + 1,
        )

    def auth(self, auth_key: str) -> bytes | None:
        """The URL lets us in."""
        return None

    def read(self, frame: dict[str, Any]) -> list[Reply | Notice]:
        """Read a frame of the gateway."""
        kind = frame.get("type")
        if kind == "cmdRet":
            cmd_id = cmd_id_of(frame)
            if cmd_id is None:
                raise OddFrameError("a reply without cmdId")
            return [self._reply(cmd_id, self._payload(frame))]
        if kind == "userEvent":
            event = frame.get("event")
            if not isinstance(event, str) or not event:
                raise OddFrameError("a frame without event")
            return self._notices(self.table.event(event), frame)
        if not isinstance(kind, str):
            raise OddFrameError("a frame without type")
        return [notice("other", frame)]

    def read_push(self, data: bytes) -> list[Reply | Notice]:
        """Read a push of the usual frame, which keeps its spelling."""
        frame = _read_push(data)
        field = "data" if frame.payload is UNSET else "payload"
        payload = frame.data if frame.payload is UNSET else frame.payload
        if payload is UNSET or (frame.data is not UNSET and field == "payload"):
            return []
        items = bytes(payload.list)
        is_of_contacts = payload.type == CONTACTS
        if not items.startswith(b"[{") or (
            # The end of the contacts is among them; only `read` tells.
            is_of_contacts and b"%d" % END_OF_CONTACTS in items
        ):
            return []
        self._field = field
        kind = b"" if payload.type is UNSET else b'"type":%d,' % payload.type
        text = b'{%b"list":%b}' % (kind, items)
        notices: list[Reply | Notice] = [Notice("push", text, "snake")]
        if is_of_contacts:
            notices.append(notice("notify", {"type": CONTACTS}))
        return notices

    def close_error(self, peer: str, code: int | None) -> PadChatError | None:
        """Say what a close code means. Source: dialects.md, 3, "Connection"."""
        if code not in _CLOSE_ERRORS:
            return None
        kind, problem = _CLOSE_ERRORS[code]
        return kind(peer, f"{problem} (close code {code})", hop="authentication")

    def _payload(self, frame: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        for field in ("payload", "data"):
            if frame.get(field) is not None:
                self._field = field
                break
        return frame.get(self._field)

    def _reply(self, cmd_id: str | int, payload: object) -> Reply:
        fields = camel_case(payload) if isinstance(payload, dict) else {}
        data = fields.get("data")
        if isinstance(data, dict):
            Texts().read_result(data)
            for name, wire_name in self.table.results.items():
                if wire_name in data:
                    data[name] = data.pop(wire_name)
        return Reply(_call_id(cmd_id), reply_body(fields, _texts(fields), data))

    def _notices(self, event: str, frame: dict[str, Any]) -> list[Reply | Notice]:
        fields = camel_case(self._payload(frame))
        if event == "push":
            return self._push(fields if isinstance(fields, dict) else {})
        if fields is None:
            fields = {}
        if event == "warn" and isinstance(fields, dict):
            fields["error"] = _texts(fields)
            if "success" in frame:
                fields.setdefault("success", frame["success"])
        if event == "sns" and isinstance(fields, dict) and fields.get("msg"):
            return [notice(event, fields, fields["msg"])]
        return [notice(event, fields)]

    def _push(self, fields: dict[str, Any]) -> list[Reply | Notice]:
        found = fields.get("list")
        if not isinstance(found, list) or not found:
            raise OddFrameError("a push without items")
        is_end = any(
            item.get("msgType") == END_OF_CONTACTS and item.get("continue") == 0
            for item in found
            if isinstance(item, dict)
        )
        items = canonical_items(found, "snake")
        notices: list[Reply | Notice] = []
        if items:
            notices.append(notice("push", {**fields, "list": items}))
        if fields.get("type") == CONTACTS:
            if not is_end:
                notices.append(notice("notify", {"type": CONTACTS}))
            elif not self._is_loaded:
                self._is_loaded = True
                notices.append(notice("loaded", {}))
        return notices

    # As a server

    @property
    def fetches_news(self) -> bool:
        """A client of before 0.6.0, which says ``data``, is pushed to unasked."""
        return self._field == "payload"

    def read_request(self, frame: dict[str, Any]) -> Request:
        """Read a frame of a client."""
        cmd_id = cmd_id_of(frame)
        if frame.get("type") != "user":
            return Request(cmd_id, "", None, problem="type is not user")
        code = frame.get("cmd")
        if not isinstance(code, str) or not code:
            return Request(cmd_id, "", None, problem="cmd is missing")
        code = self.table.code(code)
        params = self._payload(frame)
        if params is None:
            params = {}
        if isinstance(params, dict):
            params = self.table.canonical_params(code, params)
            if RAW_ITEM in params:
                params[RAW_ITEM] = _canonical_item(camel_case(params[RAW_ITEM]))
        return Request(cmd_id, code, params)

    def reply(
        self, cmd_id: str | int, success: bool, msg: str, data: dict[str, Any] | None
    ) -> bytes:
        """Write a reply; what is wrong stands in ``error``."""
        result = dict(data or {})
        for name, wire_name in self.table.results.items():
            if name in result:
                result[wire_name] = result.pop(name)
        payload = {
            "success": success,
            "error": "" if success else msg,
            "msg": msg if success else "",
            "data": snake_case(write_texts(result, snake_case)),
        }
        head = {"type": "cmdRet", "cmdId": cmd_id, "taskId": self._task_id}
        return json_text.write({**head, self._field: payload})

    def notice(self, event: str, arguments: Sequence[Any]) -> bytes:
        """Write an event."""
        payload = arguments[0] if arguments else {}
        if event == "push" and isinstance(payload, dict):
            items = [_item(item) for item in payload.get("list", ())]
            payload = {**payload, "list": items}
        return json_text.write(
            {
                "type": "userEvent",
                "event": self.table.events.get(event, event),
                "taskId": self._task_id,
                self._field: snake_case(payload),
            }
        )


def client_connection(
    *,
    peer: str = "the peer",
    max_frame: int = MAX_FRAME_BYTES,
    open_timeout: float = OPEN_TIMEOUT,
) -> JsonClient:
    """Build a client's connection; its URL holds the auth key.

    Args:
        peer: where it goes, for errors.
        max_frame: largest message accepted (bytes).
        open_timeout: time until the WebSocket is open (seconds).
    """
    return JsonClient(
        SdkFraming(), peer=peer, max_frame=max_frame, open_timeout=open_timeout
    )


def server_connection(
    auth_key: str, *, task_id: str = "", max_frame: int = MAX_FRAME_BYTES
) -> JsonServer:
    """Build a server's connection.

    Args:
        auth_key: what the client told in the path of the URL.
        task_id: id of its task; stands in every frame.
        max_frame: largest message accepted (bytes).
    """
    return JsonServer(SdkFraming(task_id), auth_key, max_frame=max_frame)


def _call_id(cmd_id: str | int) -> int:
    number = str(cmd_id)
    if number.isascii() and number.isdigit() and len(number) <= MAX_ACK_DIGITS:
        return int(number) - 1 if int(number) else NO_CALL_ID
    return NO_CALL_ID


def _texts(fields: dict[str, Any]) -> str:
    """Return what people should read. Source: open-questions.md, Q05."""
    found = [fields.get(name) for name in ("error", "err", "msg")]
    texts = [text for text in found if isinstance(text, str) and text]
    return "; ".join(dict.fromkeys(texts))


def _canonical_item(item: object) -> object:
    if isinstance(item, dict) and item.get("msgType") == WRAPPED:
        return {**item, "msgType": item.get("subType", WRAPPED)}
    return item


def _raw_item(item: dict[str, Any]) -> dict[str, Any]:
    """Spell an item that is handed back as it came: the first level only."""
    spelled = {snake_key(name): value for name, value in item.items()}
    if "subType" in item and item["subType"] == item.get("msgType"):
        spelled["msg_type"] = WRAPPED
    return spelled


def _item(item: object) -> object:
    if not isinstance(item, dict):
        return item
    kind = item.get("msgType")
    if kind not in BARE:
        item = {**item, "msgType": WRAPPED, "subType": kind}
    return write_texts(item, snake_case)
