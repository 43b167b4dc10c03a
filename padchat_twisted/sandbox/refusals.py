"""What the pretend WeChat says when it does not do what it was asked for.

PURE.
"""

from __future__ import annotations

__all__ = ["Refused"]


class Refused(ValueError):
    """What was asked for cannot be done; the text says why and what to do.

    In a command of a client the text becomes the ``msg`` of the refused reply, so it
    never holds a key, a token, device data or the text of a message.

    Args:
        text: why.
        status: status of the WeChat engine for the reply, or None for none.
    """

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.status = status
