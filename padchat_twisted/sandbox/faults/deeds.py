"""What a fault can do, and what it needs to be told.

PURE. One table: the reader of scenarios, the player and the documents follow it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["CONNECTION_DEEDS", "DEEDS", "Deed", "Trigger"]


class Trigger(StrEnum):
    """What a fault waits for; ``LOGIN_BY_TOKEN`` is a command, too."""

    COMMAND = "command"
    EVENT = "event"
    CONNECTION = "connection"
    LOGIN_BY_TOKEN = "login by token"  # noqa: S105 - no token


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that a fault can do.

    Attributes:
        meaning: what happens, for people.
        triggers: what it can wait for.
        needs: keys that must be there.
        takes: keys that may be there, beside those of the trigger.
        name: of the one command or event that it waits for; empty when that is said.
    """

    meaning: str
    triggers: tuple[Trigger, ...]
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    name: str = ""


_SENT = (Trigger.COMMAND, Trigger.EVENT)
_ANY = (Trigger.COMMAND, Trigger.EVENT, Trigger.CONNECTION)

#: By the word that a scenario has for it.
DEEDS: Mapping[str, Deed] = {
    "drop": Deed(
        "the command is carried out and its reply lost; the event is lost", _SENT
    ),
    "late": Deed(
        "the reply or event leaves `seconds` later", _SENT, needs=("seconds",)
    ),
    "twice": Deed("the reply or event comes twice", _SENT),
    "garble": Deed(
        "the reply or event is cut in the middle; over polling it is lost", _SENT
    ),
    "swap": Deed(
        "the event leaves behind the next one of its name, after 10 s at the latest",
        (Trigger.EVENT,),
    ),
    "replay": Deed(
        "behind the event, the last messages that the account was pushed are pushed"
        " again; with `seconds`, as if they had been written that long ago",
        (Trigger.EVENT,),
        takes=("seconds",),
    ),
    "refuse": Deed(
        "the command is not carried out but refused, with `text` and `status`",
        (Trigger.COMMAND,),
        takes=("text", "status"),
    ),
    "refuse-token": Deed(
        "a login by token is refused, with `text` and `status`",
        (Trigger.LOGIN_BY_TOKEN,),
        takes=("text", "status"),
        name="login",
    ),
    "expire-code": Deed(
        "the QR code that is shown counts as expired", (Trigger.EVENT,), name="scan"
    ),
    "refuse-key": Deed(
        "the auth key is refused, as one that is not valid", (Trigger.CONNECTION,)
    ),
    "silence": Deed(
        "heartbeats go on, but nothing is carried out, answered or pushed any more; for"
        " `seconds`, else until the connection ends",
        _ANY,
        takes=("seconds",),
    ),
    "slow": Deed(
        "each further reply and event of the connection leaves `seconds` after the one"
        " before",
        _ANY,
        needs=("seconds",),
    ),
    "close": Deed(
        "the WebSocket is closed with `code`, 1001 if left out, and `text`; polling"
        " just ends",
        _ANY,
        takes=("code", "text"),
    ),
    "take-over": Deed(
        "the client is told that another connection took the account over, and"
        " disconnected; in dialect `sdk` with code 3202",
        _ANY,
    ),
    "half-close": Deed(
        "the gateway closes its half of the TCP connection, and hears on", _ANY
    ),
    "restart": Deed(
        "every connection of every account drops, and new ones get HTTP status 503 for"
        " `seconds`; counted once for all accounts",
        _ANY,
        takes=("seconds",),
    ),
}

#: Those that are done to the connection, once what made them happen has left.
CONNECTION_DEEDS = frozenset(
    word for word, deed in DEEDS.items() if Trigger.CONNECTION in deed.triggers
)
