"""Official accounts, as they are asked for."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    GetMpInfo,
    RequestToken,
    RequestUrl,
    SearchMp,
    WebAuthInfo,
    decode_reply,
)
from padchat_twisted.wire import json_text
from padchat_twisted.wire.dialect_socketio import reply_body


class OfficialAccountTests(SynchronousTestCase):
    """What is asked, and what comes."""

    def test_dialects(self) -> None:
        """One command is of the old dialects only, another of the newest."""
        self.assertIn("legacy or socketio has", GetMpInfo("a").problem("sdk") or "")
        self.assertIn("sdk has", SearchMp("a").problem("legacy") or "")

    def test_authorisation(self) -> None:
        """The values for a page keep their keys, and ``repr`` shows none of them."""
        info = {"X-WECHAT-KEY": "k", "X-WECHAT-UIN": "u"}
        body = reply_body({"success": True, "data": {"info": info}})
        found = decode_reply(RequestToken, body)
        assert isinstance(found, RequestToken)
        self.assertEqual(found.info, WebAuthInfo(x_wechat_key="k", x_wechat_uin="u"))
        self.assertEqual(
            repr(found.info), "WebAuthInfo(x_wechat_key=<1>, x_wechat_uin=<1>)"
        )
        self.assertEqual(
            json_text.write(RequestUrl("http://h/", "k", "u")),
            b'{"url":"http://h/","xKey":"k","xUin":"u"}',
        )
