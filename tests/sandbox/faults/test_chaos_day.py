"""A quarter of an hour of chaos, in memory."""

from __future__ import annotations

from padchat_twisted.catalogue import SendMsg
from padchat_twisted.sandbox.faults.chaos import Chaos
from padchat_twisted.sandbox.faults.scenario import Scenario

from .case import URLS, FaultCase

#: How long it lasts (seconds), and how often something is said in it.
CHAOS = 900
EVERY = 5

#: By then whoever was in trouble should be well again (seconds).
AFTERWARDS = 300

ACCOUNTS = 3


class ChaosDayTests(FaultCase):
    """What is left of it."""

    def day(self, dialect: str, seed: int) -> int:
        """Talk to and from some accounts; return how many faults there were."""
        self.serve(Scenario("nothing", "nothing happens yet", ()), auth_keys=None)
        accounts = [
            self.stage.account("0", key=f"key-{number}", url=URLS[dialect])
            for number in range(ACCOUNTS)
        ]
        self.stage.wait(EVERY)
        self.trouble.play(Chaos(seed, ends_after=CHAOS))
        calls = []
        said = [str(number) for number in range(CHAOS // EVERY)]
        for text in said:
            for account in self.stage.world.accounts.values():
                self.alice.says(text, to=account)
            for number, watched in enumerate(accounts):
                command = SendMsg("filehelper", f"{number}: {text}")
                calls.append(watched.session.call(command))
            self.stage.wait(EVERY)
        self.stage.wait(AFTERWARDS)
        for watched in accounts:
            self.assertEqual(watched.state, "ready")
            self.assertEqual(sorted(watched.texts), sorted(said))
        self.assertNotIn("waits", [self.outcome(call) for call in calls])
        written = [text for text in self.written() if ": " in text]
        self.assertEqual(len(written), len(set(written)))
        return sum(self.trouble.played.values())

    def test_socketio(self) -> None:
        """All are ready again, each message came once, no send came twice."""
        self.assertGreater(self.day("socketio", 1), 20)

    def test_legacy(self) -> None:
        """The same in dialect ``legacy``."""
        self.assertGreater(self.day("legacy", 1), 20)
