"""Two real proxies, small: CONNECT and SOCKS5.

They know names under ``.invalid``, which nobody else can look up.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from .way import reactor


class _Relay(Protocol):
    """The far half of a tunnel."""

    def __init__(self, near: TunnelServer) -> None:
        self._near = near

    def dataReceived(self, data: bytes) -> None:
        self._near.transport.write(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._near.transport.loseConnection()


class TunnelServer(Protocol):
    """A proxy's side of one connection; its kinds read the question.

    Args:
        proxy: the whole proxy.
    """

    transport: Any

    def __init__(self, proxy: ProxyServer) -> None:
        self.proxy = proxy
        self.data = b""
        self._far: _Relay | None = None

    def dataReceived(self, data: bytes) -> None:
        """Read the question, then pass everything on."""
        if self._far is not None:
            assert self._far.transport is not None
            self._far.transport.write(data)
            return
        self.data += data
        self.read()

    def read(self) -> None:
        """Read the question."""
        raise NotImplementedError

    def open_tunnel(self, target: str, answer: bytes, failed: bytes) -> None:
        """Connect to what stands for *target*, then answer."""
        self.proxy.targets.append(target)
        port = self.proxy.ports.get(target)
        if port is None:
            self.end(failed)
            return
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", port)
        connecting = endpoint.connect(Factory.forProtocol(lambda: _Relay(self)))

        def connected(far: Any) -> None:  # noqa: ANN401 - a _Relay
            self._far = far
            self.transport.write(answer)

        connecting.addCallbacks(connected, lambda _: self.end(failed))

    def end(self, answer: bytes) -> None:
        """Answer, and close."""
        self.transport.write(answer)
        self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Close the far half too."""
        if self._far is not None and self._far.transport is not None:
            self._far.transport.loseConnection()


class ConnectServer(TunnelServer):
    """The method CONNECT."""

    def read(self) -> None:
        """Read the head."""
        head, end, _ = self.data.partition(b"\r\n\r\n")
        if not end:
            return
        first, *lines = head.decode("ascii").split("\r\n")
        method, target, version = first.split(" ")
        assert (method, version) == ("CONNECT", "HTTP/1.1")
        assert f"Host: {target}" in lines
        if self.proxy.credentials is not None:
            pair = b64encode(":".join(self.proxy.credentials).encode()).decode()
            if f"Proxy-Authorization: Basic {pair}" not in lines:
                self.end(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\nbody")
                return
        self.open_tunnel(
            target,
            b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n",
            b"HTTP/1.0 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
        )


class SOCKSServer(TunnelServer):
    """SOCKS5, by hand. Source: RFC 1928 and 1929."""

    def __init__(self, proxy: ProxyServer) -> None:
        super().__init__(proxy)
        self.step = self.methods

    def read(self) -> None:
        """Read the next message."""
        self.step()

    def methods(self) -> None:
        """Choose a method."""
        wanted = 0 if self.proxy.credentials is None else 2
        if len(self.data) < 2 or len(self.data) < 2 + self.data[1]:
            return
        assert self.data[0] == 5
        if wanted not in self.data[2 : 2 + self.data[1]]:
            self.end(b"\x05\xff")
            return
        self.data = self.data[2 + self.data[1] :]
        self.step = self.command if wanted == 0 else self.password
        self.transport.write(bytes([5, wanted]))

    def password(self) -> None:
        """Look at the password."""
        assert self.proxy.credentials is not None
        user, password = (part.encode() for part in self.proxy.credentials)
        right = b"\x01%c%b%c%b" % (len(user), user, len(password), password)
        if self.data != right:
            self.end(b"\x01\x01")
            return
        self.data = b""
        self.step = self.command
        self.transport.write(b"\x01\x00")

    def command(self) -> None:
        """Read host and port."""
        assert self.data[:3] == b"\x05\x01\x00"
        if self.data[3] == 1:
            host = str(ip_address(self.data[4:8]))
        elif self.data[3] == 4:
            host = f"[{ip_address(self.data[4:20])}]"
        else:
            host = self.data[5:-2].decode("ascii")
        port = int.from_bytes(self.data[-2:], "big")
        nowhere = b"\x00\x01\x00\x00\x00\x00\x00\x00"
        self.open_tunnel(
            f"{host}:{port}",
            b"\x05\x00\x00\x03\x04test\x12\x34",
            b"\x05\x04" + nowhere,
        )


class ProxyServer(Factory):
    """A proxy.

    Args:
        kind: of its connections.
        ports: of this machine, by the ``host:port`` that they stand for.
        credentials: user name and password that it wants.
    """

    noisy = False

    def __init__(
        self,
        kind: Callable[[ProxyServer], TunnelServer],
        ports: dict[str, int],
        credentials: tuple[str, str] | None = None,
    ) -> None:
        self._kind = kind
        self.ports = ports
        self.credentials = credentials
        self.targets: list[str] = []

    def buildProtocol(self, addr: object) -> TunnelServer:
        """Build one connection."""
        return self._kind(self)
