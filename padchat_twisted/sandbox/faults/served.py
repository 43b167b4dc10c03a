"""One client of a gateway that has faults.

What goes out goes through :meth:`Faulty._leave`, for one reply or event::

    called -> respond -> reply ---+
                                  +--> altered, held or lost -> in pace -> the wire
    a notice of the world: notify-+

A fault of the connection is done in a turn of its own, after what made it happen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, cast

from twisted.internet.interfaces import IDelayedCall

from ...errors import LocalProtocolError, PadChatError
from ...transport import meddling
from ...wire.envelope import Call
from ...wire.json_pushes import END_OF_CONTACTS
from ...wire.limits import CLOSE_TIMEOUT
from ...wire.told import Asked, CloseWebSocket, SendWebSocket
from ..accounts import STATUS_LOGGED_OUT, TAKEN_OVER
from ..binding import Notice
from ..fingerprints import fingerprint
from ..interfaces import IBinding, WorldNotice, WorldReply
from ..refusals import Refused
from ..responders.base import Reply
from ..served import INVALID_KEY, Gateway, Served
from .deeds import CONNECTION_DEEDS, Trigger
from .player import Who
from .scenario import Fault
from .trouble import Trouble

__all__ = ["MAX_HELD", "SWAP_SECONDS", "TOO_OFTEN", "Faulty"]

#: Replies and events of one connection that are held back: a client that lets more
#: wait is dropped, as one that does not read.
MAX_HELD = 1000

#: How long an event waits at most for the next one of its name (seconds).
SWAP_SECONDS = 10.0

#: What a refusal says when its fault says nothing: what WeChat tells those who are
#: too fast. Source: reports of users, wechaty 596.
TOO_OFTEN = "操作过于频繁，请稍后再试"

#: What a login by token is told.
TOKEN_EXPIRED = "token has expired"  # noqa: S105 - a text, no token

#: Close code when its fault says none. Source: RFC 6455, 7.4.1.
GOING_AWAY = 1001

#: What a code that has expired is told by; events.toml, ``ScanStatus``.
_EXPIRED = {"status": 3, "expiredTime": 0}


class _FellSilent(Exception):
    """Leaves the loop over the events of the world: the others stay there."""


class Faulty(Served):
    """Mixed into the class of a dialect, before it."""

    def __init__(self, gateway: Gateway, *more: Any) -> None:  # noqa: ANN401 - the dialect's own
        super().__init__(gateway, *more)
        if gateway.trouble is None:
            raise ValueError("this gateway has no faults")
        self._trouble: Trouble = gateway.trouble
        self._who = Who("", "")
        self._came_at = 0.0
        self._for_reply: Sequence[Fault] = ()
        self._has_loaded = False
        self._drops_end = False
        self._is_silent = False
        self._pace = 0.0
        self._in_line: deque[Callable[[], None]] = deque()
        self._is_moving = False
        self._swapped: dict[str, Callable[[], None]] = {}
        self._later: set[IDelayedCall] = set()
        self._planned: list[IDelayedCall] = []

    # What comes

    def bind(self, auth_key: str, name: str) -> IBinding:
        """Take hold of a sub-account, and see what goes wrong with it.

        Raises:
            Refused: the world does not want it, or a fault refuses the key.
        """
        who = Who(fingerprint(auth_key), name)
        faults = self._trouble.met(Trigger.CONNECTION, "", who, 0.0)
        if any(fault.do == "refuse-key" for fault in faults):
            raise Refused(INVALID_KEY)
        binding = super().bind(auth_key, name)
        self._who = who
        self._came_at = self._trouble.clock.seconds()
        self._trouble.add(self)
        self._planned = [
            self._call_later(fault.after, partial(self._begin_faults, (fault,)))
            for fault in faults
        ]
        return binding

    def called(self, call: Call, binding: IBinding) -> None:
        """Carry out a command, unless there is silence."""
        if self._is_silent:
            return
        self._for_reply = faults = self._met(Trigger.COMMAND, call.code)
        super().called(call, binding)
        self._for_reply = ()
        self._begin_faults(faults)

    def respond(self, binding: IBinding, code: str, params: object) -> WorldReply:
        """Carry out one command, or refuse it."""
        for fault in self._for_reply:
            if fault.do == "refuse":
                return _refusal(fault, TOO_OFTEN, 0)
        if code == "login" and isinstance(params, Mapping) and params.get("token"):
            for fault in self._met(Trigger.LOGIN_BY_TOKEN, code):
                if params.get("loginType") != "qrcode":
                    return _refusal(fault, TOKEN_EXPIRED, STATUS_LOGGED_OUT)
                # In dialect legacy the token comes along, and is tried first.
                params = {**params, "token": ""}
        return super().respond(binding, code, params)

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """The connection is over, and all that waited is lost."""
        super().closed(reason, error)
        self._trouble.remove(self)
        for delayed in self._later:
            delayed.cancel()
        self._later.clear()
        self._in_line.clear()
        self._swapped.clear()

    def recover(self) -> None:
        """No fault goes on or comes: say what was held back."""
        for planned in self._planned:
            if planned in self._later:
                self._later.discard(planned)
                planned.cancel()
        self._pace = 0.0
        if self._is_silent:
            self._end_silence()

    # What goes

    def reply(self, call_id: int, reply: WorldReply) -> None:
        """Send a reply, as the faults of its command will have it."""
        self._leave(partial(super().reply, call_id, reply), self._for_reply)

    def notify(self, notice: WorldNotice) -> None:
        """Send an event, as its faults will have it."""
        if self._is_silent:
            return
        faults = self._met(Trigger.EVENT, notice.event)
        if notice.event == "push":
            self._trouble.remember(self._who, notice)
            if _ends_contacts(notice):
                notice, faults = self._loaded_by_push(notice, faults)
        elif notice.event == "login":
            self._has_loaded = False
        deeds = {fault.do for fault in faults}
        if "expire-code" in deeds:
            notice = Notice(notice.event, (_EXPIRED,))
        send = partial(super().notify, notice)
        before = self._swapped.pop(notice.event, None)
        if "swap" in deeds and before is None:
            self._swapped[notice.event] = partial(self._leave, send, faults)
            self._call_later(SWAP_SECONDS, partial(self._unswap, notice.event))
        else:
            self._leave(send, faults)
        if before is not None:
            before()
        for fault in faults:
            if fault.do == "replay":
                for old in self._trouble.replayed(self._who, fault.seconds):
                    self._leave(partial(super().notify, old), ())
        self._begin_faults(faults)
        if self._is_silent:
            raise _FellSilent

    def _loaded_by_push(
        self, push: WorldNotice, faults: Sequence[Fault]
    ) -> tuple[WorldNotice, Sequence[Fault]]:
        """Treat the first such push of a login as ``loaded``, which ``sdk`` has not."""
        if not self._has_loaded:
            self._has_loaded = True
            at_end = self._met(Trigger.EVENT, "loaded")
            self._drops_end = any(fault.do == "drop" for fault in at_end)
            faults = [*faults, *(fault for fault in at_end if fault.do != "drop")]
        return (_without_end(push) if self._drops_end else push), faults

    def _send_notices(self) -> None:
        # What the world has to say waits there, as long as there is silence.
        if self._is_silent and self.binding is not None and not self.binding.is_over:
            return
        with suppress(_FellSilent):
            super()._send_notices()

    def _leave(self, send: Callable[[], None], faults: Sequence[Fault]) -> None:
        """Send one reply or event, altered, later or not at all."""
        delay = 0.0
        is_twice = is_garbled = False
        for fault in faults:
            match fault.do:
                case "drop":
                    return
                case "late":
                    delay += fault.seconds
                case "twice":
                    is_twice = True
                case "garble":
                    is_garbled = True
                case _:
                    pass
        if is_twice or is_garbled:
            send = partial(self._send_altered, send, is_twice, is_garbled)
        if delay:
            self._call_later(delay, partial(self._move, send))
        else:
            self._move(send)

    def _send_altered(
        self, send: Callable[[], None], is_twice: bool, is_garbled: bool
    ) -> None:
        if not self.driver.has_websocket:
            # Polling: what the next poll brings is not known yet.
            for _ in range(0 if is_garbled else 2):
                send()
            return
        actions: list[Asked] = []
        for action in meddling.taken_actions(self.driver, send):
            if isinstance(action, SendWebSocket):
                message = meddling.cut(action) if is_garbled else action
                actions += [message] * (2 if is_twice else 1)
            else:
                actions.append(action)
        meddling.carry_out(self.driver, actions)

    # Time

    def _move(self, send: Callable[[], None]) -> None:
        """Send at once, or in the pace of a slow connection, or behind the silence."""
        if not self._pace and not self._in_line and not self._is_silent:
            send()
            return
        if len(self._in_line) >= MAX_HELD:
            raise LocalProtocolError("too much waits for a slow connection")
        self._in_line.append(send)
        self._go_on()

    def _go_on(self) -> None:
        if self._in_line and not self._is_moving and not self._is_silent:
            self._is_moving = True
            self._call_later(self._pace, self._next_in_line)

    def _next_in_line(self) -> None:
        self._is_moving = False
        if not self._is_silent:
            self._in_line.popleft()()
            self._go_on()

    def _unswap(self, event: str) -> None:
        send = self._swapped.pop(event, None)
        if send is not None:
            send()

    def _call_later(self, seconds: float, do: Callable[[], None]) -> IDelayedCall:
        """Do something in a turn of its own, unless the connection is over by then."""
        if len(self._later) >= MAX_HELD:
            raise LocalProtocolError("too much waits for this connection")

        def due() -> None:
            self._later.discard(delayed)
            try:
                do()
            except LocalProtocolError:
                self._drop()
            self.driver.turn()

        delayed: IDelayedCall = self._trouble.clock.callLater(seconds, due)
        self._later.add(delayed)
        return delayed

    # Faults of the connection

    def _met(self, trigger: Trigger, name: str) -> Sequence[Fault]:
        age = self._trouble.clock.seconds() - self._came_at
        return self._trouble.met(trigger, name, self._who, age)

    def _begin_faults(self, faults: Sequence[Fault]) -> None:
        for fault in faults:
            if fault.do == "silence":
                self._is_silent = True
                if fault.seconds:
                    self._call_later(fault.seconds, self._end_silence)
            elif fault.do == "slow":
                self._pace = fault.seconds
            elif fault.do in CONNECTION_DEEDS:
                self._call_later(0.0, partial(self._do, fault))

    def _end_silence(self) -> None:
        self._is_silent = False
        self._go_on()
        self._wake()

    def _do(self, fault: Fault) -> None:
        match fault.do:
            case "close":
                self._close(fault.code or GOING_AWAY, fault.text)
            case "half-close":
                self.detach()
                if not meddling.half_close(self.driver):
                    self.driver.drop()
            case "take-over":
                notice = Notice("close", ({"msg": TAKEN_OVER},))
                super().notify(notice)
                self.detach()
                self.end(notice)
            case "restart":
                self._trouble.restart(fault.seconds)
            case _:
                pass

    def _close(self, code: int, text: str) -> None:
        self.detach()
        if not self.driver.has_websocket:
            self.driver.drop()
            return
        meddling.carry_out(self.driver, [CloseWebSocket(code, text)])
        self._call_later(CLOSE_TIMEOUT, self.driver.drop)


def _items(push: WorldNotice) -> list[dict[str, object]]:
    payload = push.args[0] if push.args else None
    items = payload.get("list") if isinstance(payload, dict) else None
    return items if isinstance(items, list) else []


def _ends_contacts(push: WorldNotice) -> bool:
    """Tell whether this is what dialect ``sdk`` has in place of ``loaded``."""
    return any(item.get("msgType") == END_OF_CONTACTS for item in _items(push))


def _without_end(push: WorldNotice) -> Notice:
    kept = [item for item in _items(push) if item.get("msgType") != END_OF_CONTACTS]
    payload = cast(dict[str, object], push.args[0])
    return Notice("push", ({**payload, "list": kept},))


def _refusal(fault: Fault, text: str, status: int) -> Reply:
    status = fault.status or status
    data: dict[str, object] = {"status": status} if status else {}
    return Reply(False, fault.text or text, data)
