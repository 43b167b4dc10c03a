"""A bot that loses no message to a crash, and whose slow work holds nobody up.

``python careful_bot.py [GATEWAY]``
"""

import hashlib
import sys

from twisted.application.service import MultiService
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.task import react

from padchat_twisted import (
    AccountSession,
    InboxPolicy,
    PadChatService,
    SlowHandler,
    SQLiteStore,
    TextMessage,
    call_from_thread,
    in_thread,
)
from padchat_twisted.service.stall import StallWatch


@in_thread
def answer(account: AccountSession, message: TextMessage) -> None:
    """Compute for a while, then answer; this runs in a thread."""
    text = message.text.encode(errors="replace")
    found = hashlib.pbkdf2_hmac("sha256", text, b"salt", 100_000).hex()
    # Before a crash it may have been answered: with a key it goes out once.
    call_from_thread(account, account.reply, message, found, key=message.msg_id)


def tell(account: AccountSession, slow: SlowHandler) -> None:
    """Say who is slow."""
    print(f"{account.name}: {slow.handler} works since {slow.seconds:.0f} s")


def setup(account: AccountSession) -> None:
    """Register the handlers."""
    account.on(TextMessage, answer)
    account.on(SlowHandler, tell)


def make_service(reactor: ReactorBase, gateway: str) -> MultiService:
    """Build the bot, with a watch that names what blocks the reactor."""
    accounts = PadChatService(
        reactor,
        gateway,
        auth_key="demo-key",
        store=SQLiteStore(reactor, "careful.sqlite"),
    )
    inbox = InboxPolicy(durable=True, old_messages="drop", old_seconds=600.0)
    accounts.add_account("careful", handlers=setup, inbox=inbox)
    bot = MultiService()
    accounts.setServiceParent(bot)
    StallWatch(reactor, 1.0).setServiceParent(bot)
    return bot


async def main(
    reactor: ReactorBase, gateway: str = "http://127.0.0.1:7700/user"
) -> None:
    """Run until Ctrl-C or SIGTERM."""
    bot = make_service(reactor, gateway)
    bot.startService()
    reactor.addSystemEventTrigger("before", "shutdown", bot.stopService)
    await Deferred()


if __name__ == "__main__":
    react(main, sys.argv[1:])
