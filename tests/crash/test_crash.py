"""A short form of ``make crash``: a few kills, a full disk, a read-only store."""

from __future__ import annotations

import resource
from collections import Counter

from twisted.trial.unittest import SynchronousTestCase, TestCase

from ..children import new_folder
from ..service.stage import real_reactor
from .figures import Figures
from .stage import Stage
from .trouble import Disk, fill_the_disk, forbid_writing

SEED = 3

#: How often the service is killed at random moments.
KILLS = 4


class CrashTests(TestCase):
    """Nothing is lost, and no key arrives twice."""

    timeout = 180

    def setUp(self) -> None:
        """Start the gateway."""
        self.folder = new_folder(self)
        self.stage = Stage(real_reactor(), self, self.folder, SEED)

    def assert_good(self, kills: int) -> None:
        """Look at the figures."""
        figures = self.stage.figures
        self.assertEqual(figures.problems(), [])
        self.assertEqual(figures.kills, kills)
        self.assertEqual(len(figures.handed), len(figures.said))
        self.assertGreater(len(figures.answers), 0)

    async def test_at_any_moment(self) -> None:
        """A service is killed again and again while messages and sends flow."""
        await self.stage.play(KILLS)
        self.assert_good(KILLS)

    async def test_full_disk(self) -> None:
        """With a full disk the log says why, and messages wait until there is room."""
        disk = Disk(self.folder, may_mount=False)
        said = await fill_the_disk(self.stage, disk)
        self.assertIn(str(self.stage.store), said)
        self.assert_good(1)

    if not hasattr(resource, "prlimit"):
        test_full_disk.skip = "prlimit is needed"  # type: ignore[attr-defined]

    async def test_read_only(self) -> None:
        """A store that is read-only is refused with its remedy, and left as it is."""
        said = await forbid_writing(self.stage)
        self.assertIn("make file and folder writable", said)
        self.assert_good(1)


class FiguresTests(SynchronousTestCase):
    """What does not hold is found."""

    def figures(self, *lines: str) -> Figures:
        """Make figures of three messages, of which the first is answered."""
        figures = Figures(SEED, said=["0", "3", "4"], store="ok")
        figures.answers = Counter(["0"])
        figures.read(["begin 0", "begin 3", "begin 4", "sent 0", *lines])
        return figures

    def test_good(self) -> None:
        """A repeat with its mark is no problem."""
        figures = self.figures("begin 3 marked", "done 3")
        self.assertEqual(figures.problems(), [])
        self.assertEqual(figures.repeats, 1)

    def test_lines(self) -> None:
        """Each figure has a line, and those of the answers add up."""
        figures = self.figures("unknown 9", "unsent 10 for want of room")
        figures.said += ["9", "10", "11"]
        figures.unknown |= {"9", "11"}
        figures.answers["11"] += 1
        found = dict(line.strip().rsplit(maxsplit=1) for line in figures.lines())
        parts = ("arrived", "told as not sent", "unknown, not arrived")
        self.assertEqual([found[part] for part in parts], ["2", "1", "1"])
        self.assertEqual(found["unknown, but arrived"], "1")
        self.assertEqual(found["sends with a key"], "4")

    def test_lost(self) -> None:
        """A message that no handler had is found."""
        figures = self.figures()
        figures.said.append("5")
        self.assertEqual(figures.problems(), ["messages that no handler had: 5"])

    def test_repeated(self) -> None:
        """A message that came again without its mark is found."""
        problems = self.figures("begin 3").problems()
        self.assertEqual(problems, ["messages that came again unmarked: 3"])

    def test_twice(self) -> None:
        """A key that arrived twice is found."""
        figures = self.figures()
        figures.answers["0"] += 1
        self.assertEqual(figures.problems(), ["keys that arrived twice: 0"])

    def test_answer_lost(self) -> None:
        """An answer is there, or unknown, or told as not sent."""
        figures = self.figures()
        figures.answers.clear()
        lost = "answers told as sent that did not arrive: 0"
        nowhere = "answers that are neither there nor told as not: 0"
        self.assertEqual(figures.problems(), [lost, nowhere])
        figures.unknown.add("0")
        self.assertEqual(figures.problems(), [lost])

    def test_the_rest(self) -> None:
        """A second scan, a damaged store and unsettled sends are found."""
        figures = self.figures("code", "code")
        figures.left.add("0")
        figures.store = "row 3 missing"
        figures.wrong.append("something else")
        self.assertEqual(
            figures.problems(),
            [
                "answers that are unknown still: 0",
                "logins without the saved token: 1",
                "the store: row 3 missing",
                "something else",
            ],
        )
