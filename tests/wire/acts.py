"""What the application on our side does in a replay.

It comes from what the recorded applications *observed* (``derived``); what nobody
observed is written out in ``scripted``. Nothing in here looks at a frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from padchat_twisted.wire.engineio import EIO4
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


#: The namespace that a client asks for after it was refused the first.
_SECOND_NAMESPACES = {"connect-error-middleware": "/admin", "connect-error": "/nope"}

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
        elif is_refusal(seen) and namespace not in connected:
            refused[namespace] = seen.args[0]
            if seen.event == "connect_error":
                error = dict(seen.args[0])
                refused[namespace] = {"message": error.pop("$error"), **error}
    return refused


def is_refusal(seen: Observed) -> bool:
    """Tell whether a client saw an error that its server sent."""
    if seen.side != "client" or seen.event not in ("error", "connect_error"):
        return False
    error = seen.args[0]
    is_own = isinstance(error, dict) and ("type" in error or error in _OWN_ERRORS)
    return not is_own


#: Errors that a client makes itself.
_OWN_ERRORS = ({"$error": "server error"},)


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
        case "client", "error" if is_refusal(seen):
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
    # In protocol 5 there is no "/" to show that all are left.
    left_all = False
    is_close = scenario.kind == "server-disconnect-close"
    for seen in scenario.observed:
        deed = _server_deed(seen, default)
        if isinstance(deed, SendError) and deed.namespace in refused:
            continue
        if isinstance(deed, Leave):
            # disconnect(true) leaves every namespace, "/" first, and closes.
            is_first = not left_all
            left_all = left_all or deed.namespace == "/" or is_close
            if left_all:
                if is_first:
                    yield Act(seen.after_step, seen.t, Close())
                continue
        if deed is not None:
            yield Act(seen.after_step, seen.t, deed)


def by_rule(scenario: Scenario, role: Role) -> Iterator[Act]:
    """Make what a recorded client's application did by time, and nobody observed.

    Where the descriptions say so: it asked for a second namespace after the first
    error, closed after a while, or sent what the server did not take.
    """
    if role is not Role.CLIENT or "-badserver-" in scenario.name:
        return
    errors = [seen for seen in scenario.observed if is_refusal(seen)]
    connects = [seen for seen in scenario.seen_by("client") if seen.event == "connect"]
    if scenario.kind in _SECOND_NAMESPACES:
        second = Join(_SECOND_NAMESPACES[scenario.kind])
        if scenario.name.startswith("eio4-ws-"):
            yield Act(-1, 0.0, second)
        else:
            yield Act(errors[0].after_step, errors[0].t, second)
    if "connect-error" in scenario.kind:
        last = errors[-1]
        if scenario.revision == EIO4:
            yield Act(last.after_step, last.t, Close())
        else:
            t = last.t + (0.55 if scenario.transport == "upgrade" else 0.19)
            yield Act(scenario.last_step_before(t), t, Close())
    elif scenario.kind == "max-http-buffer":
        t = connects[0].t + (0.48 if scenario.transport == "upgrade" else 0.03)
        deed = Emit("/user", ["big", "x" * 20000])
        yield Act(scenario.last_step_before(t), t, deed)
    elif scenario.kind == "reconnect-server-killed":
        first = Emit("/user", ["echo", "before"], wants_ack=True)
        yield Act(connects[0].after_step, connects[0].t, first)
        offline = Emit("/user", ["echo", "emitted while offline 离线"], wants_ack=True)
        step = max(step["i"] for step in scenario.sessions()[0])
        yield Act(step, connects[1].t, offline)


def derived(scenario: Scenario, role: Role, namespaces: tuple[str, ...]) -> list[Act]:
    """Derive from ``observed`` what our side does."""
    if role is Role.CLIENT:
        return list(client_acts(scenario, namespaces))
    return list(server_acts(scenario, namespaces[-1]))
