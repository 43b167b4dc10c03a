"""Values from fields that have another type than ours."""

from __future__ import annotations

import json

from msgspec import UNSET
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted import catalogue
from padchat_twisted.catalogue import (
    DeviceInfo,
    FoundFavorites,
    MpMenu,
    MpMenuButton,
    RedPacket,
    RoomMember,
    RoomMembers,
    SendMsg,
    SentMessage,
    SubscriptionInfo,
)
from padchat_twisted.catalogue.lenient import json_list, lenient
from padchat_twisted.wire.limits import MAX_JSON_DEPTH


class LenientTests(SynchronousTestCase):
    """Fields of other types than ours."""

    def test_turned(self) -> None:
        """Numbers in texts and texts for numbers are turned."""
        sent = lenient(SentMessage, {"msgId": 5812349871234098721, "status": "-19"})
        self.assertEqual((sent.msg_id, sent.status), ("5812349871234098721", -19))

    def test_left_at_default(self) -> None:
        """What cannot be turned is left out, and harms no other field."""
        for odd in (None, [], {}, [1], {"a": 1}, "no number", 1.5, True):
            sent = lenient(SentMessage, {"msgId": "1", "status": odd})
            self.assertEqual((sent.msg_id, sent.status), ("1", 0), odd)
        for odd in (None, [], {}, True):
            info = lenient(DeviceInfo, {"deviceName": odd, "deviceUuid": "u"})
            self.assertEqual((info.device_name, info.device_uuid), (None, "u"), odd)

    def test_required(self) -> None:
        """A field that must be there is there, empty."""
        command = lenient(SendMsg, {})
        self.assertEqual(command, SendMsg("", ""))

    def test_unset(self) -> None:
        """A field that was left out is not invented."""
        init = lenient(catalogue.Init, {"deviceName": "a"})
        self.assertIs(init.device_data, UNSET)


class NestedTests(SynchronousTestCase):
    """Objects and lists inside a result."""

    def test_one_odd_field(self) -> None:
        """One odd field harms neither its object nor the others."""
        data = {"external": {"retcode": 0, "amount": "88", "record": [0]}, "status": []}
        external = lenient(RedPacket, data).external
        assert external is not None
        self.assertEqual((external.amount, external.record), (88, ()))

    def test_json_text(self) -> None:
        """JSON text is read where an object or a list should be, at every depth."""
        menu = json.dumps({"button_list": [{"id": "5", "sub_button_list": []}]})
        info = json.dumps({"UserName": "gh_a", "MMBizMenu": menu})
        found = lenient(SubscriptionInfo, {"info": info}).info
        assert found is not None
        self.assertEqual(found.user_name, "gh_a")
        self.assertEqual(found.mm_biz_menu, MpMenu(button_list=(MpMenuButton(id=5),)))
        members = lenient(RoomMembers, {"member": '[{"UserName":"wxid_a"}]\n'})
        self.assertEqual(members.member, (RoomMember(user_name="wxid_a"),))

    def test_no_json_text(self) -> None:
        """A text that is none leaves the field at its default."""
        for text in ("", "null", "nonsense", "[", "5", "{}"):
            self.assertEqual(lenient(FoundFavorites, {"data": text}).data, ())
            self.assertEqual(lenient(RoomMembers, {"member": text}).member, ())
            if text != "{}":
                self.assertIsNone(lenient(RedPacket, {"external": text}).external)


class JsonListTests(SynchronousTestCase):
    """JSON text in a field."""

    def test_list(self) -> None:
        """A list is read, with the newline that some gateways put behind."""
        self.assertEqual(json_list('["a",{"b":1}]\n'), ["a", {"b": 1}])

    def test_no_list(self) -> None:
        """Whatever else it is, it is an empty list."""
        deep = "[" * (MAX_JSON_DEPTH + 1) + "]" * (MAX_JSON_DEPTH + 1)
        for text in ("", "null\n", "{}", "5", "[", "nonsense", deep):
            self.assertEqual(json_list(text), [])

    def test_lone_surrogates(self) -> None:
        """A text that was cut inside an emoji loses nothing else."""
        self.assertEqual(json_list('["\\ud83d","b"]'), ["\ud83d", "b"])
        self.assertEqual(json_list('["\ud83d","b"]'), ["\ufffd", "b"])
