"""Area login: the task and its login."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import UNSET, UnsetType

from .base import Command, Done, Result
from .parameters import Dialect, For, any_of

__all__ = [
    "LOGIN_TYPES",
    "AutoLoginData",
    "Close",
    "ClosePush",
    "DeviceInfo",
    "GetAutoLoginData",
    "GetDeviceInfo",
    "GetMyInfo",
    "HeartBeat",
    "Init",
    "LoggedIn",
    "Login",
    "LoginType",
    "Logout",
    "MyInfo",
    "StartedTask",
]

#: How an account is logged in: by a scan, with what an earlier login left (``token`` in
#: ``socketio``; ``auto`` and ``request`` in ``sdk``), or by name or phone number, which
#: is untested everywhere. Source: commands.toml, LoginType.
LoginType = Literal["qrcode", "token", "auto", "request", "user", "phone"]

#: The types that each dialect has, and what each needs besides. Source: commands.toml,
#: login; the client of ``socketio`` lets no other types through.
LOGIN_TYPES: Mapping[Dialect, Mapping[LoginType, tuple[str, ...]]] = {
    "legacy": {"qrcode": (), "user": ("username", "password"), "phone": ("phone",)},
    "socketio": {"qrcode": (), "token": ("token",)},
    "sdk": {
        "qrcode": (),
        "auto": ("token", "device_data"),
        "request": ("token", "device_data"),
        "user": ("username", "password"),
        "phone": ("phone",),
    },
}

_DeviceText = Annotated[
    str | UnsetType, For(only=("legacy", "socketio"), needed=("socketio",))
]
_ToldDevice = Annotated[str | None, For(only=("legacy", "socketio"))]
_ForOthers = Annotated[str | UnsetType, For(only=("legacy", "sdk"))]


class StartedTask(Result, frozen=True, gc=False):
    """The result of ``Init``; only ``legacy`` documents any of it.

    Args:
        ret: 0 when a new task was created.
        msg: text from the licence check of the service.
        logined: of a task that was resumed: whether the account is logged in, and
            ``Login`` must not be called.
        status: of a task that was resumed: its state, for example ``init``.

    Source: commands.toml, init.
    """

    ret: Annotated[int | None, For(only=("legacy",))] = None
    msg: Annotated[str | None, For(only=("legacy",))] = None
    logined: Annotated[bool | None, For(only=("legacy",))] = None
    status: Annotated[str | None, For(only=("legacy",))] = None


class Init(Command[StartedTask], frozen=True):
    """Create the WeChat task of this connection, or resume a running one.

    Args:
        device_name: display name of the device.
        device_uuid: upper-case UUID with dashes.
        device_wifi_name: name of the Wi-Fi network the device pretends to be on.
        device_wifi_mac: its MAC address, upper-case with colons.
        device_data: the "62 data" of ``GetDeviceInfo``; makes the others irrelevant.

    Source: PADCHAT index.js, method init, which wants the first four filled; vectors
    padchat-login-flow, padchat-token-login-flow; commands.toml, init.
    """

    device_name: _DeviceText = UNSET
    device_uuid: _DeviceText = UNSET
    device_wifi_name: _DeviceText = UNSET
    device_wifi_mac: _DeviceText = UNSET
    device_data: Annotated[str | UnsetType, For(only=("socketio",))] = UNSET


class LoggedIn(Result, frozen=True, gc=False):
    """Filled after a token login; empty after a QR login that only began.

    Args:
        user_name: wxid of the account.
        uin: number of the account.
        nick_name: nickname; empty after a token login.
        email: bound e-mail address.
        phone_number: bound phone number.
        qq: bound QQ number, 0 for none.
        external: ``1`` for a login as extension device, else ``0``.
        long_link_server: detail of the engine.
        short_link_server: detail of the engine.
        message: text of the engine, on failure XML that says what to do.
        status: of the engine, 0 on success.

    Source: seed README, PADCHAT index.js; commands.toml, login.
    """

    user_name: str | None = None
    uin: int | None = None
    nick_name: str | None = None
    email: str | None = None
    phone_number: str | None = None
    qq: int | None = None
    external: str | None = None
    long_link_server: Annotated[str | None, For(only=("sdk",))] = None
    short_link_server: Annotated[str | None, For(only=("sdk",))] = None
    message: str | None = None
    status: int | None = None


class Login(Command[LoggedIn], frozen=True, kw_only=True):
    """Log the account in; success of a QR login means that a code is on its way.

    Args:
        token: from ``GetAutoLoginData``; in ``legacy`` it is tried first, whatever the
            type is.
        device_data: from ``GetDeviceInfo``.
        username: account name, QQ number or phone number, for type ``user``.
        password: for type ``user``.
        phone: phone number, for type ``phone``.
        code: what came as text message; without it type ``phone`` has one sent.
        login_type: see ``LoginType``.

    Source: PADCHAT index.js, method login; dialects.md, 5; commands.toml, login.
    """

    token: str | UnsetType = UNSET
    device_data: _ForOthers = UNSET
    username: _ForOthers = UNSET
    password: _ForOthers = UNSET
    phone: _ForOthers = UNSET
    code: _ForOthers = UNSET
    login_type: LoginType

    def own_problem(self, dialect: Dialect) -> str | None:
        """Tell when the dialect has no such type, or what the type needs is missing."""
        types = LOGIN_TYPES[dialect]
        if self.login_type not in types:
            expected = any_of(tuple(repr(name) for name in types))
            return f"login_type: found {self.login_type!r}, expected {expected}"
        for name in types[self.login_type]:
            if getattr(self, name) in (UNSET, ""):
                return f"{name}: missing, expected a text for {self.login_type!r}"
        return None


class Logout(Command[Done], frozen=True):
    """Log the account out and end the task; the login token is void afterwards.

    Source: PADCHAT index.js.
    """

    changes_world = True


class Close(Command[Done], frozen=True):
    """End the task without logging the account out; the token stays valid.

    Source: PADCHAT index.js.
    """


class DeviceInfo(Result, frozen=True, gc=False):
    """The device parameters that the gateway uses for the account.

    Args:
        device_name: see ``Init``.
        device_uuid: see ``Init``.
        device_wifi_name: see ``Init``.
        device_wifi_mac: see ``Init``.
        device_data: the "62 data".

    Source: seed README (legacy), PADCHAT index.js; commands.toml, getDeviceInfo.
    """

    device_name: _ToldDevice = None
    device_uuid: _ToldDevice = None
    device_wifi_name: _ToldDevice = None
    device_wifi_mac: _ToldDevice = None
    device_data: str | None = None


class GetDeviceInfo(Command[DeviceInfo], frozen=True):
    """Read the device parameters, to be sent again at the next ``Init``.

    Source: PADCHAT index.js; call it after the event ``login``.
    """


class AutoLoginData(Result, frozen=True, gc=False):
    """The token for the next login without a scan.

    Args:
        token: for ``Login``.
        uin: number of the account.
        message: text of the engine.
        status: of the engine, 0 on success.

    Source: PADCHAT index.js; commands.toml, getAutoLoginData.
    """

    token: str | None = None
    uin: Annotated[int, For(only=("sdk",))] = 0
    message: Annotated[str, For(only=("sdk",))] = ""
    status: Annotated[int, For(only=("sdk",))] = 0


class GetAutoLoginData(Command[AutoLoginData], frozen=True):
    """Read the token for the next login; refresh it about once an hour.

    Source: PADCHAT index.js; the hour is the seed's advice.
    """


class MyInfo(Result, frozen=True, gc=False):
    """The result of ``GetMyInfo``.

    Args:
        user_name: wxid of the account, not necessarily the visible WeChat id.
        uin: numeric id of the account.

    Source: commands.toml, getMyInfo.
    """

    user_name: str = ""
    uin: int = 0


class GetMyInfo(Command[MyInfo], frozen=True):
    """Read the wxid and the numeric id of the account that is logged in.

    Source: commands.toml, getMyInfo.
    """

    dialects = ("sdk",)


class HeartBeat(Command[Done], frozen=True):
    """Debug only: start the heartbeat of the task.

    Source: commands.toml, heartBeat.
    """

    dialects = ("sdk",)


class ClosePush(Command[Done], frozen=True):
    """Debug only: stop the pushes of the task.

    Source: commands.toml, closePush.
    """

    dialects = ("sdk",)
    changes_world = True
