"""An account that sends by turns, and one that tells when it has to stop."""

from collections.abc import Iterable

from padchat_twisted import AccountSession, CoolingDown, NotSent, Pacing, Rate

#: Numbers to begin with, which are guesses, and limits of our own.
CAUTIOUS = Pacing.cautious(per_day={"text": 1000, "friend": 10})

#: Only what we say: ten at once after a pause, then one each second; to one contact or
#: room five, then one every other second; and so on.
OWN = Pacing(
    overall=Rate(1.0, burst=10),
    conversation=Rate(2.0, burst=5),
    kinds={"image": Rate(3.0, burst=5)},
)


def setup(account: AccountSession) -> None:
    """Tell when the gateway says that it is too often."""
    account.on(CoolingDown, tell)


def tell(account: AccountSession, event: CoolingDown) -> None:
    """Say for how long nothing is sent."""
    print(f"{account.name} sends nothing for {event.seconds:g} s: {event.said}")


async def campaign(account: AccountSession, people: Iterable[str], text: str) -> int:
    """Write to many, each when the one before was sent; count who got it."""
    reached = 0
    for person in people:
        try:
            await account.send(person, text, lane="push")
        except NotSent as error:
            print(f"stopped: {error.problem}")
            break
        reached += 1
    return reached
