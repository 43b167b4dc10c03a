"""The contacts of one account, as the gateway pushed them: a bounded book.

Each push replaces what was known of its contact, whole: what the gateway leaves out is
not known any more. See docs/design/0014-contacts.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from ..catalogue import Contact
from ..catalogue.base import Part
from ..catalogue.contacts import OFFICIAL_PREFIX
from ..catalogue.messages import ROOM_SUFFIX
from ..wire.json_text import to_utf8_text

__all__ = [
    "LONGEST_TEXTS",
    "MAX_CONTACTS",
    "QUIET_SECONDS",
    "ContactBook",
    "Contacts",
    "ContactsSynced",
    "KnownContact",
    "SyncProgress",
    "SyncState",
]

#: Most contacts that are kept of one account: WeChat allows 10,000 friends, and rooms
#: and official accounts come to them. They take 4 MB.
MAX_CONTACTS = 20_000

#: Longest texts of a contact, or of a member, that are kept, all together (characters):
#: names have 32, a list of labels some hundred, two addresses of pictures 300.
LONGEST_TEXTS = 1024

#: How long no contact may come before a synchronisation counts as over all the same
#: (seconds); users saw gateways that never send ``loaded``.
QUIET_SECONDS = 60.0

#: When more of those known did not come than this share, they are kept: a gateway that
#: tells only what changed must not empty the book.
BELIEVED_SHARE = 0.5

#: ``off``: nothing is kept. ``waiting``: not logged in. ``running``: contacts come.
#: ``loaded``: the gateway said that all came. ``overdue``: it did not say so in time.
SyncState: TypeAlias = Literal["off", "waiting", "running", "loaded", "overdue"]

_log = Logger()

# What is kept of a contact beside its id, as bytes: a third of what the object takes,
# and it is made again faster than a line is logged.
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(tuple[str, str, str, int, str, int]).decode


def _packed(*kept: str | int) -> bytes:
    try:
        return _pack(kept)
    except UnicodeEncodeError:
        return _pack([to_utf8_text(k) if isinstance(k, str) else k for k in kept])


class KnownContact(Part, frozen=True, gc=False):
    """What is kept of a contact: who it is, and not the frame that it came in.

    ``GetContact`` asks for the rest of a profile. Where a name was cut in the middle of
    an emoji, the half of it that is left is replaced by U+FFFD.

    Args:
        user_name: WeChat id; ``...@chatroom`` is a room, ``gh_...`` official.
        nick_name: nickname; for a room its name.
        remark: name that the account gave it, empty for none.
        label: ids of the labels on it.
        chatroom_id: room: its version, else 0.
        chatroom_owner: room: WeChat id of the owner.
        member_count: room: how many members it has.
    """

    user_name: str
    nick_name: str = ""
    remark: str = ""
    label: str = ""
    chatroom_id: int = 0
    chatroom_owner: str = ""
    member_count: int = 0

    @property
    def is_room(self) -> bool:
        """Whether it is a room."""
        return self.user_name.endswith(ROOM_SUFFIX)

    @property
    def is_official(self) -> bool:
        """Whether it is an official account."""
        return self.user_name.startswith(OFFICIAL_PREFIX)

    @property
    def display_name(self) -> str:
        """What the account sees: the remark, else the nickname."""
        return self.remark or self.nick_name


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far the newest synchronisation of contacts is.

    The gateway does not say how many there are, so there is no percentage.

    Args:
        state: see ``SyncState``.
        received: contacts that came in it.
        known: contacts in the book.
        left_out: contacts that were not kept: too many, or with texts too long, or
            with numbers of more than 64 bits.
    """

    state: SyncState
    received: int = 0
    known: int = 0
    left_out: int = 0

    @property
    def is_over(self) -> bool:
        """Whether it has ended, told by the gateway or not."""
        return self.state in ("loaded", "overdue")


@dataclass(frozen=True, slots=True)
class ContactsSynced:
    """A synchronisation of contacts ended; ``account.on(ContactsSynced, handler)``.

    Args:
        is_complete: whether the gateway said so; else nothing came for a time, and
            more may come.
        received: contacts that came in it.
        removed: WeChat ids of those that did not come any more.
    """

    is_complete: bool
    received: int
    removed: tuple[str, ...] = field(default=(), repr=False)


class Contacts(Mapping[str, KnownContact]):
    """The contacts of an account by WeChat id; it changes by itself, and only so.

    Take a copy, ``dict(contacts)``, before you wait for anything inside a loop.

    Args:
        known: the contacts, packed, as somebody else keeps them.
        progress: tells how far their synchronisation is.
    """

    __slots__ = ("_known", "_progress")

    def __init__(
        self,
        known: Mapping[str, bytes],
        progress: Callable[[], SyncProgress],
    ) -> None:
        self._known = known
        self._progress = progress

    def __repr__(self) -> str:
        return f"<Contacts {self._progress()}>"

    def __getitem__(self, user_name: str) -> KnownContact:
        return KnownContact(user_name, *_unpack(self._known[user_name]))

    def __contains__(self, user_name: object) -> bool:
        return user_name in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    @property
    def progress(self) -> SyncProgress:
        """How far the newest synchronisation is."""
        return self._progress()

    @property
    def is_synced(self) -> bool:
        """Whether it has ended; ``progress.state`` says how."""
        return self._progress().is_over

    @property
    def people(self) -> tuple[KnownContact, ...]:
        """Those that are neither rooms nor official accounts."""
        return tuple(
            one for one in self.values() if not one.is_room and not one.is_official
        )

    @property
    def rooms(self) -> tuple[KnownContact, ...]:
        """The rooms that were saved to the contacts or pushed since the login."""
        return tuple(one for one in self.values() if one.is_room)

    @property
    def officials(self) -> tuple[KnownContact, ...]:
        """The official accounts."""
        return tuple(one for one in self.values() if one.is_official)

    def named(self, name: str) -> tuple[KnownContact, ...]:
        """Find those that the account sees as *name*; several may have one name."""
        return tuple(one for one in self.values() if one.display_name == name)


