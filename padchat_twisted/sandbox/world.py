"""A pretend WeChat: people, rooms, sub-accounts, messages, QR logins and tokens.

PURE: no reactor, no clock, no randomness of its own. The server that stands in front
of it does four things::

    binding = world.attach(auth_key, name, wake)       a connection is there
    reply = binding.respond(code, params)              it sends a command
    for notice in binding.take_notices(): ...          after each reply and each wake()
    if binding.is_over: disconnect                     ... and then
    binding.detach()                                   the connection is gone

and calls :meth:`World.tick` when :meth:`World.next_deadline` comes, which it asks
again after each command, each tick and each ``wake``. ``wake`` is called from inside
other calls, so it should make a note or a ``callLater(0, ...)`` and no more.

Whoever drives the world from Python does it through :meth:`World.person`,
:meth:`World.room` and :meth:`World.account`. Why it is so: ``docs/design/0005``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..catalogue.message_types import MessageType
from . import saved
from .accounts import Account
from .binding import Binding
from .directory import Directory
from .favorites import Favorites
from .fingerprints import fingerprint
from .friends import Friends
from .invitations import Invitations
from .labels import Labels
from .login import QRLogin, code_id_in
from .mail import Mail
from .messages import Message, RandomHex, new_message_id
from .moments import Moments
from .money import Money
from .officials import Officials
from .people import MAX_NAME_CHARACTERS, MAX_PEOPLE, Person, Who, checked_name
from .refusals import Refused
from .responders import Reply, respond
from .rooms import Room
from .settings import WorldSettings

__all__ = ["MAX_ACCOUNTS", "MAX_ROOMS", "World", "WorldSettings"]

#: Sub-accounts of one world. Whoever has a key can make one by connecting with a new
#: name, and each is kept; ten times the accounts that one process should serve.
MAX_ACCOUNTS = 10_000

#: Rooms of one world, as many: a client makes one by a command, and each is kept.
MAX_ROOMS = 10_000


class World(Directory):
    """One pretend WeChat.

    Args:
        clock: gives the Unix time (seconds).
        random_hex: gives that many random bytes as hexadecimal digits, like
            ``secrets.token_hex``; ids and tokens are made of it.
        base_url: where the sandbox's pages are, without a slash at the end; QR codes
            lead to ``/x/ID`` below it, avatars to ``/head/WXID``.
        settings: how it behaves.

    Attributes:
        settings: how it behaves.
        random_hex: as given.
        base_url: may be set again, when the port is known.
        changes: grows with each change of what :meth:`dump` returns.
        mail: what sends and delivers.
        friends: who is whose contact, and who asked whom to become one.
        invitations: those to rooms that can still be followed.
        labels: the labels that accounts put on their contacts.
        moments: what people show their contacts, with comments and likes.
        favorites: what each person keeps for themselves.
        money: transfers and red packets, with their states.
        officials: official accounts, with their menus and pages.
        weixin: WeChat itself, which writes after each login.
        filehelper: the file transfer assistant, one for all: its inbox has what any
            account wrote to it.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        random_hex: RandomHex,
        base_url: str = "http://localhost",
        settings: WorldSettings | None = None,
    ) -> None:
        super().__init__()
        self.now = clock
        self.random_hex = random_hex
        self.base_url = base_url
        self.settings = settings or WorldSettings()
        self.changes = 0
        self.mail = Mail(self)
        self.friends = Friends(self)
        self.invitations = Invitations(self)
        self.labels = Labels(self)
        self.moments = Moments(self)
        self.favorites = Favorites(self)
        self.money = Money(self)
        self.officials = Officials(self)
        self.by_user_name["fmessage"] = self.friends.fmessage
        self.weixin = self._add_system("weixin", "WeChat Team")
        self.filehelper = self._add_system("filehelper", "File Transfer")
        self._own_users: set[str] = set()
        self._sociable: dict[str, Person] = {}
        self._logins: dict[str, QRLogin] = {}
        self._auto_scan = False

    def __repr__(self) -> str:
        return (
            f"<world of {len(self.people)} people, {len(self.rooms)} rooms,"
            f" {len(self.accounts)} accounts>"
        )

    # People and rooms.

    def person(self, name: str, *, nick_name: str | None = None) -> Person:
        """Find a pretend person, or make them; everybody knows who is made here.

        Args:
            name: what the world calls them; their wxid is made of it.
            nick_name: what others see; the name when left out, or as it was.

        Raises:
            Refused: a name is empty or too long, or there are too many people.
        """
        if nick_name is not None:
            checked_name(nick_name)
        person = self.people.get(name)
        if person is None:
            person = self.add_person(name)
            for other in self.people.values():
                self.befriend(person, other)
        if nick_name is not None and nick_name != person.nick_name:
            person.nick_name = nick_name
            person.changed()
        return person

    def befriend(self, one: Person, other: Person) -> None:
        """Make two people contacts of each other; everybody has the system's."""
        self.friends.befriend(one, other)

    def room(self, name: str, *, members: Iterable[Who] = ()) -> Room:
        """Find a room, or make it; the first member owns it.

        Args:
            name: what the world calls it; its id is made of it.
            members: who should be in it; an unknown name becomes a new person. Who
                is in it already stays; no text announces the others.

        Raises:
            Refused: a name is empty or too long, or there are too many members.
        """
        room = self.rooms.get(name) or self.add_room(name)
        room.add([self.someone(who) for who in members], None)
        return room

    def someone(self, who: Who) -> Person:
        """Find a person as :meth:`find` does, or make one of a new name.

        Raises:
            Refused: *who* is a room, or cannot be a name.
        """
        found = self._lookup(who)
        if isinstance(found, Room):
            raise Refused(f"{found.name} is a room, not a person")
        return found or self.person(str(who))

    # Sub-accounts and their logins.

    def attach(
        self, auth_key: str, name: str, wake: Callable[[], None] = lambda: None
    ) -> Binding:
        """Bind a new connection to a sub-account, which is made when it is new.

        An older connection of the same sub-account is told and is over: see
        :data:`~padchat_twisted.sandbox.accounts.TAKEN_OVER`. Whether the key is good
        is for the server to know.

        Args:
            auth_key: the auth key; only its fingerprint is kept.
            name: label of the sub-account.
            wake: called when there is something to take from the binding; also
                when the connection was taken over.

        Raises:
            Refused: the label is empty or too long; there are too many accounts.
        """
        place = (fingerprint(auth_key), checked_name(name))
        account = self.accounts.get(place)
        if account is None:
            if len(self.accounts) >= MAX_ACCOUNTS:
                raise Refused(f"the sandbox has at most {MAX_ACCOUNTS} accounts")
            account = Account(self, *place, self._own_user(name))
            self.add_account(account)
        return account.attach(wake)

    @property
    def auto_scan(self) -> bool:
        """Whether each code is scanned and confirmed by the account's own user."""
        return self._auto_scan

    @auto_scan.setter
    def auto_scan(self, is_on: bool) -> None:
        self._auto_scan = is_on
        for login in self.logins:
            # The repeated event wakes the server, which asks for the deadline again.
            login.tell_status()

    @property
    def logins(self) -> list[QRLogin]:
        """The QR codes that are shown now."""
        return list(self._logins.values())

    def find_code(self, code_id: str) -> QRLogin | None:
        """Find a code by the last part of its address; None when it is void."""
        return self._logins.get(code_id)

    def login_shown_by(self, target: Account | str) -> QRLogin:
        """Find the code of a sub-account, or the code of that content.

        Raises:
            Refused: there is no such account, or no such code.
        """
        if isinstance(target, str) and (code_id := code_id_in(target)) is not None:
            login = self.find_code(code_id)
            if login is None:
                raise Refused("that code is not valid any more")
            return login
        account = self.account(target) if isinstance(target, str) else target
        if account.login is None:
            raise Refused(f"{account.name} shows no QR code now")
        return account.login

    def on_message(self, callback: Callable[[Message], None]) -> Callable[[], None]:
        """Have *callback* called with each message that anybody sends.

        It is called after the message is delivered and must not raise. WeChat's own
        texts are not among them.

        Returns:
            A function that ends it.

        Raises:
            Refused: there are too many.
        """
        return self.mail.on_message(callback)

    def respond(self, binding: Binding, code: str, params: object) -> Reply:
        """Carry out one command of a client; see :func:`.responders.respond`."""
        return respond(binding, code, params)

    # Time, and what outlives a restart.

    def next_deadline(self) -> float | None:
        """Return when :meth:`tick` is due (Unix time, seconds); None for never."""
        due = [login.next_deadline() for login in self.logins]
        money_due = self.money.next_deadline()
        return min(due if money_due is None else [*due, money_due], default=None)

    def tick(self) -> None:
        """Do what the time has come for; harmless at any other moment."""
        for login in self.logins:
            login.tick()
        self.money.tick()

    def dump(self) -> dict[str, object]:
        """Return what outlives a restart, for JSON; see :mod:`.saved`."""
        return saved.dump(self)

    @classmethod
    def load(
        cls,
        dumped: object,
        *,
        clock: Callable[[], float],
        random_hex: RandomHex,
        base_url: str = "http://localhost",
        settings: WorldSettings | None = None,
    ) -> World:
        """Make a world of what :meth:`dump` returned; the rest as for the class.

        Raises:
            SavedWorldDamaged: it cannot be used, with what is wrong with it.
        """
        world = cls(
            clock=clock, random_hex=random_hex, base_url=base_url, settings=settings
        )
        saved.restore(world, dumped)
        return world

    # For the other modules of the world.

    def changed(self) -> None:
        """Count a change of what :meth:`dump` returns."""
        self.changes += 1

    def contact_changed(
        self, contact: Person | Room, readers: Iterable[Person]
    ) -> None:
        """Push a contact that changed to those of *readers* who are logged in."""
        self.changed()
        for reader in readers:
            if reader.account is not None:
                reader.account.push_contact(contact)

    def tell(
        self,
        reader: Person,
        content: str,
        *,
        sender: Person | Room,
        kind: MessageType = MessageType.SYSTEM,
    ) -> None:
        """Deliver what WeChat itself writes to one reader, in the name of *sender*."""
        message = Message(
            message_id=new_message_id(self.random_hex),
            kind=kind,
            sender=sender,
            to=reader,
            content=content,
            sent_at=self.now(),
        )
        self.mail.deliver(message, [reader])

    def add_person(self, name: str) -> Person:
        """Make a person whom nobody knows.

        Raises:
            Refused: there are too many, or the name is empty or too long.
        """
        if len(self.people) >= MAX_PEOPLE:
            raise Refused(f"the sandbox has at most {MAX_PEOPLE} people")
        person = self.people[checked_name(name)] = Person(self, name)
        self.by_user_name[person.user_name] = self._sociable[name] = person
        self.by_stranger[person.stranger] = person
        self.changed()
        return person

    def add_room(self, name: str) -> Room:
        """Make a room without members.

        Raises:
            Refused: there are too many, or the name is empty or too long.
        """
        if len(self.rooms) >= MAX_ROOMS:
            raise Refused(f"the sandbox has at most {MAX_ROOMS} rooms")
        room = self.rooms[checked_name(name)] = Room(self, name)
        self.by_user_name[room.user_name] = room
        self.changed()
        return room

    def add_account(self, account: Account) -> None:
        """Take a new account in."""
        self.accounts[account.key_fingerprint, account.name] = account
        self._by_label.setdefault(account.name, []).append(account)
        self._own_users.add(account.own_user.name)
        self._sociable.pop(account.own_user.name, None)
        self.changed()

    def login_begun(self, login: QRLogin) -> None:
        """Take a code in."""
        self._logins[login.code_id] = login

    def login_ended(self, login: QRLogin) -> None:
        """Forget a code."""
        del self._logins[login.code_id]

    def _add_system(self, name: str, nick_name: str) -> Person:
        self.people[name] = person = Person(
            self, name, user_name=name, nick_name=nick_name, is_system=True
        )
        self.by_user_name[name] = person
        return person

    def _own_user(self, label: str) -> Person:
        """Find or make the WeChat user of a new account: of the same name, if free.

        Who is made here knows everybody but the users of the other accounts: a
        thousand accounts are not a thousand contacts of each.
        """
        system = (self.weixin.name, self.filehelper.name)
        name, number = label, 1
        while name in self._own_users or name in system:
            number += 1
            name = f"{label[: MAX_NAME_CHARACTERS - 6]} {number}"
        if name in self.people:
            return self.people[name]
        person = self.add_person(name)
        for other in self._sociable.values():
            self.befriend(person, other)
        return person
