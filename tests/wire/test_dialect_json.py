"""What both JSON dialects read and write alike."""

from __future__ import annotations

import json

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.dialect_json import (
    AuthRequested,
    OddFrameError,
    cmd_id_of,
    notice,
    reply_body,
    wire_params,
)
from padchat_twisted.wire.dialect_table import LEGACY, SDK
from padchat_twisted.wire.json_keys import pascal_case


class Tests(SynchronousTestCase):
    """The functions of ``dialect_json``."""

    def test_cmd_ids(self) -> None:
        """Texts and whole numbers are ids; nothing and an empty text are none."""
        for given, wanted in ({"cmdId": "a"}, "a"), ({"cmdId": 0}, 0):
            self.assertEqual(cmd_id_of(given), wanted)
        for frame in ({}, {"cmdId": None}, {"cmdId": ""}):
            self.assertIsNone(cmd_id_of(frame))
        odds: tuple[object, ...] = (True, 1.5, [], {})
        for odd in odds:
            self.assertRaises(OddFrameError, cmd_id_of, {"cmdId": odd})

    def test_bodies(self) -> None:
        """They are arrays of arguments, as envelopes have them."""
        self.assertEqual(notice("sns", {}, "text").body, b'["sns",{},"text"]')
        self.assertEqual(
            json.loads(reply_body({"success": 1}, "m", None)),
            [{"success": True, "msg": "m", "data": {}}],
        )
        self.assertNotIn("success", json.loads(reply_body({}, "", {}))[0])

    def test_params_without_differences(self) -> None:
        """They are passed on as they are, whatever stands in them."""
        for params in (b"{}", b'{"content":"\\ud83d"}', b'{"a": 1.0}'):
            self.assertIs(wire_params(SDK, "sendMsg", params, pascal_case), params)

    def test_raw_items(self) -> None:
        """An item loses its picture; one that is none stays what it is."""
        for params, wanted in (
            (b'{"rawMsgData":{"data":"/9j/","msgId":"1"}}', {"MsgId": "1"}),
            (b'{"rawMsgData":"text"}', "text"),
        ):
            spelled = wire_params(LEGACY, "getMsgImage", params, pascal_case)
            self.assertEqual(json.loads(spelled), {"rawMsgData": wanted})

    def test_no_object(self) -> None:
        """Parameters that are no object cannot be spelled."""
        for params in (b"[]", b"{"):
            with self.assertRaises(ValueError):
                wire_params(SDK, "login", params, pascal_case)

    def test_secrets(self) -> None:
        """A key is not shown."""
        self.assertNotIn("KEY", repr(AuthRequested("KEY-1")))
