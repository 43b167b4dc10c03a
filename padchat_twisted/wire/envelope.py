"""Call, Reply, Notice: the face that every dialect shows.

They are untyped: the catalogue turns them into commands, results and events. Their
``body`` is the JSON text as it came, an array of arguments:

- of a call: ``["sendMsg",{"toUserName":"filehelper","content":"hi","atList":[]}]``
- of a reply: ``[{"success":true,"msg":"","data":{}}]``
- of a notice: ``["push",{"list":[...]}]``

No ``repr`` shows it: a body holds tokens and message text.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from .json_pushes import KeyCase, push_body

__all__ = ["Call", "Notice", "Reply"]


class Call(Struct, frozen=True, gc=False):
    """A command that was asked for.

    Args:
        call_id: id of its reply, None when no reply is wanted.
        code: wire name of the command.
        body: array of arguments, the name first.
    """

    call_id: int | None
    code: str
    body: bytes

    def __repr__(self) -> str:
        return f"<Call {self.call_id} {self.code!r}: {len(self.body)} bytes>"


class Reply(Struct, frozen=True, gc=False):
    """The answer to the call with the same id."""

    call_id: int
    body: bytes

    def __repr__(self) -> str:
        return f"<Reply {self.call_id}: {len(self.body)} bytes>"


class Notice(Struct, frozen=True, gc=False):
    """What the gateway says unasked.

    Args:
        event: wire name of the event.
        text: array of arguments, the name first; of a push that is kept as its
            dialect spelled it, see ``json_pushes``, its items.
        case: how the keys of such a push are spelled; empty for canonical ones.
    """

    event: str
    text: bytes
    case: KeyCase | Literal[""] = ""

    @property
    def body(self) -> bytes:
        """The array of arguments with canonical keys.

        Raises:
            ValueError: a push that cannot be read.
        """
        return push_body(self.text, self.case) if self.case else self.text

    def __repr__(self) -> str:
        return f"<Notice {self.event!r}: {len(self.text)} bytes>"
