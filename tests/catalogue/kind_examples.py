"""An example of each kind of message, written from its fields and rules.

Source: messages.toml.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from padchat_twisted.catalogue import (
    AppMessage,
    AvatarMessage,
    CardMessage,
    EmoticonMessage,
    ErrorMessage,
    FileMessage,
    FriendRequest,
    ImageMessage,
    LinkMessage,
    LocationMessage,
    MiniProgramMessage,
    PossibleFriend,
    PushItem,
    QuoteMessage,
    RecalledMessage,
    RedPacketMessage,
    RoomInvitation,
    RoomInvite,
    RoomJoin,
    ShortVideo,
    StatusMessage,
    StatusNotify,
    SysmsgMessage,
    SysNotice,
    SystemMessage,
    TextMessage,
    TransferMessage,
    VideoMessage,
    VoiceMessage,
    VoipInvite,
    VoipMessage,
    VoipNotify,
)

ItemClass: TypeAlias = type[PushItem]


class Example(NamedTuple):
    """A message.

    Args:
        type: its type.
        content: its content.
        kind: the class that it becomes.
        says: what that says, by attribute.
        more: further fields of the item.
    """

    type: int
    content: str
    kind: ItemClass
    says: dict[str, Any]
    more: Mapping[str, Any] = MappingProxyType({})


def xml(tag: str, **attributes: str) -> str:
    """Write an element with attributes."""
    listed = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<{tag}{listed} />"


def app(app_type: str, inner: str = "", title: str = "T", des: str = "D") -> str:
    """Write an app message."""
    return (
        '<?xml version="1.0"?>\n<msg><appmsg appid="" sdkver="0">'
        f"<title>{title}</title>"
        f"<des><![CDATA[{des}]]></des><action>view</action><type>{app_type}</type>"
        f"<url>http://example.invalid/?a=1&amp;b=2</url><thumburl>th</thumburl>{inner}"
        "<sourceusername>gh_a</sourceusername><sourcedisplayname>S</sourcedisplayname>"
        "<md5>0f</md5></appmsg><fromusername>wxid_a</fromusername>"
        "<appinfo><version>1</version><appname>App</appname></appinfo></msg>"
    )


def invitation(title: str, des: str) -> Example:
    """Return an invitation to a room."""
    says = {"inviter": "小明", "room_name": '读"书"会', "app_type": 5, "title": title}
    return Example(49, app("5", title=title, des=des), RoomInvitation, says)


_LINK = {
    "app_type": 5,
    "title": "T",
    "des": "D",
    "url": "http://example.invalid/?a=1&b=2",
    "thumb_url": "th",
    "source_user_name": "gh_a",
    "source_display_name": "S",
    "md5": "0f",
    "from_user_name": "wxid_a",
    "app_name": "App",
    "msg_type": 49,
    "is_unparsed": False,
}
_FILE = (
    "<appattach><totallen>1234</totallen><fileext>pdf</fileext><attachid>@cdn</attachid>"
    "<cdnattachurl>30</cdnattachurl><aeskey>ab</aeskey></appattach>"
)
_PROGRAM = (
    "<weappinfo><username>gh_b@app</username><appid>wx1</appid>"
    "<pagepath>pages/a.html</pagepath></weappinfo>"
)
_QUOTE = (
    "<refermsg><type>1</type><svrid>9000000000000000009</svrid><fromusr>wxid_a</fromusr>"
    "<chatusr>wxid_b</chatusr><displayname>B</displayname><content>quoted</content>"
    "</refermsg>"
)
_TRANSFER = (
    "<wcpayinfo><paysubtype>1</paysubtype><feedesc><![CDATA[￥0.20]]></feedesc>"
    "<transcationid>10</transcationid><transferid>20</transferid>"
    "<invalidtime>1500086400</invalidtime><pay_memo><![CDATA[lunch]]></pay_memo>"
    "</wcpayinfo>"
)
_RED_PACKET = (
    "<wcpayinfo><nativeurl><![CDATA[wxpay://a?sendid=1&sign=2]]></nativeurl>"
    "<sendertitle>Good luck</sendertitle><scenetext>Red packet</scenetext></wcpayinfo>"
)
_TRANSFERRED = {
    "pay_sub_type": 1,
    "fee_desc": "￥0.20",
    "transaction_id": "10",
    "transfer_id": "20",
    "invalid_time": 1500086400,
    "pay_memo": "lunch",
}
_PACKET = {
    "native_url": "wxpay://a?sendid=1&sign=2",
    "sender_title": "Good luck",
    "scene_text": "Red packet",
}
_CALL = (
    "<voipinvitemsg><roomid>1</roomid><invitetype>1</invitetype><status>2</status>"
    "</voipinvitemsg><voipextinfo><recvtime>1500000001</recvtime></voipextinfo>"
    "<voiplocalinfo><wordingtype>1</wordingtype><duration>12</duration></voiplocalinfo>"
)
_REQUEST = xml(
    "msg",
    fromusername="wxid_b",
    encryptusername="v1_b@stranger",
    ticket="v2_b@stranger",
    content="I am &quot;B&quot;",
    fromnickname="B",
    antispamticket="wrong",
    qrticket="",
    scene="30",
    alias="bee",
    sex="2",
    country="CN",
    opcode="2",
    chatroomusername="1@chatroom",
)
_REQUESTED = {
    "user_name": "wxid_b",
    "stranger": "v1_b@stranger",
    "ticket": "v2_b@stranger",
    "greeting": 'I am "B"',
    "nick_name": "B",
    "scene": 30,
    "alias": "bee",
    "sex": 2,
    "op_code": 2,
    "chatroom_user_name": "1@chatroom",
}
_CARD = '<?xml version="1.0"?>\n' + xml(
    "msg",
    username="v1_c@stranger",
    antispamticket="v2_c@stranger",
    nickname="C",
    sex="1",
    certflag="0",
    scene="17",
)
_INVITED = (
    '<sysmsg type="delchatroommember"><delchatroommember><plain>'
    '<![CDATA[你邀请"B、C"加入了群聊  ]]></plain><text><![CDATA[x]]></text><link>'
    "<scene>invite</scene><text><![CDATA[  撤销]]></text><memberlist><username>wxid_b"
    "</username><username>wxid_c</username></memberlist></link></delchatroommember>"
    "</sysmsg>"
)
_RECALL = (
    '<sysmsg type="revokemsg"><revokemsg><session>wxid_a</session><msgid>12</msgid>'
    "<newmsgid>9000000000000000009</newmsgid><replacemsg><![CDATA["
    '"B" 撤回了一条消息]]></replacemsg></revokemsg></sysmsg>'
)
_STATUS = '{"wxId":"wxid_a","status":1,"msg":"","data":"cXI="}'

EXAMPLES = (
    Example(-1, "out of order", ErrorMessage, {"text": "out of order"}),
    Example(0, _STATUS, StatusMessage, {"content": _STATUS}),
    Example(1, "hi [Smile]", TextMessage, {"text": "hi [Smile]"}),
    Example(
        3,
        '<?xml version="1.0"?>\n<msg>'
        + xml("img", md5="0f", length="42134", cdnthumbwidth="90", aeskey="ab")
        + "</msg>",
        ImageMessage,
        {"size": 42134, "data": "/9j/4A=="},
        {"data": "/9j/4A=="},
    ),
    Example(
        34,
        "<msg>" + xml("voicemsg", length="5013", voicelength="3120") + "</msg>",
        VoiceMessage,
        {"size": 5013, "milliseconds": 3120, "data": "IyFTSUxL"},
        {"data": "IyFTSUxL"},
    ),
    Example(35, "?", AvatarMessage, {"text": "?"}),
    Example(37, _REQUEST, FriendRequest, _REQUESTED, {"fromUser": "fmessage"}),
    Example(40, "?", PossibleFriend, {"text": "?"}),
    Example(
        42,
        _CARD,
        CardMessage,
        {
            "user_name": "v1_c@stranger",
            "ticket": "v2_c@stranger",
            "nick_name": "C",
            "sex": 1,
            "cert_flag": 0,
            "scene": 17,
        },
    ),
    Example(
        43,
        "<msg>" + xml("videomsg", length="90123", playlength="9") + "</msg>",
        VideoMessage,
        {"size": 90123},
    ),
    Example(
        47,
        "<msg>"
        + xml("emoji", type="2", md5="0f", len="21034")
        + xml("gameext", type="0", content="0")
        + "</msg>",
        EmoticonMessage,
        {},
    ),
    Example(
        48,
        "<msg>"
        + xml("location", x="22.54", y="113.95", scale="16", label="L", poiname="P")
        + "</msg>",
        LocationMessage,
        {
            "latitude": 22.54,
            "longitude": 113.95,
            "scale": 16,
            "label": "L",
            "poi_name": "P",
        },
    ),
    Example(49, app("5"), LinkMessage, _LINK),
    Example(
        49,
        app("6", _FILE),
        FileMessage,
        {"total_length": 1234, "file_ext": "pdf", "attach_id": "@cdn", "title": "T"},
    ),
    *(
        Example(
            49,
            app(number, _PROGRAM),
            MiniProgramMessage,
            {"user_name": "gh_b@app", "app_id": "wx1", "page_path": "pages/a.html"},
        )
        for number in ("33", "36")
    ),
    Example(
        49,
        app("57", _QUOTE),
        QuoteMessage,
        {
            "quoted_type": 1,
            "quoted_id": "9000000000000000009",
            "quoted_from": "wxid_a",
            "quoted_sender": "wxid_b",
            "quoted_name": "B",
            "quoted_content": "quoted",
        },
    ),
    Example(49, app("2000", _TRANSFER), TransferMessage, _TRANSFERRED),
    Example(49, app("2001", _RED_PACKET), RedPacketMessage, _PACKET),
    invitation("邀请你加入群聊", '"小明"邀请你加入群聊读"书"会，进入可查看详情。'),
    invitation(
        "Group Chat Invitation",
        '"小明" invited you to join the group chat "读"书"会". Enter to view details.',
    ),
    Example(
        49,
        app("5", title="邀请你加入群聊", des="look"),
        LinkMessage,
        {"title": "邀请你加入群聊"},
    ),
    *(
        Example(49, app(str(number)), AppMessage, {"app_type": number, "des": "D"})
        for number in (1, 2, 3, 4, 7, 8, 9, 10, 13, 15, 16, 17, 100001, 4711)
    ),
    Example(
        49,
        app("19", "<recorditem><![CDATA[<recordinfo />]]></recorditem>"),
        AppMessage,
        {"app_type": 19, "record_item": "<recordinfo />"},
    ),
    Example(
        50,
        _CALL,
        VoipMessage,
        {"invite_type": 1, "call_status": 2, "received_at": 1500000001, "duration": 12},
    ),
    Example(
        51,
        "<msg>\n<op id='2'>\n<username>wxid_a</username>\n</op>\n</msg>",
        StatusNotify,
        {"operation": 2, "user_name": "wxid_a"},
    ),
    Example(52, "?", VoipNotify, {"text": "?"}),
    Example(53, "?", VoipInvite, {"text": "?"}),
    Example(
        62,
        "<msg>" + xml("videomsg", length="90123", playlength="9") + "</msg>",
        ShortVideo,
        {"size": 90123},
    ),
    Example(2000, app("2000", _TRANSFER), TransferMessage, _TRANSFERRED),
    Example(2001, app("2001", _RED_PACKET), RedPacketMessage, _PACKET),
    Example(3000, "?", RoomInvite, {"text": "?"}),
    Example(
        3000,
        app("5", title="邀请你加入群聊", des='"小明"邀请你加入群聊，进入可查看详情。'),
        RoomInvitation,
        {"inviter": "小明", "room_name": "", "msg_type": 3000},
    ),
    Example(9999, "?", SysNotice, {"text": "?"}),
    Example(10000, "something else", SystemMessage, {"is_unparsed": True}),
    Example(
        10002,
        _RECALL,
        RecalledMessage,
        {
            "kind": "revokemsg",
            "session": "wxid_a",
            "short_id": "12",
            "recalled_id": "9000000000000000009",
            "replacement": '"B" 撤回了一条消息',
        },
    ),
    Example(
        10002,
        _INVITED,
        RoomJoin,
        {
            "inviter": None,
            "invitees": ("B", "C"),
            "user_names": ("wxid_b", "wxid_c"),
            "includes_me": False,
            "is_by_qr_code": False,
            "text": '你邀请"B、C"加入了群聊',
        },
    ),
    Example(
        10002,
        '<sysmsg type="dynacfg"><dynacfg>a</dynacfg></sysmsg>',
        SysmsgMessage,
        {"kind": "dynacfg", "is_unparsed": False},
        {"fromUser": "weixin"},
    ),
)
