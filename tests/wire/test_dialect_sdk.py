"""The dialect ``sdk``: each rule of dialects.md, 3."""

from __future__ import annotations

import json

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import (
    AuthKeyExpired,
    AuthKeyInUse,
    AuthKeyInvalid,
    Disconnected,
)
from padchat_twisted.wire import dialect_sdk
from padchat_twisted.wire.dialect_json import (
    NO_CALL_ID,
    AuthRequested,
    OddFrame,
)
from padchat_twisted.wire.envelope import Call, Notice, Reply
from padchat_twisted.wire.json_server import SERVER_PING_INTERVAL
from padchat_twisted.wire.told import (
    Closed,
    CloseWebSocket,
    WebSocketClosed,
    WebSocketMessage,
)

from .json_examples import hears, plain, sdk_client, sdk_server, sent, text


def pushed(*items: object, **fields: object) -> dict[str, object]:
    """Build a push."""
    payload = {**fields, "list": list(items)}
    return {"type": "userEvent", "event": "push", "payload": payload}


def reply(data: object, **fields: object) -> dict[str, object]:
    """Build a successful reply."""
    payload = {"success": True, "data": data, **fields}
    return {"type": "cmdRet", "cmdId": "1", "payload": payload}


class ClientTests(SynchronousTestCase):
    """What a client makes of frames."""

    def test_json_texts_of_a_reply(self) -> None:
        """1: ``external``, ``info`` and ``member`` are read when they are JSON."""
        member = '[{"user_name":"a"}]\n'
        info = {
            "MMBizMenu": '{"button_list":[]}',
            "data": [{"items": [{"Location": '{"city_name":"x"}', "title": "[1"}]}],
        }
        for given, wanted in (
            ({"member": member}, {"member": [{"userName": "a"}]}),
            ({"external": '{"fee_type":"1"}'}, {"external": {"feeType": "1"}}),
            ({"external": "0"}, {"external": "0"}),
            ({"external": "[broken"}, {"external": "[broken"}),
            ({"member": "null"}, {"member": None}),
            ({"member": [{"user_name": "a"}]}, {"member": [{"userName": "a"}]}),
            (
                {"info": json.dumps(info)},
                {
                    "info": {
                        "mmBizMenu": {"buttonList": []},
                        "data": [
                            {"items": [{"location": {"cityName": "x"}, "title": "[1"}]}
                        ],
                    }
                },
            ),
        ):
            (occurrence,) = hears(sdk_client(), reply(given))
            self.assertEqual(plain(occurrence)[0]["data"], wanted)  # type: ignore[index] # JSON

    def test_keys(self) -> None:
        """2: all keys become camelCase, at every depth."""
        given = {
            "user_name": 1,
            "PYInitial": {"some_key": [{"MMBizMenu": 2}]},
            "X-KEY": 3,
        }
        wanted = {
            "userName": 1,
            "pyInitial": {"someKey": [{"mmBizMenu": 2}]},
            "X-KEY": 3,
        }
        (occurrence,) = hears(sdk_client(), reply(given))
        self.assertEqual(plain(occurrence)[0]["data"], wanted)  # type: ignore[index] # JSON

    def test_replies_are_matched(self) -> None:
        """3 and K7: ids are counted from 1; any other is no call's."""
        client = sdk_client()
        client.send_call(41, "syncMsg", b"{}")
        (frame,) = sent(client)
        self.assertEqual(frame["cmdId"], "42")
        for cmd_id, call_id in (("42", 41), (42, 41), ("0", NO_CALL_ID)):
            (found,) = hears(client, {**reply({}), "cmdId": cmd_id})
            assert isinstance(found, Reply)
            self.assertEqual(found.call_id, call_id)
        for odd in ("x", "-1", "9" * 17, "٣"):
            (found,) = hears(client, {**reply({}), "cmdId": odd})
            assert isinstance(found, Reply)
            self.assertEqual(found.call_id, NO_CALL_ID)

    def test_markers_are_dropped(self) -> None:
        """4: items whose type is missing, 2048 or 32768 are no items."""
        (notice,) = hears(
            sdk_client(),
            pushed(
                {"user_name": "none"},
                {"msg_type": 2048},
                "text",
                {"msg_type": 2, "user_name": "a", "member": '["b"]'},
                {"msg_type": 32768, "continue": 0},
            ),
        )
        item = {"msgType": 2, "userName": "a", "member": ["b"]}
        self.assertEqual(plain(notice), ["push", {"list": [item]}])

    def test_wrapped_types(self) -> None:
        """4: a type of 5 stands for the sub type, where there is one."""
        (notice,) = hears(
            sdk_client(),
            pushed(
                {"msg_type": 5, "sub_type": 49},
                {"msg_type": 5},
                {"msg_type": 1, "sub_type": 3},
            ),
        )
        wanted = [
            {"msgType": 49, "subType": 49},
            {"msgType": 5},
            {"msgType": 1, "subType": 3},
        ]
        self.assertEqual(plain(notice), ["push", {"list": wanted}])

    def test_the_end_of_contacts(self) -> None:
        """A push of contacts is asked for again until one ends them: ``loaded``."""
        client = sdk_client()
        end = {"msg_type": 32768, "continue": 0}
        frames = (
            pushed({"msg_type": 2}, type=4),
            pushed({"msg_type": 32768, "continue": 1}, type=4),
            pushed(end, type=4),
            pushed(end, type=4),
            pushed({"msg_type": 2}, type=4),
        )
        events = [o.event for o in hears(client, *frames) if isinstance(o, Notice)]
        self.assertEqual(
            events, ["push", "notify", "notify", "loaded", "push", "notify"]
        )

    def test_push_without_items(self) -> None:
        """An empty list or anything else is reported."""
        payloads: tuple[object, ...] = ({"list": []}, {"list": {}}, {}, None, [1])
        for payload in payloads:
            frame = {"type": "userEvent", "event": "push", "payload": payload}
            found = hears(sdk_client(), frame)
            self.assertEqual(found, [OddFrame("a push without items")])

    def test_data_instead_of_payload(self) -> None:
        """Both are read, and the one that the other side uses is written."""
        client = sdk_client()
        for field in ("data", "payload"):
            frame = {"type": "cmdRet", "cmdId": "1", field: {"success": True}}
            (found,) = hears(client, frame)
            wanted = [{"msg": "", "data": {}, "success": True}]
            self.assertEqual(plain(found), wanted)
            client.send_call(0, "syncMsg", b"{}")
            (written,) = sent(client)
            self.assertEqual(written[field], {})

    def test_what_went_wrong(self) -> None:
        """``error`` is what people read, then ``err``; ``msg`` is not lost."""
        for payload, msg in (
            ({"error": "a", "msg": "b"}, "a; b"),
            ({"err": "a"}, "a"),
            ({"error": "", "msg": "b"}, "b"),
            ({"error": "a", "msg": "a"}, "a"),
            ({"error": None, "msg": 7}, ""),
        ):
            frame = {"type": "cmdRet", "cmdId": "1", "payload": payload}
            (found,) = hears(sdk_client(), frame)
            self.assertEqual(plain(found), [{"msg": msg, "data": {}}])

    def test_empty_reply(self) -> None:
        """A reply without ``success`` claims none. Source: open-questions.md, Q03."""
        payloads: tuple[object, ...] = ({}, None, [], "x")
        for payload in payloads:
            frame = {"type": "cmdRet", "cmdId": "1", "payload": payload}
            (found,) = hears(sdk_client(), frame)
            self.assertEqual(plain(found), [{"msg": "", "data": {}}])

    def test_warnings(self) -> None:
        """``success`` is read in the payload, then at the top (Q23)."""
        client = sdk_client()
        for frame, fields in (
            ({"payload": {"error": "e"}}, {"error": "e"}),
            ({"payload": {"err": "e"}}, {"err": "e", "error": "e"}),
            ({"payload": {}, "success": True}, {"error": "", "success": True}),
        ):
            head = {"type": "userEvent", "event": "warn"}
            (found,) = hears(client, {**head, **frame})
            self.assertEqual(plain(found), ["warn", fields])

    def test_other_frames(self) -> None:
        """Types without a description are handed on whole, never fatal."""
        client = sdk_client()
        for kind in ("sysEvent", "log", "push", "login"):
            (found,) = hears(client, {"type": kind, "x": 1})
            self.assertEqual(plain(found), ["other", {"type": kind, "x": 1}])
        (found,) = hears(client, {"type": "userEvent", "event": "contact"})
        self.assertEqual(plain(found), ["contact", {}])

    def test_odd_frames(self) -> None:
        """What is none of the dialect is reported; the connection stays up."""
        client = sdk_client()
        client.receive_texts([b"nothing"], 1.0)
        client.receive(WebSocketMessage(b"{}", is_text=False), now=1.0)
        found = client.events_received()
        found += hears(
            client,
            [],
            {},
            {"type": "cmdRet", "payload": {}},
            {"type": "userEvent", "payload": {}},
            {"type": "userEvent", "event": 7},
        )
        self.assertEqual(
            found,
            [
                OddFrame("a frame that is not JSON"),
                OddFrame("a binary frame"),
                OddFrame("a frame that is no object"),
                OddFrame("a frame without type"),
                OddFrame("a reply without cmdId"),
                OddFrame("a frame without event"),
                OddFrame("a frame without event"),
            ],
        )
        self.assertEqual(client.actions_to_take(), [])

    def test_close_codes(self) -> None:
        """3201 to 3203 say that another attempt is pointless, each in its class."""
        for code, kind in (
            (dialect_sdk.INVALID_TOKEN, AuthKeyInvalid),
            (dialect_sdk.TOKEN_IN_USE, AuthKeyInUse),
            (dialect_sdk.TOKEN_EXPIRED, AuthKeyExpired),
        ):
            client = sdk_client(peer="gateway.invalid:7777")
            client.receive(WebSocketClosed(code, "no"), now=1.0)
            (closed,) = client.actions_to_take()
            assert isinstance(closed, Closed)
            assert isinstance(closed.error, AuthKeyInvalid)
            self.assertIs(type(closed.error), kind)
            self.assertTrue(closed.error.is_permanent)
            self.assertEqual(closed.error.hop, "authentication")
            self.assertIn("gateway.invalid:7777", str(closed.error))
            self.assertIn(str(code), str(closed.error))
        client = sdk_client()
        client.receive(WebSocketClosed(3204, ""), now=1.0)
        (closed,) = client.actions_to_take()
        assert isinstance(closed, Closed)
        self.assertIsInstance(closed.error, Disconnected)

    def test_handing_a_message_back(self) -> None:
        """``rawMsgData`` gets snake_case on its first level, and its wrapped type."""
        client, server = sdk_client(), sdk_server()
        item = {"msgType": 3, "subType": 3, "fromUser": "a", "data": "/9j/"}
        client.send_call(0, "getMsgImage", text({"rawMsgData": item}))
        (frame,) = sent(client)
        raw = {"msg_type": 5, "sub_type": 3, "from_user": "a"}
        self.assertEqual(frame["payload"], {"rawMsgData": raw})
        (call,) = hears(server, frame)
        del item["data"]
        self.assertEqual(plain(call), ["getMsgImage", {"rawMsgData": item}])

    def test_names_of_parameters(self) -> None:
        """Some parameters and commands have other names; a server knows both."""
        operation = {"type": 4, "commentId": 5, "commentType": 2}
        for code, params, wire_code, wire_params in (
            ("sendImage", {"image": "/9j/"}, "sendImage", {"file": "/9j/"}),
            ("login", {"deviceData": "d"}, "login", {"wxData": "d"}),
            ("login", {}, "login", {"wxData": None}),
            ("snsObjectOp", operation, "snsobjectOp", operation),
            ("createRoom", {"userList": []}, "createRoom", {"userList": []}),
        ):
            client = sdk_client()
            client.send_call(0, code, text(params))
            (frame,) = sent(client)
            self.assertEqual((frame["cmd"], frame["payload"]), (wire_code, wire_params))
            (call,) = hears(sdk_server(), frame)
            assert isinstance(call, Call)
            self.assertEqual(call.code, code)
            self.assertEqual(plain(call)[1], params or {"deviceData": None})  # type: ignore[index] # JSON
        old = {"type": "user", "cmd": "snsObjectOp", "payload": {}}
        (call,) = hears(sdk_server(), old)
        self.assertEqual(plain(call), ["snsObjectOp", {}])


