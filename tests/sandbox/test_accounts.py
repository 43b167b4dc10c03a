"""Tests of padchat_twisted.sandbox.accounts: taking over, and what follows a login."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.accounts import LOGGED_IN_ELSEWHERE, TAKEN_OVER
from padchat_twisted.sandbox.people import MAX_KEPT_MESSAGES
from padchat_twisted.sandbox.pushes import CONTACTS_PER_PUSH, MESSAGES_PER_PUSH
from padchat_twisted.sandbox.settings import WorldSettings

from .stage import DEVICE, Client, Stage, first


class AfterLoginTests(SynchronousTestCase):
    """What a client is told after each login."""

    def setUp(self) -> None:
        """Have somebody who knows the account."""
        self.stage = Stage()
        self.world = self.stage.world
        self.alice = self.world.person("alice")
        self.client = self.stage.connect("bot1")

    def test_order(self) -> None:
        """Login, then contacts, then loaded, then the notice of weixin."""
        self.client.show_code()
        bot = self.client.account.own_user
        bot.scan("bot1")
        self.client.take()
        bot.confirm()
        notices = self.client.take()
        self.assertEqual(
            [notice.event for notice in notices],
            ["scan", "login", "push", "loaded", "push"],
        )
        self.assertEqual(notices[3].args, ({},))
        official = first(notices[4])["list"][0]
        self.assertEqual((official["msgType"], official["fromUser"]), (10002, "weixin"))
        self.assertIn('type="dynacfg"', official["content"])

    def test_token_login_has_the_same_events(self) -> None:
        """A login by token is followed by all that follows a scan."""
        token = self.client.log_in().token()
        client = self.stage.connect("bot1")
        self.assertTrue(client.log_in_by_token(token).success)
        self.assertEqual(client.events(), ["login", "push", "loaded", "push"])

    def test_contacts_come_in_batches(self) -> None:
        """Contacts are pushed in batches; only the very last has continue 0."""
        for number in range(CONTACTS_PER_PUSH):
            self.world.person(f"p{number}")
        self.world.room("dev", members=["alice", "bot1"])
        self.client.log_in()
        pushes = [
            first(notice)["list"]
            for notice in self.client.notices
            if notice.event == "push" and first(notice)["list"][0]["msgType"] == 2
        ]
        self.assertEqual([len(push) for push in pushes], [CONTACTS_PER_PUSH, 4])
        items = [item for push in pushes for item in push]
        self.assertEqual([item["continue"] for item in items], [1] * 23 + [0])
        names = [item["userName"] for item in items]
        self.assertEqual(names[:3], ["weixin", "filehelper", "wxid_alice"])
        self.assertEqual(names[-1], self.world.room("dev").user_name)
        self.assertEqual(len(set(names)), len(names))

    def test_changes_are_pushed(self) -> None:
        """A contact that comes or changes later is pushed by itself."""
        self.client.log_in()
        bob = self.world.person("bob")
        self.world.person("bob", nick_name="Bobby")
        self.assertEqual(
            [(x["userName"], x["nickName"]) for x in self.client.pushed(2)],
            [(bob.user_name, "bob"), (bob.user_name, "Bobby")],
        )

    def test_logged_in_once(self) -> None:
        """The same WeChat user cannot be logged in as two sub-accounts at a time."""
        other = self.stage.connect("bot2").log_in()
        self.client.show_code()
        user = other.account.own_user
        user.scan("bot1")
        user.confirm()
        self.assertEqual(other.payloads("logout"), [{"msg": LOGGED_IN_ELSEWHERE}])
        self.assertFalse(other.account.is_logged_in)
        self.assertIs(user.account, self.client.account)
        self.assertEqual(len(other.account.tokens), 0)

    def test_another_user_comes_in(self) -> None:
        """Somebody else's login takes the account from the one before, tokens too."""
        self.client.log_in()
        token = self.client.token()
        bot = self.client.account.own_user
        self.alice.says("for the bot", to=bot)
        self.client.call("close")
        self.client.show_code()
        self.alice.scan("bot1")
        self.alice.confirm()
        self.assertIs(self.client.account.user, self.alice)
        self.assertIsNone(bot.account)
        self.assertNotIn("for the bot", self.client.texts())
        self.client.call("close")
        self.assertFalse(self.client.log_in_by_token(token).success)


