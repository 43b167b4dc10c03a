"""Values that must not be shown: the auth key in memory."""

from __future__ import annotations

import hashlib

__all__ = ["Secret"]

#: Hex digits of a fingerprint: enough to tell keys apart, useless to guess them.
FINGERPRINT_DIGITS = 16


class Secret:
    """A text that shows itself only when asked to, in so many words.

    Its ``repr`` and ``str`` are a fingerprint, so that a log line, a traceback or
    a formatted error cannot give it away.

    Args:
        text: the secret.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the secret itself, for the one place that sends it."""
        return self._text

    def fingerprint(self) -> str:
        """Return hex digits of a hash: the same for the same secret."""
        digest = hashlib.sha256(self._text.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()[:FINGERPRINT_DIGITS]

    def __repr__(self) -> str:
        return f"<secret {self.fingerprint()[:6]}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)
