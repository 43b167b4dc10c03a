"""The files of messages that were sent, for ``getMsgImage`` and the like.

PURE. A message brings a small picture or a short voice; the whole file is fetched.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["MAX_KEPT_BYTES", "MAX_KEPT_FILES", "Medium", "Shelf"]

#: Bytes of all files together. The oldest go first, as they do on WeChat's servers
#: after some days.
MAX_KEPT_BYTES = 64 * 1024 * 1024

#: Number of these files: of tiny ones, who may fetch them takes more than they do.
MAX_KEPT_FILES = 10_000


class Medium(StrEnum):
    """What a file is."""

    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class _Kept:
    medium: Medium
    content: bytes = field(repr=False)
    user_names: frozenset[str]


class Shelf:
    """The files by message id, so many that they keep within the limits."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._size = 0

    def put(
        self,
        message_id: str,
        medium: Medium,
        content: bytes,
        user_names: Iterable[str],
    ) -> None:
        """Keep a file for those who may fetch it.

        Args:
            message_id: id of the message that brought it.
            medium: what it is.
            content: the file.
            user_names: wxids of the sender and of all receivers.
        """
        self._kept[message_id] = _Kept(medium, content, frozenset(user_names))
        self._size += len(content)
        while self._size > MAX_KEPT_BYTES or len(self._kept) > MAX_KEPT_FILES:
            self.drop(next(iter(self._kept)))

    def get(self, message_id: str, medium: Medium, user_name: str) -> bytes | None:
        """Return the file of a message, or None.

        Args:
            message_id: id of the message.
            medium: what is wanted; another one is not there.
            user_name: wxid of who asks; somebody else's file is not there.
        """
        kept = self._kept.get(message_id)
        if kept is None or kept.medium is not medium:
            return None
        return kept.content if user_name in kept.user_names else None

    def drop(self, message_id: str) -> None:
        """Forget the file of a message, if it has one."""
        dropped = self._kept.pop(message_id, None)
        if dropped is not None:
            self._size -= len(dropped.content)
