"""The sandbox gateway on a real port, for peers in other processes to use.

`open_sandbox` is the only place of this folder that knows how the gateway is put
together. It accepts `AUTH_KEY` and `OTHER_KEY`, and no other key.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import (
    IListeningPort,
    IReactorTCP,
    IReactorTime,
)
from twisted.trial.unittest import TestCase
from twisted.web.server import Site

from padchat_twisted.sandbox.server import SandboxGateway
from padchat_twisted.sandbox.world import World

from .peers import AUTH_KEY, real_reactor

#: An authorisation key for accounts beside those of `AUTH_KEY`.
OTHER_KEY = "other-key"

KEYS = (AUTH_KEY, OTHER_KEY)


@dataclass
class Sandbox:
    """The sandbox gateway, listening on 127.0.0.1.

    Args:
        world: the pretend WeChat behind it, which outlives the gateway.
        open_gateway: makes a gateway for that world.
    """

    world: World
    open_gateway: Callable[[], SandboxGateway]
    port: int = 0
    _listening: IListeningPort | None = field(default=None, init=False)
    _gateway: SandboxGateway | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """What a client connects to: the path is the namespace."""
        return f"http://127.0.0.1:{self.port}/user"

    def back(self) -> None:
        """Listen, on the same port as before if there was one."""
        reactor = cast(IReactorTCP, real_reactor())
        self._gateway = self.open_gateway()
        site = Site(self._gateway.resource())
        self._listening = reactor.listenTCP(
            self.port,
            site,  # type: ignore[arg-type]  # a ServerFactory of HTTP channels
            interface="127.0.0.1",
        )
        self.port = cast(IPv4Address, self._listening.getHost()).port

    async def gone(self) -> None:
        """Close the port and every connection, without a word to the clients."""
        if self._listening is not None and self._gateway is not None:
            await maybeDeferred(self._listening.stopListening)
            await self._gateway.stop()
            self._listening = None


def open_sandbox() -> Sandbox:
    """Start the sandbox gateway on a free port, until it is told to be gone."""
    clock = IReactorTime(real_reactor())
    world = World(clock=clock.seconds, random_hex=secrets.token_hex)
    sandbox = Sandbox(world, lambda: SandboxGateway(clock, world, auth_keys=KEYS))
    sandbox.back()
    return sandbox


def start_sandbox(test: TestCase) -> Sandbox:
    """Start the sandbox gateway on a free port, until the test ends.

    Args:
        test: whose clean-up stops it.
    """
    sandbox = open_sandbox()
    test.addCleanup(lambda: Deferred.fromCoroutine(sandbox.gone()))
    return sandbox
