"""The control socket of a running service: calls for its accounts, by JSON over HTTP.

It is a Unix socket beside the store, ``STORE.sock``, that only the store's owner can
open; ``padchat call`` uses it, and so can any program that speaks HTTP::

    > POST /call
    > {"account": "shop-1", "command": "sendMsg",
    >  "params": {"toUserName": "filehelper", "content": "hi"}}
    < 200
    < {"outcome": "done", "command": "sendMsg", "result": {"msgId": "123", ...}, ...}

    > GET /accounts
    < 200
    < {"gateway": "http://127.0.0.1:7700/user", "accounts":
    <  [{"name": "shop-1", "state": "ready", "user_name": "wxid_example000001"}]}

    > GET /explain?account=shop-1&language=en
    < 200
    < [{"name": "shop-1", "state": "ready", "head": "shop-1 is online ...", ...}]

A call that was made has status 200, however it ended; see :class:`.outcomes.Outcome`.
``POST /sends`` is told in :mod:`.settling`.
Anything else has ``{"error": "..."}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort, IReactorUNIX
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from ..catalogue import Result
from ..errors import PadChatError
from ..session.account import AccountSession
from ..transport.site import BoundedSite
from ..wire import json_text
from ..wire.limits import MAX_FRAME_BYTES
from .answers import not_run, written
from .bounded import BoundedFactory
from .calling import command_of, filled, find_or_tell
from .explaining import ExplainPage
from .outcomes import Outcome, failed, succeeded
from .settling import SendsPage, SendsRequest
from .sockets import SocketName
from .spelling import CallMistake

__all__ = [
    "LONGEST_TIME_LIMIT",
    "MAX_CALL_BYTES",
    "CallRequest",
    "ControlSocket",
]

#: Largest call (bytes): what does not fit into a frame of the gateway's leaves never.
MAX_CALL_BYTES = MAX_FRAME_BYTES

#: Longest time limit of a call (seconds): a login, which waits for a person, has 300.
LONGEST_TIME_LIMIT = 3600.0

#: Only the owner may use it, as the store.
SOCKET_MODE = 0o600

_log = Logger()


class CallRequest(Struct, frozen=True, kw_only=True):
    """What is asked of the control socket.

    Args:
        account: label of the account.
        command: name of the command, in any spelling; on the wire when *is_raw*.
        params: its parameters by name, in any spelling.
        is_raw: whether it is sent as it stands, without a look into the catalogue.
        time_limit: how long its reply may take (seconds), None for the usual time.
        key: what the caller knows it by: under one key it never goes out twice.
        gateway: the service must run the account there; empty for anywhere.
        key_fingerprint: and with this auth key; empty for any.
    """

    account: str
    command: str
    params: dict[str, Any] = field(default_factory=dict)
    is_raw: bool = False
    time_limit: Annotated[float, Meta(gt=0, le=LONGEST_TIME_LIMIT)] | None = None
    key: str | None = None
    gateway: str = ""
    key_fingerprint: str = ""

    def __repr__(self) -> str:
        return f"CallRequest({self.account!r}, {self.command!r})"


class ControlSocket:
    """The control socket of the accounts that use one store.

    Args:
        reactor: runs it.
        path: see ``socket_path``.
        gateway: where they are, see ``AccountKey``.
        key_fingerprint: with which auth key, see there.
        accounts: by name; read at each request.
    """

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401 - several interfaces in one
        path: Path,
        gateway: str,
        key_fingerprint: str,
        accounts: Mapping[str, AccountSession],
    ) -> None:
        self._reactor = reactor
        self._path = path
        root = Resource()
        root.putChild(b"accounts", _AccountsPage(gateway, accounts))
        calls = _CallPage(gateway, key_fingerprint, accounts)
        root.putChild(b"call", calls)
        root.putChild(b"explain", ExplainPage(accounts))
        root.putChild(b"sends", SendsPage(calls.account_of, written))
        site = _QuietSite(root, reactor=reactor, max_body=MAX_CALL_BYTES)
        site.noisy = False
        self._factory = BoundedFactory(site, reactor)
        self._name: SocketName | None = None
        self._port: IListeningPort | None = None

    @property
    def connections(self) -> int:
        """How many connections are open, each with one call at most."""
        return len(self._factory.protocols)

    def open(self) -> None:
        """Listen; without a socket the accounts run all the same, and the log says why.

        The store's lock must be held: what a killed process left is taken away.
        """
        if not IReactorUNIX.providedBy(self._reactor):
            self._tell_without("this system has no Unix sockets")
        else:
            try:
                self._listen()
            except CannotListenError as error:
                # Twisted started it before it found that it cannot listen.
                self._factory.doStop()
                self._tell_without(str(error.socketError))
            except OSError as error:
                self._tell_without(error.strerror or str(error))

    def close(self) -> Deferred[None]:
        """Take no more calls, and the socket away; calls that came go on."""
        return Deferred.fromCoroutine(self._close())

    def drop_clients(self) -> None:
        """Close the connections that are left, as soon as their answers left."""
        for connection in list(self._factory.protocols):
            connection.loseConnection()

    async def _close(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            # The port removes its file before anything else, so it must be there.
            with suppress(OSError):
                self._path.touch(SOCKET_MODE)
            try:
                await maybeDeferred(port.stopListening)
            except OSError:
                # Its folder is gone, so nobody finds the socket any more.
                self._factory.doStop()
        if self._name is not None:
            self._name.close()

    def _listen(self) -> None:
        if self._path.is_socket():
            self._path.unlink()
        self._name = SocketName(self._path)
        self._port = self._reactor.listenUNIX(
            self._name.text, self._factory, mode=SOCKET_MODE
        )
        _log.info("the control socket is {path}", path=str(self._path))

    def _tell_without(self, why: str) -> None:
        _log.warn(
            "there is no control socket {path} for `padchat call`: {why}",
            path=str(self._path),
            why=why,
        )


class _QuietSite(BoundedSite):
    """A site that tells of no request: a call is told with its account's name."""

    def log(self, request: object) -> None:
        """Write nothing."""


