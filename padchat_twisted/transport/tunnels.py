"""Tunnels through the proxies: HTTP CONNECT and SOCKS5.

Each leads to host and port by name: the proxy looks the name up, we never do. Source:
RFC 9110, 9.3.6 (CONNECT); RFC 1928 and 1929 (SOCKS5 and its passwords).
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.interfaces import (
    IProtocol,
    IProtocolFactory,
    IReactorTime,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from ..errors import ConnectError, ConnectTimedOut, LocalProtocolError, quoted
from .address import place
from .gates import Gate, GateFactory, ascii_name
from .proxies import Proxy

if TYPE_CHECKING:
    import socksio
    from socksio import socks5
else:
    try:
        import socksio
        from socksio import socks5
    except ImportError:  # the extra "socks"
        socksio = socks5 = None

__all__ = ["ProxyEndpoint"]

#: Time for the proxy to reach the gateway (seconds): it looks up the name and connects,
#: as we would. Less than the time for the whole way, so that the error names the hop.
PROXY_TIMEOUT = 10.0

#: Largest head of a CONNECT answer (bytes): as much as Node's HTTP client takes.
MAX_PROXY_HEAD_BYTES = 16 * 1024

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})(?: |$)")

# What can be done about a status of a proxy.
_STATUS_REMEDIES = {
    403: "its rules forbid this host or port; ask whoever runs it",
    405: "it may allow CONNECT to port 443 alone; use https, or another proxy",
    407: "it wants a user name and a password, or others than these",
    502: "it did not reach the gateway; are host and port right?",
    503: "it did not reach the gateway; are host and port right?",
    504: "it did not reach the gateway; are host and port right?",
}

# What a SOCKS5 proxy answers with. Source: RFC 1928, 6.
_SOCKS_REPLIES = {
    1: "a failure that it does not explain",
    2: "that its rules do not allow this host or port",
    3: "that the gateway's network cannot be reached from there",
    4: "that the gateway cannot be found or reached from there",
    5: "that the gateway refused the connection; are host and port right?",
    6: "that the gateway is too many hops away",
    7: "that it cannot connect for others",
    8: "that it does not take this kind of address",
}


class _Tunnel(Gate):
    """Asks a proxy for a tunnel.

    Args:
        factory: builds the protocol that is wanted.
        proxy: whom we ask.
        host: where to, in ASCII.
        port: where to.
        where: the gateway, for errors.
    """

    def __init__(
        self, factory: IProtocolFactory, proxy: Proxy, host: str, port: int, where: str
    ) -> None:
        super().__init__(factory)
        self._proxy = proxy
        self._host = host
        self._port = port
        self._where = where
        self._received = b""

    def dataReceived(self, data: bytes) -> None:
        """Put the answer together, and read it."""
        self._received += data
        self.read()

    def read(self) -> None:
        """Read what is there of the answer."""
        raise NotImplementedError

    def write(self, data: bytes) -> None:
        """Send something to the proxy."""
        assert self.transport is not None  # noqa: S101 - we are connected
        self.transport.write(data)

    def fail(self, problem: str) -> None:
        """Refuse: *problem* goes on after the words ``the proxy PLACE``."""
        self.refuse(self._error(problem))

    def lost(self, reason: Failure = connectionDone) -> Exception:
        """Say that the proxy went away."""
        after = "in the middle of its answer" if self._received else "without an answer"
        return self._error(f"closed the connection {after}; is it such a proxy?")

    def _error(self, problem: str) -> ConnectError:
        text = f"the proxy {self._proxy.place} {problem}"
        return ConnectError(self._where, text, hop="proxy")


class _HTTPTunnel(_Tunnel):
    """The method CONNECT.

    ::

        > CONNECT gateway.example:443 HTTP/1.1
        > Host: gateway.example:443
        > Proxy-Authorization: Basic dXNlcjpwYXNzd29yZA==
        < HTTP/1.1 200 Connection established
    """

    def connectionMade(self) -> None:
        """Ask for the tunnel."""
        target = place(self._host, self._port)
        head = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if self._proxy.user is not None:
            head.append(f"Proxy-Authorization: Basic {self._basic()}")
        self.write("\r\n".join([*head, "", ""]).encode("ascii"))

    def read(self) -> None:
        """Wait for the end of the head; a tunnel has no body."""
        received = self._received
        line, line_end, _ = received.partition(b"\r\n")
        # Do not wait for the end of something that does not begin like an answer.
        expected = b"HTTP/1."[: len(line)]
        found = _STATUS_LINE.match(line)
        if not line.startswith(expected) or (line_end and found is None):
            self.fail("does not answer in HTTP; is it a socks5 proxy?")
            return
        end = received.find(b"\r\n\r\n")
        if end < 0 and len(received) < MAX_PROXY_HEAD_BYTES:
            return
        if end < 0 or end > MAX_PROXY_HEAD_BYTES:
            self.fail(f"answers with a head of more than {MAX_PROXY_HEAD_BYTES} bytes")
            return
        assert found is not None  # noqa: S101 - a head that ends has a first line
        status = int(found[1])
        if 200 <= status < 300:
            self.pass_on(received[end + 4 :])
            return
        remedy = _STATUS_REMEDIES.get(status, "it opens no tunnel")
        said = quoted(self._hide(line.decode("latin-1")))
        self.fail(f"answered {said!r}: {remedy}")

    def _basic(self) -> str:
        user, password = self._proxy.user, self._proxy.password
        if user is None or password is None:
            return ""
        pair = f"{user.reveal()}:{password.reveal()}"
        return b64encode(pair.encode()).decode("ascii")

    def _hide(self, text: str) -> str:
        """Take out what a proxy may repeat of the credentials."""
        password = self._proxy.password
        for form in (self._basic(), password.reveal() if password else ""):
            text = text.replace(form, "***") if form else text
        return text


class _SOCKSTunnel(_Tunnel):
    """SOCKS5; the messages are socksio's, their lengths are read here.

    ::

        > 05 01 02                    we can give a password (00: we need not)
        < 05 02                       then do
        > 01 .. user .. password
        < 01 00                       that is right
        > 05 01 00 03 .. name port    connect
        < 05 00 00 01 address port    done
    """

    def connectionMade(self) -> None:
        """Say how we can identify ourselves."""
        methods = [socks5.SOCKS5AuthMethod.NO_AUTH_REQUIRED]
        if self._proxy.user is not None:
            methods.append(socks5.SOCKS5AuthMethod.USERNAME_PASSWORD)
        self._codec = socks5.SOCKS5Connection()
        self._send(socks5.SOCKS5AuthMethodsRequest(methods))

    def read(self) -> None:
        """Read whole messages, and answer them."""
        while not self.is_decided and (length := self._length()):
            message, self._received = self._received[:length], self._received[length:]
            try:
                reply = self._codec.receive_data(message)
            except socksio.ProtocolError:
                self._fail_strange()
            else:
                self._answer(reply)

    def _answer(
        self,
        reply: socks5.SOCKS5AuthReply
        | socks5.SOCKS5UsernamePasswordReply
        | socks5.SOCKS5Reply,
    ) -> None:
        user, password = self._proxy.user, self._proxy.password
        method = socks5.SOCKS5AuthMethod
        if isinstance(reply, socks5.SOCKS5Reply):
            code = reply.reply_code.value[0]
            if code == 0:
                self.pass_on(self._received)
            else:
                self.fail(f"answered {_SOCKS_REPLIES[code]}")
        elif isinstance(reply, socks5.SOCKS5UsernamePasswordReply):
            if reply.success:
                self._connect()
            else:
                self.fail("does not accept this user name and password")
        elif reply.method == method.NO_AUTH_REQUIRED:
            self._connect()
        elif reply.method == method.USERNAME_PASSWORD and user and password:
            self._send(
                socks5.SOCKS5UsernamePasswordRequest(
                    user.reveal().encode(), password.reveal().encode()
                )
            )
        elif user is None:
            self.fail("wants to know who we are; give it a user name and a password")
        else:
            self.fail("takes no user name and password, but wants to know who we are")

    def _connect(self) -> None:
        self._send(
            socks5.SOCKS5CommandRequest.from_address(
                socks5.SOCKS5Command.CONNECT, (self._host, self._port)
            )
        )

    def _send(self, request: object) -> None:
        self._codec.send(request)
        self.write(self._codec.data_to_send())

    def _length(self) -> int:
        """Return how long the message is that begins what was received; 0 for later."""
        received, state = self._received, self._codec.state
        length = 2
        is_password = state == socks5.SOCKS5State.SERVER_VERIFY_USERNAME_PASSWORD
        if received and received[0] != (1 if is_password else 5):
            self._fail_strange()
        elif state == socks5.SOCKS5State.CLIENT_AUTHENTICATED:
            if len(received) < 5:
                return 0
            kind = socks5.SOCKS5AType
            lengths = {
                kind.IPV4_ADDRESS.value: 10,
                kind.IPV6_ADDRESS.value: 22,
                kind.DOMAIN_NAME.value: 7 + received[4],
            }
            length = lengths.get(received[3:4], 0)
            if length == 0:
                self._fail_strange()
        return length if len(received) >= length and not self.is_decided else 0

    def _fail_strange(self) -> None:
        self.fail("does not answer in SOCKS5; is it an http proxy?")


@implementer(IStreamClientEndpoint)
class ProxyEndpoint:
    """Leads through a proxy; connected means that its tunnel is open.

    Args:
        reactor: for time.
        endpoint: leads to the proxy.
        proxy: whom to ask.
        host: name or address of the gateway; never looked up here.
        port: its TCP port.
        where: the gateway, for errors.

    Raises:
        LocalProtocolError: no such host name, or the package for SOCKS5 is missing.
    """

    def __init__(
        self,
        reactor: IReactorTime,
        endpoint: IStreamClientEndpoint,
        proxy: Proxy,
        host: str,
        port: int,
        where: str,
    ) -> None:
        if proxy.kind == "socks5" and socksio is None:
            raise LocalProtocolError(
                "a socks5 proxy needs the package socksio; run"
                " pip install 'padchat-twisted[socks]'"
            )
        self._reactor = reactor
        self._endpoint = endpoint
        self._proxy = proxy
        self._host = ascii_name(host)
        self._port = port
        self._where = where

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect to the proxy, and have it open a tunnel.

        Raises:
            ConnectError: it failed; says at which hop and why.
        """
        return Deferred.fromCoroutine(self._connect(factory))

    async def _connect(self, factory: IProtocolFactory) -> IProtocol:
        kind = _SOCKSTunnel if self._proxy.kind == "socks5" else _HTTPTunnel
        gate = kind(factory, self._proxy, self._host, self._port, self._where)
        await self._endpoint.connect(GateFactory(gate))
        try:
            return await gate.when_passed().addTimeout(PROXY_TIMEOUT, self._reactor)
        except TimeoutError:
            raise ConnectTimedOut(
                self._where,
                f"the proxy {self._proxy.place} opened no tunnel in"
                f" {PROXY_TIMEOUT:g} s; does it reach the gateway?",
                hop="proxy",
            ) from None
