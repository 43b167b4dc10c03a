"""Sub-accounts of the sandbox gateway, and the connections that are bound to them.

PURE. A sub-account is what an auth key and a name stand for. Its *task* runs in the
gateway whether a client is connected or not::

    connection         open --init--> initialised --login--> logged in
                        ^                                       |
                        +------ close, logout, logged out ------+

    account at WeChat  logged out --confirm--> logged in --logout--> logged out

``close`` and a lost connection change the first line only: the account stays logged
in, its messages are kept, its tokens stay good (dialects.md, 5 and 7). In dialect
``legacy`` a new connection goes on with the task that a lost one had.
"""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..catalogue.message_types import MessageType
from .binding import Binding, State
from .fingerprints import fingerprint
from .login import QRLogin
from .messages import Delivery, Message, new_message_id
from .people import Person
from .refusals import Refused
from .rooms import Room

if TYPE_CHECKING:
    from .world import World

__all__ = [
    "LOGGED_IN_ELSEWHERE",
    "MAX_TOKENS",
    "STATUS_LOGGED_OUT",
    "STATUS_TOKEN_UNUSABLE",
    "TAKEN_OVER",
    "Account",
    "Device",
    "LoginToken",
]

#: Text of event ``close`` for a connection that a newer one replaces. *Our choice*:
#: what the real gateway does here is not documented.
TAKEN_OVER = "taken over by a newer connection with the same authKey and name"

#: Text of event ``logout`` when the same WeChat user logs in as another sub-account.
LOGGED_IN_ELSEWHERE = "logged out: the same WeChat user logged in on another device"

#: Login tokens of one account that are good at the same time: clients fetch one per
#: login and per hour, and one that crashed before it stored the newest still has the
#: one before. So two would do; the rest is for clients that ask more often.
MAX_TOKENS = 4

#: Status of the engine for a token of an account that was logged out, or that has
#: expired (commands.toml, ``status_code``; sample S3).
STATUS_LOGGED_OUT = -2023

#: Status of the engine for any other token that cannot be used.
STATUS_TOKEN_UNUSABLE = -100

#: Device data begin like this: hexadecimal for ``bplist00``, hence "62 data".
_DEVICE_DATA_PREFIX = "62706c6973743030"


@dataclass(frozen=True, slots=True)
class Device:
    """The device that an account pretends to be (commands.toml, ``getDeviceInfo``)."""

    device_name: str = field(repr=False)
    device_uuid: str = field(repr=False)
    device_wifi_name: str = field(repr=False)
    device_wifi_mac: str = field(repr=False)
    device_data: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoginToken:
    """What is remembered of a login token: fingerprints, not the token.

    Attributes:
        token: fingerprint of the token.
        device_data: fingerprint of the device data that it was issued for.
        expires_at: Unix time (seconds); at this moment the token is void.
    """

    token: str = field(repr=False)
    device_data: str = field(repr=False)
    expires_at: float


