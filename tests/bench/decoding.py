"""Pushes to typed items, against the standard library's ``json``: no network.

``python -m tests.bench.decoding`` prints a table of microseconds per push and one JSON
line. Both sides work in this process, in turns, on the same bytes: the argument list of
an event in ``socketio``, a frame in the other dialects, from the connection on. Theirs
is ``json.loads``, which finds neither kinds nor meanings.

The pushes are a mix as an account sees it, Chinese: mostly texts, in private and in
rooms; some images with a thumbnail, contacts, texts of the system, a voice message, a
sticker; few app messages, whose XML is read.
"""

from __future__ import annotations

import base64
import json
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from padchat_twisted.catalogue import PushItem, decode_push
from padchat_twisted.wire import dialect_legacy, dialect_sdk, json_text
from padchat_twisted.wire.dialect_legacy import LegacyFraming
from padchat_twisted.wire.dialect_sdk import SdkFraming
from padchat_twisted.wire.dialect_socketio import notice_body
from padchat_twisted.wire.envelope import Notice
from padchat_twisted.wire.json_client import JsonClient
from padchat_twisted.wire.told import SendWebSocket, WebSocketOpened
from tests.bench.codecs import ROUNDS, calls_per_second

#: The aim: our time, divided by theirs, at most.
AIMS = {"socketio": 0.7, "legacy": 1.3, "sdk": 1.3}

#: A measurement goes through the mix so often, and there are so many of each.
TIMES = 40
TURNS = 5 * ROUNDS

OWN = "wxid_example000001"
FRIEND = "wxid_example000002"
ROOM = "10000000001@chatroom"

SENTENCE = "今天下午三点在老地方见面，别忘了带上那本书。"
IN_ROOM = (
    "<msgsource>\n\t<silence>0</silence>\n\t<membercount>38</membercount>\n</msgsource>"
)


@dataclass(frozen=True)
class Row:
    """What was measured in one dialect: microseconds per push.

    Attributes:
        dialect: its name.
        pushes: which ones: the mix, or those of one kind.
        ours: our time.
        theirs: that of ``json``.
    """

    dialect: str
    pushes: str
    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        """Our time, divided by theirs."""
        return self.ours / self.theirs


# The pushes


def message(msg_type: int, content: str, **fields: object) -> dict[str, Any]:
    """Build a message with all the fields that gateways write."""
    is_in_room = fields.pop("is_in_room", False)
    return {
        "msgType": msg_type,
        "msgId": "5812349871234098721",
        "fromUser": ROOM if is_in_room else FRIEND,
        "toUser": OWN,
        "content": f"{FRIEND}:\n{content}" if is_in_room else content,
        "description": f"小明 : {SENTENCE}",
        "msgSource": IN_ROOM if is_in_room else "<msgsource />\n",
        "status": 1,
        "continue": 1,
        "timestamp": 1500000001,
        "uin": 100000001,
        **fields,
    }


def contact(number: int) -> dict[str, Any]:
    """Build a contact with all the fields that a person has."""
    return {
        "msgType": 2,
        "userName": f"wxid_example{number:06}",
        "nickName": "小红",
        "remark": "同事小红",
        "remarkPyInitial": "TSXH",
        "remarkQuanPin": "tongshixiaohong",
        "pyInitial": "XH",
        "quanPin": "xiaohong",
        "bigHead": f"http://example.invalid/head/{number}/0",
        "smallHead": f"http://example.invalid/head/{number}/132",
        "sex": 2,
        "country": "CN",
        "provincia": "Guangdong",
        "city": "Shenzhen",
        "signature": "路漫漫其修远兮",
        "stranger": f"v1_{number:060}@stranger",
        "intro": "",
        "label": "1,2",
        "source": 3,
        "level": 7,
        "bitMask": 4294967295,
        "bitValue": 3,
        "imgFlag": 1,
        "id": 0,
        "chatroomId": 0,
        "chatroomOwner": "",
        "memberCount": 0,
        "maxMemberCount": 0,
        "status": 1,
        "continue": 1,
        "uin": 100000001,
    }


IMAGE = (
    '<?xml version="1.0"?>\n<msg>\n\t<img aeskey="00112233445566778899aabbccddeeff"'
    ' encryver="1" cdnthumburl="3052020100044b30490201000204" cdnthumblength="4412"'
    ' cdnthumbheight="120" cdnthumbwidth="90" cdnmidimgurl="3052020100044b30490201"'
    ' length="81243" md5="00112233445566778899aabbccddeeff" />\n</msg>\n'
)
VOICE = (
    f'<msg><voicemsg endflag="1" length="5013" voicelength="3120" fromusername='
    f'"{FRIEND}" voiceformat="4" cancelflag="0" clientmsgid="41" bufid="0" /></msg>'
)
EMOTICON = (
    f'<msg><emoji fromusername="{FRIEND}" tousername="{OWN}" type="2" len="21034" md5='
    '"00112233445566778899aabbccddeeff" cdnurl="http://example.invalid/e" width="240"'
    ' height="240"></emoji><gameext type="0" content="0"></gameext></msg>'
)
LINK = (
    '<msg><appmsg appid="" sdkver="0"><title>一篇文章</title><des>值得一读</des>'
    "<action>view</action><type>5</type><url>http://example.invalid/a</url><thumburl>"
    "</thumburl></appmsg><fromusername>wxid_example000002</fromusername></msg>"
)


