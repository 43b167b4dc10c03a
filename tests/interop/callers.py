"""The JavaScript clients of two dialects, logged in and told to call commands."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec
from twisted.internet.interfaces import IReactorProcess

from padchat_twisted.catalogue import Command, Dialect
from padchat_twisted.sandbox.accounts import Account
from padchat_twisted.sandbox.binding import State
from padchat_twisted.sandbox.json_served import NAME
from tests.sandbox.stage import DEVICE

from .acts import Mismatch
from .peers import AUTH_KEY, Line, Peer, call
from .sandbox import Sandbox
from .sides import Side, start_side

__all__ = ["CALLERS", "METHODS", "NO_COMMANDS", "Caller", "SdkCaller", "SocketIOCaller"]

#: By canonical name of a command, the method of padchat-sdk that sends it and the
#: arguments of that, by canonical name; a mapping is one object of such.
METHODS: dict[str, tuple[str, *tuple[str | Mapping[str, str], ...]]] = {
    "init": ("init",),
    "login": ("login", "loginType", {"wxData": "deviceData", "token": "token"}),
    "logout": ("logout",),
    "close": ("close",),
    "getDeviceInfo": ("getWxData",),
    "getAutoLoginData": ("getLoginToken",),
    "getMyInfo": ("getMyInfo",),
    "heartBeat": ("heartBeat",),
    "closePush": ("closePush",),
    "getContact": ("getContact", "userId"),
    "searchContact": ("searchContact", "userId"),
    "acceptUser": ("acceptUser", "stranger", "ticket"),
    "addContact": ("addContact", "stranger", "ticket", "type", "content"),
    "sayHello": ("sayHello", "stranger", "ticket", "content"),
    "deleteContact": ("deleteContact", "userId"),
    "setRemark": ("setRemark", "userId", "remark"),
    "syncContact": ("syncContact", "reset"),
    "setHeadImg": ("setHeadImg", "image"),
    "getUserQrcode": ("getContactQrcode", "userId", "style"),
    "dumpWxuser": ("dumpWxuser",),
    "createRoom": ("createRoom", "userList"),
    "getRoomMembers": ("getRoomMembers", "groupId"),
    "addRoomMember": ("addRoomMember", "groupId", "userId"),
    "inviteRoomMember": ("inviteRoomMember", "groupId", "userId"),
    "deleteRoomMember": ("deleteRoomMember", "groupId", "userId"),
    "quitRoom": ("quitRoom", "groupId"),
    "setRoomAnnouncement": ("setRoomAnnouncement", "groupId", "content"),
    "setRoomName": ("setRoomName", "groupId", "content"),
    "getRoomQrcode": ("getRoomQrcode", "groupId"),
    "sendMsg": ("sendMsg", "toUserName", "content", "atList"),
    "sendAppMsg": ("sendAppMsg", "toUserName", "content"),
    "sendImage": ("sendImage", "toUserName", "image"),
    "shareCard": ("shareCard", "toUserName", "content", "userId"),
    "sendVoice": ("sendVoice", "toUserName", "file", "time"),
    "syncMsg": ("syncMsg",),
    "getMsgImage": ("getMsgImage", "rawMsgData"),
    "getMsgVideo": ("getMsgVideo", "rawMsgData"),
    "getMsgVoice": ("getMsgVoice", "rawMsgData"),
    "snsSendMoment": ("snsSendMoment", "content"),
    "snsUpload": ("snsUpload", "image"),
    "snsUserPage": ("snsUserPage", "userId", "momentId"),
    "snsTimeline": ("snsTimeline", "momentId"),
    "snsGetObject": ("snsGetObject", "momentId"),
    "snsObjectOp": ("snsobjectOp", "momentId", "type", "commentId", "commentType"),
    "snsComment": ("snsComment", "userId", "momentId", "content"),
    "snsLike": ("snsLike", "userId", "momentId"),
    "syncFav": ("syncFav", "favKey"),
    "addFav": ("addFav", "content"),
    "getFav": ("getFav", "favId"),
    "deleteFav": ("deleteFav", "favId"),
    "getLabelList": ("getLabelList",),
    "addLabel": ("addLabel", "label"),
    "deleteLabel": ("deleteLabel", "labelId"),
    "setLabel": ("setLabel", "userId", "labelId"),
    "queryTransfer": ("queryTransfer", "rawMsgData"),
    "acceptTransfer": ("acceptTransfer", "rawMsgData"),
    "receiveRedPacket": ("receiveRedPacket", "rawMsgData"),
    "queryRedPacket": ("queryRedPacket", "rawMsgData", "index"),
    "openRedPacket": ("openRedPacket", "rawMsgData", "key"),
    "searchMp": ("searchMp", "content"),
    "getSubscriptionInfo": ("getSubscriptionInfo", "ghName"),
    "operateSubscription": ("operateSubscription", "ghName", "menuId", "menuKey"),
    "getRequestToken": ("getRequestToken", "ghName", "url"),
    "requestUrl": ("requestUrl", "url", "xKey", "xUin"),
}

#: The other methods of padchat-sdk, and why they send no command of their own.
NO_COMMANDS = {
    "start": "connects",
    "_send": "what each command goes through",
    "asyncSend": "what each command goes through",
    "sendCmd": "what each command goes through",
    "setSyncContact": "a setting of the client",
    "setSyncMsg": "a setting of the client",
    "massMsg": "gives an error back at once and sends nothing",
}

#: Parameters that padchat-sdk sends with a value of its own, which nobody can change.
FIXED = {("getRoomQrcode", "style")}

#: Type of a message that has its own one in ``subType``, as padchat-sdk hands it out.
WRAPPED = 5


class Caller(ABC):
    """A JavaScript client in a process of its own.

    Args:
        reactor: runs it.
        node: gives the path of node.

    Attributes:
        side: what it is.
        dialect: what it speaks.
        error: where a result says why a command was refused.
    """

    side: ClassVar[Side]
    dialect: ClassVar[Dialect]
    error: ClassVar[str]

    def __init__(self, reactor: IReactorProcess, node: Callable[[], str]) -> None:
        self.peer: Peer = start_side(reactor, self.side, node)

    async def examples(self) -> dict[str, list[Line]]:
        """Return the results in the client's own documentation, by canonical name."""
        return {}

    @abstractmethod
    async def connect(self, sandbox: Sandbox, auth_key: str = AUTH_KEY) -> Account:
        """Connect with an auth key; return the account at the gateway."""

    @abstractmethod
    async def become(self, account: Account, state: State) -> None:
        """Initialise the task and log in by QR code, as far as it should be."""

    @abstractmethod
    async def hang_up(self) -> None:
        """End the connection, and forget all that was said."""

    @abstractmethod
    def way(self, command: Command[Any]) -> str:
        """Say how a program calls a command."""

    @abstractmethod
    async def call(self, command: Command[Any], *, is_about_push: bool) -> Line:
        """Call a command; return the whole result.

        Args:
            command: what is called.
            is_about_push: whether its item, when it has one, was pushed to the client,
                which then hands back what came.

        Returns:
            What the client's program gets.

        Raises:
            Mismatch: the client has no way to say it.
        """


