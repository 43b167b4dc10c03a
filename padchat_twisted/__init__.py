"""PadChat for Twisted: many WeChat accounts in one reactor, and a sandbox gateway.

Importing this package installs no reactor and opens nothing.
"""

from __future__ import annotations

from .catalogue import (
    Close,
    Command,
    Contact,
    ContactInfo,
    Event,
    GetAutoLoginData,
    GetContact,
    GetDeviceInfo,
    GetMsgImage,
    GetRoomMembers,
    Image,
    ImageMessage,
    Loaded,
    LoginEvent,
    LogoutEvent,
    Message,
    QRCode,
    Scan,
    SendImage,
    SendMsg,
    SyncContact,
    SystemMessage,
    TextMessage,
    UnknownEvent,
    UnknownItem,
    Warn,
)
from .client import PadChatClientFactory, connect
from .errors import (
    CallRejected,
    ConnectError,
    NeedsHuman,
    NotSent,
    OutcomeUnknown,
    PadChatError,
)
from .secret import Secret
from .service.accounts import PadChatService
from .session.account import AccountSession, StateChanged
from .store import MemoryStore, SQLiteStore
from .transport.tls import TLSOptions

__all__ = [
    "AccountSession",
    "CallRejected",
    "Close",
    "Command",
    "ConnectError",
    "Contact",
    "ContactInfo",
    "Event",
    "GetAutoLoginData",
    "GetContact",
    "GetDeviceInfo",
    "GetMsgImage",
    "GetRoomMembers",
    "Image",
    "ImageMessage",
    "Loaded",
    "LoginEvent",
    "LogoutEvent",
    "MemoryStore",
    "Message",
    "NeedsHuman",
    "NotSent",
    "OutcomeUnknown",
    "PadChatClientFactory",
    "PadChatError",
    "PadChatService",
    "QRCode",
    "SQLiteStore",
    "Scan",
    "Secret",
    "SendImage",
    "SendMsg",
    "StateChanged",
    "SyncContact",
    "SystemMessage",
    "TLSOptions",
    "TextMessage",
    "UnknownEvent",
    "UnknownItem",
    "Warn",
    "connect",
]
