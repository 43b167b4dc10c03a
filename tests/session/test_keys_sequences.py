"""Whatever happens, in whatever order: no key goes out twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import SendMsg, SentMessage
from padchat_twisted.interfaces import AccountKey, KeyedSend
from padchat_twisted.session.account import AccountSession
from padchat_twisted.session.pacing import Pacing, Rate
from padchat_twisted.session.retry import LONGEST_LOGIN_DELAY
from padchat_twisted.store import MemoryStore
from padchat_twisted.testing import FakeCall, FakeConnection, FakeConnector

from .keyed import Forgetful

KEYS = ("a", "b", "c")

#: How many nights there are, and how much happens in each.
NIGHTS = 120
STEPS = 60

#: With pacing: the time between two turns (seconds).
TURN = 5.0

#: Methods of the store whose work waits for its thread.
QUEUED = ("find_send", "begin_send", "finish_send", "forget_send", "unknown_sends")


class ProcessStore:
    """A store as one process has it: its work waits, and dies with the process.

    Args:
        disk: what is written to.
    """

    def __init__(self, disk: MemoryStore) -> None:
        self._disk = disk
        self._queue: list[Callable[[], Deferred[Any]]] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a store has
        method = getattr(self._disk, name)
        if name not in QUEUED:
            return method

        def later(*args: object) -> Deferred[Any]:
            waiting: Deferred[Any] = Deferred()
            self._queue.append(lambda: method(*args).chainDeferred(waiting))
            return waiting

        return later

    def work(self) -> None:
        """Do what waits first, and tell it."""
        if self._queue:
            self._queue.pop(0)()

    def finish(self) -> None:
        """Do all that waits."""
        while self._queue:
            self.work()


class Night:
    """One account through a night of trouble, over several processes.

    Args:
        seed: of what happens.
        disk: what outlives a process.
        is_paced: whether sends wait for their turn.

    Attributes:
        left: how often each key reached the gateway.
        may_leave: how often it may.
    """

    def __init__(self, seed: int, disk: MemoryStore, *, is_paced: bool = False) -> None:
        self.is_paced = is_paced
        self.random = Random(seed)
        self.disk = disk
        self.disk.open()
        self.left: Counter[str] = Counter()
        self.may_leave: Counter[str] = Counter(KEYS)
        self.results: dict[str, str] = {}
        self.waiting: list[Deferred[Any]] = []
        self.unanswered: list[FakeCall] = []
        self.problems: list[str] = []
        self.start()

    def start(self) -> None:
        """Start a process."""
        self.clock = Clock()
        self.store = ProcessStore(self.disk)
        self.connector = FakeConnector()
        key = AccountKey(self.connector.url, "0" * 16, "bot")
        store: Any = self.store
        pacing = None
        if self.is_paced:
            rate = Rate(TURN, burst=2)
            pacing = Pacing(overall=rate, unix_time=self.clock.seconds)
        self.account = AccountSession(
            self.clock, self.connector, key, store, pacing=pacing
        )
        self.account.start()
        self.let_in()

    def let_in(self) -> None:
        """Log in."""
        self.connection: FakeConnection = self.connector.let_in()
        for code in ("init", "login"):
            self.connection.reply(self.connection.last_call(code).call_id)
        self.connection.notice("login", {"data": {"userName": "wxid_bot"}})
        token = {"token": "token-of-a-fake"}
        for code, data in (("getDeviceInfo", {}), ("getAutoLoginData", token)):
            self.connection.reply(self.connection.last_call(code).call_id, data)
        self.connection.notice("loaded")
        self.connection.calls.clear()

    def sends(self) -> list[FakeCall]:
        """Count what came to the gateway, and return what it has not answered."""
        calls, self.connection.calls = self.connection.calls, []
        for call in calls:
            # The account also asks for its device and its token by itself.
            if call.code == "sendMsg":
                self.unanswered.append(call)
                self.left[call.params["content"]] += 1
        return self.unanswered

    # What may happen

    def send(self) -> None:
        """Somebody sends."""
        key = self.random.choice(KEYS)
        sending = self.account.call(SendMsg("wxid_friend", key), key=key)
        self.waiting.append(sending)
        sending.addCallbacks(self.told, lambda _: None, callbackArgs=(key,))

    def told(self, result: SentMessage, key: str) -> None:
        """A key has one result, however often it is told."""
        first = self.results.setdefault(key, result.msg_id)
        if first != result.msg_id:
            self.problems.append(f"{key}: {first}, then {result.msg_id}")

    def answer(self) -> None:
        """The gateway carries a command out."""
        if calls := self.sends():
            call = calls.pop(0)
            number = self.left[call.params["content"]]
            msg_id = f"{call.params['content']} {number}"
            self.connection.reply(call.call_id, {"msgId": msg_id})

    def refuse(self) -> None:
        """The gateway refuses one."""
        if calls := self.sends():
            call = calls.pop(0)
            self.may_leave[call.params["content"]] += 1
            self.connection.refuse(call.call_id, "no")

    def block(self) -> None:
        """The connection takes nothing, or again something."""
        if self.connection.is_writable:
            self.connection.is_writable = False
        else:
            self.connection.let_out()

    def cancel(self) -> None:
        """Somebody does not wait any more."""
        if self.waiting:
            self.waiting.pop(self.random.randrange(len(self.waiting))).cancel()

    def work(self) -> None:
        """The store goes on."""
        self.store.work()

    def run_late(self) -> None:
        """Calls run out of time."""
        self.clock.advance(61)

    def wait(self) -> None:
        """Somebody's turn may come."""
        self.clock.advance(TURN)

    def lose(self) -> None:
        """The connection is lost, and comes back."""
        self.sends()
        self.unanswered.clear()
        self.connection.lose()
        # How long it waits is by chance, and longer the more often it is lost.
        for _ in range(int(LONGEST_LOGIN_DELAY) + 1):
            if self.connector.is_connecting:
                break
            self.clock.advance(1)
        self.let_in()

    def crash(self) -> None:
        """The process is killed, and another one started."""
        self.sends()
        self.unanswered.clear()
        if self.random.random() < 0.5:
            self.store.work()
            self.sends()
            self.unanswered.clear()
        self.connection.detach()
        self.waiting.clear()
        self.start()

    def settle(self) -> None:
        """A person who knows what the gateway did settles what is unknown."""
        unknown: list[KeyedSend] = []
        self.account.unknown_sends().addCallback(unknown.extend)
        self.store.finish()
        self.sends()
        for send in unknown:
            # It may be in flight again by now: then it is not settled.
            happened = self.left[send.key] == self.may_leave[send.key]
            settling = self.account.settle(send.key, happened=happened)
            settling.addErrback(lambda _: None)
        self.store.finish()

    def step(self) -> list[str]:
        """Let something happen; return what must not be."""
        things = (
            *(self.send, self.send, self.answer, self.work, self.work),
            *(self.refuse, self.block, self.cancel, self.run_late),
            *(self.lose, self.crash, self.settle),
            *((self.wait, self.wait) if self.is_paced else ()),
        )
        self.random.choice(things)()
        self.sends()
        doubled = [key for key in KEYS if self.left[key] > self.may_leave[key]]
        return [f"{key} went out twice" for key in doubled] + self.problems


class SequenceTests(SynchronousTestCase):
    """Random nights."""

    def nights(
        self, kind: type[MemoryStore], *, is_paced: bool = False
    ) -> Iterator[tuple[Night, list[str]]]:
        """Go through nights; each ends with its first problem."""
        for seed in range(NIGHTS):
            night = Night(seed, kind(), is_paced=is_paced)
            problems: list[str] = []
            for number in range(STEPS):
                if found := night.step():
                    problems = [f"seed {seed}, step {number}: {what}" for what in found]
                    break
            yield night, problems

    def test_never_twice(self) -> None:
        """In no night a key leaves again, or has another result."""
        for is_paced in (False, True):
            left = 0
            for night, problems in self.nights(MemoryStore, is_paced=is_paced):
                self.assertEqual(problems, [])
                left += night.left.total()
            self.assertGreater(left, NIGHTS)

    def test_without_the_mechanism(self) -> None:
        """With a store that forgets keys many nights go wrong; less leaves by turns."""
        for is_paced, share in ((False, 2), (True, 4)):
            nights = self.nights(Forgetful, is_paced=is_paced)
            wrong = [problems for _, problems in nights if problems]
            self.assertGreater(len(wrong), NIGHTS / share)
