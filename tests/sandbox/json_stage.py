"""A client of a JSON dialect made by hand, at a gateway in memory."""

from __future__ import annotations

import json
import struct
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.json_served import NAME
from padchat_twisted.sandbox.people import Person

from ..transport.by_hand import (
    CLOSE,
    PING,
    TEXT,
    UPGRADE_REQUEST,
    close_frame,
    frame,
    read_frames,
)
from ..transport.in_memory import MemoryTransport
from .gateway_stage import GatewayStage
from .stage import KEY

#: What stands between the head of an answer and its body.
END_OF_HEAD = b"\r\n\r\n"


def _transport() -> Any:  # noqa: ANN401 - it gets a protocol, as autobahn expects
    return MemoryTransport()


class JsonClient:
    """One WebSocket; what the server sends is read as it comes.

    Args:
        stage: where the gateway is.
        path: of the URL.

    Attributes:
        head: the server's answer to the handshake.
        frames: what came and was not taken yet.
        closed_with: code of the server's close frame; 0 when it had none, None before
            it came.
        reason: text of that frame.
        pings: how many came.
    """

    def __init__(self, stage: GatewayStage, path: str) -> None:
        self._stage = stage
        self._count = 0
        self.frames: list[dict[str, Any]] = []
        self.closed_with: int | None = None
        self.reason = ""
        self.pings = 0
        self.transport = _transport()
        self.transport.protocol = stage.network.site.buildProtocol(None)  # type: ignore[arg-type] # no address is needed
        self.transport.protocol.makeConnection(self.transport)
        old_path = b"/socket.io/?EIO=3&transport=websocket"
        request = UPGRADE_REQUEST.replace(old_path, path.encode())
        self.transport.protocol.dataReceived(request)
        self.head, _, rest = self.transport.taken().partition(END_OF_HEAD)
        if self.head.startswith(b"HTTP/1.1 101 "):
            self._read(rest)

    @property
    def is_open(self) -> bool:
        """Whether the TCP connection is there."""
        return bool(self.transport.connected and not self.transport.disconnecting)

    def send_bytes(self, data: bytes) -> None:
        """Send bytes, and take what comes back."""
        self.transport.protocol.dataReceived(data)
        self.look()

    def send(self, message: object) -> None:
        """Send one JSON text."""
        text = json.dumps(message).encode()
        self.send_bytes(frame(TEXT, text, is_client=True))

    def look(self) -> None:
        """Take what came."""
        # Twice: what was called later may call something later.
        for _ in range(2):
            self._stage.clock.advance(0)
        self._read(self.transport.taken())

    def taken(self) -> list[dict[str, Any]]:
        """Take the frames that came."""
        self.look()
        frames, self.frames = self.frames, []
        return frames

    def leave(self) -> None:
        """Close, and have the server see the connection go."""
        if self.is_open:
            self.send_bytes(close_frame(1000, is_client=True))
        self.transport.disconnecting = True
        self.transport.finish(self.transport.protocol)

    def _read(self, data: bytes) -> None:
        for found in read_frames(data):
            if found.opcode == CLOSE:
                (self.closed_with,) = struct.unpack("!H", found.payload[:2] or b"\0\0")
                self.reason = found.payload[2:].decode()
            elif found.opcode == PING:
                self.pings += 1
            else:
                self.frames.append(json.loads(found.payload))


class LegacyClient(JsonClient):
    """A client of dialect ``legacy``."""

    def __init__(self, stage: GatewayStage, auth_key: str | None = None) -> None:
        super().__init__(stage, "/ws")
        if auth_key is not None:
            self.send({"code": "auth", "authKey": auth_key, "cmdId": "auth"})
            self.taken()

    def call(self, code: str | int, **data: object) -> dict[str, Any]:
        """Send a command; return its reply. Events stay in ``frames``."""
        self._count += 1
        cmd_id = f"c{self._count}"
        self.send({"code": code, "cmdId": cmd_id, "data": data})
        (reply,) = [found for found in self.frames if found.get("cmdId") == cmd_id]
        self.frames.remove(reply)
        return reply

    def events(self, name: str) -> list[dict[str, Any]]:
        """Take the events of one name; all others are forgotten."""
        return [found for found in self.taken() if found.get("event") == name]


class SdkClient(JsonClient):
    """A client of dialect ``sdk``."""

    def __init__(self, stage: GatewayStage, auth_key: str) -> None:
        super().__init__(stage, f"/{auth_key}")

    def call(self, cmd: str, **payload: object) -> dict[str, Any]:
        """Send a command; return the payload of its reply. Events stay."""
        self._count += 1
        cmd_id = str(self._count)
        self.send({"type": "user", "cmd": cmd, "cmdId": cmd_id, "payload": payload})
        (reply,) = [found for found in self.frames if found.get("cmdId") == cmd_id]
        self.frames.remove(reply)
        found: dict[str, Any] = reply["payload"]
        return found

    def events(self, name: str) -> list[dict[str, Any]]:
        """Take the payloads of the events of one name; all others are forgotten."""
        return [
            found["payload"] for found in self.taken() if found.get("event") == name
        ]

    def named(self) -> list[str]:
        """Take the names of the events that came."""
        return [found["event"] for found in self.taken()]


class JsonCase(SynchronousTestCase):
    """Has a gateway that knows one key."""

    def setUp(self) -> None:
        """Build it; at the end nothing of it must be left."""
        self.stage = GatewayStage(auth_keys=[KEY])
        self.alice = self.stage.world.person("alice")
        self.addCleanup(self._check_end)

    def _check_end(self) -> None:
        self.stage.gateway.stop()
        self.stage.flush()
        self.assertEqual(self.stage.clock.getDelayedCalls(), [])
        self.assertEqual(self.flushLoggedErrors(), [])

    def own_user(self) -> Person:
        """Return who scans the account's codes."""
        return self.stage.world.account(NAME).own_user

    def confirm(self) -> None:
        """Scan and confirm the code that is shown."""
        user = self.own_user()
        user.scan(NAME)
        user.confirm(NAME)
