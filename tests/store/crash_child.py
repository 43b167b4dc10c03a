"""A process that writes to a store until it is killed; told how far it came.

Run as ``python -m tests.store.crash_child PATH``. It prints ``opening``, then the
number of each round after the store said that the round is on the disk.
"""

from __future__ import annotations

import sys
from itertools import count
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import react

from padchat_twisted.store import SQLiteStore

from .contract import DEVICE, KEY

#: Message ids of one round: a group that must be there whole or not at all.
GROUP = 7


def group(number: int) -> list[str]:
    """Return the message ids of a round."""
    return [f"{number}-{place}" for place in range(GROUP)]


async def write_rounds(store: SQLiteStore) -> None:
    """Write one round after the other, for ever."""
    print("opening", flush=True)
    await store.open()
    await store.save_device(KEY, DEVICE)
    for number in count():
        await store.save_login(KEY, login_token=f"token {number}", user_name="wxid_1")
        await store.remember_message_ids(KEY, group(number))
        print(number, flush=True)


def main(reactor: Any, path: str) -> Deferred[None]:  # noqa: ANN401 - any reactor
    """Run until killed."""
    return Deferred.fromCoroutine(write_rounds(SQLiteStore(reactor, path)))


if __name__ == "__main__":
    react(main, sys.argv[1:])
