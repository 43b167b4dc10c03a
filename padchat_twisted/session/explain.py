"""Why an account is not online, in sentences: its history goes in, text comes out.

Nothing of what a gateway said is in these sentences, for it may say anything: only
classes of errors, names that we know, numbers, and places that a person of ours wrote
into the configuration. The exact words are in the log, and in ``account.history``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from ..catalogue import COMMANDS, Dialect
from ..errors import (
    CallError,
    CallRejected,
    ConfigurationError,
    ConnectError,
    ConnectTimedOut,
    DeviceInUse,
    Disconnected,
    HandshakeRefused,
    OutcomeUnknown,
    PadChatError,
    RemoteProtocolError,
    StoreError,
    quoted,
)
from .chinese import CHINESE
from .english import ENGLISH
from .history import History, HistoryEntry, root_of
from .sentences import ReasonWords, Sentences
from .states import Unheard

__all__ = [
    "LANGUAGES",
    "Explanation",
    "Language",
    "Situation",
    "duration",
    "explain",
    "words_for",
]

#: The languages.
Language: TypeAlias = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

#: Layers of the protocol that are named; see ``RemoteProtocolError``.
_LAYERS = ("websocket", "engine.io", "socket.io", "padchat")


#: Numbers from here on are no status of anything.
LARGEST_STATUS = 100_000


@dataclass(frozen=True, slots=True)
class Situation:
    """What an account is in.

    Args:
        name: label of the account.
        state: see ``StateChanged``.
        history: how it came there.
        now: Unix time (seconds).
        due: when the time of the state is up, None for never.
        dialect: what the gateway speaks.
        codes: how many codes are shown before a person is waited for.
        unheard: what the gateway is asked for and does not give.
    """

    name: str
    state: str
    history: History
    now: float
    due: float | None = None
    dialect: Dialect = "socketio"
    codes: int = 0
    unheard: Unheard | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an account is in its state; ``str()`` of it is the whole text.

    Args:
        name: label of the account.
        state: see ``StateChanged``.
        head: what it is, and since when; fit to stand in a list.
        why: what led there, the oldest first.
        next: what happens next, and when.
        do: what a person can do.
    """

    name: str
    state: str
    head: str
    why: tuple[str, ...]
    next: str
    do: str

    def __str__(self) -> str:
        return "\n".join((self.head, *self.why, self.next, self.do))


def words_for(language: str) -> Sentences:
    """Return the sentences of a language.

    Raises:
        ValueError: there are none.
    """
    match language:
        case "en":
            return ENGLISH
        case "zh":
            return CHINESE
        case _:
            raise ValueError(
                f"language {quoted(language)!r}: there are {', '.join(LANGUAGES)}"
            )


def explain(
    situation: Situation, at: Callable[[float], str], language: Language = "en"
) -> Explanation:
    """Explain why an account is in its state.

    Args:
        situation: of the account.
        at: writes a point in time (Unix time, seconds) for a person.
        language: of the sentences.

    Raises:
        ValueError: there is no such language.
    """
    return _Explaining(situation, at, words_for(language)).explanation()


def duration(seconds: float, words: Sentences) -> str:
    """Write a time in its two largest units, the second one when it is not zero."""
    rest = max(0, round(seconds))
    parts: list[str] = []
    for size, one, many in words.units:
        count, rest = divmod(rest, size)
        if parts:
            if count:
                parts.append((one if count == 1 else many).format(count))
            break
        if count or size == 1:
            parts.append((one if count == 1 else many).format(count))
    return words.between.join(parts)


