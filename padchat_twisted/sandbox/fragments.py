"""The XML that clients hand in: what a moment and a favourite are made of.

PURE.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from ..catalogue.xml_text import read_xml
from .refusals import Refused

__all__ = ["MAX_FRAGMENT_CHARACTERS", "read_fragment"]

#: Longest fragment (characters). The longest sample, an article, has 1,500; a moment
#: with nine pictures has ten times that.
MAX_FRAGMENT_CHARACTERS = 32 * 1024


def read_fragment(name: str, content: str, tag: str) -> Element:
    """Read one element.

    Args:
        name: of the parameter that it came in, for the refusal.
        content: the XML.
        tag: what the element must be.

    Raises:
        Refused: it is too long, or no XML of that element; see :func:`.read_xml`.
    """
    if len(content) > MAX_FRAGMENT_CHARACTERS:
        raise Refused(f"{name} is longer than {MAX_FRAGMENT_CHARACTERS} characters")
    root = read_xml(content)
    if root is None or root.tag != tag:
        raise Refused(f"{name} is no XML of one element {tag}")
    return root