class TakeOverTests(SynchronousTestCase):
    """Two connections with one auth key and name."""

    def setUp(self) -> None:
        """Have an account that is logged in on its first connection."""
        self.stage = Stage()
        self.old = self.stage.connect("bot1").log_in()
        self.token = self.old.token()
        self.alice = self.stage.world.person("alice")
        self.old.take()

    def test_older_is_told(self) -> None:
        """The older connection gets close with a text that says so, and is over."""
        wakes = self.old.wakes
        new = self.stage.connect("bot1")
        self.assertEqual(self.old.wakes, wakes + 1)
        self.assertEqual(self.old.payloads("close"), [{"msg": TAKEN_OVER}])
        self.assertTrue(self.old.binding.is_over)
        self.assertFalse(new.binding.is_over)
        self.assertIs(new.account, self.old.account)
        self.assertEqual(new.events(), [])

    def test_older_can_do_nothing_more(self) -> None:
        """Commands on the older connection are refused, and it gets no more events."""
        new = self.stage.connect("bot1")
        new.log_in_by_token(self.token)
        self.old.take()
        self.old.refused("sendMsg", {"toUserName": "filehelper", "content": "x"})
        self.old.refused("init", DEVICE)
        self.alice.says("hello", to="bot1")
        self.assertEqual(self.old.events(), [])
        self.assertEqual(new.texts(), ["hello"])

    def test_detaching_the_older_harms_nobody(self) -> None:
        """The end of the older connection leaves the newer one bound."""
        new = self.stage.connect("bot1")
        self.old.binding.detach()
        self.assertIs(new.account.binding, new.binding)
        new.binding.detach()
        new.binding.detach()
        self.assertIsNone(new.account.binding)

    def test_must_initialise_itself(self) -> None:
        """The newer connection begins with init, whatever the older had done."""
        new = self.stage.connect("bot1")
        self.assertIn("call init first", new.refused("login", {"loginType": "qrcode"}))

    def test_nothing_is_lost_between(self) -> None:
        """What the older had not taken, and what came between, reaches the newer."""
        self.alice.says("not taken", to="bot1")
        new = self.stage.connect("bot1")
        self.alice.says("between", to="bot1")
        self.stage.wait(100_000)
        new.log_in_by_token(self.token)
        self.assertEqual(new.texts(), ["not taken", "between"])

    def test_other_name_or_key(self) -> None:
        """Another name, or another key, is another account."""
        for other in (self.stage.connect("bot2"), self.stage.connect("bot1", "KEY-2")):
            self.assertIsNot(other.account, self.old.account)
            self.assertIsNot(other.account.own_user, self.old.account.own_user)
        self.assertFalse(self.old.binding.is_over)


