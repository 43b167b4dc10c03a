"""What a client of ours sees of each fault, in each dialect."""

from __future__ import annotations

from padchat_twisted.errors import NeedsHuman
from padchat_twisted.sandbox.faults.deeds import DEEDS
from padchat_twisted.sandbox.faults.scenario import Scenario
from padchat_twisted.sandbox.faults.served import MAX_HELD, SWAP_SECONDS, Faulty
from padchat_twisted.store import MemoryStore

from ..gateway_stage import GatewayStage
from .case import BACK, NAME, PATIENCE, URLS, FaultCase, scenario


def on_send(do: str, more: str = "") -> str:
    """Write a fault of the first message that is sent."""
    return f'[[fault]]\ncommand = "sendMsg"\ndo = "{do}"\n{more}\n'


def on_push(do: str, more: str = "") -> str:
    """Write a fault of the pushes from alice, which come when the login is over."""
    return f'[[fault]]\nevent = "push"\nafter = 2\ndo = "{do}"\n{more}\n'


class ReplyTests(FaultCase):
    """What may happen to a reply."""

    def played(self, text: str, dialect: str) -> tuple[str, str, str]:
        """Send twice; return the outcomes: at once and later, and of the second."""
        self.serve(scenario(text))
        account = self.log_in(dialect)
        first = self.send(account, "first")
        now = self.outcome(first) if first.called else "waits"
        self.stage.wait(PATIENCE)
        later = now if now != "waits" else self.outcome(first)
        second = self.outcome(self.send(account, "second"))
        self.assertEqual(account.state, "ready")
        return now, later, second

    def test_drop(self) -> None:
        """The message is sent, and its reply lost: nobody knows the outcome."""
        for dialect in URLS:
            outcomes = self.played(on_send("drop"), dialect)
            self.assertEqual(outcomes, ("waits", "OutcomeUnknown", "SentMessage"))
            self.assertEqual(self.written()[-2:], ["first", "second"])

    def test_late(self) -> None:
        """A reply that comes within the time limit is as good as ever."""
        for dialect in URLS:
            outcomes = self.played(on_send("late", "seconds = 5"), dialect)
            self.assertEqual(outcomes, ("waits", "SentMessage", "SentMessage"))

    def test_too_late(self) -> None:
        """One that comes when nobody waits is not taken for another one."""
        for dialect in URLS:
            outcomes = self.played(on_send("late", "seconds = 65"), dialect)
            self.assertEqual(outcomes, ("waits", "OutcomeUnknown", "SentMessage"))

    def test_twice(self) -> None:
        """A second reply leaves the client and its next command alone."""
        for dialect in URLS:
            outcomes = self.played(on_send("twice"), dialect)
            self.assertEqual(outcomes, ("SentMessage",) * 3)
            wire = self.stage.network.wires[0]
            self.assertEqual(len(self.stage.network.wires), 1, wire)

    def test_garble(self) -> None:
        """A reply that is cut cannot be read, now or when the time is up."""
        for dialect in URLS:
            _, later, second = self.played(on_send("garble"), dialect)
            self.assertEqual((later, second), ("OutcomeUnknown", "SentMessage"))

    def test_refuse(self) -> None:
        """A command that is refused is not carried out."""
        for dialect in URLS:
            outcomes = self.played(on_send("refuse"), dialect)
            self.assertEqual(outcomes, ("CallRejected", "CallRejected", "SentMessage"))
            self.assertNotIn("first", self.written())

    def test_limit(self) -> None:
        """A limit holds for its time, with its text and status."""
        more = 'nth = 2\nlasts = 60\ntext = "slowly"\nstatus = -7'
        for dialect in URLS:
            self.serve(scenario(on_send("refuse", more)))
            account = self.log_in(dialect)
            self.assertEqual(self.outcome(self.send(account)), "SentMessage")
            refused = self.send(account)
            error = self.failureResultOf(refused).value
            self.assertIn("slowly", str(error))
            self.assertEqual(getattr(error, "status", None), -7)
            self.stage.wait(61)
            self.assertEqual(self.outcome(self.send(account)), "SentMessage")


