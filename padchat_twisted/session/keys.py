"""Commands with a key of their caller: the same key never goes out twice.

A key is stored as "may have left" before its command leaves, and its outcome when that
is known, so that neither a crash nor a lost connection makes anybody send it again.
With pacing it is stored when its turn has come, for what waits surely did not leave::

    begin_send -> NotSent, CallRejected, cancelled in time -> forget_send: free again
               -> a result                                 -> finish_send: kept
               -> OutcomeUnknown, a crash                  -> unknown, until settled

See ``docs/design/0010-idempotency.md``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from ..catalogue import Command, Result
from ..errors import (
    CallRejected,
    LocalProtocolError,
    NotSent,
    OutcomeUnknown,
    StillUnknown,
    StoreError,
    quoted,
)
from ..interfaces import AccountKey, IStateStore, KeyedSend
from ..observers import Observers
from .calls import MAX_CALLS_IN_FLIGHT
from .kept import fingerprint_of, kept_result, read_result, receiver_of
from .work import Lane

__all__ = ["MAX_KEY_CHARACTERS", "KeyedCalls"]

#: Longest key (characters): an order number, a UUID, a path have less.
MAX_KEY_CHARACTERS = 200

_log = Logger()


class SendNoted(Protocol):
    """Sends a command with a key."""

    def __call__(
        self,
        command: Command[Any],
        *,
        time_limit: float | None = None,
        lane: Lane | None = None,
        note: Callable[[], Deferred[None]] | None = None,
    ) -> Deferred[Any]:
        """Send it; where it waits for a turn, call *note* then and send it behind."""


class KeyedCalls:
    """The commands with a key of one account.

    Args:
        account: under what it is stored.
        store: remembers the keys.
        send: sends a command now, or when its turn has come.
        problem: tells why a command cannot be sent now, None when it can.
        waits: tells whether a command waits for its turn.
        now: gives the Unix time (seconds).
    """

    def __init__(
        self,
        account: AccountKey,
        store: IStateStore,
        send: SendNoted,
        problem: Callable[[Command[Any]], str | None],
        waits: Callable[[Command[Any]], bool] = lambda _: False,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._account = account
        self._store = store
        self._send = send
        self._problem = problem
        self._waits = waits
        self._now = now
        self._flights: dict[str, _Flight] = {}
        self._callers = 0
        self._idle: Observers[None] = Observers()

    def __len__(self) -> int:
        """Count the callers that wait for an outcome."""
        return self._callers

    def call(
        self,
        command: Command[Any],
        key: str,
        time_limit: float | None = None,
        lane: Lane | None = None,
    ) -> Deferred[Any]:
        """Send a command, unless one was sent under this key.

        Args:
            command: one that changes the world.
            key: what the caller knows it by, also after a restart.
            time_limit: how long its reply may take (seconds).
            lane: with pacing, who goes first.

        Returns:
            Fires with its result, or with what was kept of it.

        Raises:
            NotSent: also when another command was sent under this key.
            StillUnknown: it may have left before.
            CallRejected, OutcomeUnknown, CancelledError: see ``AccountSession.call``.
        """
        code = command.wire_name
        problem = _problem_with(command, key)
        if problem is not None:
            return fail(NotSent(code, f"key: {problem}"))
        try:
            fingerprint = fingerprint_of(self._account, key, command)
        except (TypeError, ValueError, RecursionError):
            return fail(NotSent(code, "a parameter that JSON cannot hold"))
        flight = self._flights.get(key)
        if flight is not None and flight.fingerprint != fingerprint:
            return fail(_another(code, key))
        if self._callers >= MAX_CALLS_IN_FLIGHT:
            return fail(
                NotSent(
                    code,
                    f"{MAX_CALLS_IN_FLIGHT} calls with a key wait for their outcome,"
                    " which is the limit",
                )
            )
        self._callers += 1
        if flight is not None:
            return flight.wait()
        flight = self._flights[key] = _Flight(code, fingerprint)
        waiting = flight.wait()
        send = partial(self._send, command, time_limit=time_limit, lane=lane)
        working = Deferred.fromCoroutine(self._work(flight, command, key, send))
        working.addBoth(self._landed, key, flight)
        return waiting

    def unknown(self) -> Deferred[list[KeyedSend]]:
        """Read the sends of which nobody knows whether they happened, oldest first.

        Those in flight are not among them.

        Raises:
            StoreError: the store cannot be read.
        """
        reading: Deferred[list[KeyedSend]] = self._store.unknown_sends(self._account)
        return reading.addCallback(
            lambda found: [each for each in found if each.key not in self._flights]
        )

    async def settle(self, key: str, *, happened: bool) -> None:
        """Note what a person found out about an unknown send.

        Args:
            key: of the send.
            happened: whether it did; if not, the key may be used again.

        Raises:
            LocalProtocolError: its outcome is known, awaited, or there is no such one.
            StoreError: the store cannot be written.
        """
        if key in self._flights:
            raise LocalProtocolError(
                f"the send with key {quoted(key)!r} is in flight: wait for its outcome"
            )
        if happened:
            was_there = await self._store.finish_send(self._account, key, "{}")
        else:
            was_there = await self._store.forget_send(self._account, key)
        if not was_there:
            raise LocalProtocolError(
                f"account {self._account.name!r} has no unknown send with key"
                f" {quoted(key)!r}: `padchat unknown {self._account.name}` lists them"
            )

    def when_idle(self) -> Deferred[None]:
        """Fire when no command is in flight, and the store knows all outcomes."""
        return self._idle.wait() if self._flights else succeed(None)

    # Steps

    async def _work(
        self,
        flight: _Flight,
        command: Command[Any],
        key: str,
        send: Callable[..., Deferred[Any]],
    ) -> Result:
        code = command.wire_name
        problem = self._problem(command)
        waits = self._waits(command)
        try:
            # What surely cannot leave now is not noted, but may have happened before.
            found = await (
                self._store.find_send(self._account, key)
                if waits or problem is not None
                else self._note(flight, command, key)
            )
        except StoreError as error:
            raise NotSent(code, str(error)) from error
        if found is not None:
            return _remembered(command, found, flight.fingerprint)
        if problem is not None:
            raise NotSent(code, problem)
        try:
            if flight.is_withdrawn:
                raise CancelledError
            note = partial(self._note_in_turn, flight, command, key)
            calling = send(note=note) if waits else send()
            result: Result = await flight.watch(calling)
        except (NotSent, CallRejected, CancelledError):
            if flight.is_noted:
                await self._noted(self._store.forget_send(self._account, key), key)
            raise
        # A dry run leaves no trace.
        if flight.is_noted:
            kept = kept_result(result)
            await self._noted(self._store.finish_send(self._account, key, kept), key)
        return result

    async def _note(
        self, flight: _Flight, command: Command[Any], key: str
    ) -> KeyedSend | None:
        """Have the store note that it may have left, unless its key is known.

        Raises:
            StoreError: the store cannot be written.
        """
        code, receiver = command.wire_name, receiver_of(command)
        send = KeyedSend(key, code, receiver, flight.fingerprint, self._now())
        found: KeyedSend | None = await self._store.begin_send(self._account, send)
        flight.is_noted = found is None
        return found

    def _note_in_turn(
        self, flight: _Flight, command: Command[Any], key: str
    ) -> Deferred[None]:
        """The same for what has waited; it fails when it must not leave."""
        code = command.wire_name

        async def note() -> None:
            flight.is_noting = True
            try:
                found = await self._note(flight, command, key)
            except StoreError as error:
                raise NotSent(code, str(error)) from error
            finally:
                flight.is_noting = False
            if found is not None:
                # By another process: a store of somebody's own may have several.
                raise NotSent(code, f"key: {key!r} was used meanwhile; send it again")
            if flight.is_withdrawn:
                raise CancelledError

        return Deferred.fromCoroutine(note())

    async def _noted(self, noting: Deferred[bool], key: str) -> None:
        """Wait until the store has an outcome; without it the key stays unknown."""
        try:
            await noting
        except StoreError as error:
            _log.error(
                "account {account}: the outcome of {key} is not stored, so it counts as"
                " unknown: {why}",
                account=self._account.name,
                key=key,
                why=str(error),
            )

    def _landed(self, outcome: Result | Failure, key: str, flight: _Flight) -> None:
        del self._flights[key]
        self._callers -= flight.callers
        flight.end(outcome)
        if not self._flights:
            self._idle.fire(None)


class _Flight:
    """One command on its way, with everybody who waits for its outcome.

    Args:
        code: wire name of the command.
        fingerprint: of the command.

    Attributes:
        callers: how many wait, or did.
        is_noted: whether the store has it as one that may have left.
        is_noting: whether the store is asked to, in its turn: what it says is waited
            for, as the key may be somebody else's.
        is_withdrawn: whether nobody waited any more before it left.
    """

    def __init__(self, code: str, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        self.callers = 0
        self.is_noted = self.is_noting = False
        self.is_withdrawn = False
        self._code = code
        self._calling: Deferred[Any] | None = None
        self._failure: Failure | None = None
        self._waiting: list[Deferred[Any]] = []

    def wait(self) -> Deferred[Any]:
        """Return a Deferred that ends as the command does."""
        waiting: Deferred[Any] = Deferred(self._cancelled)
        self.callers += 1
        self.is_withdrawn = False
        self._waiting.append(waiting)
        return waiting

    def watch(self, calling: Deferred[Any]) -> Deferred[Any]:
        """Remember the call: who waits may cancel it."""
        self._calling = calling
        return calling.addErrback(self._failed)

    def end(self, outcome: Result | Failure) -> None:
        """Tell everybody who waits."""
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            # One of them may cancel another.
            if each.called:
                continue
            if isinstance(outcome, Failure):
                each.errback(outcome.value)
            else:
                each.callback(outcome)

    def _failed(self, failure: Failure) -> Failure:
        self._failure = failure
        return failure

    def _cancelled(self, waiting: Deferred[Any]) -> None:
        if waiting in self._waiting:
            self._waiting.remove(waiting)
        if not self._waiting:
            if self._calling is None or self.is_noting:
                # Before it left: the Deferred ends in CancelledError by itself.
                self.is_withdrawn = True
                return
            self._calling.cancel()
            if self._failure is not None:
                waiting.errback(self._failure.value)
                return
        waiting.errback(OutcomeUnknown(self._code, "cancelled"))


def _remembered(command: Command[Any], found: KeyedSend, fingerprint: str) -> Result:
    """Return the result of a command that was sent under its key before.

    Raises:
        NotSent: that was another command.
        StillUnknown: it may have left.
    """
    code = command.wire_name
    if found.fingerprint != fingerprint:
        raise _another(code, found.key)
    if found.result is None:
        raise StillUnknown(code, found.key)
    return read_result(command.result_type, found.result)


def _another(code: str, key: str) -> NotSent:
    return NotSent(
        code,
        f"key: {key!r} belongs to another command, or to the same one with other"
        " parameters; give each command a key of its own",
    )


def _problem_with(command: Command[Any], key: object) -> str | None:
    if not command.changes_world:
        return "only commands that change something take one; leave it out"
    if not isinstance(key, str):
        return f"found a {type(key).__name__}, expected a text"
    if not (0 < len(key) <= MAX_KEY_CHARACTERS and key.isprintable()):
        return (
            f"found a text of length {len(key)}, expected 1 to {MAX_KEY_CHARACTERS}"
            " characters that can be printed"
        )
    return None
