"""What every store does alike: texts cleaned, devices told apart, ids bounded."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import StoreError
from ..interfaces import AccountKey
from ..wire.json_text import to_utf8_text

__all__ = [
    "MAX_COUNTED_DAYS",
    "MAX_SEEN_MESSAGE_IDS",
    "clean_device",
    "clean_key",
    "device_marks",
    "not_usable",
    "other_account",
]

#: Most message ids kept per account (a count); the oldest go first. A gateway pushes
#: again what came in the last minutes before a login; a busy account gets a few
#: messages a second, so this is a quarter of an hour at the very least, usually days.
MAX_SEEN_MESSAGE_IDS = 5000

#: Most days whose counts are kept per account; the oldest go first. Only the newest is
#: needed; a person may want to look back over a month.
MAX_COUNTED_DAYS = 31


def clean_key(key: AccountKey) -> AccountKey:
    """Return *key* with lone surrogates replaced by U+FFFD."""
    return AccountKey(
        gateway=to_utf8_text(key.gateway),
        key_fingerprint=to_utf8_text(key.key_fingerprint),
        name=to_utf8_text(key.name),
    )


def clean_device(device: Mapping[str, str]) -> dict[str, str]:
    """Return a copy of *device* with lone surrogates replaced by U+FFFD."""
    return {to_utf8_text(k): to_utf8_text(v) for k, v in device.items()}


def device_marks(device: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Say by what a device is told from others.

    Args:
        device: device data by wire name.

    Returns:
        ``deviceUuid`` without case and ``deviceData``; None for one that is empty or
        missing, for an empty value tells nothing.
    """
    uuid = device.get("deviceUuid", "").casefold()
    return uuid or None, device.get("deviceData", "") or None


def other_account(key: AccountKey, other: AccountKey) -> str:
    """Name *other* so that a person can tell it from *key*."""
    if other.name != key.name:
        return other.name
    if other.gateway != key.gateway:
        return f"{other.name} at {other.gateway}"
    return f"{other.name} of another auth key"


def not_usable(path: str, *, is_closed: bool) -> StoreError:
    """Build the error of a call to a store that is closed or not open yet."""
    if is_closed:
        return StoreError(path, "the store is closed", "make a new one and open it")
    return StoreError(path, "the store is not open", "wait for open() first")
