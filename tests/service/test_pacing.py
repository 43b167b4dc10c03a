"""The section ``[pacing]``, and who gets what it says."""

from __future__ import annotations

from twisted.internet.testing import MemoryReactorClock

from padchat_twisted.client import PadChatClientFactory, connect
from padchat_twisted.service.accounts import PadChatService
from padchat_twisted.service.config import load_configuration
from padchat_twisted.session.account import AccountSession
from padchat_twisted.session.pacing import Pacing, Rate
from padchat_twisted.store import MemoryStore

from .test_config import ENVIRON, ConfigCase

_BEGIN = """[gateway]
url = "http://h/user"
auth_key.env = "PADCHAT_AUTH_KEY"

[[account]]
name = "a"
handlers = "bots.shop:setup"

"""


class SectionTests(ConfigCase):
    """What is read, and what is told of mistakes."""

    def loaded(self, *lines: str) -> Pacing | None:
        """Load a configuration with *lines* at its end."""
        path = self.write(_BEGIN + "\n".join(lines))
        return load_configuration(path, ENVIRON).pacing

    def told(self, *lines: str) -> str:
        """Return what is said of one, without its folder."""
        problems = self.problems_of(_BEGIN + "\n".join(["[pacing]", *lines]))
        told = "\n".join(str(problem) for problem in problems)
        return told.replace(f"{self.folder}/", "")

    def test_none(self) -> None:
        """Without the section nothing is paced, with an empty one nothing limited."""
        self.assertIsNone(self.loaded())
        self.assertEqual(self.loaded("[pacing]"), Pacing())

    def test_cautious(self) -> None:
        """The guesses, and what is otherwise."""
        self.assertEqual(
            self.loaded("[pacing]", "cautious = true", "per_day = { text = 9 }"),
            Pacing.cautious(per_day={"text": 9}),
        )

    def test_all(self) -> None:
        """Each key arrives."""
        pacing = self.loaded(
            "[pacing]",
            "dry_run = true",
            "overall = { every = 1, burst = 10 }",
            "conversation = { every = 2.5 }",
            "kinds = { image = { every = 3.0, burst = 2 } }",
            "per_day = { friend = 20, text = 0 }",
            "too_often_codes = [-24, 7]",
            'too_often_texts = ["慢一点", "slow down"]',
            "cool_down = 10",
            "longest_cool_down = 100.5",
            "max_waiting = 7",
            "longest_wait = 30",
            "max_large_uploads = 2",
        )
        self.assertEqual(
            pacing,
            Pacing(
                dry_run=True,
                overall=Rate(1, 10),
                conversation=Rate(2.5),
                kinds={"image": Rate(3.0, 2)},
                per_day={"friend": 20, "text": 0},
                too_often_codes=frozenset((-24, 7)),
                too_often_texts=("慢一点", "slow down"),
                cool_down=10,
                longest_cool_down=100.5,
                max_waiting=7,
                longest_wait=30,
                max_large_uploads=2,
            ),
        )

    def test_mistakes(self) -> None:
        """Each tells its line, what was found, and what belongs there."""
        for line, *texts in (
            ("cautios = true", "unknown key 'cautios'", "the nearest is cautious"),
            ("cautious = 1", "[pacing] cautious: this is an integer", "true or false"),
            ("overall = 3", "[pacing] overall: this is an integer", "a table"),
            ("overall = { burst = 3 }", "every is missing", "write every = 2.0"),
            ("overall = { every = 0 }", "overall.every: found 0", "above 0"),
            ('overall = { every = "1" }', "overall.every: this is a text", "a number"),
            ("overall = { every = 1, burst = 0 }", "overall.burst: found 0"),
            ("kinds = { texts = { every = 1 } }", "unknown key 'texts'", "is text"),
            ("kinds = { text = { every = -1 } }", "kinds.text.every: found -1"),
            ("per_day = { friend = -1 }", "per_day.friend: this is -1", "from 0 on"),
            ('per_day = { friend = "1" }', "per_day.friend: a text", "from 0 on"),
            ("cool_down = 0", "[pacing] cool_down: this is 0", "seconds above 0"),
            ("longest_cool_down = 1", "found less than cool_down", "not less than"),
            ("max_waiting = 1.5", "max_waiting: this is 1.5", "a whole number"),
            ("max_large_uploads = true", "this is a boolean", "a whole number"),
            ("too_often_codes = 3", "this is an integer", "an array of whole numbers"),
            ('too_often_codes = ["3"]', "not all in it are right"),
            ('too_often_texts = [""]', "too_often_texts: an array", "not empty"),
            ("too_often_texts = [3]", "not all in it are right", "an array of texts"),
        ):
            told = self.told(line)
            self.assertIn("written.toml:10: ", told, line)
            for text in texts:
                self.assertIn(text, told)

    def test_no_table(self) -> None:
        """Something else than a section is told as such."""
        problems = self.problems_of("pacing = 3\n" + _BEGIN)
        self.assertIn("[pacing]: this is an integer", str(problems[0]))


class WayTests(ConfigCase):
    """Each way to embed an account hands the settings on."""

    def test_service(self) -> None:
        """All accounts of a service have them, each with buckets of its own."""
        pacing = Pacing.cautious()
        service = PadChatService(
            MemoryReactorClock(),
            "http://h/user",
            auth_key="k",
            store=MemoryStore(),
            pacing=pacing,
        )
        paced = [service.add_account(name).pacing for name in ("a", "b")]
        for one in paced:
            assert one is not None
            self.assertIs(one.settings, pacing)
        self.assertIsNot(paced[0], paced[1])

    def test_connect_and_factory(self) -> None:
        """One account has them, by connect or by the factory."""
        pacing, reactor = Pacing.cautious(), MemoryReactorClock()
        accounts: list[AccountSession] = []
        connecting = connect(
            reactor,
            "http://h/user",
            auth_key="k",
            handlers=accounts.append,
            pacing=pacing,
        )
        factory = PadChatClientFactory(
            reactor, "http://h/user", auth_key="k", pacing=pacing
        )
        accounts.append(factory.account)
        for account in accounts:
            assert account.pacing is not None
            self.assertIs(account.pacing.settings, pacing)
        self.assertEqual(len(accounts), 2)
        connecting.addErrback(lambda _: None)
        accounts[0].close()
