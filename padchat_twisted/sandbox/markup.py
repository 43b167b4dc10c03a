"""The XML that the pretend WeChat writes.

PURE. Whatever somebody typed comes out as text, never as markup::

    element("msg", element("op", text("wxid_alice"), id=2))
"""

from __future__ import annotations

import html
import re

__all__ = ["cdata", "element", "text"]

#: What XML 1.0 cannot hold, not even escaped.
_IMPOSSIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def element(name: str, /, *children: str, **attributes: object) -> str:
    """Write an element.

    Args:
        name: of the element.
        children: what is in it, as XML.
        attributes: its attributes by name, in this order.
    """
    begin = "".join(
        f' {key}="{_attribute(str(value))}"' for key, value in attributes.items()
    )
    inside = "".join(children)
    return f"<{name}{begin}>{inside}</{name}>" if inside else f"<{name}{begin} />"


def text(value: object) -> str:
    """Write *value* as a text inside an element."""
    return html.escape(_possible(str(value)), quote=False)


def cdata(value: object) -> str:
    """Write *value* as a CDATA section, as WeChat does with titles and texts."""
    whole = _possible(str(value)).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{whole}]]>"


def _attribute(value: str) -> str:
    # A reader makes spaces of line ends in attributes that are not escaped.
    escaped = html.escape(_possible(value))
    return escaped.replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")


def _possible(value: str) -> str:
    return _IMPOSSIBLE.sub("\ufffd", value)
