"""Two small bots: what a service does when nothing else is named."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from ..catalogue import SentMessage, TextMessage
from ..errors import CallError
from ..session.account import AccountSession, StateChanged

__all__ = ["ding_dong", "ping_pong"]

_log = Logger()


def ding_dong(account: AccountSession) -> None:
    """Greet ``filehelper`` after each login, and answer ``ding`` with ``dong``.

    Source: PADCHAT demo.js, which does the same.
    """
    account.on(StateChanged, _greet)
    account.on(TextMessage, _answer_ding)


def ping_pong(account: AccountSession) -> None:
    """Answer ``ping`` with ``pong``."""
    account.on(TextMessage, _answer_ping)


async def _greet(account: AccountSession, change: StateChanged) -> None:
    if change.new == "ready":
        await _try(account, account.send("filehelper", "你登录了！"))


async def _answer_ding(account: AccountSession, message: TextMessage) -> None:
    if message.text == "ding" and message.from_user != account.user_name:
        await _try(account, account.reply(message, "dong"))


async def _answer_ping(account: AccountSession, message: TextMessage) -> None:
    if message.text == "ping" and message.from_user != account.user_name:
        await _try(account, account.reply(message, "pong"))


async def _try(account: AccountSession, sending: Deferred[SentMessage]) -> None:
    try:
        await sending
    except CallError as error:
        _log.warn("account {account}: {why}", account=account.name, why=str(error))
