"""A short run of the fuzzer (``make fuzz`` is the long one), and that it can fail."""

from __future__ import annotations

from random import Random

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.told import Role

from . import fuzz
from .corpus import corpus
from .fuzz_json import CONNECTIONS

#: Cases of the short run; the long one has a million.
CASES = 4000


class FuzzerTests(SynchronousTestCase):
    """Nothing but the documented errors, and no memory kept."""

    def test_short_run(self) -> None:
        """Each decoder, and each role over each transport, takes damaged bytes."""
        counts = fuzz.run(CASES, 1)
        self.assertEqual(sum(counts.values()), CASES)
        roles = len(Role) * len(fuzz.TRANSPORTS) + len(CONNECTIONS)
        self.assertEqual(len(counts), len(fuzz.DECODERS) + roles)

    def test_undocumented_error(self) -> None:
        """Another error ends the run, and says which case it was."""

        def broken(chance: Random) -> None:
            raise KeyError(chance.random())

        self.patch(fuzz, "DECODERS", (broken,))
        error = self.assertRaises(KeyError, fuzz.run, 100, 3)
        self.assertRegex(error.__notes__[0], r"case \d+ of seed 3")

    def test_kept_memory(self) -> None:
        """A decoder that keeps an object of each case is found."""
        kept = []

        def keeping(chance: Random) -> None:
            kept.append([chance.random() for _ in range(10)])

        self.patch(fuzz, "DECODERS", (keeping,))
        self.assertRaises(AssertionError, fuzz.run, CASES, 3)

    def test_corpus(self) -> None:
        """There is something to damage for each decoder, and connections do open."""
        for seeds in (
            corpus().texts,
            corpus().binaries,
            corpus().bodies,
            corpus().packets,
            corpus().handshakes,
        ):
            self.assertGreater(len(seeds), 30)
        opened = 0
        for seed in range(100):
            fuzzed = fuzz.Fuzzed(Random(seed))
            fuzzed.open()
            opened += fuzzed.is_open
        self.assertGreater(opened, 50)