class Account:
    """One sub-account. Made by :meth:`World.attach`, found by :meth:`World.account`.

    Attributes:
        world: where it is.
        name: its label, ``name`` of the handshake.
        key_fingerprint: stands for the auth key.
        own_user: the WeChat user that it logs in as when nobody else scans.
        user: the WeChat user that it is or was last logged in as.
        is_logged_in: whether it is logged in at WeChat, connected or not.
        is_running: whether its task runs, connected or not: from ``init`` to
            ``close`` or a logout. It does not outlive a restart.
        device: the device of its last ``init``, or None.
        tokens: its login tokens, the newest last.
        login: the QR code that it shows, or None.
        binding: the connection that runs its task, or None.
    """

    def __init__(
        self, world: World, key_fingerprint: str, name: str, own_user: Person
    ) -> None:
        self.world = world
        self.name = name
        self.key_fingerprint = key_fingerprint
        self.own_user = own_user
        self.user = own_user
        self.is_logged_in = False
        self.is_running = False
        self.device: Device | None = None
        self.tokens: deque[LoginToken] = deque(maxlen=MAX_TOKENS)
        self.login: QRLogin | None = None
        self.binding: Binding | None = None

    def __repr__(self) -> str:
        logged = "in" if self.is_logged_in else "out"
        return f"<account {self.name!r} logged {logged} as {self.user.user_name}>"

    def attach(self, wake: Callable[[], None]) -> Binding:
        """Bind a new connection; an older one is told and is over."""
        if self.binding is not None:
            self.binding.end("close", {"msg": TAKEN_OVER})
        self.binding = Binding(self, wake)
        return self.binding

    def initialise(self, device: Device) -> None:
        """Take the device of an ``init``, and complete it.

        The data belong to the account: the same device gets the same data again,
        another one gets new data. The same data bring the other fields along.
        """
        self.is_running = True
        known = self.device
        if not device.device_data:
            if known is not None and known.device_uuid == device.device_uuid:
                device_data = known.device_data
            else:
                device_data = _DEVICE_DATA_PREFIX + self.world.random_hex(48)
            device = replace(device, device_data=device_data)
        elif known is not None and known.device_data == device.device_data:
            device = Device(
                device.device_name or known.device_name,
                device.device_uuid or known.device_uuid,
                device.device_wifi_name or known.device_wifi_name,
                device.device_wifi_mac or known.device_wifi_mac,
                device.device_data,
            )
        if device != known:
            self.device = device
            self.world.changed()

    def issue_token(self) -> str:
        """Make a login token for the next login with the present device."""
        token = base64.b64encode(bytes.fromhex(self.world.random_hex(30))).decode()
        expires_at = self.world.now() + self.world.settings.token_seconds
        self.tokens.append(
            LoginToken(fingerprint(token), self._device_fingerprint(), expires_at)
        )
        self.world.changed()
        return token

    def log_in_by_token(self, binding: Binding, token: str) -> None:
        """Log in with a token of an earlier login.

        Raises:
            Refused: the token is unknown, has expired, was voided by a logout or
                belongs to another device; with the status of the engine.
        """
        wanted = fingerprint(token)
        found = next((known for known in self.tokens if known.token == wanted), None)
        if found is None and not self.is_logged_in:
            raise Refused("token is void: the account is logged out", STATUS_LOGGED_OUT)
        if found is None:
            raise Refused("token is not known", STATUS_TOKEN_UNUSABLE)
        if self.world.now() >= found.expires_at:
            raise Refused("token has expired", STATUS_LOGGED_OUT)
        if found.device_data != self._device_fingerprint():
            raise Refused("token is for another device", STATUS_TOKEN_UNUSABLE)
        self.forget_login()
        self.log_in(self.user, binding)

    def show_code(self, binding: Binding) -> None:
        """Begin a QR login; the code before it, if any, is void."""
        self.forget_login()
        self.login = QRLogin(self, binding)
        self.world.login_begun(self.login)
        self.login.start()

    def forget_login(self) -> None:
        """Make the code that is shown void, without a word."""
        if self.login is not None:
            self.world.login_ended(self.login)
            self.login = None

    def log_in(self, user: Person, binding: Binding) -> None:
        """Be logged in as *user*, and tell *binding* all that follows a login.

        A WeChat user is logged in as one sub-account at a time: another one that was
        is logged out. *Our choice*, after what WeChat does with two iPads.
        """
        if user.account is not None and user.account is not self:
            user.account.log_out(LOGGED_IN_ELSEWHERE)
        if user is not self.user:
            self._be_logged_out()
        self.user = user
        user.account = self
        self.is_logged_in = True
        self.world.changed()
        if not binding.is_over:
            binding.state = State.LOGGED_IN
            binding.are_pushes_closed = False
            binding.notify("login", {})
            binding.feed.begin()
            binding.feed.contacts(user.contact_list())
            self._push_again(binding)

    def resume(self, binding: Binding) -> bool:
        """Go on with a task that runs, on a new connection, without a login.

        Returns:
            Whether the account is logged in; if not, the client has to log in.
        """
        if self.is_logged_in and binding.state is not State.LOGGED_IN:
            self.forget_login()
            binding.state = State.LOGGED_IN
            self._push_again(binding)
        return self.is_logged_in

    def logs_in_again(self) -> None:
        """Send the event ``autoLogin``: the gateway logged in again by itself.

        Only dialect ``sdk`` knows it; its client reads the token anew. *Our choice*:
        the tokens of before stay good.
        """
        listener = self._listener()
        if listener is not None:
            listener.notify("autoLogin", {})

    def log_out(self, text: str = "logged out on the phone") -> None:
        """Be logged out: the tokens are void, and the client is told *text*."""
        self._be_logged_out()
        self.is_running = False
        if self.binding is not None and self.binding.state is State.LOGGED_IN:
            self.binding.state = State.OPEN
            self.binding.notify("logout", {"msg": text})

    def close(self, text: str = "task closed") -> None:
        """End the task; the account stays logged in, its tokens stay good."""
        self.forget_login()
        self.is_running = False
        if self.binding is not None and self.binding.state is not State.OPEN:
            self.binding.state = State.OPEN
            self.binding.notify("close", {"msg": text})

    def warns(self, text: str) -> None:
        """Send the event ``warn`` with *text*, as a gateway in trouble does."""
        if self.binding is not None:
            self.binding.notify("warn", {"error": text})

    def sns_arrives(self, text: str = "new in the moments") -> None:
        """Send the event ``sns``: there is something new in the moments."""
        listener = self._listener()
        if listener is not None:
            listener.notify("sns", {}, text)

    def push_contact(self, contact: Person | Room) -> None:
        """Bring one contact that changed, if a client listens."""
        listener = self._listener()
        if listener is not None:
            listener.feed.contact(contact)

    def push_message(self, delivery: Delivery) -> None:
        """Bring a message that just came, if a client listens."""
        listener = self._listener()
        if listener is not None:
            listener.feed.messages([delivery])

    def _push_again(self, binding: Binding) -> None:
        """Bring what waits for a login, and again what came lately.

        Source: open-questions.md, Q71; the notice of ``weixin`` before it:
        messages.toml, ``official_notice``.
        """
        now = self.world.now()
        window = self.world.settings.replay_seconds
        notice = Message(
            message_id=new_message_id(self.world.random_hex),
            kind=MessageType.SYSMSG,
            sender=self.world.weixin,
            to=self.user,
            content='<sysmsg type="dynacfg"></sysmsg>',
            sent_at=now,
        )
        binding.feed.messages([Delivery(notice, is_kept=False, pushed_at=now)])
        binding.feed.messages(
            [
                delivery
                for delivery in self.user.deliveries
                if delivery.is_kept or now - delivery.pushed_at < window
            ]
        )

    def _listener(self) -> Binding | None:
        if self.binding is None or self.binding.state is not State.LOGGED_IN:
            return None
        return self.binding

    def _be_logged_out(self) -> None:
        self.tokens.clear()
        self.is_logged_in = False
        if self.user.account is self:
            self.user.account = None
        self.world.changed()

    def _device_fingerprint(self) -> str:
        if self.device is None:
            raise Refused("the task is not initialised: call init first")
        return fingerprint(self.device.device_data)
