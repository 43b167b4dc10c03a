"""Clients of the dialects ``legacy`` and ``sdk``, and what is their gateways' own.

The world behind is the same; what differs from dialect ``socketio`` is here::

    legacy  connect   device fields may be left out; a task that runs is gone on with,
                      which the reply and the event ``reconnect`` say
            login     ``qrcode`` with a token tries the token first
    sdk     init      no parameters
            login     ``auto`` and ``request`` with ``wxData`` and a token
            contacts and messages are announced, and pushed when they are fetched
            ``over`` follows ``logout``; a code comes as its content, not as a picture
            a client of before 0.6.0 is pushed to at once, and gets the picture too

Source: dialects.md, 1, 3, 5 to 7; commands.toml; open-questions.md, Q13, Q17, Q25,
Q26, Q28.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

from twisted.logger import Logger

from ..transport.driver import Driver
from ..wire.dialect_json import AuthRequested, JsonOccurrence, OddFrame
from ..wire.dialect_sdk import TOKEN_IN_USE
from ..wire.envelope import Call
from ..wire.json_server import JsonServer
from .accounts import TAKEN_OVER, Account
from .binding import Binding, Notice, State
from .feeds import FetchedFeed, PushFeed
from .people import RandomHex, Refused
from .pictures import qr_picture
from .responders import Reply, respond
from .served import INVALID_KEY, Served

__all__ = ["MONITOR", "NAME", "ServedLegacy", "ServedSdk"]

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

#: State of a task, in the answer to ``connect``; sample L5.
RUNNING = "init"

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

    def reply(self, call_id: int, reply: Reply) -> None:
        """Send a reply."""
        self.connection.reply(
            call_id, success=reply.success, msg=reply.msg, data=reply.data
        )


class ServedLegacy(_ServedJson):
    """One client of dialect ``legacy``."""

    def respond(self, binding: Binding, code: str, params: object) -> Reply:
        """Carry out one command."""
        if isinstance(params, Mapping):
            if code == "init":
                return self._init(binding, params)
            if code == "login":
                return self._login(binding, params)
        return respond(binding, code, params)

    def notify(self, notice: Notice) -> None:
        """Send an event."""
        if notice.event == "autoLogin":
            return
        args = notice.args
        if notice.event == "qrcode":
            args = ({"qrCode": qr_picture(_content(notice))},)
        self.connection.notify(notice.event, *args)

    def _init(self, binding: Binding, params: Mapping[str, object]) -> Reply:
        account = binding.account
        was_running = account.is_running
        if was_running:
            # A task keeps the device that it has.
            params = {}
        reply = respond(binding, "init", _with_device(account, params))
        if not reply.success:
            return reply
        if not was_running:
            return Reply(True, "", {"ret": 0, "msg": "ok"})
        told = {"logined": account.is_logged_in, "status": RUNNING}
        binding.notify("reconnect", told)
        account.resume(binding)
        return Reply(True, "", told)

    def _login(self, binding: Binding, params: Mapping[str, object]) -> Reply:
        if params.get("loginType") != "qrcode":
            return respond(binding, "login", params)
        refusal = _take_device_data(binding, params)
        if refusal is not None:
            return refusal
        if params.get("token"):
            by_token = {"loginType": "token", "token": params["token"]}
            reply = respond(binding, "login", by_token)
            if reply.success:
                return reply
        return respond(binding, "login", {"loginType": "qrcode"})


class ServedSdk(_ServedJson):
    """One client of dialect ``sdk``."""

    def asked_in(self, auth_key: str) -> None:
        """Let the client in, or refuse it; the monitor is let in without an account."""
        if auth_key == MONITOR:
            self.connection.accept()
        else:
            super().asked_in(auth_key)

    def bind(self, auth_key: str, name: str) -> Binding:
        """Take hold of a sub-account, whose contacts and messages are fetched."""
        binding = super().bind(auth_key, name)
        binding.feed = FetchedFeed(binding)
        return binding

    def called_in_vain(self, call: Call) -> None:
        """Refuse a command of the monitor."""
        if call.call_id is not None:
            self.connection.reply(call.call_id, success=False, msg=NO_ACCOUNT)

    def respond(self, binding: Binding, code: str, params: object) -> Reply:
        """Carry out one command."""
        account = binding.account
        if code == "init":
            self._choose_feed(binding)
            return respond(binding, "init", _with_device(account, {}))
        if code == "login" and isinstance(params, Mapping):
            return self._login(binding, params)
        user = account.user
        if code == "getMyInfo":
            # One's own profile has the same conditions, and more than is asked for.
            profile = respond(binding, "getContact", {"userId": user.user_name})
            data = {"userName": user.user_name, "uin": user.uin}
            return replace(profile, data=data) if profile.success else profile
        reply = respond(binding, code, params)
        if reply.success and code == "getDeviceInfo":
            return replace(reply, data={"deviceData": reply.data["deviceData"]})
        if reply.success and code == "getAutoLoginData":
            more = {"message": "", "status": 0, "uin": user.uin}
            return replace(reply, data={**reply.data, **more})
        return reply

    def notify(self, notice: Notice) -> None:
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
        self.connection.notify(notice.event, *args)
        if notice.event == "logout":
            self.connection.notify("close", {"msg": LOGGED_OUT})

    def end(self, last: Notice | None) -> None:
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

    def _choose_feed(self, binding: Binding) -> None:
        """Serve the client as its version expects, which its first request shows."""
        fetches_news = self.connection.fetches_news
        if isinstance(binding.feed, FetchedFeed) is not fetches_news:
            binding.feed = FetchedFeed(binding) if fetches_news else PushFeed(binding)

    def _login(self, binding: Binding, params: Mapping[str, object]) -> Reply:
        login_type = params.get("loginType")
        # The name before 0.6.0 is "token" (open-questions.md, Q28).
        by_token = login_type in ("auto", "request", "token")
        if by_token and not params.get("deviceData"):
            return Reply(False, "wxData is missing", {})
        if by_token or login_type == "qrcode":
            refusal = _take_device_data(binding, params)
            if refusal is not None:
                return refusal
        if by_token:
            params = {"loginType": "token", "token": params.get("token")}
        return respond(binding, "login", params)


def _content(notice: Notice) -> str:
    """Return what the code of a notice ``qrcode`` holds."""
    fields = notice.args[0]
    return str(fields["qrCode"]) if isinstance(fields, Mapping) else ""


def _take_device_data(binding: Binding, params: Mapping[str, object]) -> Reply | None:
    """Take the device data that come with ``login``; return a refusal, or None."""
    device_data = params.get("deviceData")
    if not device_data or binding.state is not State.INITIALISED:
        return None
    fields = _with_device(binding.account, {"deviceData": device_data})
    reply = respond(binding, "init", fields)
    return None if reply.success else reply


def _with_device(account: Account, params: Mapping[str, object]) -> dict[str, object]:
    """Complete the parameters of ``init``.

    What is left out, or empty, is that of the account's device; the gateway makes it
    up when there is none yet. Source: commands.toml, ``init``.
    """
    given = {name: value for name, value in params.items() if value}
    device = account.device
    if device is None:
        return {**_made_up_device(account.world.random_hex), **given}
    known = {
        "deviceName": device.device_name,
        "deviceUuid": device.device_uuid,
        "deviceWifiName": device.device_wifi_name,
        "deviceWifiMac": device.device_wifi_mac,
    }
    return {**{name: value for name, value in known.items() if value}, **given}


def _made_up_device(random_hex: RandomHex) -> dict[str, object]:
    mac = random_hex(5).upper()
    return {
        "deviceName": "Sandbox iPad",
        "deviceUuid": str(uuid.UUID(hex=random_hex(16))).upper(),
        "deviceWifiName": f"Wifi-{random_hex(2)}",
        "deviceWifiMac": ":".join(["02", *(mac[i : i + 2] for i in range(0, 10, 2))]),
    }
