"""The handlers of a service in a child process: they report to the test what happens.

A report is a JSON object, one a line, on the standard output that the process was
started with; twistd turns ``sys.stdout`` into its log. A bot echoes every text.
"""

from __future__ import annotations

import json
import sys

from padchat_twisted import AccountSession, QRCode, StateChanged, TextMessage


def setup(account: AccountSession) -> None:
    """Register the handlers; named in the configuration of the service."""
    account.on(StateChanged, _state_changed)
    account.on(QRCode, _code_came)
    account.on(TextMessage, _echo)


def _report(event: str, account: AccountSession, **fields: str) -> None:
    assert sys.__stdout__ is not None
    print(
        json.dumps({"event": event, "name": account.name, **fields}),
        file=sys.__stdout__,
        flush=True,
    )


def _state_changed(account: AccountSession, change: StateChanged) -> None:
    _report("state", account, state=change.new)


def _code_came(account: AccountSession, _: QRCode) -> None:
    _report("qrcode", account)


async def _echo(account: AccountSession, message: TextMessage) -> None:
    if message.from_user != account.user_name:
        await account.reply(message, f"echo of {message.text}")
        _report("echoed", account, text=message.text)
