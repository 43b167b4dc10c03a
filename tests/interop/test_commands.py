"""Every command, called by the JavaScript clients that bots used, at the sandbox."""

from __future__ import annotations

from typing import TypeVar

from twisted.trial.unittest import TestCase

from padchat_twisted.catalogue import COMMANDS

from .callers import METHODS, NO_COMMANDS, Caller, SdkCaller, SocketIOCaller
from .command_table import PLACES, command_table
from .commands import play_commands
from .peers import PATIENCE, real_reactor, require_node

C = TypeVar("C", bound=Caller)


class CommandTests(TestCase):
    """What each client gets is what its documentation promises."""

    timeout = 5 * PATIENCE

    def start(self, kind: type[C]) -> C:
        """Start a client until the test ends."""
        caller = kind(real_reactor(), lambda: require_node(self))
        self.addCleanup(caller.peer.stop)
        return caller

    async def check(self, kind: type[Caller]) -> None:
        """Call every command; name what is not as promised."""
        rows = await play_commands(self.start(kind))
        problems = [f"{row.code}: {fault}" for row in rows for fault in row.faults]
        self.assertEqual(problems, [], "\n".join(problems))
        place = PLACES[kind.dialect]
        self.assertEqual(place.written(), place.holding(command_table(rows)))

    async def test_padchat_sdk(self) -> None:
        """The package padchat-sdk 0.6.3, by its own methods."""
        await self.check(SdkCaller)

    async def test_socketio_client(self) -> None:
        """The package socket.io-client 2.5.0, as PADCHAT's client uses it."""
        await self.check(SocketIOCaller)

    async def test_methods(self) -> None:
        """Every method of padchat-sdk that sends a command is called."""
        caller = self.start(SdkCaller)
        told = await caller.describe()
        called = {method for method, *_ in METHODS.values()}
        self.assertEqual(set(told["methods"]), called | set(NO_COMMANDS))
        documented = set(told["documentation"])
        self.assertEqual(documented - set(told["methods"]), set())
        self.assertEqual(called - documented, {"heartBeat", "closePush", "dumpWxuser"})

    def test_commands_of_the_dialect(self) -> None:
        """Every command that dialect sdk has is called by a method."""
        codes = {
            code
            for code, kind in COMMANDS.items()
            if SdkCaller.dialect in kind.dialects
        }
        self.assertEqual(codes, set(METHODS))
