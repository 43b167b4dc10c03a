"""The commands of area login.

PURE. Source: commands.toml; dialects.md, 5 and 7.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..accounts import Device
from ..binding import Binding, State
from ..refusals import Refused
from .base import ENGINE_OK, Parameters, Reply, Responder, optional_text, text

__all__ = ["MAX_DEVICE_CHARACTERS", "NOT_INITIALISED", "RESPONDERS"]

#: Longest parameter of ``init`` (characters). Device data are under 500 in reports;
#: they are kept for each account.
MAX_DEVICE_CHARACTERS = 4096

NOT_INITIALISED = "the task is not initialised: call init first"


def init(binding: Binding, params: Parameters) -> Reply:
    """Create the task, or go on with the one that runs.

    All four device fields are needed, as the reference client demands, unless there
    are device data, which make them irrelevant. On a connection that is logged in it
    changes nothing.
    """
    device_data = optional_text(params, "deviceData", MAX_DEVICE_CHARACTERS)
    read = optional_text if device_data else text
    device = Device(
        device_name=read(params, "deviceName", MAX_DEVICE_CHARACTERS),
        device_uuid=read(params, "deviceUuid", MAX_DEVICE_CHARACTERS),
        device_wifi_name=read(params, "deviceWifiName", MAX_DEVICE_CHARACTERS),
        device_wifi_mac=read(params, "deviceWifiMac", MAX_DEVICE_CHARACTERS),
        device_data=device_data,
    )
    if binding.state is not State.LOGGED_IN:
        binding.account.initialise(device)
        binding.state = State.INITIALISED
    return Reply(True, "", {})


def login(binding: Binding, params: Parameters) -> Reply:
    """Log in by token, or show a QR code; see :mod:`.login` for what follows it."""
    if binding.state is State.LOGGED_IN:
        raise Refused("the account is logged in already")
    login_type = text(params, "loginType")
    if login_type == "qrcode":
        binding.account.show_code(binding)
        return Reply(True, "scan the QR code", {})
    if login_type == "token":
        binding.account.log_in_by_token(binding, text(params, "token"))
        user = binding.account.user
        return Reply(
            True,
            "logged in by token",
            {
                "email": "",
                "external": "0",
                "message": ENGINE_OK,
                "nickName": "",
                "phoneNumber": "",
                "qq": 0,
                "status": 0,
                "uin": user.uin,
                "userName": user.user_name,
            },
        )
    raise Refused("loginType must be token or qrcode")


def logout(binding: Binding, params: Parameters) -> Reply:
    """Log the account out: its tokens are void, event ``logout`` follows."""
    binding.account.log_out("logged out by the client")
    return Reply(True, "", {})


def close(binding: Binding, params: Parameters) -> Reply:
    """End the task; the account stays logged in, event ``close`` follows."""
    binding.account.close()
    return Reply(True, "", {})


def get_device_info(binding: Binding, params: Parameters) -> Reply:
    """Return the device that the account pretends to be."""
    device = binding.account.device
    if device is None:
        raise Refused(NOT_INITIALISED)
    return Reply(
        True,
        "",
        {
            "deviceName": device.device_name,
            "deviceUuid": device.device_uuid,
            "deviceWifiName": device.device_wifi_name,
            "deviceWifiMac": device.device_wifi_mac,
            "deviceData": device.device_data,
        },
    )


def get_auto_login_data(binding: Binding, params: Parameters) -> Reply:
    """Return a new login token."""
    account = binding.account
    sdk = {"message": "", "status": 0, "uin": account.user.uin}
    return Reply(True, "", {"token": account.issue_token()}, sdk)


def get_my_info(binding: Binding, params: Parameters) -> Reply:
    """Return who the account is logged in as."""
    user = binding.account.user
    return Reply(True, "", {"userName": user.user_name, "uin": user.uin})


def heart_beat(binding: Binding, params: Parameters) -> Reply:
    """Do nothing: the task's heartbeat to WeChat runs without it."""
    return Reply(True, "", {})


def close_push(binding: Binding, params: Parameters) -> Reply:
    """Push nothing any more on this connection, until the next login."""
    binding.are_pushes_closed = True
    return Reply(True, "", {})


#: By canonical name.
RESPONDERS: Mapping[str, Responder] = {
    "init": Responder(init, State.OPEN),
    "login": Responder(login, State.INITIALISED),
    "logout": Responder(logout),
    "close": Responder(close, State.INITIALISED),
    "getDeviceInfo": Responder(get_device_info, State.INITIALISED),
    "getAutoLoginData": Responder(get_auto_login_data),
    "getMyInfo": Responder(get_my_info),
    "heartBeat": Responder(heart_beat),
    "closePush": Responder(close_push),
}
