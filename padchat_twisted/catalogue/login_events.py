"""Area login: what the gateway tells about the task and its login."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

from .base import Event, decode_base64
from .parameters import For

__all__ = [
    "AutoLogin",
    "CloseEvent",
    "Loaded",
    "LoginEvent",
    "LogoutEvent",
    "Notify",
    "QRCode",
    "Reconnect",
    "Scan",
    "ScanStatus",
    "Sns",
    "Warn",
]


class QRCode(Event, frozen=True, gc=False):
    """A QR code to be scanned.

    Args:
        qr_code: base64 of a JPEG or PNG picture.
        url: what the code says, in dialect ``sdk``, where there is no picture.
        msg: a text for people.

    Source: PADCHAT demo.js; vector padchat-login-flow; dialects.md, K2.
    """

    qr_code: str = ""
    url: Annotated[str | None, For(only=("sdk",))] = None
    msg: Annotated[str | None, For(only=("sdk",))] = None

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
        device_type: main device, for example ``android``.
        email: bound e-mail address, after the login.
        phone_number: bound phone number, after the login.
        qq: bound QQ number, after the login.
        external: ``1`` for an extension device, else ``0``.
        password: detail of the engine, masked.
        message: text of the engine.
        long_link_server: detail of the engine.
        short_link_server: detail of the engine.
        msg: a text for people; the reason, where there is no known status.

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
    message: Annotated[str | None, For(only=("sdk",))] = None
    long_link_server: Annotated[str | None, For(only=("sdk",))] = None
    short_link_server: Annotated[str | None, For(only=("sdk",))] = None
    msg: Annotated[str | None, For(only=("legacy", "sdk"))] = None

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

    Args:
        msg: the reason.
        error: an error text.

    Source: PADCHAT demo.js; events.toml, "logout".
    """

    msg: str | None = None
    error: Annotated[str | None, For(only=("sdk",))] = None


class CloseEvent(Event, frozen=True, gc=False):
    """The task was closed, the account stays logged in; ``Init`` comes next.

    Args:
        msg: the reason.

    Source: PADCHAT index.js, demo.js.
    """

    msg: str | None = None


class Warn(Event, frozen=True, gc=False):
    """Error or warning of the task.

    Args:
        error: for people.
        success: true when it is not serious.

    Source: PADCHAT demo.js; events.toml, "warn".
    """

    error: str = ""
    success: Annotated[bool | None, For(only=("legacy", "sdk"))] = None


class Sns(Event, frozen=True, gc=False):
    """Something is new in the moments; ``arguments`` has the text.

    Source: PADCHAT index.js; vector padchat-login-flow.
    """
