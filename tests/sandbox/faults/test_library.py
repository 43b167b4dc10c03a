"""Finding scenarios."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.faults.library import (
    UnknownScenario,
    find_scenario,
    scenario_names,
)
from padchat_twisted.sandbox.faults.scenario import (
    MAX_SCENARIO_BYTES,
    ScenarioMistakes,
)

GOOD = 'about = "it closes"\r\n[[fault]]\r\ndo = "close"\r\n'


class LibraryTests(SynchronousTestCase):
    """Names and files."""

    def file(self, content: bytes) -> Path:
        """Write a file."""
        path = Path(self.mktemp() + ".toml")
        path.write_bytes(content)
        return path

    def test_names(self) -> None:
        """Each that comes with the package is found, in both spellings."""
        names = scenario_names()
        self.assertGreaterEqual(len(names), 9)
        for name in names:
            self.assertEqual(find_scenario(name).name, name)
            self.assertEqual(find_scenario(name.replace("-", "_")).name, name)

    def test_file(self) -> None:
        """A file is found by its path, as a text or not."""
        path = self.file(GOOD.encode())
        for given in (path, str(path)):
            scenario = find_scenario(given)
            self.assertEqual((scenario.name, scenario.about), (str(path), "it closes"))

    def test_unknown(self) -> None:
        """Who misspells a name is told the nearest one, and all of them."""
        error = self.assertRaises(UnknownScenario, find_scenario, "half_deaf")
        told = str(error)
        self.assertIn("no scenario 'half_deaf'; did you mean half-dead?", told)
        for name in scenario_names():
            self.assertIn(name, told)
        error = self.assertRaises(UnknownScenario, find_scenario, "../secrets")
        self.assertNotIn("did you mean", str(error))

    def test_unreadable(self) -> None:
        """A file that cannot be read says why, with its path."""
        missing = self.mktemp() + ".toml"
        error = self.assertRaises(ScenarioMistakes, find_scenario, missing)
        self.assertIn(f"the scenario {missing} cannot be played", str(error))
        self.assertIn("it cannot be read: No such file or directory", str(error))
        path = self.file(b"\n\xff")
        error = self.assertRaises(ScenarioMistakes, find_scenario, path)
        self.assertIn("line 2: it is not UTF-8", str(error))

    def test_size(self) -> None:
        """No more of a file is read than a scenario may have."""
        path = self.file(b"#" * (MAX_SCENARIO_BYTES + 1000))
        error = self.assertRaises(ScenarioMistakes, find_scenario, path)
        self.assertIn(f"at most {MAX_SCENARIO_BYTES} bytes", str(error))
