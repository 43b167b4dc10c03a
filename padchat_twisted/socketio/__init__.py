"""Socket.IO for any Twisted program: client and server, nothing of PadChat in it."""

from ..errors import (
    BufferFull,
    CallError,
    ConnectError,
    ConnectTimedOut,
    Disconnected,
    HandshakeRefused,
    LocalProtocolError,
    NotSent,
    OutcomeUnknown,
    PadChatError,
    RemoteProtocolError,
)
from ..transport.cors import Cors
from ..transport.proxies import Proxy
from ..transport.site import BoundedSite
from ..transport.tls import TLSOptions
from .client import Client
from .connecting import connect
from .namespace import Namespace
from .refusals import Refuse, Refused
from .server import SocketIOServer
from .server_namespace import ServerNamespace
from .sockets import Socket

__all__ = [
    "BoundedSite",
    "BufferFull",
    "CallError",
    "Client",
    "ConnectError",
    "ConnectTimedOut",
    "Cors",
    "Disconnected",
    "HandshakeRefused",
    "LocalProtocolError",
    "Namespace",
    "NotSent",
    "OutcomeUnknown",
    "PadChatError",
    "Proxy",
    "Refuse",
    "Refused",
    "RemoteProtocolError",
    "ServerNamespace",
    "Socket",
    "SocketIOServer",
    "TLSOptions",
    "connect",
]
