"""What must outlive the process: logins, seen message ids, keys of sends."""

from .looking import StoredAccount, look
from .memory import MemoryStore
from .sql import SQLiteStore
from .values import MAX_SEEN_MESSAGE_IDS

__all__ = [
    "MAX_SEEN_MESSAGE_IDS",
    "MemoryStore",
    "SQLiteStore",
    "StoredAccount",
    "look",
]
