"""Groups of contacts."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    DeleteLabel,
    Label,
    LabelList,
    SetLabel,
    decode_reply,
)
from padchat_twisted.wire import json_text
from padchat_twisted.wire.dialect_socketio import reply_body


class LabelTests(SynchronousTestCase):
    """Labels are read as numbers and sent as texts."""

    def test_list(self) -> None:
        """An id that comes as a text is a number like the others."""
        labels = [{"id": 1, "name": "a"}, {"id": "2", "name": "b"}]
        body = reply_body({"success": True, "data": {"label": labels}})
        found = decode_reply(LabelList, body)
        assert isinstance(found, LabelList)
        self.assertEqual(found.label, (Label(id=1, name="a"), Label(id=2, name="b")))

    def test_ids(self) -> None:
        """An id is sent as a text, and a number is refused."""
        self.assertEqual(json_text.write(DeleteLabel("1")), b'{"labelId":"1"}')
        number = SetLabel("wxid_a", 1)  # type: ignore[arg-type] # the mistake
        self.assertEqual(number.problem("sdk"), "label_id: found 1, expected a text")