class ContactBook:
    """Keeps the contacts of one account.

    Args:
        clock: for the time that nothing comes.
        name: label of the account, for the log.
        synced: told when a synchronisation ended.
        is_kept: whether anything is kept at all.
        comes_whole: whether a synchronisation brings all contacts and not only those
            that changed, so that what does not come is no contact any more.

    Attributes:
        contacts: what users see of it.
    """

    __slots__ = (
        "_clock",
        "_comes_whole",
        "_heard_at",
        "_known",
        "_left_out",
        "_name",
        "_own",
        "_received",
        "_seen",
        "_state",
        "_synced",
        "_timer",
        "contacts",
    )

    def __init__(
        self,
        clock: IReactorTime,
        name: str,
        synced: Callable[[ContactsSynced], None],
        *,
        is_kept: bool = True,
        comes_whole: bool = True,
    ) -> None:
        self._clock = clock
        self._name = name
        self._synced = synced
        self._comes_whole = comes_whole
        self._known: dict[str, bytes] = {}
        self._own = ""
        self._state: SyncState = "waiting" if is_kept else "off"
        self._seen: set[str] | None = None
        self._received = 0
        self._left_out = 0
        self._heard_at = 0.0
        self._timer: IDelayedCall | None = None
        self.contacts = Contacts(self._known, self._progress)

    def begin(self, own: str = "") -> None:
        """A synchronisation begins; whatever is known stays until it ends.

        Args:
            own: WeChat id of the account, as far as it is known. The contacts of
                another one are nobody's any more.
        """
        if self._state == "off":
            return
        if own:
            if self._own not in ("", own):
                self._known.clear()
            self._own = own
        self._stop_watching()
        self._state = "running"
        self._seen = set()
        self._left_out = 0
        self._heard_at = self._clock.seconds()
        self._timer = self._clock.callLater(QUIET_SECONDS, self._look)

    def take(self, contact: Contact) -> None:
        """A contact was pushed: put it in place of what was known."""
        user_name = contact.user_name
        if not user_name or self._state == "off":
            return
        nick_name = contact.nick_name
        remark, label = contact.remark or "", contact.label or ""
        owner = contact.chatroom_owner or ""
        length = len(user_name) + len(nick_name) + len(remark) + len(label) + len(owner)
        is_full = len(self._known) >= MAX_CONTACTS and user_name not in self._known
        if is_full or length > LONGEST_TEXTS:
            self._leave_out()
            return
        version, members = contact.chatroom_id or 0, contact.member_count or 0
        try:
            packed = _packed(nick_name, remark, label, version, owner, members)
        except OverflowError:
            self._leave_out()
            return
        self._known[user_name] = packed
        if self._seen is not None:
            self._seen.add(user_name)
            self._heard_at = self._clock.seconds()

    def loaded(self) -> None:
        """The gateway says that all came; also when nobody waits for it any more."""
        if self._state == "running":
            removed = self._remove_missing(self._seen or set())
            self._end("loaded", removed)
        elif self._state == "overdue":
            self._end("loaded")

    def forget(self, user_name: str) -> None:
        """Somebody is no contact any more."""
        self._known.pop(user_name, None)

    def stop(self) -> None:
        """The account is not logged in; what is known stays, and grows old."""
        if self._state != "off":
            self._stop_watching()
            self._state = "waiting"

    # Steps

    def _progress(self) -> SyncProgress:
        received = self._received if self._seen is None else len(self._seen)
        return SyncProgress(self._state, received, len(self._known), self._left_out)

    def _look(self) -> None:
        """End the synchronisation if nothing came for too long."""
        quiet = self._clock.seconds() - self._heard_at
        if quiet < QUIET_SECONDS:
            self._timer = self._clock.callLater(QUIET_SECONDS - quiet, self._look)
            return
        self._timer = None
        _log.warn(
            "account {account}: no 'loaded' came, and no contact for {seconds} seconds;"
            " the contacts may be incomplete",
            account=self._name,
            seconds=QUIET_SECONDS,
        )
        self._end("overdue")

    def _end(self, state: SyncState, removed: tuple[str, ...] = ()) -> None:
        self._stop_watching()
        self._state = state
        self._synced(ContactsSynced(state == "loaded", self._received, removed))

    def _stop_watching(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._seen is not None:
            self._received = len(self._seen)
            self._seen = None

    def _remove_missing(self, seen: set[str]) -> tuple[str, ...]:
        if not self._comes_whole:
            return ()
        missing = tuple(name for name in self._known if name not in seen)
        if len(missing) > BELIEVED_SHARE * len(self._known):
            _log.warn(
                "account {account}: {missing} of {known} contacts did not come; they"
                " are kept, since the gateway seems to tell only what changed",
                account=self._name,
                missing=len(missing),
                known=len(self._known),
            )
            return ()
        for name in missing:
            del self._known[name]
        return missing

    def _leave_out(self) -> None:
        self._left_out += 1
        if self._left_out == 1:
            _log.warn(
                "account {account}: a contact is not kept, for there are {known} (at"
                " most {limit}), or it has texts of more than {longest} characters or a"
                " number of more than 64 bits; handlers get it all the same",
                account=self._name,
                known=len(self._known),
                limit=MAX_CONTACTS,
                longest=LONGEST_TEXTS,
            )
