"""Tests of what every store does alike."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.store.values import (
    clean_device,
    clean_key,
    device_marks,
    not_usable,
    other_account,
)

from .contract import DEVICE, KEY, OTHER_KEY


class DeviceMarksTests(SynchronousTestCase):
    """By what a device is told from others."""

    def test_uuid_without_case(self) -> None:
        """The deviceUuid counts without case, the deviceData as it is."""
        self.assertEqual(
            device_marks(DEVICE),
            ("00000000-0000-4000-8000-00000000abcd", "ZXhhbXBsZSBkZXZpY2U="),
        )

    def test_nothing_to_tell(self) -> None:
        """Empty and missing values are no marks."""
        self.assertEqual(device_marks({}), (None, None))
        device = {"deviceUuid": "", "deviceData": "", "deviceName": "iPad"}
        self.assertEqual(device_marks(device), (None, None))


class CleanTests(SynchronousTestCase):
    """Lone surrogates are replaced."""

    def test_key(self) -> None:
        """Every part of a key is cleaned; a clean key stays as it is."""
        key = replace(KEY, gateway="g\ud800", key_fingerprint="f\udfff", name="n\ud83d")
        cleaned = clean_key(key)
        self.assertEqual(cleaned.gateway, "g\ufffd")
        self.assertEqual(cleaned.key_fingerprint, "f\ufffd")
        self.assertEqual(cleaned.name, "n\ufffd")
        self.assertEqual(clean_key(KEY), KEY)

    def test_device(self) -> None:
        """Names and values of device data are cleaned in a copy."""
        device = {"a\ud800": "b\ud800"}
        self.assertEqual(clean_device(device), {"a\ufffd": "b\ufffd"})
        self.assertEqual(device, {"a\ud800": "b\ud800"})


class ErrorTextTests(SynchronousTestCase):
    """Words of errors."""

    def test_other_account(self) -> None:
        """Another account is named by what differs first."""
        self.assertEqual(other_account(KEY, OTHER_KEY), "help")
        other = replace(KEY, gateway="http://other.example")
        self.assertEqual(other_account(KEY, other), "shop at http://other.example")
        other = replace(KEY, key_fingerprint="other")
        self.assertEqual(other_account(KEY, other), "shop of another auth key")

    def test_not_usable(self) -> None:
        """A closed store and one that was not opened have different remedies."""
        self.assertIn("make a new one", str(not_usable("f", is_closed=True)))
        self.assertIn("open() first", str(not_usable("f", is_closed=False)))
