"""The sandbox gateway: a real server of all three dialects before a pretend WeChat.

What is behind it is an ``IWorld``, of which ``world`` has the one that is here.

One port serves them, and the pages that its QR codes and avatars lead to::

    /socket.io/   dialect socketio, namespace /user, over polling and WebSocket
    /ws           dialect legacy
    /AUTH_KEY     dialect sdk

Source: dialects.md; which place is whose is *our choice* where they share a port.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.web.resource import IResource

from ..transport.driver import Driver
from ..transport.json_sockets import JsonSockets
from ..transport.resource import SocketIOResource
from ..wire import json_text
from ..wire.dialect_socketio import (
    DEFAULT_NAMESPACE,
    notice_body,
    reply_body,
    translate_call,
)
from ..wire.engineio import EIO3, EIO4
from ..wire.limits import MAX_FRAME_BYTES
from ..wire.occurrences import NamespaceLeft, NamespaceRequested, SocketOccurrence
from ..wire.socketio_connection import SocketIOConnection
from .faults.served import Faulty
from .faults.trouble import Plan, Trouble
from .interfaces import IWorld, WorldNotice, WorldReply
from .json_pages import LegacyPage, RootPage
from .pages import CodePage, HeadPage, StartPage
from .pictures import qr_picture
from .refusals import Refused
from .served import INVALID_KEY, Served

__all__ = ["INVALID_KEY", "SandboxGateway", "qr_picture"]

#: What a client is told that asks for another namespace.
#: Source: vector eio3-ws-connect-error-unknown-namespace.
INVALID_NAMESPACE = "Invalid namespace"

#: Random bytes in the id of a connection: hard to guess.
SID_BYTES = 15


class SandboxGateway:
    """The gateway over one world.

    Args:
        clock: for the world's deadlines and the heartbeats.
        world: what is behind it.
        auth_keys: keys that are accepted; None accepts every key.
        ping_interval_ms: how often clients ping.
        ping_timeout_ms: how long a pong may take.
        max_frame: largest message accepted (bytes).
        scenario: what goes wrong: a scenario, the name or file of one, or chaos.

    Attributes:
        trouble: the faults of the scenario, None without one.

    Raises:
        UnknownScenario: there is no scenario of that name.
        ScenarioMistakes: it cannot be played.
    """

    def __init__(
        self,
        clock: IReactorTime,
        world: IWorld,
        *,
        auth_keys: Collection[str] | None = None,
        ping_interval_ms: int = 25000,
        ping_timeout_ms: int = 20000,
        max_frame: int = MAX_FRAME_BYTES,
        scenario: Plan | None = None,
    ) -> None:
        self.clock = clock
        self.world = world
        self._auth_keys = None if auth_keys is None else frozenset(auth_keys)
        self._timer: IDelayedCall | None = None
        self._is_stopped = False
        self.trouble: Trouble | None = None
        serve: Callable[[SandboxGateway, dict[str, str]], _ServedSocketIO]
        serve = _ServedSocketIO
        if scenario is not None:
            self.trouble = Trouble(clock, scenario, self.drop_clients)
            serve = _FaultySocketIO
        self._sockets = SocketIOResource(
            clock,
            lambda first: serve(self, first.query),
            new_sid=_new_sid,
            ping_interval_ms=ping_interval_ms,
            ping_timeout_ms=ping_timeout_ms,
            max_frame=max_frame,
            revisions=frozenset({EIO3, EIO4}),
        )
        self._json_sockets = JsonSockets(clock, max_frame=max_frame)
        self._max_frame = max_frame

    def resource(self) -> IResource:
        """Return the root of a site that serves the gateway and its pages."""
        root = RootPage(self, self._json_sockets, self._max_frame)
        root.putChild(b"", StartPage())
        root.putChild(b"socket.io", self._sockets)
        root.putChild(b"ws", LegacyPage(self, self._json_sockets, self._max_frame))
        root.putChild(b"x", CodePage(self.world))
        root.putChild(b"head", HeadPage())
        self.look_at_time()
        return root if self.trouble is None else self.trouble.guard(root)

    def stop(self) -> Deferred[None]:
        """Drop every connection, as a gateway that goes away; tasks go on."""
        self._is_stopped = True
        if self.trouble is not None:
            self.trouble.stop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.drop_clients()
        return succeed(None)

    def drop_clients(self) -> None:
        """Drop every connection, and go on serving."""
        self._sockets.drop_all()
        self._json_sockets.drop_all()

    def accepts(self, auth_key: str) -> bool:
        """Tell whether a key is accepted; an empty one never is."""
        if self._auth_keys is None:
            return bool(auth_key)
        return any(
            secrets.compare_digest(auth_key.encode(), key.encode())
            for key in self._auth_keys
        )

    def look_at_time(self) -> None:
        """Set the timer to the world's next deadline."""
        deadline = None if self._is_stopped else self.world.next_deadline()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if deadline is not None:
            delay = max(0.0, deadline - self.clock.seconds())
            self._timer = self.clock.callLater(delay, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.world.tick()
        self.look_at_time()


class _ServedSocketIO(Served):
    """One client of dialect ``socketio``."""

    def __init__(self, gateway: SandboxGateway, query: dict[str, str]) -> None:
        super().__init__(gateway)
        self._query = query

    def begin(self, driver: Driver, connection: SocketIOConnection) -> None:
        """Take the connection."""
        self.driver = driver
        self._connection = connection

    def occurred(self, occurrences: Sequence[SocketOccurrence]) -> None:
        """Do what the client asks for."""
        for occurrence in occurrences:
            if isinstance(occurrence, NamespaceRequested):
                self._requested(occurrence)
            elif isinstance(occurrence, NamespaceLeft):
                if occurrence.namespace == DEFAULT_NAMESPACE:
                    self.detach()
            elif occurrence.namespace == DEFAULT_NAMESPACE:
                call = translate_call(occurrence)
                if call is not None and self.binding is not None:
                    self.called(call, self.binding)

    def reply(self, call_id: int, reply: WorldReply) -> None:
        """Send an acknowledgement."""
        body = reply_body(
            {"success": reply.success, "msg": reply.msg, "data": reply.data}
        )
        self._connection.acknowledge(DEFAULT_NAMESPACE, call_id, body)

    def notify(self, notice: WorldNotice) -> None:
        """Send an event."""
        if notice.event != "autoLogin":
            body = notice_body(notice.event, *_with_picture(notice.args))
            self._connection.emit(DEFAULT_NAMESPACE, body)

    def _requested(self, request: NamespaceRequested) -> None:
        problem = ""
        if request.namespace == DEFAULT_NAMESPACE:
            query = {**self._query, **dict(request.query)}
            problem = self._let_in(query.get("authKey", ""), query.get("name", "0"))
        elif request.namespace != "/":
            problem = INVALID_NAMESPACE
        is_old = self._connection.protocol == 4
        if problem:
            said = problem if is_old else {"message": problem}
            self._connection.refuse(request.namespace, json_text.write(said))
        else:
            sid = "" if is_old else _new_sid()
            self._connection.accept(request.namespace, sid)

    def _let_in(self, auth_key: str, name: str) -> str:
        """Take hold of the sub-account; return why not, or nothing."""
        if not self.gateway.accepts(auth_key):
            return INVALID_KEY
        try:
            self.bind(auth_key, name)
        except Refused as refused:
            return str(refused)
        return ""


class _FaultySocketIO(Faulty, _ServedSocketIO):
    """One client of dialect ``socketio``, with faults."""


def _new_sid() -> str:
    return secrets.token_urlsafe(SID_BYTES)


def _with_picture(args: tuple[object, ...]) -> tuple[object, ...]:
    """Put the picture of a code into the place of its content."""
    first = args[0] if args else None
    if isinstance(first, dict) and "qrCode" in first:
        return ({**first, "qrCode": qr_picture(str(first["qrCode"]))}, *args[1:])
    return args
