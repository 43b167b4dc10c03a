"""Tests of padchat_twisted.sandbox.responders: what each command is answered."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.events import COMMANDS
from padchat_twisted.catalogue.login import DeviceInfo, LoggedIn
from padchat_twisted.catalogue.rooms import RoomMembers
from padchat_twisted.sandbox.binding import State
from padchat_twisted.sandbox.responders import (
    MAX_DEVICE_CHARACTERS,
    OTHER_COMMANDS,
    RESPONDERS,
    STATUS_NO_PERMISSION,
    Reply,
)

from .stage import DEVICE, Stage, as_read

#: A complete set of parameters for each command that needs some.
PARAMS: dict[str, dict[str, object]] = {
    "init": {**DEVICE},
    "login": {"loginType": "token", "token": "dG9rZW4="},
    "getContact": {"userId": "wxid_alice"},
    "getRoomMembers": {"groupId": "1@chatroom"},
    "sendMsg": {"toUserName": "wxid_alice", "content": "pong", "atList": []},
    "sendImage": {"toUserName": "wxid_alice", "image": "eA=="},
    "getMsgImage": {"rawMsgData": {"msgId": "1"}},
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
        """The typed commands are answered, and no other is."""
        self.assertEqual(set(RESPONDERS), set(COMMANDS))
        self.assertEqual(set(RESPONDERS) & OTHER_COMMANDS, set())

    def test_not_answered_yet(self) -> None:
        """Another command of the protocol is refused as such."""
        for code in OTHER_COMMANDS:
            self.assertEqual(
                self.client.refused(code, {}), f"the sandbox does not answer {code} yet"
            )

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

    def test_missing(self) -> None:
        """A parameter that is missing, null or empty is named."""
        fresh = self.stage.connect("bot2")
        fresh.init()
        for code, params in PARAMS.items():
            client = fresh if code in ("init", "login") else self.client
            for name in params:
                if name == "atList":
                    continue
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

    def test_parameters_are_no_object(self) -> None:
        """Parameters that are no object are refused; none at all are an empty one."""
        others: list[object] = [[], "text", 7, True]
        for params in others:
            reason = self.client.refused("syncContact", params)
            self.assertEqual(reason, "the parameters must be an object")
        self.assertTrue(self.client.call("syncContact", None).success)

    @settings(database=None, deadline=None, max_examples=150)
    @given(st.sampled_from(sorted(RESPONDERS)), st.data())
    def test_garbage(self, code: str, data: st.DataObject) -> None:
        """Whatever the parameters are, there is a reply and no exception."""
        client = Stage().connect("bot1").log_in()
        names = [*PARAMS.get(code, {}), "deviceData", "atList"]
        params = data.draw(anything | st.dictionaries(st.sampled_from(names), anything))
        reply = client.call(code, params)
        self.assertIsInstance(reply, Reply)
        msgspec.json.encode(reply.data)


class LoginCommandTests(SynchronousTestCase):
    """Init, login, logout, close, and the login data."""

    def setUp(self) -> None:
        """Have a connection that is open."""
        self.stage = Stage()
        self.client = self.stage.connect("bot1")

    def test_init(self) -> None:
        """Init answers with empty data, and again when it is repeated."""
        for _ in range(2):
            self.assertEqual(self.client.init(), Reply(True, "", {}))

    def test_init_while_logged_in(self) -> None:
        """On a connection that is logged in, init changes nothing."""
        self.client.log_in()
        known = self.client.call("getDeviceInfo")
        self.assertTrue(self.client.init(**{**DEVICE, "deviceUuid": "OTHER"}).success)
        self.assertEqual(self.client.call("getDeviceInfo"), known)

    def test_device_fields_are_bounded(self) -> None:
        """A device field has at most as many characters as the limit says."""
        for name in (*DEVICE, "deviceData"):
            longest = {**DEVICE, name: "x" * MAX_DEVICE_CHARACTERS}
            self.assertTrue(self.client.init(**longest).success)
            reason = self.client.refused("init", {**longest, name: longest[name] + "x"})
            self.assertTrue(reason.startswith(f"{name} is longer than "), reason)

    def test_login_types(self) -> None:
        """Token and qrcode are the only login types."""
        self.client.init()
        reason = self.client.refused("login", {"loginType": "phone"})
        self.assertEqual(reason, "loginType must be token or qrcode")

    def test_logged_in_already(self) -> None:
        """A second login on the same connection is refused, and no code is shown."""
        self.client.log_in()
        self.client.refused("login", {"loginType": "qrcode"})
        self.assertIsNone(self.client.account.login)

    def test_token_login(self) -> None:
        """The reply to a token login has the account; the catalogue reads it."""
        token = self.client.log_in().token()
        self.client.call("close")
        reply = self.client.log_in_by_token(token)
        user = self.client.account.user
        self.assertEqual(reply.data["userName"], user.user_name)
        self.assertEqual(reply.data["message"], "\n\x10Everything is ok")
        read = as_read(reply, LoggedIn)
        self.assertEqual((read.uin, read.status, read.nick_name), (user.uin, 0, ""))

    def test_refused_token(self) -> None:
        """A refused token login has a text and the status of the engine in data."""
        self.client.init()
        reply = self.client.call("login", {"loginType": "token", "token": "eA=="})
        self.assertFalse(reply.success)
        self.assertEqual(reply.data, {"status": -2023})
        self.assertTrue(reply.msg)

    def test_logout_and_close(self) -> None:
        """Both end the task; only logout logs out."""
        for code, is_logged_in in (("close", True), ("logout", False)):
            self.client.log_in()
            self.assertEqual(self.client.call(code), Reply(True, "", {}))
            self.assertEqual(self.client.events(), [code])
            self.assertEqual(self.client.account.is_logged_in, is_logged_in)
            self.client.refused("login", {"loginType": "qrcode"})

    def test_device_info(self) -> None:
        """The catalogue reads all five fields of the device."""
        self.client.init()
        read = as_read(self.client.call("getDeviceInfo"), DeviceInfo)
        self.assertEqual(read.device_uuid, DEVICE["deviceUuid"])
        self.assertRegex(read.device_data or "", "^62706c69")


class ContactAndRoomTests(SynchronousTestCase):
    """Contacts and rooms."""

    def setUp(self) -> None:
        """Have an account with a contact and a room."""
        self.stage = Stage()
        self.world = self.stage.world
        self.world.person("alice", nick_name="Alice")
        self.client = self.stage.connect("bot1").log_in()
        self.room = self.world.room("dev", members=["alice", "bot1"])
        self.client.take()

    def test_get_contact(self) -> None:
        """A contact, a system account, oneself and an own room are found."""
        user = self.client.account.user
        for user_name in ("wxid_alice", "weixin", user.user_name, self.room.user_name):
            reply = self.client.call("getContact", {"userId": user_name})
            self.assertEqual(reply.data["userName"], user_name)
            self.assertEqual(reply.data["status"], 0)

    def test_no_contact(self) -> None:
        """Who is unknown, or no contact, has status 0 and only empty texts."""
        other = self.world.room("other", members=["alice"])
        for user_name in ("alice", "wxid_nobody", other.user_name):
            reply = self.client.call("getContact", {"userId": user_name})
            self.assertTrue(reply.success)
            self.assertEqual((reply.data["userName"], reply.data["status"]), ("", 0))

    def test_sync_contact(self) -> None:
        """All contacts are pushed again, then loaded comes."""
        self.assertEqual(self.client.call("syncContact"), Reply(True, "", {}))
        self.assertEqual(self.client.events(), ["push", "loaded"])

    def test_room_members(self) -> None:
        """A member gets the list, which the catalogue reads."""
        group_id = self.room.user_name
        reply = self.client.call("getRoomMembers", {"groupId": group_id})
        read = as_read(reply, RoomMembers)
        self.assertEqual((read.count, read.status), (2, 0))
        self.assertEqual(read.chatroom_id, self.room.version)
        self.assertEqual([m.nick_name for m in read.members], ["Alice", "bot1"])

    def test_no_member(self) -> None:
        """For others, and for what is no room, the status is -19 and all is empty."""
        other = self.world.room("other", members=["alice"])
        for group_id in (other.user_name, "1@chatroom", "wxid_alice"):
            reply = self.client.call("getRoomMembers", {"groupId": group_id})
            read = as_read(reply, RoomMembers)
            self.assertEqual(read.status, STATUS_NO_PERMISSION)
            self.assertEqual((read.count, read.chatroom_id), (0, 0))
            self.assertEqual(read.members, ())
