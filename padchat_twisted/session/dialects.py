"""What the login of an account does in each dialect's own way.

::

    socketio  init(device)  login token                  -> login qrcode
    legacy    init(device)  login qrcode with the token: the gateway falls back itself
              init answers that a task goes on           -> syncContact, no login
    sdk       init          login auto -> login request  -> login qrcode
              login         -> syncContact, until loaded; notify -> syncMsg, syncContact

Source: dialects.md, 3 ("Synchronisation from 0.6.0 on"), 5 and 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..catalogue import (
    COMMANDS,
    AutoLogin,
    Command,
    Dialect,
    Done,
    Event,
    Loaded,
    LoggedIn,
    Login,
    LoginEvent,
    LoginType,
    Notify,
    SyncContact,
    SyncMsg,
)
from ..catalogue.sending import receiver_problem
from ..wire.dialect_socketio import RESERVED_CODES

__all__ = ["DIALECTS", "LoginDialect"]

#: How long a reply may take when nothing says otherwise (seconds). Source: PADCHAT
#: index.js, sendTimeout; example/wx.js; commands.toml, [dialect.sdk].
SOCKETIO_TIME_LIMIT = 60.0
LEGACY_TIME_LIMIT = 10.0
SDK_TIME_LIMIT = 30.0

#: How long a login may take (seconds): a server was seen to give up after 300, the time
#: for a person to confirm. Source: open-questions.md, Q12.
LOGIN_TIME_LIMIT = 300.0

#: What a ``Notify`` is about. Source: dialects.md, 3, "Synchronisation".
CONTACTS = 4


@dataclass(frozen=True, slots=True)
class LoginDialect:
    """The login of one dialect.

    Args:
        name: of the dialect.
        time_limit: how long a reply may take (seconds).
        time_limits: the same, for single commands by wire name.
        token_types: what is tried with a token, one after the other.
        falls_back: whether a login with a token begins one by code when the token is
            of no use, in one command.
        fetches: whether contacts and messages come only when they are asked for.
        adds_marks: whether its own client puts the ``@`` in front of a text that are
            missing for its mentions. Source: open-questions.md, Q57.
    """

    name: Dialect
    time_limit: float
    token_types: tuple[LoginType, ...]
    time_limits: Mapping[str, float] = field(default_factory=dict)
    falls_back: bool = False
    fetches: bool = False
    adds_marks: bool = False

    # Looked up for each call, so all of them are made ready once.
    _limits: dict[str, float] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Gather the limits of single commands."""
        for code, command in COMMANDS.items():
            if command.time_limit is not None:
                self._limits[code] = command.time_limit
        self._limits.update(self.time_limits)

    def problem_with(self, code: str, params: Mapping[str, object]) -> str | None:
        """Tell why a command that no class describes must not be sent.

        Args:
            code: its wire name.
            params: its parameters; who is named by ``toUserName`` must be one that
                may be written to (open-questions.md, Q70).

        Returns:
            None when it may be sent.
        """
        to_user_name = params.get("toUserName")
        if isinstance(to_user_name, str) and to_user_name:
            problem = receiver_problem(to_user_name)
            if problem is not None:
                return problem
        if self.name == "socketio" and code in RESERVED_CODES:
            return "Socket.IO keeps this name for itself"
        is_name = code.isascii() and code.isprintable() and bool(code.strip())
        if not is_name or {'"', "\\"} & set(code):
            return "not the name of a command"
        return None

    def limit(self, code: str) -> float:
        """Return how long the reply to a command may take (seconds)."""
        return self._limits.get(code, self.time_limit)

    def login(self, kind: LoginType, token: str | None, device_data: str) -> Login:
        """Return the command for one way to log in.

        Args:
            kind: the login type.
            token: None for none.
            device_data: empty where none is known; ``socketio`` sends it with
                ``init``.
        """
        fields = {}
        if token is not None:
            fields["token"] = token
        if device_data and self.name != "socketio":
            fields["device_data"] = device_data
        return Login(login_type=kind, **fields)

    def is_code_coming(self, result: LoggedIn) -> bool:
        """Whether a login with a token became one by code: it names no account."""
        return self.falls_back and not result.user_name

    def fetched_at(self, event: Event) -> Command[Done] | None:
        """Return what has to be asked for when an event comes, if anything."""
        if not self.fetches:
            return None
        match event:
            case LoginEvent() | AutoLogin():
                return SyncContact()
            case Notify():
                return SyncContact() if event.type == CONTACTS else SyncMsg()
            case Loaded():
                return SyncMsg()
            case _:
                return None


#: The dialects by name.
DIALECTS: dict[Dialect, LoginDialect] = {
    "socketio": LoginDialect("socketio", SOCKETIO_TIME_LIMIT, ("token",)),
    "legacy": LoginDialect(
        "legacy",
        LEGACY_TIME_LIMIT,
        ("qrcode",),
        falls_back=True,
    ),
    "sdk": LoginDialect(
        "sdk",
        SDK_TIME_LIMIT,
        ("auto", "request"),
        {"login": LOGIN_TIME_LIMIT},
        fetches=True,
        adds_marks=True,
    ),
}
