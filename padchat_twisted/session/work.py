"""What is paced: commands that others see, their kinds, lanes and sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from ..catalogue import (
    COMMANDS,
    GROUPS,
    AcceptUser,
    AddContact,
    Command,
    SayHello,
    SendAppMsg,
    SendImage,
    SendMsg,
    SendVoice,
    ShareCard,
)
from ..catalogue.base import LARGE_TIME_LIMIT

__all__ = [
    "LANES",
    "LARGE_BYTES",
    "PACED_KINDS",
    "SLOWEST_UPLOAD",
    "Lane",
    "PacedKind",
    "Work",
    "raw_work",
    "upload_time_limit",
    "work_of",
]

#: Who goes first: answers, then what else is called, then what nobody asked for, then
#: files.
Lane = Literal["reply", "command", "push", "media"]

LANES: Final[tuple[Lane, ...]] = get_args(Lane)

#: What is counted together: messages by their sort, everything else by its area.
PacedKind = Literal[
    "text",
    "image",
    "voice",
    "app",
    "card",
    "friend",
    "contact",
    "room",
    "moments",
    "favorites",
    "labels",
    "payment",
    "official_account",
    "other",
]

PACED_KINDS: Final[tuple[PacedKind, ...]] = get_args(PacedKind)

#: Size from which a file is large (bytes): it takes a second on a slow line, and
#: whatever is sent after it waits behind it.
LARGE_BYTES: Final = 256 * 1024

#: The slowest line that a file may come through on (bytes in a second); the time
#: limit of a file grows with its size accordingly.
SLOWEST_UPLOAD: Final = 64 * 1024

#: What the gateway does by itself, and WeChat does not count.
_AT_GATEWAY = frozenset(GROUPS["login"])

_MESSAGES: dict[type[Command[Any]], PacedKind] = {
    SendMsg: "text",
    SendImage: "image",
    SendVoice: "voice",
    SendAppMsg: "app",
    ShareCard: "card",
    AcceptUser: "friend",
    AddContact: "friend",
    SayHello: "friend",
}


def _kinds() -> dict[type[Command[Any]], PacedKind]:
    names: dict[str, PacedKind] = {kind: kind for kind in PACED_KINDS}
    return {
        command: _MESSAGES.get(command) or names.get(area, "other")
        for area, commands in GROUPS.items()
        for command in commands
        if command.changes_world and command not in _AT_GATEWAY
    }


_KINDS = _kinds()


@dataclass(slots=True, eq=False)
class Work:
    """One call that is paced.

    Args:
        code: wire name of the command.
        kind: what it is counted as.
        conversation: who gets it, empty for nobody in particular.
        lane: how soon it goes.
        size: of the file in it (bytes).
        deadline: until when it may wait, by the clock of whoever has it wait.
    """

    code: str
    kind: PacedKind
    conversation: str
    lane: Lane
    size: int = 0
    deadline: float = 0.0

    @property
    def is_large(self) -> bool:
        """Whether what is sent after it waits behind it."""
        return self.size >= LARGE_BYTES


def work_of(command: Command[Any], lane: Lane | None) -> Work | None:
    """Return what a command counts as, None when it is not paced.

    Args:
        command: any.
        lane: how soon it goes; None for ``media`` with a file, else ``command``.
    """
    kind = _KINDS.get(type(command))
    if kind is None:
        if not command.changes_world or type(command) in _AT_GATEWAY:
            return None
        kind = "other"
    conversation = getattr(command, "to_user_name", "") or getattr(
        command, "group_id", ""
    )
    text = getattr(command, "image", "") or getattr(command, "file", "")
    return _work(command.wire_name, kind, conversation, text, lane)


def raw_work(code: str, params: Mapping[str, object], lane: Lane | None) -> Work | None:
    """Return what a command by ``call_raw`` counts as, None when it is not paced."""
    command = COMMANDS.get(code)
    if command is None:
        kind: PacedKind = "other"
    elif command in _KINDS:
        kind = _KINDS[command]
    else:
        return None
    conversation = params.get("toUserName") or params.get("groupId")
    text = params.get("image") or params.get("file")
    return _work(code, kind, conversation, text, lane)


def upload_time_limit(size: int) -> float:
    """Return how long the reply to a file may take (seconds); *size* is in bytes."""
    return max(LARGE_TIME_LIMIT, size / SLOWEST_UPLOAD)


def _work(
    code: str, kind: PacedKind, conversation: object, text: object, lane: Lane | None
) -> Work:
    size = len(text) // 4 * 3 if isinstance(text, str) else 0
    return Work(
        code,
        kind,
        conversation if isinstance(conversation, str) else "",
        lane or ("media" if size else "command"),
        size,
    )
