"""The dialect ``legacy``: JSON frames matched by ``cmdId``, PascalCase results.

::

    C> {"code":"auth","authKey":"...","cmdId":"..."}
    S> {"cmdId":"...","success":true,"msg":"ok"}
    C> {"code":"sendMsg","data":{"toUserName":"filehelper",...},"cmdId":"..."}
    S> {"event":"push","msg":"","data":[{"MsgType":1,...}]}
    S> {"cmdId":"...","success":true,"msg":"","data":{"MsgId":"..."},"type":"cmdRet"}

Source: dialects.md, 1 and 8; the seed's README; PADCHAT ``example/wx.js`` of the
branch ``old-ws``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct

from ..errors import PadChatError
from . import json_text
from .dialect_json import (
    AUTH_CALL_ID,
    NO_CALL_ID,
    RAW_ITEM,
    OddFrameError,
    Request,
    cmd_id_of,
    notice,
    reply_body,
    wire_params,
)
from .dialect_table import LEGACY
from .envelope import Notice, Reply
from .json_client import JsonClient
from .json_keys import Texts, camel_case, pascal_case, write_texts
from .json_server import AUTH_TIMEOUT, JsonServer
from .limits import MAX_FRAME_BYTES, OPEN_TIMEOUT

__all__ = ["LegacyFraming", "client_connection", "server_connection"]

#: Digits of a call's number, which end its UUID; ``auth`` has number 0.
NUMBER_DIGITS = 12

#: Marks a reply. Source: open-questions.md, Q01.
REPLY = "cmdRet"


class _PushFrame(
    Struct, tag_field="event", tag="push", forbid_unknown_fields=True, gc=False
):
    """The usual frame of a push."""

    data: Raw
    msg: str | None = None


_read_push = msgspec.json.Decoder(_PushFrame).decode


class LegacyFraming:
    """How ``legacy`` writes and reads frames.

    Args:
        id_head: a client's: the first 24 characters of a UUID, so that no reply to
            an older connection is taken for one to this.
    """

    table = LEGACY
    refusal_code = None
    fetches_news = False

    def __init__(self, id_head: str = "") -> None:
        self._id_head = id_head

    # As a client

    def call(self, call_id: int, code: str, params: bytes) -> bytes:
        """Write a request."""
        name = json_text.write(self.table.codes.get(code, code))
        data = wire_params(self.table, code, params, pascal_case)
        return b'{"code":%b,"data":%b,"cmdId":"%b"}' % (
            name,
            data,
            self._cmd_id(call_id).encode(),
        )

    def auth(self, auth_key: str) -> bytes | None:
        """Write the request that lets us in."""
        cmd_id = self._cmd_id(AUTH_CALL_ID)
        return json_text.write({"code": "auth", "authKey": auth_key, "cmdId": cmd_id})

    def read(self, frame: dict[str, Any]) -> list[Reply | Notice]:
        """Read a frame of the gateway; one with a ``cmdId`` is a reply, no event."""
        cmd_id = cmd_id_of(frame)
        if cmd_id is not None:
            return [self._reply(cmd_id, frame)]
        kind = frame.get("event") or frame.get("type")
        if kind == REPLY:
            raise OddFrameError("a reply without cmdId")
        if not isinstance(kind, str):
            raise OddFrameError("a frame without event")
        return [self._notice(self.table.event(kind), frame)]

    def read_push(self, data: bytes) -> list[Reply | Notice]:
        """Read a push of the usual frame, which keeps its spelling."""
        items = bytes(_read_push(data).data)
        return [Notice("push", items, "pascal")] if items.startswith(b"[{") else []

    def close_error(self, peer: str, code: int | None) -> PadChatError | None:
        """No close code means anything special."""
        return None

    def _cmd_id(self, call_id: int) -> str:
        return f"{self._id_head}{call_id + 1:0{NUMBER_DIGITS}}"

    def _call_id(self, cmd_id: str | int) -> int:
        text = str(cmd_id)
        number = text.removeprefix(self._id_head)
        is_ours = number.isascii() and number.isdigit() and len(number) == NUMBER_DIGITS
        if is_ours and text.startswith(self._id_head):
            return int(number) - 1
        return NO_CALL_ID

    def _reply(self, cmd_id: str | int, frame: dict[str, Any]) -> Reply:
        data = camel_case(frame.get("data"))
        if isinstance(data, dict):
            Texts().read_result(data)
        return Reply(self._call_id(cmd_id), reply_body(frame, _msg(frame), data))

    def _notice(self, event: str, frame: dict[str, Any]) -> Notice:
        fields = camel_case(frame.get("data"))
        msg = _msg(frame)
        if event == "push":
            return _push(fields)
        if fields is None:
            fields = {}
        if not isinstance(fields, dict):
            return notice(event, fields, *((msg,) if msg else ()))
        if event == "warn":
            fields.setdefault("error", msg)
            if "success" in frame:
                fields.setdefault("success", frame["success"])
        elif msg:
            fields.setdefault("msg", msg)
        # Clients of this event print a second value.
        return notice(event, fields, *((msg,) if event == "sns" and msg else ()))

    # As a server

    def read_request(self, frame: dict[str, Any]) -> Request:
        """Read a frame of a client; ``code`` may be a number of 2017."""
        cmd_id = cmd_id_of(frame)
        code = frame.get("code")
        if isinstance(code, int) and not isinstance(code, bool):
            code = self.table.numbers.get(code, str(code))
        if not isinstance(code, str) or not code:
            return Request(cmd_id, "", None, problem="code is missing")
        if code == "auth":
            auth_key = frame.get("authKey")
            if not isinstance(auth_key, str) or not auth_key:
                return Request(cmd_id, code, None, problem="authKey is missing")
            return Request(cmd_id, code, None, auth_key)
        code = self.table.code(code)
        params = frame.get("data")
        if params is None:
            params = {}
        if isinstance(params, dict):
            params = self.table.canonical_params(code, params)
            if RAW_ITEM in params:
                params[RAW_ITEM] = camel_case(params[RAW_ITEM])
        return Request(cmd_id, code, params)

    def reply(
        self, cmd_id: str | int, success: bool, msg: str, data: dict[str, Any] | None
    ) -> bytes:
        """Write a reply; it is marked as one in both ways that clients look for."""
        frame: dict[str, Any] = {"cmdId": cmd_id, "success": success, "msg": msg}
        if data is not None:
            frame["data"] = pascal_case(write_texts(data, pascal_case))
        return json_text.write({**frame, "type": REPLY, "event": REPLY})

    def notice(self, event: str, arguments: Sequence[Any]) -> bytes:
        """Write an event."""
        frame: dict[str, Any] = {"event": self.table.events.get(event, event)}
        fields = arguments[0] if arguments else None
        text = arguments[1] if len(arguments) > 1 else ""
        if not isinstance(fields, dict):
            return json_text.write({**frame, "msg": text, "data": fields})
        rest = dict(fields)
        if event == "push":
            items = [_item(item) for item in rest.get("list", ())]
            return json_text.write({**frame, "msg": text, "data": items})
        msg = rest.pop("msg", text)
        if event == "warn":
            msg = rest.pop("error", msg)
            frame["success"] = bool(rest.pop("success", False))
        frame["msg"] = msg
        if rest:
            frame["data"] = pascal_case(rest)
        return json_text.write(frame)


def client_connection(
    auth_key: str,
    *,
    id_head: str,
    peer: str = "the peer",
    max_frame: int = MAX_FRAME_BYTES,
    open_timeout: float = OPEN_TIMEOUT,
) -> JsonClient:
    """Build a client's connection.

    Args:
        auth_key: sent by ``auth`` as soon as the WebSocket is open.
        id_head: the first 24 characters of a UUID of this connection's own.
        peer: where it goes, for errors.
        max_frame: largest message accepted (bytes).
        open_timeout: time until the answer to ``auth``, from the start (seconds).
    """
    return JsonClient(
        LegacyFraming(id_head),
        auth_key,
        peer=peer,
        max_frame=max_frame,
        open_timeout=open_timeout,
    )


def server_connection(
    *, auth_timeout: float = AUTH_TIMEOUT, max_frame: int = MAX_FRAME_BYTES
) -> JsonServer:
    """Build a server's connection.

    Args:
        auth_timeout: time for ``auth`` (seconds).
        max_frame: largest message accepted (bytes).
    """
    return JsonServer(LegacyFraming(), max_frame=max_frame, auth_timeout=auth_timeout)


def _msg(frame: dict[str, Any]) -> str:
    msg = frame.get("msg")
    return msg if isinstance(msg, str) else ""


def _push(items: object) -> Notice:
    if not isinstance(items, list) or not items:
        raise OddFrameError("a push without items")
    texts = Texts()
    for item in items:
        if isinstance(item, dict):
            texts.read_item(item)
    return notice("push", {"list": items})


def _item(item: object) -> object:
    if not isinstance(item, dict):
        return item
    return pascal_case(write_texts(item, pascal_case))
