"""Tests of padchat_twisted.wire.query."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.query import encode_query


class EncodeTests(SynchronousTestCase):
    """The query is spelled as the JavaScript client spells it."""

    def test_percent_encoding(self) -> None:
        """Everything but encodeURIComponent's own characters is escaped."""
        pairs = (("authKey", "key-测试/1+2&3"), ("name", "小助手 😀"))
        self.assertEqual(
            encode_query(pairs),
            "authKey=key-%E6%B5%8B%E8%AF%95%2F1%2B2%263"
            "&name=%E5%B0%8F%E5%8A%A9%E6%89%8B%20%F0%9F%98%80",
        )
        kept = "azAZ09-_.!~*'()"
        self.assertEqual(encode_query([("a", kept)]), f"a={kept}")
        self.assertEqual(encode_query([("a b", ",")]), "a%20b=%2C")

    def test_nothing(self) -> None:
        """Without pairs the query is empty."""
        self.assertEqual(encode_query([]), "")