def pushes() -> dict[str, list[list[dict[str, Any]]]]:
    """Return the items of each push, by kind; the mix has all of them."""
    thumbnail = base64.b64encode(bytes(range(256)) * 17).decode()
    sound = base64.b64encode(bytes(range(256)) * 20).decode()
    return {
        "text": [[message(1, SENTENCE)]] * 20
        + [[message(1, SENTENCE * 2, is_in_room=True)]] * 20
        + [[message(1, SENTENCE, is_in_room=True), message(1, SENTENCE)]] * 2,
        "image": [[message(3, IMAGE, data=thumbnail)]] * 5,
        "voice": [[message(34, VOICE, data=sound)]],
        "sticker": [[message(47, EMOTICON, is_in_room=True)]],
        "contact": [[contact(number) for number in range(10)]] * 2,
        "system": [[message(10000, '"小明"邀请"小红"加入了群聊', fromUser=ROOM)]],
        "app": [[message(49, LINK)], [message(49, LINK, is_in_room=True)]],
    }


# Both sides


def client(dialect: str) -> JsonClient:
    """Return a connection of a JSON dialect that was let in."""
    if dialect == "sdk":
        found = dialect_sdk.client_connection()
    else:
        found = dialect_legacy.client_connection("KEY", id_head="")
    found.start(now=0.0)
    found.receive(WebSocketOpened(), now=0.0)
    for action in found.actions_to_take():
        if isinstance(action, SendWebSocket):
            cmd_id = json_text.read(action.data)["cmdId"]
            reply = json_text.write({"cmdId": cmd_id, "success": True})
            found.receive_texts([reply], 0.0)
    found.events_received()
    return found


def encoded(dialect: str, items: Sequence[dict[str, Any]]) -> bytes:
    """Return the bytes of a push."""
    if dialect == "socketio":
        return notice_body("push", {"list": items})
    framing = LegacyFraming() if dialect == "legacy" else SdkFraming("TASK")
    return framing.notice("push", [{"list": items}])


def decoder(dialect: str) -> Callable[[bytes], tuple[PushItem, ...]]:
    """Return our way from those bytes to items."""
    if dialect == "socketio":
        return lambda body: decode_push(Notice("push", body), OWN) or ()
    connection = client(dialect)

    def decode(frame: bytes) -> tuple[PushItem, ...]:
        connection.receive_texts((frame,), 0.0)
        (notice,) = connection.events_received()
        assert type(notice) is Notice
        return decode_push(notice, OWN) or ()

    return decode


def through(decode: Callable[[bytes], Any], frames: Sequence[bytes]) -> None:
    """Decode all of them."""
    for frame in frames:
        decode(frame)


# Measuring


def measure(
    dialect: str, name: str, frames: Sequence[bytes], times: int, turns: int
) -> Row:
    """Measure both sides in turns."""
    sides = (
        partial(through, decoder(dialect), frames),
        partial(through, json.loads, frames),
    )
    gathered: tuple[list[float], list[float]] = ([], [])
    for side in sides:
        side()
    for _ in range(turns):
        for work, figures in zip(sides, gathered, strict=True):
            figures.append(1e6 / calls_per_second(work, times) / len(frames))
    return Row(dialect, name, median(gathered[0]), median(gathered[1]))


def rows(times: int, turns: int) -> Iterator[Row]:
    """Yield everything that is measured."""
    found = pushes()
    mix = [items for kind in found.values() for items in kind]
    for dialect in AIMS:
        for name, kind in {"mix": mix, **found}.items():
            frames = [encoded(dialect, items) for items in kind]
            yield measure(dialect, name, frames, times, turns)


def render(rows: Sequence[Row]) -> str:
    """Draw the table."""
    lines = [
        "| microseconds per push | typed items | json.loads | ratio | at most |",
        "|---|---:|---:|---:|---:|",
    ]
    for row in rows:
        aim = f"{AIMS[row.dialect]:g}" if row.pushes == "mix" else ""
        lines.append(
            f"| {row.dialect}, {row.pushes} | {row.ours:.1f} | {row.theirs:.1f}"
            f" | {row.ratio:.2f} | {aim} |"
        )
    return "\n".join(lines)


def verdict(rows: Sequence[Row]) -> str:
    """Say where we stand against the aims."""
    mixes = [row for row in rows if row.pushes == "mix"]
    missed = [row for row in mixes if row.ratio > AIMS[row.dialect]]
    text = f"aim (mix, times json.loads): held in {len(mixes) - len(missed)}"
    text += f" of {len(mixes)}"
    named = ", ".join(f"{row.dialect} {row.ratio:.2f}" for row in missed)
    return f"{text}; missed: {named}" if missed else text


def main() -> int:
    """Measure everything, print the table and the JSON line."""
    is_quick = "--quick" in sys.argv[1:]
    found = list(rows(TIMES // 4 if is_quick else TIMES, ROUNDS if is_quick else TURNS))
    record = {
        "decoding": [
            [row.dialect, row.pushes, round(row.ours, 2), round(row.theirs, 2)]
            for row in found
        ],
        "versions": {"python": platform.python_version()},
    }
    lines = [
        "Decoding pushes: medians",
        "",
        render(found),
        "",
        verdict(found),
        json.dumps(record),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
