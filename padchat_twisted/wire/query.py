"""The query of a URL, as JavaScript writes it.

Engine.IO sends it with each request, and Socket.IO protocol 4 with a namespace too.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

__all__ = ["encode_query"]

#: What encodeURIComponent leaves alone. Source: ECMA-262, "uriUnescaped".
_UNESCAPED = "-_.!~*'()"


def encode_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Encode a query as engine.io-client does (parseqs.encode).

    Args:
        pairs: names and values; both may hold any text.
    """
    return "&".join(
        f"{quote(name, safe=_UNESCAPED)}={quote(value, safe=_UNESCAPED)}"
        for name, value in pairs
    )
