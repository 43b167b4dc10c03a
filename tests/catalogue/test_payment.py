"""Transfers and red packets, as they are asked for."""

from __future__ import annotations

import json

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    AcceptTransfer,
    OpenRedPacket,
    QueryRedPacket,
    TransferInfo,
    TransferResult,
    TransferStatus,
    decode_reply,
)
from padchat_twisted.wire import json_text
from padchat_twisted.wire.dialect_socketio import reply_body

ITEM = {"msgId": "1", "data": "large"}


class PaymentTests(SynchronousTestCase):
    """What is asked, and what comes."""

    def test_details(self) -> None:
        """Details are read from an object and from JSON text alike."""
        snake = {"retcode": "0", "trans_status": 2001, "is_payer": True, "fee": 100}
        camel = {"retcode": "0", "transStatus": 2001, "isPayer": True, "fee": 100}
        expected = TransferInfo(
            retcode="0", trans_status=TransferStatus.ACCEPTED, is_payer=True, fee=100
        )
        for external in (camel, json.dumps(camel), json.dumps(snake)):
            data = {"external": external, "status": 0}
            body = reply_body({"success": True, "data": data})
            found = decode_reply(TransferResult, body)
            assert isinstance(found, TransferResult)
            self.assertEqual(found.external, expected)

    def test_commands(self) -> None:
        """The message goes back without its file; further fields follow it."""
        self.assertEqual(
            json_text.write(QueryRedPacket(ITEM, 11)),
            b'{"rawMsgData":{"msgId":"1"},"index":11}',
        )
        self.assertEqual(
            json_text.write(OpenRedPacket(ITEM, "key")),
            b'{"rawMsgData":{"msgId":"1"},"key":"key"}',
        )
        self.assertTrue(AcceptTransfer.changes_world)
        self.assertFalse(QueryRedPacket.changes_world)
