"""Pictures that are sent, and the small one that is pushed in place of each.

PURE.
"""

from __future__ import annotations

import base64

from .refusals import Refused

__all__ = [
    "MAX_IMAGE_BYTES",
    "MAX_SMALL_IMAGE_BYTES",
    "checked_image",
    "small_image_of",
]

#: Largest picture that can be sent (bytes). Ours: no source gives WeChat's limit; a
#: photograph of a telephone has 2 to 8 MB.
MAX_IMAGE_BYTES = 10 * 1024 * 1024

#: Largest picture that is pushed with the message (bytes); larger ones are fetched.
#: The small pictures of the samples have 3 to 10 kB.
MAX_SMALL_IMAGE_BYTES = 10 * 1024

#: A grey square of 16 x 16, the small picture of a large picture: the sandbox does
#: not know how to make pictures smaller.
_GREY_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////"
    "////////////////////////////////////////wAALCAAQABABAREA/8QAFQABAQAAAAAAAAAAAAAA"
    "AAAAAAP/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/ALgP/9k="
)


def checked_image(image: bytes) -> bytes:
    """Return *image* if it can be sent.

    Raises:
        Refused: it is empty, or larger than :data:`MAX_IMAGE_BYTES`.
    """
    if not image:
        raise Refused("the image is empty")
    if len(image) > MAX_IMAGE_BYTES:
        raise Refused(f"the image is larger than {MAX_IMAGE_BYTES} bytes")
    return image


def small_image_of(image: bytes, small_image: bytes | None = None) -> str:
    """Make the picture that is pushed with the message, as base64.

    Args:
        image: the full picture.
        small_image: the small one, if there is one; else a small full picture is its
            own small picture, and a grey square stands for a large one.

    Raises:
        Refused: as for :func:`checked_image`, or *small_image* is larger than
            :data:`MAX_SMALL_IMAGE_BYTES`.
    """
    checked_image(image)
    if small_image is None:
        small_image = image if len(image) <= MAX_SMALL_IMAGE_BYTES else _GREY_JPEG
    if len(small_image) > MAX_SMALL_IMAGE_BYTES:
        raise Refused(f"the small image is larger than {MAX_SMALL_IMAGE_BYTES} bytes")
    return base64.b64encode(small_image).decode("ascii")
