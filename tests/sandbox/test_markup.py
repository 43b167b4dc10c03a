"""Tests of padchat_twisted.sandbox.markup: the XML that is written."""

from __future__ import annotations

from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.markup import cdata, element, text


class MarkupTests(SynchronousTestCase):
    """Elements, attributes and texts."""

    def test_look(self) -> None:
        """Elements look as WeChat's do; an empty one is closed at once."""
        self.assertEqual(
            element("msg", element("op", text("a<b"), id=2), element("end")),
            '<msg><op id="2">a&lt;b</op><end /></msg>',
        )

    @settings(database=None, deadline=None, max_examples=200)
    @given(st.text())
    def test_any_text(self, value: str) -> None:
        """Any text can be read again; what XML cannot hold is replaced."""
        read = fromstring(
            element("a", element("b", text(value)), element("c", cdata(value)), d=value)
        )
        attribute = read.get("d", "")
        self.assertEqual(len(attribute), len(value))
        # A reader makes line ends of carriage returns, but for those in attributes.
        plain = attribute.replace("\r\n", "\n").replace("\r", "\n")
        self.assertEqual(read.findtext("b") or "", plain)
        self.assertEqual(read.findtext("c") or "", plain)

    def test_replaced(self) -> None:
        """Control characters and lone surrogates are replaced, line ends kept."""
        read = fromstring(element("a", text("x\x00\ud800\n"), b="1\n2\t3"))
        self.assertEqual((read.text, read.get("b")), ("x\ufffd\ufffd\n", "1\n2\t3"))
