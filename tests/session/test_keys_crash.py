"""A process is killed between any two steps of a send: it never goes out twice."""

from __future__ import annotations

from padchat_twisted.sandbox.messages import Message

from ..children import Child, start_child
from ..service.stage import StageCase
from .keys_child import AUTH_KEY, text_of

KILLED = -9


class KilledTests(StageCase):
    """Real processes at a real gateway, which counts what it gets."""

    timeout = 180

    def setUp(self) -> None:
        """Start the gateway."""
        super().setUp()
        self.sandbox = self.start_sandbox(auth_keys=[AUTH_KEY])
        self.got: dict[str, list[str]] = {}
        self.sandbox.world.on_message(self.count)
        self.killed_by: tuple[str, Child] | None = None

    def count(self, message: Message) -> None:
        """Count a message; the reply to it has not left yet."""
        self.got.setdefault(message.content, []).append(message.message_id)
        if self.killed_by is not None and self.killed_by[0] == message.content:
            self.killed_by[1].signal("KILL")
            self.killed_by = None

    def ids(self, key: str) -> list[str]:
        """Return the ids of the messages that came with a key."""
        return self.got.get(text_of(key), [])

    def run_child(self, phase: str, *keys: str) -> Child:
        """Run a process that sends with keys."""
        return start_child(
            self,
            ("-m", "tests.session.keys_child"),
            *(self.sandbox.url, str(self.folder / "store.sqlite"), phase, *keys),
            folder=self.folder,
        )

    async def is_killed(self, phase: str, *keys: str) -> list[str]:
        """Run a process that dies in its last send; return what it said."""
        child = self.run_child(phase, *keys)
        self.assertEqual(await child.when_ended(), KILLED)
        return child.lines()

    async def is_killed_by_message(self, *keys: str) -> list[str]:
        """Run one that is killed when the gateway has the message, before its reply."""
        child = self.run_child("never", *keys)
        self.killed_by = (text_of(keys[-1]), child)
        self.assertEqual(await child.when_ended(), KILLED)
        return child.lines()

    async def test_between_any_steps(self) -> None:
        """Each process tells how the send ended in which the one before died."""
        self.assertEqual(await self.is_killed("begin", "a"), [])
        self.assertEqual(self.ids("a"), [])

        # Nothing was stored, so it goes out now.
        said = await self.is_killed("begun", "a", "b")
        self.assertEqual(said, [f"a: {self.ids('a')[0]}"])
        self.assertEqual(self.ids("b"), [])

        # Stored and not sent: nobody can know, so it is not sent.
        said = await self.is_killed_by_message("b", "c")
        self.assertEqual(said, ["b: StillUnknown"])

        said = await self.is_killed("finish", "c", "d")
        self.assertEqual(said, ["c: StillUnknown"])

        said = await self.is_killed("finished", "d", "e")
        self.assertEqual(said, ["d: StillUnknown"])

        # All was stored, so its result is there.
        child = self.run_child("never", "e", "a", "b", "c", "d")
        self.assertEqual(await child.when_ended(), 0, child.said(2))
        self.assertEqual(
            child.lines(),
            [
                f"e: {self.ids('e')[0]}",
                f"a: {self.ids('a')[0]}",
                "b: StillUnknown",
                "c: StillUnknown",
                "d: StillUnknown",
            ],
        )
        counts = [len(self.ids(key)) for key in "abcde"]
        self.assertEqual(counts, [1, 0, 1, 1, 1])

    async def test_while_it_waits(self) -> None:
        """What waited for its turn when its process died goes out afterwards."""
        said = await self.is_killed("waits", "a", "b")
        self.assertEqual(said, [f"a: {self.ids('a')[0]}"])
        child = self.run_child("never", "a", "b")
        self.assertEqual(await child.when_ended(), 0, child.said(2))
        self.assertEqual(
            child.lines(), [f"{key}: {self.ids(key)[0]}" for key in ("a", "b")]
        )
        self.assertEqual([len(self.ids(key)) for key in "ab"], [1, 1])

    async def test_without_the_mechanism(self) -> None:
        """With a store that forgets keys the same gateway gets a message twice."""
        for _ in range(2):
            child = self.run_child("forgetful", "a")
            self.assertEqual(await child.when_ended(), 0, child.said(2))
        self.assertEqual(len(self.ids("a")), 2)
