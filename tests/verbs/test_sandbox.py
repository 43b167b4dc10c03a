"""``padchat sandbox``: what ends it at once, and the faults that it plays."""

from __future__ import annotations

from padchat_twisted.verbs.process import FAILED
from tests.children import STDERR

from .child_case import ChildCase, Silent, listen, port_of


class SandboxTests(ChildCase):
    """What it needs, and what it says."""

    async def test_port_taken(self) -> None:
        """A port that is taken ends the sandbox with one line."""
        listening = listen(Silent)
        self.addCleanup(listening.stopListening)
        port = port_of(listening)
        line = await self.complaint("sandbox", "--port", str(port))
        self.assertTrue(line.startswith(f"cannot listen on port {port}: "), line)
        self.assertIn("in use", line)

    async def test_state_damaged(self) -> None:
        """A state that cannot be used ends the sandbox with one line."""
        (self.folder / "s.json").write_text("{")
        line = await self.complaint("sandbox", "--port", "0", "--state", "s.json")
        self.assertIn("s.json: the saved state of the sandbox cannot be used", line)

    async def test_faults(self) -> None:
        """A scenario is played and told; an unknown one ends the sandbox."""
        for arguments, told in (
            (("--scenario", "push_twice"), "scenario push-twice: each message"),
            (("--chaos", "42", "--chaos-seconds", "60"), "chaos with seed 42"),
        ):
            child = self.padchat("sandbox", "--port", "0", *arguments)
            await child.when_says(f"plays {told}")
            child.signal("INT")
            self.assertEqual(await child.when_ended(), 0)
        child = self.padchat("sandbox", "--scenario", "push-thrice")
        self.assertEqual(await child.when_ended(), FAILED)
        told = "padchat: there is no scenario 'push-thrice'; did you mean push-twice?"
        self.assertEqual(child.lines(STDERR)[0], told)

    async def test_end_of_the_faults(self) -> None:
        """When they are over it is said, with what there was."""
        chaos = ("--chaos", "1", "--chaos-seconds", "0.1")
        child = self.padchat("sandbox", "--port", "0", *chaos)
        line = await child.when_says("the faults are over")
        self.assertEqual(line, "the faults are over: there were none")
