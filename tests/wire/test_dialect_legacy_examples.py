"""The dialect ``legacy``: each example of dialects.md, 1."""

from __future__ import annotations

import json
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import AuthKeyInvalid
from padchat_twisted.wire.dialect_json import (
    AuthRequested,
    LetIn,
)
from padchat_twisted.wire.envelope import Call, Notice, Reply
from padchat_twisted.wire.told import (
    Closed,
    CloseWebSocket,
    WebSocketClosed,
)

from .json_examples import (
    ID_HEAD,
    canonical,
    canonical_code,
    examples,
    frames_of,
    hears,
    legacy_client,
    legacy_server,
    plain,
    sent,
    text,
)

#: Canonical names of events, and canonical fields, where the tables put them elsewhere.
EVENTS = {"disconnect": "close", "error": "warn"}


def number_of(frame: dict[str, Any]) -> int:
    """Return the number that ends an id of the examples."""
    return int(str(frame["cmdId"]).removeprefix(ID_HEAD))


def result_of(frame: dict[str, Any]) -> dict[str, Any]:
    """Say canonically what a reply of the examples says."""
    data = canonical(frame.get("data") or {}, "pascal")
    if isinstance(data.get("member"), str):
        data["member"] = canonical(json.loads(data["member"]), "pascal")
    msg = frame.get("msg") or ""
    return {"msg": msg, "data": data, "success": frame["success"]}


def event_of(frame: dict[str, Any]) -> list[Any]:
    """Say canonically what an event of the examples says."""
    event = EVENTS.get(frame["event"], frame["event"])
    data = canonical(frame.get("data") or {}, "pascal")
    if event == "push":
        return [event, {"list": data}]
    if event == "warn":
        return [event, {"error": frame["msg"], "success": frame["success"]}]
    return [event, {**data, "msg": frame["msg"]} if frame["msg"] else data]


def essence(frame: dict[str, Any]) -> dict[str, Any]:
    """Leave out of a frame what may be written in several ways (rule 3, Q01)."""
    bare = {name: value for name, value in frame.items() if value not in (None, {}, "")}
    if bare.get("type") == "cmdRet" or bare.get("event") == "cmdRet":
        bare.pop("type", None)
        bare.pop("event", None)
    return bare


