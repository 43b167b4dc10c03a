"""Pushes through the wire of each dialect: as a gateway writes them, to typed items."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from padchat_twisted.catalogue import DIALECTS, Dialect, PushItem, decode_push
from padchat_twisted.wire.dialect_legacy import LegacyFraming
from padchat_twisted.wire.dialect_sdk import SdkFraming
from padchat_twisted.wire.dialect_socketio import notice_body
from padchat_twisted.wire.envelope import Notice
from tests.wire.json_examples import legacy_client, sdk_client, text

ROOM = "10000000001@chatroom"
FRIEND = "wxid_example000002"
OWN = "wxid_example000001"

#: A field that no class knows: what has it is read the lenient way.
ODD = {"brandNew": {"a": [1]}}


def message(msg_type: int, content: object = "", **fields: object) -> dict[str, Any]:
    """Build a message with all the fields that gateways write."""
    return {
        "msgType": msg_type,
        "msgId": "9000000000000000001",
        "fromUser": FRIEND,
        "toUser": OWN,
        "content": content,
        "description": "",
        "msgSource": "",
        "status": 1,
        "continue": 0,
        "timestamp": 1500000001,
        "uin": 100000001,
        **fields,
    }


def notices(dialect: Dialect, *items: object) -> list[Notice]:
    """Push items; return what comes out of the wire."""
    if dialect == "socketio":
        return [Notice("push", notice_body("push", {"list": items}))]
    server = LegacyFraming() if dialect == "legacy" else SdkFraming("TASK")
    client = legacy_client() if dialect == "legacy" else sdk_client()
    client.receive_texts([server.notice("push", [{"list": items}])], 1.0)
    return [n for n in client.events_received() if isinstance(n, Notice)]


def pushed(dialect: Dialect, *items: object, own: str = OWN) -> tuple[PushItem, ...]:
    """Push items; return them typed."""
    found: list[PushItem] = []
    for notice in notices(dialect, *items):
        found += decode_push(notice, own) or ()
    return tuple(found)


def each_way(item: dict[str, Any], own: str = OWN) -> Iterator[PushItem]:
    """Push an item in each dialect, on the short way and on the lenient one."""
    for dialect in DIALECTS:
        for given in (item, {**item, **ODD}):
            (found,) = pushed(dialect, given, own=own)
            yield found


def fields_of(item: PushItem) -> dict[str, Any]:
    """Return the fields of an item, our own left out."""
    names = item.__struct_fields__
    return {name: getattr(item, name) for name in names if name[0] != "_"}


def frame(dialect: Dialect, *items: object) -> bytes:
    """Write a push as it is, items in their dialect's spelling."""
    if dialect == "legacy":
        return text({"event": "push", "msg": "", "data": items})
    payload = {"list": items}
    return text(
        {"type": "userEvent", "event": "push", "taskId": "", "payload": payload}
    )


def heard(dialect: Dialect, given: bytes, own: str = OWN) -> tuple[PushItem, ...]:
    """Let a client of a JSON dialect hear a frame; return the items in it."""
    client = legacy_client() if dialect == "legacy" else sdk_client()
    client.receive_texts([given], 1.0)
    found: list[PushItem] = []
    for notice in client.events_received():
        if isinstance(notice, Notice) and notice.event == "push":
            found += decode_push(notice, own) or ()
    return tuple(found)
