"""What the gateway behind the vectors ``padchat-*-flow`` did.

The reference client ran in a process of its own and nobody wrote down what it saw,
so the gateway's part is told here: its answer to each command, and what it pushed.
"""

from __future__ import annotations

from typing import Any

from .acts import Act, Emit

_ACCOUNT = {"userName": "wxid_abc123", "nickName": "张三 🐼"}
_DEVICE = {
    "deviceName": "小米的 ipad",
    "deviceUuid": "B0B0B0B0-1111-4222-8333-444455556666",
    "deviceWifiName": "wifi-测试",
    "deviceWifiMac": "00:11:22:33:44:55",
    "deviceData": "62706c6973743030d4",
}


def _success(content: object, text: str = "") -> list[Any]:
    return [{"success": True, "msg": text, "data": content}]


def answers(login_text: str) -> dict[str, list[list[Any]]]:
    """Return the arguments of the answers to each command, in order.

    Args:
        login_text: what the answer to ``login`` says.
    """
    return {
        "init": [_success({})],
        "login": [_success({}, login_text)],
        "getDeviceInfo": [_success(_DEVICE)],
        "getAutoLoginData": [_success({"token": "dG9rZW4tZm9yLWF1dG8tbG9naW4="})],
        "sendMsg": [
            _success({"msgId": "5812349871234098721"}, "发送成功"),
            _success({"msgId": "5812349871234098722"}, "发送成功"),
        ],
    }


_SCAN: list[list[Any]] = [
    ["qrcode", {"qrCode": "/9j/4AAQSkZJRgABAQAAAQABAAD/2Q==", "msg": "获取二维码成功"}],
    ["scan", {"status": 0, "msg": "等待扫码..."}],
    [
        "scan",
        {
            "status": 1,
            "headUrl": "http://wx.qlogo.cn/mmhead/ver_1/x/0",
            "nickName": "张三 🐼",
            "msg": "已扫码，请在手机端确认登陆...",
        },
    ],
    [
        "scan",
        {
            "status": 2,
            "subStatus": 0,
            "userName": "wxid_abc123",
            "nickName": "张三 🐼",
            "msg": "扫码成功！登陆成功！",
        },
    ],
]

_LOGIN: list[Any] = ["login", _success(_ACCOUNT)[0]]

_CONTACTS: list[Any] = [
    "push",
    {
        "list": [
            {
                "msgType": 2,
                "userName": "wxid_friend",
                "nickName": "李四 😀",
                "smallHead": "http://wx.qlogo.cn/mmhead/ver_1/y/132",
                "sex": 1,
                "label": "",
                "remark": "",
            },
            {
                "msgType": 2,
                "userName": "1234567@chatroom",
                "nickName": '测试群 "引号"',
                "member": ["wxid_abc123", "wxid_friend"],
            },
        ]
    },
]

_DING: list[Any] = [
    "push",
    {
        "list": [
            {
                "msgId": "5812349871234098712",
                "msgType": 1,
                "fromUser": "wxid_friend",
                "toUser": "wxid_abc123",
                "content": "ding 你好 😀",
                "description": "李四 : ding 你好 😀",
                "msgSource": "<msgsource />",
                "timestamp": 1528372225,
                "continue": 1,
                "status": 3,
            }
        ]
    },
]

_LINK_AND_RECALL: list[Any] = [
    "push",
    {
        "list": [
            {
                "msgId": "5812349871234098713",
                "msgType": 49,
                "fromUser": "1234567@chatroom",
                "toUser": "wxid_abc123",
                "content": 'wxid_friend:\n<?xml version="1.0"?>\n<msg><appmsg appid=""'
                ' sdkver="0"><title>标题 &amp; 链接</title></appmsg></msg>',
                "data": "CiYKDnd4aWRfYWJjMTIz",
                "timestamp": 1528372230,
            },
            {
                "msgId": "5812349871234098714",
                "msgType": 10002,
                "fromUser": "wxid_friend",
                "content": '<sysmsg type="revokemsg"></sysmsg>',
            },
        ]
    },
]

_END: list[list[Any]] = [
    ["sns", {"success": True}, "朋友圈小圆点"],
    ["push", {"list": "不是数组"}],
    ["warn", {"success": False, "msg": "", "error": "任务警告 ⚠"}],
    ["logout", {"success": True, "msg": "账号已在手机端退出"}],
    ["close", {"success": True, "msg": "任务已关闭"}],
]

#: What it pushed: after which step of the recording, at which time (ms), what.
_Pushed = tuple[tuple[int, int, list[Any]], ...]

_QR_FLOW: _Pushed = (
    (9, 196, _SCAN[0]),
    (10, 217, _SCAN[1]),
    (11, 247, _SCAN[2]),
    (12, 278, _SCAN[3]),
    (13, 308, _LOGIN),
    (18, 389, _CONTACTS),
    (19, 430, ["loaded"]),
    (22, 490, _DING),
    (25, 551, _LINK_AND_RECALL),
    (26, 590, _END[0]),
    (27, 631, _END[1]),
    (28, 671, _END[2]),
    (29, 711, _END[3]),
    (30, 752, _END[4]),
)

_TOKEN_FLOW: _Pushed = (
    (9, 164, _LOGIN),
    (14, 244, _CONTACTS),
    (15, 285, ["loaded"]),
    (18, 345, _DING),
    (21, 406, _LINK_AND_RECALL),
    (22, 447, _END[0]),
    (23, 487, _END[1]),
    (24, 528, _END[2]),
    (25, 569, _END[3]),
    (26, 608, _END[4]),
)


def _acts(pushed: _Pushed) -> tuple[Act, ...]:
    return tuple(Act(step, ms / 1000, Emit("/user", said)) for step, ms, said in pushed)


QR_FLOW_ACTS = _acts(_QR_FLOW)
TOKEN_FLOW_ACTS = _acts(_TOKEN_FLOW)
