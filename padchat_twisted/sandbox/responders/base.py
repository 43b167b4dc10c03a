"""What all responders share: the reply, and how parameters are read.

PURE. Source: open-questions.md, Q04, for the look of a refusal (``msg`` has the reason,
``data`` is empty or has the engine's status).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ...catalogue.sending import receiver_problem
from ..binding import Binding, State
from ..images import checked_image
from ..people import Person
from ..pushes import Fields
from ..refusals import Refused
from ..rooms import Room

__all__ = [
    "ENGINE_OK",
    "MAX_DIGITS",
    "Parameters",
    "Reply",
    "Responder",
    "done",
    "file",
    "optional_text",
    "picture",
    "raw_message_id",
    "receiver",
    "text",
    "text_list",
    "whole_number",
]

#: "Everything is ok" behind the length that the engine leaves in front of its texts
#: (dialects.md, 4, "engine_text_prefix"; sample L4).
ENGINE_OK = "\n\x10Everything is ok"

#: Most digits of a number that is written as a text: those of 64 bits, and a sign.
MAX_DIGITS = 21

#: The parameters of a command, with canonical names.
Parameters: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one command, as the acknowledgement has it.

    Attributes:
        success: whether the gateway carried the command out.
        msg: the reason when it did not; empty or a hint when it did.
        data: the result, with the keys of the wire.
        sdk: more of the result, which only dialect ``sdk`` has.
    """

    success: bool
    msg: str
    data: Fields = field(repr=False)
    sdk: Fields = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Responder:
    """What answers one command.

    Attributes:
        answer: gets the connection and the parameters, changes the world through it,
            and returns the reply or raises ``Refused``.
        needs: how far the connection must have come.
    """

    answer: Callable[[Binding, Parameters], Reply]
    needs: State = State.LOGGED_IN


def done(**fields: object) -> Reply:
    """Make a reply with *fields* between the engine's ``message`` and ``status``."""
    return Reply(True, "", {"message": "", "status": 0, **fields})


def text(params: Parameters, name: str, limit: int | None = None) -> str:
    """Return a text that must be there; empty is missing, as for PADCHAT's client.

    Args:
        params: the parameters.
        name: of the parameter.
        limit: its longest value (characters).

    Raises:
        Refused: it is missing, no text, or too long.
    """
    found = optional_text(params, name, limit)
    if not found:
        raise Refused(f"{name} is missing")
    return found


def optional_text(params: Parameters, name: str, limit: int | None = None) -> str:
    """Return a text, empty where there is none.

    Raises:
        Refused: it is no text, or too long.
    """
    found = params.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise Refused(f"{name} must be a string")
    if limit is not None and len(found) > limit:
        raise Refused(f"{name} is longer than {limit} characters")
    return found


def whole_number(params: Parameters, name: str, default: int | None = None) -> int:
    """Return a number; one that is written as a text is read.

    Raises:
        Refused: it is missing and has no default, or is no whole number.
    """
    found = params.get(name)
    if found is None:
        if default is None:
            raise Refused(f"{name} is missing")
        return default
    if isinstance(found, str) and found.removeprefix("-").isdecimal():
        # 64 bits have 20 digits; more are no id of ours.
        found = int(found) if len(found) <= MAX_DIGITS else None
    if isinstance(found, bool) or not isinstance(found, int):
        raise Refused(f"{name} must be a number")
    return found


def text_list(params: Parameters, name: str) -> list[str]:
    """Return a list of texts, empty where there is none.

    Raises:
        Refused: it is no list, or holds something else.
    """
    found = params.get(name)
    if found is None or found == "":
        return []
    if not isinstance(found, list | tuple):
        raise Refused(f"{name} must be a list of strings")
    texts = [item for item in found if isinstance(item, str)]
    if len(texts) != len(found):
        raise Refused(f"{name} must be a list of strings")
    return texts


def file(params: Parameters, name: str) -> bytes:
    """Return a file, which comes as base64.

    Raises:
        Refused: it is missing, or no base64.
    """
    encoded = text(params, name)
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        raise Refused(f"{name} is not base64") from None


def picture(params: Parameters, name: str) -> bytes:
    """Return a picture, which comes as base64.

    Raises:
        Refused: as for :func:`file`; it is too large.
    """
    return checked_image(file(params, name))


def raw_message_id(params: Parameters) -> str:
    """Return the id of the message that ``rawMsgData`` holds.

    Raises:
        Refused: it is missing, or no push item.
    """
    raw = params.get("rawMsgData")
    if raw is None:
        raise Refused("rawMsgData is missing")
    if not isinstance(raw, Mapping):
        raise Refused("rawMsgData must be an object")
    return text(raw, "msgId")


def receiver(binding: Binding, params: Parameters) -> Person | Room:
    """Return who or which room ``toUserName`` names.

    Raises:
        Refused: nobody of that name, a system account, or a room without the account.
    """
    user_name = text(params, "toUserName")
    if problem := receiver_problem(user_name):
        raise Refused(problem)
    found = binding.account.world.by_user_name.get(user_name)
    if found is None:
        raise Refused("toUserName is nobody in this world")
    if isinstance(found, Room) and not found.has(binding.account.user):
        raise Refused("toUserName is a room that the account is not in")
    return found
