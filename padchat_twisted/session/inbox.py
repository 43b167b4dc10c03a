"""From notices to handlers: typed, each message once, and not too many at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from ..catalogue import Event, PushItem, decode_event, decode_push
from ..errors import RemoteProtocolError, quoted
from ..wire.envelope import Notice
from .dispatch import Dispatch
from .roster import Roster
from .seen import SeenMessages

__all__ = ["Inbox"]


class Inbox:
    """What an account receives unasked.

    Args:
        clock: for the groups in which ids are stored.
        account: the first argument of every handler.
        name: label of the account, for the log.
        save: stores a group of message ids.
        happened: told each event before its handlers, except pushes.
        set_paused: see ``Dispatch``.
        roster: told what it watches before any handler, and whatever these are busy
            with.

    Attributes:
        seen: the ids of messages that were handed out.
        dispatch: the handlers.
        own: WeChat id of the account, as far as it is known.
        unparsed: messages and other items of a shape that is not known.
    """

    def __init__(
        self,
        clock: IReactorTime,
        account: object,
        name: str,
        save: Callable[[list[str]], Deferred[None]],
        happened: Callable[[Event], None],
        set_paused: Callable[[bool], None],
        roster: Roster | None = None,
    ) -> None:
        self._happened = happened
        self._roster = roster
        watches = {} if roster is None else roster.watches
        self._watch_for: Callable[[type], Callable[[Any, Any], None] | None]
        self._watch_for = watches.get
        self.own = ""
        self.unparsed = 0
        self.seen = SeenMessages(clock, save)
        self.dispatch = Dispatch(account, name, set_paused)
        self._is_new = self.seen.is_new
        self._deliver = self.dispatch.deliver

    def take(self, notice: Notice) -> None:
        """Decode a notice and hand it out.

        Raises:
            RemoteProtocolError: its text cannot be read.
        """
        event: Event | None = None
        items: tuple[PushItem, ...] | None = None
        try:
            if notice.event == "push":
                items = decode_push(notice, self.own)
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
                watch = self._watch_for(type(item))
                if watch is not None:
                    watch(self._roster, item)
                self._deliver(item)
        if event is not None:
            watch = self._watch_for(type(event))
            if watch is not None:
                watch(self._roster, event)
            self._happened(event)
            self._deliver(event)
