"""Tests of padchat_twisted.sandbox.login: the QR login."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.login import code_id_in
from padchat_twisted.sandbox.refusals import Refused
from padchat_twisted.sandbox.settings import WorldSettings

from .stage import Client, Stage


def without_time(scans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Drop the seconds that are left."""
    return [{k: v for k, v in scan.items() if k != "expiredTime"} for scan in scans]


class QRLoginTests(SynchronousTestCase):
    """From the code to the confirmation."""

    def setUp(self) -> None:
        """Have one account that shows a code."""
        self.stage = Stage()
        self.world = self.stage.world
        self.client = self.stage.connect("bot1")
        self.content = self.client.show_code()
        self.alice = self.world.person("alice", nick_name="Alice")

    def scans(self, client: Client | None = None) -> list[dict[str, Any]]:
        """Take the payloads of the scan events that wait."""
        return (client or self.client).payloads("scan")

    def test_reply_comes_before_the_events(self) -> None:
        """The reply says to scan; the code and the first scan wait behind it."""
        client = self.stage.connect("bot2")
        client.init()
        reply = client.call("login", {"loginType": "qrcode"})
        self.assertEqual((reply.success, reply.msg), (True, "scan the QR code"))
        self.assertEqual(reply.data, {})
        self.assertEqual(client.events(), ["qrcode", "scan"])

    def test_code_holds_an_address_of_the_sandbox(self) -> None:
        """The content is base_url/x/ID, and the ID finds the login again."""
        code_id = code_id_in(self.content)
        self.assertEqual(self.content, f"http://sandbox.invalid:8080/x/{code_id}")
        found = self.world.find_code(code_id or "")
        self.assertIs(found, self.client.account.login)
        self.assertEqual(found.name if found else "", "bot1")

    def test_address_follows_the_port(self) -> None:
        """A base_url that is set later holds for the codes after that."""
        self.world.base_url = "http://127.0.0.1:9"
        self.assertTrue(self.client.show_code().startswith("http://127.0.0.1:9/x/"))

    def test_status_0_is_repeated_and_counts_down(self) -> None:
        """Until somebody scans, status 0 comes every few seconds with less time."""
        self.stage.wait(10)
        self.assertEqual(
            self.scans(),
            [{"status": 0, "expiredTime": 235}, {"status": 0, "expiredTime": 230}],
        )

    def test_late_tick_repeats_once(self) -> None:
        """A tick that comes late does not make up for the repetitions missed."""
        self.stage.clock.advance(100)
        self.world.tick()
        self.world.tick()
        self.assertEqual(self.scans(), [{"status": 0, "expiredTime": 140}])

    def test_status_1_is_repeated(self) -> None:
        """After the scan, status 1 comes at once and then like status 0."""
        self.alice.scan("bot1")
        self.stage.wait(5)
        told = {
            "status": 1,
            "headUrl": "http://sandbox.invalid:8080/head/wxid_alice",
            "nickName": "Alice",
        }
        self.assertEqual(without_time(self.scans()), [told, told])

    def test_confirmation(self) -> None:
        """A confirmed scan is status 2 with the user, then the event login."""
        self.alice.scan("bot1")
        self.client.take()
        self.alice.confirm()
        notices = self.client.take()
        self.assertEqual([notices[0].event, notices[1].event], ["scan", "login"])
        self.assertEqual(
            notices[0].args,
            (
                {
                    "status": 2,
                    "subStatus": 0,
                    "userName": "wxid_alice",
                    "uin": self.alice.uin,
                    "nickName": "Alice",
                },
            ),
        )
        self.assertEqual(notices[1].args, ({},))
        self.assertIs(self.client.account.user, self.alice)
        self.assertIsNone(self.world.next_deadline())

    def test_declined_and_cancelled_are_told_apart(self) -> None:
        """Declined is 2 with subStatus 1, cancelled is 4; neither logs in."""
        for end, told in (
            (self.alice.decline, {"status": 2, "subStatus": 1}),
            (self.alice.cancel, {"status": 4}),
        ):
            content = self.client.show_code()
            self.alice.scan(content)
            self.client.take()
            end()
            self.assertEqual(self.scans(), [told])
            self.assertFalse(self.client.account.is_logged_in)
            self.assertIsNone(self.world.next_deadline())
            self.assertRaises(Refused, self.alice.confirm)
            self.assertRaises(Refused, self.alice.scan, content)

    def test_expiry_at_the_edge(self) -> None:
        """Just before its end a code can be scanned; at its end it is void."""
        self.stage.wait(239.5)
        self.assertEqual(self.scans()[-1], {"status": 0, "expiredTime": 5})
        self.stage.wait(0.5)
        self.assertEqual(self.scans(), [{"status": 3, "expiredTime": 0}])
        self.assertIsNone(self.world.find_code(code_id_in(self.content) or ""))
        self.assertRaises(Refused, self.alice.scan, "bot1")

    def test_expired_before_the_tick(self) -> None:
        """At its end a code is void even if no tick has come yet."""
        login = self.world.login_shown_by("bot1")
        self.stage.clock.advance(239.9)
        self.assertAlmostEqual(login.seconds_left(), 0.1, places=3)
        login.scan(self.alice)
        self.stage.clock.advance(0.1)
        self.assertRaises(Refused, login.confirm)
        self.assertRaises(Refused, login.cancel)
        self.assertRaises(Refused, login.decline)
        self.stage.clock.advance(1)
        self.assertEqual(login.seconds_left(), 0.0)

    def test_expiry_after_the_scan(self) -> None:
        """A code that is scanned and never confirmed expires as well."""
        self.alice.scan("bot1")
        self.stage.wait(240)
        self.assertEqual(self.scans()[-1]["status"], 3)
        self.assertRaises(Refused, self.alice.confirm)

    def test_life_is_a_setting(self) -> None:
        """The life of a code is what the settings say."""
        stage = Stage(WorldSettings(qr_code_seconds=3))
        client = stage.connect()
        client.show_code()
        stage.wait(3)
        self.assertEqual(client.payloads("scan"), [{"status": 3, "expiredTime": 0}])

    def test_new_code_voids_the_old(self) -> None:
        """A second login of the account makes its first code void, silently."""
        content = self.client.show_code()
        self.assertNotEqual(content, self.content)
        self.assertRaises(Refused, self.alice.scan, self.content)
        self.alice.scan(content)
        self.assertEqual([scan["status"] for scan in self.scans()], [1])

    def test_one_scan_per_code(self) -> None:
        """What somebody has scanned, nobody else can scan or confirm."""
        self.alice.scan("bot1")
        bob = self.world.person("bob")
        self.assertRaises(Refused, bob.scan, "bot1")
        self.assertRaises(Refused, bob.confirm, "bot1")
        self.assertRaises(Refused, self.alice.scan, "bot1")

    def test_not_scanned(self) -> None:
        """Nothing can be confirmed, declined or cancelled before the scan."""
        for end in (self.alice.confirm, self.alice.decline, self.alice.cancel):
            self.assertRaises(Refused, end)
            self.assertRaises(Refused, end, "bot1")
        login = self.world.login_shown_by("bot1")
        self.assertRaises(Refused, login.confirm)

    def test_system_account_cannot_scan(self) -> None:
        """The file transfer assistant has no telephone."""
        self.assertRaises(Refused, self.world.filehelper.scan, "bot1")

    def test_several_codes(self) -> None:
        """Who has scanned several codes must say which one is meant."""
        other = self.stage.connect("bot2")
        other.show_code()
        self.alice.scan("bot1")
        self.alice.scan("bot2")
        self.assertRaises(Refused, self.alice.confirm)
        self.alice.confirm("bot2")
        self.assertTrue(other.account.is_logged_in)
        self.assertFalse(self.client.account.is_logged_in)
        self.alice.cancel()
        self.assertEqual(self.scans()[-1], {"status": 4})

    def test_lost_connection(self) -> None:
        """Confirmed with nobody connected, the account is logged in all the same."""
        self.client.binding.detach()
        self.alice.scan("bot1")
        self.alice.confirm()
        self.assertTrue(self.client.account.is_logged_in)
        self.assertEqual(self.client.events(), [])

    def test_token_login_voids_the_code(self) -> None:
        """Who came in by token while a code was shown has no use for the code."""
        client = self.stage.connect("bot2").log_in()
        token = client.token()
        client.call("close")
        content = client.show_code()
        self.assertTrue(client.log_in_by_token(token).success)
        self.assertRaises(Refused, self.alice.scan, content)
        self.assertIsNone(client.account.login)

    def test_close_voids_the_code(self) -> None:
        """The command close ends the QR login as well."""
        self.assertTrue(self.client.call("close").success)
        self.assertRaises(Refused, self.alice.scan, self.content)
        self.assertIsNone(self.world.next_deadline())