class AgainTests(SynchronousTestCase):
    """What is kept for the next login, and what is pushed again."""

    def setUp(self) -> None:
        """Have an account that gets messages."""
        self.stage = Stage(WorldSettings(replay_seconds=300))
        self.world = self.stage.world
        self.alice = self.world.person("alice")
        self.client = self.stage.connect("bot1").log_in()
        self.token = self.client.token()

    def come_back(self) -> Client:
        """Log in by token on a new connection."""
        client = self.stage.connect("bot1")
        self.assertTrue(client.log_in_by_token(self.token).success)
        return client

    def test_pushed_again_at_the_edge(self) -> None:
        """A message just younger than the window comes again; at its edge, not."""
        message = self.alice.says("one", to="bot1")
        before = self.client.pushed(1)
        self.stage.wait(299.9)
        again = self.come_back().pushed(1)
        self.assertEqual(again, before)
        self.assertEqual(again[0]["msgId"], message.message_id)
        self.stage.wait(0.1)
        self.assertEqual(self.come_back().texts(), [])

    def test_window_begins_with_the_push(self) -> None:
        """What waited for long and was then lost by a crash comes again, for a while.

        The window counts from the first push, so that coming again ends.
        """
        self.client.binding.detach()
        self.alice.says("waited", to="bot1")
        self.stage.wait(100_000)
        self.assertEqual(self.come_back().texts(), ["waited"])
        for seconds, texts in ((299.9, ["waited"]), (0.1, []), (0, [])):
            self.stage.wait(seconds)
            self.assertEqual(self.come_back().texts(), texts)

    def test_switched_off(self) -> None:
        """Without a window nothing that was taken comes again."""
        self.stage = Stage(WorldSettings(replay_seconds=0))
        client = self.stage.connect("bot1").log_in()
        self.token = client.token()
        self.stage.world.person("alice").says("one", to="bot1")
        self.assertEqual(client.texts(), ["one"])
        self.assertEqual(self.come_back().texts(), [])

    def test_kept_without_connection(self) -> None:
        """What comes while no client is connected is pushed at the next login."""
        for leave in ("detach", "close"):
            if leave == "close":
                self.client.call("close")
            self.client.binding.detach()
            self.alice.says(leave, to="bot1")
            self.stage.wait(100_000)
            self.client = self.come_back()
            self.assertEqual(self.client.texts(), [leave])
            self.stage.wait(300)

    def test_kept_until_taken(self) -> None:
        """What was queued and never taken from the binding is still kept."""
        self.alice.says("queued", to="bot1")
        self.client.binding.detach()
        self.stage.wait(100_000)
        self.assertEqual(self.come_back().texts(), ["queued"])

    def test_before_the_login_of_a_connection(self) -> None:
        """A connection gets no pushes before it has logged in."""
        client = self.stage.connect("bot1")
        client.init()
        self.alice.says("early", to="bot1")
        self.assertEqual(client.events(), [])
        client.call("login", {"loginType": "token", "token": self.token})
        self.assertEqual(client.texts(), ["early"])

    def test_order_and_batches(self) -> None:
        """What waits comes in the order it was sent, in batches, the last with 0."""
        self.client.binding.detach()
        count = MESSAGES_PER_PUSH + 1
        for number in range(count):
            self.alice.says(str(number), to="bot1")
        client = self.come_back()
        lists = [push["list"] for push in client.payloads("push")[2:]]
        self.assertEqual([len(items) for items in lists], [MESSAGES_PER_PUSH, 1])
        items = [item for items in lists for item in items]
        self.assertEqual([x["content"] for x in items], [str(n) for n in range(count)])
        self.assertEqual([x["continue"] for x in items], [1] * (count - 1) + [0])

    def test_bounded(self) -> None:
        """The newest messages are kept, as many as the bound says."""
        self.client.binding.detach()
        for number in range(MAX_KEPT_MESSAGES + 1):
            self.alice.says(str(number), to="bot1")
        texts = self.come_back().texts()
        self.assertEqual(len(texts), MAX_KEPT_MESSAGES)
        self.assertEqual((texts[0], texts[-1]), ("1", str(MAX_KEPT_MESSAGES)))

    def test_logged_out(self) -> None:
        """Nothing old is kept for an account that is logged out."""
        self.client.call("logout")
        self.alice.says("nobody there", to="bot1")
        self.stage.wait(300)
        client = self.stage.connect("bot1").log_in()
        items = [
            x for n in client.notices if n.event == "push" for x in first(n)["list"]
        ]
        self.assertNotIn(1, {item["msgType"] for item in items})


