"""The catalogue against the recorded conversations of the reference client."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    COMMANDS,
    AcceptTransfer,
    AcceptUser,
    AddContact,
    AddContactSource,
    AddFav,
    AddLabel,
    AddRoomMember,
    AppMessage,
    AutoLoginData,
    Close,
    CloseEvent,
    Command,
    Contact,
    CreateRoom,
    DeleteContact,
    DeleteFav,
    DeleteLabel,
    DeleteRoomMember,
    DeviceInfo,
    Event,
    GetAutoLoginData,
    GetContact,
    GetDeviceInfo,
    GetFav,
    GetLabelList,
    GetMpInfo,
    GetMsgImage,
    GetRequestToken,
    GetRoomMembers,
    GetSubscriptionInfo,
    Init,
    InviteRoomMember,
    Loaded,
    Login,
    LoginEvent,
    Logout,
    LogoutEvent,
    OpenRedPacket,
    OperateSubscription,
    Push,
    QRCode,
    QueryRedPacket,
    QueryTransfer,
    QuitRoom,
    ReceiveRedPacket,
    RefusedReply,
    RequestUrl,
    SayHello,
    Scan,
    SearchContact,
    SendAppMsg,
    SendImage,
    SendMsg,
    SentMessage,
    SetLabel,
    SetRemark,
    ShareCard,
    Sns,
    SnsComment,
    SnsGetObject,
    SnsObjectOp,
    SnsSendMoment,
    SnsTimeline,
    SnsUpload,
    SnsUserPage,
    SyncContact,
    SyncFav,
    SysmsgMessage,
    TextMessage,
    UnknownEvent,
    Warn,
    decode_event,
    decode_reply,
)
from padchat_twisted.wire import json_text
from padchat_twisted.wire.dialect_socketio import call_body
from padchat_twisted.wire.envelope import Notice

from . import recorded

FIRST = "padchat-login-flow"
SECOND = "padchat-token-login-flow"
ALL = "padchat-api-commands"

SAVED = Init(
    "小米的 ipad",
    "B0B0B0B0-1111-4222-8333-444455556666",
    "wifi-测试",
    "00:11:22:33:44:55",
    "62706c6973743030d4",
)

ROOM = "1234567@chatroom"
ITEM = {"msgId": "1", "msgType": 3, "content": "<xml/>"}

#: What the recorded programs asked for, written down as ours would: the scenario, the
#: ack id there, the command. Source: the README.md of the vectors, PADCHAT demo.js.
ASKED: tuple[tuple[str, int, Command[Any]], ...] = (
    (
        FIRST,
        0,
        Init(
            "mIxH 的 ipad",
            "A239696C-796E-4796-B7A8-E77ADA89A159",
            "FZor3IlW",
            "94:7D:EB:C6:2D:3C",
        ),
    ),
    (FIRST, 1, Login(login_type="qrcode")),
    (FIRST, 2, GetDeviceInfo()),
    (FIRST, 3, GetAutoLoginData()),
    (FIRST, 4, SendMsg("filehelper", "你登录了！")),
    (FIRST, 5, SendMsg("wxid_friend", "dong")),
    (SECOND, 0, SAVED),
    (SECOND, 1, Login(token="dG9rZW4tZm9yLWF1dG8tbG9naW4=", login_type="token")),
    (SECOND, 2, GetDeviceInfo()),
    (SECOND, 3, GetAutoLoginData()),
    (SECOND, 4, SendMsg("filehelper", "你登录了！")),
    (SECOND, 5, SendMsg("wxid_friend", "dong")),
    (ALL, 0, SAVED),
    (ALL, 2, Login(login_type="qrcode")),
    (ALL, 3, Login(token="wrong", login_type="token")),
    (ALL, 4, GetDeviceInfo()),
    (ALL, 5, GetAutoLoginData()),
    (ALL, 6, SyncContact()),
    (ALL, 7, Logout()),
    (ALL, 8, Close()),
    (ALL, 9, GetLabelList()),
    (ALL, 10, SendMsg("wxid_friend", "你好 😀\n第二行")),
    (ALL, 11, SendMsg("1234567@chatroom", "@李四 你好", ("wxid_friend",))),
    (ALL, 12, SendAppMsg("wxid_friend", "<appmsg><title>标题</title></appmsg>")),
    (ALL, 13, ShareCard("wxid_friend", content="名片", user_id="wxid_other")),
    (ALL, 14, SendImage("wxid_friend", "/9j/4A==")),
    (ALL, 15, SendImage("wxid_friend", "/9j/4A==")),
    (ALL, 16, CreateRoom(("wxid_a", "wxid_b"))),
    (ALL, 17, GetRoomMembers(ROOM)),
    (ALL, 18, AddRoomMember(ROOM, "wxid_a")),
    (ALL, 19, InviteRoomMember(ROOM, "wxid_a")),
    (ALL, 20, DeleteRoomMember(ROOM, "wxid_a")),
    (ALL, 21, QuitRoom(ROOM)),
    (ALL, 22, GetContact("wxid_a")),
    (ALL, 23, SearchContact("wxid_a")),
    (ALL, 24, DeleteContact("wxid_a")),
    (ALL, 25, AcceptUser("v1_stranger", "v2_ticket")),
    (ALL, 26, AddContact(stranger="v1_stranger", ticket="v2_ticket")),
    (
        ALL,
        27,
        AddContact(
            stranger="v1_stranger",
            ticket="v2_ticket",
            type=AddContactSource.PHONE_NUMBER,
            content="你好",
        ),
    ),
    (ALL, 28, SayHello(stranger="v1_stranger", ticket="v2_ticket")),
    (ALL, 29, SayHello(stranger="v1_stranger", ticket="v2_ticket", content="打招呼")),
    (ALL, 30, SetRemark("wxid_a", "备注")),
    (ALL, 31, GetMsgImage(ITEM)),
    (ALL, 32, SnsUpload("5Zu+")),
    (ALL, 33, SnsObjectOp(user_id="wxid_a", moment_id="123456", type=1)),
    (ALL, 34, SnsSendMoment("朋友圈文字")),
    (ALL, 35, SnsUserPage("wxid_a")),
    (ALL, 36, SnsUserPage("wxid_a", "123")),
    (ALL, 37, SnsTimeline()),
    (ALL, 38, SnsTimeline("123")),
    (ALL, 39, SnsGetObject("123")),
    (ALL, 40, SnsComment("wxid_a", "123", "评论")),
    (ALL, 41, SyncFav()),
    (ALL, 42, SyncFav("favkey")),
    (ALL, 43, AddFav("收藏")),
    (ALL, 44, GetFav(1)),
    (ALL, 45, DeleteFav(1)),
    (ALL, 46, AddLabel("标签")),
    (ALL, 47, DeleteLabel("1")),
    (ALL, 48, SetLabel("wxid_a", "1")),
    (ALL, 49, QueryTransfer(ITEM)),
    (ALL, 50, AcceptTransfer(ITEM)),
    (ALL, 51, ReceiveRedPacket(ITEM)),
    (ALL, 52, QueryRedPacket(ITEM)),
    (ALL, 53, QueryRedPacket(ITEM, 11)),
    (ALL, 54, OpenRedPacket(ITEM, "key")),
    (ALL, 55, GetMpInfo("gh_1")),
    (ALL, 56, GetSubscriptionInfo("gh_1")),
    (ALL, 57, OperateSubscription("gh_1", 1, "key")),
    (ALL, 58, GetRequestToken("gh_1", "http://example.com/?a=1&b=2")),
    (ALL, 59, RequestUrl("http://example.com", "k", "u")),
)

#: What the recorded program wrote otherwise than the tables say, each with the reason.
AS_RECORDED = {
    b'"labelId":"1"': b'"labelId":1',  # a text in padchat-sdk's documentation
}


class CommandTests(SynchronousTestCase):
    """Commands as they leave."""

    def test_bytes(self) -> None:
        """Each command is what the reference client sent, byte for byte."""
        for scenario, ack_id, command in ASKED:
            (said,) = (c for c in recorded.calls(scenario) if c.ack_id == ack_id)
            written = call_body(command.wire_name, json_text.write(command))
            for ours, recorded_form in AS_RECORDED.items():
                written = written.replace(ours, recorded_form)
            self.assertEqual(written, said.body, (scenario, ack_id))
            self.assertIsNone(command.problem("socketio"), (scenario, ack_id))

    def test_all_commands(self) -> None:
        """Every command of the dialect is in a recording, and was compared."""
        compared = {type(command) for _, _, command in ASKED}
        spoken = {c for c in COMMANDS.values() if "socketio" in c.dialects}
        self.assertEqual(compared, spoken)

    def test_all_calls(self) -> None:
        """Every recorded call of a command that we know was compared."""
        compared = {(scenario, ack_id) for scenario, ack_id, _ in ASKED}
        # The second init of that scenario differs from SAVED by what is left out.
        compared.add((ALL, 1))
        for scenario in (FIRST, SECOND, ALL):
            for said in recorded.calls(scenario):
                if said.name in COMMANDS:
                    self.assertIn((scenario, said.ack_id), compared, said.name)

    def test_left_out(self) -> None:
        """What is left out is not sent, not even as null."""
        command = Init(
            SAVED.device_name,
            SAVED.device_uuid,
            SAVED.device_wifi_name,
            SAVED.device_wifi_mac,
        )
        written = call_body("init", json_text.write(command))
        self.assertEqual(written, recorded.calls(ALL)[1].body)


class ReplyTests(SynchronousTestCase):
    """Replies as they come."""

    def test_init(self) -> None:
        """A command without result fields succeeds with none."""
        result = decode_reply(Init.result_type, recorded.reply(FIRST, 0))
        assert not isinstance(result, RefusedReply)
        self.assertEqual(result.raw, {})

    def test_device_info(self) -> None:
        """Device data is read by name."""
        info = decode_reply(DeviceInfo, recorded.reply(FIRST, 2))
        assert isinstance(info, DeviceInfo)
        self.assertEqual(
            Init(
                info.device_name or "",
                info.device_uuid or "",
                info.device_wifi_name or "",
                info.device_wifi_mac or "",
                info.device_data or "",
            ),
            SAVED,
        )

    def test_token(self) -> None:
        """So is the token."""
        data = decode_reply(AutoLoginData, recorded.reply(FIRST, 3))
        assert isinstance(data, AutoLoginData)
        self.assertEqual(data.token, "dG9rZW4tZm9yLWF1dG8tbG9naW4=")

    def test_sent_message(self) -> None:
        """An answer that lacks documented fields is a success all the same."""
        sent = decode_reply(SentMessage, recorded.reply(FIRST, 4))
        assert isinstance(sent, SentMessage)
        self.assertEqual((sent.msg_id, sent.status), ("5812349871234098721", 0))
        self.assertEqual(sent.raw, {"msgId": "5812349871234098721"})

    def test_refused_token(self) -> None:
        """A refused token is a refusal with the gateway's text."""
        refused = decode_reply(Login.result_type, recorded.reply(ALL, 3))
        self.assertEqual(refused, RefusedReply("自动登录失败，请扫码"))

    def test_every_reply(self) -> None:
        """Every other recorded reply to a command that we know is a success."""
        for scenario, ack_id, command in ASKED:
            if (scenario, ack_id) != (ALL, 3):
                result = decode_reply(
                    command.result_type, recorded.reply(scenario, ack_id)
                )
                self.assertIsInstance(result, command.result_type, (scenario, ack_id))


