"""Tests of padchat_twisted.wire.envelope."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.envelope import Call, Notice, Reply

SAID = "token-1"


class EnvelopeTests(SynchronousTestCase):
    """The face of every dialect."""

    def test_shows_no_content(self) -> None:
        """The repr, which ends up in logs, holds no token and no message text."""
        body = f'["{SAID}"]'.encode()
        for value, shown in (
            (Call(3, "login", body), "<Call 3 'login': 11 bytes>"),
            (Reply(3, body), "<Reply 3: 11 bytes>"),
            (Notice("push", body), "<Notice 'push': 11 bytes>"),
        ):
            self.assertEqual(repr(value), shown)

    def test_body(self) -> None:
        """A body has canonical keys, however the text that came spells them."""
        canonical = b'["push",{"list":[{"msgType":1}]}]'
        for notice in (
            Notice("push", canonical),
            Notice("push", b'[{"MsgType":1}]', "pascal"),
            Notice("push", b'{"list":[{"msg_type":1}]}', "snake"),
        ):
            self.assertEqual(notice.body, canonical)
        self.assertRaises(ValueError, getattr, Notice("push", b"[", "pascal"), "body")
