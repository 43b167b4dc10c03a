"""Area messages: the numbers that say of which kind a pushed item is."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["AppType", "MessageType"]


class MessageType(IntEnum):
    """Kind of a pushed item.

    Where an item has type 5 with a type below it, that one counts, in every dialect.

    Source: messages.toml, [[message_type]]; open-questions.md, Q61.
    """

    ERROR = -1
    STATUS = 0
    TEXT = 1
    CONTACT = 2
    IMAGE = 3
    WRAPPER = 5
    VOICE = 34
    AVATAR = 35
    FRIEND_REQUEST = 37
    POSSIBLE_FRIEND = 40
    CARD = 42
    VIDEO = 43
    EMOTICON = 47
    LOCATION = 48
    APP = 49
    VOIP = 50
    STATUS_NOTIFY = 51
    VOIP_NOTIFY = 52
    VOIP_INVITE = 53
    SHORT_VIDEO = 62
    SELF_PROFILE = 101
    TRANSFER = 2000
    RED_PACKET = 2001
    SYNC_MARKER = 2048
    ROOM_INVITE = 3000
    SYS_NOTICE = 9999
    SYSTEM = 10000
    SYSMSG = 10002
    SYNC_END = 32768


class AppType(IntEnum):
    """Kind of an app message: the element ``type`` of its XML.

    Source: messages.toml, [[app_type]]. ``QUOTE`` is newer than the tables: WeChat's
    clients have written it since 2019 for an answer to a message.
    """

    TEXT = 1
    IMAGE = 2
    AUDIO = 3
    VIDEO = 4
    LINK = 5
    FILE = 6
    OPEN = 7
    EMOJI = 8
    VOICE_REMINDER = 9
    SCAN_GOODS = 10
    GOODS = 13
    EMOTION = 15
    COUPON = 16
    LIVE_LOCATION = 17
    CHAT_HISTORY = 19
    MINI_PROGRAM = 33
    MINI_PROGRAM_2 = 36
    QUOTE = 57
    TRANSFER = 2000
    RED_PACKET = 2001
    READER = 100001
