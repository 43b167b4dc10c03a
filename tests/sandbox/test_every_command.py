"""Every command in every dialect that has it, over real sockets.

Each scene has a fresh world, a sandbox gateway on a real port, and a client of ours: an
account that is logged in, or for commands of the login a connection without a session.
"""

from __future__ import annotations

from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from padchat_twisted.catalogue import (
    COMMANDS,
    DIALECTS,
    Close,
    Command,
    Dialect,
)
from padchat_twisted.client import connect
from padchat_twisted.errors import CallRejected
from padchat_twisted.sandbox.binding import State
from padchat_twisted.sandbox.service import SandboxService
from padchat_twisted.sandbox.settings import WorldSettings
from padchat_twisted.session.account import AccountSession
from tests.scenes import SCENES, Cast, Scene, differences

from .typed_client import TypedClient

KEY = "KEY-0001"
OTHER_KEY = "KEY-0002"

#: Label of the account that a key has in every dialect.
NAME = "0"


class Caller(Protocol):
    """What sends typed commands: an account, or a connection without one."""

    def call(self, command: Command[Any]) -> Any:  # noqa: ANN401 - to be awaited
        """Send a command."""


class Playing:
    """One scene in one dialect.

    Args:
        reactor: runs it.
        dialect: what is spoken.
        code: canonical name of the command.
    """

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401 - several interfaces in one
        dialect: Dialect,
        code: str,
    ) -> None:
        self._reactor = reactor
        self._dialect = dialect
        self._code = code
        self._sandbox = SandboxService(reactor, port=0, auto_scan=True)
        self._sandbox.world.settings = WorldSettings(auto_scan_seconds=0.0)
        self._account: AccountSession | None = None
        self._clients: list[TypedClient] = []

    async def play(self) -> int:
        """Play it; return how many calls were answered.

        Raises:
            AssertionError: what came is not as the scene says.
        """
        self._sandbox.startService()
        try:
            return await self._play()
        finally:
            for client in self._clients:
                client.stop()
            if self._account is not None:
                await self._account.close()
            await self._sandbox.stopService()

    async def _play(self) -> int:
        caller: Caller = await self._log_in()
        account = self._sandbox.world.account(NAME, auth_key=KEY)
        scene = SCENES[self._code](Cast(self._sandbox.world, account, self._dialect))
        if scene.at is not State.LOGGED_IN:
            # So that the task is over too.
            await caller.call(Close())
            caller = await self._other(KEY, scene.at)
        result = await caller.call(scene.command)
        problems = differences(scene.expected, result, self._dialect)
        assert not problems, "; ".join(problems)
        if scene.check is not None:
            scene.check()
        if scene.refused is None:
            return 1
        if scene.refused_at is not None:
            caller = await self._other(OTHER_KEY, scene.refused_at)
        await self._be_refused(caller, scene, scene.refused)
        return 2

    async def _log_in(self) -> AccountSession:
        self._account = await connect(self._reactor, self._url, auth_key=KEY, name=NAME)
        await self._account.when_ready()
        return self._account

    async def _other(self, key: str, state: State) -> TypedClient:
        client = TypedClient(self._reactor, self._url, key)
        self._clients.append(client)
        await client.connect()
        await client.become(state)
        return client

    @property
    def _url(self) -> str:
        if self._dialect == "socketio":
            return self._sandbox.url
        return self._sandbox.other_urls[self._dialect].removesuffix("/AUTH_KEY")

    async def _be_refused(
        self, caller: Caller, scene: Scene, command: Command[Any]
    ) -> None:
        """Have a call refused, with the scene's text and status."""
        try:
            result = await caller.call(command)
        except CallRejected as rejected:
            assert not scene.is_success, f"refused without success: {rejected}"
            message, status = rejected.message, rejected.status
        else:
            assert scene.is_success, "it was not refused"
            message, status = getattr(result, "message", ""), result.raw.get("status")
        assert scene.because in f"{message}", f"because of {message!r}"
        if scene.status is not None:
            assert status == scene.status, f"status {status}"


class EveryCommandTests(TestCase):
    """The scenes, one after the other."""

    timeout = 120

    async def play_all(self, dialect: Dialect) -> None:
        """Play the scene of each command that *dialect* has."""
        from twisted.internet import reactor

        problems, calls = [], 0
        codes = [code for code, kind in COMMANDS.items() if dialect in kind.dialects]
        for code in codes:
            playing = Playing(reactor, dialect, code)
            try:
                calls += await Deferred.fromCoroutine(playing.play())
            except KeyError:
                problems.append(f"{code}: it has no scene")
            except Exception as error:  # whatever it is, the others are played too
                problems.append(f"{code}: {type(error).__name__}: {error}")
        if problems:
            self.fail("\n".join(problems))
        print(f"{dialect}: {len(codes)} commands, {calls} calls answered as expected")

    async def test_legacy(self) -> None:
        """The dialect ``legacy``."""
        await self.play_all("legacy")

    async def test_socketio(self) -> None:
        """The dialect ``socketio``."""
        await self.play_all("socketio")

    async def test_sdk(self) -> None:
        """The dialect ``sdk``."""
        await self.play_all("sdk")

    def test_all_dialects(self) -> None:
        """Each dialect has its test."""
        for dialect in DIALECTS:
            self.assertTrue(hasattr(self, f"test_{dialect}"))
