"""Scenes of area login."""

from __future__ import annotations

from unittest.mock import ANY

from padchat_twisted.catalogue import (
    AutoLoginData,
    Close,
    ClosePush,
    DeviceInfo,
    Done,
    GetAutoLoginData,
    GetDeviceInfo,
    GetMyInfo,
    HeartBeat,
    Init,
    LoggedIn,
    Login,
    Logout,
    MyInfo,
    StartedTask,
)
from padchat_twisted.sandbox.binding import State

from .cast import Cast, MakeScene, Scene

__all__ = ["SCENES"]

NOT_INITIALISED = "call init first"
NOT_LOGGED_IN = "call init and login first"


def init(cast: Cast) -> Scene:
    """The task is created; a device name of that length is none."""
    if cast.dialect == "sdk":
        return Scene(Init(), StartedTask(), None, "", at=State.OPEN)
    device = ("ExampleWifi", "02:00:00:00:00:01")
    uuid = "00000000-0000-4000-8000-00000000ABCD"
    return Scene(
        Init("Example iPad", uuid, *device),
        StartedTask(ret=0, msg="ok"),
        refused=Init("x" * 5000, uuid, *device),
        because="deviceName is longer than",
        at=State.OPEN,
        refused_at=State.OPEN,
    )


def login(cast: Cast) -> Scene:
    """A code is on its way; with a token of somebody else nobody logs in."""
    refused = {
        "legacy": Login(login_type="phone", phone="13800000000"),
        "socketio": Login(login_type="token", token="dG9rZW4="),
        "sdk": Login(login_type="auto", token="dG9rZW4=", device_data="62706c"),
    }[cast.dialect]
    is_by_token = cast.dialect != "legacy"
    return Scene(
        Login(login_type="qrcode"),
        LoggedIn(),
        refused=refused,
        because="token is void" if is_by_token else "loginType must be",
        status=-2023 if is_by_token else None,
        at=State.INITIALISED,
        refused_at=State.INITIALISED,
    )


def logout(cast: Cast) -> Scene:
    """The account is logged out."""

    def check() -> None:
        assert not cast.bot.is_logged_in

    return Scene(
        Logout(),
        Done(),
        refused=Logout(),
        because=NOT_LOGGED_IN,
        check=check,
        refused_at=State.INITIALISED,
    )


def close(cast: Cast) -> Scene:
    """The task ends, and the account stays logged in."""

    def check() -> None:
        assert cast.bot.is_logged_in
        assert not cast.bot.is_running

    return Scene(
        Close(),
        Done(),
        refused=Close(),
        because=NOT_INITIALISED,
        check=check,
        refused_at=State.OPEN,
    )


def get_device_info(cast: Cast) -> Scene:
    """The device is that of the account; before init there is none."""
    return Scene(
        GetDeviceInfo(),
        DeviceInfo(
            device_name=ANY,
            device_uuid=ANY,
            device_wifi_name=ANY,
            device_wifi_mac=ANY,
            device_data=ANY,
        ),
        refused=GetDeviceInfo(),
        because=NOT_INITIALISED,
        refused_at=State.OPEN,
    )


def get_auto_login_data(cast: Cast) -> Scene:
    """The account gets a token."""

    def check() -> None:
        assert cast.bot.tokens

    return Scene(
        GetAutoLoginData(),
        AutoLoginData(token=ANY, uin=cast.me.uin),
        refused=GetAutoLoginData(),
        because=NOT_LOGGED_IN,
        check=check,
        refused_at=State.INITIALISED,
    )


def get_my_info(cast: Cast) -> Scene:
    """The account learns who it is."""
    return Scene(
        GetMyInfo(),
        MyInfo(user_name=cast.me.user_name, uin=cast.me.uin),
        refused=GetMyInfo(),
        because=NOT_LOGGED_IN,
        refused_at=State.INITIALISED,
    )


def heart_beat(cast: Cast) -> Scene:
    """Nothing happens that anybody sees."""
    return Scene(
        HeartBeat(),
        Done(),
        refused=HeartBeat(),
        because=NOT_LOGGED_IN,
        refused_at=State.INITIALISED,
    )


def close_push(cast: Cast) -> Scene:
    """What alice writes from now on waits for the next login."""

    def check() -> None:
        cast.alice.says("are you there?", to=cast.me)
        assert cast.me.deliveries[-1].is_kept

    return Scene(
        ClosePush(),
        Done(),
        refused=ClosePush(),
        because=NOT_LOGGED_IN,
        check=check,
        refused_at=State.INITIALISED,
    )


SCENES: dict[str, MakeScene] = {
    "init": init,
    "login": login,
    "logout": logout,
    "close": close,
    "getDeviceInfo": get_device_info,
    "getAutoLoginData": get_auto_login_data,
    "getMyInfo": get_my_info,
    "heartBeat": heart_beat,
    "closePush": close_push,
}
