"""The key ``inbox`` of an account: whether messages are stored, what becomes of old."""

from __future__ import annotations

from typing import Any

from ..session.policy import OLD_MESSAGES, OLD_SECONDS, PLAIN, InboxPolicy
from .problems import Where
from .reading import Reader, Section, kind_of
from .values import KEYS

__all__ = ["read_inbox"]

_INBOX = Section((), ("durable", "old_messages", "old_seconds"))

#: Largest age that may be written (seconds): a year. What is older than that is old.
MAX_OLD_SECONDS = 365 * 86_400


def read_inbox(reader: Reader, where: Where, value: object) -> InboxPolicy:
    """Read what is done with messages before handlers have them.

    Args:
        reader: of the file; gets the problems.
        where: of the key.
        value: of the key, None when it is not there.

    Returns:
        The policy; the usual one where there are problems.
    """
    inbox = reader.fields(where, value, _INBOX)
    durable: Any = inbox.get("durable", False)
    old_messages: Any = inbox.get("old_messages", "deliver")
    old_seconds: Any = inbox.get("old_seconds", OLD_SECONDS)
    is_good = True
    for key, is_right in (
        ("durable", isinstance(durable, bool)),
        ("old_messages", old_messages in OLD_MESSAGES),
        (
            "old_seconds",
            type(old_seconds) in (int, float) and 0 < old_seconds <= MAX_OLD_SECONDS,
        ),
    ):
        if not is_right:
            is_good = False
            found = f"this is {kind_of(inbox[key])}"
            if type(inbox[key]) in (int, float):
                found = f"this is {inbox[key]}"
            elif type(inbox[key]) is str:
                found = "this is another text"
            reader.problem((*where, key), found, KEYS[key].meaning)
    if not is_good:
        return PLAIN
    return InboxPolicy(durable, old_messages, float(old_seconds))
