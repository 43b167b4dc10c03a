"""Tests of padchat_twisted.sandbox.responders: what each command is answered."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import COMMANDS, UNIMPLEMENTED
from padchat_twisted.catalogue.parameters import params_of
from padchat_twisted.sandbox.binding import State
from padchat_twisted.sandbox.responders import RESPONDERS, Reply

from ..stage import DEVICE, Stage

#: A complete set of parameters for some commands, of which each is needed.
PARAMS: dict[str, dict[str, object]] = {
    "init": {**DEVICE},
    "login": {"loginType": "token", "token": "dG9rZW4="},
    "getContact": {"userId": "wxid_alice"},
    "getRoomMembers": {"groupId": "1@chatroom"},
    "sendMsg": {"toUserName": "wxid_alice", "content": "pong"},
    "sendAppMsg": {
        "toUserName": "wxid_alice",
        "content": "<appmsg><type>5</type></appmsg>",
    },
    "sendImage": {"toUserName": "wxid_alice", "image": "eA=="},
    "sendVoice": {"toUserName": "wxid_alice", "file": "eA=="},
    "shareCard": {"toUserName": "wxid_alice", "content": "A", "userId": "wxid_alice"},
    "getMsgImage": {"rawMsgData": {"msgId": "1"}},
    "getMsgVideo": {"rawMsgData": {"msgId": "1"}},
    "getMsgVoice": {"rawMsgData": {"msgId": "1"}},
    "queryTransfer": {"rawMsgData": {"msgId": "1"}},
    "acceptTransfer": {"rawMsgData": {"msgId": "1"}},
    "receiveRedPacket": {"rawMsgData": {"msgId": "1"}},
    "queryRedPacket": {"rawMsgData": {"msgId": "1"}},
}

#: What JSON can hold.
anything: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


class RefusalTests(SynchronousTestCase):
    """What is refused, and how it is said."""

    def setUp(self) -> None:
        """Have an account that is logged in."""
        self.stage = Stage()
        self.stage.world.person("alice")
        self.client = self.stage.connect("bot1").log_in()

    def test_commands(self) -> None:
        """The commands of the catalogue are answered, and no other is."""
        self.assertEqual(set(RESPONDERS), set(COMMANDS))

    def test_unimplemented(self) -> None:
        """A command that no gateway carries out is refused as such."""
        for code, reason in UNIMPLEMENTED.items():
            refusal = self.client.refused(code, {})
            self.assertEqual(refusal, f"no gateway carries {code} out: {reason}")

    def test_unknown(self) -> None:
        """Any other command is unknown; a long name is not repeated at length."""
        self.assertEqual(self.client.refused("sendmsg"), "unknown command 'sendmsg'")
        self.assertLess(len(self.client.refused("x" * 10_000)), 80)

    def test_states(self) -> None:
        """Before init, and before login, the commands that need it are refused."""
        client = self.stage.connect("bot2")
        for code, responder in RESPONDERS.items():
            if responder.needs is not State.OPEN:
                self.assertIn("call init", client.refused(code, PARAMS.get(code)), code)
        client.init()
        for code, responder in RESPONDERS.items():
            if responder.needs is State.LOGGED_IN:
                reason = client.refused(code, PARAMS.get(code))
                self.assertEqual(
                    reason, "the account is not logged in: call init and login first"
                )

    def test_over(self) -> None:
        """A connection that was replaced gets nothing done."""
        self.stage.connect("bot1")
        reason = self.client.refused("syncContact")
        self.assertIn("replaced or closed", reason)

    def test_missing(self) -> None:
        """A parameter that is missing, null or empty is named."""
        fresh = self.stage.connect("bot2")
        fresh.init()
        for code, params in PARAMS.items():
            client = fresh if code in ("init", "login") else self.client
            for name in params:
                rest = {k: v for k, v in params.items() if k != name}
                for missing in (rest, {**rest, name: None}):
                    self.assertEqual(
                        client.refused(code, missing), f"{name} is missing"
                    )
                if isinstance(params[name], str):
                    self.assertEqual(
                        client.refused(code, {**rest, name: ""}), f"{name} is missing"
                    )

    def test_wrong_type(self) -> None:
        """A parameter of another type is named."""
        fresh = self.stage.connect("bot2")
        fresh.init()
        for code, params in PARAMS.items():
            client = fresh if code in ("init", "login") else self.client
            for name in params:
                reason = client.refused(code, {**params, name: 7})
                self.assertRegex(reason, f"^{name} must be ")

    def test_look(self) -> None:
        """A refusal has success false, a text, and empty data."""
        reply = self.client.call("getContact", {})
        self.assertEqual(reply, Reply(False, "userId is missing", {}))

    def test_status(self) -> None:
        """A refusal may have the engine's status in its data."""
        client = self.stage.connect("bot2")
        reply = client.log_in_by_token("eA==")
        self.assertEqual((reply.success, reply.data), (False, {"status": -2023}))

    def test_parameters_are_no_object(self) -> None:
        """Parameters that are no object are refused; none at all are an empty one."""
        others: list[object] = [[], "text", 7, True]
        for params in others:
            reason = self.client.refused("syncContact", params)
            self.assertEqual(reason, "the parameters must be an object")
        self.assertTrue(self.client.call("syncContact", None).success)

    @settings(database=None, deadline=None, max_examples=300)
    @given(st.sampled_from(sorted(RESPONDERS)), st.data())
    def test_garbage(self, code: str, data: st.DataObject) -> None:
        """Whatever the parameters are, there is a reply and no exception."""
        client = Stage().connect("bot1").log_in()
        names = [param.wire_name for param in params_of(COMMANDS[code])] or ["x"]
        some = st.dictionaries(st.sampled_from(names), anything)
        complete = st.fixed_dictionaries(dict.fromkeys(names, anything))
        params = data.draw(anything | some | complete)
        reply = client.call(code, params)
        self.assertIsInstance(reply, Reply)
        msgspec.json.encode({**reply.data, **reply.sdk})
