"""The pictures that were sent, for ``getMsgImage``.

PURE. The message brings the small picture; the full one is fetched with it.
"""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from .people import Refused

__all__ = [
    "MAX_IMAGE_BYTES",
    "MAX_KEPT_IMAGE_BYTES",
    "MAX_SMALL_IMAGE_BYTES",
    "ImageShelf",
    "small_image_of",
]

#: Largest picture that can be sent (bytes). Ours: no source gives WeChat's limit; a
#: photograph of a telephone has 2 to 8 MB.
MAX_IMAGE_BYTES = 10 * 1024 * 1024

#: Largest picture that is pushed with the message (bytes); larger ones are fetched.
#: The small pictures of the samples have 3 to 10 kB.
MAX_SMALL_IMAGE_BYTES = 10 * 1024

#: Bytes of all full pictures together. The oldest go first, as they do on WeChat's
#: servers after some days.
MAX_KEPT_IMAGE_BYTES = 64 * 1024 * 1024

#: A grey square of 16 x 16, the small picture of a large picture: the sandbox does
#: not know how to make pictures smaller.
_GREY_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////"
    "////////////////////////////////////////wAALCAAQABABAREA/8QAFQABAQAAAAAAAAAAAAAA"
    "AAAAAAP/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/ALgP/9k="
)


def small_image_of(image: bytes, small_image: bytes | None = None) -> str:
    """Make the picture that is pushed with the message, as base64.

    Args:
        image: the full picture.
        small_image: the small one, if there is one; else a small full picture is its
            own small picture, and a grey square stands for a large one.

    Raises:
        Refused: *image* is empty or larger than :data:`MAX_IMAGE_BYTES`, or
            *small_image* is larger than :data:`MAX_SMALL_IMAGE_BYTES`.
    """
    if not image:
        raise Refused("the image is empty")
    if len(image) > MAX_IMAGE_BYTES:
        raise Refused(f"the image is larger than {MAX_IMAGE_BYTES} bytes")
    if small_image is None:
        small_image = image if len(image) <= MAX_SMALL_IMAGE_BYTES else _GREY_JPEG
    if len(small_image) > MAX_SMALL_IMAGE_BYTES:
        raise Refused(f"the small image is larger than {MAX_SMALL_IMAGE_BYTES} bytes")
    return base64.b64encode(small_image).decode("ascii")


@dataclass(frozen=True, slots=True)
class _Kept:
    image: bytes
    user_names: frozenset[str]


class ImageShelf:
    """The full pictures by message id, at most :data:`MAX_KEPT_IMAGE_BYTES`."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._size = 0

    def put(self, message_id: str, image: bytes, user_names: Iterable[str]) -> None:
        """Keep *image* for those who may fetch it.

        Args:
            message_id: id of the message that brought it.
            image: the file.
            user_names: wxids of the sender and of all receivers.
        """
        self._kept[message_id] = _Kept(image, frozenset(user_names))
        self._size += len(image)
        while self._size > MAX_KEPT_IMAGE_BYTES:
            _, dropped = self._kept.popitem(last=False)
            self._size -= len(dropped.image)

    def get(self, message_id: str, user_name: str) -> bytes | None:
        """Return the picture of a message, or None.

        Args:
            message_id: id of the message.
            user_name: wxid of who asks; somebody else's picture is not there.
        """
        kept = self._kept.get(message_id)
        if kept is None or user_name not in kept.user_names:
            return None
        return kept.image
