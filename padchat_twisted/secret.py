"""Values that must not be shown: auth keys, keys of stores, passwords of proxies."""

from __future__ import annotations

import hashlib
import hmac
from typing import NoReturn

__all__ = ["Secret"]

#: Hex digits of a fingerprint: enough to tell keys apart, useless to guess them.
FINGERPRINT_DIGITS = 16


class Secret:
    """A text that shows itself only when asked to, in so many words.

    Its ``repr`` and ``str`` are a fingerprint, so that a log line, a traceback or
    a formatted error cannot give it away. It cannot be pickled, for that would write
    it down; it may be copied, and is the same then.

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
        if not isinstance(other, Secret):
            return False
        # Takes as long for a good guess as for a bad one.
        mine, its = (
            each._text.encode("utf-8", "surrogatepass") for each in (self, other)
        )
        return hmac.compare_digest(mine, its)

    def __hash__(self) -> int:
        return hash(self._text)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled: it would be written down")
