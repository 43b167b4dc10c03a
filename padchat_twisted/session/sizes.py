"""How much an account holds now, and what it counts."""

from __future__ import annotations

from .calls import Calls
from .inbox import Inbox
from .keys import KeyedCalls
from .outgoing import Outgoing
from .receiver import Receiver
from .roster import Roster

__all__ = ["Sizes"]


class Sizes:
    """The sizes of an ``AccountSession``; each costs next to nothing to read.

    ``account.contacts`` and ``account.history`` have a length, and ``account.pacing``
    tells what waits there.
    """

    _calls: Calls
    _inbox: Inbox
    _keyed: KeyedCalls
    _outgoing: Outgoing
    _receiver: Receiver
    _roster: Roster

    @property
    def calls_in_flight(self) -> int:
        """How many calls wait for their reply."""
        return len(self._calls)

    @property
    def keyed_calls(self) -> int:
        """How many callers wait for the outcome of a command with a key."""
        return len(self._keyed)

    @property
    def outgoing_bytes(self) -> int:
        """How many bytes of files are being sent, from reading them to their reply."""
        return self._outgoing.held_bytes

    @property
    def buffered_bytes(self) -> int:
        """How many bytes wait for a gateway that does not read them."""
        # Whoever makes connections of another kind need not count them.
        return getattr(self._receiver.connection, "buffered_bytes", 0)

    @property
    def waiting_events(self) -> int:
        """How many events handlers have, in threads too, or will have in their turn."""
        return self._inbox.dispatch.pending

    @property
    def waiting_bytes(self) -> int:
        """How many bytes the frames have that they came in, below 1 KiB left out."""
        return self._inbox.dispatch.waiting_bytes

    @property
    def busy_handlers(self) -> int:
        """How many handlers are not done, one for each conversation."""
        return len(self._inbox.dispatch.busy)

    @property
    def dropped_news(self) -> int:
        """How many ``StateChanged`` and the like a handler missed, not being done."""
        return self._inbox.dispatch.dropped

    @property
    def seen_messages(self) -> int:
        """How many messages are remembered by their ids."""
        return len(self._inbox.seen)

    @property
    def unsaved_messages(self) -> int:
        """How many of these ids wait for the store."""
        return self._inbox.seen.unsaved

    @property
    def held_messages(self) -> int:
        """How many messages are stored until they are handled; see ``InboxPolicy``."""
        return 0 if self._inbox.durable is None else len(self._inbox.durable.held)

    @property
    def held_bytes(self) -> int:
        """How many bytes these have."""
        return 0 if self._inbox.durable is None else self._inbox.durable.held_bytes

    @property
    def kept_members(self) -> int:
        """How many members of rooms are kept, of all rooms together."""
        return self._roster.lists.kept

    # Since the start

    @property
    def handler_failures(self) -> int:
        """How many handlers raised since the start."""
        return self._inbox.dispatch.failures

    @property
    def late_replies(self) -> int:
        """How many replies came after their call had ended."""
        return self._calls.late_replies

    @property
    def repeated_messages(self) -> int:
        """How many messages came again and were not handed out."""
        return self._inbox.seen.repeated

    @property
    def dropped_messages(self) -> int:
        """How many messages were dropped because they were old; see ``InboxPolicy``."""
        return 0 if self._inbox.old is None else self._inbox.old.dropped

    @property
    def unparsed_messages(self) -> int:
        """How many messages could not be parsed; their ``raw`` is whole."""
        return self._inbox.unparsed