class EventTests(FaultCase):
    """What may happen to an event."""

    def texts(self, text: str, dialect: str, wait: float = 1.0) -> list[str]:
        """Have alice write three times; return what came, in order."""
        self.serve(scenario(text))
        account = self.log_in(dialect)
        self.stage.wait(2)
        for said in ("one", "two", "three"):
            self.alice.says(said, to=NAME)
            self.stage.flush()
        self.stage.wait(wait)
        return account.texts

    def test_drop(self) -> None:
        """A push that is lost is lost, until the next login."""
        for dialect in URLS:
            self.assertEqual(self.texts(on_push("drop"), dialect), ["two", "three"])
            self.stage.gateway.drop_clients()
            self.stage.wait(5)
            texts = self.stage.accounts[0].texts
            self.assertEqual(sorted(texts), sorted(["two", "three", "one"]))

    def test_late(self) -> None:
        """A push may come late."""
        for dialect in URLS:
            text = on_push("late", "seconds = 3")
            self.assertEqual(self.texts(text, dialect), ["two", "three"])
            self.stage.wait(3)
            self.assertEqual(self.stage.accounts[0].texts[-1], "one")

    def test_twice(self) -> None:
        """A push that comes twice is handled once, since its messages have ids."""
        for dialect in URLS:
            text = on_push("twice", 'times = "always"')
            self.assertEqual(self.texts(text, dialect), ["one", "two", "three"])
            self.assertEqual(self.trouble.played["twice"], 3)

    def test_swap(self) -> None:
        """The first push comes behind the second; one without a next comes late."""
        for dialect in URLS:
            text = on_push("swap", 'times = "always"')
            self.assertEqual(self.texts(text, dialect), ["two", "one"])
            self.stage.wait(SWAP_SECONDS)
            self.assertEqual(self.stage.accounts[0].texts, ["two", "one", "three"])

    def test_replay(self) -> None:
        """What was pushed is pushed again, to who has forgotten it."""
        replay = '[[fault]]\nevent = "loaded"\nnth = 2\ndo = "replay"\nseconds = 86400'
        for dialect in URLS:
            self.serve(scenario(replay), replay_seconds=0.0)
            first = self.log_in(dialect)
            self.alice.says("one", to=NAME)
            self.stage.flush()
            first.close()
            second = self.stage.account(NAME, url=URLS[dialect], store=_opened())
            self.stage.wait(2)
            self.assertEqual(second.texts, ["one"], dialect)

    def test_loaded(self) -> None:
        """Without ``loaded`` an account is ready all the same, later."""
        text = '[[fault]]\nevent = "loaded"\ndo = "drop"'
        for dialect in URLS:
            self.serve(scenario(text))
            account = self.stage.account(NAME, url=URLS[dialect])
            self.stage.wait(5)
            self.assertEqual(account.state, "syncing", dialect)
            self.stage.wait(60)
            self.assertEqual(account.state, "ready", dialect)

    def test_expired_code(self) -> None:
        """A code that expires at once is followed by another one."""
        for dialect in URLS:
            self.serve(scenario('[[fault]]\ndo = "expire-code"'))
            self.stage.world.auto_scan = False
            account = self.stage.account(NAME, url=URLS[dialect])
            self.stage.flush()
            self.assertEqual(account.states()[-2:], ["awaiting_scan"] * 2, dialect)
            user = self.stage.world.account(NAME).own_user
            user.scan(NAME)
            user.confirm(NAME)
            self.stage.wait(2)
            self.assertEqual(account.state, "ready", dialect)


