"""AccountSession: one WeChat account, the object that users hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, fail, maybeDeferred, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from ..catalogue import Dialect, Event, GetDeviceInfo, Logout, Push, SendMsg
from ..errors import Disconnected, PadChatError
from ..interfaces import AccountKey, IConnector, IStateStore
from ..observers import Observers
from .contacts import Contacts
from .credentials import Credentials
from .endurance import Endurance
from .explain import Explanation, Language, Situation, explain
from .history import History
from .inbox import Inbox
from .liveness import Liveness
from .local_time import local_time
from .login import MAX_CODES
from .members import MEMBERS_AGE, Members
from .paced import Paced
from .pacing import Pacing
from .policy import PLAIN, InboxPolicy
from .receiver import Receiver
from .roster import Roster
from .saving import ANSWER_SECONDS
from .seen import MAX_SEEN_IDS
from .sender import Sender
from .states import CALLABLE_STATES, StateChanged
from .steps import Steps

__all__ = ["AccountSession", "Handlers", "StateChanged"]

E = TypeVar("E")

_log = Logger()


def _nothing_to_do() -> Deferred[None]:
    return succeed(None)


class AccountSession(Sender):
    """One account: logs in, stays logged in, sends commands, hands events out.

    Built by ``connect``, ``PadChatService`` or ``PadChatClientFactory``.

    Args:
        clock: for time limits, delays and groups.
        connector: gives connections to the gateway.
        key: under what the account is stored.
        store: what outlives the process; it must be open.
        device: device data by wire name (``deviceName deviceUuid deviceWifiName
            deviceWifiMac``, optionally ``deviceData``); None to have it made once.
        dialect: what the gateway speaks.
        endurance: the settings for when nobody is there.
        retry_policy: gives the delay before the n-th attempt to connect (seconds).
        history: keeps the states; None for one that begins now.
        keeps_contacts: whether ``contacts`` is kept; it takes some 200 bytes each.
        inbox: what is done with messages before handlers have them.
        pacing: how often it may do what others see, None for as often as it likes.

    Attributes:
        name: label of the sub-account.
        state: see ``StateChanged``.
        history: the states since the start, with their reasons.
        contacts: whom it knows, usable before that is all: see ``Contacts.progress``.
        at_end: what has to be done before the session counts as closed.
    """

    def __init__(
        self,
        clock: IReactorTime,
        connector: IConnector,
        key: AccountKey,
        store: IStateStore,
        *,
        device: Mapping[str, str] | None = None,
        dialect: Dialect = "socketio",
        endurance: Endurance | None = None,
        retry_policy: Callable[[int], float] | None = None,
        history: History | None = None,
        keeps_contacts: bool = True,
        inbox: InboxPolicy = PLAIN,
        pacing: Pacing | None = None,
    ) -> None:
        super().__init__(clock, key.name, dialect)
        self._key = key
        self._store = store
        self._is_over = False
        self.history = History() if history is None else history
        self._credentials = Credentials(key, store, device)
        self._keyed = self._keyed_calls(key, store)
        self._connected: Observers[AccountSession] = Observers()
        self._ready: Observers[AccountSession] = Observers()
        self._closed: Observers[None] = Observers()
        self._roster = Roster(
            clock,
            self.name,
            self.call,
            self._deliver,
            keeps_contacts=keeps_contacts,
            comes_whole=not self._dialect.fetches,
        )
        self.contacts: Contacts = self._roster.book.contacts
        self._inbox = Inbox(
            clock,
            self,
            self.name,
            self._credentials,
            save=self._save_seen,
            happened=self._happened,
            set_paused=self._set_paused,
            roster=self._roster,
            policy=inbox,
            keep=partial(store.change_inbox, key),
        )
        self._receiver = Receiver(
            self._calls,
            self._inbox,
            up=self._is_up,
            down=self._connected.fail,
        )
        endurance = endurance or Endurance()
        self._steps = Steps(
            clock,
            self.name,
            connector,
            self._receiver,
            self._credentials,
            self._calls,
            self._entered,
            self._dialect,
            endurance,
            retry_policy,
        )
        self._liveness = Liveness(
            clock,
            self.name,
            endurance,
            probe=self._probe,
            note=self._note,
            mark=self._mark,
            dead=self._dead,
        )
        if pacing is not None:
            tell = self._inbox.dispatch.deliver
            self.pacing = Paced(clock, key, pacing, store, tell)
        self._trouble: PadChatError | None = None
        self.at_end: Callable[[], Deferred[None]] = _nothing_to_do

    def __repr__(self) -> str:
        return f"<AccountSession {self.name} {self.state}>"

    def explain(self, language: Language = "en") -> Explanation:
        """Tell in sentences why the account is online or not, and what to do.

        Args:
            language: ``"en"`` or ``"zh"``.

        Returns:
            Its parts; ``str()`` of it is the whole text.

        Raises:
            ValueError: there is no such language.
        """
        situation = Situation(
            self.name,
            self.state,
            self.history,
            self.clock.seconds(),
            self._steps.due,
            self._dialect.name,
            MAX_CODES,
            self._steps.unheard,
        )
        return explain(situation, local_time, language)

    # Rooms

    def members(self, room: str, *, max_age: float = MEMBERS_AGE) -> Deferred[Members]:
        """Find out who is in a room.

        Whoever asks for a room that is being asked for waits for the same answer. What
        is kept is asked for again when it is too old, and after anything said that the
        room has changed.

        Args:
            room: its id, ``...@chatroom``.
            max_age: how old the answer may be (seconds); 0 for a new one.

        Raises:
            NotInRoom: the account is in no such room (any more).
            NotSent: no id of a room, not logged in, or too many wait for the answer.
            CallRejected, OutcomeUnknown: see ``call``.
        """
        return self._roster.lists.get(room, max_age)

    # The login

    def start(self) -> Deferred[None]:
        """Read the store, then begin to log in.

        Returns:
            Fires when the store was read; the login goes on by itself.

        Raises:
            StoreError: the store cannot be used, or two accounts share a device.
            LocalProtocolError: the given device data lacks a field.
        """
        return Deferred.fromCoroutine(self._start()).addErrback(self._not_started)

    def try_again(self) -> None:
        """Begin again from ``needs_human`` or ``retrying``; what failed is forgotten.

        There are new codes then, and the token has its turn first. Of an account that
        another client took over this takes it back: the other one is told so, and
        disconnected. Nothing but this does.
        """
        self._steps.inputs.try_again()

    def when_connected(self) -> Deferred[AccountSession]:
        """Fire when the gateway let us in; fail when the next attempt fails.

        Raises:
            ConnectError: the attempt failed; others follow unless it is permanent.
            LocalProtocolError: 10,000 wait for it already.
        """
        if self._receiver.connection is not None:
            return succeed(self)
        if self.state in ("needs_human", "closed"):
            return fail(self._why())
        return self._connected.wait()

    def when_ready(self) -> Deferred[AccountSession]:
        """Fire when the account is logged in and its contacts are loaded.

        Raises:
            NeedsHuman: a person must do something; nothing is tried by itself.
            Disconnected: the session was closed before.
            LocalProtocolError: 10,000 wait for it already.
        """
        if self.state == "ready":
            return succeed(self)
        if self.state in ("needs_human", "closed"):
            return fail(self._why())
        return self._ready.wait()

    def when_closed(self) -> Deferred[None]:
        """Fire when the session is over."""
        return succeed(None) if self._is_over else self._closed.wait()

    def close(self) -> Deferred[None]:
        """Leave the gateway in good order; the account stays logged in.

        Returns:
            Fires when the connection is gone and the store has what it needs.
        """
        over = self.when_closed()
        self._steps.inputs.stop()
        return over

    def logout(self) -> Deferred[None]:
        """Log the account out, then close; the next login needs a scan.

        Raises:
            CallError: the gateway did not do it; the session goes on.
        """
        return self.call(Logout()).addCallback(lambda _: self.when_closed())

    # Events

    def on(
        self, kind: type[E], handler: Callable[[AccountSession, E], object]
    ) -> Callable[[], None]:
        """Call ``handler(account, event)`` for each event of *kind* or below.

        Args:
            kind: an event or push item of the catalogue, ``StateChanged`` or
                ``CoolingDown``.
            handler: a function, or a coroutine function; it may return a Deferred.

        Returns:
            Call it to take the handler away again.

        Raises:
            LocalProtocolError: there are too many.
        """
        if kind is Push:
            raise ValueError("register for the items of a push, such as TextMessage")
        return self._inbox.dispatch.on(kind, handler)

    # Steps

    async def _start(self) -> None:
        await self._credentials.load()
        ids = await self._store.seen_message_ids(self._key, MAX_SEEN_IDS)
        is_durable = self._inbox.durable is not None
        items = await self._store.inbox(self._key) if is_durable else ()
        self._inbox.load(ids, items)
        if self.pacing is not None:
            await self.pacing.load()
        self._steps.inputs.start()

    def _not_started(self, failure: Failure) -> Failure:
        if isinstance(failure.value, PadChatError):
            change = StateChanged(self.state, self.state, failure.value)
            self.history.add(change, self.clock.seconds())
        return failure

    def _entered(self, state: str, reason: PadChatError | None) -> None:
        old, self.state = self.state, state
        self._may_call = state in CALLABLE_STATES
        self._roster.entered(state, self.user_name)
        self._trouble = reason
        _log.info(
            "account {account}: {old} -> {new}{why}",
            account=self.name,
            old=old,
            new=state,
            why="" if reason is None else f" ({reason})",
        )
        if self.pacing is not None and not self._may_call:
            self.pacing.end(f"account {self.name!r} is {state}")
        change = StateChanged(old, state, reason)
        self.history.add(change, self.clock.seconds())
        self._inbox.dispatch.deliver(change)
        if old == "ready":
            self._liveness.stop()
        if self._may_call:
            self._inbox.commands_can_be_sent()
        if state == "ready":
            self._liveness.start()
            self._ready.fire(self)
        elif state == "needs_human":
            self._ready.fail(self._why())
        elif state == "closed":
            self._finish()

    def _finish(self) -> None:
        error = self._why()
        self._connected.fail(error)
        self._ready.fail(error)
        saving = self._inbox.close()
        saving.addBoth(lambda _: self._keyed.when_idle())
        if self.pacing is not None:
            saving.addBoth(lambda _, pacing: pacing.close(), self.pacing)
        saving.addBoth(lambda _: self.at_end())
        saving.addBoth(self._finished)

    def _finished(self, _: object) -> None:
        self._is_over = True
        self._closed.fire(None)

    def _why(self) -> PadChatError:
        return self._trouble or Disconnected("the session was closed")

    # What its parts ask of each other

    def _is_up(self) -> None:
        self._connected.fire(self)

    def _deliver(self, event: object) -> None:
        self._inbox.dispatch.deliver(event)

    def _happened(self, event: Event) -> None:
        self._steps.happened(event)

    def _set_paused(self, is_paused: bool) -> None:
        self._receiver.set_paused(is_paused)

    def _probe(self) -> Deferred[Any]:
        return self._steps.command(GetDeviceInfo(), ANSWER_SECONDS)

    def _note(self, text: str) -> Deferred[Any]:
        return self.call(SendMsg("filehelper", text))

    def _mark(self) -> object:
        return self._inbox.seen.mark

    def _dead(self, reason: PadChatError) -> None:
        self._steps.inputs.failed(reason)

    def _save_seen(self, ids: list[str]) -> Deferred[None]:
        saving = maybeDeferred(self._store.remember_message_ids, self._key, ids)
        return saving.addErrback(self._log_failure)

    def _log_failure(self, failure: Failure) -> None:
        _log.failure("account {account}: the store failed", failure, account=self.name)


#: Registers handlers: called once with the account, before it connects.
Handlers = Callable[[AccountSession], object]
