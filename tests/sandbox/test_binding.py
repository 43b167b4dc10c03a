"""Tests of padchat_twisted.sandbox.binding: what waits for one connection."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.binding import MAX_WAITING_NOTICES, NOT_TAKEN, State

from .stage import DEVICE, Stage


class BindingTests(SynchronousTestCase):
    """The queue of one connection, and its end."""

    def setUp(self) -> None:
        """Have one connection."""
        self.stage = Stage()
        self.client = self.stage.connect("bot1")
        self.binding = self.client.binding

    def test_wakes_when_something_comes(self) -> None:
        """The server is woken once for all that comes before it takes."""
        self.binding.notify("one", {})
        self.binding.notify("two", {}, "text")
        self.assertEqual(self.client.wakes, 1)
        self.assertEqual(self.client.events(), ["one", "two"])
        self.assertEqual(self.client.events(), [])
        self.binding.notify("three")
        self.assertEqual(self.client.wakes, 2)
        self.assertEqual(self.client.take()[0].args, ())

    def test_detached(self) -> None:
        """Who is gone is told nothing more and wakes nobody."""
        self.binding.notify("one", {})
        self.binding.detach()
        self.binding.notify("two", {})
        self.assertEqual(self.client.events(), ["one"])
        self.assertEqual(self.client.wakes, 1)

    def test_sending_fails(self) -> None:
        """What was not sent when the loop was left is kept for the next login."""
        self.client.log_in()
        token = self.client.token()
        for text in ("sent", "failed", "waiting"):
            self.stage.world.person("alice").says(text, to="bot1")
        for notice in self.binding.take_notices():
            if "failed" in str(notice.args):
                break
        self.binding.detach()
        self.stage.wait(100_000)
        newer = self.stage.connect("bot1")
        newer.log_in_by_token(token)
        self.assertEqual(newer.texts(), ["failed", "waiting"])

    def test_comes_while_taking(self) -> None:
        """What comes while the server takes is taken along."""
        self.binding.notify("one")
        taken: list[str] = []
        for notice in self.binding.take_notices():
            if not taken:
                self.binding.notify("two")
            taken.append(notice.event)
        self.assertEqual(taken, ["one", "two"])
        self.assertEqual(self.client.events(), [])

    def test_states_include_the_ones_before(self) -> None:
        """A connection goes from open to initialised to logged in, and back."""
        self.assertEqual(self.binding.state, State.OPEN)
        self.client.init()
        self.assertEqual(self.binding.state, State.INITIALISED)
        self.client.log_in()
        self.assertEqual(self.binding.state, State.LOGGED_IN)
        self.client.call("close")
        self.assertEqual(self.binding.state, State.OPEN)
        self.assertLess(State.OPEN, State.INITIALISED)
        self.assertLess(State.INITIALISED, State.LOGGED_IN)

    def test_does_not_read(self) -> None:
        """A connection that lets too much wait is warned and over; nothing is lost."""
        self.client.log_in()
        token = self.client.token()
        alice = self.stage.world.person("alice")
        self.client.take()
        message = alice.says("first", to="bot1")
        for _ in range(MAX_WAITING_NOTICES - 1):
            self.binding.notify("sns", {})
        self.assertFalse(self.binding.is_over)
        alice.says("one too many", to="bot1")
        self.assertTrue(self.binding.is_over)
        self.assertEqual(
            [(x.event, x.args) for x in self.client.take()],
            [("warn", ({"error": NOT_TAKEN},))],
        )
        self.stage.wait(100_000)
        newer = self.stage.connect("bot1")
        newer.log_in_by_token(token)
        pushed = newer.pushed(1)
        self.assertEqual([x["content"] for x in pushed], ["first", "one too many"])
        self.assertEqual(pushed[0]["msgId"], message.message_id)

    def test_repr(self) -> None:
        """The repr tells the account, the state and whether it is over."""
        self.assertEqual(repr(self.binding), "<binding to 'bot1', open>")
        self.binding.detach()
        self.assertEqual(repr(self.binding), "<binding to 'bot1', open, over>")

    def test_respond(self) -> None:
        """A command is carried out for the account."""
        reply = self.binding.respond("sendMsg", {})
        self.assertEqual((reply.success, "call init" in reply.msg), (False, True))

    def test_device(self) -> None:
        """The device of the last init is there without its data and empty fields."""
        self.assertEqual(self.binding.device, {})
        self.client.init(**DEVICE)
        self.assertEqual(self.binding.device, DEVICE)
        self.client.init(deviceData="62706c", deviceName="Other")
        self.assertEqual(self.binding.device, {"deviceName": "Other"})

    def test_is_running(self) -> None:
        """The task runs from init on, also without a connection."""
        self.assertFalse(self.binding.is_running)
        self.client.init()
        self.binding.detach()
        self.assertTrue(self.stage.connect("bot1").binding.is_running)

    def test_resume(self) -> None:
        """A task that runs goes on, and says whether it is logged in."""
        self.client.init()
        told = self.stage.connect("bot1").binding.resume()
        self.assertEqual(told, {"logined": False, "status": "init"})
        self.stage.connect("bot1").log_in()
        again = self.stage.connect("bot1")
        told = again.binding.resume()
        self.assertEqual(told, {"logined": True, "status": "init"})
        self.assertEqual(again.payloads("reconnect"), [told])
        self.assertIs(again.binding.state, State.LOGGED_IN)

    def test_fetches_news(self) -> None:
        """News are pushed until it is said that they are fetched; once is enough."""
        self.assertFalse(self.binding.fetches_news)
        self.binding.fetches_news = True
        feed = self.binding.feed
        self.binding.fetches_news = True
        self.assertIs(self.binding.feed, feed)
        self.client.log_in()
        self.assertNotIn("push", [notice.event for notice in self.client.notices])
        self.binding.fetches_news = False
        self.stage.world.person("alice").says("hello", to="bot1")
        self.assertEqual(self.client.texts(), ["hello"])

    def test_closed_pushes(self) -> None:
        """Closed pushes are not queued, and wake nobody; other events are."""
        self.client.log_in()
        self.binding.are_pushes_closed = True
        wakes = self.client.wakes
        for event in ("push", "notify"):
            self.binding.notify(event, {})
        self.assertEqual((self.client.events(), self.client.wakes), ([], wakes))
        self.binding.notify("warn", {})
        self.assertEqual(self.client.events(), ["warn"])