class _AccountsPage(Resource):
    """The accounts and their states."""

    isLeaf = True

    def __init__(self, gateway: str, accounts: Mapping[str, AccountSession]) -> None:
        super().__init__()
        self._gateway = gateway
        self._accounts = accounts

    def render_GET(self, request: Request) -> bytes:
        """Answer with the list."""
        accounts = [
            {"name": name, "state": each.state, "user_name": each.user_name}
            for name, each in self._accounts.items()
        ]
        value = {"gateway": self._gateway, "accounts": accounts}
        return written(request, 200, value)


class _NoSuchAccount(PadChatError):
    """The service does not run the account."""


class _CallPage(Resource):
    """Makes a call."""

    isLeaf = True

    def __init__(
        self,
        gateway: str,
        key_fingerprint: str,
        accounts: Mapping[str, AccountSession],
    ) -> None:
        super().__init__()
        self._gateway = gateway
        self._key_fingerprint = key_fingerprint
        self._accounts = accounts

    def render_POST(self, request: Request) -> bytes | int:
        """Begin the call; the answer follows when it has ended."""
        try:
            asked = _read_call(request)
            _Calling(request, self.account_of(asked)).begin(asked)
        except _NoSuchAccount as error:
            return written(request, 404, {"error": str(error)})
        except CallMistake as error:
            return written(request, 400, {"error": str(error)})
        return NOT_DONE_YET

    def account_of(self, asked: CallRequest | SendsRequest) -> AccountSession:
        """Return the account that is asked for.

        Raises:
            _NoSuchAccount: the service does not run it.
        """
        account = self._accounts.get(asked.account)
        if account is None:
            raise _NoSuchAccount(not_run(asked.account, self._accounts))
        if asked.gateway not in ("", self._gateway):
            raise _NoSuchAccount(
                f"the service runs {asked.account!r} at {self._gateway}, not at"
                f" {asked.gateway}: name that gateway, or another store"
            )
        if asked.key_fingerprint not in ("", self._key_fingerprint):
            raise _NoSuchAccount(
                f"the service runs {asked.account!r} with another auth key: give that"
                " one, or name another store"
            )
        return account


class _Calling:
    """One call for somebody at the socket.

    Args:
        request: of that one, answered when the call has ended.
        account: makes the call.
    """

    def __init__(self, request: Request, account: AccountSession) -> None:
        self._request = request
        self._account = account
        self._command = ""
        self._is_gone = False

    def begin(self, asked: CallRequest) -> None:
        """Make the call.

        Raises:
            CallMistake: no such command, or it cannot be with these parameters.
        """
        account = self._account
        self._command = asked.command
        calling: Deferred[Any]
        if asked.is_raw:
            if asked.key is not None:
                raise CallMistake("a raw command takes no key: leave one of them out")
            calling = account.call_raw(
                asked.command, asked.params, time_limit=asked.time_limit
            )
        else:
            command = command_of(find_or_tell(asked.command), filled(asked.params))
            self._command = command.wire_name
            calling = account.call(command, time_limit=asked.time_limit, key=asked.key)
        self._request.notifyFinish().addErrback(self._gone, calling)
        calling.addCallbacks(self._succeeded, self._failed)
        calling.addCallbacks(self._answer, self._broken)

    def _gone(self, _: Failure, calling: Deferred[Any]) -> None:
        # Nobody waits for the call any more: if it did not leave yet, it shall not.
        self._is_gone = True
        calling.cancel()

    def _succeeded(self, result: Result | dict[str, Any]) -> Outcome:
        return succeeded(self._command, result)

    def _failed(self, failure: Failure) -> Outcome | Failure:
        if failure.check(CancelledError):
            return Outcome(
                outcome="not_sent",
                command=self._command,
                explanation=f"{self._command!r} was taken back before it left",
            )
        outcome = failed(self._command, failure.value)
        return failure if outcome is None else outcome

    def _answer(self, outcome: Outcome) -> None:
        _log.info(
            "account {account}: {command} by the control socket: {outcome}",
            account=self._account.name,
            command=self._command,
            outcome=outcome.outcome,
        )
        self._write(200, outcome)

    def _broken(self, failure: Failure) -> None:
        _log.failure("a call by the control socket failed", failure)
        self._write(500, {"error": "the service failed; its log says why"})

    def _write(self, status: int, value: object) -> None:
        if not self._is_gone:
            self._request.write(written(self._request, status, value))
            self._request.finish()


def _read_call(request: Request) -> CallRequest:
    content = b"" if request.content is None else request.content.read()
    try:
        return msgspec.convert(json_text.read(content), CallRequest)
    except msgspec.ValidationError as error:
        raise CallMistake(f"the request is no call: {error}") from None
    except ValueError:
        raise CallMistake("the request is not JSON: write one object") from None
