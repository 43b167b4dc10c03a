"""The dialect ``sdk``: each example of dialects.md, 3."""

from __future__ import annotations

import json
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.envelope import Call, Notice, Reply

from .json_examples import (
    TASK,
    canonical,
    canonical_code,
    examples,
    frames_of,
    hears,
    plain,
    sdk_client,
    sdk_server,
    sent,
    text,
)

#: Keys inside the JSON text of K8, which the tables have camelCase only.
TRANSFER = {
    "retcode": "retcode",
    "retmsg": "retmsg",
    "fee": "fee",
    "fee_type": "feeType",
    "trans_status": "transStatus",
    "pay_time": "payTime",
    "modify_time": "modifyTime",
    "payer_name": "payerName",
    "receiver_name": "receiverName",
    "is_payer": "isPayer",
}

#: Items that only mark a place.
MARKERS = (2048, 32768)


def is_reply(frame: dict[str, Any]) -> bool:
    """Whether an example is a reply."""
    return bool(frame["type"] == "cmdRet")


def payload_of(frame: dict[str, Any]) -> dict[str, Any]:
    """Return the payload of a frame, whatever its name."""
    payload = frame.get("payload", frame.get("data"))
    assert isinstance(payload, dict)
    return payload


def call_id(frame: dict[str, Any]) -> int | None:
    """Return the id of a call; example K9 has a UUID, which is none of ours."""
    return int(frame["cmdId"]) - 1 if frame["cmdId"].isdigit() else None


def params_of(frame: dict[str, Any]) -> dict[str, Any]:
    """Say canonically what a request of the examples says."""
    names = {"wxData": "deviceData", "file": "image"}
    return {names.get(key, key): value for key, value in payload_of(frame).items()}


def result_of(frame: dict[str, Any]) -> dict[str, Any]:
    """Say canonically what a reply of the examples says."""
    payload = payload_of(frame)
    data = canonical(payload.get("data", {}), "snake")
    if "wxData" in data:
        data["deviceData"] = data.pop("wxData")
    if data.get("external", "")[:1] == "{":
        told = json.loads(data["external"])
        data["external"] = {TRANSFER[key]: value for key, value in told.items()}
    texts = [payload[name] for name in ("error", "msg") if payload.get(name)]
    return {"msg": "; ".join(texts), "data": data, "success": payload["success"]}


def fields_of(frame: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Say canonically what an event of the examples means."""
    event = {"over": "close"}.get(frame["event"], frame["event"])
    fields = canonical(payload_of(frame), "snake")
    for item in fields.get("list", ()):
        if item["msgType"] == 5:
            item["msgType"] = item["subType"]
        if "member" in item:
            item["member"] = json.loads(item["member"])
    return event, fields


def heard(frame: dict[str, Any]) -> list[list[Any]]:
    """Say what a client hands on of an event of the examples, one after another."""
    event, fields = fields_of(frame)
    if event != "push":
        return [[event, fields]]
    items = [item for item in fields["list"] if item["msgType"] not in MARKERS]
    found: list[list[Any]] = [[event, {**fields, "list": items}]] if items else []
    if fields.get("type") == 4:
        is_end = any(item["continue"] == 0 for item in fields["list"])
        found.append(["loaded", {}] if is_end else ["notify", {"type": 4}])
    return found


class ExampleTests(SynchronousTestCase):
    """Examples K1 to K10, in both directions and both roles."""

    def test_all_are_there(self) -> None:
        """The copy has every example, so that none is left out unseen."""
        numbers = {number for number, _ in frames_of("K")}
        self.assertEqual(numbers, {f"K{n}" for n in range(1, 11)})

    def test_requests_of_a_client(self) -> None:
        """A client writes each request of the examples."""
        for number, frame in frames_of("K"):
            if frame["type"] == "user":
                client = sdk_client()
                if "data" in frame:
                    # An old server is known by its field.
                    hears(client, {"type": "userEvent", "event": "login", "data": {}})
                code = canonical_code(frame["cmd"], "sdk")
                which = call_id(frame)
                client.send_call(which or 0, code, text(params_of(frame)))
                (written,) = sent(client)
                if which is None:
                    written["cmdId"] = frame["cmdId"]
                self.assertEqual(written, frame, number)

    def test_requests_at_a_server(self) -> None:
        """A server understands each of them."""
        for number, frame in frames_of("K"):
            if frame["type"] == "user":
                *_, call = hears(sdk_server(), frame)
                assert isinstance(call, Call)
                code = canonical_code(frame["cmd"], "sdk")
                self.assertEqual(call.code, code, number)
                self.assertEqual(plain(call), [code, params_of(frame)], number)

    def test_replies_at_a_client(self) -> None:
        """A client understands each reply as the answer to the call with its id."""
        for number, frame in frames_of("K"):
            if is_reply(frame):
                (reply,) = hears(sdk_client(), frame)
                assert isinstance(reply, Reply)
                if call_id(frame) is not None:
                    self.assertEqual(reply.call_id, call_id(frame), number)
                self.assertEqual(plain(reply), [result_of(frame)], number)

    def test_replies_of_a_server(self) -> None:
        """A server writes each of them; a hint of K6 stands in ``error``."""
        for number, frame in frames_of("K"):
            if is_reply(frame):
                server = sdk_server()
                field = "payload" if "payload" in frame else "data"
                *_, call = hears(
                    server,
                    {"type": "user", "cmd": "x", "cmdId": frame["cmdId"], field: {}},
                )
                assert isinstance(call, Call)
                assert call.call_id is not None
                server.reply(call.call_id, **result_of(frame))
                (written,) = sent(server)
                self.assertEqual(set(written), set(frame), number)
                self.assertEqual(written["cmdId"], frame["cmdId"])
                self.assertEqual(written["taskId"], TASK)
                self.assertEqual(result_of(written), result_of(frame), number)
                ours, theirs = payload_of(written), payload_of(frame)
                self.assertEqual(ours["data"], theirs.get("data", {}), number)

    def test_events_at_a_client(self) -> None:
        """A client understands each event, and does what the reference client does."""
        for number, frame in frames_of("K"):
            if frame["type"] == "userEvent":
                found = hears(sdk_client(), frame)
                self.assertEqual([plain(o) for o in found], heard(frame), number)
                self.assertTrue(all(isinstance(o, Notice) for o in found))

    def test_events_of_a_server(self) -> None:
        """A server writes each of them."""
        for number, frame in frames_of("K"):
            if frame["type"] == "userEvent":
                server = sdk_server()
                if "data" in frame:
                    hears(server, {"type": "user", "cmd": "x", "data": {}})
                server.notify(*fields_of(frame))
                (written,) = sent(server)
                frame = {**frame, "taskId": TASK}
                self.assertEqual(written, frame, number)

    def test_contacts_and_a_reply(self) -> None:
        """K4: the reply comes out between the pushes; ``loaded`` comes last."""
        _, first, answer, last = examples()["K4"]
        client = sdk_client()
        client.send_call(6, "syncContact", b"{}")
        found = hears(client, first, answer, last)
        kinds = [o.event if isinstance(o, Notice) else "reply" for o in found]
        self.assertEqual(kinds, ["push", "notify", "reply", "loaded"])
