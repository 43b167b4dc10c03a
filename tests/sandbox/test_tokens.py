"""Tests of padchat_twisted.sandbox.accounts: login tokens and devices."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.accounts import (
    MAX_TOKENS,
    STATUS_LOGGED_OUT,
    STATUS_TOKEN_UNUSABLE,
)
from padchat_twisted.sandbox.refusals import Refused
from padchat_twisted.sandbox.settings import WorldSettings

from .stage import DEVICE, Stage


class TokenTests(SynchronousTestCase):
    """Login tokens: who can come in with which, and until when."""

    def setUp(self) -> None:
        """Have an account with a token."""
        self.stage = Stage(WorldSettings(token_seconds=1000))
        self.client = self.stage.connect("bot1").log_in()
        self.account = self.client.account
        self.tokens = [self.client.token()]

    def attempt(self, token: str, **device: str) -> tuple[bool, object]:
        """Log in by *token* on a new connection; return the outcome and status."""
        client = self.stage.connect("bot1")
        client.init(**device)
        reply = client.call("login", {"loginType": "token", "token": token})
        if reply.success:
            self.assertIn("login", client.events())
        else:
            self.assertEqual(client.events(), [])
        return reply.success, reply.data["status"]

    def test_works_again_and_again(self) -> None:
        """A token is good for more than one login."""
        for _ in range(3):
            self.assertEqual(self.attempt(self.tokens[0]), (True, 0))

    def test_expiry_at_the_edge(self) -> None:
        """Just before its end a token is good; at its end it has expired."""
        self.stage.wait(999.9)
        self.assertEqual(self.attempt(self.tokens[0]), (True, 0))
        self.stage.wait(0.1)
        self.assertEqual(self.attempt(self.tokens[0]), (False, STATUS_LOGGED_OUT))

    def test_fetching_renews(self) -> None:
        """Each token counts from its own fetching."""
        self.stage.wait(600)
        newer = self.client.token()
        self.assertNotEqual(newer, self.tokens[0])
        self.stage.wait(600)
        self.assertEqual(self.attempt(self.tokens[0]), (False, STATUS_LOGGED_OUT))
        self.assertEqual(self.attempt(newer), (True, 0))

    def test_older_tokens_stay_good(self) -> None:
        """The newest few are good at once; the one too many pushes the oldest out."""
        while len(self.tokens) < MAX_TOKENS:
            self.tokens.append(self.client.token())
        for token in self.tokens:
            self.assertEqual(self.attempt(token), (True, 0))
        self.account.issue_token()
        self.assertEqual(self.attempt(self.tokens[0]), (False, STATUS_TOKEN_UNUSABLE))
        self.assertEqual(self.attempt(self.tokens[1]), (True, 0))

    def test_close_keeps_it(self) -> None:
        """After close, or a lost connection, the token still works."""
        self.client.call("close")
        self.assertEqual(self.client.payloads("close"), [{"msg": "task closed"}])
        self.assertTrue(self.account.is_logged_in)
        self.client.binding.detach()
        self.assertEqual(self.attempt(self.tokens[0]), (True, 0))

    def test_logout_voids_it(self) -> None:
        """After logout no token works."""
        self.tokens.append(self.client.token())
        self.client.call("logout")
        self.assertEqual(self.client.events(), ["logout"])
        for token in self.tokens:
            self.assertEqual(self.attempt(token), (False, STATUS_LOGGED_OUT))

    def test_logged_out_on_the_phone(self) -> None:
        """Logged out on the phone, the client is told, and the token is void."""
        self.account.log_out()
        self.assertEqual(
            self.client.payloads("logout"), [{"msg": "logged out on the phone"}]
        )
        self.assertIn("call init and login", self.client.refused("getAutoLoginData"))
        self.assertEqual(self.attempt(self.tokens[0]), (False, STATUS_LOGGED_OUT))

    def test_unknown(self) -> None:
        """A token that was never issued is refused with another status."""
        self.assertEqual(self.attempt("bm9uc2Vuc2U="), (False, STATUS_TOKEN_UNUSABLE))

    def test_never_logged_in(self) -> None:
        """An account that never logged in is as good as logged out."""
        client = self.stage.connect("bot2")
        reply = client.log_in_by_token(self.tokens[0])
        self.assertEqual(reply.data, {"status": STATUS_LOGGED_OUT})

    def test_other_account(self) -> None:
        """One account's token does not let another one in."""
        client = self.stage.connect("bot2").log_in()
        client.call("close")
        reply = client.log_in_by_token(self.tokens[0])
        self.assertEqual(reply.data, {"status": STATUS_TOKEN_UNUSABLE})

    def test_other_device(self) -> None:
        """A token belongs to the device data that it was issued for."""
        device_data = self.client.call("getDeviceInfo").data["deviceData"]
        self.assertEqual(
            self.attempt(self.tokens[0], **{**DEVICE, "deviceUuid": "OTHER"}),
            (False, STATUS_TOKEN_UNUSABLE),
        )
        self.assertEqual(
            self.attempt(self.tokens[0], deviceData=str(device_data)), (True, 0)
        )

    def test_survives_a_restart(self) -> None:
        """Dumped and loaded, the world still knows the token, and its end."""
        self.stage.restart()
        self.stage.wait(999.9)
        self.assertEqual(self.attempt(self.tokens[0]), (True, 0))
        self.stage.restart()
        self.stage.wait(0.1)
        self.assertEqual(self.attempt(self.tokens[0]), (False, STATUS_LOGGED_OUT))

    def test_logout_survives_a_restart(self) -> None:
        """What was voided stays void over a restart."""
        self.client.call("logout")
        self.stage.restart()
        self.assertEqual(self.attempt(self.tokens[0]), (False, STATUS_LOGGED_OUT))

    def test_needs_a_device(self) -> None:
        """No token without a device to bind it to."""
        account = self.stage.connect("bot3").account
        self.assertRaises(Refused, account.issue_token)


