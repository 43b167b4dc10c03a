"""What of the pretend WeChat outlives a restart of the sandbox.

PURE. People with what they tell about themselves and keep about their contacts, rooms,
accounts with their devices and the fingerprints of their tokens. Neither messages,
announcements nor pictures, nor friend requests, invitations and the codes that are
shown, nor auth keys and tokens themselves. The device data do stand in it, so it
belongs in a file of mode 0600.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from .accounts import Account, Device, LoginToken
from .labels import MAX_LABELS
from .people import Notes, Person, Profile
from .refusals import Refused
from .rooms import MAX_ROOM_MEMBERS, Membership

if TYPE_CHECKING:
    from .world import World

__all__ = ["SAVED_VERSION", "SavedWorldDamaged", "dump", "restore"]

#: Version of the saved form; one more with each change that an older one cannot read.
#:
#: 1: the first.
#: 2: contacts can be one-sided; people have notes, labels, a profile and an avatar that
#: changes, rooms may need the owner's confirmation. Version 1 is read still.
SAVED_VERSION = 2


class SavedWorldDamaged(ValueError):
    """A saved world cannot be used; the text says what is wrong with it."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return (
            f"the saved state of the sandbox cannot be used: {self.problem};"
            " move it away to begin with an empty world"
        )


class _SavedLabel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    label_id: int
    name: str


class _SavedPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    nick_name: str
    contacts: list[str]
    profile: Profile = Profile()
    notes: dict[str, Notes] = {}
    labels: list[_SavedLabel] = []
    head_version: int = 0


class _SavedMembership(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    invited_by: str


class _SavedRoom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    nick_name: str
    owner: str | None
    version: int
    members: list[_SavedMembership]
    needs_confirmation: bool = False


class _SavedAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key_fingerprint: str
    name: str
    own_user: str
    user: str
    is_logged_in: bool
    device: Device | None
    tokens: list[LoginToken]


class _SavedWorld(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    people: list[_SavedPerson]
    rooms: list[_SavedRoom]
    accounts: list[_SavedAccount]


def dump(world: World) -> dict[str, object]:
    """Make a dict of *world* that JSON can hold; see :func:`restore`."""
    saved = _SavedWorld(
        version=SAVED_VERSION,
        people=[
            _SavedPerson(
                person.name,
                person.nick_name,
                [contact.name for contact in person.contacts.values()],
                person.profile,
                {
                    person.contacts[user_name].name: notes
                    for user_name, notes in person.notes.items()
                },
                [_SavedLabel(*label) for label in person.labels.items()],
                person.head_version,
            )
            for person in world.people.values()
            if not person.is_system
        ],
        rooms=[
            _SavedRoom(
                room.name,
                room.nick_name,
                room.owner.name if room.owner else None,
                room.version,
                [
                    _SavedMembership(member.person.name, member.invited_by)
                    for member in room.memberships.values()
                ],
                room.needs_confirmation,
            )
            for room in world.rooms.values()
        ],
        accounts=[
            _SavedAccount(
                account.key_fingerprint,
                account.name,
                account.own_user.name,
                account.user.name,
                account.is_logged_in,
                account.device,
                list(account.tokens),
            )
            for account in world.accounts.values()
        ],
    )
    builtins: dict[str, object] = msgspec.to_builtins(saved)
    return builtins


def restore(world: World, saved: object) -> None:
    """Fill the empty *world* with what :func:`dump` made.

    Raises:
        SavedWorldDamaged: *saved* has another form or another version, or
            contradicts itself.
    """
    version = saved.get("version") if isinstance(saved, dict) else None
    if isinstance(version, int) and not 1 <= version <= SAVED_VERSION:
        raise SavedWorldDamaged(
            f"it has version {version}, and only 1 to {SAVED_VERSION} are known here"
        )
    try:
        read = msgspec.convert(saved, _SavedWorld)
        _restore_people(world, read.people)
        _restore_rooms(world, read.rooms)
        _restore_accounts(world, read.accounts)
    except (msgspec.ValidationError, Refused) as problem:
        raise SavedWorldDamaged(str(problem)) from problem


def _restore_people(world: World, people: list[_SavedPerson]) -> None:
    for saved in people:
        _check_new(saved.name not in world.people)
        _check_number(saved.labels, MAX_LABELS)
        person = world.add_person(saved.name)
        person.nick_name = saved.nick_name
        person.profile = saved.profile
        person.labels = {label.label_id: label.name for label in saved.labels}
        person.head_version = saved.head_version
    for saved in people:
        person = _person(world, saved.name)
        for name in saved.contacts:
            contact = _person(world, name)
            if contact is person:
                raise Refused("it has somebody who is their own contact")
            person.contacts[contact.user_name] = contact
        for name, notes in saved.notes.items():
            contact = _person(world, name)
            if contact.user_name not in person.contacts:
                raise Refused("it has notes about who is no contact")
            _check_number(notes.label_ids, MAX_LABELS)
            if not person.labels.keys() >= set(notes.label_ids):
                raise Refused("it names a label that it does not have")
            person.notes[contact.user_name] = notes


def _restore_rooms(world: World, rooms: list[_SavedRoom]) -> None:
    for saved in rooms:
        _check_new(saved.name not in world.rooms)
        _check_number(saved.members, MAX_ROOM_MEMBERS)
        room = world.add_room(saved.name)
        for member in saved.members:
            person = _person(world, member.name)
            room.memberships[person.user_name] = Membership(person, member.invited_by)
        room.owner = _person(world, saved.owner) if saved.owner else None
        room.nick_name = saved.nick_name
        room.version = saved.version
        room.needs_confirmation = saved.needs_confirmation
        if (room.owner is None) != (not room.memberships) or (
            room.owner is not None and not room.has(room.owner)
        ):
            raise Refused("the owner of a room is not one of its members")


def _restore_accounts(world: World, accounts: list[_SavedAccount]) -> None:
    for saved in accounts:
        _check_new((saved.key_fingerprint, saved.name) not in world.accounts)
        account = Account(
            world, saved.key_fingerprint, saved.name, _person(world, saved.own_user)
        )
        account.user = _person(world, saved.user)
        account.device = saved.device
        account.tokens.extend(saved.tokens)
        account.is_logged_in = saved.is_logged_in
        if saved.is_logged_in:
            if account.user.account is not None:
                raise Refused("two accounts are logged in as one person")
            account.user.account = account
        world.add_account(account)


def _check_new(is_new: bool) -> None:
    if not is_new:
        raise Refused("it has something twice")


def _check_number(found: Sequence[object], limit: int) -> None:
    if len(found) > limit:
        raise Refused(f"it has {len(found)} of what there are at most {limit}")


def _person(world: World, name: str) -> Person:
    person = world.people.get(name)
    if person is None or person.is_system:
        raise Refused("it names a person whom it does not have")
    return person