class AutoScanTests(SynchronousTestCase):
    """Codes that are scanned by themselves."""

    def test_scans_then_confirms(self) -> None:
        """The account's own user scans after a moment and confirms after another."""
        stage = Stage()
        stage.world.auto_scan = True
        client = stage.connect("bot1")
        client.show_code()
        stage.wait(0.9)
        self.assertEqual(client.payloads("scan"), [])
        stage.wait(0.1)
        self.assertEqual([x["status"] for x in client.payloads("scan")], [1])
        stage.wait(1)
        self.assertTrue(client.account.is_logged_in)
        self.assertEqual(client.account.user.name, "bot1")
        self.assertIn("loaded", client.events())

    def test_switched_on_later(self) -> None:
        """Switching it on takes up codes that are shown already, and wakes."""
        stage = Stage()
        client = stage.connect("bot1")
        client.show_code()
        stage.wait(4)
        wakes = client.wakes
        stage.world.auto_scan = True
        self.assertEqual(client.wakes, wakes + 1)
        stage.wait(1)
        self.assertTrue(client.account.is_logged_in)

    def test_switched_off(self) -> None:
        """Without it nobody scans."""
        stage = Stage()
        client = stage.connect("bot1")
        client.show_code()
        stage.wait(239)
        self.assertEqual({x["status"] for x in client.payloads("scan")}, {0})


class CodeTests(SynchronousTestCase):
    """The content of codes."""

    def test_id(self) -> None:
        """The id is the last part; what is no such address has none."""
        self.assertEqual(code_id_in("http://h:1/x/abc"), "abc")
        self.assertEqual(code_id_in("https://h/a/x/abc"), "abc")
        for other in ("bot1", "", "x/abc", "ftp://h/x/abc", "http://h/y/abc"):
            self.assertIsNone(code_id_in(other), other)
