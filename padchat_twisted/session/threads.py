"""Handlers that block, in threads: the reactor and the other conversations go on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorThreads
from twisted.internet.threads import blockingCallFromThread, deferToThreadPool

from ..errors import Disconnected, LocalProtocolError
from .account import AccountSession

__all__ = ["call_from_thread", "in_thread"]

E = TypeVar("E")
T = TypeVar("T")
_P = ParamSpec("_P")


def in_thread(
    handler: Callable[[AccountSession, E], object],
) -> Callable[[AccountSession, E], Deferred[None]]:
    """Have a handler run in a thread of the reactor's pool, for one that blocks.

    For example::

        @in_thread
        def on_text(account, message):
            answer = slow_library(message.text)
            call_from_thread(account, account.reply, message, answer)

    Its conversation waits for it, as for every handler. The pool has ten threads unless
    it is told otherwise; when all of them are busy a handler waits for one, and its
    event counts with those that wait, which bounds the queue of the pool. At its stop
    the reactor waits for handlers that are in threads.

    Args:
        handler: called with the account and the event, outside of the reactor's thread:
            what it does to the account goes through ``call_from_thread``.

    Returns:
        The handler to register.
    """

    @wraps(handler)
    def run(account: AccountSession, event: E) -> Deferred[None]:
        reactor = _reactor_of(account)
        running = deferToThreadPool(
            reactor, reactor.getThreadPool(), handler, account, event
        )
        return running.addCallback(lambda _: None)

    return run


def call_from_thread(
    account: AccountSession,
    function: Callable[_P, Deferred[T]],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> T:
    """Call *function* in the reactor's thread, and wait for its result here.

    Args:
        account: whose reactor it is.
        function: for example ``account.reply``; not for the reactor's thread itself,
            which would wait for ever.
        args: of the function.
        kwargs: of the function.

    Returns:
        The result of the Deferred; what it fails with is raised.

    Raises:
        Disconnected: the session was closed.
    """
    if account.state == "closed":
        # The reactor may be about to stop: it would wait for us, and we for it.
        raise Disconnected("the session was closed")
    call: Any = blockingCallFromThread
    found: T = call(_reactor_of(account), function, *args, **kwargs)
    return found


def _reactor_of(account: AccountSession) -> Any:  # noqa: ANN401 - several interfaces in one
    reactor = IReactorThreads(account.clock, None)
    if reactor is None:
        raise LocalProtocolError(
            f"account {account.name!r} has a clock in place of a reactor, which has no"
            " threads: register the handler without in_thread"
        )
    return reactor
