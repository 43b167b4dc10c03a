"""What the gateway answers: one function for each command, by area.

PURE. A function gets the connection and the parameters, changes the world through
it, and returns the reply or raises :class:`.Refused`, which becomes a reply
with ``success`` false.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...catalogue.groups import UNIMPLEMENTED
from ..binding import Binding, State
from ..refusals import Refused
from . import (
    contacts,
    favorites,
    labels,
    login,
    media,
    moments,
    official_accounts,
    payment,
    rooms,
    sending,
)
from .base import Reply, Responder

__all__ = ["RESPONDERS", "Reply", "respond"]

#: Longest part of an unknown command's name that is repeated (characters).
_QUOTED_CHARACTERS = 40

#: Each command that is answered, by canonical name.
RESPONDERS: Mapping[str, Responder] = {
    **login.RESPONDERS,
    **contacts.RESPONDERS,
    **rooms.RESPONDERS,
    **sending.RESPONDERS,
    **media.RESPONDERS,
    **moments.RESPONDERS,
    **favorites.RESPONDERS,
    **labels.RESPONDERS,
    **payment.RESPONDERS,
    **official_accounts.RESPONDERS,
}

_MISSING_STATE = {
    State.INITIALISED: login.NOT_INITIALISED,
    State.LOGGED_IN: "the account is not logged in: call init and login first",
}


def respond(binding: Binding, code: str, params: object) -> Reply:
    """Carry out one command of a client.

    Args:
        binding: the connection it came on.
        code: name of the command.
        params: its first argument, of whatever kind; None is the same as ``{}``.

    Returns:
        The reply. Events that belong to it wait in the binding and should be sent
        after it.
    """
    try:
        if binding.is_over:
            raise Refused("this connection has been replaced or closed: connect again")
        responder = RESPONDERS.get(code)
        if responder is None:
            raise Refused(_not_answered(code))
        if binding.state < responder.needs:
            raise Refused(_MISSING_STATE[responder.needs])
        if params is None:
            params = {}
        if not isinstance(params, Mapping):
            raise Refused("the parameters must be an object")
        return responder.answer(binding, params)
    except Refused as refusal:
        status = {} if refusal.status is None else {"status": refusal.status}
        return Reply(False, refusal.text, {**status})


def _not_answered(code: str) -> str:
    if code in UNIMPLEMENTED:
        return f"no gateway carries {code} out: {UNIMPLEMENTED[code]}"
    return f"unknown command {code[:_QUOTED_CHARACTERS]!r}"
