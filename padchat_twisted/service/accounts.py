"""Many accounts in one reactor: a Twisted service with one child per account."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from twisted.application.service import MultiService, Service
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.logger import Logger
from twisted.python.failure import Failure

from ..composing import build_account, check_way, connector_for
from ..errors import PadChatError
from ..interfaces import IStateStore
from ..observers import Observers
from ..secret import Secret
from ..session.account import AccountSession, Handlers
from ..session.endurance import Endurance
from ..session.pacing import Pacing
from ..session.policy import PLAIN, InboxPolicy
from ..transport.address import parse_url
from ..transport.endpoints import endpoint_for
from ..transport.proxies import Proxy
from ..transport.revision import RevisionSetting
from ..transport.tls import TLSOptions
from .control import ControlSocket

__all__ = ["PadChatService"]

_log = Logger()


class PadChatService(MultiService):
    """Runs accounts of one auth key at one gateway; each has a fate of its own.

    Add accounts before or after the start. ``stopService`` closes the sockets and
    logs nobody out.

    Args:
        reactor: runs everything.
        url: the gateway, for example ``http://127.0.0.1:7700/user``.
        auth_key: lets us use the gateway.
        store: what outlives the process, shared by all accounts; the service opens
            it at its start and closes it at its end.
        revision: of Engine.IO, in dialect ``socketio``: 3, 4, or ``"auto"`` to find
            out.
        transports: in that dialect: ``websocket``, ``polling``, or both; see
            ``connect``.
        fallback: whether the next transport is tried when one does not work.
        tls: whom to trust and who we are, where the URL is https; None for the usual.
        proxy: on the way, or its URL; None to connect directly.
        endpoint: leads to the gateway instead of one made from all these.
        endurance: what the accounts do by themselves when nobody is there.
        control: path of the socket by which ``padchat call`` uses the accounts, see
            ``socket_path``; the store's lock must guard it. None for no such socket.
        pacing: how often each account may do what others see; None for as often as it
            likes.

    Raises:
        LocalProtocolError: no such URL, way or proxy, or a file of *tls* cannot be
            used.
    """

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401 - several interfaces in one
        url: str,
        *,
        auth_key: str | Secret,
        store: IStateStore,
        revision: RevisionSetting = "auto",
        transports: tuple[str, ...] = ("websocket",),
        fallback: bool = False,
        tls: TLSOptions | None = None,
        proxy: Proxy | str | None = None,
        endpoint: IStreamClientEndpoint | None = None,
        endurance: Endurance | None = None,
        control: Path | None = None,
        pacing: Pacing | None = None,
    ) -> None:
        super().__init__()
        self._reactor = reactor
        self._address = parse_url(url)
        self._auth_key = auth_key if isinstance(auth_key, Secret) else Secret(auth_key)
        check_way(self._address, revision, transports, fallback=fallback)
        self._store = store
        self._endurance = endurance
        self._pacing = pacing
        way = endpoint or endpoint_for(reactor, self._address, tls=tls, proxy=proxy)
        self._connector_for = partial(
            connector_for,
            reactor,
            way,
            self._address,
            self._auth_key,
            revision=revision,
            transports=transports,
            fallback=fallback,
        )
        self._opening: _Opening | None = None
        self._is_open = False
        self.accounts: dict[str, AccountSession] = {}
        self._control: ControlSocket | None = None
        if control is not None:
            self._control = ControlSocket(
                reactor,
                control,
                self._address.url,
                self._auth_key.fingerprint(),
                self.accounts,
            )

    def add_account(
        self,
        name: str,
        *,
        handlers: Handlers | None = None,
        device: Mapping[str, str] | None = None,
        keeps_contacts: bool = True,
        inbox: InboxPolicy = PLAIN,
    ) -> AccountSession:
        """Add a sub-account; it starts with the service, or now when that runs.

        Args:
            name: its label under the auth key.
            handlers: called with the account, to register handlers.
            device: device data by wire name, None to have it made once and kept.
            keeps_contacts: see ``connect``.
            inbox: see ``connect``.

        Raises:
            ValueError: there is an account of that name, or one of any name where the
                dialect has one account for each auth key.
        """
        if name in self.accounts:
            raise ValueError(f"there is an account {name!r} already")
        if self.accounts and self._address.dialect != "socketio":
            raise ValueError(
                f"dialect {self._address.dialect} has one account for each auth key,"
                f" and {next(iter(self.accounts))!r} is there already"
            )
        account = build_account(
            self._reactor,
            self._connector_for(name),
            self._auth_key,
            name,
            self._store,
            handlers=handlers,
            device=device,
            dialect=self._address.dialect,
            endurance=self._endurance,
            keeps_contacts=keeps_contacts,
            inbox=inbox,
            pacing=self._pacing,
        )
        self.accounts[name] = account
        child = _AccountService(account)
        child.setName(name)
        child.setServiceParent(self)
        if self._is_open:
            child.begin()
        return account

    def startService(self) -> None:
        """Open the store, then start every account."""
        super().startService()
        self._opening = _Opening()
        opening: Deferred[None] = self._store.open()
        opening.addCallbacks(self._opened, self._not_opened).addCallback(
            self._opening.end
        )

    def stopService(self) -> Deferred[None]:
        """Close every connection in good order, then the store."""
        return Deferred.fromCoroutine(self._stop())

    def when_opened(self) -> Deferred[None]:
        """Fire when the store is open and the accounts were started.

        Raises:
            StoreError: the store cannot be used; no account was started.
            PadChatError: the service was stopped before that.
            LocalProtocolError: too many wait.
            RuntimeError: the service was not started.
        """
        if self._opening is None:
            raise RuntimeError("start the service first")
        return self._opening.wait()

    def _opened(self, _: None) -> BaseException | None:
        if not self.running:
            return PadChatError("the service was stopped before its store was open")
        self._is_open = True
        _log.info("the store is {place}", place=self._store.location())
        if self._control is not None:
            self._control.open()
        for child in self.services:
            if isinstance(child, _AccountService):
                child.begin()
        return None

    def _not_opened(self, failure: Failure) -> BaseException | None:
        if failure.check(PadChatError):
            _log.critical("no account was started: {why}", why=str(failure.value))
        else:
            _log.failure("no account was started", failure)
        return failure.value

    async def _stop(self) -> None:
        self._is_open = False
        if self._control is not None:
            await self._control.close()
        await super().stopService()
        if self._control is not None:
            self._control.drop_clients()
        await self._store.close()


class _Opening:
    """One start of the service, until its store is open."""

    def __init__(self) -> None:
        self._waiting: Observers[None] = Observers()
        self._is_over = False
        self._error: BaseException | None = None

    def wait(self) -> Deferred[None]:
        """Return what it came to, now or when it is over."""
        if not self._is_over:
            return self._waiting.wait()
        return succeed(None) if self._error is None else fail(self._error)

    def end(self, error: BaseException | None) -> None:
        """Tell all who wait."""
        self._is_over = True
        self._error = error
        if error is None:
            self._waiting.fire(None)
        else:
            self._waiting.fail(error)


class _AccountService(Service):
    """One account as a child."""

    def __init__(self, account: AccountSession) -> None:
        self._account = account
        self._is_begun = False

    def begin(self) -> None:
        """Start the account; its failure is its own."""
        if not self._is_begun:
            self._is_begun = True
            self._account.start().addErrback(self._not_started)

    def stopService(self) -> Deferred[None]:
        """Close its connection; nobody is logged out."""
        super().stopService()
        return self._account.close()

    def _not_started(self, failure: Failure) -> None:
        if failure.check(PadChatError):
            _log.critical(
                "account {account} was not started: {why}",
                account=self._account.name,
                why=str(failure.value),
            )
        else:
            _log.failure(
                "account {account} was not started",
                failure,
                account=self._account.name,
            )
        # Who waits for it shall hear that it is over.
        self._account.close()
