"""XML of strangers: what is in it, and that none of it costs much."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, field
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import Message
from padchat_twisted.catalogue.xml_text import (
    MAX_XML_DEPTH,
    MAX_XML_LENGTH,
    MAX_XML_TAGS,
    element_at,
    fields_in,
    read_details,
    read_xml,
)

from .kind_examples import EXAMPLES
from .pushed import each_way, message

#: What a hostile text may cost (seconds of CPU, bytes): many times what it does.
MAX_SECONDS = 1.0
MAX_BYTES = 16 * 1024 * 1024

_BOMB = "".join(
    f'<!ENTITY a{number + 1} "{f"&a{number};" * 10}">' for number in range(9)
)

#: Texts that are no XML for us, each for another reason.
HOSTILE = {
    "billion laughs": f'<!DOCTYPE m [<!ENTITY a0 "ha">{_BOMB}]><msg>&a9;</msg>',
    "one entity": '<!DOCTYPE m [<!ENTITY a "x">]><msg>&a;</msg>',
    "external entity": '<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]><msg>&a;</msg>',
    "document type": "<!DOCTYPE msg><msg />",
    "external document type": '<!DOCTYPE m SYSTEM "http://example.invalid/"><msg />',
    "unknown entity": "<msg>&nbsp;</msg>",
    "depth": "<a>" * (MAX_XML_DEPTH + 1) + "</a>" * (MAX_XML_DEPTH + 1),
    "great depth": "<a>" * 2000 + "</a>" * 2000,
    "tags": "<msg>" + "<a />" * MAX_XML_TAGS + "</msg>",
    "size": "<msg>" + "x" * MAX_XML_LENGTH + "</msg>",
    "nothing": "",
    "text": "hello",
    "two roots": "<a /><b />",
    "truncated": '<msg><appmsg appid="',
    "not closed": "<msg><appmsg>",
    "wrongly closed": "<msg></appmsg>",
    "attribute twice": '<msg a="1" a="2" />',
    "prefix": "<x:msg />",
    "control character": "<msg>\x00</msg>",
    "declaration inside": '<msg><?xml version="1.0"?></msg>',
}


class Details(Struct):
    """Fields of all sorts."""

    count: int | None = field(default=None, name="@count")
    size: float = field(default=0.0, name="a/@size")
    name: str = field(default="", name="a/b")
    beside: str = field(default="", name="../beside")


class ReadTests(SynchronousTestCase):
    """What is in XML."""

    def test_fields(self) -> None:
        """Texts, attributes, numbers, and what stands beside."""
        text = (
            '<?xml version="1.0" encoding="gbk"?>\n<m><d count=" 7 "><a size="1.5">'
            "<b><![CDATA[你&]]>好&amp;</b><b>2</b></a></d><beside>x</beside></m>\n"
        )
        self.assertEqual(
            read_details(Details, "m/d", text), Details(7, 1.5, "你&好&", "x")
        )

    def test_missing(self) -> None:
        """What is not there, or no number, is left at its default."""
        for text in (
            "<m><d /></m>",
            '<m><d count="" /></m>',
            '<m><d count="many"><a size="big" /></d></m>',
            f'<m><d count="{"9" * 5000}" /></m>',
        ):
            self.assertEqual(read_details(Details, "m/d", text), Details(), text[:40])
        for text in ("<m />", "<x><d /></x>", "<d />"):
            self.assertIsNone(read_details(Details, "m/d", text))

    def test_above(self) -> None:
        """Without the element above, what stands beside is not found."""
        root = read_xml("<m><d /><beside>x</beside></m>")
        element = element_at(root, "m/d")
        assert element is not None
        self.assertEqual(fields_in(element, Details), {})
        self.assertEqual(fields_in(element, Details, 3, root), {"beside": "x"})

    def test_lone_surrogate(self) -> None:
        """A text that was cut inside an emoji is read, the half emoji replaced."""
        root = read_xml("<msg>a\ud83d</msg>")
        assert root is not None
        self.assertEqual(root.text, "a\ufffd")

    def test_limits(self) -> None:
        """What is at a limit is read."""
        for text in (
            "<a>" * MAX_XML_DEPTH + "</a>" * MAX_XML_DEPTH,
            "<a>" + "<b />" * (MAX_XML_TAGS - 2) + "</a>",
            "<a>" + "x" * (MAX_XML_LENGTH - 7) + "</a>",
        ):
            self.assertIsNotNone(read_xml(text))

    @settings(database=None, deadline=None, max_examples=200)
    @given(st.text(alphabet="<>/&;ab=\"' !?[]", max_size=40))
    def test_anything(self, text: str) -> None:
        """Any text is XML or none; nothing is raised."""
        read_xml(text)


class HostileTests(SynchronousTestCase):
    """What tries to cost much, or to read files."""

    def costs_little(self, work: Callable[[], object]) -> None:
        """Expect *work* to be bounded in time and memory."""
        begun = time.process_time()
        work()
        self.assertLess(time.process_time() - begun, MAX_SECONDS)
        tracemalloc.start()
        try:
            work()
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        self.assertLess(peak, MAX_BYTES)

    def test_refused(self) -> None:
        """Each of them is no XML, and is found out at little cost."""
        for name, text in HOSTILE.items():
            self.assertIsNone(read_xml(text), name)
            self.costs_little(lambda text=text: read_xml(text))  # type: ignore[misc] # bound now

    def test_dense(self) -> None:
        """The densest texts within the limits cost little, too."""
        room = MAX_XML_LENGTH - 100
        for text in (
            "<a>" + "<b/>" * (MAX_XML_TAGS - 2) + "</a>",
            "<a " + " ".join(f'b{n}=""' for n in range(room // 10)) + " />",
            "<a>" + "&amp;" * (room // 5) + "</a>",
            "<" + "a" * (room // 2) + "><b/></" + "a" * (room // 2) + ">",
        ):
            self.assertIsNotNone(read_xml(text))
            self.costs_little(lambda text=text: read_xml(text))  # type: ignore[misc] # bound now

    def test_messages(self) -> None:
        """As contents of messages they make the general kind, in each dialect."""
        numbers = {e.type for e in EXAMPLES if "<" in e.content} - {3, 34, 43, 47, 62}
        for number in numbers - {3000}:
            for name, text in HOSTILE.items():
                if len(text) > 10_000 and number != 49:
                    continue
                for found in each_way(message(number, text)):
                    assert isinstance(found, Message)
                    self.assertTrue(found.is_unparsed, (number, name))
                    self.assertEqual((found.type, found.content), (number, text))

    def test_media(self) -> None:
        """Media stay what they are, without details."""
        for number in (3, 34, 43, 47, 62):
            for text in HOSTILE.values():
                for found in each_way(message(number, text)):
                    self.assertIsNone(getattr(found, "details", "?"))
                    self.assertFalse(found.is_unparsed)

    def test_truncated(self) -> None:
        """Wherever a content is cut off, there is a message of its type."""
        for example in EXAMPLES:
            if "<" in example.content:
                for end in range(0, len(example.content), 7):
                    item = message(example.type, example.content[:end])
                    for found in each_way(item):
                        assert isinstance(found, Message)
                        self.assertEqual(found.type, example.type)

    def test_source(self) -> None:
        """What stands beside a message is as bounded as its content."""
        for text in HOSTILE.values():
            source = f"<msgsource><atuserlist>wxid_a</atuserlist>{text}"
            for found in each_way(message(1, "hi", msgSource=source)):
                assert isinstance(found, Message)
                self.assertEqual(found.mentions, ())