class _Explaining:
    """One explanation, see ``explain``."""

    def __init__(
        self, situation: Situation, at: Callable[[float], str], words: Sentences
    ) -> None:
        self._now = situation
        self._history = situation.history
        self._at = at
        self._words = words
        self._state = words.states.get(situation.state, words.unknown_state)

    def explanation(self) -> Explanation:
        """Put it together."""
        now, words = self._now, self._words
        newest = self._history.newest
        if newest is None:
            head = words.head_alone.format(
                name=now.name, what=self._state.what, state=now.state
            )
        else:
            head = words.head.format(
                name=now.name,
                what=self._state.what,
                state=now.state,
                at=self._at(newest.at),
                ago=duration(now.now - newest.at, words),
            )
        return Explanation(
            now.name,
            now.state,
            head,
            (*self._why(newest), *self._unheard()),
            words.next.format(next=self._next()),
            words.do.format(do=self._do()),
        )

    # Why

    def _why(self, newest: HistoryEntry | None) -> Iterator[str]:
        words, history, at = self._words, self._history, self._at
        outage = history.last_outage
        if newest is None:
            return
        if newest.state == "ready":
            if outage is not None:
                yield words.away.format(
                    at=at(outage.at),
                    time=duration(newest.at - outage.at, words),
                    why=self._because(outage),
                )
            return
        trouble = history.last_trouble()
        if outage is not None:
            yield words.outage.format(at=at(outage.at), why=self._because(outage))
        code = self._why_code()
        if code is not None:
            yield words.code.format(why=self._because(code))
        if trouble is not None and trouble is not outage:
            label = words.reason if outage is None and code is None else words.latest
            yield label.format(at=at(trouble.at), why=self._because(trouble))
        if history.attempts > 1:
            yield words.attempts.format(count=history.attempts)

    def _unheard(self) -> Iterator[str]:
        unheard = self._now.unheard
        if unheard is not None:
            yield self._words.unheard.format(
                command=unheard.code, at=self._at(unheard.since)
            )

    def _why_code(self) -> HistoryEntry | None:
        """Return the entry by which the first code was asked for.

        It has no reason of its own: there was no token, or it was refused.
        """
        for entry in reversed(self._history.entries):
            if entry.state == "awaiting_scan":
                if entry.reason is None:
                    return entry
            elif entry.state != "awaiting_confirm":
                break
        return None

    def _because(self, entry: HistoryEntry) -> str:
        """Return the clause that says why a state was entered."""
        if entry.reason is not None:
            reason = root_of(entry.reason)
            return self._reason(reason).why.format(**self._facts(reason))
        if entry.state == "awaiting_scan":
            words = self._words
            return (
                words.no_login if entry.old == "initialising" else words.login_refused
            )
        if entry.state in ("closing", "closed"):
            return self._words.was_closed
        return self._words.reasons[PadChatError].why

    def _reason(self, reason: PadChatError) -> ReasonWords:
        """Return the words for an error: the nearest that there are."""
        own = next(
            self._words.reasons[kind]
            for kind in type(reason).__mro__
            if kind in self._words.reasons
        )
        if isinstance(reason, ConnectError) and not reason.is_permanent:
            step = self._words.hops.get(reason.hop)
            if step is not None and isinstance(reason, ConnectTimedOut):
                return ReasonWords(own.why, step.do)
            return step or own
        return own

    def _facts(self, reason: PadChatError) -> dict[str, str]:
        """Return what may be said of an error: nothing that a gateway chose."""
        words = self._words
        facts = dict.fromkeys(
            ("where", "step", "http", "layer", "loss", "outcome", "status", "other"), ""
        )
        facts["command"] = words.command
        match reason:
            case ConnectError():
                facts["where"] = quoted(reason.where)
                if reason.hop in words.hops:
                    facts["step"] = words.step.format(hop=reason.hop)
                if isinstance(reason, HandshakeRefused) and _is_short(reason.status):
                    facts["http"] = words.http.format(status=reason.status)
            case StoreError() | ConfigurationError():
                facts["where"] = quoted(reason.path)
                if isinstance(reason, DeviceInUse):
                    facts["other"] = quoted(reason.other_name)
            case RemoteProtocolError():
                if reason.layer in _LAYERS:
                    facts["layer"] = f" ({reason.layer})"
            case Disconnected():
                facts["loss"] = words.losses.get(reason.reason, words.losses[""])
            case CallError():
                if reason.code in COMMANDS:
                    facts["command"] = words.named.format(command=reason.code)
                if isinstance(reason, CallRejected) and _is_short(reason.status):
                    facts["status"] = words.status.format(status=reason.status)
                if isinstance(reason, OutcomeUnknown):
                    facts["outcome"] = words.outcomes.get(reason.problem, "")
        return facts

    # What then

    def _next(self) -> str:
        now, state = self._now, self._state
        wait = 0 if now.due is None else round(now.due - now.now)
        if wait > 0 and state.next_in:
            told = duration(wait, self._words)
            return state.next_in.format(wait=told, codes=now.codes)
        return state.next.format(codes=now.codes)

    def _do(self) -> str:
        words, state = self._words, self._state
        if self._now.state == "logging_in" and self._now.dialect == "sdk":
            return words.phone_may_ask
        do = state.do
        trouble = self._history.last_trouble()
        if not do and trouble is not None and trouble.reason is not None:
            do = self._reason(root_of(trouble.reason)).do
        if do and state.after:
            return words.then.format(do=do, after=state.after)
        return do or state.after or words.nothing


def _is_short(status: int | None) -> bool:
    """Tell whether a number of the peer is one to be shown, and no message."""
    return status is not None and abs(status) < LARGEST_STATUS
