"""The login machine of one account, and nothing else.

::

    offline --start--> connecting --connected--> initialising
    initialising --token_found--> logging_in --token_refused--> awaiting_scan
    initialising --no_token--> awaiting_scan --scanned--> awaiting_confirm
    awaiting_scan, awaiting_confirm --code_ended, overdue--> awaiting_scan (again)
                                    --gave_up--> needs_human
                                    --confirmed--> logging_in --overdue--> retrying
    initialising ... logging_in --logged_in--> syncing --loaded, overdue--> ready
    connecting ... ready --lost, failed--> retrying --overdue--> connecting
                         --refused--> needs_human --try_again--> connecting
    initialising ... ready --stop--> closing --lost--> closed
    offline, connecting, retrying, needs_human --stop--> closed

Source: dialects.md, 5 and 6; PADCHAT demo.js. What is not in the table is ignored:
late events of an older step change nothing. See docs/design/0007-login-machine.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from automat import TypeMachineBuilder
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from ..errors import Disconnected, NeedsHuman, PadChatError, QRCodeExpired

__all__ = [
    "CODE_SECONDS",
    "LOADED_SECONDS",
    "LOGIN_SECONDS",
    "MAX_CODES",
    "TOKEN_SECONDS",
    "LoginInputs",
    "LoginSteps",
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


class LoginSteps(Protocol):
    """What the machine has done by the session."""

    def connect(self) -> None:
        """Begin an attempt to connect."""

    def initialise(self) -> None:
        """Send ``init``; then ``token_found`` or ``no_token``, or ``failed``."""

    def login_by_token(self) -> None:
        """Send ``login`` with the token; ``token_refused`` when it is refused."""

    def ask_for_code(self) -> None:
        """Send ``login`` for a QR code; ``code_granted``, or ``failed``."""

    def save_login(self) -> None:
        """Fetch device data and token, and store them."""

    def drop(self) -> None:
        """Leave the connection, if there is one; no ``lost`` follows."""

    def close(self) -> None:
        """Leave the connection in good order; ``lost`` follows."""

    def retry_delay(self) -> float:
        """Return the time until the next attempt (seconds)."""

    def entered(self, state: str, reason: PadChatError | None) -> None:
        """A state was entered."""


class LoginInputs(Protocol):
    """What may happen to a login."""

    def start(self) -> None:
        """The account shall be logged in."""

    def connected(self) -> None:
        """The gateway let us in."""

    def token_found(self) -> None:
        """The task is initialised, and there is a token."""

    def no_token(self) -> None:
        """The task is initialised, and there is no token."""

    def token_refused(self) -> None:
        """The gateway does not accept the token."""

    def code_granted(self) -> None:
        """The gateway will show a code."""

    def code_expires_in(self, seconds: float) -> None:
        """The gateway said how long the code lives."""

    def scanned(self) -> None:
        """Somebody scanned the code."""

    def code_ended(self, reason: PadChatError) -> None:
        """The code expired, was declined or cancelled."""

    def gave_up(self, reason: PadChatError) -> None:
        """A person is needed."""

    def confirmed(self) -> None:
        """The login was confirmed on the phone."""

    def logged_in(self) -> None:
        """The event ``login`` came."""

    def loaded(self) -> None:
        """The event ``loaded`` came."""

    def failed(self, reason: PadChatError) -> None:
        """A step failed, the task was closed, or the account was logged out."""

    def refused(self, reason: PadChatError) -> None:
        """Another attempt is pointless: a wrong key, or taken over."""

    def lost(self, reason: PadChatError) -> None:
        """The connection is gone, or never came about."""

    def overdue(self) -> None:
        """The state's time is up."""

    def try_again(self) -> None:
        """A person asks for another attempt."""

    def stop(self) -> None:
        """The account shall be left as it is, without logging out."""


@dataclass
class _Core:
    """What the machine knows beside its state."""

    clock: IReactorTime
    steps: LoginSteps
    name: str
    due: Callable[[float | None], object]
    timer: IDelayedCall | None = field(default=None)
    codes_shown: int = 0

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
        if self.timer is not None and self.timer.active():
            self.timer.cancel()
        self.timer = (
            None if seconds is None else self.clock.callLater(seconds, inputs.overdue)
        )
        self.due(None if self.timer is None else self.timer.getTime())


