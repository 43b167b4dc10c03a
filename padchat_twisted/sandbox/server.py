"""The sandbox gateway: a real server of dialect ``socketio`` before a pretend WeChat.

One port serves the gateway (``/socket.io/``, namespace ``/user``) and the pages that
its QR codes and avatars lead to.
"""

from __future__ import annotations

import base64
import io
import secrets
from collections.abc import Collection, Sequence

import segno
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.web.resource import IResource, Resource

from ..catalogue import decode_command
from ..errors import LocalProtocolError, PadChatError, RemoteProtocolError
from ..transport.driver import Driver
from ..transport.resource import SocketIOResource
from ..wire import json_text
from ..wire.dialect_socketio import (
    DEFAULT_NAMESPACE,
    notice_body,
    reply_body,
    translate_call,
)
from ..wire.envelope import Call
from ..wire.limits import MAX_FRAME_BYTES
from ..wire.occurrences import NamespaceLeft, NamespaceRequested, SocketOccurrence
from ..wire.socketio_connection import SocketIOConnection
from .binding import Binding
from .pages import CodePage, HeadPage, StartPage
from .people import Refused
from .responders import respond
from .world import World

__all__ = ["INVALID_KEY", "SandboxGateway", "qr_picture"]

#: What a client with a wrong key is told. Source: dialects.md, 2; *our choice*.
INVALID_KEY = "authKey is not valid"

#: What a client is told that asks for another namespace.
#: Source: vector eio3-ws-connect-error-unknown-namespace.
INVALID_NAMESPACE = "Invalid namespace"

#: Pixels of a module of a QR picture, as large as the real ones.
QR_SCALE = 6

#: Random bytes in the id of a connection: hard to guess.
SID_BYTES = 15

_log = Logger()


def qr_picture(content: str) -> str:
    """Draw a QR code.

    Args:
        content: what the code holds.

    Returns:
        Base64 of a PNG file.
    """
    picture = io.BytesIO()
    segno.make(content, error="m").save(picture, kind="png", scale=QR_SCALE, border=4)
    return base64.b64encode(picture.getvalue()).decode("ascii")


class SandboxGateway:
    """The gateway over one world.

    Args:
        clock: for the world's deadlines and the heartbeats.
        world: the pretend WeChat.
        auth_keys: keys that are accepted; None accepts every key.
        ping_interval_ms: how often clients ping.
        ping_timeout_ms: how long a pong may take.
        max_frame: largest message accepted (bytes).
    """

    def __init__(
        self,
        clock: IReactorTime,
        world: World,
        *,
        auth_keys: Collection[str] | None = None,
        ping_interval_ms: int = 25000,
        ping_timeout_ms: int = 20000,
        max_frame: int = MAX_FRAME_BYTES,
    ) -> None:
        self.clock = clock
        self.world = world
        self._auth_keys = None if auth_keys is None else frozenset(auth_keys)
        self._timer: IDelayedCall | None = None
        self._is_stopped = False
        self._sockets = SocketIOResource(
            clock,
            lambda query: _Client(self, query),
            new_sid=lambda: secrets.token_urlsafe(SID_BYTES),
            ping_interval_ms=ping_interval_ms,
            ping_timeout_ms=ping_timeout_ms,
            max_frame=max_frame,
        )

    def resource(self) -> IResource:
        """Return the root of a site that serves the gateway and its pages."""
        root = Resource()
        root.putChild(b"", StartPage())
        root.putChild(b"socket.io", self._sockets)
        root.putChild(b"x", CodePage(self.world))
        root.putChild(b"head", HeadPage())
        self.look_at_time()
        return root

    def stop(self) -> Deferred[None]:
        """Drop every connection, as a gateway that goes away; tasks go on."""
        self._is_stopped = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._sockets.drop_all()
        return succeed(None)

    def drop_clients(self) -> None:
        """Drop every connection, and go on serving."""
        self._sockets.drop_all()

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


class _Client:
    """One client of the gateway."""

    def __init__(self, gateway: SandboxGateway, query: dict[str, str]) -> None:
        self._gateway = gateway
        self._query = query
        self._binding: Binding | None = None
        self._waking: IDelayedCall | None = None

    def begin(self, driver: Driver, connection: SocketIOConnection) -> None:
        """Take the connection."""
        self._driver = driver
        self._connection = connection

    def occurred(self, occurrences: Sequence[SocketOccurrence]) -> None:
        """Do what the client asks for."""
        for occurrence in occurrences:
            if isinstance(occurrence, NamespaceRequested):
                self._requested(occurrence)
            elif isinstance(occurrence, NamespaceLeft):
                if occurrence.namespace == DEFAULT_NAMESPACE:
                    self._detach()
            elif occurrence.namespace == DEFAULT_NAMESPACE:
                call = translate_call(occurrence)
                if call is not None and self._binding is not None:
                    self._called(call, self._binding)

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """The connection is over; the task goes on."""
        self._detach()
        if self._waking is not None:
            self._waking.cancel()
            self._waking = None

    def _requested(self, request: NamespaceRequested) -> None:
        namespace = request.namespace
        if namespace == DEFAULT_NAMESPACE:
            query = {**self._query, **dict(request.query)}
            auth_key = query.get("authKey", "")
            if not self._gateway.accepts(auth_key):
                self._connection.refuse(namespace, json_text.write(INVALID_KEY))
                return
            try:
                self._binding = self._gateway.world.attach(
                    auth_key, query.get("name", "0"), self._wake
                )
            except Refused as refused:
                self._connection.refuse(namespace, json_text.write(str(refused)))
                return
        elif namespace != "/":
            self._connection.refuse(namespace, json_text.write(INVALID_NAMESPACE))
            return
        self._connection.accept(namespace)

    def _called(self, call: Call, binding: Binding) -> None:
        try:
            params = decode_command(call)
        except ValueError:
            self._driver.fail(
                RemoteProtocolError("padchat", "a command that cannot be read")
            )
            return
        reply = respond(binding, call.code, params)
        if call.call_id is not None:
            body = reply_body(
                {"success": reply.success, "msg": reply.msg, "data": reply.data}
            )
            try:
                self._connection.acknowledge(DEFAULT_NAMESPACE, call.call_id, body)
            except LocalProtocolError:
                self._drop()
        self._send_notices()
        self._gateway.look_at_time()

    def _wake(self) -> None:
        if self._waking is None:
            self._waking = self._gateway.clock.callLater(0, self._awake)

    def _awake(self) -> None:
        self._waking = None
        self._send_notices()
        self._driver.turn()
        self._gateway.look_at_time()

    def _send_notices(self) -> None:
        binding = self._binding
        if binding is None:
            return
        try:
            for notice in binding.take_notices():
                body = notice_body(notice.event, *_with_picture(notice.args))
                self._connection.emit(DEFAULT_NAMESPACE, body)
        except LocalProtocolError:
            self._drop()
            return
        if binding.is_over:
            self._binding = None
            self._driver.close()

    def _drop(self) -> None:
        """Drop a client that does not read; messages are pushed again later."""
        _log.info("a client of the sandbox was dropped: it does not read")
        self._detach()
        self._driver.drop()

    def _detach(self) -> None:
        binding, self._binding = self._binding, None
        if binding is not None:
            binding.detach()


def _with_picture(args: tuple[object, ...]) -> tuple[object, ...]:
    """Put the picture of a code into the place of its content."""
    first = args[0] if args else None
    if isinstance(first, dict) and "qrCode" in first:
        return ({**first, "qrCode": qr_picture(str(first["qrCode"]))}, *args[1:])
    return args
