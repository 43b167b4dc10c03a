"""A process that sends with keys at a real gateway, and dies when it is told to.

Run as ``python -m tests.session.keys_child URL STORE PHASE KEY...``. It prints how
each send ended. During the last one it kills itself: PHASE is ``begin`` (before its
key is stored), ``begun`` (after), ``finish`` (its reply is there), ``finished`` (and
stored), or ``never``. With ``forgetful`` the store knows no key: the null collaborator.
With ``waits`` sends are paced, and it dies while the last one waits for its turn.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import react

from padchat_twisted.client import connect
from padchat_twisted.errors import OutcomeUnknown
from padchat_twisted.interfaces import AccountKey, KeyedSend
from padchat_twisted.session.account import AccountSession
from padchat_twisted.session.pacing import Pacing, Rate
from padchat_twisted.store import SQLiteStore

AUTH_KEY = "stage-key"
NAME = "one"

#: Time between two sends that are paced (seconds).
TURN = 3600.0


def text_of(key: str) -> str:
    """Return the text that is sent with a key."""
    return f"the text of {key}"


class DyingStore(SQLiteStore):
    """A store whose process ends at a phase of the last send.

    Attributes:
        phase: see above.
        last: key of the last send.
    """

    phase = "never"
    last = ""

    def die_at(self, phase: str, key: str) -> None:
        """Kill the process, if this is the moment."""
        if (phase, key) == (self.phase, self.last):
            os.kill(os.getpid(), signal.SIGKILL)

    def begin_send(
        self, key: AccountKey, send: KeyedSend
    ) -> Deferred[KeyedSend | None]:
        """Note a send."""
        if self.phase == "forgetful":
            return succeed(None)
        self.die_at("begin", send.key)
        beginning = super().begin_send(key, send)

        def begun(found: KeyedSend | None) -> KeyedSend | None:
            self.die_at("begun", send.key)
            return found

        return beginning.addCallback(begun)

    def finish_send(self, key: AccountKey, name: str, result: str) -> Deferred[bool]:
        """Note a result."""
        self.die_at("finish", name)
        finishing = super().finish_send(key, name, result)

        def finished(was_there: bool) -> bool:
            self.die_at("finished", name)
            return was_there

        return finishing.addCallback(finished)


def die_when_waiting(
    reactor: Any,  # noqa: ANN401 - several interfaces in one
    account: AccountSession,
) -> None:
    """Kill the process as soon as a send waits for its turn."""
    assert account.pacing is not None
    if any(account.pacing.waiting.values()):
        os.kill(os.getpid(), signal.SIGKILL)
    reactor.callLater(0, die_when_waiting, reactor, account)


async def send(
    reactor: Any,  # noqa: ANN401 - several interfaces in one
    url: str,
    path: str,
    phase: str,
    keys: list[str],
) -> None:
    """Send once with each key, and tell how it ended."""
    store = DyingStore(reactor, path)
    store.phase, store.last = phase, keys[-1]
    await store.open()
    pacing = Pacing(overall=Rate(TURN)) if phase == "waits" else None
    account = await connect(
        reactor, url, auth_key=AUTH_KEY, name=NAME, store=store, pacing=pacing
    )
    await account.when_ready()
    for key in keys:
        if phase == "waits" and key == keys[-1]:
            die_when_waiting(reactor, account)
        try:
            sent = await account.send("filehelper", text_of(key), key=key)
        except OutcomeUnknown as error:
            print(f"{key}: {type(error).__name__}", flush=True)
        else:
            print(f"{key}: {sent.msg_id}", flush=True)
    await account.close()
    await store.close()


def main(
    reactor: Any,  # noqa: ANN401 - several interfaces in one
    url: str,
    path: str,
    phase: str,
    *keys: str,
) -> Deferred[None]:
    """Run until it is done, or dead."""
    return Deferred.fromCoroutine(send(reactor, url, path, phase, list(keys)))


if __name__ == "__main__":
    react(main, sys.argv[1:])