class ServerTests(SynchronousTestCase):
    """What a server does with frames."""

    def test_let_in(self) -> None:
        """The token of the URL is asked about when the WebSocket is open."""
        server = sdk_server(is_let_in=False)
        self.assertEqual(server.events_received(), [AuthRequested("TOKEN-1")])
        server.accept()
        self.assertEqual(server.actions_to_take(), [])
        self.assertEqual(server.next_deadline(), SERVER_PING_INTERVAL)
        self.assertLess(SERVER_PING_INTERVAL, 20.0)

    def test_refused(self) -> None:
        """A client is refused by a close code."""
        for code, wanted in ((None, 3201), (3202, 3202)):
            server = sdk_server(is_let_in=False)
            server.refuse("no", now=1.0, code=code)
            self.assertEqual(server.actions_to_take(), [CloseWebSocket(wanted, "no")])

    def test_odd_requests(self) -> None:
        """Each gets a reply when it has an id, and is reported when not."""
        server = sdk_server()
        found = hears(
            server,
            {"type": "sys", "cmd": "x", "cmdId": "1"},
            {"type": "user", "cmdId": "2"},
            {"cmd": "x"},
        )
        self.assertEqual(found[-1:], [OddFrame("type is not user")])
        answers = [
            (frame["cmdId"], frame["payload"]["success"]) for frame in sent(server)
        ]
        self.assertEqual(answers, [("1", False), ("2", False)])

    def test_data_instead_of_payload(self) -> None:
        """It answers in the field that the client uses."""
        for field in ("data", "payload"):
            server = sdk_server()
            frame = {"type": "user", "cmd": "x", "cmdId": "1", field: {"a": 1}}
            *_, call = hears(server, frame)
            assert isinstance(call, Call)
            assert call.call_id is not None
            self.assertEqual(plain(call), ["x", {"a": 1}])
            server.reply(call.call_id, success=True)
            server.notify("login", {})
            self.assertTrue(all(field in frame for frame in sent(server)))

    def test_no_parameters(self) -> None:
        """A request without any has an empty object."""
        *_, call = hears(sdk_server(), {"type": "user", "cmd": "init"})
        self.assertEqual(plain(call), ["init", {}])
