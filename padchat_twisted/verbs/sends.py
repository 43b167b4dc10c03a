"""``padchat unknown`` and ``padchat settle``: sends whose outcome nobody knows."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from twisted.internet.defer import Deferred, fail

from ..catalogue import Command
from ..errors import NotSent, PadChatError, StoreLocked
from ..interfaces import AccountKey, KeyedSend
from ..service.asking import ask_about_sends
from ..service.settling import SendsAnswer, SendsRequest, UnknownSend, looked_at
from ..service.sockets import socket_path
from ..service.spelling import CallMistake
from ..session.keys import KeyedCalls
from ..store import SQLiteStore
from ..wire import json_text
from .process import FAILED, USAGE, complain, run_reactor, say
from .target import Target, Words, add_target_options, target_of

__all__ = [
    "SETTLE_DESCRIPTION",
    "UNKNOWN_DESCRIPTION",
    "add_settle_options",
    "add_unknown_options",
    "settle",
    "unknown",
]

UNKNOWN_DESCRIPTION = """\
List the sends with a key of which nobody knows whether they happened: the connection,
or the process, ended before the reply came. They are not sent again. Where a service
runs the account, it is asked; else the store is read.
"""

SETTLE_DESCRIPTION = """\
Settle a send of unknown outcome, when you have looked whether it is in the chat.

  padchat settle shop-1 order-17 --happened     its key will never be sent again
  padchat settle shop-1 order-17 --did-not      its key may be sent again
"""


def add_unknown_options(parser: ArgumentParser) -> None:
    """Add what may stand behind ``unknown``."""
    _add_options(parser, "ACCOUNT")
    parser.add_argument("--json", action="store_true", help="for programs: one object")


def add_settle_options(parser: ArgumentParser) -> None:
    """Add what may stand behind ``settle``."""
    _add_options(parser, "ACCOUNT SENDKEY")
    happened = parser.add_mutually_exclusive_group(required=True)
    happened.add_argument(
        "--happened", action="store_true", help="it is in the chat: keep its key"
    )
    happened.add_argument(
        "--did-not", action="store_true", help="it is not: its key is free again"
    )


def unknown(reactor: Any, options: Namespace) -> int:  # noqa: ANN401 - see run_reactor
    """List the unknown sends of an account.

    Args:
        reactor: runs it.
        options: the command line.

    Returns:
        The exit status.

    Raises:
        PadChatError: the configuration has problems.
    """

    def tell(target: Target, answer: SendsAnswer) -> None:
        if options.json:
            say(json_text.write(answer).decode())
            return
        for send in answer.unknown:
            say(_described(send))
        if answer.unknown:
            say(
                f"look whether they are in the chat, then run padchat settle"
                f" {target.name} SENDKEY --happened or --did-not"
            )
        else:
            say("there is none")

    return _run(reactor, options, tell)


def settle(reactor: Any, options: Namespace) -> int:  # noqa: ANN401 - see run_reactor
    """Settle an unknown send of an account.

    Args:
        reactor: runs it.
        options: the command line.

    Returns:
        The exit status.

    Raises:
        PadChatError: the configuration has problems.
    """

    def tell(target: Target, answer: SendsAnswer) -> None:
        left = len(answer.unknown)
        what = "it happened" if options.happened else "its key is free again"
        say(f"settled: {what}; {left or 'none'} of {target.name} left to settle")

    return _run(reactor, options, tell, is_settling=True)


def _add_options(parser: ArgumentParser, words: str) -> None:
    add_target_options(parser, words)
    # Nothing is connected to.
    parser.set_defaults(
        ca_file=None, fallback=False, proxy=None, revision=None, transport=None
    )


def _run(
    reactor: Any,  # noqa: ANN401 - see run_reactor
    options: Namespace,
    tell: Callable[[Target, SendsAnswer], None],
    *,
    is_settling: bool = False,
) -> int:
    *before, send_key = options.words if is_settling else (*options.words, None)
    # The auth key stands in front only where a gateway is named.
    if not 1 <= len(before) <= 1 + (options.gateway is not None):
        return complain("give ACCOUNT" + " and SENDKEY" * is_settling, USAGE)
    *auth_keys, name = before
    try:
        words = Words(auth_keys[0] if auth_keys else None, name, "", [])
        target = target_of(options, words, os.environ)
    except CallMistake as mistake:
        return complain(str(mistake), USAGE)
    request = SendsRequest(
        account=target.name,
        key=send_key,
        happened=options.happened if is_settling else None,
        gateway=target.gateway.address.url,
        key_fingerprint=target.auth_key.fingerprint(),
    )
    looking = _Looking(reactor, target)

    async def work() -> int:
        try:
            answer = await looking.looked_at(request)
        except CallMistake as mistake:
            return complain(str(mistake), USAGE)
        tell(target, answer)
        return 0

    return run_reactor(reactor, work, looking.close, FAILED)


class _Looking:
    """Looks at the sends of an account, by whoever has its store."""

    def __init__(self, reactor: Any, target: Target) -> None:  # noqa: ANN401
        self._reactor = reactor
        self._target = target
        self._store: SQLiteStore | None = None

    async def looked_at(self, request: SendsRequest) -> SendsAnswer:
        """Ask the service, or look into the store under its lock."""
        path = self._target.store.absolute()
        socket = socket_path(path)
        answer = await ask_about_sends(self._reactor, socket, request)
        if answer is not None:
            return answer
        if not path.exists():
            raise PadChatError(f"there is no store {path}: name the one of the account")
        store = SQLiteStore(self._reactor, path, self._target.store_keys)
        try:
            await store.open()
        except StoreLocked as error:
            raise StoreLocked(
                error.path,
                f"{error.problem}, and nothing answers at {socket}",
                "stop that one, or see in its log why it has no such socket",
            ) from error
        self._store = store
        account = AccountKey(request.gateway, request.key_fingerprint, request.account)
        return await looked_at(_Stored(account, store), request)

    async def close(self) -> None:
        """Give the store back."""
        if self._store is not None:
            await self._store.close()


class _Stored:
    """The sends of an account that nobody runs."""

    def __init__(self, account: AccountKey, store: SQLiteStore) -> None:
        self._keyed = KeyedCalls(account, store, _never, lambda _: None)

    def unknown_sends(self) -> Deferred[list[KeyedSend]]:
        """Read the unknown sends."""
        return self._keyed.unknown()

    def settle(self, key: str, *, happened: bool) -> Deferred[None]:
        """Settle one."""
        return Deferred.fromCoroutine(self._keyed.settle(key, happened=happened))


def _never(command: Command[Any], **_: object) -> Deferred[Any]:
    return fail(NotSent(command.wire_name, "nobody runs the account"))


def _described(send: UnknownSend) -> str:
    when = datetime.fromtimestamp(send.began, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    to = f" to {send.receiver}" if send.receiver else ""
    return f"{send.key}: {send.command}{to}, {when}"