def login_machine(
    clock: IReactorTime,
    steps: LoginSteps,
    name: str,
    due: Callable[[float | None], object] = lambda _: None,
) -> LoginInputs:
    """Build the login machine of one account, in state ``offline``.

    Args:
        clock: for the time that a state may take.
        steps: does what the machine decides.
        name: label of the account, for errors.
        due: told when the time of the state will be up, None for never.
    """
    return _factory()(_Core(clock, steps, name, due))


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
        core.enter(inputs, "connecting")
        core.steps.connect()

    def connect_afresh(inputs: LoginInputs, core: _Core) -> None:
        core.codes_shown = 0
        connect(inputs, core)

    def initialise(inputs: LoginInputs, core: _Core) -> None:
        core.enter(inputs, "initialising")
        core.steps.initialise()

    # To log in

    def login_by_token(inputs: LoginInputs, core: _Core) -> None:
        core.enter(inputs, "logging_in", LOGIN_SECONDS)
        core.steps.login_by_token()

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
        if core.codes_shown >= MAX_CODES:
            inputs.gave_up(reason or QRCodeExpired(core.name))
        else:
            core.enter(inputs, "awaiting_scan", CODE_SECONDS + CODE_GRACE, reason)
            core.steps.ask_for_code()

    def code_overdue(inputs: LoginInputs, core: _Core) -> None:
        another_code(inputs, core, QRCodeExpired(core.name))

    def confirmed(inputs: LoginInputs, core: _Core) -> None:
        core.enter(inputs, "logging_in", LOGIN_SECONDS)

    # Logged in

    def logged_in(inputs: LoginInputs, core: _Core) -> None:
        core.codes_shown = 0
        core.enter(inputs, "syncing", LOADED_SECONDS)
        core.steps.save_login()

    def logged_in_again(inputs: LoginInputs, core: _Core) -> None:
        core.steps.save_login()

    def become_ready(inputs: LoginInputs, core: _Core) -> None:
        core.enter(inputs, "ready", TOKEN_SECONDS)

    def refresh(inputs: LoginInputs, core: _Core) -> None:
        core.set_timer(inputs, TOKEN_SECONDS)
        core.steps.save_login()

    # Trouble

    def lost(inputs: LoginInputs, core: _Core, reason: PadChatError) -> None:
        core.enter(inputs, "retrying", core.steps.retry_delay(), reason)

    def failed(inputs: LoginInputs, core: _Core, reason: PadChatError) -> None:
        core.steps.drop()
        lost(inputs, core, reason)

    def too_late(inputs: LoginInputs, core: _Core) -> None:
        failed(
            inputs,
            core,
            Disconnected(
                "login timeout",
                f"no event 'login' within {LOGIN_SECONDS:g} seconds",
            ),
        )

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
    handle((logging_in,), ask.token_refused, awaiting_scan, ask_for_code)
    handle(showing_code, ask.code_granted, None, code_granted)
    handle((awaiting_scan,), ask.code_expires_in, None, code_lives)
    handle((awaiting_scan,), ask.scanned, awaiting_confirm, scanned)
    handle(showing_code, ask.code_ended, awaiting_scan, another_code)
    handle(showing_code, ask.overdue, awaiting_scan, code_overdue)
    handle(showing_code, ask.confirmed, logging_in, confirmed)
    handle((initialising, *showing_code, logging_in), ask.logged_in, syncing, logged_in)
    handle((syncing, ready), ask.logged_in, None, logged_in_again)
    handle((syncing,), ask.loaded, ready, become_ready)
    handle((syncing,), ask.overdue, ready, become_ready)
    handle((ready,), ask.overdue, None, refresh)
    handle((logging_in,), ask.overdue, retrying, too_late)
    handle((connecting, *online), ask.lost, retrying, lost)
    handle(online, ask.failed, retrying, failed)
    handle((connecting, *online), ask.refused, needs_human, wait_for_human)
    handle(showing_code, ask.gave_up, needs_human, wait_for_human)
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
