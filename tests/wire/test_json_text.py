"""Tests of padchat_twisted.wire.json_text."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire import json_text
from padchat_twisted.wire.limits import MAX_JSON_DEPTH, MAX_JSON_VALUES

#: Any text, halves of surrogate pairs included.
TEXTS = st.text(
    st.characters() | st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF),
    max_size=8,
)

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
    ),
    max_leaves=8,
)


class Sent(msgspec.Struct):
    """A typed result, for ``read_as``."""

    text: str
    number: int = 0


class ReadTests(SynchronousTestCase):
    """JSON of a peer is read, or refused with ValueError."""

    def test_lone_surrogates_stay(self) -> None:
        """Half of an emoji is read as the half that it is, whole ones as whole."""
        for text, value in (
            (rb'"\ud83d"', "\ud83d"),
            (rb'"\uDE00 low"', "\ude00 low"),
            (rb'["\ud83d\ude00","\ud83d"]', ["😀", "\ud83d"]),
            (b'{"a":"\\ud83d","b":"\xf0\x9f\x98\x80"}', {"a": "\ud83d", "b": "😀"}),
        ):
            self.assertEqual(json_text.read(text), value)

    def test_not_json(self) -> None:
        """What is not JSON is refused, beside a lone surrogate too."""
        for text in (
            b"",
            b"[",
            b"[1,]",
            b"'a'",
            b"NaN",
            b"[Infinity]",
            b"\xff",
            b'"\xff"',
            b"\xef\xbb\xbf1",
            rb'["\ud83d",NaN]',
            rb'["\ud83d",-Infinity]',
            rb'["\ud83d",]',
            b'["\\ud83d\xff"]',
            b'["\\ud83d",' + b"1" * 5000 + b"]",
            b"1" * 5000,
        ):
            self.assertRaises(ValueError, json_text.read, text)

    def test_raw_surrogate(self) -> None:
        """The three bytes of a surrogate are not UTF-8, so they are refused."""
        self.assertRaises(ValueError, json_text.read, b'"\xed\xa0\xbd"')
        self.assertRaises(ValueError, json_text.read, b'["\xed\xa0\xbd","\\ud83d"]')

    def test_typed(self) -> None:
        """A typed decoder reads the same texts, and tells a wrong type apart."""
        decoder = msgspec.json.Decoder(Sent)
        read = json_text.read_as(decoder, rb'{"text":"\ud83d","number":3}')
        self.assertEqual(read, Sent("\ud83d", 3))
        self.assertEqual(json_text.read_as(decoder, b'{"text":"a"}'), Sent("a"))
        for text in (b'{"text":1}', rb'{"text":"\ud83d","number":"x"}', b"{}"):
            self.assertRaises(msgspec.ValidationError, json_text.read_as, decoder, text)
        for text in (b"{", rb'{"text":"\ud83d"', rb'{"text":"\ud83d","number":NaN}'):
            error = self.assertRaises(ValueError, json_text.read_as, decoder, text)
            self.assertNotIsInstance(error, msgspec.ValidationError)


class DepthTests(SynchronousTestCase):
    """Nesting is bounded, whatever the text looks like."""

    def test_edge(self) -> None:
        """The limit is the last depth that passes."""
        for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
            for reader in (
                json_text.read,
                lambda text: json_text.read_as(msgspec.json.Decoder(Any), text),
            ):
                depth = MAX_JSON_DEPTH
                reader(opening * depth + b"1" + closing * depth)
                depth += 1
                text = opening * depth + b"1" + closing * depth
                error = self.assertRaises(ValueError, reader, text)
                self.assertIn(str(MAX_JSON_DEPTH), str(error))

    def test_values_at_their_edge(self) -> None:
        """The limit is the last count of values that passes; strings do not count."""
        # As many commas as make the limit together with the bracket.
        text = b"[" + b"1," * (MAX_JSON_VALUES - 1) + b"1]"
        json_text.read(text)
        for over in (text[:-1] + b",1]", b"[" + b"{}," * MAX_JSON_VALUES + b"1]"):
            error = self.assertRaises(ValueError, json_text.read, over)
            self.assertIn(f"more than {MAX_JSON_VALUES} values", str(error))
        json_text.read(b'["' + b",[{" * MAX_JSON_VALUES + b'"]')

    def test_edge_beside_other_brackets(self) -> None:
        """The same where there are more brackets than levels."""
        for depth, is_too_deep in ((MAX_JSON_DEPTH, False), (MAX_JSON_DEPTH + 1, True)):
            inner = b"[" * (depth - 1) + b"]" * (depth - 1)
            text = b"[{},[]," + inner + b",[]]"
            self.assertIs(json_text.is_too_deep(text), is_too_deep)

    def test_brackets_that_do_not_nest(self) -> None:
        """Many brackets side by side, or in strings, are no depth."""
        many = MAX_JSON_DEPTH * 3
        for text in (
            b"[" + b",".join([b"[]"] * many) + b"]",
            b'["' + b"[{" * many + b'"]',
            b'["\\"' + b"[" * many + b'"]',
            b'["\\\\","' + b"{" * many + b'\\\\"]',
        ):
            self.assertFalse(json_text.is_too_deep(text))
            json_text.read(text)

    def test_depth_behind_strings(self) -> None:
        """Strings and escapes do not hide the depth behind them."""
        deep = b"[" * (MAX_JSON_DEPTH + 1)
        for before in (b"", b'"a",', b'"\\"",', b'"\\\\",', b'"[",'):
            self.assertTrue(json_text.is_too_deep(before + deep))

    def test_hostile_texts_take_one_pass(self) -> None:
        """Unfinished strings full of escapes are looked at once, not n times."""
        opened = b"[" * (MAX_JSON_DEPTH + 1)
        size = 200_000
        for text in (
            opened + b'"' + b'\\"' * size,
            opened + b'"' + b"\\" * (2 * size + 1),
            b'"' + b'\\"' * size + opened,
            b'"\\' * size + opened,
        ):
            # Quadratic time would be minutes in here.
            self.assertIs(json_text.is_too_deep(text), text.startswith(opened))

    def test_a_thousand_levels(self) -> None:
        """Deep texts are refused before a reader could fail on them."""
        for depth in (1000, 100_000):
            self.assertRaises(ValueError, json_text.read, b"[" * depth)
            deep = rb'["\ud83d",' + b"[" * depth
            self.assertRaises(ValueError, json_text.read, deep)


class WriteTests(SynchronousTestCase):
    """Values are written as JavaScript writes them, or equal to it."""

    def test_compact_and_plain(self) -> None:
        """There are no blanks, and what is not ASCII stays."""
        value = {"名": ["张三 🐼", 1, True, None, "\x7f\u2028\x1f"], "a": {}}
        written = '{"名":["张三 🐼",1,true,null,"\x7f\u2028\\u001f"],"a":{}}'
        self.assertEqual(json_text.write(value), written.encode())

    def test_lone_surrogates(self) -> None:
        """They are escaped, in keys as well, and the rest stays as it was."""
        value = {"a\ud83d": ["\ude00", "😀é", float("nan"), float("-inf"), 1.5, ()]}
        written = '{"a\\ud83d":["\\ude00","😀é",null,null,1.5,[]]}'
        self.assertEqual(json_text.write(value), written.encode())

    def test_not_finite(self) -> None:
        """NaN and infinities become null, as JSON.stringify has it."""
        self.assertEqual(json_text.write([float("nan"), float("inf")]), b"[null,null]")

    def test_what_json_cannot_hold(self) -> None:
        """TypeError for a foreign value, ValueError for one that holds itself."""
        self.assertRaises(TypeError, json_text.write, object())
        self.assertRaises(TypeError, json_text.write, ["\ud83d", object()])
        for first in (1, "\ud83d"):
            cyclic: list[object] = [first]
            cyclic.append(cyclic)
            self.assertRaises(ValueError, json_text.write, cyclic)

    @settings(derandomize=True, deadline=None, max_examples=200)
    @given(VALUES)
    def test_round_trip(self, value: object) -> None:
        """What is written is read again, by us and by another reader."""
        written = json_text.write(value)
        self.assertEqual(json_text.read(written), value)
        self.assertEqual(json.loads(written), value)

    @settings(derandomize=True, deadline=None, max_examples=300)
    @given(
        st.binary(max_size=40) | st.lists(st.sampled_from(list(b'[]{}",:\\u d83e1')))
    )
    def test_garbage(self, garbage: bytes | list[int]) -> None:
        """Garbage is a value or a ValueError, never another exception."""
        with contextlib.suppress(ValueError):
            json_text.read(bytes(garbage))


class UTF8TextTests(SynchronousTestCase):
    """For places that cannot hold half of an emoji."""

    def test_replaced(self) -> None:
        """Lone surrogates become U+FFFD, whole characters stay."""
        text = json_text.to_utf8_text("a\ud83d😀\ude00")
        self.assertEqual(text, "a\ufffd😀\ufffd")
        self.assertEqual(json_text.to_utf8_text("plain"), "plain")
