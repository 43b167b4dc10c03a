"""Verbs in processes of their own, and a port that is taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import Factory, Protocol

from padchat_twisted.verbs.process import FAILED
from tests.children import PADCHAT, STDERR, Child, start_child
from tests.service.stage import StageCase, real_reactor

__all__ = ["ChildCase", "Silent", "listen", "port_of"]


class ChildCase(StageCase):
    """Runs verbs in a folder of the test."""

    timeout = 120

    def padchat(
        self,
        *arguments: str,
        environ: Mapping[str, str] | None = None,
        descriptors: Mapping[int, str | int] | None = None,
    ) -> Child:
        """Run a verb."""
        return start_child(
            self,
            PADCHAT,
            *arguments,
            folder=self.folder,
            environ=environ,
            descriptors=descriptors,
        )

    async def complaint(self, *arguments: str, status: int = FAILED) -> str:
        """Run a verb that must fail with one line; return it."""
        child = self.padchat(*arguments)
        self.assertEqual(await child.when_ended(), status, child.said(STDERR))
        (line,) = child.lines(STDERR)
        self.assertTrue(line.startswith("padchat: "), line)
        return line.removeprefix("padchat: ")


class Silent(Protocol):
    """Accepts a connection, and says nothing."""


def listen(protocol: type[Protocol]) -> IListeningPort:
    """Listen on a free port of this machine."""
    factory = Factory.forProtocol(protocol)
    return cast(
        IListeningPort, real_reactor().listenTCP(0, factory, interface="127.0.0.1")
    )


def port_of(listening: IListeningPort) -> int:
    """Return the number of a port."""
    return cast(IPv4Address, listening.getHost()).port