class EventTests(SynchronousTestCase):
    """Events of a whole session."""

    def events(self, scenario: str) -> list[Event]:
        """Decode what the server said unasked."""
        return [
            decode_event(Notice(said.name, said.body))
            for said in recorded.notices(scenario)
        ]

    def test_kinds(self) -> None:
        """Each event is of its class, a push that is none an unknown event."""
        session: list[type[Event]] = [LoginEvent, Push, Loaded, Push, Push]
        session += [Sns, UnknownEvent, Warn, LogoutEvent, CloseEvent]
        scanned: list[type[Event]] = [QRCode, Scan, Scan, Scan]
        for scenario, kinds in ((FIRST, scanned + session), (SECOND, session)):
            found = [type(event) for event in self.events(scenario)]
            self.assertEqual(found, kinds)

    def test_scan(self) -> None:
        """The scan goes on from waiting to finished."""
        events = self.events(FIRST)
        (code,) = (event for event in events if isinstance(event, QRCode))
        self.assertEqual(code.qr_code, "/9j/4AAQSkZJRgABAQAAAQABAAD/2Q==")
        scans = [event for event in events if isinstance(event, Scan)]
        self.assertEqual([scan.status for scan in scans], [0, 1, 2])
        self.assertEqual([s.is_finished for s in scans], [False, False, True])
        self.assertEqual(scans[1].nick_name, "张三 🐼")
        self.assertEqual(scans[2].user_name, "wxid_abc123")

    def test_contacts(self) -> None:
        """A friend and a room, whose members are a list here."""
        push = self.events(SECOND)[1]
        assert isinstance(push, Push)
        friend, room = push.list
        assert isinstance(friend, Contact)
        assert isinstance(room, Contact)
        self.assertEqual((friend.nick_name, friend.sex), ("李四 😀", 1))
        self.assertEqual((friend.is_room, room.is_room), (False, True))
        self.assertEqual(room.members, ("wxid_abc123", "wxid_friend"))

    def test_messages(self) -> None:
        """A text is a text; what says little of itself keeps all of its fields."""
        _, _, _, texts, others, *_ = self.events(SECOND)
        assert isinstance(texts, Push)
        assert isinstance(others, Push)
        (text,) = texts.list
        assert isinstance(text, TextMessage)
        self.assertEqual((text.text, text.sender), ("ding 你好 😀", "wxid_friend"))
        self.assertEqual((text.msg_id, text.status), ("5812349871234098712", 3))
        # Neither says which of its kind it is.
        link, recalled = others.list
        self.assertIs(type(link), AppMessage)
        self.assertIs(type(recalled), SysmsgMessage)
        self.assertEqual(link.conversation, "1234567@chatroom")
        self.assertEqual(link.raw["data"], "CiYKDnd4aWRfYWJjMTIz")

    def test_rest(self) -> None:
        """Texts of the other events; the second argument of ``sns``."""
        sns, odd, warn, logout, close = self.events(SECOND)[-5:]
        self.assertEqual(sns.arguments, [{"success": True}, "朋友圈小圆点"])
        self.assertEqual(odd.raw, {"list": "不是数组"})
        assert isinstance(warn, Warn)
        assert isinstance(logout, LogoutEvent)
        assert isinstance(close, CloseEvent)
        self.assertEqual(warn.error, "任务警告 ⚠")
        self.assertEqual(logout.msg, "账号已在手机端退出")
        self.assertEqual(close.msg, "任务已关闭")