class DeviceTests(SynchronousTestCase):
    """Device data belong to the account."""

    def setUp(self) -> None:
        """Have a connection that is open."""
        self.stage = Stage()
        self.client = self.stage.connect("bot1")

    def device(self) -> dict[str, object]:
        """Ask what device the account pretends to be."""
        return self.client.call("getDeviceInfo").data

    def test_data_are_made_once(self) -> None:
        """The same device gets the same data again, another device new ones."""
        self.client.init()
        first_time = self.device()
        self.assertEqual({k: first_time[k] for k in DEVICE}, DEVICE)
        self.assertRegex(
            str(first_time["deviceData"]), r"\A62706c6973743030[0-9a-f]+\Z"
        )
        self.stage.restart()
        self.client = self.stage.connect("bot1")
        self.client.init()
        self.assertEqual(self.device(), first_time)
        self.client.init(**{**DEVICE, "deviceUuid": "OTHER"})
        self.assertNotEqual(self.device()["deviceData"], first_time["deviceData"])

    def test_data_bring_the_fields(self) -> None:
        """Known device data alone bring the known fields; given ones replace them."""
        self.client.init()
        known = self.device()
        self.client.init(deviceData=str(known["deviceData"]))
        self.assertEqual(self.device(), known)
        self.client.init(deviceData=str(known["deviceData"]), deviceName="New")
        self.assertEqual(self.device(), {**known, "deviceName": "New"})

    def test_foreign_data(self) -> None:
        """Device data that the client brings along are taken as they are."""
        self.client.init(deviceData="62-foreign")
        self.assertEqual(self.device()["deviceData"], "62-foreign")
        self.assertEqual(self.device()["deviceName"], "")

    def test_kept_over_logout(self) -> None:
        """A logout voids the tokens, not the device data."""
        self.client.log_in()
        known = self.device()
        self.client.call("logout")
        self.client.init()
        self.assertEqual(self.device(), known)
