"""What the gateway answers: one function for each command.

PURE. A function gets the connection and the parameters, changes the world through
it, and returns the reply or raises :class:`~.people.Refused`, which becomes a reply
with ``success`` false.

Source: commands.toml for parameters and results; open-questions.md, Q04, for the look
of a refusal in dialect socketio (``msg`` has the reason, ``data`` is empty).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..catalogue.messages import receiver_problem
from .accounts import Device
from .binding import Binding, State
from .people import Message, Person, Refused
from .pushes import Fields, contact_profile, room_members
from .rooms import Room

__all__ = [
    "MAX_DEVICE_CHARACTERS",
    "OTHER_COMMANDS",
    "RESPONDERS",
    "STATUS_NO_PERMISSION",
    "Reply",
    "respond",
]

#: Longest parameter of ``init`` (characters). Device data are under 500 in reports;
#: they are kept for each account.
MAX_DEVICE_CHARACTERS = 4096

#: Status of the engine for a room that is unknown or without the account
#: (commands.toml, ``status_code``).
STATUS_NO_PERMISSION = -19

#: Longest part of an unknown command's name that is repeated (characters).
_QUOTED_CHARACTERS = 40

#: "Everything is ok" behind the length that the engine leaves in front of its texts
#: (dialects.md, 4, "engine_text_prefix"; sample L4).
_ENGINE_OK = "\n\x10Everything is ok"

#: The commands of the protocol that the sandbox does not answer yet, by canonical
#: name: the rest of commands.toml.
OTHER_COMMANDS = frozenset(
    [
        "auth",
        "status",
        "getMyInfo",
        "heartBeat",
        "closePush",
        "searchContact",
        "acceptUser",
        "addContact",
        "sayHello",
        "deleteContact",
        "setRemark",
        "setHeadImg",
        "getUserQrcode",
        "dumpWxuser",
        "createRoom",
        "addRoomMember",
        "inviteRoomMember",
        "deleteRoomMember",
        "quitRoom",
        "setRoomAnnouncement",
        "setRoomName",
        "getRoomQrcode",
        "sendAppMsg",
        "shareCard",
        "sendVoice",
        "massMsg",
        "getMsgVideo",
        "getMsgVoice",
        "snsSendMoment",
        "snsUpload",
        "snsUserPage",
        "snsTimeline",
        "snsGetObject",
        "snsObjectOp",
        "snsComment",
        "snsLike",
        "syncFav",
        "addFav",
        "getFav",
        "deleteFav",
        "getLabelList",
        "addLabel",
        "deleteLabel",
        "setLabel",
        "queryTransfer",
        "acceptTransfer",
        "receiveRedPacket",
        "queryRedPacket",
        "openRedPacket",
        "getMpInfo",
        "searchMp",
        "getSubscriptionInfo",
        "operateSubscription",
        "getRequestToken",
        "requestUrl",
    ]
)


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one command, as the acknowledgement has it.

    Attributes:
        success: whether the gateway carried the command out.
        msg: the reason when it did not; empty or a hint when it did.
        data: the result, with the keys of the wire.
    """

    success: bool
    msg: str
    data: Fields = field(repr=False)


Parameters = Mapping[str, object]


def respond(binding: Binding, code: str, params: object) -> Reply:
    """Carry out one command of a client.

    Args:
        binding: the connection it came on.
        code: name of the command.
        params: its first argument, of whatever kind; None is the same as ``{}``.

    Returns:
        The reply. Events that belong to it wait in the binding and should be sent
        after it.
    """
    try:
        if binding.is_over:
            raise Refused("this connection has been replaced or closed: connect again")
        responder = RESPONDERS.get(code)
        if responder is None:
            raise Refused(_unanswered(code))
        if binding.state < responder.needs:
            raise Refused(_MISSING_STATE[responder.needs])
        if params is None:
            params = {}
        if not isinstance(params, Mapping):
            raise Refused("the parameters must be an object")
        return responder.answer(binding, params)
    except Refused as refusal:
        status = {} if refusal.status is None else {"status": refusal.status}
        return Reply(False, refusal.text, {**status})


