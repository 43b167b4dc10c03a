"""Which faults hit what."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.faults.deeds import Trigger
from padchat_twisted.sandbox.faults.player import MAX_ACCOUNTS_PLAYED, Player, Who
from padchat_twisted.sandbox.faults.scenario import ALWAYS, Fault, Scenario


class PlayerTests(SynchronousTestCase):
    """A player of one fault, or of some."""

    def play(self, *faults: Fault) -> None:
        """Have a player of these."""
        self.player = Player(Scenario("mine", "", faults))

    def send(
        self, account: str = "bot", *, now: float = 100.0, age: float = 0.0
    ) -> list[str]:
        """Send a message; return what is done to it."""
        faults = self.player.met(
            Trigger.COMMAND, "sendMsg", Who("key", account), now=now, age=age
        )
        return [fault.do for fault in faults]

    def sent(self, times: int, account: str = "bot") -> str:
        """Send some messages; return a letter for each, ``x`` when it is hit."""
        return "".join("x" if self.send(account) else "." for _ in range(times))

    def test_once(self) -> None:
        """Without a count the first one is hit."""
        self.play(Fault("drop", Trigger.COMMAND, "sendMsg"))
        self.assertEqual(self.sent(3), "x..")

    def test_count(self) -> None:
        """The count says which ones."""
        self.play(Fault("drop", Trigger.COMMAND, "sendMsg", nth=3, times=2))
        self.assertEqual(self.sent(6), "..xx..")

    def test_always(self) -> None:
        """It may have no end."""
        self.play(Fault("drop", Trigger.COMMAND, "sendMsg", nth=3, times=ALWAYS))
        self.assertEqual(self.sent(6), "..xxxx")

    def test_time(self) -> None:
        """It may last for a time, from the first one on."""
        self.play(Fault("drop", Trigger.COMMAND, "sendMsg", nth=2, lasts=10))
        hits = [bool(self.send(now=now)) for now in (0, 100, 109.9, 110, 111)]
        self.assertEqual(hits, [False, True, True, False, False])

    def test_age(self) -> None:
        """What comes before the connection is old enough does not count."""
        self.play(Fault("drop", Trigger.COMMAND, "sendMsg", after=60))
        hits = [bool(self.send(age=age)) for age in (0, 59, 60, 61)]
        self.assertEqual(hits, [False, False, True, False])

    def test_age_of_a_connection(self) -> None:
        """A connection that is let in counts at once; who plays it waits."""
        self.play(Fault("close", Trigger.CONNECTION, after=60))
        met = self.player.met(Trigger.CONNECTION, "", Who("key", "bot"), now=1, age=0)
        self.assertEqual(len(met), 1)

    def test_accounts(self) -> None:
        """Each account counts for itself; others than the named one are left alone."""
        self.play(Fault("drop", Trigger.COMMAND, "sendMsg"))
        self.assertEqual([self.sent(2, "one"), self.sent(2, "two")], ["x.", "x."])
        self.play(Fault("drop", Trigger.COMMAND, "sendMsg", account="two"))
        self.assertEqual([self.sent(2, "one"), self.sent(2, "two")], ["..", "x."])

    def test_keys(self) -> None:
        """Accounts of one label and several keys are several."""
        self.play(Fault("drop", Trigger.COMMAND, account="0"))
        for key in ("one", "two"):
            who = Who(key, "0")
            met = self.player.met(Trigger.COMMAND, "sendMsg", who, now=1, age=0)
            self.assertEqual(len(met), 1, key)

    def test_other_things(self) -> None:
        """What is something else is not hit, and does not count."""
        self.play(Fault("drop", Trigger.COMMAND, "getContact"))
        self.assertEqual(self.sent(2), "..")
        self.play(Fault("drop", Trigger.EVENT))
        self.assertEqual(self.sent(2), "..")
        self.play(Fault("drop", Trigger.COMMAND))
        self.assertEqual(self.sent(2), "x.")

    def test_order(self) -> None:
        """Several faults hit one command in the order of the file."""
        self.play(
            Fault("twice", Trigger.COMMAND),
            Fault("close", Trigger.COMMAND, "sendMsg"),
        )
        self.assertEqual(self.send(), ["twice", "close"])

    def test_restart(self) -> None:
        """A restart is counted for all accounts together."""
        self.play(Fault("restart", Trigger.COMMAND, "sendMsg"))
        self.assertEqual([self.sent(2, "one"), self.sent(2, "two")], ["x.", ".."])

    def test_many_accounts(self) -> None:
        """Names without end do not fill the memory."""
        self.play(Fault("drop", Trigger.COMMAND))
        for number in range(MAX_ACCOUNTS_PLAYED):
            self.send(str(number))
        self.assertEqual(self.send("one more"), [])
        self.play(Fault("drop", Trigger.COMMAND))
        self.assertEqual(self.send("one more"), ["drop"])