class ExampleTests(SynchronousTestCase):
    """Examples L1 to L11, in both directions and both roles."""

    def test_all_are_there(self) -> None:
        """The copy has every example, so that none is left out unseen."""
        numbers = {number for number, _ in frames_of("L")}
        self.assertEqual(numbers, {f"L{n}" for n in range(1, 12)})

    def test_requests_of_a_client(self) -> None:
        """A client writes each request of the examples, but for ``auth``'s id."""
        for number, frame in frames_of("L"):
            if frame.get("code") not in (None, "auth"):
                client = legacy_client()
                code = canonical_code(frame["code"], "legacy")
                client.send_call(number_of(frame) - 1, code, text(frame["data"]))
                self.assertEqual(sent(client), [frame], number)

    def test_requests_at_a_server(self) -> None:
        """A server understands each of them."""
        for number, frame in frames_of("L"):
            if frame.get("code") not in (None, "auth"):
                server = legacy_server()
                (call,) = hears(server, frame)
                assert isinstance(call, Call)
                code = canonical_code(frame["code"], "legacy")
                self.assertEqual(call.code, code, number)
                self.assertEqual(json.loads(call.body), [code, frame["data"]])

    def test_replies_at_a_client(self) -> None:
        """A client understands each reply as the answer to the call with its id."""
        for number, frame in frames_of("L"):
            if "cmdId" in frame and "code" not in frame:
                (reply,) = hears(legacy_client(), frame)
                assert isinstance(reply, Reply)
                self.assertEqual(reply.call_id, number_of(frame) - 1, number)
                self.assertEqual(json.loads(reply.body), [result_of(frame)])

    def test_replies_of_a_server(self) -> None:
        """A server writes each of them."""
        for number, frame in frames_of("L"):
            if "cmdId" in frame and "code" not in frame:
                server = legacy_server()
                (call,) = hears(server, {"code": "x", "cmdId": frame["cmdId"]})
                assert isinstance(call, Call)
                assert call.call_id is not None
                server.reply(call.call_id, **result_of(frame))
                (written,) = sent(server)
                self.assertEqual(essence(written), essence(frame), number)
                self.assertEqual(written["type"], "cmdRet")
                self.assertEqual(written["event"], "cmdRet")

    def test_events_at_a_client(self) -> None:
        """A client understands each event."""
        for number, frame in frames_of("L"):
            if "event" in frame:
                (notice,) = hears(legacy_client(), frame)
                assert isinstance(notice, Notice)
                self.assertEqual(plain(notice), event_of(frame), number)
                self.assertEqual(notice.event, event_of(frame)[0])

    def test_events_of_a_server(self) -> None:
        """A server writes each of them."""
        for number, frame in frames_of("L"):
            if "event" in frame:
                server = legacy_server()
                server.notify(*event_of(frame))
                (written,) = sent(server)
                self.assertEqual(essence(written), essence(frame), number)

    def test_push_while_a_command_is_pending(self) -> None:
        """L7: the push comes out before the reply, each as what it is."""
        _, push, answer = examples()["L7"]
        client = legacy_client()
        client.send_call(6, "sendMsg", b"{}")
        notice, reply = hears(client, push, answer)
        self.assertIsInstance(notice, Notice)
        assert isinstance(reply, Reply)
        self.assertEqual(reply.call_id, 6)

    def test_auth_let_in(self) -> None:
        """L1: a client sends ``auth`` first, and is let in by its reply."""
        asked, answer = examples()["L1"]
        client = legacy_client(is_let_in=False)
        (auth,) = sent(client)
        self.assertEqual(auth, {**asked, "authKey": "KEY-1", "cmdId": auth["cmdId"]})
        self.assertEqual(client.events_received(), [])
        self.assertEqual(hears(client, {**answer, "cmdId": auth["cmdId"]}), [LetIn()])

    def test_auth_at_a_server(self) -> None:
        """L1: a server answers when the caller accepts."""
        asked, answer = examples()["L1"]
        server = legacy_server(is_let_in=False)
        self.assertEqual(hears(server, asked), [AuthRequested(asked["authKey"])])
        self.assertEqual(sent(server), [])
        server.accept()
        (written,) = sent(server)
        self.assertEqual(essence(written), essence(answer))

    def test_auth_refused(self) -> None:
        """L2: a client that is refused closes, and does not try that key again."""
        (answer,) = examples()["L2"]
        client = legacy_client(is_let_in=False)
        (auth,) = sent(client)
        said = {**answer, "cmdId": auth["cmdId"], "msg": "KEY-1 is not valid"}
        self.assertEqual(hears(client, said), [])
        self.assertEqual(client.actions_to_take(), [CloseWebSocket()])
        client.receive(WebSocketClosed(1000, ""), now=2.0)
        (closed,) = client.actions_to_take()
        assert isinstance(closed, Closed)
        assert isinstance(closed.error, AuthKeyInvalid)
        self.assertEqual(closed.error.hop, "authentication")
        self.assertTrue(closed.error.is_permanent)
        self.assertIn("*** is not valid", str(closed.error))

    def test_auth_refused_by_a_server(self) -> None:
        """L2: a server answers, then closes."""
        (answer,) = examples()["L2"]
        server = legacy_server(is_let_in=False)
        hears(server, {"code": "auth", "authKey": "no", "cmdId": answer["cmdId"]})
        server.refuse(answer["msg"], now=1.0)
        reply, close = server.actions_to_take()
        self.assertEqual(essence(json.loads(reply.data)), essence(answer))  # type: ignore[union-attr] # the first action is a frame
        self.assertEqual(close, CloseWebSocket())
