"""Plays every act of a pair, by every way of transport, and keeps the results."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorProcess, IReactorTCP

from .acts import ACTS, GAPS, Mismatch, Stage
from .peers import Peer, PeerError
from .sides import WAYS, Pair, start_side

#: Problems by act and way; an empty text for what went well.
Results: TypeAlias = dict[tuple[str, str], str]


async def play(
    reactor: IReactorProcess,
    pair: Pair,
    node: Callable[[], str],
    acts: tuple[str, ...] = tuple(ACTS),
    ways: tuple[str, ...] = tuple(WAYS),
) -> Results:
    """Play acts; the ways of transport go side by side.

    Args:
        reactor: runs the processes and relays.
        pair: who plays.
        node: gives the path of node.
        acts: keys of `ACTS`.
        ways: keys of `WAYS`.
    """
    client = start_side(reactor, pair.client, node)
    server = start_side(reactor, pair.server, node)
    try:
        server.send({"do": "serve", "id": "main"})
        port = (await server.when_event("listening", id="main"))["port"]
        results: Results = {}

        async def play_way(way: str) -> None:
            for act in acts:
                if (pair.server.language, act) in GAPS:
                    continue
                stage = Stage(
                    pair,
                    way,
                    IReactorTCP(reactor),
                    client,
                    server,
                    ACTS[act].__name__,
                    port,
                )
                results[act, way] = await _outcome(act, stage)

        await gatherResults([Deferred.fromCoroutine(play_way(way)) for way in ways])
        return results
    finally:
        await _stop(client)
        await _stop(server)


async def _outcome(act: str, stage: Stage) -> str:
    try:
        await ACTS[act](stage)
    except (Mismatch, PeerError) as error:
        return str(error)
    return ""


async def _stop(peer: Peer) -> None:
    try:
        await peer.stop()
    except PeerError:
        # An act has failed with it, or the next test fails too.
        return
