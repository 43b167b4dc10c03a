"""The login machine of one account, and nothing else.

::

    offline --start--> connecting --connected--> initialising
    initialising --token_found--> logging_in --token_refused--> awaiting_scan
    initialising --no_token--> awaiting_scan --scanned--> awaiting_confirm
    awaiting_scan, awaiting_confirm --code_ended, overdue--> awaiting_scan (again)
                                    --gave_up--> needs_human
                                    --confirmed--> logging_in --overdue--> retrying
    initialising ... logging_in --logged_in--> syncing --overdue--> retrying
    syncing --answered--> syncing (answered) --loaded, overdue--> ready
    connecting ... ready --lost, failed--> retrying --overdue--> connecting
                         --refused--> needs_human --try_again--> connecting
    retrying --gave_up (too many logins failed)--> needs_human
    initialising ... ready --stop--> closing --lost--> closed
    offline, connecting, retrying, needs_human --stop--> closed

Source: dialects.md, 5 and 6; PADCHAT demo.js. What is not in the table is ignored:
late events of an older step change nothing. See docs/design/0007-login-machine.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from automat import TypeMachineBuilder
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from ..errors import (
    Disconnected,
    LoginFailedOften,
    NeedsHuman,
    PadChatError,
    QRCodeExpired,
)
from .breaker import Breaker
from .login_protocols import LoginInputs, LoginSteps

__all__ = [
    "CODE_SECONDS",
    "HELD_SECONDS",
    "LOADED_SECONDS",
    "LOGIN_SECONDS",
    "MAX_CODES",
    "MAX_SILENT_LOGINS",
    "TOKEN_SECONDS",
    "login_machine",
]

#: Codes that are shown before a person is waited for.
MAX_CODES = 3

#: How long a code lives when the gateway does not say (seconds); dialects.md, S3:
#: ``expiredTime`` begins at 239. A little later we take it for expired ourselves.
CODE_SECONDS = 240.0
CODE_GRACE = 5.0

#: How long the event ``login`` may take after the confirmation or a token (seconds).
LOGIN_SECONDS = 60.0

#: How long ``loaded`` may take before the account counts as ready all the same
#: (seconds); users saw gateways that never send it.
LOADED_SECONDS = 60.0

#: How often the login token is fetched again (seconds). Source: seed README.
TOKEN_SECONDS = 3600.0

#: How long an account has to be ready for its login to have held (seconds). Delays
#: grow over logins that did not, and each of them counts as one that failed.
HELD_SECONDS = 60.0

#: Logins by token in a row of which nothing came, neither an answer nor the event,
#: until a code has its turn. The token is kept: the gateway did not refuse it.
MAX_SILENT_LOGINS = 3


@dataclass(slots=True)
class _Core:
    """What the machine knows beside its state."""

    clock: IReactorTime
    steps: LoginSteps
    name: str
    breaker: Breaker
    due: Callable[[float | None], object] = lambda _: None
    timer: IDelayedCall | None = field(default=None)
    attempts: int = 0
    codes_shown: int = 0
    codes_asked: int = 0
    silent_logins: int = 0
    ready_since: float = 0.0

    def enter(
        self,
        inputs: LoginInputs,
        state: str,
        seconds: float | None = None,
        reason: PadChatError | None = None,
    ) -> None:
        """Enter a state; its timer goes with it."""
        self.set_timer(inputs, seconds)
        self.steps.entered(state, reason)

    def set_timer(self, inputs: LoginInputs, seconds: float | None) -> None:
        """Replace the timer of the state."""
        timer, self.timer = self.timer, None
        if timer is not None and timer.active():
            if seconds is None:
                timer.cancel()
            else:
                # One that is cancelled would be kept until its time has come.
                timer.reset(seconds)
                self.timer = timer
        elif seconds is not None:
            self.timer = self.clock.callLater(seconds, inputs.overdue)
        self.due(None if self.timer is None else self.timer.getTime())


def login_machine(
    clock: IReactorTime,
    steps: LoginSteps,
    name: str,
    breaker: Breaker | None = None,
    due: Callable[[float | None], object] = lambda _: None,
) -> LoginInputs:
    """Build the login machine of one account, in state ``offline``.

    Args:
        clock: for the time that a state may take.
        steps: does what the machine decides.
        name: label of the account, for errors.
        breaker: counts the logins that failed.
        due: told when the time of the state will be up, None for never.
    """
    if breaker is None:
        breaker = Breaker()
    return _factory()(_Core(clock, steps, name, breaker, due))


@cache
def _factory() -> Callable[[_Core], LoginInputs]:
    builder = TypeMachineBuilder(LoginInputs, _Core)

    offline = builder.state("offline")
    connecting = builder.state("connecting")
    initialising = builder.state("initialising")
    awaiting_scan = builder.state("awaiting_scan")
    awaiting_confirm = builder.state("awaiting_confirm")
    logging_in = builder.state("logging_in")
    syncing = builder.state("syncing")
    answered = builder.state("syncing (answered)")
    ready = builder.state("ready")
    retrying = builder.state("retrying")
    needs_human = builder.state("needs_human")
    closing = builder.state("closing")
    closed = builder.state("closed")

    online = (
        initialising,
        awaiting_scan,
        awaiting_confirm,
        logging_in,
        syncing,
        answered,
        ready,
    )
    showing_code = (awaiting_scan, awaiting_confirm)
    idle = (offline, retrying, needs_human)
    defined: set[tuple[str, str]] = set()

    def handle(states: Iterable[Any], given: Any, to: Any, action: Any) -> None:  # noqa: ANN401 - Automat types each transition by itself; this is a table
        for state in states:
            defined.add((state.name, given.__name__))
            state.upon(given).to(state if to is None else to)(action)

    # To connect

    def connect(inputs: LoginInputs, core: _Core) -> None:
        core.codes_asked = 0
        core.enter(inputs, "connecting")
        core.steps.connect()

    def connect_afresh(inputs: LoginInputs, core: _Core) -> None:
        core.codes_shown = core.silent_logins = core.attempts = 0
        core.breaker.reset()
        connect(inputs, core)

    def initialise(inputs: LoginInputs, core: _Core) -> None:
        core.enter(inputs, "initialising")
        core.steps.initialise()

    # To log in

    def login_by_token(inputs: LoginInputs, core: _Core) -> None:
        if core.silent_logins >= MAX_SILENT_LOGINS:
            core.silent_logins = 0
            inputs.token_refused()
        else:
            core.enter(inputs, "logging_in", LOGIN_SECONDS)
            core.steps.login_by_token()

    def login_takes(inputs: LoginInputs, core: _Core, seconds: float) -> None:
        core.set_timer(inputs, seconds)

    def ask_for_code(inputs: LoginInputs, core: _Core) -> None:
        # Codes whose connection was lost count: nobody scanned them either.
        another_code(inputs, core, None)

    def code_granted(inputs: LoginInputs, core: _Core) -> None:
        core.codes_shown += 1

    def code_lives(inputs: LoginInputs, core: _Core, seconds: float) -> None:
        core.set_timer(inputs, seconds + CODE_GRACE)

    def scanned(inputs: LoginInputs, core: _Core) -> None:
        # The time of the code goes on: the timer stays.
        core.steps.entered("awaiting_confirm", None)

    def another_code(
        inputs: LoginInputs, core: _Core, reason: PadChatError | None
    ) -> None:
        # Those that were asked for on this connection count too: a gateway may end
        # codes that it never granted.
        if max(core.codes_shown, core.codes_asked) >= MAX_CODES:
            inputs.gave_up(reason or QRCodeExpired(core.name))
        else:
            core.codes_asked += 1
            core.enter(inputs, "awaiting_scan", CODE_SECONDS + CODE_GRACE, reason)
            core.steps.ask_for_code()

    def code_overdue(inputs: LoginInputs, core: _Core) -> None:
        another_code(inputs, core, QRCodeExpired(core.name))

    def confirmed(inputs: LoginInputs, core: _Core) -> None:
        core.enter(inputs, "logging_in", LOGIN_SECONDS)

    # Logged in

    def logged_in(inputs: LoginInputs, core: _Core) -> None:
        core.codes_shown = core.codes_asked = core.silent_logins = 0
        core.enter(inputs, "syncing", LOADED_SECONDS)
        core.steps.save_login()

    def logged_in_again(inputs: LoginInputs, core: _Core) -> None:
        core.steps.save_login()

    def proven(inputs: LoginInputs, core: _Core) -> None:
        """It is the same state to everybody else, and its time goes on."""

    def become_ready(inputs: LoginInputs, core: _Core) -> None:
        core.ready_since = core.clock.seconds()
        core.enter(inputs, "ready", TOKEN_SECONDS)

    def refresh(inputs: LoginInputs, core: _Core) -> None:
        core.set_timer(inputs, TOKEN_SECONDS)
        core.steps.save_login()

    # Trouble

    def lost(inputs: LoginInputs, core: _Core, reason: PadChatError) -> None:
        core.attempts += 1
        delay = core.steps.retry_delay(core.attempts, has_failed=False)
        core.enter(inputs, "retrying", delay, reason)

    def login_lost(inputs: LoginInputs, core: _Core, reason: PadChatError) -> None:
        core.attempts += 1
        if core.breaker.failed(core.clock.seconds()):
            hours = core.breaker.window / 3600
            problem = f"{core.breaker.limit} within {hours:g} hours, the last: {reason}"
            often = LoginFailedOften(core.name, problem)
            often.__cause__ = reason
            inputs.gave_up(often)
        else:
            delay = core.steps.retry_delay(core.attempts, has_failed=True)
            core.enter(inputs, "retrying", delay, reason)

    def ready_lost(inputs: LoginInputs, core: _Core, reason: PadChatError) -> None:
        if settle(core):
            lost(inputs, core, reason)
        else:
            login_lost(inputs, core, reason)

    def failed(inputs: LoginInputs, core: _Core, reason: PadChatError) -> None:
        core.steps.drop()
        login_lost(inputs, core, reason)

    def ready_failed(inputs: LoginInputs, core: _Core, reason: PadChatError) -> None:
        settle(core)
        failed(inputs, core, reason)

    def settle(core: _Core) -> bool:
        """Tell whether the login held; if so, attempts are counted anew."""
        if core.clock.seconds() - core.ready_since < HELD_SECONDS:
            return False
        core.attempts = 0
        return True

    def login_failed(inputs: LoginInputs, core: _Core, reason: PadChatError) -> None:
        core.silent_logins += 1
        failed(inputs, core, reason)

    def too_late(inputs: LoginInputs, core: _Core) -> None:
        reason = Disconnected("login timeout", "no event 'login' in time")
        login_failed(inputs, core, reason)

    def unanswered(inputs: LoginInputs, core: _Core) -> None:
        detail = f"no command was answered for {LOADED_SECONDS:g} seconds"
        failed(inputs, core, Disconnected("no answer", f"{detail} after the login"))

    def wait_for_human(inputs: LoginInputs, core: _Core, reason: PadChatError) -> None:
        core.steps.drop()
        problem = NeedsHuman(core.name, str(reason))
        problem.__cause__ = reason
        core.enter(inputs, "needs_human", None, problem)

    # The end

    def close(inputs: LoginInputs, core: _Core) -> None:
        core.enter(inputs, "closing")
        core.steps.close()

    def close_attempt(inputs: LoginInputs, core: _Core) -> None:
        core.steps.drop()
        core.enter(inputs, "closed")

    def close_idle(inputs: LoginInputs, core: _Core) -> None:
        core.enter(inputs, "closed")

    def is_closed(inputs: LoginInputs, core: _Core, reason: PadChatError) -> None:
        core.enter(inputs, "closed")

    ask = LoginInputs
    handle((offline,), ask.start, connecting, connect)
    handle((retrying,), ask.overdue, connecting, connect)
    handle((retrying, needs_human), ask.try_again, connecting, connect_afresh)
    handle((connecting,), ask.connected, initialising, initialise)
    handle((initialising,), ask.token_found, logging_in, login_by_token)
    handle((initialising,), ask.no_token, awaiting_scan, ask_for_code)
    handle((logging_in,), ask.login_takes, None, login_takes)
    handle((logging_in,), ask.token_refused, awaiting_scan, ask_for_code)
    handle(showing_code, ask.code_granted, None, code_granted)
    handle((awaiting_scan,), ask.code_expires_in, None, code_lives)
    handle((awaiting_scan,), ask.scanned, awaiting_confirm, scanned)
    handle(showing_code, ask.code_ended, awaiting_scan, another_code)
    handle(showing_code, ask.overdue, awaiting_scan, code_overdue)
    handle(showing_code, ask.confirmed, logging_in, confirmed)
    handle((initialising, *showing_code, logging_in), ask.logged_in, syncing, logged_in)
    handle((syncing, answered, ready), ask.logged_in, None, logged_in_again)
    handle((syncing,), ask.answered, answered, proven)
    handle((answered,), ask.loaded, ready, become_ready)
    handle((answered,), ask.overdue, ready, become_ready)
    handle((ready,), ask.overdue, None, refresh)
    handle((logging_in,), ask.overdue, retrying, too_late)
    handle((syncing,), ask.overdue, retrying, unanswered)
    handle((connecting, initialising, *showing_code), ask.lost, retrying, lost)
    handle((logging_in, syncing, answered), ask.lost, retrying, login_lost)
    handle((ready,), ask.lost, retrying, ready_lost)
    handle((initialising, *showing_code), ask.failed, retrying, failed)
    handle((logging_in,), ask.failed, retrying, login_failed)
    handle((syncing, answered), ask.failed, retrying, failed)
    handle((ready,), ask.failed, retrying, ready_failed)
    handle((connecting, *online), ask.refused, needs_human, wait_for_human)
    handle((retrying, *showing_code), ask.gave_up, needs_human, wait_for_human)
    handle(online, ask.stop, closing, close)
    handle((connecting,), ask.stop, closed, close_attempt)
    handle(idle, ask.stop, closed, close_idle)
    handle((closing,), ask.lost, closed, is_closed)

    # Every state answers every input: what is not in the table changes nothing.
    for state in (offline, connecting, *online, retrying, needs_human, closing, closed):
        for name, given in vars(LoginInputs).items():
            if not name.startswith("_") and (state.name, name) not in defined:
                state.upon(given).loop().returns(None)
    return builder.build()
