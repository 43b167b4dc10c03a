"""What is told of a red packet."""

from __future__ import annotations

import json

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    RedPacket,
    RedPacketDetail,
    RedPacketReceiveStatus,
    RedPacketRecord,
    RedPacketStatus,
    decode_reply,
)
from padchat_twisted.wire.dialect_socketio import reply_body


class RedPacketTests(SynchronousTestCase):
    """Its details, part by part."""

    def test_details(self) -> None:
        """Its parts are typed, and the one key of another form is read too."""
        detail = {
            "hbStatus": 4,
            "receiveStatus": 2,
            "record": [{"userName": "wxid_a", "receiveAmount": 5}],
            "SystemMsgContext": "x",
        }
        body = reply_body({"success": True, "data": {"external": json.dumps(detail)}})
        found = decode_reply(RedPacket, body)
        assert isinstance(found, RedPacket)
        self.assertEqual(
            found.external,
            RedPacketDetail(
                hb_status=RedPacketStatus.ALL_TAKEN,
                receive_status=RedPacketReceiveStatus.TAKEN,
                record=(RedPacketRecord(user_name="wxid_a", receive_amount=5),),
                system_msg_context="x",
            ),
        )
