"""The handlers of a shop's accounts; a configuration names them "shop_bot:setup"."""

from twisted.logger import Logger

from padchat_twisted import AccountSession, PadChatError, StateChanged, TextMessage

_log = Logger()


def setup(account: AccountSession) -> None:
    """Register the handlers; called once for each account, before it connects."""
    account.on(TextMessage, answer)
    account.on(StateChanged, tell)


async def answer(account: AccountSession, message: TextMessage) -> None:
    """Answer "ping" with "pong", in rooms too; leave our own messages alone."""
    if message.text != "ping" or message.sender == account.user_name:
        return
    try:
        await account.reply(message, "pong")
    except PadChatError as error:
        _log.warn("{name} did not answer: {why}", name=account.name, why=str(error))


def tell(account: AccountSession, change: StateChanged) -> None:
    """Tell the log when somebody has to look at an account."""
    if change.new == "needs_human":
        _log.warn("{name} waits: {why}", name=account.name, why=str(change.reason))
