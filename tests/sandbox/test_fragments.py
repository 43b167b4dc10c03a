"""Tests of padchat_twisted.sandbox.fragments: the XML that clients hand in."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.xml_text import MAX_XML_DEPTH
from padchat_twisted.sandbox.fragments import MAX_FRAGMENT_CHARACTERS, read_fragment
from padchat_twisted.sandbox.refusals import Refused


class ReadFragmentTests(SynchronousTestCase):
    """Reading one element."""

    def refused(self, content: str) -> str:
        """Read what must be refused; return why."""
        refusal = self.assertRaises(Refused, read_fragment, "content", content, "a")
        text: str = refusal.text
        return text

    def test_read(self) -> None:
        """An element with its attributes, texts and elements comes out."""
        root = read_fragment("content", ' <a type="1"><b>x &amp; y</b></a>\n', "a")
        self.assertEqual((root.get("type"), root.findtext("b")), ("1", "x & y"))

    def test_something_else(self) -> None:
        """What is no XML, damaged or another element is refused, without its text."""
        for content in ("", "text", "<b/>", "<a>", "<a/><a/>", "<a>\x00</a>"):
            said = self.refused(content)
            self.assertEqual(said, "content is no XML of one element a")

    def test_hostile(self) -> None:
        """A document type and what is too deep is refused; entities come with one."""
        for inside in ('<!ENTITY b "bbbb">', '<!ENTITY b SYSTEM "file:///b">', ""):
            content = f"<!DOCTYPE a [{inside}]><a>&b;</a>"
            self.assertIn("no XML", self.refused(content))
        for depth in (MAX_XML_DEPTH + 1, 4000):
            self.assertIn("no XML", self.refused("<a>" * depth + "</a>" * depth))

    def test_length(self) -> None:
        """At the limit it is read, a character more is refused."""
        longest = f"<a>{'x' * (MAX_FRAGMENT_CHARACTERS - 7)}</a>"
        read_fragment("content", longest, "a")
        self.assertIn("longer than", self.refused(f"{longest} "))