class LoginTests(FaultCase):
    """What may be refused."""

    def test_token(self) -> None:
        """A saved login that is refused is put aside, and a code is shown."""
        for dialect in URLS:
            # In dialect sdk the token is tried in two ways.
            self.serve(scenario('[[fault]]\ndo = "refuse-token"\nlasts = 10'))
            store = _opened()
            self.log_in(dialect, store=store).close()
            # Dialect legacy would go on with the task otherwise.
            self.stage.world.account(NAME).close()
            account = self.stage.account(NAME, url=URLS[dialect], store=store)
            self.stage.wait(2)
            states = account.states()
            self.assertIn("awaiting_scan", states, dialect)
            self.assertEqual(states[-1], "ready")
            tried = 2 if dialect == "sdk" else 1
            self.assertEqual(self.trouble.played["refuse-token"], tried)

    def test_key(self) -> None:
        """A key that is refused needs a person, in the dialect's own way."""
        for dialect in URLS:
            self.serve(scenario('[[fault]]\ndo = "refuse-key"'))
            account = self.stage.account(NAME, url=URLS[dialect])
            failure = self.failureResultOf(account.session.when_ready(), NeedsHuman)
            self.assertEqual(account.state, "needs_human")
            self.assertIn("auth", str(failure.value).lower(), dialect)
            self.assertEqual(self.stage.world.accounts, {})


class ConnectionTests(FaultCase):
    """What may happen to a connection."""

    def states(self, text: str, dialect: str, wait: float = 10.0) -> list[str]:
        """Send a message; return the states that follow."""
        self.serve(scenario(text))
        account = self.log_in(dialect)
        self.assertEqual(self.outcome(self.send(account)), "SentMessage")
        self.stage.wait(wait)
        return account.states()

    def assert_back(self, states: list[str], dialect: str) -> None:
        """It was lost once, and is back by its token, or goes on in ``legacy``."""
        back = [s for s in BACK if dialect != "legacy" or s != "logging_in"]
        self.assertEqual(states, back, dialect)

    def test_close(self) -> None:
        """A close frame comes behind the reply; the account comes back."""
        for dialect in URLS:
            self.serve(scenario(on_send("close", 'code = 1012\ntext = "restart"')))
            account = self.log_in(dialect)
            self.assertEqual(self.outcome(self.send(account)), "SentMessage")
            self.assertIn("code 1012 restart", str(account.changes[0].reason))
            self.stage.wait(10)
            self.assert_back(account.states(), dialect)

    def test_close_for_good(self) -> None:
        """Dialect ``sdk`` has codes after which nobody comes back."""
        text = on_send("close", "code = 3203")
        self.assertEqual(self.states(text, "sdk"), ["needs_human"])

    def test_half_close(self) -> None:
        """The gateway's half of the connection ends; the account comes back."""
        for dialect in URLS:
            self.assert_back(self.states(on_send("half-close"), dialect), dialect)

    def test_take_over(self) -> None:
        """An account that was taken over waits for a person."""
        for dialect in URLS:
            self.assertEqual(
                self.states(on_send("take-over"), dialect), ["needs_human"]
            )

    def test_restart(self) -> None:
        """Every connection goes, and none is let in for a time; then all are back."""
        for dialect in URLS:
            self.serve(scenario(on_send("restart", "seconds = 5")))
            account = self.log_in(dialect)
            other = self.stage.account("other", key="KEY-0001")
            self.stage.wait(2)
            self.send(account)
            self.stage.wait(1)
            for each in (account, other):
                self.assertNotEqual(each.state, "ready", dialect)
            self.stage.wait(3)
            self.assertNotEqual(account.state, "ready")
            self.stage.wait(20)
            states = [account.state, other.state]
            # In the JSON dialects all names are one account.
            self.assertEqual(states, ["ready", "ready"], dialect)

    def test_down(self) -> None:
        """While it is away every page says so, and the log has no key."""
        self.serve(scenario(on_send("restart", "seconds = 5")))
        self.send(self.log_in())
        self.stage.wait(1)
        for path in ("/", "/ws", "/secret-key", "/socket.io/?authKey=secret-key"):
            self.assertEqual(self.stage.get(path)[0], 503)
        self.stage.wait(5)
        self.assertEqual(self.stage.get("/")[0], 200)

    def test_silence(self) -> None:
        """Heartbeats go on and nothing else; later what waited in the world comes."""
        for dialect in URLS:
            states = self.states(on_send("silence", "seconds = 200"), dialect)
            self.assertEqual(states, [], dialect)
            account = self.stage.accounts[0]
            calling = self.send(account, "into the void")
            self.alice.says("are you there?", to=NAME)
            self.stage.wait(180)
            self.assertEqual(account.states(), [], dialect)
            self.assertEqual(self.outcome(calling), "OutcomeUnknown")
            self.assertNotIn("into the void", self.written())
            self.assertEqual(account.texts, [])
            self.stage.wait(11)
            self.assertEqual(account.texts, ["are you there?"], dialect)
            self.assertEqual(self.outcome(self.send(account)), "SentMessage")

    def test_silence_for_good(self) -> None:
        """The account's probe ends it; what was said meanwhile comes after that."""
        for dialect in URLS:
            self.states(on_send("silence"), dialect)
            account = self.stage.accounts[0]
            self.alice.says("are you there?", to=NAME)
            self.stage.wait(200)
            self.assertEqual(account.texts, [])
            self.stage.wait(300)
            self.assertEqual(account.texts, ["are you there?"], dialect)

    def test_slow(self) -> None:
        """From there on each thing takes its time, in order."""
        for dialect in URLS:
            self.serve(scenario(on_send("slow", "seconds = 2")))
            account = self.log_in(dialect)
            self.send(account)
            self.stage.wait(5)
            outcomes = [self.send(account), self.send(account)]
            self.stage.wait(2)
            self.assertEqual([each.called for each in outcomes], [True, False])
            self.stage.wait(2)
            self.assertEqual([each.called for each in outcomes], [True, True])

    def test_age(self) -> None:
        """A fault of the connection itself comes when that is old enough."""
        self.serve(scenario('[[fault]]\nafter = 30\ndo = "close"'))
        account = self.log_in()
        self.stage.wait(27)
        self.assertEqual(account.states(), [])
        self.stage.wait(5)
        self.assertEqual(account.states(), BACK)


