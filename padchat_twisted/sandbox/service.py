"""The sandbox gateway as a Twisted service: port, state file, people."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from ..errors import PadChatError, quoted
from ..transport.site import BoundedSite
from ..wire import json_text
from .accounts import Account
from .faults.trouble import Plan
from .people import Person
from .refusals import Refused
from .saved import SavedWorldDamaged
from .server import SandboxGateway
from .world import World

__all__ = [
    "DEFAULT_PORT",
    "Conversation",
    "SandboxService",
    "SandboxStateError",
    "port_number",
]

#: The port of `padchat sandbox` when none is named.
DEFAULT_PORT = 7700

#: The largest number of a TCP port.
MAX_PORT = 65535

#: What a line begins with that is typed to scan a code.
SCAN = "/scan "

#: How often a changed world is written to its file (seconds).
SAVE_SECONDS = 1.0

#: Largest state file read (bytes): ten thousand accounts with their devices fit.
MAX_STATE_BYTES = 64 * 1024 * 1024

_log = Logger()


def port_number(text: str) -> int:
    """Read the number of a TCP port off a command line.

    Raises:
        ValueError: it is none; the text says what one is.
    """
    if text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= MAX_PORT:
        return int(text)
    raise ValueError(f"a port is a number from 0 to {MAX_PORT}, not {quoted(text)!r}")


class SandboxStateError(PadChatError):
    """The state file of the sandbox cannot be used; it was left alone."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(path, problem)
        self.path = path
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


class SandboxService(Service):
    """Listens, and keeps the world in a file.

    Args:
        reactor: runs everything.
        host: address to listen on.
        port: TCP port, 0 for a free one.
        auth_keys: keys that are accepted; None accepts every key.
        auto_scan: whether codes are scanned and confirmed by themselves.
        state_path: file that keeps tokens, people and rooms over a restart; None
            for a world that ends with the process.
        scenario: what goes wrong: a scenario, the name or file of one, or chaos.

    Raises:
        SandboxStateError: the state file cannot be used.
        UnknownScenario: there is no scenario of that name.
        ScenarioMistakes: it cannot be played.
    """

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401 - several interfaces in one
        *,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        auth_keys: Collection[str] | None = None,
        auto_scan: bool = False,
        state_path: Path | None = None,
        scenario: Plan | None = None,
    ) -> None:
        self._reactor = reactor
        self._host = host
        self._port = port
        self._state_path = None if state_path is None else state_path.absolute()
        self._listening: IListeningPort | None = None
        self.world = _load(self._state_path, reactor.seconds)
        self.world.auto_scan = auto_scan
        self.gateway = SandboxGateway(
            reactor, self.world, auth_keys=auth_keys, scenario=scenario
        )
        self._saved_changes = self.world.changes
        self._saving = LoopingCall(self._save)
        self._saving.clock = reactor

    @property
    def url(self) -> str:
        """What clients connect to; the port is known after the start."""
        return f"http://{self._place}/user"

    @property
    def other_urls(self) -> dict[str, str]:
        """What clients of the other dialects connect to, by dialect.

        In ``sdk`` the auth key stands in the path, which our own client does itself.
        """
        return {
            "legacy": f"ws://{self._place}/ws",
            "sdk": f"ws://{self._place}/AUTH_KEY",
        }

    @property
    def _place(self) -> str:
        return f"{self._host}:{self._port}"

    def startService(self) -> None:
        """Listen.

        Raises:
            CannotListenError: the port is taken.
        """
        super().startService()
        site = BoundedSite(self.gateway.resource(), reactor=self._reactor)
        site.noisy = False
        listening = self._reactor.listenTCP(self._port, site, interface=self._host)
        self._listening = listening
        self._port = listening.getHost().port
        self.world.base_url = f"http://{self._place}"
        _log.info("the sandbox gateway listens on {url}", url=self.url)
        for dialect, url in self.other_urls.items():
            _log.info("dialect {dialect}: {url}", dialect=dialect, url=url)
        if self.gateway.trouble is not None:
            _log.info("it plays {told}", told=self.gateway.trouble.told)
        if self._state_path is not None:
            self._saving.start(SAVE_SECONDS)

    def stopService(self) -> Deferred[None]:
        """Stop listening, drop the clients, write the world."""
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        await maybeDeferred(super().stopService)
        if self._listening is not None:
            await maybeDeferred(self._listening.stopListening)
            self._listening = None
        await self.gateway.stop()
        if self._saving.running:
            self._saving.stop()
            self._save()

    def _save(self) -> None:
        path = self._state_path
        changes = self.world.changes
        if path is None or changes == self._saved_changes:
            return
        try:
            _write(path, json_text.write(self.world.dump()))
        except OSError as error:
            _log.error(
                "the state of the sandbox was not written to {path}: {why}",
                path=str(path),
                why=str(error),
            )
        else:
            self._saved_changes = changes


class Conversation:
    """One pretend person who talks to every account; for demonstrations.

    Args:
        world: where they live.
        name: the person.
        show: writes a line of the conversation for a person to read.
    """

    def __init__(self, world: World, name: str, show: Callable[[str], None]) -> None:
        self._world = world
        self._show = show
        self.person: Person = world.person(name)

    def accounts(self) -> list[Account]:
        """The accounts that are logged in."""
        return [
            account for account in self._world.accounts.values() if account.is_logged_in
        ]

    def typed(self, line: str) -> None:
        """Do what was typed: ``/scan NAME``, or else say it."""
        if line.startswith(SCAN):
            self.scan(line.removeprefix(SCAN).strip())
        else:
            self.say(line)

    def scan(self, name: str) -> None:
        """Scan and confirm the code that account *name* shows, as its own user.

        Accounts of several auth keys may have that name: all that show a code are
        meant. In the dialects that know no names it is ``0``.
        """
        showing = [x.account for x in self._world.logins if x.name == name]
        try:
            for account in showing or [self._world.account(name)]:
                account.own_user.scan(account)
                account.own_user.confirm(account)
        except Refused as refused:
            self._show(f"not scanned: {refused}")

    def say(self, text: str) -> None:
        """Say something to every account that is logged in."""
        accounts = self.accounts()
        if not accounts:
            self._show("nobody is logged in yet")
        for account in accounts:
            try:
                self.person.says(text, to=account)
            except Refused as refused:
                self._show(f"not said to {account.name}: {refused}")


def _load(path: Path | None, clock: Callable[[], float]) -> World:
    random_hex = secrets.token_hex
    if path is None or not path.exists():
        return World(clock=clock, random_hex=random_hex)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_STATE_BYTES + 1)
    except OSError as error:
        raise SandboxStateError(path, f"it cannot be read: {error.strerror}") from error
    try:
        if len(content) > MAX_STATE_BYTES:
            raise SavedWorldDamaged(f"it has more than {MAX_STATE_BYTES} bytes")
        return World.load(json_text.read(content), clock=clock, random_hex=random_hex)
    except SavedWorldDamaged as error:
        raise SandboxStateError(path, str(error)) from error
    except ValueError as error:
        problem = SavedWorldDamaged(f"it is not JSON ({error})")
        raise SandboxStateError(path, str(problem)) from error


def _write(path: Path, content: bytes) -> None:
    """Replace a file in one step; only its owner can read it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
