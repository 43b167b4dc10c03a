"""From notices to handlers: typed, each message once, and not too many at a time."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from ..catalogue import Event, decode_event, decode_push
from ..errors import RemoteProtocolError, quoted
from ..wire.envelope import Notice
from .dispatch import Dispatch
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

    Attributes:
        seen: the ids of messages that were handed out.
        dispatch: the handlers.
    """

    def __init__(
        self,
        clock: IReactorTime,
        account: object,
        name: str,
        save: Callable[[list[str]], Deferred[None]],
        happened: Callable[[Event], None],
        set_paused: Callable[[bool], None],
    ) -> None:
        self._happened = happened
        self.seen = SeenMessages(clock, save)
        self.dispatch = Dispatch(account, name, set_paused)
        self._is_new = self.seen.is_new
        self._deliver = self.dispatch.deliver

    def take(self, notice: Notice) -> None:
        """Decode a notice and hand it out.

        Raises:
            RemoteProtocolError: its text cannot be read.
        """
        try:
            items = decode_push(notice.body) if notice.event == "push" else ()
            event = None if items else decode_event(notice)
        except ValueError:
            raise RemoteProtocolError(
                "padchat", f"an event {quoted(notice.event)!r} that cannot be read"
            ) from None
        for item in items:
            if self._is_new(item.msg_id):
                self._deliver(item)
        if event is not None:
            self._happened(event)
            self._deliver(event)
