"""The differences between the two JSON dialects, in one table.

The canonical form inside our program is that of the dialect ``socketio``: names of
commands, parameters and events, and camelCase keys. What is not in the table is
spelled as there.

Source: commands.toml (``wire.*``, ``numeric_code``), events.toml (``wire``),
dialects.md, 3 and 8, open-questions.md, Q38, Q40, Q46.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

__all__ = ["LEGACY", "SDK", "Differences", "JsonDialect"]

JsonDialect = Literal["legacy", "sdk"]


#: Device parameters of ``init``.
_DEVICE = ("deviceName", "deviceUuid", "deviceWifiName", "deviceWifiMac")


class Differences(Struct, frozen=True):
    """How one dialect spells what the canonical form spells otherwise.

    Args:
        name: of the dialect.
        codes: wire name of a command by canonical name.
        numbers: canonical name by the number of 2017.
        params: wire name of a parameter by canonical name, by command.
        accepted_params: canonical name of a parameter by other wire names that a
            server takes, by command.
        results: wire name of a field of ``data`` by canonical name.
        events: wire name of an event by canonical name.
        defaults: what is sent for parameters that are not given, by command.
        without: parameters that it does not have, by command.
    """

    name: JsonDialect
    codes: Mapping[str, str]
    numbers: Mapping[int, str]
    params: Mapping[str, Mapping[str, str]]
    accepted_params: Mapping[str, Mapping[str, str]]
    results: Mapping[str, str]
    events: Mapping[str, str]
    defaults: Mapping[str, Mapping[str, object]]
    without: Mapping[str, tuple[str, ...]]

    def code(self, wire_name: str) -> str:
        """Return the canonical name of a command."""
        for canonical, name in self.codes.items():
            if name == wire_name:
                return canonical
        return wire_name

    def event(self, wire_name: str) -> str:
        """Return the canonical name of an event."""
        for canonical, name in self.events.items():
            if name == wire_name:
                return canonical
        return wire_name

    def touches(self, code: str) -> bool:
        """Whether parameters of a command are spelled in a way of their own."""
        tables = (self.params, self.defaults, self.without)
        return any(code in table for table in tables)

    def wire_params(self, code: str, params: dict[str, object]) -> dict[str, object]:
        """Spell the parameters of a command as the dialect does."""
        names = self.params.get(code, {})
        gone = self.without.get(code, ())
        spelled = {
            names.get(name, name): value
            for name, value in params.items()
            if name not in gone
        }
        for name, value in self.defaults.get(code, {}).items():
            spelled.setdefault(name, value)
        return spelled

    def canonical_params(
        self, code: str, params: dict[str, object]
    ) -> dict[str, object]:
        """Spell the parameters of a command canonically."""
        names = {wire: name for name, wire in self.params.get(code, {}).items()}
        names.update(self.accepted_params.get(code, {}))
        return {names.get(name, name): value for name, value in params.items()}


#: Source: dialects.md, 1 and 8; the numbers are those of December 2017.
LEGACY = Differences(
    name="legacy",
    codes={"init": "connect", "close": "disconnect"},
    numbers={
        100: "auth",
        101: "login",
        102: "logout",
        103: "sendMsg",
        104: "sendAppMsg",
        105: "deleteRoomMember",
        106: "getContact",
        107: "acceptUser",
        108: "inviteRoomMember",
        109: "sendImage",
        110: "createRoom",
        111: "addContact",
    },
    params={"createRoom": {"userList": "userIds"}},
    accepted_params={},
    results={},
    events={"close": "disconnect", "warn": "error"},
    defaults={},
    without={"init": ("deviceData",)},
)

#: Source: dialects.md, 3; padchat-sdk 0.6.3, index.js.
SDK = Differences(
    name="sdk",
    codes={
        "getDeviceInfo": "getWxData",
        "getAutoLoginData": "getLoginToken",
        "snsObjectOp": "snsobjectOp",
    },
    numbers={},
    params={
        "login": {"deviceData": "wxData"},
        "sendImage": {"image": "file"},
        "setHeadImg": {"image": "file"},
        "snsUpload": {"image": "file"},
    },
    accepted_params={"createRoom": {"userIds": "userList"}},
    results={"deviceData": "wxData"},
    events={"close": "over"},
    defaults={
        "login": {"wxData": None},
        "snsObjectOp": {"commentId": 0, "commentType": 2},
    },
    without={"init": (*_DEVICE, "deviceData")},
)
