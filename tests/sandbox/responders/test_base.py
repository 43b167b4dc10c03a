"""Tests of padchat_twisted.sandbox.responders.base: how parameters are read."""

from __future__ import annotations

import base64
from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.sending import REFUSED_RECEIVERS
from padchat_twisted.sandbox.images import MAX_IMAGE_BYTES
from padchat_twisted.sandbox.refusals import Refused
from padchat_twisted.sandbox.responders import base
from padchat_twisted.sandbox.responders.base import Parameters, done

from ..stage import Stage


class ParameterTests(SynchronousTestCase):
    """Texts, numbers, lists, files and messages in parameters."""

    def refused(self, read: Callable[[Parameters, str], object], value: object) -> str:
        """Read a parameter that must be refused; return the reason."""
        refusal = self.assertRaises(Refused, read, {"x": value}, "x")
        return str(refusal)

    def test_text(self) -> None:
        """A text is there, is a text, and has a limit."""
        self.assertEqual(base.text({"x": "a"}, "x"), "a")
        for missing in ("", None):
            self.assertEqual(self.refused(base.text, missing), "x is missing")
        self.assertEqual(self.refused(base.text, 7), "x must be a string")
        self.assertEqual(base.text({"x": "ab"}, "x", 2), "ab")
        self.assertRaises(Refused, base.text, {"x": "abc"}, "x", 2)

    def test_optional_text(self) -> None:
        """A text that may be missing is empty then."""
        self.assertEqual(base.optional_text({}, "x"), "")
        self.assertEqual(self.refused(base.optional_text, []), "x must be a string")

    def test_whole_number(self) -> None:
        """A number may be written as a text, of no more than 64 bits."""
        for value, number in ((7, 7), ("-12", -12), ("٣", 3), (str(2**63), 2**63)):
            self.assertEqual(base.whole_number({"x": value}, "x"), number)
        self.assertEqual(base.whole_number({}, "x", 5), 5)
        self.assertEqual(self.refused(base.whole_number, None), "x is missing")
        others: list[object] = [True, 1.0, "", "1.0", "--1", "9" * 22, []]
        for other in others:
            self.assertEqual(
                self.refused(base.whole_number, other), "x must be a number"
            )

    def test_text_list(self) -> None:
        """A list holds texts, and is empty when it is missing."""
        self.assertEqual(base.text_list({"x": ["a", ""]}, "x"), ["a", ""])
        nothing: list[object] = [None, "", []]
        for empty in nothing:
            self.assertEqual(base.text_list({"x": empty}, "x"), [])
        for value in ("a", {"a": 1}, [1], ["a", None]):
            self.assertEqual(
                self.refused(base.text_list, value), "x must be a list of strings"
            )

    def test_file(self) -> None:
        """A file is base64, a data URL is not."""
        self.assertEqual(base.file({"x": "eA=="}, "x"), b"x")
        for value in ("$$$$", "eA=", "data:image/png;base64,eA==", "é"):
            self.assertEqual(self.refused(base.file, value), "x is not base64")
        self.assertEqual(self.refused(base.file, ""), "x is missing")

    def test_picture(self) -> None:
        """A picture has a limit."""
        large = base64.b64encode(bytes(MAX_IMAGE_BYTES + 1)).decode()
        self.assertIn("larger than", self.refused(base.picture, large))
        self.assertEqual(base.picture({"x": "eA=="}, "x"), b"x")

    def test_raw_message_id(self) -> None:
        """A message is told by the id of its push item."""
        raw = {"rawMsgData": {"msgId": "123", "content": "x"}}
        self.assertEqual(base.raw_message_id(raw), "123")
        for params, reason in (
            ({}, "rawMsgData is missing"),
            ({"rawMsgData": "123"}, "rawMsgData must be an object"),
            ({"rawMsgData": {}}, "msgId is missing"),
        ):
            refusal = self.assertRaises(Refused, base.raw_message_id, params)
            self.assertEqual(str(refusal), reason)

    def test_receiver(self) -> None:
        """A receiver is somebody, a room with the account, and may be written to."""
        stage = Stage()
        alice = stage.world.person("alice")
        client = stage.connect("bot1").log_in()
        room = stage.world.room("dev", members=["alice", "bot1"])
        other = stage.world.room("other", members=["alice"])
        for found in (alice, room, stage.world.filehelper):
            read = base.receiver(client.binding, {"toUserName": found.user_name})
            self.assertIs(read, found)
        names = [*REFUSED_RECEIVERS, "alice", "wxid_nobody", "bot1", other.user_name]
        for name in names:
            self.assertRaises(
                Refused, base.receiver, client.binding, {"toUserName": name}
            )

    def test_done(self) -> None:
        """What was done has the engine's message and status in front."""
        reply = done(msgId="1")
        self.assertEqual(reply.data, {"message": "", "status": 0, "msgId": "1"})
        self.assertEqual((reply.success, reply.msg, reply.sdk), (True, "", {}))
