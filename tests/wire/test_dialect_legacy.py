"""The dialect ``legacy``: each numbered rule of dialects.md, 1."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.dialect_json import (
    NO_CALL_ID,
    AuthRequested,
    OddFrame,
)
from padchat_twisted.wire.envelope import Call, Notice, Reply
from padchat_twisted.wire.json_server import AUTH_TIMEOUT, SERVER_PING_INTERVAL
from padchat_twisted.wire.told import (
    CloseWebSocket,
    WebSocketMessage,
)

from .json_examples import (
    ID_HEAD,
    examples,
    hears,
    legacy_client,
    legacy_server,
    plain,
    sent,
    text,
)


class ClientRuleTests(SynchronousTestCase):
    """The numbered "Rules for a client"."""

    def test_1_a_cmd_id_makes_a_reply(self) -> None:
        """1: a frame with a ``cmdId`` is a reply, whatever event it names."""
        frame = {"cmdId": f"{ID_HEAD}{1:012}", "event": "push", "success": True}
        (reply,) = hears(legacy_client(), frame)
        self.assertIsInstance(reply, Reply)

    def test_2_event_then_type(self) -> None:
        """2: the kind is ``event``, or ``type`` when there is none."""
        client = legacy_client()
        for frame in (
            {"event": "login", "type": "logout"},
            {"type": "login"},
            {"event": "", "type": "login"},
            {"event": "login", "cmdId": None},
            {"event": "login", "cmdId": ""},
        ):
            (notice,) = hears(client, frame)
            assert isinstance(notice, Notice)
            self.assertEqual(notice.event, "login")

    def test_3_reply_without_cmd_id(self) -> None:
        """3: it cannot be matched, and is reported."""
        client = legacy_client()
        for frame in ({"type": "cmdRet", "success": True}, {"event": "cmdRet"}):
            self.assertEqual(hears(client, frame), [OddFrame("a reply without cmdId")])

    def test_4_ids_that_are_not_pending(self) -> None:
        """4: an id of nobody's is no call's; who counts calls drops the rest."""
        client = legacy_client()
        for cmd_id in ("x", 7, ID_HEAD, f"{ID_HEAD}1", ID_HEAD.upper() + "0" * 13):
            (reply,) = hears(client, {"cmdId": cmd_id, "success": True})
            assert isinstance(reply, Reply)
            self.assertEqual(reply.call_id, NO_CALL_ID)

    def test_5_replies_in_any_order(self) -> None:
        """5: replies find their calls whatever their order, events in between."""
        client = legacy_client()
        for call_id in range(3):
            client.send_call(call_id, "x", b"{}")
        ids = [frame["cmdId"] for frame in sent(client)]
        found = hears(
            client,
            {"cmdId": ids[2], "success": True},
            {"event": "login"},
            {"cmdId": ids[0], "success": True},
        )
        kinds = [o.call_id if isinstance(o, Reply) else None for o in found]
        self.assertEqual(kinds, [2, None, 0])

    def test_6_late_reply(self) -> None:
        """6 and L10: a reply comes out however late; the calls are counted above."""
        (answer,) = examples()["L10"]
        client = legacy_client()
        client.send_call(9, "sendMsg", b"{}")
        client.deadline_reached(now=12.0)
        (reply,) = hears(client, answer)
        assert isinstance(reply, Reply)
        self.assertEqual(reply.call_id, 9)

    def test_7_unknown_event(self) -> None:
        """7: it is handed on, with whatever it holds."""
        client = legacy_client()
        frames = (
            {"event": "news", "data": {"SomeKey": [{"Inner": 1}]}, "msg": "m"},
            {"event": "news", "data": [1], "msg": "m"},
            {"event": "news", "data": "text"},
            {"event": "sns", "data": None, "msg": "somebody likes it"},
        )
        self.assertEqual(
            [plain(o) for o in hears(client, *frames)],
            [
                ["news", {"someKey": [{"inner": 1}], "msg": "m"}],
                ["news", [1], "m"],
                ["news", "text"],
                ["sns", {"msg": "somebody likes it"}, "somebody likes it"],
            ],
        )

    def test_nothing_is_an_empty_object(self) -> None:
        """Server rule 3: a client sends ``{}``, and reads missing and null as that."""
        client = legacy_client()
        client.send_call(0, "getDeviceInfo", b"{}")
        (frame,) = sent(client)
        self.assertEqual(frame["data"], {})
        head = {"cmdId": frame["cmdId"], "success": True}
        frames: tuple[dict[str, object], ...] = ({}, {"data": None}, {"data": {}})
        for more in frames:
            (reply,) = hears(client, {**head, **more})
            self.assertEqual(plain(reply), [{"msg": "", "data": {}, "success": True}])

    def test_odd_frames(self) -> None:
        """What is no JSON object is reported; the connection stays up."""
        client = legacy_client()
        client.receive_texts([b"{", b"[]", b'"x"', b"\xff", b"{}"], 1.0)
        client.receive(WebSocketMessage(b"{}", is_text=False), now=1.0)
        found = client.events_received()
        self.assertEqual(
            found,
            [
                OddFrame("a frame that is not JSON"),
                OddFrame("a frame that is no object"),
                OddFrame("a frame that is no object"),
                OddFrame("a frame that is not JSON"),
                OddFrame("a frame without event"),
                OddFrame("a binary frame"),
            ],
        )
        self.assertEqual(client.actions_to_take(), [])
        self.assertEqual(len(hears(client, {"event": "login"})), 1)

    def test_push_without_items(self) -> None:
        """An empty list or anything else is reported. Source: events.toml, push."""
        items: tuple[object, ...] = ([], {}, None, "x")
        for data in items:
            found = hears(legacy_client(), {"event": "push", "data": data})
            self.assertEqual(found, [OddFrame("a push without items")])

    def test_handing_a_message_back(self) -> None:
        """``rawMsgData`` gets its PascalCase back and loses its picture."""
        client, server = legacy_client(), legacy_server()
        item = {"msgType": 3, "msgId": "9", "fromUser": "wxid_a", "data": "/9j/"}
        client.send_call(0, "getMsgImage", text({"rawMsgData": item}))
        (frame,) = sent(client)
        raw = {"MsgType": 3, "MsgId": "9", "FromUser": "wxid_a"}
        self.assertEqual(frame["data"], {"rawMsgData": raw})
        (call,) = hears(server, frame)
        del item["data"]
        self.assertEqual(plain(call), ["getMsgImage", {"rawMsgData": item}])

    def test_names_of_parameters(self) -> None:
        """``createRoom`` names its list in its own way; a server takes both."""
        client = legacy_client()
        client.send_call(0, "createRoom", b'{"userList":["a"]}')
        (frame,) = sent(client)
        self.assertEqual(frame["data"], {"userIds": ["a"]})
        for data in ({"userIds": ["a"]}, {"userList": ["a"]}):
            (call,) = hears(legacy_server(), {"code": "createRoom", "data": data})
            self.assertEqual(plain(call), ["createRoom", {"userList": ["a"]}])


class ServerRuleTests(SynchronousTestCase):
    """The numbered "Rules for a server"."""

    def test_1_ten_seconds(self) -> None:
        """1: without ``auth`` within 10 seconds the server closes."""
        self.assertEqual(AUTH_TIMEOUT, 10.0)
        server = legacy_server(is_let_in=False)
        self.assertEqual(server.next_deadline(), 10.0)
        server.deadline_reached(now=9.99)
        self.assertEqual(server.actions_to_take(), [])
        server.deadline_reached(now=10.0)
        self.assertEqual(
            server.actions_to_take(),
            [CloseWebSocket(1008, "no auth within 10 seconds")],
        )
        self.assertEqual(hears(server, {"code": "auth", "authKey": "late"}), [])

    def test_1_no_auth_is_no_success(self) -> None:
        """1: neither other commands nor an ``auth`` without a key give more time."""
        server = legacy_server(is_let_in=False)
        found = hears(
            server,
            {"code": "connect", "cmdId": "a"},
            {"code": "auth", "cmdId": "b"},
            {"code": "auth", "cmdId": "c", "authKey": 7},
            {"code": "connect"},
        )
        self.assertEqual(found, [OddFrame("auth comes first")])
        self.assertEqual(
            [(frame["cmdId"], frame["success"]) for frame in sent(server)],
            [("a", False), ("b", False), ("c", False)],
        )
        self.assertEqual(server.next_deadline(), 10.0)

    def test_1_after_auth(self) -> None:
        """1: who is let in is not closed, but pinged; ``auth`` comes once."""
        server = legacy_server()
        server.deadline_reached(now=AUTH_TIMEOUT)
        self.assertEqual(server.actions_to_take(), [])
        self.assertEqual(server.next_deadline(), 1.0 + SERVER_PING_INTERVAL)
        hears(server, {"code": "auth", "authKey": "another", "cmdId": "a"})
        (answer,) = sent(server)
        self.assertEqual((answer["cmdId"], answer["success"]), ("a", False))

    def test_2_exactly_one_reply(self) -> None:
        """2: each request with a ``cmdId`` can be answered once, and no other."""
        server = legacy_server()
        first, second, third = hears(
            server,
            {"code": "x", "cmdId": "same"},
            {"code": "x", "cmdId": "same"},
            {"code": "x"},
        )
        assert isinstance(first, Call)
        assert isinstance(second, Call)
        assert isinstance(third, Call)
        assert first.call_id is not None
        assert second.call_id is not None
        self.assertIsNone(third.call_id)
        server.reply(second.call_id, success=True)
        server.reply(first.call_id, success=False)
        answers = [(frame["cmdId"], frame["success"]) for frame in sent(server)]
        self.assertEqual(answers, [("same", True), ("same", False)])

    def test_2_odd_requests(self) -> None:
        """2: a request without a name gets its reply too, without an id a report."""
        server = legacy_server()
        found = hears(
            server,
            {"cmdId": "a"},
            {"code": "", "cmdId": 5},
            {"code": None},
            {"code": "x", "cmdId": [1]},
        )
        self.assertEqual(
            found, [OddFrame("code is missing"), OddFrame("a cmdId that is no text")]
        )
        self.assertEqual([frame["cmdId"] for frame in sent(server)], ["a", 5])

    def test_3_no_parameters(self) -> None:
        """3: ``data`` missing, null and ``{}`` mean the same."""
        server = legacy_server()
        frames: tuple[dict[str, object], ...] = ({}, {"data": None}, {"data": {}})
        for frame in frames:
            (call,) = hears(server, {"code": "connect", **frame})
            self.assertEqual(plain(call), ["init", {}])

    def test_4_resumed_task(self) -> None:
        """4 and L5: the reply and the event have the same two fields."""
        answer, event = examples()["L5"]
        reply, notice = hears(legacy_client(), answer, event)
        resumed = {"logined": True, "status": "init"}
        self.assertEqual(plain(reply)[0]["data"], resumed)  # type: ignore[index] # JSON
        self.assertEqual(plain(notice), ["reconnect", resumed])

    def test_numbers_of_2017(self) -> None:
        """Section 8: ``code`` may be a number."""
        server = legacy_server(is_let_in=False)
        self.assertEqual(
            hears(server, {"code": 100, "authKey": "K"}), [AuthRequested("K")]
        )
        server.accept()
        for number, name in ((101, "login"), (106, "getContact"), (999, "999")):
            (call,) = hears(server, {"code": number})
            assert isinstance(call, Call)
            self.assertEqual(call.code, name)

    def test_room_members(self) -> None:
        """L8: a server writes the members as JSON text that a client reads."""
        server = legacy_server()
        members = [{"userName": "wxid_a", "bigHead": ""}]
        server.notify("push", {"list": [{"msgType": 2, "member": members}]})
        (frame,) = sent(server)
        self.assertEqual(
            frame["data"][0]["Member"], '[{"UserName":"wxid_a","BigHead":""}]\n'
        )
        (notice,) = hears(legacy_client(), frame)
        item = {"msgType": 2, "member": members}
        self.assertEqual(plain(notice), ["push", {"list": [item]}])
