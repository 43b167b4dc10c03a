"""Clients of the dialects ``legacy`` and ``sdk``, and what is their gateways' own.

The world behind is the same; what differs from dialect ``socketio`` is here::

    legacy  connect   device fields may be left out; a task that runs is gone on with,
                      which the reply and the event ``reconnect`` say
            login     ``qrcode`` with a token tries the token first
    sdk     init      no parameters
            login     ``auto`` and ``request`` with ``wxData`` and a token
            contacts and messages are announced, and pushed when they are fetched
            ``over`` follows ``logout``; a code comes as its content, not as a picture
            transfers and red packets come as app messages
            a client of before 0.6.0 is pushed to at once, and gets the picture too

Source: dialects.md, 1, 3, 5 to 7; commands.toml; open-questions.md, Q13, Q17, Q25,
Q26, Q28.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence

from twisted.logger import Logger

from ..catalogue.message_types import MessageType
from ..transport.driver import Driver
from ..wire.dialect_json import AuthRequested, JsonOccurrence, OddFrame
from ..wire.dialect_sdk import TOKEN_IN_USE
from ..wire.envelope import Call
from ..wire.json_server import JsonServer
from .accounts import TAKEN_OVER
from .binding import State
from .faults.served import Faulty
from .interfaces import IBinding, WorldNotice, WorldReply
from .pictures import qr_picture
from .refusals import Refused
from .responders import Reply
from .served import INVALID_KEY, Served

__all__ = [
    "MONITOR",
    "NAME",
    "FaultyLegacy",
    "FaultySdk",
    "ServedLegacy",
    "ServedSdk",
]

#: Label of the one account of a key. Source: dialects.md, 2: PADCHAT's client gives
#: this name when its caller gives none, so it is the same account there.
NAME = "0"

#: What the monitor of padchat-sdk has in the URL in place of a token. Source:
#: dialects.md, 3, "Connection".
MONITOR = "test"

#: Answer to a command of the monitor.
NO_ACCOUNT = f"there is no account behind /{MONITOR}: connect to /AUTH_KEY"

#: What a client is told after it was logged out; sample K10.
LOGGED_OUT = "the account is logged out"

#: Types of what comes in ``sdk`` as what it is in WeChat: an app message.
#: Source: messages.toml, ``message_type``.
MONEY = (MessageType.TRANSFER, MessageType.RED_PACKET)

_log = Logger()


class _ServedJson(Served):
    """What both dialects do alike."""

    connection: JsonServer

    def begin(self, driver: Driver, connection: JsonServer) -> None:
        """Take the connection."""
        self.driver = driver
        self.connection = connection

    def occurred(self, occurrences: Sequence[JsonOccurrence]) -> None:
        """Do what the client asks for."""
        for occurrence in occurrences:
            if isinstance(occurrence, Call):
                if self.binding is not None:
                    self.called(occurrence, self.binding)
                else:
                    self.called_in_vain(occurrence)
            elif isinstance(occurrence, AuthRequested):
                self.asked_in(occurrence.auth_key)
            elif isinstance(occurrence, OddFrame):
                _log.warn(
                    "a client of the sandbox sent {problem}; it was ignored",
                    problem=occurrence.problem,
                )

    def asked_in(self, auth_key: str) -> None:
        """Let the client in, or refuse it."""
        problem = "" if self.gateway.accepts(auth_key) else INVALID_KEY
        if not problem:
            try:
                self.bind(auth_key, NAME)
            except Refused as refused:
                problem = str(refused)
        if problem:
            self.connection.refuse(problem, now=self.driver.now())
        else:
            self.connection.accept()

    def called_in_vain(self, call: Call) -> None:
        """The client has no account, or not any more."""

    def reply(self, call_id: int, reply: WorldReply) -> None:
        """Send a reply."""
        self.connection.reply(
            call_id, success=reply.success, msg=reply.msg, data=reply.data
        )

    def with_device(
        self, binding: IBinding, params: Mapping[str, object]
    ) -> dict[str, object]:
        """Complete the parameters of ``init``.

        What is left out, or empty, is that of the account's device; the gateway makes
        it up when there is none yet. Source: commands.toml, ``init``.
        """
        known = binding.device or _made_up_device(self.gateway.world.random_hex)
        return {**known, **{name: value for name, value in params.items() if value}}

    def take_device_data(
        self, binding: IBinding, params: Mapping[str, object]
    ) -> WorldReply | None:
        """Take the device data that come with ``login``.

        Returns:
            A refusal, or None.
        """
        device_data = params.get("deviceData")
        if not device_data or binding.state != State.INITIALISED:
            return None
        fields = self.with_device(binding, {"deviceData": device_data})
        reply = binding.respond("init", fields)
        return None if reply.success else reply


class ServedLegacy(_ServedJson):
    """One client of dialect ``legacy``."""

    def respond(self, binding: IBinding, code: str, params: object) -> WorldReply:
        """Carry out one command."""
        if isinstance(params, Mapping):
            if code == "init":
                return self._init(binding, params)
            if code == "login":
                return self._login(binding, params)
        return binding.respond(code, params)

    def notify(self, notice: WorldNotice) -> None:
        """Send an event."""
        if notice.event == "autoLogin":
            return
        args = notice.args
        if notice.event == "qrcode":
            args = ({"qrCode": qr_picture(_content(notice))},)
        self.connection.notify(notice.event, *args)

    def _init(self, binding: IBinding, params: Mapping[str, object]) -> WorldReply:
        was_running = binding.is_running
        if was_running:
            # A task keeps the device that it has.
            params = {}
        reply = binding.respond("init", self.with_device(binding, params))
        if not reply.success:
            return reply
        if not was_running:
            return Reply(True, "", {"ret": 0, "msg": "ok"})
        return Reply(True, "", binding.resume())

    def _login(self, binding: IBinding, params: Mapping[str, object]) -> WorldReply:
        if params.get("loginType") != "qrcode":
            return binding.respond("login", params)
        refusal = self.take_device_data(binding, params)
        if refusal is not None:
            return refusal
        if params.get("token"):
            by_token = {"loginType": "token", "token": params["token"]}
            reply = binding.respond("login", by_token)
            if reply.success:
                return reply
        return binding.respond("login", {"loginType": "qrcode"})


class ServedSdk(_ServedJson):
    """One client of dialect ``sdk``."""

    def asked_in(self, auth_key: str) -> None:
        """Let the client in, or refuse it; the monitor is let in without an account."""
        if auth_key == MONITOR:
            self.connection.accept()
        else:
            super().asked_in(auth_key)

    def bind(self, auth_key: str, name: str) -> IBinding:
        """Take hold of a sub-account, whose contacts and messages are fetched."""
        binding = super().bind(auth_key, name)
        binding.fetches_news = True
        return binding

    def called_in_vain(self, call: Call) -> None:
        """Refuse a command of the monitor."""
        if call.call_id is not None:
            self.connection.reply(call.call_id, success=False, msg=NO_ACCOUNT)

    def respond(self, binding: IBinding, code: str, params: object) -> WorldReply:
        """Carry out one command."""
        if code == "init":
            # The client's version shows in its first request.
            binding.fetches_news = self.connection.fetches_news
            return binding.respond("init", self.with_device(binding, {}))
        if code == "login" and isinstance(params, Mapping):
            return self._login(binding, params)
        reply = binding.respond(code, params)
        if reply.success and code == "getDeviceInfo":
            return Reply(
                True, reply.msg, {"deviceData": reply.data.get("deviceData", "")}
            )
        return reply

    def reply(self, call_id: int, reply: WorldReply) -> None:
        """Send a reply, with what only this dialect has."""
        self.connection.reply(
            call_id,
            success=reply.success,
            msg=reply.msg,
            data={**reply.data, **reply.sdk},
        )

    def notify(self, notice: WorldNotice) -> None:
        """Send an event, and what follows it."""
        args = notice.args
        if notice.event == "qrcode":
            content = _content(notice)
            fields = {"url": content}
            if not self.connection.fetches_news:
                fields["qrCode"] = qr_picture(content)
            args = (fields,)
        elif notice.event == "sns":
            args = ({"msg": args[-1]},)
        elif notice.event == "push":
            args = (_as_app_messages(args[0]),)
        self.connection.notify(notice.event, *args)
        if notice.event == "logout":
            self.connection.notify("close", {"msg": LOGGED_OUT})

    def end(self, last: WorldNotice | None) -> None:
        """Close with the code that keeps a client from connecting again.

        *Our choice*: the real gateway closes the newer connection with it
        (open-questions.md, Q17).
        """
        if last is None or last.event != "close":
            super().end(last)
            return
        now = self.driver.now()
        self.connection.close(now=now, code=TOKEN_IN_USE, reason=TAKEN_OVER)
        self.driver.turn()

    def _login(self, binding: IBinding, params: Mapping[str, object]) -> WorldReply:
        login_type = params.get("loginType")
        # The name before 0.6.0 is "token" (open-questions.md, Q28).
        by_token = login_type in ("auto", "request", "token")
        if by_token and not params.get("deviceData"):
            return Reply(False, "wxData is missing", {})
        if by_token or login_type == "qrcode":
            refusal = self.take_device_data(binding, params)
            if refusal is not None:
                return refusal
        if by_token:
            params = {"loginType": "token", "token": params.get("token")}
        return binding.respond("login", params)


class FaultyLegacy(Faulty, ServedLegacy):
    """One client of dialect ``legacy``, with faults."""


class FaultySdk(Faulty, ServedSdk):
    """One client of dialect ``sdk``, with faults."""


def _content(notice: WorldNotice) -> str:
    """Return what the code of a notice ``qrcode`` holds."""
    fields = notice.args[0]
    return str(fields["qrCode"]) if isinstance(fields, Mapping) else ""


def _as_app_messages(payload: object) -> object:
    """Call the transfers and red packets of a push app messages."""
    if not isinstance(payload, dict):
        return payload
    items: list[dict[str, object]] = payload["list"]
    named = [
        {**item, "msgType": int(MessageType.APP)}
        if item.get("msgType") in MONEY
        else item
        for item in items
    ]
    return {**payload, "list": named}


def _made_up_device(random_hex: Callable[[int], str]) -> dict[str, str]:
    mac = random_hex(5).upper()
    return {
        "deviceName": "Sandbox iPad",
        "deviceUuid": str(uuid.UUID(hex=random_hex(16))).upper(),
        "deviceWifiName": f"Wifi-{random_hex(2)}",
        "deviceWifiMac": ":".join(["02", *(mac[i : i + 2] for i in range(0, 10, 2))]),
    }