class SdkCaller(Caller):
    """npm padchat-sdk 0.6.3, by its own methods."""

    side = Side("padchat-sdk 0.6.3", "js", ("padchat_sdk_client.js",), 0)
    dialect = "sdk"
    error = "error"

    async def examples(self) -> dict[str, list[Line]]:
        """Return the results in the client's own documentation, by canonical name."""
        told = (await self.describe())["documentation"]
        return {code: told.get(method, []) for code, (method, *_) in METHODS.items()}

    async def describe(self) -> Line:
        """Return the methods of padchat-sdk and its documentation."""
        self.peer.send({"do": "describe"})
        return await self.peer.when_event("description")

    async def connect(self, sandbox: Sandbox, auth_key: str = AUTH_KEY) -> Account:
        """Connect; return the account at the gateway."""
        url = f"ws://127.0.0.1:{sandbox.port}/{auth_key}"
        self.peer.send({"do": "connect", "url": url})
        await self.peer.when_event("open")
        return sandbox.world.account(NAME, auth_key=auth_key)

    async def become(self, account: Account, state: State) -> None:
        """Initialise the task and log in by QR code, as far as it should be."""
        if state >= State.INITIALISED:
            await self._call("init")
        if state >= State.LOGGED_IN:
            await self._call("login", "qrcode")
            await self.peer.when_event("qrcode")
            account.own_user.scan(account)
            account.own_user.confirm(account)
            await self.peer.when_event("login")

    async def hang_up(self) -> None:
        """End the connection, and forget all that was said."""
        self.peer.send({"do": "hang_up"})
        await self.peer.when_event("close")
        self.peer.forget_lines()

    def way(self, command: Command[Any]) -> str:
        """Say how a program calls a command."""
        method, *names = METHODS[command.wire_name]
        shown = [name if isinstance(name, str) else "data" for name in names]
        return f"{method}({', '.join(shown)})"

    async def call(self, command: Command[Any], *, is_about_push: bool) -> Line:
        """Call a command; return the whole result."""
        method, *names = METHODS[command.wire_name]
        params = msgspec.to_builtins(command)
        if "rawMsgData" in params:
            item = params["rawMsgData"]
            params["rawMsgData"] = await self._item(item, is_pushed=is_about_push)
        arguments = [_taken(name, params) for name in names]
        unsaid = {(command.wire_name, name) for name in params} - FIXED
        if unsaid:
            raise Mismatch(f"{method} has no argument for {sorted(unsaid)}")
        # What nobody gives at the end is left out, so that padchat-sdk's default holds.
        while arguments and arguments[-1] is None:
            arguments.pop()
        return await self._call(method, *arguments)

    async def _call(self, method: str, *arguments: object) -> Line:
        self.peer.send({"do": "call", "method": method, "args": arguments})
        result: Line = (await self.peer.when_event("result", method=method))["result"]
        return result

    async def _item(self, item: dict[str, Any], *, is_pushed: bool) -> dict[str, Any]:
        """Return an item as padchat-sdk hands it to the program."""
        if not is_pushed:
            return {**item, "msgType": WRAPPED, "subType": item.get("msgType")}

        def fits(line: Line) -> bool:
            found = line.get("item", {})
            return bool(line["event"] == "push" and found["msgId"] == item["msgId"])

        pushed: dict[str, Any] = (await self.peer.when(fits))["item"]
        return pushed


