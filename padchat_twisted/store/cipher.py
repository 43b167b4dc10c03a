"""Texts sealed for the store: the first key of a list seals, all of them open.

Source: ``docs/design/0009-secrets.md``.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Sequence
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from ..errors import LocalProtocolError
from ..redaction import KNOWN
from ..secret import Secret

__all__ = [
    "MAX_STORE_KEYS",
    "PREFIX",
    "Cipher",
    "DoesNotOpen",
    "is_store_key",
    "make_store_key",
]

#: Most keys of a store (a count): a rotation needs two, and each one is tried.
MAX_STORE_KEYS: Final = 10

#: Bytes of a key. Source: the specification of Fernet.
KEY_BYTES: Final = 32

#: How a sealed value begins, so that a person who looks at the file sees what it is.
PREFIX: Final = "sealed:"

#: Makes the key for marks another one than those that Fernet uses.
MARK_PURPOSE: Final = b"padchat-twisted: marks of devices"


class DoesNotOpen(ValueError):
    """A value is not sealed with one of the keys, or is damaged."""


def make_store_key() -> Secret:
    """Make a new key: 32 random bytes, as 44 characters of base64."""
    return Secret(Fernet.generate_key().decode())


def is_store_key(text: str) -> bool:
    """Say whether *text* is a key in the one form in which we write them."""
    try:
        key = urlsafe_b64decode(text.encode("ascii"))
    except (UnicodeEncodeError, BadBase64):
        return False
    # The decoder passes over what it does not know.
    return len(key) == KEY_BYTES and urlsafe_b64encode(key).decode() == text


class Cipher:
    """Seals what lets an account in, and opens it again.

    Args:
        keys: from :func:`make_store_key`; the first one seals, all of them open.
            Without any, texts stay as they are.

    Raises:
        LocalProtocolError: one of them is no key, or there are too many.
    """

    def __init__(self, keys: Sequence[Secret] = ()) -> None:
        if len(keys) > MAX_STORE_KEYS:
            raise LocalProtocolError(
                f"{len(keys)} keys for a store; give at most {MAX_STORE_KEYS}: the one"
                " that seals, and those before it that still have to open"
            )
        for number, key in enumerate(keys, 1):
            if not is_store_key(key.reveal()):
                raise LocalProtocolError(
                    f"store key {number} is no key: it must be {KEY_BYTES} bytes in"
                    " URL-safe base64, 44 characters; make one by: padchat key FILE"
                )
        #: Of the keys, in their order.
        self.fingerprints = tuple(key.fingerprint() for key in keys)
        self._fernet: MultiFernet | None = None
        self._mark_key = b""
        if keys:
            KNOWN.keep(("store", *self.fingerprints), (key.reveal() for key in keys))
            texts = [key.reveal().encode() for key in keys]
            self._fernet = MultiFernet([Fernet(text) for text in texts])
            self._mark_key = hmac.digest(
                urlsafe_b64decode(texts[0]), MARK_PURPOSE, "sha256"
            )

    @property
    def has_keys(self) -> bool:
        """Whether anything is sealed at all."""
        return self._fernet is not None

    def seal(self, text: str) -> str:
        """Return *text* sealed by the first key."""
        if self._fernet is None:
            return text
        return PREFIX + self._fernet.encrypt(text.encode()).decode()

    def open(self, text: str) -> str:
        """Return what :meth:`seal` was given, by whichever key it was sealed.

        Raises:
            DoesNotOpen: by none of these, or the value is damaged.
        """
        if self._fernet is None:
            return text
        try:
            return self._fernet.decrypt(text.removeprefix(PREFIX).encode()).decode()
        except (InvalidToken, UnicodeError):
            raise DoesNotOpen from None

    def mark(self, text: str | None) -> str | None:
        """Return what is the same for the same *text* and tells nothing about it.

        It depends on the first key, so that who has the file but no key cannot even
        try whether a device that he knows is in it.
        """
        if text is None or self._fernet is None:
            return text
        return hmac.digest(self._mark_key, text.encode(), "sha256").hex()
