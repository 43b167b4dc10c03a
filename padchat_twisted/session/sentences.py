"""What a language must have words for, so that an account can be explained in it.

Clauses begin in lower case and end without a full stop: whoever puts them together
adds what goes around them. Names in braces are filled in; see ``explain``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import Hop, PadChatError

__all__ = ["ReasonWords", "Sentences", "StateWords", "StoredWords"]


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state of an account.

    Args:
        what: what the account is or does, to stand behind its name.
        next: what happens next.
        next_in: the same with the time until then, ``{wait}``; empty where that is
            never known.
        do: what a person can do; empty where the reason says it.
        after: what a person has to do when the reason is gone; empty for nothing.
    """

    what: str
    next: str
    next_in: str = ""
    do: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """A class of errors.

    Args:
        why: what happened.
        do: what a person can do; empty for nothing.
    """

    why: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class StoredWords:
    """What a store tells of an account that nobody runs.

    Args:
        nobody: no service answers at ``{socket}``, ``{store}`` is what is known.
        no_store: there is no store.
        no_account: the store knows nothing of account ``{name}``.
        place: which one it is, ``{gateway}``.
        saved: there is a saved login.
        never_saved: there never was one.
        void: there is none any more, since ``{why}``.
        reasons: why a login became void, by what the store has; with an empty key for
            anything else.
        has_device: there is device data.
        no_device: there is none.
        do: what a person can do with a saved login, and without one.
    """

    nobody: str
    no_store: str
    no_account: str
    place: str
    saved: str
    never_saved: str
    void: str
    reasons: Mapping[str, str]
    has_device: str
    no_device: str
    do: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Sentences:
    """One language.

    Args:
        head: the first sentence: ``{name}``, what it is, the ``{state}``, since when.
        head_alone: the same before the first state was entered.
        outage: until when it was ready, and ``{why}`` that ended.
        reason: the newest reason, when there was no outage.
        latest: the newest reason, where something was said before.
        code: why a code is needed.
        attempts: how often it tried to connect since the outage, or the start.
        away: the last outage of an account that is ready again.
        unheard: what it asks for by ``{command}`` and is not given.
        next: what happens next.
        do: what a person can do.
        then: what to do about the reason, and what after that.
        nothing: that a person need do nothing.
        units: seconds, and the names of one and of many such units; largest first.
        between: between the two units of a time.
        states: by name.
        unknown_state: for a state that has no words.
        reasons: by class; a class without words has those of its nearest base.
        hops: what failed on the way to the gateway, and what to do.
        losses: why a connection was lost, by the reason of ``Disconnected``.
        outcomes: why an outcome is unknown, by the problem of ``OutcomeUnknown``.
        step: the step of the way that took too long, ``{hop}``.
        http: the HTTP status of an answer.
        status: the status of the WeChat engine.
        command: a command that is not in the catalogue.
        named: one that is.
        no_login: there is no saved login, so a code is shown.
        login_refused: the saved login was not accepted, so a code is shown.
        was_closed: the program closed it.
        phone_may_ask: what to do while it logs in, in dialect ``sdk``.
        stored: what a store tells.
    """

    head: str
    head_alone: str
    outage: str
    reason: str
    latest: str
    code: str
    attempts: str
    away: str
    unheard: str
    next: str
    do: str
    then: str
    nothing: str
    units: tuple[tuple[int, str, str], ...]
    between: str
    states: Mapping[str, StateWords]
    unknown_state: StateWords
    reasons: Mapping[type[PadChatError], ReasonWords]
    hops: Mapping[Hop, ReasonWords]
    losses: Mapping[str, str]
    outcomes: Mapping[str, str]
    step: str
    http: str
    status: str
    command: str
    named: str
    no_login: str
    login_refused: str
    was_closed: str
    phone_may_ask: str
    stored: StoredWords
