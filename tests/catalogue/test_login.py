"""The task, its login, and what the gateway tells about both."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    Close,
    GetAutoLoginData,
    GetDeviceInfo,
    Init,
    Login,
    LoginEvent,
    Logout,
    QRCode,
    Scan,
    ScanStatus,
)
from padchat_twisted.wire import json_text


class LoginCommandTests(SynchronousTestCase):
    """Commands of the login."""

    def test_init(self) -> None:
        """The device data is sent in its order; the "62 data" only when there is."""
        self.assertEqual(
            json_text.write(Init("a", "b", "c", "d")),
            b'{"deviceName":"a","deviceUuid":"b","deviceWifiName":"c",'
            b'"deviceWifiMac":"d"}',
        )
        self.assertEqual(
            json_text.write(Init("a", "b", "c", "d", "e")),
            b'{"deviceName":"a","deviceUuid":"b","deviceWifiName":"c",'
            b'"deviceWifiMac":"d","deviceData":"e"}',
        )

    def test_login(self) -> None:
        """A token stands before the type, as the reference client has it."""
        self.assertEqual(
            json_text.write(Login(login_type="qrcode")), b'{"loginType":"qrcode"}'
        )
        self.assertEqual(
            json_text.write(Login(token="t", login_type="token")),
            b'{"token":"t","loginType":"token"}',
        )

    def test_without_parameters(self) -> None:
        """A command without parameters sends an empty object."""
        for command in (Logout(), Close(), GetDeviceInfo(), GetAutoLoginData()):
            self.assertEqual(json_text.write(command), b"{}")

    def test_world(self) -> None:
        """To log out is seen by others; to end the task is not."""
        self.assertTrue(Logout.changes_world)
        self.assertFalse(Close.changes_world)

    def test_repr(self) -> None:
        """Neither token nor device data is shown."""
        self.assertEqual(
            repr(Login(token="t", login_type="token")),
            "Login(token=<1>, login_type='token')",
        )
        self.assertEqual(repr(QRCode(qr_code="abc")), "QRCode(qr_code=<3>)")
        self.assertEqual(
            repr(Init("a", "b", "c", "d")),
            "Init(device_name=<1>, device_uuid=<1>, device_wifi_name=<1>,"
            " device_wifi_mac=<1>)",
        )


class ScanTests(SynchronousTestCase):
    """Progress of a QR login."""

    def test_finished(self) -> None:
        """A confirmed scan is finished unless its sub-status says that it failed."""
        for sub_status, is_finished in ((0, True), (None, True), (1, False)):
            scan = Scan(status=ScanStatus.CONFIRMED, sub_status=sub_status)
            self.assertIs(scan.is_finished, is_finished)

    def test_finished_by_name(self) -> None:
        """User name and uin together are a finished login, whatever the status."""
        for status in (0, 1, -1, 7):
            self.assertTrue(Scan(status=status, user_name="a", uin=1).is_finished)
            self.assertFalse(Scan(status=status, user_name="a").is_finished)
            self.assertFalse(Scan(status=status, uin=1).is_finished)

    def test_declined_with_a_name(self) -> None:
        """A failed login is none, although it has a name."""
        scan = Scan(status=2, sub_status=1, user_name="a", uin=1)
        self.assertFalse(scan.is_finished)

    def test_statuses(self) -> None:
        """A status of no meaning is a number like another."""
        self.assertEqual(Scan().status, ScanStatus.UNKNOWN)
        self.assertEqual(Scan(status=-2).status, -2)

    def test_conversation(self) -> None:
        """Events of the login are in one order."""
        self.assertEqual({Scan().conversation, LoginEvent().conversation}, {""})
