"""What each command looks like on the wire of each dialect, made from its scene.

A client made by hand writes what ours does, the sandbox gateway answers, and both are
in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from padchat_twisted.catalogue import Command, Dialect, Init, Login
from padchat_twisted.sandbox.binding import State
from padchat_twisted.wire import json_text
from padchat_twisted.wire.dialect_json import Framing
from padchat_twisted.wire.dialect_legacy import LegacyFraming
from padchat_twisted.wire.dialect_sdk import SdkFraming
from padchat_twisted.wire.dialect_socketio import call_body
from tests.sandbox.gateway_stage import GatewayStage
from tests.sandbox.json_stage import JsonClient
from tests.scenes import SCENES, Cast
from tests.transport.by_hand import TEXT, frame, read_frames

from .transcripts import DEVICE, broken, shown

__all__ = ["ID_HEAD", "KEY", "NAME", "Speaker", "come_to", "dialogue", "shown_lines"]

KEY = "KEY-0001"
OTHER_KEY = "KEY-0002"

#: Label of the account that a key has in every dialect.
NAME = "0"

#: The first part of a legacy client's ids.
ID_HEAD = "00000000-0000-4000-8000-"


class Speaker(JsonClient):
    """A client of one dialect, whose frames stay texts.

    Args:
        stage: where the gateway is.
        path: of the URL.
        framing: how it writes; None for ``socketio``.

    Attributes:
        texts: what came since something was said last.
    """

    def __init__(
        self, stage: GatewayStage, path: str, framing: Framing | None = None
    ) -> None:
        self.texts: list[str] = []
        self._framing = framing
        self._next_id = 0
        super().__init__(stage, path)

    def say(self, text: str) -> list[str]:
        """Send a text; return those that came back."""
        self.texts.clear()
        self.send_bytes(frame(TEXT, text.encode(), is_client=True))
        return list(self.texts)

    def exchange(self, command: Command[Any]) -> tuple[str, str]:
        """Send a command; return both frames, as a page shows them."""
        number, self._next_id = self._next_id, self._next_id + 1
        code, params = command.wire_name, json_text.write(command)
        if self._framing is None:
            asked = f"42/user,{number}{call_body(code, params).decode()}"
            mark = f"43/user,{number}["
        else:
            asked = self._framing.call(number, code, params).decode()
            mark = f'"cmdId":"{json.loads(asked)["cmdId"]}"'
        (said,) = (text for text in self.say(asked) if mark in text)
        return _shown(asked), _shown(said)

    def _read(self, data: bytes) -> None:
        found = (f for f in read_frames(data) if f.opcode == TEXT)
        self.texts += [text.payload.decode() for text in found]


def dialogue(code: str, dialect: Dialect) -> str:
    """Make the transcript of one command: carried out, then refused."""
    stage = GatewayStage()
    speaker = come_to(stage, dialect, KEY, State.LOGGED_IN)
    account = stage.world.account(NAME, auth_key=KEY)
    scene = SCENES[code](Cast(stage.world, account, dialect))
    if scene.at is not State.LOGGED_IN:
        account.close()
        speaker = come_to(stage, dialect, KEY, scene.at)
    lines = [*_exchange(speaker, scene.command)]
    if scene.refused is not None:
        if scene.refused_at is not None:
            lines.append("(on another connection)")
            speaker = come_to(stage, dialect, OTHER_KEY, scene.refused_at)
        lines += _exchange(speaker, scene.refused)
    return "\n".join(["```text", *lines, "```"])


def _exchange(speaker: Speaker, command: Command[Any]) -> Iterator[str]:
    for arrow, text in zip("><", speaker.exchange(command), strict=True):
        yield from shown_lines(arrow, text)


def shown_lines(arrow: str, text: str) -> Iterator[str]:
    """Write a frame as a transcript has it."""
    first, *others = text.splitlines()
    yield f"{arrow} {first}"
    yield from (f"    {line}" for line in others)


def come_to(stage: GatewayStage, dialect: Dialect, key: str, state: State) -> Speaker:
    """Open a connection of an account, and let it come as far as *state*."""
    if dialect == "socketio":
        speaker = Speaker(stage, "/socket.io/?EIO=3&transport=websocket")
        speaker.say(f"40/user?authKey={key}&name={NAME}")
    elif dialect == "legacy":
        framing = LegacyFraming(ID_HEAD)
        speaker = Speaker(stage, "/ws", framing)
        speaker.say((framing.auth(key) or b"").decode())
    else:
        speaker = Speaker(stage, f"/{key}", SdkFraming())
    if state >= State.INITIALISED:
        speaker.exchange(Init() if dialect == "sdk" else DEVICE)
    if state >= State.LOGGED_IN:
        speaker.exchange(Login(login_type="qrcode"))
        account = stage.world.account(NAME, auth_key=key)
        account.own_user.scan(account)
        account.own_user.confirm(account)
        speaker.look()
    return speaker


def _shown(text: str) -> str:
    return broken("", json.loads(text)) if text.startswith("{") else shown(text)