class BoundTests(FaultCase):
    """Where it ends."""

    def test_slow_without_end(self) -> None:
        """Who lets more wait than may be held is dropped."""
        text = on_send("slow", "seconds = 3600")
        self.serve(scenario(text))
        account = self.log_in()
        self.send(account)
        for number in range(MAX_HELD):
            self.alice.says(str(number), to=NAME)
        self.stage.flush()
        self.assertEqual(account.states(), [])
        self.alice.says("one more", to=NAME)
        self.stage.flush()
        self.assertEqual(account.states()[:1], ["retrying"])

    def test_late_without_end(self) -> None:
        """So is who has too many that come late."""
        text = on_push("late", 'seconds = 3600\ntimes = "always"')
        self.serve(scenario(text))
        account = self.log_in()
        self.stage.wait(2)
        for number in range(MAX_HELD):
            self.alice.says(str(number), to=NAME)
        self.stage.flush()
        self.assertEqual(account.states(), [])
        self.alice.says("one more", to=NAME)
        self.stage.flush()
        self.assertEqual(account.states()[:1], ["retrying"])

    def test_all_deeds(self) -> None:
        """No deed is left out here."""
        tested = {
            *("drop", "late", "twice", "garble", "refuse", "swap", "replay"),
            *("expire-code", "refuse-token", "refuse-key", "close", "half-close"),
            *("take-over", "restart", "silence", "slow"),
        }
        self.assertEqual(set(DEEDS), tested)

    def test_nothing_to_play(self) -> None:
        """It is the player that makes it happen: with none of it, nothing does."""
        for dialect in URLS:
            self.serve(Scenario("nothing", "nothing happens", ()))
            account = self.log_in(dialect)
            self.assertEqual(self.outcome(self.send(account)), "SentMessage")
            self.alice.says("one", to=NAME)
            self.stage.wait(120)
            self.assertEqual((account.texts, account.states()), (["one"], []))
            self.assertEqual(self.trouble.played, {})

    def test_without_scenario(self) -> None:
        """A gateway without faults serves with nothing in between."""
        stage = GatewayStage()
        self.addCleanup(stage.gateway.stop)
        self.assertIsNone(stage.gateway.trouble)
        self.assertRaises(ValueError, Faulty, stage.gateway)


def _opened() -> MemoryStore:
    store = MemoryStore()
    store.open()
    return store
