"""Sender: what an account can be asked to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IReactorTime

from ..catalogue import (
    Close,
    Command,
    Dialect,
    Done,
    Image,
    Logout,
    Message,
    Result,
    SendMsg,
    SentMessage,
    Voice,
)
from ..errors import NotSent
from ..interfaces import AccountKey, IStateStore, KeyedSend
from .calls import Calls
from .credentials import Credentials
from .dialects import DIALECTS
from .keys import KeyedCalls
from .media import Media, MediaMessage
from .outgoing import Outgoing
from .paced import Paced
from .receiver import Receiver
from .repeating import Repeating
from .roster import FOLLOWED, Roster
from .sizes import Sizes
from .steps import Steps
from .work import Lane, Work, raw_work, upload_time_limit, work_of

__all__ = ["Sender"]

R = TypeVar("R", bound=Result)

#: Commands that end the session when they succeed, and those that change whom the
#: account knows.
_FOLLOWED = frozenset((Close, Logout, *FOLLOWED))


class Sender(Sizes):
    """The half of an ``AccountSession`` that sends; the other half builds it.

    Args:
        clock: for time limits, and for the turns of other accounts.
        name: label of the sub-account.
        dialect: what the gateway speaks.

    Attributes:
        name: label of the sub-account.
        state: see ``StateChanged``.
        clock: what it was built with: the reactor, or a clock of a test.
        pacing: what waits and what was sent today, None when nothing is paced.
    """

    _credentials: Credentials
    _keyed: KeyedCalls
    _receiver: Receiver
    _roster: Roster
    _steps: Steps

    def __init__(self, clock: IReactorTime, name: str, dialect: Dialect) -> None:
        self.name = name
        self.state = "offline"
        self.clock = clock
        self._dialect = DIALECTS[dialect]
        self.pacing: Paced | None = None
        self._may_call = False
        self._calls = Calls(clock)
        self._outgoing = Outgoing(clock, self._dialect, self._upload)

    def when_ready(self) -> Deferred[Any]:
        """Fire when the account is ready; see ``AccountSession``."""
        raise NotImplementedError

    @property
    def user_name(self) -> str:
        """WeChat id of the account, empty until a login told it."""
        return self._credentials.user_name

    def call(
        self,
        command: Command[R],
        *,
        time_limit: float | None = None,
        key: str | None = None,
        retry: bool = False,
        lane: Lane | None = None,
    ) -> Deferred[R]:
        """Send a command.

        Args:
            command: for example ``SendMsg("filehelper", "hi")``.
            time_limit: how long its reply may take (seconds); with pacing, also how
                long it may wait for its turn.
            key: what you know a command by that changes the world: under one key it
                never goes out twice, whatever happens in between.
            retry: whether a command that only reads is sent again, within its time
                limit, when the connection was lost meanwhile.
            lane: with pacing, who goes first: ``reply``, ``command``, ``push`` or
                ``media``; None for ``media`` with a file, else ``command``.

        Returns:
            Fires with the command's result; with what was kept of it when it was done
            under this key before.

        Raises:
            CallRejected: the gateway said no.
            NotSent: it surely did not leave, so it is safe to repeat.
            OutcomeUnknown: it left, and no answer came.
            StillUnknown: it may have left under this key before; it did not leave now.
            CancelledError: cancelled before it left.
        """
        if key is not None or retry:
            return self._call_with_care(command, time_limit, key, retry, lane)
        problem = command.problem(self._dialect.name)
        if self.pacing is not None and problem is None and self._may_call:
            work = work_of(command, lane)
            if work is not None:
                params, result_type = command, command.result_type
                return self._pace(self.pacing, work, params, result_type, time_limit)
        calling = self._send(
            command.wire_name, command, command.result_type, problem, time_limit
        )
        if type(command) in _FOLLOWED:
            if isinstance(command, Close | Logout):
                self._steps.ends_with(command, calling)
            else:
                self._roster.follow(command, calling)
        return calling

    def call_raw(
        self,
        code: str,
        params: Mapping[str, object],
        *,
        time_limit: float | None = None,
        lane: Lane | None = None,
    ) -> Deferred[dict[str, Any]]:
        """Send a command by its wire name, known to the catalogue or not.

        Args:
            code: its wire name.
            params: its parameters, spelled as on the wire.
            time_limit: how long the reply may take (seconds), None for the dialect's.
            lane: see ``call``.

        Returns:
            Fires with the original fields of ``data``.

        Raises:
            CallRejected, NotSent, OutcomeUnknown, CancelledError: see ``call``.
        """
        problem = self._dialect.problem_with(code, params)
        given = dict(params)
        calling: Deferred[Any] | None = None
        if self.pacing is not None and problem is None and self._may_call:
            work = raw_work(code, given, lane)
            if work is not None:
                calling = self._pace(self.pacing, work, given, Done, time_limit)
        if calling is None:
            calling = self._send(code, given, Done, problem, time_limit)
        return calling.addCallback(lambda result: result.raw)

    def send(
        self,
        to: str,
        what: str | Image | Voice | Media,
        *,
        at: str | Iterable[str] = (),
        add_marks: bool | None = None,
        key: str | None = None,
        lane: Lane | None = None,
    ) -> Deferred[SentMessage]:
        """Send a text, an image or a voice.

        A file is read or fetched first, while other accounts have their turns; so a
        text that is sent meanwhile arrives before it.

        Args:
            to: WeChat id of a contact or a room, or ``filehelper``.
            what: the text; ``Image`` or ``Voice`` with the content or the path of a
                file; or what ``media`` gave, to send it on.
            at: WeChat ids of the members of a room that a text mentions.
            add_marks: whether a text that has fewer ``@`` than it mentions members
                gets the missing ones in front, without which phones show no mention;
                None for what the dialect's own client does (only that of ``sdk``
                adds them).
            key: see ``call``; a file is part of what was sent.
            lane: see ``call``.

        Raises:
            NotSent: also when a file is missing, empty or too large.
            CallRejected, OutcomeUnknown, CancelledError: see ``call``.
            MediaRefused: see ``Media.fetch``.
        """
        if isinstance(what, str):
            if at:
                mention = self._outgoing.mention(to, what, at, add_marks)
                return self.call(mention, key=key, lane=lane)
            return self.call(SendMsg(to, what), key=key, lane=lane)
        if at:
            return fail(NotSent("sendMsg", "at: only a text mentions anybody"))
        return Deferred.fromCoroutine(self._outgoing.file(to, what, key, lane))

    def reply(
        self,
        message: Message,
        what: str | Image | Voice | Media,
        *,
        at: str | Iterable[str] = (),
        add_marks: bool | None = None,
        key: str | None = None,
    ) -> Deferred[SentMessage]:
        """Answer *message* where it was written: in its room, or to its sender.

        What the account itself wrote, on another device, is answered where it went.
        With pacing it goes before whatever else waits. The other arguments, and what
        may be raised, are those of ``send``.
        """
        to = message.conversation
        return self.send(to, what, at=at, add_marks=add_marks, key=key, lane="reply")

    def unknown_sends(self) -> Deferred[list[KeyedSend]]:
        """Read the sends with a key of which nobody knows whether they happened.

        Returns:
            Fires with them, oldest first; those in flight are not among them.

        Raises:
            StoreError: the store cannot be read.
        """
        return self._keyed.unknown()

    def settle(self, key: str, *, happened: bool) -> Deferred[None]:
        """Tell what you found out about a send whose outcome is unknown.

        Args:
            key: of the send.
            happened: whether it did; if not, the key may be used again.

        Raises:
            LocalProtocolError: its outcome is known, awaited, or there is no such one.
            StoreError: the store cannot be written.
        """
        return Deferred.fromCoroutine(self._keyed.settle(key, happened=happened))

    def media(self, message: MediaMessage) -> Media:
        """Return the file of an image, a voice or a video; it is fetched on demand."""
        return Media(self.clock, self.call, message)

    # Steps

    def _call_with_care(
        self,
        command: Command[Any],
        time_limit: float | None,
        key: str | None,
        retry: bool,
        lane: Lane | None,
    ) -> Deferred[Any]:
        if key is None:
            limit = time_limit or self._dialect.limit(command.wire_name)
            repeating = Repeating(
                self.clock, self.call, lambda: self._may_call, self.when_ready
            )
            return Deferred.fromCoroutine(repeating.call(command, limit))
        if retry:
            problem = "retry: a command with a key is never repeated; leave it out"
            return fail(NotSent(command.wire_name, problem))
        return self._keyed.call(command, key, time_limit, lane)

    def _keyed_calls(self, key: AccountKey, store: IStateStore) -> KeyedCalls:
        return KeyedCalls(
            key,
            store,
            self._call_with_key,
            self._problem_with,
            self._has_a_turn,
        )

    def _has_a_turn(self, command: Command[Any]) -> bool:
        return self.pacing is not None and work_of(command, None) is not None

    def _call_with_key(
        self,
        command: Command[Any],
        *,
        time_limit: float | None = None,
        lane: Lane | None = None,
        note: Callable[[], Deferred[None]] | None = None,
    ) -> Deferred[Any]:
        """Send a command; one that waits for its turn only with *note* before it."""
        work = work_of(command, lane)
        if note is None or self.pacing is None or work is None:
            return self.call(command, time_limit=time_limit, lane=lane)
        problem = self._problem_with(command)
        if problem is not None:
            return fail(NotSent(command.wire_name, problem))
        result_type = command.result_type
        return self._pace(self.pacing, work, command, result_type, time_limit, note)

    def _problem_with(self, command: Command[Any]) -> str | None:
        if not self._may_call:
            return f"account {self.name!r} is {self.state}"
        return command.problem(self._dialect.name)

    def _upload(
        self, command: Command[R], size: int, lane: Lane | None, key: str | None
    ) -> Deferred[R]:
        """Send a command with a file of *size* bytes."""
        if self.pacing is not None:
            return self.call(command, key=key, lane=lane)
        return self.call(command, time_limit=upload_time_limit(size), key=key)

    def _pace(
        self,
        pacing: Paced,
        work: Work,
        params: object,
        result_type: type[Result],
        time_limit: float | None,
        note: Callable[[], Deferred[None]] | None = None,
    ) -> Deferred[Any]:
        limit = time_limit
        if limit is None and work.size:
            limit = upload_time_limit(work.size)
        leave = partial(self._send, work.code, params, result_type, None, limit)
        calling = pacing.pace(work, result_type, time_limit, leave, note)
        if isinstance(params, FOLLOWED) and not pacing.settings.dry_run:
            self._roster.follow(params, calling)
        return calling

    def _send(
        self,
        code: str,
        params: object,
        result_type: type[Result],
        problem: str | None,
        time_limit: float | None,
    ) -> Deferred[Any]:
        if not self._may_call:
            problem = f"account {self.name!r} is {self.state}"
        if problem is not None:
            return fail(NotSent(code, problem))
        limit = time_limit or self._dialect.limit(code)
        calling = self._calls.call(code, params, result_type, limit)
        if self._receiver.is_paused:
            # The reply has to be read.
            self._receiver.set_paused(True)
        return calling
