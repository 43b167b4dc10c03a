"""Digits that stand for a text without giving it away.

PURE.
"""

from __future__ import annotations

import hashlib

__all__ = ["fingerprint"]


def fingerprint(text: str) -> str:
    """Return 64 hexadecimal digits that stand for *text* and do not give it away."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
