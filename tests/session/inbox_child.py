"""A bot that is killed inside a handler, for ``test_inbox_crash``.

Run as ``python -m tests.session.inbox_child URL KEY STORE durable|plain``. For each
message it prints ``begin TEXT``, with ``marked`` behind it when handlers may have had
it before, and ``done TEXT`` when it is done with it. It is never done with ``hang``,
and at ``die`` it kills itself by SIGKILL, unless that is marked. Numbers take a moment.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater, react

from padchat_twisted.catalogue import TextMessage
from padchat_twisted.client import connect
from padchat_twisted.session.account import AccountSession
from padchat_twisted.session.policy import InboxPolicy


async def handle(account: AccountSession, message: TextMessage) -> None:
    """Handle a message as its text says."""
    mark = " marked" if message.maybe_seen else ""
    print(f"begin {message.text}{mark}", flush=True)
    if message.text.isdigit():
        from twisted.internet import reactor

        await deferLater(cast(IReactorTime, reactor), 0.002)
    if message.text == "hang":
        await Deferred()
    if message.text == "die" and not mark:
        os.kill(os.getpid(), signal.SIGKILL)
    print(f"done {message.text}", flush=True)


async def run(reactor: Any, url: str, key: str, store: str, policy: str) -> None:  # noqa: ANN401 - any reactor
    """Log in, and handle messages until killed."""
    account = await connect(
        reactor,
        url,
        auth_key=key,
        store=store,
        handlers=lambda account: account.on(TextMessage, handle),
        inbox=InboxPolicy(durable=policy == "durable"),
    )
    await account.when_ready()
    print("ready", flush=True)
    await account.when_closed()


def main(reactor: Any, *arguments: str) -> Deferred[None]:  # noqa: ANN401 - any reactor
    """Run until killed."""
    return Deferred.fromCoroutine(run(reactor, *arguments))


if __name__ == "__main__":
    react(main, sys.argv[1:])
