"""The task, its login, and what the gateway tells about both."""

from __future__ import annotations

from typing import get_args

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    Close,
    GetAutoLoginData,
    GetDeviceInfo,
    Init,
    Login,
    LoginType,
    Logout,
    QRCode,
)
from padchat_twisted.catalogue.login import LOGIN_TYPES
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
        """To log out changes something in WeChat; to end the task does not."""
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

    def test_device_of_each_dialect(self) -> None:
        """The device is needed in one dialect, optional in another, and so on."""
        device = Init("a", "b", "c", "d")
        self.assertIsNone(device.problem("socketio"))
        self.assertIsNone(device.problem("legacy"))
        self.assertIsNone(Init().problem("legacy"))
        self.assertIsNone(Init().problem("sdk"))
        self.assertEqual(
            device.problem("sdk"), "device_name: dialect sdk does not have it"
        )
        self.assertEqual(
            Init("a", "b", "c").problem("socketio"),
            "device_wifi_mac: missing, expected a text",
        )

    def test_login_types(self) -> None:
        """Each dialect has its types, and each type needs what it needs."""
        for dialect, types in LOGIN_TYPES.items():
            for kind in get_args(LoginType):
                problem = Login(login_type=kind).problem(dialect)
                if kind not in types:
                    self.assertIn(
                        f"login_type: found {kind!r}, expected", problem or ""
                    )
                    continue
                needs = types[kind]
                if not needs:
                    self.assertIsNone(problem)
                    continue
                self.assertEqual(
                    problem, f"{needs[0]}: missing, expected a text for {kind!r}"
                )
                given = Login(login_type=kind, **dict.fromkeys(needs, "x"))
                self.assertIsNone(given.problem(dialect))

    def test_no_such_type(self) -> None:
        """A type that nobody has is refused with those that there are."""
        login = Login(login_type="scan")  # type: ignore[arg-type] # the mistake
        self.assertIn(
            "login_type: found a str of length 4, expected 'qrcode' or",
            login.problem("sdk") or "",
        )
