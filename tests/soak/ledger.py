"""What was said and sent, as each end saw it, in one byte for each message.

The soak looks for memory that grows, so its own books have to be small: texts are
numbers, and of each number only counts are kept.
"""

from __future__ import annotations

from collections import Counter
from enum import IntEnum

from padchat_twisted.sandbox.people import user_name_for

__all__ = ["PERSON", "Ledger", "Mail", "Sends", "Told"]

#: Who writes to the accounts, and to whom they write.
PERSON = "alice"

#: A byte counts no further.
_FULL = 255


class Told(IntEnum):
    """How the last call with a key ended, as its caller was told."""

    FREE = 0
    IN_FLIGHT = 1
    DONE = 2
    UNKNOWN = 3


def count(counts: bytearray, at: int) -> int:
    """Count one more of a number; return how many there were before."""
    if at >= len(counts):
        counts.extend(bytes(at + 1 - len(counts)))
    before = counts[at]
    counts[at] = min(before + 1, _FULL)
    return before


def numbers(counts: bytearray, least: int = 1) -> set[int]:
    """Return the numbers that were counted so often."""
    return {number for number, times in enumerate(counts) if times >= least}


class Mail:
    """The messages to one account, by number.

    Attributes:
        said: how often the gateway took one for the account.
        fresh: how often handlers had it unmarked.
        marked: how often they had it as one that they may have seen.
    """

    __slots__ = ("fresh", "marked", "said")

    def __init__(self) -> None:
        self.said = bytearray()
        self.fresh = bytearray()
        self.marked = bytearray()


class Sends:
    """The sends of one account, by number, which is their key as well.

    Attributes:
        told: the last outcome of each, as a `Told`.
        arrived: how often it came to the gateway.
    """

    __slots__ = ("arrived", "told")

    def __init__(self) -> None:
        self.told = bytearray()
        self.arrived = bytearray()


class Ledger:
    """The books of all accounts.

    Attributes:
        mail: by the WeChat id of the account.
        sends: by the number of the account.
        said: how many messages were said, to all accounts together.
        missing: how many of them no handler has had yet.
        played: the faults of the gateways whose faults are over.
        begun: how many Deferreds of a kind were made.
        ended: how they ended, by kind and outcome.
        entered: how often an account entered a state.
        lost: how often an account that was ready lost that.
    """

    def __init__(self, accounts: int) -> None:
        self.mail: dict[str, Mail] = {}
        self.sends = [Sends() for _ in range(accounts)]
        self.said = 0
        self.missing = 0
        self.played: Counter[str] = Counter()
        self.begun: Counter[str] = Counter()
        self.ended: Counter[tuple[str, str]] = Counter()
        self.entered: Counter[str] = Counter()
        self.lost = 0
        self._user_names: dict[str, str] = {}

    @property
    def hanging(self) -> int:
        """How many Deferreds have not ended."""
        return self.begun.total() - self.ended.total()

    def handed(self, user_name: str, number: int, *, is_marked: bool) -> None:
        """Note that a handler has a message."""
        mail = self._mail(user_name)
        seen = _at(mail.fresh, number) + _at(mail.marked, number)
        count(mail.marked if is_marked else mail.fresh, number)
        self.missing -= not seen

    def heard(self, line: str) -> None:
        """Take a line of the gateway: ``SENDER -> RECEIVER: TEXT``."""
        parties, _, text = line.partition(": ")
        sender, _, to = parties.partition(" -> ")
        if sender == PERSON and text.isdigit():
            self.said += 1
            self.missing += not count(self._mail_of(to).said, int(text))
        elif to == PERSON:
            account, _, number = text.partition("-")
            count(self.sends[int(account)].arrived, int(number))

    # Steps

    def _mail_of(self, name: str) -> Mail:
        user_name = self._user_names.get(name)
        if user_name is None:
            user_name = self._user_names[name] = user_name_for(name)
        return self._mail(user_name)

    def _mail(self, user_name: str) -> Mail:
        return self.mail.setdefault(user_name, Mail())


def _at(counts: bytearray, number: int) -> int:
    return counts[number] if number < len(counts) else 0
