"""Three accounts do anything to one world at once, and a plain model says what is so.

``python -m tests.sandbox.consistency [EXAMPLES [STEPS]]`` plays longer than the tests.
"""

from __future__ import annotations

import sys

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from .consistent_money import MoneyMachine


def play(examples: int, steps: int) -> None:
    """Play that many sequences of that many steps.

    Raises:
        AssertionError: the world and the model differ.
    """
    run_state_machine_as_test(
        MoneyMachine,
        settings=settings(
            database=None,
            deadline=None,
            derandomize=True,
            max_examples=examples,
            stateful_step_count=steps,
        ),
    )


if __name__ == "__main__":
    play(*(int(word) for word in sys.argv[1:] or ("1000", "50")))
