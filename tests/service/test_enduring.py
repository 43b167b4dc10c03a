"""The section ``[endurance]``."""

from __future__ import annotations

from padchat_twisted.service import check
from padchat_twisted.service.config import load_configuration
from padchat_twisted.service.enduring import MAX_NOTE_MINUTES, MIN_NOTE_MINUTES
from padchat_twisted.session.endurance import MIN_NOTE_SECONDS, Endurance

from .test_config import ENVIRON, ConfigCase

_REST = """
[gateway]
url = "http://h/user"
auth_key = { env = "PADCHAT_AUTH_KEY" }

[[account]]
name = "a"
handlers = "bots.shop:setup"
"""


class EnduranceTests(ConfigCase):
    """What it becomes, and what is told."""

    def loaded(self, section: str) -> Endurance:
        """Load a configuration with that section."""
        return load_configuration(self.write(section + _REST), ENVIRON).endurance

    def told(self, value: str) -> str:
        """Return what is said of a value."""
        path = self.write(f"[endurance]\nnote_minutes = {value}\n{_REST}")
        (problem,) = check(path, ENVIRON)
        return str(problem).replace(f"{self.folder}/", "")

    def test_none(self) -> None:
        """Without the section nobody writes a note."""
        self.assertEqual(self.loaded(""), Endurance())
        self.assertEqual(self.loaded("[endurance]\n"), Endurance())

    def test_edges(self) -> None:
        """The shortest and the longest time are taken as seconds."""
        for minutes in (MIN_NOTE_MINUTES, MAX_NOTE_MINUTES):
            found = self.loaded(f"[endurance]\nnote_minutes = {minutes}\n")
            self.assertEqual(found.note_every, 60.0 * minutes)
        self.assertEqual(60 * MIN_NOTE_MINUTES, MIN_NOTE_SECONDS)

    def test_beyond(self) -> None:
        """One less, and one more."""
        for minutes in (MIN_NOTE_MINUTES - 1, MAX_NOTE_MINUTES + 1):
            self.assertEqual(
                self.told(str(minutes)),
                f"written.toml:2: [endurance] note_minutes: this is {minutes}\n"
                "    expected: minutes from one note to filehelper to the next,"
                " 10 to 1440\n"
                "    remedy: write note_minutes = 60",
            )

    def test_other_kinds(self) -> None:
        """What is no whole number."""
        for value in ('"60"', "60.5", "true", "[60]"):
            self.assertIn("note_minutes: this is ", self.told(value))