def init(binding: Binding, params: Parameters) -> Reply:
    """Create the task, or go on with the one that runs.

    All four device fields are needed, as the reference client demands, unless there
    are device data, which make them irrelevant. On a connection that is logged in it
    changes nothing.
    """
    device_data = _optional_text(params, "deviceData", MAX_DEVICE_CHARACTERS)
    read = _optional_text if device_data else _text
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
    login_type = _text(params, "loginType")
    if login_type == "qrcode":
        binding.account.show_code(binding)
        return Reply(True, "scan the QR code", {})
    if login_type == "token":
        binding.account.log_in_by_token(binding, _text(params, "token"))
        user = binding.account.user
        return Reply(
            True,
            "logged in by token",
            {
                "email": "",
                "external": "0",
                "message": _ENGINE_OK,
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
        raise Refused(_MISSING_STATE[State.INITIALISED])
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
    return Reply(True, "", {"token": binding.account.issue_token()})


def get_contact(binding: Binding, params: Parameters) -> Reply:
    """Return a profile; an empty one for who is unknown or no contact."""
    user = binding.account.user
    subject = binding.account.world.by_user_name.get(_text(params, "userId"))
    if subject is not None and not user.knows(subject):
        subject = None
    return Reply(True, "", contact_profile(subject))


def sync_contact(binding: Binding, params: Parameters) -> Reply:
    """Push the contact list again, then ``loaded``; or the next part of it."""
    binding.feed.sync_contacts()
    return Reply(True, "", {})


def sync_msg(binding: Binding, params: Parameters) -> Reply:
    """Push the messages that wait to be fetched."""
    binding.feed.sync_messages()
    return Reply(True, "", {})


def get_room_members(binding: Binding, params: Parameters) -> Reply:
    """Return the members of a room, to a member."""
    group_id = _text(params, "groupId")
    user = binding.account.user
    room = binding.account.world.by_user_name.get(group_id)
    result: Fields = {"userName": group_id, "message": ""}
    if isinstance(room, Room) and room.has(user):
        members = room_members(room)
        result |= {"chatroomId": room.version, "count": len(members)}
        result |= {"member": members, "status": 0}
    else:
        result |= {"chatroomId": 0, "count": 0}
        result |= {"member": None, "status": STATUS_NO_PERMISSION}
    return Reply(True, "", result)


def send_msg(binding: Binding, params: Parameters) -> Reply:
    """Send a text message."""
    to = _receiver(binding, params)
    content = _text(params, "content")
    at_list = params.get("atList") or []
    if not isinstance(at_list, list | tuple):
        raise Refused("atList must be a list of strings")
    mentioned = [who for who in at_list if isinstance(who, str)]
    if len(mentioned) != len(at_list):
        raise Refused("atList must be a list of strings")
    account = binding.account
    mail = account.world.mail
    return _sent(mail.send_text(account.user, to, content, mentioned=mentioned))


def send_image(binding: Binding, params: Parameters) -> Reply:
    """Send a picture."""
    to = _receiver(binding, params)
    encoded = _text(params, "image")
    try:
        image = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise Refused("image is not base64") from None
    account = binding.account
    return _sent(account.world.mail.send_image(account.user, to, image))


def get_msg_image(binding: Binding, params: Parameters) -> Reply:
    """Return the full picture of an image message that the account sent or got."""
    raw = params.get("rawMsgData")
    if raw is None:
        raise Refused("rawMsgData is missing")
    if not isinstance(raw, Mapping):
        raise Refused("rawMsgData must be an object")
    user = binding.account.user
    image = binding.account.world.mail.images.get(_text(raw, "msgId"), user.user_name)
    if image is None:
        raise Refused("there is no image for this message, or not any more")
    encoded = base64.b64encode(image).decode("ascii")
    result: Fields = {"image": encoded, "size": len(image)}
    return Reply(True, "", {**result, "message": "", "status": 0})


@dataclass(frozen=True, slots=True)
class _Responder:
    answer: Callable[[Binding, Parameters], Reply]
    needs: State


#: Each command that is answered, and how far its connection must have come.
RESPONDERS: Mapping[str, _Responder] = {
    "init": _Responder(init, State.OPEN),
    "login": _Responder(login, State.INITIALISED),
    "logout": _Responder(logout, State.LOGGED_IN),
    "close": _Responder(close, State.INITIALISED),
    "getDeviceInfo": _Responder(get_device_info, State.INITIALISED),
    "getAutoLoginData": _Responder(get_auto_login_data, State.LOGGED_IN),
    "getContact": _Responder(get_contact, State.LOGGED_IN),
    "syncContact": _Responder(sync_contact, State.LOGGED_IN),
    "syncMsg": _Responder(sync_msg, State.LOGGED_IN),
    "getRoomMembers": _Responder(get_room_members, State.LOGGED_IN),
    "sendMsg": _Responder(send_msg, State.LOGGED_IN),
    "sendImage": _Responder(send_image, State.LOGGED_IN),
    "getMsgImage": _Responder(get_msg_image, State.LOGGED_IN),
}

_MISSING_STATE = {
    State.INITIALISED: "the task is not initialised: call init first",
    State.LOGGED_IN: "the account is not logged in: call init and login first",
}


def _unanswered(code: str) -> str:
    if code in OTHER_COMMANDS:
        return f"the sandbox does not answer {code} yet"
    return f"unknown command {code[:_QUOTED_CHARACTERS]!r}"


def _text(params: Parameters, name: str, limit: int | None = None) -> str:
    """Return a text that must be there; empty is missing, as for PADCHAT's client."""
    text = _optional_text(params, name, limit)
    if not text:
        raise Refused(f"{name} is missing")
    return text


def _optional_text(params: Parameters, name: str, limit: int | None = None) -> str:
    text = params.get(name)
    if text is None:
        return ""
    if not isinstance(text, str):
        raise Refused(f"{name} must be a string")
    if limit is not None and len(text) > limit:
        raise Refused(f"{name} is longer than {limit} characters")
    return text


def _receiver(binding: Binding, params: Parameters) -> Person | Room:
    user_name = _text(params, "toUserName")
    if problem := receiver_problem(user_name):
        raise Refused(problem)
    world = binding.account.world
    receiver = world.by_user_name.get(user_name)
    if receiver is None:
        raise Refused("toUserName is nobody in this world")
    if isinstance(receiver, Room) and not receiver.has(binding.account.user):
        raise Refused("toUserName is a room that the account is not in")
    return receiver


def _sent(message: Message) -> Reply:
    return Reply(True, "", {"message": "", "status": 0, "msgId": message.message_id})
