"""Pushes that keep their spelling say what they would say in the canonical one."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire import json_text
from padchat_twisted.wire.dialect_json import Framing, OddFrame, OddFrameError
from padchat_twisted.wire.dialect_legacy import LegacyFraming
from padchat_twisted.wire.dialect_sdk import SdkFraming
from padchat_twisted.wire.envelope import Notice, Reply
from padchat_twisted.wire.json_pushes import (
    END_OF_CONTACTS,
    MARKERS,
    WRAPPED,
    KeyCase,
    push_body,
    read_item,
)

from .json_examples import frames_of, hears, legacy_client, sdk_client, table, text

TEXT = {"MsgType": 1, "Content": "ding"}
WRAPPED_TEXT = {"msg_type": 5, "sub_type": 1, "content": "ding"}
CONTACT = {"msg_type": 2, "user_name": "a", "member": '["b"]\n'}
MARKER = {"msg_type": 2048, "continue": 1}
END = {"msg_type": END_OF_CONTACTS, "continue": 0}


def legacy_frame(*items: object, **fields: object) -> dict[str, Any]:
    """Build a push of ``legacy``."""
    return {"event": "push", "msg": "", "data": list(items), **fields}


def sdk_frame(*items: object, field: str = "payload", **more: object) -> dict[str, Any]:
    """Build a push of ``sdk``."""
    head = {"type": "userEvent", "event": "push", "taskId": "T"}
    return {**head, field: {**more, "list": list(items)}}


def said(envelopes: list[Reply | Notice]) -> list[Any]:
    """Return what envelopes say."""
    return [json.loads(envelope.body) for envelope in envelopes]


class SameTests(SynchronousTestCase):
    """The short way and the long one."""

    def check(
        self, framings: tuple[Framing, Framing], frame: object
    ) -> list[Reply | Notice]:
        """Expect the same of both; return what the short way gave."""
        short, long = framings
        data = text(frame)
        try:
            found = short.read_push(data)
        except ValueError:
            return []
        if found:
            assert isinstance(frame, dict)
            wanted = said(long.read(json_text.read(data)))
            # Of nothing but markers nothing is left; the long way says no push then.
            ours = [each for each in said(found) if each != ["push", {"list": []}]]
            self.assertEqual(ours, wanted)
            (case,) = (n.case for n in found if isinstance(n, Notice) and n.case)
            self.assertIn(case, ("pascal", "snake"))
        return found

    def check_legacy(self, frame: object) -> list[Reply | Notice]:
        """Check a frame of ``legacy``."""
        return self.check((LegacyFraming(), LegacyFraming()), frame)

    def check_sdk(self, frame: object) -> list[Reply | Notice]:
        """Check a frame of ``sdk``."""
        return self.check((SdkFraming(), SdkFraming()), frame)

    def test_examples(self) -> None:
        """The pushes of dialects.md, and no other frames of it."""
        counts = []
        for series, check in (("L", self.check_legacy), ("K", self.check_sdk)):
            frames = [frame for _, frame in frames_of(series)]
            pushes = [frame for frame in frames if frame.get("event") == "push"]
            counts.append(len(pushes))
            taken = [frame for frame in frames if check(frame)]
            # The one that ends the contacts has to be looked at.
            long = [f for f in pushes if str(END_OF_CONTACTS) in str(f)]
            self.assertEqual(taken, [f for f in pushes if f not in long])
        self.assertTrue(all(counts))

    def test_legacy(self) -> None:
        """The usual frame, and what is another one."""
        self.assertTrue(self.check_legacy(legacy_frame(TEXT)))
        self.assertTrue(self.check_legacy({"data": [TEXT], "event": "push"}))
        self.assertTrue(self.check_legacy(legacy_frame(TEXT, None, msg=None)))
        for frame in (
            legacy_frame(),
            legacy_frame(5, TEXT),
            legacy_frame(TEXT, cmdId="1"),
            legacy_frame(TEXT, type="cmdRet"),
            legacy_frame(TEXT, msg=5),
            {**legacy_frame(), "data": {"list": [TEXT]}},
            {"event": "scan", "data": [TEXT]},
            [legacy_frame(TEXT)],
        ):
            self.assertEqual(self.check_legacy(frame), [], frame)

    def test_sdk(self) -> None:
        """The usual frame, and what is another one."""
        for field in ("payload", "data"):
            frame = sdk_frame(WRAPPED_TEXT, MARKER, CONTACT, field=field)
            self.assertTrue(self.check_sdk(frame))
            frame = sdk_frame(CONTACT, field=field, type=4)
            self.assertEqual(len(self.check_sdk(frame)), 2)
        for frame in (
            sdk_frame(),
            sdk_frame(CONTACT, END, type=4),
            sdk_frame(WRAPPED_TEXT, type="4"),
            sdk_frame(WRAPPED_TEXT, more=1),
            {**sdk_frame(WRAPPED_TEXT), "data": {"list": [WRAPPED_TEXT]}},
            {**sdk_frame(WRAPPED_TEXT), "payload": [WRAPPED_TEXT]},
            {**sdk_frame(WRAPPED_TEXT), "event": "notify"},
            {**sdk_frame(WRAPPED_TEXT), "brandNew": 1},
        ):
            self.assertEqual(self.check_sdk(frame), [], frame)

    def test_old_gateway(self) -> None:
        """A gateway that says ``data`` is answered with ``data``, after such a push."""
        framing = SdkFraming()
        self.assertIn(b'"payload"', framing.call(1, "getContact", b"{}"))
        framing.read_push(text(sdk_frame(WRAPPED_TEXT, field="data")))
        self.assertIn(b'"data"', framing.call(1, "getContact", b"{}"))

    @settings(database=None, deadline=None, max_examples=200)
    @given(
        st.lists(
            st.sampled_from((TEXT, WRAPPED_TEXT, CONTACT, MARKER, END, {}, None, 5)),
            max_size=3,
        ),
        st.dictionaries(
            st.sampled_from(("type", "data", "payload", "cmdId", "msg", "event", "x")),
            st.sampled_from(("push", "userEvent", 4, None, [TEXT], {"list": [TEXT]})),
            max_size=2,
        ),
    )
    def test_anything(self, items: list[Any], fields: dict[str, Any]) -> None:
        """Whatever the frame: what the short way takes, it takes alike."""
        for check, frame in (
            (self.check_legacy, {**legacy_frame(*items), **fields}),
            (self.check_sdk, {**sdk_frame(*items), **fields}),
        ):
            try:
                check(frame)
            except OddFrameError as odd:
                self.fail(f"taken, but {odd}: {frame}")


class ItemTests(SynchronousTestCase):
    """Items by themselves."""

    def test_item(self) -> None:
        """One item is what it is in the whole body; markers count."""
        snake = text({"list": [MARKER, WRAPPED_TEXT, CONTACT]})
        pascal = text([TEXT, {"MsgType": 2048}, {"UserName": "a"}])
        cases: tuple[tuple[KeyCase, bytes, tuple[int, ...]], ...] = (
            ("snake", snake, (1, 2)),
            ("pascal", pascal, (0, 1, 2)),
        )
        for case, given_text, places in cases:
            items = json.loads(push_body(given_text, case))[1]["list"]
            found = [read_item(given_text, case, place) for place in places]
            self.assertEqual(found, items)
        self.assertEqual(
            read_item(snake, "snake", 1),
            {"msgType": 1, "subType": 1, "content": "ding"},
        )
        self.assertEqual(read_item(snake, "snake", 2)["member"], ["b"])
        self.assertEqual(read_item(text([5]), "pascal", 0), {})

    def test_tables(self) -> None:
        """The types of markers and of what is wrapped are the tables'."""
        item = table("messages")["item"]
        self.assertEqual(WRAPPED, item["wrapper_type"])
        self.assertEqual(MARKERS, tuple(item["drop_types"]))


class ClientTests(SynchronousTestCase):
    """At the connection."""

    def test_not_json(self) -> None:
        """A push that is no JSON is reported, as any other frame."""
        for client in (legacy_client(), sdk_client()):
            client.receive_texts([b'{"event":"push","data":[{'], 1.0)
            (found,) = client.events_received()
            self.assertIsInstance(found, OddFrame)

    def test_before_it_is_let_in(self) -> None:
        """What comes before ``auth`` was answered is dropped."""
        client = legacy_client(is_let_in=False)
        client.actions_to_take()
        self.assertEqual(hears(client, legacy_frame(TEXT)), [])
