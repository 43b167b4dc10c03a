"""What people show their contacts."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    MomentComment,
    MomentResult,
    RefusedReply,
    SnsObjectOp,
    SnsOperation,
    SnsUpload,
    decode_reply,
)
from padchat_twisted.wire import json_text
from padchat_twisted.wire.dialect_socketio import reply_body


class MomentTests(SynchronousTestCase):
    """Moments, their comments and likes."""

    def test_operations(self) -> None:
        """One dialect names the author, another the comment; the rest is not sent."""
        delete = SnsObjectOp(user_id="a", moment_id="1", type=SnsOperation.DELETE)
        self.assertEqual(
            json_text.write(delete), b'{"userId":"a","momentId":"1","type":1}'
        )
        self.assertIsNone(delete.problem("socketio"))
        self.assertEqual(delete.problem("sdk"), "user_id: dialect sdk does not have it")
        comment = SnsObjectOp(
            moment_id="1", type=SnsOperation.DELETE_COMMENT, comment_id=5
        )
        self.assertIsNone(comment.problem("sdk"))
        self.assertIn("user_id: missing", comment.problem("legacy") or "")

    def test_detail(self) -> None:
        """A moment comes with its comments, however odd one of them is."""
        comments = [{"id": 1, "content": "a"}, None, {"id": "2", "replyId": None}]
        data = {"status": 0, "data": {"id": 5, "comment": comments, "like": None}}
        found = decode_reply(MomentResult, reply_body({"success": True, "data": data}))
        assert not isinstance(found, RefusedReply)
        assert isinstance(found, MomentResult)
        assert found.data is not None
        self.assertEqual(found.data.id, "5")
        expected = (MomentComment(id=1, content="a"), MomentComment(id=2))
        self.assertEqual(found.data.comment, expected)

    def test_upload(self) -> None:
        """What is no picture is not sent as one."""
        self.assertIsNone(SnsUpload("/9j/").problem("legacy"))
        self.assertIn("not base64", SnsUpload("/9j").problem("legacy") or "")
