"""Area login: the task, its login, and what the gateway tells about both."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

from msgspec import UNSET, UnsetType

from .base import Command, Done, Event, Result, decode_base64

__all__ = [
    "AutoLogin",
    "AutoLoginData",
    "Close",
    "CloseEvent",
    "DeviceInfo",
    "GetAutoLoginData",
    "GetDeviceInfo",
    "Init",
    "Loaded",
    "LoggedIn",
    "Login",
    "LoginEvent",
    "LoginType",
    "Logout",
    "LogoutEvent",
    "Notify",
    "QRCode",
    "Reconnect",
    "Scan",
    "ScanStatus",
    "Sns",
    "Warn",
]

#: ``socketio`` has ``token`` and ``qrcode``, ``legacy`` only ``qrcode`` (with a token
#: beside it), ``sdk`` has ``auto``, ``request`` and ``qrcode``. Source: events.toml,
#: LoginType; the types ``user`` and ``phone`` are untested everywhere.
LoginType = Literal["token", "qrcode", "auto", "request"]


class Init(Command[Done], frozen=True):
    """Create the WeChat task of this connection, or resume a running one.

    Args:
        device_name: display name of the device.
        device_uuid: upper-case UUID with dashes.
        device_wifi_name: name of the Wi-Fi network the device pretends to be on.
        device_wifi_mac: its MAC address, upper-case with colons.
        device_data: the "62 data" of ``GetDeviceInfo``; makes the others irrelevant.

    Source: PADCHAT index.js, method init, which wants the first four filled; vectors
    padchat-login-flow, padchat-token-login-flow.
    """

    device_name: str
    device_uuid: str
    device_wifi_name: str
    device_wifi_mac: str
    device_data: str | UnsetType = UNSET


class LoggedIn(Result, frozen=True, gc=False):
    """Filled after a token login; empty after a QR login that only began.

    Source: seed README, PADCHAT index.js.
    """

    user_name: str = ""
    uin: int | None = None
    nick_name: str | None = None
    email: str | None = None
    phone_number: str | None = None
    qq: int | None = None
    external: str | None = None
    message: str | None = None
    status: int | None = None


class Login(Command[LoggedIn], frozen=True, kw_only=True):
    """Log the account in; success of a QR login means that a code is on its way.

    Args:
        token: from ``GetAutoLoginData``.
        device_data: from ``GetDeviceInfo``; not in dialect ``socketio``.
        login_type: see ``LoginType``.

    Source: PADCHAT index.js, method login; dialects.md, 5.
    """

    token: str | UnsetType = UNSET
    device_data: str | UnsetType = UNSET
    login_type: LoginType


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

    Source: seed README (legacy), PADCHAT index.js.
    """

    device_name: str | None = None
    device_uuid: str | None = None
    device_wifi_name: str | None = None
    device_wifi_mac: str | None = None
    device_data: str | None = None


class GetDeviceInfo(Command[DeviceInfo], frozen=True):
    """Read the device parameters, to be sent again at the next ``Init``.

    Source: PADCHAT index.js; call it after the event ``login``.
    """


class AutoLoginData(Result, frozen=True, gc=False):
    """The token for the next login without a scan. Source: PADCHAT index.js."""

    token: str | None = None


class GetAutoLoginData(Command[AutoLoginData], frozen=True):
    """Read the token for the next login; refresh it about once an hour.

    Source: PADCHAT index.js; the hour is the seed's advice.
    """


class QRCode(Event, frozen=True, gc=False):
    """A QR code to be scanned.

    Args:
        qr_code: base64 of a JPEG or PNG picture.
        url: what the code says, in dialect ``sdk``, where there is no picture.

    Source: PADCHAT demo.js; vector padchat-login-flow; dialects.md, K2.
    """

    qr_code: str = ""
    url: str | None = None

    @property
    def picture(self) -> bytes:
        """The picture file.

        Raises:
            ValueError: the gateway's text is not base64.
        """
        return decode_base64(self.qr_code)


class ScanStatus(IntEnum):
    """Progress of a QR login. Source: PADCHAT demo.js."""

    WAIT_SCAN = 0
    WAIT_CONFIRM = 1
    CONFIRMED = 2
    EXPIRED = 3
    CANCELLED = 4
    UNKNOWN = -1


class Scan(Event, frozen=True, gc=False):
    """Progress of a QR login; repeated while the code is valid.

    Args:
        status: see ``ScanStatus``; other numbers pass.
        sub_status: with status 2: 0 logged in, else the login failed.
        expired_time: seconds until the code expires.
        head_url: avatar, after the scan.
        nick_name: nickname, after the scan.
        user_name: WeChat id, after the confirmation.
        uin: number of the account, after the confirmation.

    Source: PADCHAT demo.js; events.toml, "scan".
    """

    status: int = -1
    sub_status: int | None = None
    expired_time: int | None = None
    head_url: str | None = None
    nick_name: str | None = None
    user_name: str | None = None
    uin: int | None = None
    device_type: str | None = None
    email: str | None = None
    phone_number: str | None = None
    qq: int | None = None
    external: str | None = None
    password: str | None = None

    @property
    def is_finished(self) -> bool:
        """Whether the login worked, whatever the status says.

        Two clients saw status 0 with a filled user name after the confirmation.
        Source: open-questions.md, Q33.
        """
        if self.status == ScanStatus.CONFIRMED:
            return not self.sub_status
        return bool(self.user_name and self.uin)


class LoginEvent(Event, frozen=True, gc=False):
    """The account is logged in: save device data and token now.

    Source: PADCHAT demo.js.
    """


class Loaded(Event, frozen=True, gc=False):
    """The contact list is complete. Source: PADCHAT demo.js."""


class AutoLogin(Event, frozen=True, gc=False):
    """The gateway logged the account in again by itself; its token is another one.

    Source: padchat-sdk docs/index.md, event autoLogin.
    """


class Notify(Event, frozen=True, gc=False):
    """Something can be fetched; the account does so by itself.

    Args:
        type: 4 for contacts, anything else for messages.

    Source: padchat-sdk index.js, event notify.
    """

    type: int | None = None


class Reconnect(Event, frozen=True, gc=False):
    """The connection was bound to a task that runs already.

    Args:
        logined: whether the account is logged in.
        status: of the task, for example ``init``.

    Source: dialects.md, 1, "Rules for a server", 4.
    """

    logined: bool | None = None
    status: str | None = None


class LogoutEvent(Event, frozen=True, gc=False):
    """The account was logged out, by us, on the phone or by WeChat.

    Source: PADCHAT demo.js.
    """

    msg: str | None = None


class CloseEvent(Event, frozen=True, gc=False):
    """The task was closed, the account stays logged in; ``Init`` comes next.

    Source: PADCHAT index.js, demo.js.
    """

    msg: str | None = None


class Warn(Event, frozen=True, gc=False):
    """Error or warning of the task.

    Args:
        error: for people.
        success: true when it is not serious; not in dialect ``socketio``.

    Source: PADCHAT demo.js; events.toml, "warn".
    """

    error: str = ""
    success: bool | None = None


class Sns(Event, frozen=True, gc=False):
    """Something is new in the moments; ``arguments`` has the text.

    Source: PADCHAT index.js; vector padchat-login-flow.
    """
