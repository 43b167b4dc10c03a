"""Reading the XML in contents of messages, which strangers write.

It is read under bounds of size, number and depth; entities and document types are
refused. A class says where its fields stand by their names, which are the paths that
the tables of the protocol have: ``field(name="appattach/totallen")`` for the text of
an element, ``field(name="@md5")`` for an attribute, ``../`` for what stands beside.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple, TypeVar
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ExpatError

import msgspec
from defusedxml.ElementTree import DefusedXMLParser
from msgspec import Struct

from ..wire.json_text import to_utf8_text
from .parameters import plain_type

__all__ = [
    "MAX_XML_DEPTH",
    "MAX_XML_LENGTH",
    "MAX_XML_TAGS",
    "element_at",
    "fields_in",
    "read_details",
    "read_xml",
]

#: Longest XML that is read (characters). The longest contents are forwarded chats, of
#: some tens of thousands; WeChat refuses a message of more than 64 KiB.
MAX_XML_LENGTH = 128 * 1024

#: Most signs ``<`` in it. App messages have some 150; a forwarded chat, which is XML
#: within the XML, some thousand. Nothing but these makes elements.
MAX_XML_TAGS = 4096

#: Levels of elements in each other; messages have up to 6.
MAX_XML_DEPTH = 32

S = TypeVar("S", bound=Struct)


def read_xml(text: str) -> Element | None:
    """Read XML of one root.

    Args:
        text: perhaps with a declaration in front.

    Returns:
        The root; None when it is no XML, has entities or a document type, or is out of
        bounds.
    """
    if len(text) > MAX_XML_LENGTH or text.count("<") > MAX_XML_TAGS:
        return None
    builder = TreeBuilder()
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    # What stands between the parser and the builder is Python, and costs most.
    expat = parser.parser
    expat.buffer_text = True
    expat.ordered_attributes = False
    expat.StartElementHandler = builder.start
    expat.EndElementHandler = builder.end
    expat.CharacterDataHandler = builder.data
    expat.DefaultHandlerExpand = None
    try:
        expat.Parse(to_utf8_text(text.strip()), True)
    except (ExpatError, ValueError):
        return None
    root: Element = builder.close()
    # Elements within each other have an end each, and few texts have many.
    is_deep = text.count("</") > MAX_XML_DEPTH and _is_too_deep(root)
    return None if is_deep else root


def _is_too_deep(root: Element) -> bool:
    level = [root]
    for _ in range(MAX_XML_DEPTH):
        level = [child for element in level for child in element]
        if not level:
            return False
    return True


def element_at(root: Element | None, path: str) -> Element | None:
    """Return the element at *path*, which begins with the root's own name."""
    first, *rest = path.split("/")
    found = root if root is not None and root.tag == first else None
    for tag in rest:
        found = None if found is None else found.find(tag)
    return found


class _Place(NamedTuple):
    """Where the value of a field stands: below an element or the one above it."""

    name: str
    type: Any
    is_above: bool
    tags: tuple[str, ...]
    attribute: str


@cache
def _places(kind: type[Struct], skipped: int) -> tuple[_Place, ...]:
    places = []
    for info in msgspec.structs.fields(kind)[skipped:]:
        path = info.encode_name
        tags = path.removeprefix("../").split("/")
        attribute = tags.pop()[1:] if tags[-1].startswith("@") else ""
        wanted = plain_type(info.type)[0]
        is_above = path.startswith("../")
        places.append(_Place(info.name, wanted, is_above, tuple(tags), attribute))
    return tuple(places)


def fields_in(
    element: Element, kind: type[Struct], skipped: int = 0, above: Element | None = None
) -> dict[str, Any]:
    """Take the fields of *kind* out of what was read.

    Args:
        element: where their paths begin.
        kind: its fields have paths as names.
        skipped: how many fields of *kind*, the first ones, do not stand in XML.
        above: the element above, for paths that go there.

    Returns:
        The fields that are there and of the right type: a text, a number, or all texts
        that stand at a path.
    """
    found: dict[str, Any] = {}
    for name, wanted, is_above, tags, attribute in _places(kind, skipped):
        at = above if is_above else element
        for tag in tags:
            if at is None:
                break
            at = at.find(tag)
        if at is None:
            continue
        text = at.get(attribute) if attribute else at.text or ""
        if text is None:
            continue
        if wanted is str:
            found[name] = text
            continue
        try:
            found[name] = msgspec.convert(text.strip(), wanted, strict=False)
        except ValueError:
            continue
    return found


def read_details(kind: type[S], path: str, text: str) -> S | None:
    """Read XML of which only the fields of *kind* are wanted.

    Returns:
        None when it is no XML with an element at *path*, see ``read_xml``.
    """
    root = read_xml(text)
    element = element_at(root, path)
    return None if element is None else kind(**fields_in(element, kind, above=root))
