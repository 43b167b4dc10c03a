"""What each event and each kind of message looks like on the wire of each dialect."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from padchat_twisted.catalogue import (
    Command,
    Dialect,
    Event,
    Push,
    PushItem,
    SyncContact,
    SyncMsg,
    decode_event,
)
from padchat_twisted.sandbox.binding import State
from padchat_twisted.wire.dialect_legacy import LegacyFraming
from padchat_twisted.wire.dialect_sdk import SdkFraming
from padchat_twisted.wire.dialect_socketio import notice_body
from padchat_twisted.wire.envelope import Notice
from tests.sandbox.gateway_stage import GatewayStage
from tests.scenes import Cast
from tests.scenes.pushes import PUSHES

from .dialogues import ID_HEAD, KEY, NAME, come_to, shown_lines
from .transcripts import broken

__all__ = ["event_heard", "item_heard"]

#: What a client of dialect ``sdk`` fetches by itself.
FETCHING: tuple[Command[Any], ...] = (SyncContact(), SyncMsg())

#: Longest text that is shown whole: the XML of most messages.
LONGEST = 700

#: What the world says of each event; pushes come of what people do.
EVENTS: dict[str, tuple[object, ...]] = {
    "qrcode": ({"qrCode": "http://127.0.0.1:7700/x/0001"},),
    "scan": ({"status": 1, "subStatus": 0, "expiredTime": 235, "nickName": "Bob"},),
    "login": ({},),
    "loaded": ({},),
    "logout": ({"msg": "logged out on the phone"},),
    "close": ({"msg": "the task was closed"},),
    "warn": ({"error": "error while receiving pushes"},),
    "sns": ({}, "alice likes your moment"),
    "reconnect": ({"logined": True, "status": "init"},),
    "notify": ({"type": 4},),
    "autoLogin": ({},),
    "push": ({"list": [{"msgType": 1, "msgId": "1", "content": "hello"}]},),
}


def event_heard(name: str, dialect: Dialect) -> str:
    """Make the transcript of one event."""

    def tell(cast: Cast) -> None:
        assert cast.bot.binding is not None
        cast.bot.binding.notify(name, *EVENTS[name])

    for value, notice in _heard(dialect, tell):
        if notice.event == name:
            return _block(value, dialect)
    raise LookupError(f"{name} was not heard in {dialect}")


def item_heard(kind: type[PushItem], dialect: Dialect) -> str:
    """Make the transcript of a push with an item of one class, others left out."""
    for value, notice in _heard(dialect, PUSHES[kind], *FETCHING):
        event = decode_event(notice)
        for item in event.list if isinstance(event, Push) else ():
            if type(item) is kind:
                _keep_only(value, item)
                return _block(value, dialect)
    raise LookupError(f"{kind.__name__} was not heard in {dialect}")


def _heard(
    dialect: Dialect, happen: Callable[[Cast], object], *fetching: Command[Any]
) -> Iterator[tuple[Any, Notice]]:
    """Let something happen; return the frames that an account gets of it."""
    stage = GatewayStage()
    speaker = come_to(stage, dialect, KEY, State.LOGGED_IN)
    cast = Cast(stage.world, stage.world.account(NAME, auth_key=KEY), dialect)
    if dialect == "sdk":
        for command in fetching:
            speaker.exchange(command)
    speaker.texts.clear()
    happen(cast)
    speaker.look()
    texts = list(speaker.texts)
    if dialect == "sdk":
        for command in fetching:
            speaker.exchange(command)
            texts += speaker.texts
    for text in texts:
        yield from _read(text, dialect)


def _read(text: str, dialect: Dialect) -> Iterator[tuple[Any, Notice]]:
    """Read a frame as a client of ours does; only events are of interest."""
    if dialect == "socketio":
        if text.startswith("42/user,["):
            value = json.loads(text.removeprefix("42/user,"))
            yield value, Notice(value[0], notice_body(*value))
        return
    value = json.loads(text)
    framing = LegacyFraming(ID_HEAD) if dialect == "legacy" else SdkFraming()
    for envelope in framing.read(json.loads(text)):
        if isinstance(envelope, Notice):
            yield value, envelope


def _keep_only(value: Any, item: Event) -> None:  # noqa: ANN401 - JSON
    """Leave all items but one out of a push."""
    fields = value[1] if isinstance(value, list) else value.get("payload", value)
    place = "list" if "list" in fields else "data"
    ours = item.raw
    fields[place] = [found for found in fields[place] if _id_of(found) == _id_of(ours)]


def _id_of(fields: dict[str, Any]) -> object:
    """Return what tells an item from others, however it is spelled."""
    names = {name.replace("_", "").lower(): name for name in fields}
    ids = (fields.get(names.get(name, "")) for name in ("msgid", "username"))
    return next((found for found in ids if found), None)


def _block(value: Any, dialect: Dialect) -> str:  # noqa: ANN401 - JSON
    head = "42/user," if dialect == "socketio" else ""
    return "\n".join(
        ["```text", *shown_lines("<", broken(head, value, LONGEST)), "```"]
    )
