"""A login machine whose steps are only recorded."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import PadChatError
from padchat_twisted.session.breaker import Breaker
from padchat_twisted.session.login import login_machine
from padchat_twisted.session.login_protocols import LoginInputs

#: What the fake steps wait before another attempt (seconds).
RETRY_DELAY = 7.0

#: A reason to be handed through.
TROUBLE = PadChatError("something happened")

#: The arguments of the inputs that have any.
ARGUMENTS: dict[str, tuple[object, ...]] = {
    "code_expires_in": (100.0,),
    "login_takes": (300.0,),
    "code_ended": (TROUBLE,),
    "gave_up": (TROUBLE,),
    "failed": (TROUBLE,),
    "refused": (TROUBLE,),
    "lost": (TROUBLE,),
}

_LOGGED_IN = ("start", "connected", "token_found", "logged_in")

#: How each state is reached.
PATHS: dict[str, tuple[str, ...]] = {
    "offline": (),
    "connecting": ("start",),
    "initialising": ("start", "connected"),
    "awaiting_scan": ("start", "connected", "no_token"),
    "awaiting_confirm": ("start", "connected", "no_token", "scanned"),
    "logging_in": ("start", "connected", "token_found"),
    "syncing": _LOGGED_IN,
    "syncing (answered)": (*_LOGGED_IN, "answered"),
    "ready": (*_LOGGED_IN, "answered", "loaded"),
    "retrying": ("start", "lost"),
    "needs_human": ("start", "refused"),
    "closing": ("start", "connected", "stop"),
    "closed": ("stop",),
}

INPUTS = tuple(name for name in vars(LoginInputs) if not name.startswith("_"))


class RecordedSteps:
    """Steps that do nothing but keep what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.entered_states: list[tuple[str, PadChatError | None]] = []
        self.delays: list[tuple[int, bool]] = []

    def connect(self) -> None:
        """Keep it."""
        self.asked.append("connect")

    def initialise(self) -> None:
        """Keep it."""
        self.asked.append("initialise")

    def login_by_token(self) -> None:
        """Keep it."""
        self.asked.append("login_by_token")

    def ask_for_code(self) -> None:
        """Keep it."""
        self.asked.append("ask_for_code")

    def save_login(self) -> None:
        """Keep it."""
        self.asked.append("save_login")

    def drop(self) -> None:
        """Keep it."""
        self.asked.append("drop")

    def close(self) -> None:
        """Keep it."""
        self.asked.append("close")

    def retry_delay(self, attempt: int, *, has_failed: bool) -> float:
        """Keep it."""
        self.asked.append("retry_delay")
        self.delays.append((attempt, has_failed))
        return RETRY_DELAY

    def entered(self, state: str, reason: PadChatError | None) -> None:
        """Keep it."""
        self.entered_states.append((state, reason))


class MachineCase(SynchronousTestCase):
    """A machine with recorded steps."""

    def setUp(self) -> None:
        """Build it."""
        self.reach("offline")

    def reach(self, state: str) -> None:
        """Build a machine anew and lead it to *state*."""
        self.clock = Clock()
        self.steps = RecordedSteps()
        self.inputs = login_machine(self.clock, self.steps, "bot", self.breaker())
        for name in PATHS[state]:
            self.give(name)
        self.assertEqual(self.state, state.partition(" ")[0])

    def breaker(self) -> Breaker:
        """Build what counts the logins that failed."""
        return Breaker()

    def give(self, name: str) -> None:
        """Give the input of that name."""
        getattr(self.inputs, name)(*ARGUMENTS.get(name, ()))

    @property
    def state(self) -> str:
        """The state that was entered last."""
        return (
            self.steps.entered_states[-1][0]
            if self.steps.entered_states
            else ("offline")
        )

    @property
    def reason(self) -> PadChatError | None:
        """Why it was entered."""
        return self.steps.entered_states[-1][1]

    def timers(self) -> list[float]:
        """When the machine's timers are due (seconds from now)."""
        return [
            call.getTime() - self.clock.seconds()
            for call in self.clock.getDelayedCalls()
        ]

    def show_code(self) -> None:
        """Have the gateway grant the code that was asked for."""
        self.assertEqual(self.state, "awaiting_scan")
        self.inputs.code_granted()
