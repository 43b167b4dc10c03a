"""A session of our own for one call, where no service runs the account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, succeed

from ..client import connect
from ..errors import LoginError, PadChatError, StoreLocked
from ..interfaces import AccountKey
from ..secret import Secret
from ..service.codes import watch_codes
from ..service.sockets import socket_path
from ..service.terminal import QRTerminal
from ..session.account import AccountSession, StateChanged
from ..store import SQLiteStore
from .gateway import Gateway

__all__ = ["Alone", "LeavesMessages", "NotLoggedIn"]


class NotLoggedIn(LoginError):
    """The account has to be scanned, and nobody is there who could."""

    sentence = (
        "{account} is not logged in, and there is no terminal to show its QR code on:"
        " {problem}"
    )


class LeavesMessages(SQLiteStore):
    """A store that does not learn which messages were seen.

    A session without a bot handles none: whoever runs the account next shall.
    """

    def remember_message_ids(
        self, key: AccountKey, ids: Sequence[str]
    ) -> Deferred[None]:
        """Forget them."""
        return succeed(None)


class Alone:
    """One account, logged in for one call under the lock of its store.

    Args:
        reactor: runs it.
        gateway: where the account is.
        auth_key: lets us use it.
        name: of the account.
        store: file with its login.
        device: device data by wire name, None to have it made once and kept.
        store_keys: seal what is in the store, see ``SQLiteStore``.
        terminal: shows QR codes; None where nobody looks.
    """

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401 - several interfaces in one
        gateway: Gateway,
        auth_key: Secret,
        name: str,
        store: Path,
        *,
        device: Mapping[str, str] | None = None,
        store_keys: Sequence[Secret] = (),
        terminal: QRTerminal | None = None,
    ) -> None:
        self._reactor = reactor
        self._gateway = gateway
        self._auth_key = auth_key
        self._name = name
        self._device = device
        self._terminal = terminal
        self._path = store
        self._store = LeavesMessages(reactor, store, store_keys)
        self._account: AccountSession | None = None
        self._ready: Deferred[None] = Deferred()

    async def log_in(self) -> AccountSession:
        """Lock the store, connect, and wait until the account is ready.

        Raises:
            StoreLocked: another process has the account; it is not taken over.
            StoreError: the store cannot be used.
            ConnectError: the gateway cannot be reached or refused us.
            LoginError: it cannot be logged in without a person.
            PadChatError: the connection was lost meanwhile.
        """
        try:
            await self._store.open()
        except StoreLocked as error:
            raise StoreLocked(
                error.path,
                f"{error.problem}, and nothing answers at {socket_path(self._path)}",
                "if that is another `padchat call`, wait for its end; if it is a"
                " service, its log says why it has no such socket; else stop it",
            ) from error
        gateway = self._gateway
        account = await connect(
            self._reactor,
            gateway.url,
            auth_key=self._auth_key,
            name=self._name,
            handlers=self._watch,
            store=self._store,
            device=self._device,
            revision=gateway.revision,
            transports=gateway.transports,
            fallback=gateway.fallback,
            endpoint=gateway.endpoint(self._reactor),
        )
        account.when_ready().addCallbacks(
            lambda _: self._end(None), lambda failure: self._end(failure.value)
        )
        await self._ready
        return account

    async def close(self) -> None:
        """Leave the gateway in good order, and give the store back."""
        if self._terminal is not None:
            self._terminal.close()
        if self._account is not None:
            await self._account.close()
        await self._store.close()

    def _watch(self, account: AccountSession) -> None:
        self._account = account
        account.on(StateChanged, self._changed)
        if self._terminal is not None:
            watch_codes(account, self._terminal)

    def _changed(self, account: AccountSession, change: StateChanged) -> None:
        if change.new == "retrying":
            # A service would go on; who types a command wants to know.
            self._end(change.reason or PadChatError("the connection was lost"))
        elif change.new == "awaiting_scan" and self._terminal is None:
            self._end(
                NotLoggedIn(
                    account.name,
                    "log it in once by `padchat run` or the service, with this store,"
                    " or run this in a terminal",
                )
            )

    def _end(self, error: BaseException | None) -> None:
        if self._ready.called:
            return
        if error is None:
            self._ready.callback(None)
        else:
            self._ready.errback(error)
