"""The history of an account: what it keeps, and how much."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import (
    ConnectError,
    Disconnected,
    HandshakeRefused,
    LoggedOut,
    NeedsHuman,
    PadChatError,
    QRCodeExpired,
)
from padchat_twisted.session.history import MAX_ENTRIES, MAX_KINDS, History, root_of
from padchat_twisted.session.states import StateChanged

LOST = Disconnected("ping timeout")


def history(*states: str, reasons: dict[str, PadChatError] | None = None) -> History:
    """Make a history of states, ten seconds each; *reasons* are by state."""
    made = History()
    for at, (old, new) in enumerate(zip(("offline", *states), states, strict=False)):
        made.add(StateChanged(old, new, (reasons or {}).get(new)), 10.0 * at)
    return made


class Strict(PadChatError):
    """An error that cannot be made from its own arguments."""

    def __init__(self, *, only: str) -> None:
        super().__init__()
        self.only = only

    def __str__(self) -> str:
        return self.only


class HistoryTests(SynchronousTestCase):
    """What is kept."""

    def test_empty(self) -> None:
        """A history begins without anything."""
        made = History()
        self.assertEqual((len(made), list(made), made.newest), (0, [], None))
        self.assertIsNone(made.last_trouble())

    def test_in_order(self) -> None:
        """Entries tell when, from where, to where and why; the newest is the last."""
        made = history("connecting", "retrying", reasons={"retrying": LOST})
        first, second = made
        self.assertEqual((first.at, first.old), (0, "offline"))
        self.assertEqual((first.state, first.reason), ("connecting", None))
        self.assertEqual((second.at, second.old), (10, "connecting"))
        self.assertEqual(str(second.reason), str(LOST))
        self.assertEqual(made.newest, second)
        self.assertEqual(made.entries, (first, second))

    def test_outage(self) -> None:
        """What ended the last time of being ready is kept apart, with a count."""
        made = history("ready", "retrying", "connecting", reasons={"retrying": LOST})
        for at in range(MAX_ENTRIES):
            made.add(StateChanged("connecting", "retrying", LOST), 100.0 + at)
        outage = made.last_outage
        assert outage is not None
        self.assertEqual((outage.at, outage.state, made.outages), (10, "retrying", 1))
        self.assertNotIn(outage, made.entries)

    def test_attempts(self) -> None:
        """Attempts are counted from the start, and from each outage anew."""
        made = history("connecting", "retrying", "connecting", "ready")
        self.assertEqual(made.attempts, 2)
        made.add(StateChanged("ready", "retrying", LOST), 50)
        self.assertEqual(made.attempts, 0)
        made.add(StateChanged("retrying", "connecting"), 60)
        self.assertEqual(made.attempts, 1)

    def test_last_trouble(self) -> None:
        """The newest reason counts until the account is ready again."""
        made = history("retrying", "connecting", reasons={"retrying": LOST})
        trouble = made.last_trouble()
        assert trouble is not None
        self.assertEqual(trouble.state, "retrying")
        made.add(StateChanged("syncing", "ready"), 30)
        self.assertIsNone(made.last_trouble())

    def test_kinds(self) -> None:
        """Reasons are counted by their class, and the last of each is kept."""
        made = history("ready", "retrying", reasons={"retrying": LOST})
        made.add(StateChanged("connecting", "retrying", LOST), 60)
        made.add(StateChanged("ready", "retrying", LoggedOut("bot", "bye")), 70)
        self.assertEqual(list(made.troubles), ["Disconnected", "LoggedOut"])
        self.assertEqual(made.troubles["Disconnected"].count, 2)
        self.assertEqual(made.troubles["Disconnected"].last.at, 60)


class BoundTests(SynchronousTestCase):
    """How much is kept."""

    def test_edge(self) -> None:
        """The oldest entry goes for the one beyond the limit, and not before."""
        made = history("connecting")
        for at in range(1, MAX_ENTRIES):
            made.add(StateChanged("connecting", "retrying"), float(at))
        self.assertEqual(len(made), MAX_ENTRIES)
        self.assertEqual(made.entries[0].state, "connecting")
        made.add(StateChanged("retrying", "connecting"), 1000)
        self.assertEqual(len(made), MAX_ENTRIES)
        self.assertEqual(made.entries[0].state, "retrying")

    def test_kinds(self) -> None:
        """So does the kind of reason that was not seen for the longest time."""
        made = History()

        def add(number: int) -> None:
            kind = type(f"Error{number}", (PadChatError,), {})
            made.add(StateChanged("connecting", "retrying", kind("x")), float(number))

        for number in range(MAX_KINDS):
            add(number)
        add(0)
        self.assertEqual((len(made.troubles), made.troubles["Error0"].count), (64, 2))
        add(MAX_KINDS)
        self.assertEqual(len(made.troubles), MAX_KINDS)
        self.assertNotIn("Error1", made.troubles)
        self.assertIn("Error0", made.troubles)


class ReasonTests(SynchronousTestCase):
    """How a reason is kept."""

    def kept(self, reason: PadChatError) -> PadChatError:
        """Keep a reason; return what is kept."""
        made = history("retrying", reasons={"retrying": reason})
        assert made.newest is not None and made.newest.reason is not None
        return made.newest.reason

    def raised(self) -> Disconnected:
        """Raise an error, and return it."""
        try:
            raise Disconnected("transport close", "code 1001")
        except Disconnected as error:
            return error

    def test_without_frames(self) -> None:
        """It keeps no frames alive, which might hold a token; ours stays as it is."""
        error = self.raised()
        kept = self.kept(error)
        self.assertIsNone(kept.__traceback__)
        self.assertIsNotNone(error.__traceback__)
        self.assertEqual((type(kept), str(kept)), (Disconnected, str(error)))

    def test_attributes(self) -> None:
        """What is no argument of the class is kept as well."""
        kept = self.kept(HandshakeRefused("h:1", "no", status=403, hop="HTTP"))
        assert isinstance(kept, HandshakeRefused)
        self.assertEqual((kept.status, kept.hop), (403, "HTTP"))

    def test_cause(self) -> None:
        """Why a person is needed is kept, and counted in place of that."""
        reason = NeedsHuman("bot", "nobody scanned")
        reason.__cause__ = QRCodeExpired("bot")
        kept = self.kept(reason)
        self.assertIsInstance(root_of(kept), QRCodeExpired)
        made = history("needs_human", reasons={"needs_human": reason})
        self.assertEqual(list(made.troubles), ["QRCodeExpired"])

    def test_other_causes(self) -> None:
        """Another error is not passed over for what caused it."""
        reason = ConnectError("h:1", "lost")
        reason.__cause__ = LOST
        self.assertIsInstance(root_of(self.kept(reason)), ConnectError)
        without = NeedsHuman("bot", "")
        without.__cause__ = ZeroDivisionError()
        self.assertIsInstance(root_of(self.kept(without)), NeedsHuman)

    def test_class_that_cannot_be_copied(self) -> None:
        """Of a class that cannot be copied its text is kept."""
        kept = self.kept(Strict(only="my own text"))
        self.assertEqual((type(kept), str(kept)), (PadChatError, "my own text"))
