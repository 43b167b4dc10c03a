"""What the application on our side does in a replay.

It comes from what the recorded applications *observed* (``derived``); what nobody
observed is written out in ``scripted``. Nothing in here looks at a frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from padchat_twisted.wire.told import Role

from .recorded import Observed, Scenario


@dataclass(frozen=True)
class Join:
    """As a client, ask for a namespace."""

    namespace: str


@dataclass(frozen=True)
class Emit:
    """Send an event; the ack id is counted by us, as the recorded side did."""

    namespace: str
    arguments: list[Any]
    wants_ack: bool = False
    is_volatile: bool = False


@dataclass(frozen=True)
class Acknowledge:
    """Answer an event.

    Args:
        arguments: of the answer.
        ack_id: of the event; None is the one that waits longest.
    """

    arguments: list[Any]
    ack_id: int | None = None


@dataclass(frozen=True)
class SendError:
    """As a server, send an ERROR packet to a namespace that is joined."""

    namespace: str
    content: Any


@dataclass(frozen=True)
class Leave:
    """Leave one namespace."""

    namespace: str


@dataclass(frozen=True)
class Close:
    """Leave all namespaces and close."""


@dataclass(frozen=True)
class SetWritable:
    """The transport takes bytes, or takes none."""

    writable: bool


@dataclass(frozen=True)
class Forget:
    """Give up waiting for the answer to a call of ours."""

    ack_id: int


Deed = Join | Emit | Acknowledge | SendError | Leave | Close | SetWritable | Forget


@dataclass(frozen=True)
class Act:
    """A deed and its moment.

    Args:
        after_step: number of the last recorded step before it; -1 is the start.
        t: seconds.
        deed: what is done.
    """

    after_step: int
    t: float
    deed: Deed


def refusals(scenario: Scenario, default: str) -> dict[str, Any]:
    """Return the namespaces that the recorded server refused, with the content.

    Args:
        scenario: what is replayed.
        default: the namespace of what was observed without one.
    """
    connected: set[str] = set()
    refused: dict[str, Any] = {}
    for seen in scenario.seen_by("client"):
        namespace = seen.namespace or default
        if seen.event == "connect":
            connected.add(namespace)
        elif seen.event == "error" and namespace not in connected:
            refused[namespace] = seen.args[0]
    return refused


def _event(seen: Observed) -> Emit:
    event = seen.args[0]
    return Emit(event["nsp"], event["data"], wants_ack="id" in event)


def _client_deed(seen: Observed, joined: set[str], default: str) -> Deed | None:
    match seen.side, seen.event:
        case "server", "event":
            return _event(seen)
        case "server", "ack":
            return Acknowledge(seen.args[0])
        case "server", "connection" if seen.namespace not in joined:
            assert seen.namespace is not None
            return Join(seen.namespace)
        case "client", "disconnect" if seen.args == ["io client disconnect"]:
            return Leave(seen.namespace or default)
    return None


def _server_deed(seen: Observed, default: str) -> Deed | None:
    match seen.side, seen.event:
        case "client", "event":
            return _event(seen)
        case "client", "ack":
            return Acknowledge(seen.args[0])
        case "client", "result":
            # The reference client hands on the first argument of an answer only,
            # with the name of the command before it.
            return Acknowledge(seen.args[-1:])
        case "client", "error":
            return SendError(seen.namespace or default, seen.args[0])
        case "server", "disconnect":
            if seen.args[0]["reason"] == "server namespace disconnect":
                assert seen.namespace is not None
                return Leave(seen.namespace)
    return None


def client_acts(scenario: Scenario, namespaces: tuple[str, ...]) -> Iterator[Act]:
    """Derive what the recorded client's application did.

    Args:
        scenario: what is replayed.
        namespaces: those that it asks for at the start.
    """
    for namespace in namespaces:
        yield Act(-1, 0.0, Join(namespace))
    # A server's "/" is there unasked.
    joined = {"/", *namespaces}
    for seen in scenario.observed:
        deed = _client_deed(seen, joined, namespaces[-1])
        if deed is None:
            continue
        if isinstance(deed, Leave):
            joined.discard(deed.namespace)
        elif isinstance(deed, Join):
            joined.add(deed.namespace)
        yield Act(seen.after_step, seen.t, deed)


def server_acts(scenario: Scenario, default: str) -> Iterator[Act]:
    """Derive what the recorded server's application did.

    Args:
        scenario: what is replayed.
        default: the namespace of what was observed without one.
    """
    refused = refusals(scenario, default)
    left_all = False
    for seen in scenario.observed:
        deed = _server_deed(seen, default)
        if isinstance(deed, SendError) and deed.namespace in refused:
            continue
        if isinstance(deed, Leave):
            # disconnect(true) leaves every namespace, "/" first, and closes.
            left_all = left_all or deed.namespace == "/"
            if left_all:
                if deed.namespace == "/":
                    yield Act(seen.after_step, seen.t, Close())
                continue
        if deed is not None:
            yield Act(seen.after_step, seen.t, deed)


def derived(scenario: Scenario, role: Role, namespaces: tuple[str, ...]) -> list[Act]:
    """Derive from ``observed`` what our side does."""
    if role is Role.CLIENT:
        return list(client_acts(scenario, namespaces))
    return list(server_acts(scenario, namespaces[-1]))
