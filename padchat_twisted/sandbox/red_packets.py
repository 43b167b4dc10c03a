"""Red packets: a sum in shares, of which each reader opens one.

PURE. What somebody does with one::

    got --offer--> key --open, with the key--> share, or too late
                                     open again ---> AlreadyOpened

After a day what is left goes back to the sender. Source: commands.toml, group
``payment`` and types ``RedPacket...``. No money is moved anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..catalogue.red_packets import RedPacketStatus
from .fingerprints import fingerprint
from .people import Person
from .refusals import Refused
from .rooms import Room

__all__ = [
    "MAX_RED_PACKET_CENTS",
    "MAX_RED_PACKET_SHARES",
    "MAX_WISHING_CHARACTERS",
    "PAYMENT_SECONDS",
    "AlreadyOpened",
    "RedPacket",
    "Share",
    "split",
]

#: Most shares of a red packet: WeChat's own limit.
MAX_RED_PACKET_SHARES = 100

#: Most money in one share, on average (cents): WeChat's own 200 yuan.
MAX_RED_PACKET_CENTS = 20_000

#: Longest greeting (characters). WeChat itself allows 25.
MAX_WISHING_CHARACTERS = 100

#: How long money waits to be taken (seconds): WeChat's own day.
PAYMENT_SECONDS = 24 * 3600.0


class AlreadyOpened(Refused):
    """Somebody opens a red packet for the second time."""


@dataclass(frozen=True, slots=True)
class Share:
    """What somebody got of a red packet.

    Attributes:
        taker: who.
        amount: how much (cents).
        taken_at: when (Unix time, seconds).
        share_id: its id.
    """

    taker: Person
    amount: int
    taken_at: float
    share_id: str


def split(
    total: int, shares: int, *, is_lucky: bool, random_hex: Callable[[int], str]
) -> tuple[int, ...]:
    """Divide a sum.

    Args:
        total: the sum (cents), at least one for each share.
        shares: how many.
        is_lucky: whether they are of chance; else all are alike.
        random_hex: gives random bytes.

    Returns:
        The shares, each at least one cent; together they are *total*.

    Raises:
        Refused: *total* cannot be divided so.
    """
    if total < shares:
        raise Refused("each share of a red packet has at least one cent")
    if not is_lucky:
        if total % shares:
            raise Refused(f"{total} cents are not {shares} shares of the same amount")
        return (total // shares,) * shares
    amounts = []
    for left in range(shares, 1, -1):
        # At most twice the average, and a cent for each who comes later.
        most = min(2 * (total // left), total - (left - 1))
        amounts.append(1 + int(random_hex(8), 16) % most)
        total -= amounts[-1]
    return (*amounts, total)


class RedPacket:
    """One red packet. Made by :meth:`.money.Money.give`.

    Args:
        sender: who gives it.
        to: for whom: a person, or the members of a room.
        total: how much (cents).
        shares: in how many shares.
        wishing: the greeting.
        is_lucky: whether the shares are of chance.
        now: when it is given (Unix time, seconds).
        random_hex: gives random bytes.

    Attributes:
        send_id: its id.
        amounts: the shares in the order in which they are taken (cents).
        taken: the shares that were taken, the first one first.
        expires_at: when the rest goes back (Unix time, seconds).

    Raises:
        Refused: an amount, a number or the greeting is out of bounds.
    """

    def __init__(
        self,
        sender: Person,
        to: Person | Room,
        total: int,
        *,
        shares: int,
        wishing: str,
        is_lucky: bool,
        now: float,
        random_hex: Callable[[int], str],
    ) -> None:
        if not 1 <= shares <= MAX_RED_PACKET_SHARES:
            raise Refused(f"a red packet has 1 to {MAX_RED_PACKET_SHARES} shares")
        if shares > 1 and isinstance(to, Person):
            raise Refused("a red packet for one person has one share")
        if total > shares * MAX_RED_PACKET_CENTS:
            raise Refused(f"a share has at most {MAX_RED_PACKET_CENTS} cents")
        if len(wishing) > MAX_WISHING_CHARACTERS:
            raise Refused(f"a greeting has at most {MAX_WISHING_CHARACTERS} characters")
        self.sender = sender
        self.to = to
        self.wishing = wishing
        self.is_lucky = is_lucky
        self.amounts = split(total, shares, is_lucky=is_lucky, random_hex=random_hex)
        self.send_id = f"10000{int(random_hex(9), 16):022}"
        self.taken: list[Share] = []
        self.expires_at = now + PAYMENT_SECONDS
        self._opened: dict[str, Share | None] = {}
        self._keys: dict[str, str] = {}
        self._secret = random_hex(16)

    def __repr__(self) -> str:
        return f"<red packet of {self.sender.name!r}, {len(self.taken)} taken>"

    @property
    def total(self) -> int:
        """The whole sum (cents)."""
        return sum(self.amounts)

    @property
    def status(self) -> RedPacketStatus:
        """How much of it is left."""
        if not self.taken:
            return RedPacketStatus.UNTOUCHED
        if len(self.taken) < len(self.amounts):
            return RedPacketStatus.SHARES_LEFT
        return RedPacketStatus.ALL_TAKEN

    @property
    def luckiest(self) -> Share | None:
        """The largest share, once all of a lucky red packet are taken."""
        if self.status is not RedPacketStatus.ALL_TAKEN or not self.is_lucky:
            return None
        return max(self.taken, key=lambda share: share.amount)

    def is_for(self, person: Person) -> bool:
        """Tell whether *person* sees it at all."""
        if isinstance(self.to, Room):
            return self.to.has(person)
        return person in (self.sender, self.to)

    def share_of(self, person: Person) -> Share | None:
        """Return what *person* got; None for nothing."""
        return self._opened.get(person.user_name)

    def is_seen_by(self, person: Person) -> bool:
        """Tell whether *person* may read who took what.

        That is so after they were offered it, of their own ones and of those that
        they have opened (commands.toml, ``queryRedPacket``, notes).
        """
        user_name = person.user_name
        is_near = person is self.sender or user_name in self._opened
        return is_near and user_name in self._keys

    def offer(self, person: Person) -> str:
        """Show it to *person*; return the key with which they can open it."""
        key = fingerprint(f"{self._secret} {person.user_name}")[:32]
        self._keys[person.user_name] = key
        return key

    def open(self, person: Person, key: str, now: float) -> Share | None:
        """Take a share.

        Args:
            person: who opens it.
            key: what :meth:`offer` gave.
            now: when (Unix time, seconds).

        Returns:
            The share, None for who comes too late.

        Raises:
            AlreadyOpened: *person* opened it before.
            Refused: it is for somebody else, the key is not that of *person*, or a
                day is over.
        """
        user_name = person.user_name
        if key != self._keys.get(user_name):
            raise Refused("key is not that of receiveRedPacket: call it first")
        if user_name in self._opened:
            raise AlreadyOpened("you have opened this red packet before")
        if person is self.to or isinstance(self.to, Room):
            return self._open(person, now)
        raise Refused("a red packet for somebody else cannot be opened")

    def _open(self, person: Person, now: float) -> Share | None:
        place = len(self.taken)
        share = None
        if place < len(self.amounts):
            if now >= self.expires_at:
                raise Refused("the red packet has expired: what is left went back")
            share_id = f"{self.send_id}{place + 1:03}"
            share = Share(person, self.amounts[place], now, share_id)
            self.taken.append(share)
        self._opened[person.user_name] = share
        return share
