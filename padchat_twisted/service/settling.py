"""Sends of unknown outcome, looked at and settled by the control socket.

See :mod:`.control`::

    > POST /sends
    > {"account": "shop-1", "key": "order-17", "happened": false}
    < 200
    < {"unknown": [{"key": "order-18", "command": "sendMsg",
    <               "receiver": "wxid_example000001", "began": 1796023891.8}]}

Without a key nothing is settled. The answer has what is unknown after that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
from msgspec import Struct
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from ..errors import LocalProtocolError, PadChatError
from ..interfaces import KeyedSend
from ..wire import json_text
from .spelling import CallMistake

__all__ = [
    "KeepsSends",
    "SendsAnswer",
    "SendsPage",
    "SendsRequest",
    "UnknownSend",
    "looked_at",
]

_log = Logger()


class SendsRequest(Struct, frozen=True, kw_only=True):
    """What is asked of the sends of an account.

    Args:
        account: label of the account.
        key: of the send that is settled; None to look only.
        happened: whether that one did.
        gateway: the service must run the account there; empty for anywhere.
        key_fingerprint: and with this auth key; empty for any.
    """

    account: str
    key: str | None = None
    happened: bool | None = None
    gateway: str = ""
    key_fingerprint: str = ""


class UnknownSend(Struct, frozen=True):
    """A send of which nobody knows whether it happened; see ``KeyedSend``."""

    key: str
    command: str
    receiver: str
    began: float


class SendsAnswer(Struct, frozen=True):
    """The unknown sends of an account, oldest first."""

    unknown: tuple[UnknownSend, ...]


class KeepsSends(Protocol):
    """What an ``AccountSession`` has for this."""

    def unknown_sends(self) -> Deferred[list[KeyedSend]]:
        """Read the unknown sends."""

    def settle(self, key: str, *, happened: bool) -> Deferred[None]:
        """Settle one."""


async def looked_at(account: KeepsSends, asked: SendsRequest) -> SendsAnswer:
    """Settle what is asked, then read what is unknown.

    Args:
        account: whose sends they are.
        asked: what to do.

    Raises:
        CallMistake: there is nothing to settle under that key, or it is half said.
        StoreError: the store cannot be used.
    """
    if (asked.key is None) != (asked.happened is None):
        raise CallMistake("to settle a send, say its key and whether it happened")
    if asked.key is not None and asked.happened is not None:
        try:
            await account.settle(asked.key, happened=asked.happened)
        except LocalProtocolError as error:
            raise CallMistake(str(error)) from None
    found: Sequence[KeyedSend] = await account.unknown_sends()
    return SendsAnswer(
        tuple(UnknownSend(x.key, x.command, x.receiver, x.began) for x in found)
    )


class SendsPage(Resource):
    """Looks at unknown sends, and settles them.

    Args:
        find: gives the account that is asked for.
        write: writes an answer: request, HTTP status, value.
    """

    isLeaf = True

    def __init__(
        self,
        find: Callable[[SendsRequest], KeepsSends],
        write: Callable[[Request, int, object], bytes],
    ) -> None:
        super().__init__()
        self._find = find
        self._write = write

    def render_POST(self, request: Request) -> int:
        """Begin; the answer follows."""
        gone: list[Failure] = []
        request.notifyFinish().addErrback(gone.append)

        def answer(told: tuple[int, object]) -> None:
            if not gone:
                request.write(self._write(request, *told))
                request.finish()

        answering = Deferred.fromCoroutine(self._answer(request))
        answering.addErrback(self._broken)
        answering.addCallback(answer)
        return NOT_DONE_YET

    async def _answer(self, request: Request) -> tuple[int, object]:
        content = b"" if request.content is None else request.content.read()
        try:
            asked = msgspec.convert(json_text.read(content), SendsRequest)
        except ValueError:
            return 400, {"error": "the request is not JSON with an account"}
        try:
            account = self._find(asked)
        except PadChatError as error:
            return 404, {"error": str(error)}
        try:
            answer = await looked_at(account, asked)
        except CallMistake as error:
            return 400, {"error": str(error)}
        except PadChatError as error:
            return 500, {"error": str(error)}
        if asked.key is not None:
            _log.info(
                "account {account}: a send was settled by the control socket: {what}",
                account=asked.account,
                what="it happened" if asked.happened else "it did not happen",
            )
        return 200, answer

    def _broken(self, failure: Failure) -> tuple[int, object]:
        _log.failure("looking at sends by the control socket failed", failure)
        return 500, {"error": "the service failed; its log says why"}
