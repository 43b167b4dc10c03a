"""From the text of an envelope to a typed value, whatever that text is."""

from __future__ import annotations

from typing import Any, cast

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    COMMANDS,
    EVENTS,
    Contact,
    ContactInfo,
    Event,
    ImageMessage,
    LoggedIn,
    Push,
    PushItem,
    QRCode,
    RefusedReply,
    Result,
    Scan,
    SentMessage,
    SystemMessage,
    TextMessage,
    UnknownEvent,
    UnknownItem,
    VoiceMessage,
    Warn,
    decode_command,
    decode_event,
    decode_reply,
)
from padchat_twisted.testing import (
    contact,
    image_message,
    push_item,
    system_message,
    text_message,
)
from padchat_twisted.wire.dialect_socketio import call_body, notice_body, reply_body
from padchat_twisted.wire.envelope import Call, Notice
from padchat_twisted.wire.limits import MAX_JSON_DEPTH, MAX_JSON_VALUES

RESULTS = sorted(
    {command.result_type for command in COMMANDS.values()}, key=lambda r: r.__name__
)

_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
json_values = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def fields_for(*kinds: type[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Make objects with the fields of these classes, holding anything."""
    names = [
        info.encode_name for kind in kinds for info in msgspec.structs.fields(kind)
    ]
    return st.dictionaries(
        st.sampled_from([*names, "msgType", "brandNew"]), json_values, max_size=6
    )


def event(name: str, *arguments: object) -> Event:
    """Decode an event."""
    return decode_event(Notice(name, notice_body(name, *arguments)))


def push(*items: object) -> tuple[PushItem, ...]:
    """Decode a push."""
    decoded = event("push", {"list": items})
    assert isinstance(decoded, Push)
    return decoded.list


def reply(result: type[Result], said: object, *more: object) -> Result | RefusedReply:
    """Decode a reply."""
    body = reply_body(said) if not more else msgspec.json.encode((said, *more))
    return decode_reply(result, body)


class EventTests(SynchronousTestCase):
    """Events."""

    def test_typed(self) -> None:
        """A known event has its fields by our names."""
        scan = event("scan", {"status": 1, "headUrl": "u", "nickName": "N"})
        self.assertEqual(scan, scan)
        assert isinstance(scan, Scan)
        self.assertEqual((scan.status, scan.head_url, scan.nick_name), (1, "u", "N"))

    def test_unknown(self) -> None:
        """An unknown event keeps its name and all of its arguments."""
        unknown = event("brandNew", {"a": [1]}, "b", None)
        assert isinstance(unknown, UnknownEvent)
        self.assertEqual(unknown.event, "brandNew")
        self.assertEqual(unknown.arguments, [{"a": [1]}, "b", None])
        self.assertEqual(unknown.raw, {"a": [1]})

    def test_no_arguments(self) -> None:
        """An event without arguments has its defaults."""
        for name in EVENTS:
            if name != "push":
                bare = event(name)
                self.assertIs(type(bare), EVENTS[name])
                self.assertEqual((bare.raw, bare.arguments), ({}, []))

    def test_unreadable(self) -> None:
        """What is no JSON raises ValueError, as does what nests too deeply."""
        deep = b"[" * 1000 + b"]" * 1000
        for body in (b'["scan",', b'["scan",{"a":NaN}]', b'["scan","\xff"]', deep):
            for name in ("scan", "brandNew", "push"):
                self.assertRaises(ValueError, decode_event, Notice(name, body))

    def test_depth_edge(self) -> None:
        """The limit of nesting is exact."""
        for depth, is_good in ((MAX_JSON_DEPTH - 1, True), (MAX_JSON_DEPTH, False)):
            body = b'["brandNew",' + b"[" * depth + b"]" * depth + b"]"
            if is_good:
                decode_event(Notice("brandNew", body))
            else:
                self.assertRaises(ValueError, decode_event, Notice("brandNew", body))

    @settings(database=None, deadline=None, max_examples=100)
    @given(st.data())
    def test_anything(self, data: st.DataObject) -> None:
        """Whatever a known event holds, it is that event, and nothing is lost."""
        name = data.draw(st.sampled_from(sorted(set(EVENTS) - {"push"})))
        payload = data.draw(fields_for(EVENTS[name]) | json_values)
        decoded = event(name, payload)
        self.assertIs(type(decoded), EVENTS[name])
        self.assertEqual(decoded.arguments, [payload])


class PushTests(SynchronousTestCase):
    """Pushes."""

    def test_mixed(self) -> None:
        """Items of all kinds in one push keep their order and their fields."""
        items = (
            text_message("1", msg_id="1"),
            contact("wxid_a"),
            image_message("abcd", msg_id="2"),
            system_message("3", msg_id="3"),
            push_item(34, msg_id="4", content="<msg />", brandNew=[1]),
            push_item(4711, msg_id="5"),
        )
        kinds: tuple[type[PushItem], ...] = (
            *(TextMessage, Contact, ImageMessage, SystemMessage),
            *(VoiceMessage, UnknownItem),
        )
        for count in range(1, len(items) + 1):
            decoded = push(*items[:count])
            self.assertEqual([type(i) for i in decoded], list(kinds[:count]))
            self.assertEqual([item.raw for item in decoded], list(items[:count]))
        self.assertEqual(
            [item.msg_id for item in decoded], ["1", "", "2", "3", "4", "5"]
        )

    def test_both_ways_agree(self) -> None:
        """An item is the same whether it came alone or beside an unknown one."""
        for item in (
            text_message("x", msg_id="1", continues=1, status=1, msg_source="<m />"),
            image_message("abcd", msg_id="1"),
            system_message("x"),
            contact("1@chatroom", member=["a", "b"], member_count=2),
            contact("1@chatroom", member='["a","b"]\n'),
        ):
            (alone,) = push(item)
            beside, _ = push(item, push_item(4711))
            for info in msgspec.structs.fields(type(alone)):
                if not info.name.startswith("_"):
                    self.assertEqual(
                        getattr(alone, info.name), getattr(beside, info.name), info
                    )

    def test_odd_fields(self) -> None:
        """One odd field harms neither its item nor the others."""
        odd = text_message("1", msg_id=5812349871234098721, timestamp="1500000001")
        odd["content"] = {"an": "object"}
        first, second = push(odd, text_message("2"))
        assert isinstance(first, TextMessage)
        assert isinstance(second, TextMessage)
        self.assertEqual(first.msg_id, "5812349871234098721")
        self.assertEqual(
            (first.timestamp, first.content), (1500000001, '{"an":"object"}')
        )
        self.assertEqual(first.raw["content"], {"an": "object"})
        self.assertEqual(second.text, "2")

    def test_odd_items(self) -> None:
        """What is no item at all is an unknown one."""
        items = push(None, 5, "x", [], {}, {"msgType": None}, {"msgType": [1]})
        self.assertEqual({type(item) for item in items}, {UnknownItem})
        self.assertEqual([item.raw for item in items][:5], [{}] * 5)
        self.assertEqual(items[6].raw, {"msgType": [1]})

    def test_no_push(self) -> None:
        """A push without items is an unknown event: an error of the frame."""
        odd: list[tuple[object, ...]] = [(), (None,), ({},), ({"list": []},)]
        odd += [({"list": "x"},), ({"list": {}},), ([],)]
        for arguments in odd:
            decoded = event("push", *arguments)
            assert isinstance(decoded, UnknownEvent)
            self.assertEqual(decoded.event, "push")
            self.assertEqual(decoded.arguments, list(arguments))

    def test_lone_surrogates(self) -> None:
        """A text that was cut inside an emoji is kept, and so is its neighbour."""
        items = (text_message("cut \ud83d"), text_message("whole \U0001f600"))
        body = notice_body("push", {"list": items})
        self.assertIn(rb"cut \ud83d", body)
        decoded = decode_event(Notice("push", body))
        assert isinstance(decoded, Push)
        self.assertEqual(
            [cast(TextMessage, item).text for item in decoded.list],
            ["cut \ud83d", "whole \U0001f600"],
        )
        self.assertEqual([item.raw for item in decoded.list], list(items))

    def test_own_fields_cannot_be_sent(self) -> None:
        """A peer that knows our own fields' names changes nothing by it."""
        items = [
            {**text_message(str(number)), "~index": 7, "~body": "eHh4"}
            for number in range(2)
        ]
        self.assertEqual([item.raw for item in push(*items)], items)

    def test_skipped_fields(self) -> None:
        """Unknown fields beside known ones are skipped, and are still in raw."""
        (item,) = push({**text_message("x"), "brandNew": {"a": [1, 2]}})
        self.assertIsInstance(item, TextMessage)
        self.assertEqual(item.raw["brandNew"], {"a": [1, 2]})

    @settings(database=None, deadline=None, max_examples=100)
    @given(
        st.lists(
            fields_for(TextMessage, Contact)
            | st.builds(
                lambda kind, fields: {**fields, "msgType": kind},
                st.sampled_from((1, 2, 3, 10000)),
                fields_for(ImageMessage, Contact),
            ),
            min_size=1,
            max_size=4,
        )
    )
    def test_anything(self, items: list[dict[str, Any]]) -> None:
        """Whatever a push holds, each item is there with all of its fields."""
        decoded = push(*items)
        self.assertEqual([item.raw for item in decoded], items)
        for item in decoded:
            repr(item)
            self.assertIsInstance(item.conversation, str)


class ReplyTests(SynchronousTestCase):
    """Replies."""

    def test_typed(self) -> None:
        """A success is the result with its fields."""
        data = {"userName": "a", "sex": 1}
        info = reply(ContactInfo, {"success": True, "msg": "", "data": data})
        assert isinstance(info, ContactInfo)
        self.assertEqual((info.user_name, info.sex), ("a", 1))

    def test_missing_fields(self) -> None:
        """A success stays one whatever is missing or odd."""
        odd: list[object] = [{}, None, [], 5, "x", {"msgId": None}, {"status": "odd"}]
        for data in odd:
            sent = reply(SentMessage, {"success": True, "data": data})
            self.assertIsInstance(sent, SentMessage)
        for said in ({"success": True}, {"success": 1, "msg": None}):
            self.assertIsInstance(reply(SentMessage, said), SentMessage)

    def test_refused(self) -> None:
        """A refusal has the gateway's text and the engine's status."""
        for said, expected in (
            ({"msg": "no", "data": {"status": -19}}, RefusedReply("no", -19)),
            ({"msg": "no", "data": {}}, RefusedReply("no")),
            ({"msg": "no"}, RefusedReply("no")),
            ({"msg": None, "data": None}, RefusedReply("")),
            ({"msg": ["no"], "data": {"status": "-19"}}, RefusedReply("")),
            ({"data": {"msgId": "1", "status": 0}}, RefusedReply("", 0)),
        ):
            for success in (False, None, 0):
                self.assertEqual(
                    reply(SentMessage, {"success": success, **said}), expected, said
                )

    def test_success_missing(self) -> None:
        """A reply that does not say whether it worked did not."""
        for said in ({}, {"data": {"msgId": "1"}}, None, 5, "x", [], [{"success": 1}]):
            self.assertEqual(
                reply(SentMessage, said), RefusedReply("the reply was empty"), said
            )
        self.assertEqual(
            decode_reply(SentMessage, b"[]"), RefusedReply("the reply was empty")
        )

    def test_second_argument(self) -> None:
        """What comes after the first argument is ignored."""
        said = {"success": True, "msg": "", "data": {"msgId": "1"}}
        others: list[object] = [{"success": False}, None, 5, [[]]]
        for more in others:
            sent = reply(SentMessage, said, more)
            assert isinstance(sent, SentMessage)
            self.assertEqual((sent.msg_id, sent.raw), ("1", {"msgId": "1"}))

    def test_lone_surrogates(self) -> None:
        """A nickname that was cut inside an emoji is kept."""
        said = {"success": True, "data": {"userName": "a", "nickName": "N\ud83d"}}
        for result in (ContactInfo, LoggedIn):
            info = reply(result, said)
            assert isinstance(info, ContactInfo | LoggedIn)
            self.assertEqual((info.user_name, info.nick_name), ("a", "N\ud83d"))
            self.assertEqual(info.raw["nickName"], "N\ud83d")

    def test_unreadable(self) -> None:
        """What is no JSON raises ValueError, as does what nests too deeply."""
        deep = b"[" * 1000 + b"]" * 1000
        for body in (b"[", b"", b'[{"success":true,"data":{"x":NaN}}]', deep):
            self.assertRaises(ValueError, decode_reply, SentMessage, body)

    @settings(database=None, deadline=None, max_examples=100)
    @given(st.data())
    def test_anything(self, data: st.DataObject) -> None:
        """Whatever a success holds, it is its result, and nothing is lost."""
        kind = data.draw(st.sampled_from(RESULTS))
        fields = data.draw(fields_for(kind))
        result = reply(kind, {"success": True, "msg": "", "data": fields})
        assert isinstance(result, Result)
        self.assertIs(type(result), kind)
        self.assertEqual(result.raw, fields)


class CommandTests(SynchronousTestCase):
    """Calls as a gateway gets them."""

    def test_parameters(self) -> None:
        """A call's parameters are its first argument, or empty."""
        for body, expected in (
            (call_body("sendMsg", b'{"a":1}'), {"a": 1}),
            (b'["sendMsg"]', {}),
            (b'["sendMsg",null]', {}),
            (b'["sendMsg",5,6]', 5),
        ):
            self.assertEqual(decode_command(Call(0, "sendMsg", body)), expected)
        self.assertRaises(ValueError, decode_command, Call(0, "x", b"["))

    def test_tables(self) -> None:
        """Each class stands in its table under its own name."""
        for name, command in COMMANDS.items():
            self.assertEqual(command.wire_name, name)
        self.assertIs(EVENTS["qrcode"], QRCode)
        self.assertIs(EVENTS["warn"], Warn)


class BoundsTests(SynchronousTestCase):
    """What would cost too much is refused before it is built."""

    def test_depth_of_what_is_passed_over(self) -> None:
        """A thousand levels are refused, also where no type wants them."""
        deep = b"[" * 1000 + b"]" * 1000
        push = b'["push",{"list":[{"msgType":1,"content":"x","odd":%b}]}]' % deep
        self.assertRaises(ValueError, decode_event, Notice("push", push))
        reply = b'[{"success":true,"data":{"odd":%b}}]' % deep
        self.assertRaises(ValueError, decode_reply, SentMessage, reply)

    def test_many_values(self) -> None:
        """A frame of nothing but items is refused, typed or not."""
        for item in (b"{}", b'{"msgType":1}'):
            items = b",".join([item] * (MAX_JSON_VALUES // 2 + 1))
            push = Notice("push", b'["push",{"list":[%b]}]' % items)
            self.assertRaises(ValueError, decode_event, push)
