"""From notices to handlers: typed, each message once, and not too many at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorTime

from ..catalogue import Event, PushItem, decode_event, decode_push
from ..errors import RemoteProtocolError, quoted
from ..interfaces import InboxItem
from ..wire.envelope import Notice
from .credentials import Credentials
from .dispatch import Dispatch
from .durable import DurableInbox, Save
from .pausing import Pausing
from .policy import PLAIN, InboxPolicy, OldMessages
from .roster import Roster
from .seen import SeenMessages
from .slow import SlowWatch

__all__ = ["Inbox"]


class Inbox:
    """What an account receives unasked.

    Args:
        clock: for the groups in which ids are stored.
        account: the first argument of every handler.
        name: label of the account, for the log.
        credentials: have its WeChat id, as far as it is known: a scan that is told
            behind its login tells it late.
        save: stores a group of message ids.
        happened: told each event before its handlers, except pushes.
        set_paused: see ``Dispatch``.
        roster: told what it watches before any handler, and whatever these are busy
            with.
        policy: what is done with messages before handlers have them.
        keep: stores messages and their ids, where the policy says so.

    Attributes:
        seen: the ids of messages that were handed out.
        dispatch: the handlers.
        unparsed: messages and other items of a shape that is not known.
        durable: stores messages until their handlers are done, if asked to.
        old: looks at the age of messages, if asked to.
    """

    __slots__ = (
        "_credentials",
        "_deliver",
        "_hand_out",
        "_happened",
        "_is_new",
        "_roster",
        "_slow",
        "_watches",
        "dispatch",
        "durable",
        "old",
        "seen",
        "unparsed",
    )

    def __init__(
        self,
        clock: IReactorTime,
        account: object,
        name: str,
        credentials: Credentials,
        save: Callable[[list[str]], Deferred[None]],
        happened: Callable[[Event], None],
        set_paused: Callable[[bool], None],
        roster: Roster | None = None,
        policy: InboxPolicy = PLAIN,
        keep: Save | None = None,
    ) -> None:
        self._happened = happened
        self._roster = roster
        self._watches: Mapping[type, Callable[[Any, Any], None]] = (
            {} if roster is None else roster.watches
        )
        self._credentials = credentials
        self.unparsed = 0
        self.durable: DurableInbox | None = None
        self.old: OldMessages | None = None
        if keep is not None and policy.durable:
            pausing = Pausing(set_paused)
            self.dispatch = Dispatch(account, name, pausing.by("handlers"))
            # Ids are stored with their messages, neither before nor after.
            self.seen = SeenMessages(clock, lambda _: succeed(None))
            self.durable = DurableInbox(
                clock, name, keep, self.dispatch.deliver, pausing.by("store")
            )
            self.dispatch.last = (self.durable.handled,)
        else:
            self.dispatch = Dispatch(account, name, set_paused)
            self.seen = SeenMessages(clock, save)
        self._slow = SlowWatch(clock, name, self.dispatch)
        self._is_new = self.seen.is_new
        self._deliver = self.dispatch.deliver
        self._hand_out: Callable[[PushItem], None] = self._deliver
        if self.durable is not None:
            self._hand_out = self.durable.take
        if policy.old_messages != "deliver":
            self.old = OldMessages(clock, policy, self._hand_out)
            self._hand_out = self.old.take

    def load(self, seen: Sequence[str], items: Sequence[InboxItem]) -> None:
        """Begin with what is stored.

        Args:
            seen: ids of messages that were handed out, oldest first.
            items: messages whose handlers were not done, in order of arrival.
        """
        self.seen.load(seen)
        if self.durable is not None:
            self.durable.load(items, self._credentials.user_name)

    def commands_can_be_sent(self) -> None:
        """Hand over what waited for that."""
        if self.durable is not None:
            self.durable.begin()

    def is_overfull(self) -> bool:
        """Whether too much waits to read on even while a call is in flight."""
        if self.durable is not None and self.durable.is_overfull:
            return True
        return self.dispatch.is_overfull

    def close(self) -> Deferred[None]:
        """Store what waits; fires when that is done, or failed."""
        self._slow.close()
        saving = self.seen.close() or succeed(None)
        if self.durable is not None:
            durable = self.durable
            saving.addBoth(lambda _: durable.close())
        return saving

    def take(self, notice: Notice) -> None:
        """Decode a notice and hand it out.

        Raises:
            RemoteProtocolError: its text cannot be read.
        """
        event: Event | None = None
        items: tuple[PushItem, ...] | None = None
        try:
            if notice.event == "push":
                items = decode_push(notice, self._credentials.user_name)
            if items is None:
                event = decode_event(notice)
        except ValueError:
            raise RemoteProtocolError(
                "padchat", f"an event {quoted(notice.event)!r} that cannot be read"
            ) from None
        for item in items or ():
            if self._is_new(item.msg_id):
                if item.is_unparsed:
                    self.unparsed += 1
                watch = self._watches.get(type(item))
                if watch is not None:
                    watch(self._roster, item)
                self._hand_out(item)
        if event is not None:
            watch = self._watches.get(type(event))
            if watch is not None:
                watch(self._roster, event)
            self._happened(event)
            self._deliver(event)
