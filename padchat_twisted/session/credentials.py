"""Device data and login token of one account, in memory and in the store."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping

from twisted.logger import Logger

from ..catalogue import AutoLoginData, DeviceInfo, Init
from ..errors import LocalProtocolError
from ..interfaces import AccountKey, IStateStore
from ..redaction import KNOWN, KnownSecrets

__all__ = ["DEVICE_FIELDS", "Credentials", "make_device"]

_log = Logger()

#: The fields of device data by wire name; ``deviceData`` is learnt from the gateway.
DEVICE_FIELDS = (
    "deviceName",
    "deviceUuid",
    "deviceWifiName",
    "deviceWifiMac",
    "deviceData",
)

#: A MAC address that nobody's hardware has: the bit for "locally administered".
#: Source: IEEE 802, "Universal vs. Local".
LOCAL_MAC = 0x02


def make_device() -> dict[str, str]:
    """Make the device data of a new account; it is kept for good.

    Source: PADCHAT demo.js makes name, UUID, Wi-Fi name and MAC at random.
    """
    octets = bytes((LOCAL_MAC,)) + secrets.token_bytes(5)
    return {
        "deviceName": f"{secrets.token_hex(2)} iPad",
        "deviceUuid": str(uuid.uuid4()).upper(),
        "deviceWifiName": f"wifi-{secrets.token_hex(3)}",
        "deviceWifiMac": ":".join(f"{octet:02X}" for octet in octets),
    }


class Credentials:
    """What lets an account in without a scan.

    Args:
        key: under what it is stored.
        store: where.
        device: device data from the configuration, by wire name; None to have it
            made once.
        known: told what must not be logged.
    """

    __slots__ = (
        "_device",
        "_given",
        "_key",
        "_known",
        "_store",
        "_stored_login",
        "login_token",
        "user_name",
    )

    def __init__(
        self,
        key: AccountKey,
        store: IStateStore,
        device: Mapping[str, str] | None,
        known: KnownSecrets = KNOWN,
    ) -> None:
        self._key = key
        self._store = store
        self._given = None if device is None else dict(device)
        self._device: dict[str, str] = {}
        self._stored_login: tuple[str | None, str] = (None, "")
        self._known = known
        self.login_token: str | None = None
        self.user_name = ""

    async def load(self) -> None:
        """Read what is stored; make and store device data when there is none.

        Raises:
            StoreError: the store cannot be read or written, or another account has
                this device data.
            LocalProtocolError: the given device data lacks a field.
        """
        record = await self._store.load(self._key)
        stored = None
        if record is not None:
            stored = record.device
            self.login_token = record.login_token
            self.user_name = record.user_name
            self._stored_login = (record.login_token, record.user_name)
        if self._given is not None:
            missing = [name for name in DEVICE_FIELDS[:4] if not self._given.get(name)]
            if missing:
                raise LocalProtocolError(
                    f"the device data of {self._key.name!r} lacks {', '.join(missing)}"
                )
            device = {**(stored or {}), **self._given}
        else:
            device = dict(stored) if stored else make_device()
        self._hide(device)
        if device != stored:
            await self._store.save_device(self._key, device)
        self._device = device

    @property
    def device_data(self) -> str:
        """What the gateway told about the device; empty when it did not yet."""
        return self._device.get("deviceData", "")

    def init_command(self) -> Init:
        """Return the command that creates or resumes the task."""
        device = self._device
        command = Init(
            device["deviceName"],
            device["deviceUuid"],
            device["deviceWifiName"],
            device["deviceWifiMac"],
        )
        data = device.get("deviceData")
        if data:
            return Init(
                command.device_name,
                command.device_uuid,
                command.device_wifi_name,
                command.device_wifi_mac,
                data,
            )
        return command

    async def learn_device(self, info: DeviceInfo) -> None:
        """Keep what the gateway says about the device; empty fields change nothing."""
        found = {
            "deviceName": info.device_name,
            "deviceUuid": info.device_uuid,
            "deviceWifiName": info.device_wifi_name,
            "deviceWifiMac": info.device_wifi_mac,
            "deviceData": info.device_data,
        }
        device = {**self._device, **{k: v for k, v in found.items() if v}}
        self._hide(device)
        if device != self._device:
            await self._store.save_device(self._key, device)
            self._device = device

    async def learn_token(self, data: AutoLoginData, user_name: str) -> None:
        """Keep a good token; an empty one changes nothing."""
        token = data.token
        if token and (token, user_name) != self._stored_login:
            self._hide(self._device, token)
            self.login_token = token
            self.user_name = user_name
            await self._store.save_login(
                self._key, login_token=token, user_name=user_name
            )
            self._stored_login = (self.login_token, user_name)

    async def void_token(self, reason: str) -> None:
        """Put the token aside; the device data stays."""
        if self.login_token is not None:
            self.login_token = None
            self._stored_login = (None, self.user_name)
            await self._store.void_login_token(self._key, reason)

    def _hide(self, device: Mapping[str, str], token: str | None = None) -> None:
        """Keep device data and tokens out of logs, the token before a new one too."""
        tokens = (token, self.login_token, self._stored_login[0])
        self._known.keep(self._key, (*tokens, *device.values()))
