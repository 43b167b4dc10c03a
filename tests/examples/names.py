"""The tables that lead from PadChat's own names to ours, made from its tables."""

from __future__ import annotations

import tomllib
from typing import Any

from padchat_twisted.catalogue import COMMANDS, EVENTS, UNIMPLEMENTED, UnknownEvent
from padchat_twisted.catalogue.groups import GROUPS

from ..children import ROOT

PROTOCOL = ROOT / "tests" / "protocol"

#: Commands that no class stands for, each with where they went.
SENT_FOR_YOU = {"auth": "the auth key is given to `connect`, and sent by itself"}

#: What each command does, for who looks for it in Chinese.
CHINESE = {
    "acceptTransfer": "收下转账",
    "acceptUser": "通过好友申请",
    "addContact": "申请加好友",
    "addFav": "加入收藏",
    "addLabel": "新建标签",
    "addRoomMember": "拉人进群",
    "auth": "连接授权",
    "close": "关闭实例，不退出微信",
    "closePush": "停止推送",
    "createRoom": "建群",
    "deleteContact": "删除好友",
    "deleteFav": "删除收藏",
    "deleteLabel": "删除标签",
    "deleteRoomMember": "移出群成员",
    "dumpWxuser": "导出登录状态",
    "getAutoLoginData": "取自动登录的 token",
    "getContact": "取联系人资料",
    "getDeviceInfo": "取设备参数（62 数据）",
    "getFav": "取一条收藏",
    "getLabelList": "取全部标签",
    "getMpInfo": "取公众号的 gh_ 号",
    "getMsgImage": "取图片消息的原图",
    "getMsgVideo": "取视频消息的文件",
    "getMsgVoice": "取语音消息的文件",
    "getMyInfo": "取本账号的资料",
    "getRequestToken": "取网页授权",
    "getRoomMembers": "取群成员",
    "getRoomQrcode": "取群二维码",
    "getSubscriptionInfo": "取公众号资料",
    "getUserQrcode": "取个人二维码",
    "heartBeat": "心跳",
    "init": "新建实例",
    "inviteRoomMember": "邀请进群",
    "login": "登录：扫码、token、密码",
    "logout": "退出微信",
    "massMsg": "群发",
    "openRedPacket": "拆红包",
    "operateSubscription": "点公众号菜单",
    "queryRedPacket": "查看红包",
    "queryTransfer": "查看转账",
    "quitRoom": "退群",
    "receiveRedPacket": "收红包",
    "requestUrl": "打开授权网页",
    "sayHello": "打招呼",
    "searchContact": "搜索用户",
    "searchMp": "搜索公众号",
    "sendAppMsg": "发链接、小程序等 App 消息",
    "sendImage": "发图片",
    "sendMsg": "发文字，可 @ 群成员",
    "sendVoice": "发语音",
    "setHeadImg": "换头像",
    "setLabel": "给好友设标签",
    "setRemark": "设备注名",
    "setRoomAnnouncement": "发群公告",
    "setRoomName": "改群名",
    "shareCard": "发名片",
    "snsComment": "评论朋友圈",
    "snsGetObject": "取一条朋友圈",
    "snsLike": "点赞朋友圈",
    "snsObjectOp": "删除朋友圈、评论，取消赞",
    "snsSendMoment": "发朋友圈",
    "snsTimeline": "看朋友圈",
    "snsUpload": "上传朋友圈图片",
    "snsUserPage": "看某人的朋友圈",
    "status": "登录状态",
    "syncContact": "同步通讯录",
    "syncFav": "同步收藏",
    "syncMsg": "同步消息",
}

#: Events that no class stands for, each with where they went.
TAKEN_IN = {
    "cmdRet": "the result of `account.call`",
    "push": "one event for each item: `TextMessage`, `Contact`, ...",
    "contact": "the item `Contact`",
}


def readme() -> str:
    """Make the table of the functions of PadChat's README."""
    lines = ["| In PadChat's README | 中文 | `code` | Here |", "|---|---|---|---|"]
    for row in _tables("commands")["seed_row"]:
        printed = f"`{row['printed_code']}`" if row["printed_code"] else "not told"
        chinese = "；".join(CHINESE[code] for code in row["resolved"])
        here = " or ".join(_here(code) for code in row["resolved"])
        cells = row["row"], chinese, printed, here or "no gateway has it"
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def sdk() -> str:
    """Make the table of padchat-sdk's methods."""
    lines = ["| Method of padchat-sdk | 中文 | `cmd` | Here |", "|---|---|---|---|"]
    for command in _tables("commands")["command"]:
        if "sdk" in command["dialects"]:
            code = command["code"]
            wire = command.get("wire", {}).get("sdk", {}).get("code", code)
            method = command.get("sdk_method", code)
            cells = f"`{method}`", CHINESE[code], f"`{wire}`", _here(code)
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def events() -> str:
    """Make the table of the events of all dialects."""
    lines = [
        "| Event | in `legacy` | in `socketio` | in `sdk` | Here |",
        "|---|---|---|---|---|",
    ]
    for event in _tables("events")["event"]:
        name = event["name"]
        wire = event.get("wire", {})
        told = (
            f"`{wire.get(dialect, name)}`" if dialect in event["dialects"] else ""
            for dialect in ("legacy", "socketio", "sdk")
        )
        kind = EVENTS.get(name, UnknownEvent)
        here = TAKEN_IN.get(name, f"`{kind.__name__}`")
        lines.append(f"| `{name}` | {' | '.join(told)} | {here} |")
    return "\n".join(lines)


def _here(code: str) -> str:
    """Say what a command is here, with a link to its page."""
    if code in UNIMPLEMENTED:
        return f'`account.call_raw("{code}", ...)`, which no gateway is known to do'
    if code in SENT_FOR_YOU:
        return SENT_FOR_YOU[code]
    name = COMMANDS[code].__name__
    group = next(group for group, found in GROUPS.items() if COMMANDS[code] in found)
    return f"[`{name}`](commands/{group}.md#{name.lower()})"


def _tables(name: str) -> dict[str, Any]:
    with (PROTOCOL / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
