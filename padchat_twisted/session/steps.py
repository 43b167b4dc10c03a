"""What the login machine has done: the steps of a login, over calls and store."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from ..catalogue import (
    AutoLogin,
    CloseEvent,
    Command,
    Event,
    Loaded,
    LoginEvent,
    Logout,
    LogoutEvent,
    Reconnect,
    Result,
    Scan,
    ScanStatus,
    SyncContact,
)
from ..errors import (
    CallError,
    CallRejected,
    Disconnected,
    LoggedOut,
    LoginCancelled,
    LoginDeclined,
    PadChatError,
    QRCodeExpired,
    StoreError,
    TakenOver,
    quoted,
)
from ..interfaces import IConnector
from .breaker import Breaker
from .calls import Calls
from .credentials import Credentials
from .dialects import LoginDialect
from .endurance import Endurance
from .fetching import Fetching
from .login import LOGIN_SECONDS, login_machine
from .receiver import Receiver
from .retry import LONGEST_DELAY, LONGEST_LOGIN_DELAY, full_jitter
from .saving import LoginSaver
from .states import CALLABLE_STATES, Unheard

__all__ = ["TAKEN_OVER", "Steps"]

R = TypeVar("R", bound=Result)
T = TypeVar("T")

#: What the text of the event ``close`` holds when a newer connection runs the
#: account. *Our choice*: what the real gateway says is not documented.
TAKEN_OVER = "taken over"

#: Longest life of a code that a gateway may claim (seconds).
LONGEST_CODE = 3600.0

_log = Logger()


class Steps:
    """The steps of one account's login.

    Args:
        clock: for time limits and delays.
        name: label of the account.
        connector: gives connections.
        receiver: hears what a connection tells; it gets the login machine.
        credentials: device data and token.
        calls: the calls in flight.
        entered: called with each new state and its reason.
        dialect: how the gateway logs in.
        endurance: the settings for when nobody is there.
        retry_policy: gives the delay before the n-th attempt (seconds).

    Attributes:
        due: when the time of the state will be up, None for never.
    """

    def __init__(
        self,
        clock: IReactorTime,
        name: str,
        connector: IConnector,
        receiver: Receiver,
        credentials: Credentials,
        calls: Calls,
        entered: Callable[[str, PadChatError | None], None],
        dialect: LoginDialect,
        endurance: Endurance,
        retry_policy: Callable[[int], float] | None = None,
    ) -> None:
        self._name = name
        self._connector = connector
        self._receiver = receiver
        self._credentials = credentials
        self._calls = calls
        self._entered = entered
        self._dialect = dialect
        self._endurance = endurance
        self._policy = retry_policy
        self._turn: int | None = None
        self._entries = 0
        self.is_ending = False
        self._is_resumed = False
        self._is_code_coming = False
        self._has_asked_phone = False
        self.due: float | None = None
        command = self.command
        self._saver = LoginSaver(
            credentials,
            command,
            receiver,
            self._not_saved,
        )
        self._fetching = Fetching(clock, name, command, endurance.chance)
        breaker = Breaker(endurance.login_failures, endurance.failure_window)
        self.inputs = login_machine(clock, self, name, breaker, self._set_due)
        receiver.inputs = self._saver.inputs = self.inputs

    @property
    def unheard(self) -> Unheard | None:
        """What the gateway is asked for and does not give, None when all is well."""
        return self._fetching.unheard

    def command(self, command: Command[R], most: float | None = None) -> Deferred[R]:
        """Send a command, whatever the state of the login.

        Args:
            command: it.
            most: how long its reply may take at most (seconds), if that is less than
                what it may take otherwise.
        """
        code = command.wire_name
        limit = self._dialect.limit(code)
        if most is not None:
            limit = min(limit, most)
        return self._calls.call(code, command, command.result_type, limit)

    def ends_with(self, command: Command[Any], calling: Deferred[Any]) -> None:
        """End the session when a command that was sent succeeds."""
        was_ending, self.is_ending = self.is_ending, True

        def ended(result: T) -> T:
            if isinstance(command, Logout):
                self._void_token("logout")
            self.inputs.stop()
            return result

        def not_ended(failure: Failure) -> Failure:
            self.is_ending = was_ending
            return failure

        calling.addCallbacks(ended, not_ended)

    # For the machine

    def connect(self) -> None:
        """Begin an attempt to connect, when it is our turn."""
        self._saver.forget()
        self._is_resumed = self._is_code_coming = False
        budget = self._endurance.budget
        if budget is None or self._connector.paces_itself:
            self._attempt()
        else:
            self._turn = budget.wait(self._attempt)

    def _attempt(self) -> None:
        self._connector.connect(self._receiver.begin())

    def initialise(self) -> None:
        """Send ``init``, then say whether there is a token."""
        self._run(self._initialise())

    def login_by_token(self) -> None:
        """Send ``login`` with the token."""
        self._run(self._login_by_token())

    def ask_for_code(self) -> None:
        """Send ``login`` for a QR code."""
        self._run(self._ask_for_code())

    def save_login(self) -> None:
        """Fetch device data and token, and store them."""
        self._saver.save()

    def drop(self) -> None:
        """Leave the connection, if there is one; nothing is heard of it any more."""
        if self._turn is not None and self._endurance.budget is not None:
            self._endurance.budget.give_up(self._turn)
        self._fetching.stop()
        self._receiver.leave()
        self._calls.abandon()
        self._connector.stop()

    def close(self) -> None:
        """Leave the connection in good order; ``lost`` follows."""
        if self._receiver.connection is not None:
            self._receiver.connection.close()

    def retry_delay(self, attempt: int, *, has_failed: bool) -> float:
        """Return the time until the next attempt (seconds)."""
        if self._connector.paces_itself:
            return 0.0
        if self._policy is not None:
            return self._policy(attempt)
        longest = LONGEST_LOGIN_DELAY if has_failed else LONGEST_DELAY
        return full_jitter(attempt, self._endurance.chance, longest)

    def entered(self, state: str, reason: PadChatError | None) -> None:
        """A state was entered."""
        self._entries += 1
        if state not in CALLABLE_STATES:
            self._fetching.stop()
        self._entered(state, reason)

    def _set_due(self, due: float | None) -> None:
        self.due = due

    # From the gateway

    def happened(self, event: Event) -> None:
        """Take in an event that concerns the login."""
        match event:
            case Scan():
                self._scanned(event)
            case LoginEvent():
                self._has_asked_phone = False
                data = event.raw.get("data")
                if isinstance(data, dict):
                    self._learn_name(data.get("userName"))
                self.inputs.logged_in()
            case AutoLogin():
                self.inputs.logged_in()
            case Reconnect(logined=True):
                self._resumed()
            case Loaded():
                self._saver.loaded()
            case LogoutEvent():
                if not self.is_ending:
                    self._void_token("logged out")
                    text = quoted(event.msg or "no reason given")
                    self.inputs.failed(LoggedOut(self._name, text))
            case CloseEvent():
                text = quoted(event.msg or "")
                if TAKEN_OVER in text:
                    self.inputs.refused(TakenOver(text))
                elif not self.is_ending:
                    self.inputs.failed(Disconnected("task closed", text))
            case _:
                pass
        fetch = self._dialect.fetched_at(event)
        if fetch is not None:
            self._fetching.fetch(fetch)

    def _resumed(self) -> None:
        """The task goes on, and its account is logged in; told up to twice."""
        if not self._is_resumed:
            self._is_resumed = True
            self.inputs.logged_in()
            self._fetching.fetch(SyncContact())

    def _scanned(self, scan: Scan) -> None:
        self._learn_name(scan.user_name)
        if scan.is_finished:
            self.inputs.confirmed()
        elif scan.status == ScanStatus.CONFIRMED:
            self.inputs.code_ended(LoginDeclined(self._name))
        elif scan.status == ScanStatus.EXPIRED:
            self.inputs.code_ended(QRCodeExpired(self._name))
        elif scan.status == ScanStatus.CANCELLED:
            self.inputs.code_ended(LoginCancelled(self._name))
        elif scan.status == ScanStatus.WAIT_CONFIRM:
            self.inputs.scanned()
        elif scan.status == ScanStatus.WAIT_SCAN and scan.expired_time is not None:
            # Compared before it becomes a float: a peer may send any number.
            seconds = min(max(0, scan.expired_time), LONGEST_CODE)
            self.inputs.code_expires_in(float(seconds))

    def _learn_name(self, user_name: object) -> None:
        if isinstance(user_name, str) and user_name:
            self._credentials.user_name = user_name

    # Steps

    async def _initialise(self) -> None:
        task = await self.command(self._credentials.init_command())
        if task.logined:
            self._resumed()
        elif self._credentials.login_token is not None:
            self.inputs.token_found()
        else:
            self.inputs.no_token()

    async def _login_by_token(self) -> None:
        token = self._credentials.login_token
        if token is None:
            self.inputs.token_refused()
            return
        why = "nobody confirmed it on the phone"
        device_data = self._credentials.device_data
        entries = self._entries
        for kind in self._dialect.token_types:
            if kind == "request":
                # Whoever did not confirm the last time is not asked again and again.
                if self._has_asked_phone:
                    break
                self._has_asked_phone = True
            login = self._dialect.login(kind, token, device_data)
            # Somebody has to take the phone out for a request.
            limit = self._dialect.limit(login.wire_name) if kind == "request" else None
            self.inputs.login_takes(limit or LOGIN_SECONDS)
            try:
                result = await self.command(login)
            except CallRejected as error:
                if entries != self._entries:
                    # The event ``login`` came first, or the connection went.
                    return
                why = str(error)
                continue
            self._is_code_coming = self._dialect.is_code_coming(result)
            if not self._is_code_coming:
                self._learn_name(result.user_name)
                return
            why = "the gateway asks for a scan"
        _log.info(
            "account {account}: the saved login is not accepted any more: {why}",
            account=self._name,
            why=why,
        )
        await self._credentials.void_token(why)
        if entries == self._entries:
            self.inputs.token_refused()

    async def _ask_for_code(self) -> None:
        if not self._is_code_coming:
            device_data = self._credentials.device_data
            await self.command(self._dialect.login("qrcode", None, device_data))
        self._is_code_coming = False
        self.inputs.code_granted()

    def _void_token(self, reason: str) -> None:
        voiding = Deferred.fromCoroutine(self._credentials.void_token(reason))
        voiding.addErrback(self._not_saved)

    def _not_saved(self, failure: Failure) -> None:
        self._log_trouble(failure, "the login was not saved")

    def _log_trouble(self, failure: Failure, what: str) -> None:
        if failure.check(CallError):
            _log.warn(
                "account {account}: {what}: {why}",
                account=self._name,
                what=what,
                why=str(failure.value),
            )
        else:
            _log.failure(
                "account {account}: {what}", failure, account=self._name, what=what
            )

    def _run(self, step: Coroutine[Deferred[Any], Any, None]) -> None:
        Deferred.fromCoroutine(step).addErrback(self._step_failed, self._entries)

    def _step_failed(self, failure: Failure, entries: int) -> None:
        if entries != self._entries:
            # The login went on without it, for example by an event of the gateway.
            return
        error = failure.value
        if not isinstance(error, CallError | StoreError):
            _log.failure(
                "account {account}: a step of the login failed",
                failure,
                account=self._name,
            )
        if isinstance(error, PadChatError):
            self.inputs.failed(error)
        else:
            self.inputs.failed(PadChatError(f"{type(error).__name__} in a login step"))
