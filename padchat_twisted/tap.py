"""``twistd padchat``: the accounts of a configuration file as a daemon."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twisted.application.service import IService, IServiceCollection, MultiService
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.python.usage import Options as TwistedOptions
from twisted.python.usage import UsageError

from .errors import ConfigurationError
from .service.accounts import PadChatService
from .service.codes import STYLES, terminal_of_process, watch_codes
from .service.config import (
    AccountConfiguration,
    Configuration,
    load_configuration,
)
from .service.garbage import leave_alone_what_stays
from .service.logs import redact_log_of_twistd
from .service.sockets import socket_path
from .service.stall import StallWatch
from .service.terminal import QRTerminal
from .session.account import AccountSession, Handlers
from .store import SQLiteStore

__all__ = ["Options", "makeService"]

_log = Logger()


class Options(TwistedOptions):
    """The command line of ``twistd padchat``."""

    synopsis = "--config FILE [options]"
    longdesc = "Runs the PadChat accounts of a TOML file; check it by `padchat check`."
    optParameters = [  # noqa: RUF012 - Twisted's spelling
        ["config", "c", None, "The configuration file (TOML)."],
        ["qr", None, "blocks", "How QR codes are drawn: blocks, inverted or ascii."],
    ]

    def postOptions(self) -> None:
        """Look at the options together.

        Raises:
            UsageError: no configuration is named, or an unknown style.
        """
        if not self["config"]:
            raise UsageError("name the configuration file: --config padchat.toml")
        if self["qr"] not in STYLES:
            raise UsageError(f"--qr is one of {', '.join(STYLES)}, not {self['qr']}")


def makeService(options: Options) -> IService:
    """Build the service from its command line.

    Raises:
        SystemExit: the configuration has problems; twistd prints all of them.
    """
    from twisted.internet import reactor

    try:
        configuration = load_configuration(Path(options["config"]), os.environ)
    except ConfigurationError as error:
        # A UsageError is not expected here: twistd would print a traceback.
        raise SystemExit(str(error)) from None
    # A daemon loses its terminal, but not before this is called. On Windows twistd
    # has no such option, and makes none.
    twistd: Mapping[str, object] = options.parent or {}
    is_daemon = not twistd.get("nodaemon", True)
    terminal = terminal_of_process(
        reactor,
        configuration.store_path.parent / "qrcodes",
        options["qr"],
        is_daemon=is_daemon,
    )
    return _Service(reactor, configuration, terminal, twistd)


class _Service(MultiService):
    """The accounts, and the end of the process when the store cannot be used."""

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401 - several interfaces in one
        configuration: Configuration,
        terminal: QRTerminal,
        twistd: Mapping[str, object],
    ) -> None:
        super().__init__()
        self._reactor = reactor
        self._terminal = terminal
        self._twistd = twistd
        self._accounts = PadChatService(
            reactor,
            configuration.gateway.url,
            auth_key=configuration.gateway.auth_key,
            store=SQLiteStore(
                reactor, configuration.store_path, configuration.store_keys
            ),
            revision=configuration.gateway.revision,
            transports=configuration.gateway.transports,
            fallback=configuration.gateway.fallback,
            tls=configuration.gateway.tls,
            proxy=configuration.gateway.proxy,
            endurance=configuration.endurance,
            control=socket_path(configuration.store_path),
            pacing=configuration.pacing,
        )
        self._accounts.setServiceParent(self)
        if configuration.stall_seconds is not None:
            watch = StallWatch(reactor, configuration.stall_seconds)
            watch.setServiceParent(self)
        for account in configuration.accounts:
            self._add(account)

    def setServiceParent(self, parent: IServiceCollection) -> None:
        """Join twistd's application, and have its log redacted."""
        redact_log_of_twistd(parent, self._twistd)
        super().setServiceParent(parent)

    def startService(self) -> None:
        """Start the accounts; without a store there is nothing to do."""
        leave_alone_what_stays()
        super().startService()
        self._accounts.when_opened().addErrback(self._give_up)

    def _add(self, account: AccountConfiguration) -> None:
        try:
            self._accounts.add_account(
                account.name,
                handlers=self._with_codes(account.handlers),
                device=account.device,
                keeps_contacts=account.keeps_contacts,
                inbox=account.inbox,
            )
        except Exception:
            # What registers its handlers is the user's: it may raise anything.
            _log.failure(
                "account {account} is left out: its handlers were not registered",
                account=account.name,
            )

    def _with_codes(self, handlers: Handlers) -> Handlers:
        def both(account: AccountSession) -> None:
            watch_codes(account, self._terminal)
            handlers(account)

        return both

    def _give_up(self, failure: Failure) -> None:
        print(f"padchat: {failure.value}", file=sys.__stderr__)
        # twistd ends with status 0 after reactor.stop(), and as the signal says after
        # a signal: who started it shall see that it failed.
        self._reactor.callWhenRunning(signal.raise_signal, signal.SIGTERM)