class SocketIOCaller(Caller):
    """npm socket.io-client 2.5.0, as PADCHAT's client uses it."""

    side = Side("socket.io-client 2.5.0", "js", ("padchat_client.js",), 3)
    dialect = "socketio"
    error = "msg"

    async def connect(self, sandbox: Sandbox, auth_key: str = AUTH_KEY) -> Account:
        """Connect; return the account at the gateway."""
        self.peer.send({"do": "open", "url": sandbox.url, "authKey": auth_key})
        await self.peer.when_event("connect")
        return sandbox.world.account(NAME, auth_key=auth_key)

    async def become(self, account: Account, state: State) -> None:
        """Initialise the task and log in by QR code, as far as it should be."""
        if state >= State.INITIALISED:
            await call(self.peer, "init", **DEVICE)
        if state >= State.LOGGED_IN:
            await call(self.peer, "login", loginType="qrcode")
            await self.peer.when_event("server_event", name="qrcode")
            account.own_user.scan(account)
            account.own_user.confirm(account)
            await self.peer.when_event("server_event", name="login")

    async def hang_up(self) -> None:
        """End the connection, and forget all that was said."""
        self.peer.send({"do": "disconnect"})
        await self.peer.when_event("disconnect")
        self.peer.forget_lines()

    def way(self, command: Command[Any]) -> str:
        """Say how a program calls a command."""
        names = ", ".join(msgspec.to_builtins(command))
        return f"emit('{command.wire_name}', {{{names}}})"

    async def call(self, command: Command[Any], *, is_about_push: bool) -> Line:
        """Call a command; return the whole result."""
        return await call(self.peer, command.wire_name, **msgspec.to_builtins(command))


#: All of them.
CALLERS = (SdkCaller, SocketIOCaller)


def _taken(name: str | Mapping[str, str], params: dict[str, Any]) -> object:
    """Take an argument, or what is in an object, out of the parameters."""
    if isinstance(name, str):
        return params.pop(name, None)
    return {key: params.pop(param, None) for key, param in name.items()}
