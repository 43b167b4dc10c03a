"""Connections with the settings of a recorded client or server."""

from __future__ import annotations

from typing import Any

from padchat_twisted.wire import engineio
from padchat_twisted.wire.engineio import EIO3, EIO4, Revision
from padchat_twisted.wire.engineio_connection import EngineIOConnection
from padchat_twisted.wire.limits import MAX_FRAME_BYTES
from padchat_twisted.wire.told import Role

from .recorded import Scenario, open_packet

#: Largest body of servers of 4.x that were not told otherwise (bytes).
DEFAULT_MAX_PAYLOAD = 1_000_000


def is_of_4(recording: Scenario) -> bool:
    """Tell whether the recorded server is of socket.io 4.x."""
    return recording.server.startswith("socket.io@4")


def revisions(recording: Scenario) -> frozenset[Revision]:
    """Return what the recorded server speaks."""
    if not is_of_4(recording):
        return frozenset({EIO3})
    is_both = recording.server_options.get("allowEIO3", False)
    return frozenset({EIO3, EIO4}) if is_both else frozenset({EIO4})


def transports(recording: Scenario) -> tuple[str, ...]:
    """Return what the recorded server offers."""
    offered = recording.server_options.get("transports", ("polling", "websocket"))
    return tuple(offered)


def engine(
    recording: Scenario,
    role: Role,
    steps: list[dict[str, Any]],
    query: list[tuple[str, str]],
) -> EngineIOConnection:
    """Make our connection for a session with these steps."""
    if role is Role.CLIENT:
        options = recording.client_options
        return EngineIOConnection(
            Role.CLIENT,
            revision=recording.revision,
            transports=tuple(options.get("transports", ("websocket",))),
            query=tuple(query),
        )
    return _server_engine(recording, steps)


def _server_engine(
    recording: Scenario, steps: list[dict[str, Any]]
) -> EngineIOConnection:
    options = recording.server_options
    limit = options.get("maxHttpBufferSize")
    is_old = recording.server.startswith(("socket.io@2.0", "socket.io@1"))
    default_timeout = 60000 if is_old else 20000
    handshake = engineio.Handshake(
        # Only the id, which is chance; what else it says is ours.
        open_packet(steps).get("sid", "sid"),
        (),
        options.get("pingInterval", 25000),
        options.get("pingTimeout", default_timeout),
        (limit or DEFAULT_MAX_PAYLOAD) if is_of_4(recording) else None,
    )
    offered = transports(recording)
    if not options.get("allowUpgrades", True):
        offered = offered[:1]
    return EngineIOConnection(
        Role.SERVER,
        revision=engineio.revision_of(dict(steps[0].get("query", ()))),
        transports=offered,
        handshake=handshake,
        max_frame=limit or MAX_FRAME_BYTES,
        upgrade_timeout=options.get("upgradeTimeout", 10000) / 1000,
    )
