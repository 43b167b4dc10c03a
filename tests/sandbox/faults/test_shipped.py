"""Each scenario that comes with the package does what its comment says."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

from twisted.internet.defer import Deferred

from padchat_twisted.catalogue import GetContact, GetMyInfo
from padchat_twisted.sandbox.faults import library
from padchat_twisted.sandbox.faults.library import find_scenario, scenario_names
from padchat_twisted.sandbox.faults.player import Who
from padchat_twisted.sandbox.fingerprints import fingerprint
from padchat_twisted.store import MemoryStore

from ..gateway_stage import Watched
from ..stage import KEY
from .case import BACK, NAME, PATIENCE, URLS, FaultCase

#: What the file of a scenario begins with.
_COMMENT = re.compile(r"((?:# .*\n)+)about = ")


class ShippedTests(FaultCase):
    """One test for each file."""

    def play(self, name: str, dialect: str = "socketio") -> Watched:
        """Have an account that is ready at a gateway that plays a scenario."""
        self.serve(name)
        return self.log_in(dialect)

    def say(self, *texts: str) -> None:
        """Have alice write to the account."""
        for text in texts:
            self.alice.says(text, to=NAME)
            self.stage.flush()

    def test_each_is_tested(self) -> None:
        """No file is without its test here."""
        tests = {name.removeprefix("test_") for name in dir(self)}
        names = {name.replace("-", "_") for name in scenario_names()}
        self.assertEqual(names - tests, set())

    def test_comments(self) -> None:
        """Each begins with a comment that names the problems that it provokes."""
        for name in scenario_names():
            path = files(library.__package__) / "scenarios" / f"{name}.toml"
            text = path.read_text("utf-8")
            found = _COMMENT.match(text)
            assert found is not None, name
            comment = found[1].replace("\n# ", " ")
            told = re.match(r"# Problems? ([\d, and]+): ", comment)
            assert told is not None, name
            numbers = tuple(int(number) for number in re.findall(r"\d+", told[1]))
            self.assertEqual(numbers, find_scenario(name).problems, name)

    def test_token_expired(self) -> None:
        """The next login by token leads to a code, and the one after works."""
        for dialect in URLS:
            self.serve("token-expired")
            store = MemoryStore()
            store.open()
            states: list[str] = []
            for _ in range(3):
                account = self.stage.account(NAME, url=URLS[dialect], store=store)
                self.stage.wait(15)
                self.assertEqual(account.state, "ready")
                states += account.states()
                account.close()
                # Dialect legacy would go on with the task otherwise.
                self.stage.world.account(NAME).close()
            self.assertEqual(states.count("awaiting_scan"), 2, dialect)

    def test_key_refused(self) -> None:
        """The account needs a person."""
        for url in URLS.values():
            self.serve("key-refused")
            account = self.stage.account(NAME, url=url)
            self.assertEqual(account.states()[-1], "needs_human")

    def test_code_expires(self) -> None:
        """No code is of use, and the account needs a person."""
        self.serve("code-expires")
        self.stage.world.auto_scan = False
        account = self.stage.account(NAME)
        self.stage.wait(5)
        states = account.states()
        self.assertEqual(states.count("awaiting_scan"), 3)
        self.assertEqual(states[-1], "needs_human")

    def test_duplicate_3202(self) -> None:
        """After half a minute the account is somebody else's."""
        for dialect in URLS:
            account = self.play("duplicate-3202", dialect)
            self.stage.wait(27)
            self.assertEqual(account.states(), [])
            self.stage.wait(2)
            self.assertIn("another", str(account.changes[0].reason), dialect)
            self.assertEqual(account.states(), ["needs_human"])

    def test_half_dead(self) -> None:
        """After a minute nothing is answered, whatever the heartbeats say."""
        for dialect in URLS:
            account = self.play("half-dead", dialect)
            self.stage.wait(60)
            sent = self.send(account)
            self.say("hello?")
            self.stage.wait(PATIENCE)
            self.assertEqual(self.outcome(sent), "OutcomeUnknown", dialect)
            self.assertEqual(account.texts, [])
            pinged = self.stage.network.wires[0].ends[0]
            self.assertTrue(pinged.connected)

    def test_ack_lost_after_send(self) -> None:
        """The message is there once, and nobody knows."""
        account = self.play("ack-lost-after-send")
        sent = self.send(account, "once")
        self.stage.wait(PATIENCE)
        self.assertEqual(self.outcome(sent), "OutcomeUnknown")
        self.assertEqual(self.written().count("once"), 1)
        self.assertEqual(self.outcome(self.send(account)), "SentMessage")

    def test_reply_lost(self) -> None:
        """Three calls have no reply; the next ones have."""
        account = self.play("reply-lost", "sdk")
        for outcome in ("OutcomeUnknown", "result"):
            calls: list[Deferred[Any]] = [
                account.session.call(GetMyInfo()),
                account.session.call(GetContact(self.alice.user_name)),
                self.send(account),
            ]
            self.stage.wait(PATIENCE)
            for call in calls:
                found = self.outcome(call)
                self.assertEqual(
                    "OutcomeUnknown" if found == "OutcomeUnknown" else "result",
                    outcome,
                )

    def test_reply_late(self) -> None:
        """The replies come when the calls have ended."""
        account = self.play("reply-late")
        sent = [self.send(account) for _ in range(3)]
        self.stage.wait(130)
        self.assertEqual([self.outcome(each) for each in sent], ["OutcomeUnknown"] * 3)
        self.assertEqual(self.outcome(self.send(account)), "SentMessage")
        self.assertEqual(account.states(), [])

    def test_reply_twice(self) -> None:
        """Everything works all the same."""
        for dialect in URLS:
            account = self.play("reply-twice", dialect)
            sent = [self.send(account) for _ in range(3)]
            self.assertEqual([self.outcome(each) for each in sent], ["SentMessage"] * 3)
            self.assertGreater(self.trouble.played["twice"], 3)
            self.assertEqual(account.states(), [])

    def test_loaded_never_comes(self) -> None:
        """The account is ready all the same, later."""
        for dialect, url in URLS.items():
            self.serve("loaded-never-comes")
            account = self.stage.account(NAME, url=url)
            self.stage.wait(55)
            self.assertEqual(account.state, "syncing", dialect)
            self.stage.wait(10)
            self.assertEqual(account.state, "ready", dialect)

    def test_push_twice(self) -> None:
        """Each message is handled once."""
        for dialect in URLS:
            account = self.play("push-twice", dialect)
            self.say("one", "two")
            self.assertEqual(account.texts, ["one", "two"], dialect)
            self.assertGreaterEqual(self.trouble.played["twice"], 2)

    def test_old_messages_after_login(self) -> None:
        """What was pushed comes again after the next login; it is known by its id."""
        for dialect in URLS:
            account = self.play("old-messages-after-login", dialect)
            self.say("one")
            pushed = self.trouble.replayed(Who(fingerprint(KEY), NAME), 0)
            self.stage.gateway.drop_clients()
            self.stage.wait(5)
            self.assertEqual(account.state, "ready")
            self.assertEqual(self.trouble.played["replay"], 2, dialect)
            self.assertGreaterEqual(len(pushed), 1)
            self.assertEqual(account.texts, ["one"])

    def test_out_of_order(self) -> None:
        """Nothing is lost, and two always change places."""
        for dialect in URLS:
            account = self.play("out-of-order", dialect)
            self.stage.wait(20)
            self.say("one", "two", "three", "four")
            self.stage.wait(20)
            self.assertEqual(account.texts, ["two", "one", "four", "three"], dialect)

    def test_rate_limited_for_1h(self) -> None:
        """After ten messages an hour's rest, whatever is tried."""
        account = self.play("rate-limited-for-1h")
        sent = [self.send(account) for _ in range(12)]
        outcomes = [self.outcome(each) for each in sent]
        # The greeting of a login is none of them.
        self.assertEqual(outcomes, ["SentMessage"] * 10 + ["CallRejected"] * 2)
        self.stage.network.advance(3590, 10)
        refused = self.send(account)
        self.assertIn("频繁", str(self.failureResultOf(refused).value))
        self.stage.wait(11)
        self.assertEqual(self.outcome(self.send(account)), "SentMessage")

    def test_restart_gateway(self) -> None:
        """It is away for ten seconds, once; then the account is back."""
        for dialect in URLS:
            account = self.play("restart-gateway", dialect)
            self.stage.wait(59)
            self.assertNotEqual(account.state, "ready", dialect)
            self.assertEqual(self.stage.get("/")[0], 503)
            self.stage.wait(60)
            self.assertEqual(account.state, "ready", dialect)
            self.assertEqual(self.trouble.played["restart"], 1)

    def test_flapping(self) -> None:
        """Each connection ends; the account is not ready for long."""
        for dialect in URLS:
            account = self.play("flapping", dialect)
            self.stage.wait(60)
            self.assertGreaterEqual(account.states().count("retrying"), 3, dialect)

    def test_half_closed(self) -> None:
        """The call ends with the connection, and the account is back."""
        for dialect in URLS:
            account = self.play("half-closed", dialect)
            self.assertEqual(self.outcome(self.send(account)), "OutcomeUnknown")
            self.stage.wait(10)
            states = account.states()
            self.assertEqual((states[0], states[-1]), (BACK[0], BACK[-1]), dialect)

    def test_garbled(self) -> None:
        """The call ends, and the next one has its reply."""
        for dialect in URLS:
            account = self.play("garbled", dialect)
            sent = self.send(account)
            self.stage.wait(PATIENCE)
            self.assertEqual(self.outcome(sent), "OutcomeUnknown", dialect)
            self.assertEqual(self.outcome(self.send(account)), "SentMessage")

    def test_slow(self) -> None:
        """It takes its time until the account is ready."""
        for dialect, url in URLS.items():
            self.serve("slow")
            account = self.stage.account(NAME, url=url)
            self.stage.wait(3)
            self.assertNotEqual(account.state, "ready", dialect)
            self.stage.wait(60)
            self.assertEqual(account.state, "ready", dialect)