class ResumeTests(SynchronousTestCase):
    """Tasks that run on, and connections that go on with them."""

    def setUp(self) -> None:
        """Have an account that is logged in and loses its connection."""
        self.stage = Stage()
        client = self.stage.connect().log_in()
        self.account = client.account
        client.binding.detach()

    def test_logged_in(self) -> None:
        """Commands are carried out at once; what was kept comes, and no contacts."""
        self.stage.world.person("alice").says("kept", to="bot1")
        self.assertTrue(self.account.is_running)
        client = self.stage.connect()
        self.assertTrue(self.account.resume(client.binding))
        self.assertEqual(client.texts(), ["kept"])
        self.assertTrue(client.call("getAutoLoginData").success)
        self.assertNotIn("loaded", [notice.event for notice in client.notices])
        # Once more changes nothing.
        self.assertTrue(self.account.resume(client.binding))
        self.assertEqual(client.events(), [])

    def test_code_that_is_shown(self) -> None:
        """A code that another connection was shown is void then."""
        showing = self.stage.connect()
        showing.show_code()
        client = self.stage.connect()
        self.account.resume(client.binding)
        self.assertEqual(self.stage.world.logins, [])

    def test_logged_out(self) -> None:
        """An account that is logged out has no task, and nothing to go on with."""
        self.account.log_out()
        self.assertFalse(self.account.is_running)
        client = self.stage.connect()
        self.assertFalse(self.account.resume(client.binding))
        self.assertIn("call init first", client.refused("close"))

    def test_closed(self) -> None:
        """A task that was closed does not run, though its account is logged in."""
        self.account.close()
        self.assertEqual(
            (self.account.is_running, self.account.is_logged_in), (False, True)
        )

    def test_restart(self) -> None:
        """Tasks do not outlive a restart; logins do."""
        self.stage.restart()
        account = self.stage.world.account("bot1")
        self.assertEqual((account.is_running, account.is_logged_in), (False, True))


class EventTests(SynchronousTestCase):
    """Events that the gateway sends when it is told to."""

    def test_warn_and_sns(self) -> None:
        """A warning has its text in error; sns has a text as second argument."""
        client = Stage().connect("bot1").log_in()
        client.account.warns("task does not answer")
        client.account.sns_arrives("dot")
        self.assertEqual(
            [(notice.event, notice.args) for notice in client.take()],
            [("warn", ({"error": "task does not answer"},)), ("sns", ({}, "dot"))],
        )

    def test_logs_in_again(self) -> None:
        """A login by the gateway itself is told; no token is void."""
        client = Stage().connect("bot1")
        client.init()
        client.account.logs_in_again()
        self.assertEqual(client.events(), [])
        token = client.log_in().token()
        client.account.logs_in_again()
        self.assertEqual(client.events(), ["autoLogin"])
        client.call("close")
        self.assertTrue(client.log_in_by_token(token).success)

    def test_nobody_there(self) -> None:
        """Without a connection they go nowhere."""
        client = Stage().connect("bot1").log_in()
        client.binding.detach()
        client.account.warns("x")
        client.account.sns_arrives()
        client.account.close()
        client.account.log_out()
        self.assertEqual(client.events(), [])

    def test_repr(self) -> None:
        """No repr shows a key, a token, device data or a text."""
        stage = Stage()
        client = stage.connect("bot1", "SECRET-KEY").log_in()
        token = client.token()
        account = client.account
        message = stage.world.person("alice").says("private words", to="bot1")
        shown = repr(
            [
                stage.world,
                account,
                account.device,
                list(account.tokens),
                client.binding,
                message,
                list(account.user.deliveries),
                client.take(),
                client.call("getDeviceInfo"),
                client.call("getAutoLoginData"),
            ]
        )
        device_data = str(client.call("getDeviceInfo").data["deviceData"])
        secrets = ["SECRET-KEY", token, device_data, "private words"]
        for secret in [*secrets, *DEVICE.values(), account.key_fingerprint]:
            self.assertNotIn(secret, shown)
        self.assertIn("bot1", shown)
