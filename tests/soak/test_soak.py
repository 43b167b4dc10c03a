"""A short form of ``make soak``, and what it finds when a mechanism is missing."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from padchat_twisted.catalogue import Command, GetDeviceInfo, Result
from padchat_twisted.interfaces import AccountKey, KeyedSend
from padchat_twisted.session import saving
from padchat_twisted.session.account import AccountSession
from padchat_twisted.session.endurance import Endurance
from padchat_twisted.session.seen import SeenMessages
from padchat_twisted.store import SQLiteStore

from ..children import new_folder
from ..service.stage import real_reactor
from .stage import Plan, Stage

#: Accounts of the short form: one or more for each dialect and transport.
FEW = 8

#: After the login that follows, the messages of before are pushed again.
CLOSED = """
about = "the connection is closed at the third message that is sent"

[[fault]]
command = "sendMsg"
nth = 3
do = "close"
"""

#: With it accounts connect again at once.
IMPATIENT = Endurance(chance=lambda: 0.0)


def short(seconds: float, **others: Any) -> Plan:  # noqa: ANN401 - fields of a Plan
    """Make a plan of some seconds."""
    usual: dict[str, Any] = {
        "talk_every": 0.5,
        "act_every": 0.5,
        "time_limit": 2.0,
        "lives": 1,
        "endurance": IMPATIENT,
    }
    return Plan(FEW, seconds, **(usual | others))


class ForgetfulStore(SQLiteStore):
    """A store that forgets each key before it looks for it."""

    def begin_send(
        self, key: AccountKey, send: KeyedSend
    ) -> Deferred[KeyedSend | None]:
        """Note a send, whatever is known of its key."""
        begin = super().begin_send
        forgetting = self.forget_send(key, send.key)
        return forgetting.addCallback(lambda _: begin(key, send))


def call_and_drop(
    account: AccountSession, command: Command[Result], **options: object
) -> Deferred[Any]:
    """Send a command; of one that reads, nobody hears again."""
    call: Any = account.call
    calling: Deferred[Any] = call(command, **options)
    if not isinstance(command, GetDeviceInfo):
        return calling
    calling.addErrback(lambda _: None)
    return Deferred()


class SoakTests(TestCase):
    """D2, for some seconds."""

    timeout = 300

    async def played(self, plan: Plan, **broken: Any) -> list[str]:  # noqa: ANN401
        """Play a plan; return its problems."""
        # A reply that is lost is waited for in each login.
        self.patch(saving, "ANSWER_SECONDS", 2.0)
        said: list[str] = []
        stage = Stage(real_reactor(), new_folder(self), plan, said.append, **broken)
        self.addCleanup(stage.stop)
        await stage.run()
        self.figures = stage.figures
        return stage.figures.problems()

    async def test_chaos(self) -> None:
        """Nothing is lost, doubled or left hanging, and all are ready at the end."""
        plan = short(5.0, lives=2, seed=4)
        self.assertEqual(await self.played(plan), [])
        ledger = self.figures.ledger
        self.assertEqual(self.figures.gateways, 2)
        self.assertEqual(len(ledger.mail), FEW)
        self.assertGreater(ledger.said, FEW)
        self.assertGreater(ledger.played.total(), 0)
        self.assertGreater(ledger.ended["sends", "result"], FEW)

    async def test_without_the_filter(self) -> None:
        """With a filter that knows no message, handlers have some twice."""
        self.patch(SeenMessages, "is_new", lambda self, msg_id: True)
        path = new_folder(self) / "closed.toml"
        path.write_text(CLOSED)
        problems = await self.played(short(5.0, scenario=str(path)))
        self.assertIn("messages that came again unmarked", " ".join(problems))

    async def test_without_the_keys(self) -> None:
        """With a store that forgets keys, sends arrive twice."""
        plan = short(8.0, scenario="ack-lost-after-send", time_limit=0.5)
        problems = await self.played(plan, make_store=ForgetfulStore)
        self.assertIn("sends that arrived twice", " ".join(problems))

    async def test_dropped_deferred(self) -> None:
        """A Deferred of which nobody hears again is found."""
        plan = short(3.0, scenario="reply-twice", patience=4.0)
        problems = await self.played(plan, call=call_and_drop)
        self.assertIn("readings that hang", " ".join(problems))
