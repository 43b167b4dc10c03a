"""What a run of kills came to, and what of it must not be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from .bot import is_answered


@dataclass
class Figures:
    """What was said, and what came of it.

    Attributes:
        seed: of the random moments.
        kills: how often the service was killed.
        said: texts of the messages that people wrote.
        begun: the lines in which handlers told that they have a message.
        answers: texts that an answer came to, with how often it came.
        outcomes: what handlers were told of their answers.
        unknown: answers of which the service could not know whether they arrived.
        left: unknown ones that are still unknown after they were settled.
        codes: how often a scan was wanted.
        wrong: what else must not be, in words.
        store: what SQLite says of the store.
    """

    seed: int
    kills: int = 0
    said: list[str] = field(default_factory=list)
    begun: list[list[str]] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    outcomes: list[list[str]] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    codes: int = 0
    wrong: list[str] = field(default_factory=list)
    store: str = "not looked at"

    def read(self, lines: Sequence[str]) -> None:
        """Take what a service said in its life."""
        for words in (line.split() for line in lines):
            if words[0] == "begin" and words[1].isdigit():
                self.begun.append(words[1:])
            elif words[0] in {"sent", "unknown", "unsent"}:
                self.outcomes.append(words)
        self.codes += lines.count("code")

    @property
    def handed(self) -> set[str]:
        """The messages that handlers had."""
        return {words[0] for words in self.begun}

    @property
    def repeats(self) -> int:
        """How often handlers had a message again, with its mark."""
        unmarked = {words[0] for words in self.begun if len(words) == 1}
        marked = sum(len(words) > 1 for words in self.begun)
        return marked - len(self.handed - unmarked)

    @property
    def keyed(self) -> set[str]:
        """The messages that had to be answered, with a key."""
        return {text for text in self.said if is_answered(text)}

    def told(self, outcome: str) -> set[str]:
        """Return the messages whose handler was told this of its answer."""
        return {words[1] for words in self.outcomes if words[0] == outcome}

    def problems(self) -> list[str]:
        """Say what does not hold."""
        unmarked = Counter(words[0] for words in self.begun if len(words) == 1)
        arrived = set(self.answers)
        found = {
            "messages that no handler had": set(self.said) - self.handed,
            "messages that came again unmarked": _more_than_one(unmarked),
            "keys that arrived twice": _more_than_one(self.answers),
            "answers told as sent that did not arrive": self.told("sent") - arrived,
            "answers that are neither there nor told as not": (
                self.keyed - arrived - self.unknown - self.told("unsent")
            ),
            "answers that are unknown still": self.left,
        }
        problems = [
            f"{what}: {', '.join(sorted(texts, key=int))}"
            for what, texts in found.items()
            if texts
        ]
        if self.codes > 1:
            problems.append(f"logins without the saved token: {self.codes - 1}")
        if self.store != "ok":
            problems.append(f"the store: {self.store}")
        return problems + self.wrong

    def lines(self) -> list[str]:
        """Say the figures, one in each line."""
        arrived = set(self.answers)
        figures = {
            "kills": self.kills,
            "messages": len(self.said),
            "handed to handlers": len(self.handed),
            "handed again, marked": self.repeats,
            "sends with a key": len(self.keyed),
            "arrived": len(self.answers),
            "told as not sent": len(self.told("unsent") - arrived - self.unknown),
            "unknown, not arrived": len(self.unknown - arrived),
            "unknown, but arrived": len(self.unknown & arrived),
            "unknown, not settled": len(self.left),
            "store": self.store,
            "seed": self.seed,
        }
        return [f"  {name:<24}{figure:>9}" for name, figure in figures.items()]


def _more_than_one(counts: Counter[str]) -> set[str]:
    return {text for text, count in counts.items() if count > 1}
