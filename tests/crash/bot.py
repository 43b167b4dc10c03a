"""A service that answers with keys, and is killed at any moment.

Run as ``python -m tests.crash.bot URL STORE``. It prints a line for each thing that
happens: ``opening``, ``code`` (a scan is wanted), ``saved`` (its token is in the
store), ``ready``, ``begin TEXT`` with ``marked`` behind it when handlers may have had
the message before, ``sent TEXT``, ``unknown TEXT`` or ``unsent TEXT`` for its answer,
and ``done TEXT``. Its log goes to standard error.
"""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import react
from twisted.logger import globalLogBeginner, textFileLogObserver

from padchat_twisted.catalogue import QRCode, TextMessage
from padchat_twisted.errors import NotSent, OutcomeUnknown, StoreError
from padchat_twisted.interfaces import AccountKey
from padchat_twisted.secret import Secret
from padchat_twisted.service.accounts import PadChatService
from padchat_twisted.session.account import AccountSession
from padchat_twisted.session.policy import InboxPolicy
from padchat_twisted.store import SQLiteStore

AUTH_KEY = "crash-key"
NAME = "bot"

#: Who writes; each of them in turn writes the next number.
PEOPLE = ("alice", "bob", "carol")

#: Of so many messages of a person one is answered: a key costs the store two commits.
ANSWERED = 3

ANSWER = "answer to "


def key_at(url: str) -> AccountKey:
    """Return what the store knows the account by."""
    return AccountKey(url, Secret(AUTH_KEY).fingerprint(), NAME)


def is_answered(text: str) -> bool:
    """Tell whether a message is answered, with its text as the key."""
    return text.isdigit() and int(text) // len(PEOPLE) % ANSWERED == 0


def say(line: str) -> None:
    """Print a line that outlives this process."""
    print(line, flush=True)


class TellingStore(SQLiteStore):
    """A store that tells when a token is on the disk."""

    def save_login(
        self, key: AccountKey, *, login_token: str, user_name: str
    ) -> Deferred[None]:
        """Store a token, and say so."""
        saving = super().save_login(key, login_token=login_token, user_name=user_name)
        return saving.addCallback(lambda _: say("saved"))


async def handle(account: AccountSession, message: TextMessage) -> None:
    """Answer some messages."""
    text = message.text
    say(f"begin {text} marked" if message.maybe_seen else f"begin {text}")
    if is_answered(text):
        try:
            await account.reply(message, ANSWER + text, key=text)
        except OutcomeUnknown:
            say(f"unknown {text}")
        except NotSent as error:
            say(f"unsent {text} {error}")
        else:
            say(f"sent {text}")
    say(f"done {text}")


def set_up(account: AccountSession) -> None:
    """Register the handlers."""
    account.on(TextMessage, handle)
    account.on(QRCode, lambda _, __: say("code"))


async def run(reactor: Any, url: str, path: str) -> None:  # noqa: ANN401 - any reactor
    """Run until killed, or until the store cannot be opened."""
    globalLogBeginner.beginLoggingTo(
        [textFileLogObserver(sys.stderr)], redirectStandardIO=False
    )
    say("opening")
    store = TellingStore(reactor, path)
    service = PadChatService(reactor, url, auth_key=AUTH_KEY, store=store)
    account = service.add_account(
        NAME, handlers=set_up, inbox=InboxPolicy(durable=True)
    )
    service.startService()
    try:
        await service.when_opened()
    except StoreError as error:
        # Why is in the log.
        raise SystemExit(1) from error
    await account.when_ready()
    say("ready")
    await Deferred()


def main(reactor: Any, *arguments: str) -> Deferred[None]:  # noqa: ANN401 - any reactor
    """Run until killed."""
    return Deferred.fromCoroutine(run(reactor, *arguments))


if __name__ == "__main__":
    react(main, sys.argv[1:])
