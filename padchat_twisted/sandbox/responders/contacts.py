"""The commands of area contacts.

PURE. Source: commands.toml, group ``contact``.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...catalogue.contacts import NEEDS_VERIFICATION
from .. import system_texts
from ..binding import Binding
from ..friends import SEARCHED_BY_ID
from ..markup import cdata, element
from ..people import Person
from ..pictures import qr_picture
from ..profiles import contact_profile, found_profile
from ..refusals import Refused
from .base import (
    Parameters,
    Reply,
    Responder,
    done,
    optional_text,
    picture,
    text,
    whole_number,
)

__all__ = ["QR_STYLES", "RESPONDERS", "STATUS_NOT_FOUND", "person_named"]

#: Status of the engine for a search that finds nobody (commands.toml,
#: ``status_code``).
STATUS_NOT_FOUND = -24

#: Styles of somebody's QR code (commands.toml, ``getUserQrcode``).
QR_STYLES = range(4)


def person_named(binding: Binding, params: Parameters) -> Person:
    """Return the person whom ``userId`` names.

    Raises:
        Refused: it is missing, or nobody's.
    """
    found = binding.account.world.by_user_name.get(text(params, "userId"))
    if not isinstance(found, Person):
        raise Refused("userId is no person in this world")
    return found


def get_contact(binding: Binding, params: Parameters) -> Reply:
    """Return a profile; an empty one for who is unknown or no contact."""
    user, world = binding.account.user, binding.account.world
    subject = world.by_user_name.get(text(params, "userId"))
    if subject is not None and not user.knows(subject):
        subject = None
    profile = contact_profile(subject, user)
    official = world.officials.accounts.get(subject.user_name) if subject else None
    if official is not None:
        profile |= {"intro": official.company, "signature": official.signature}
    return Reply(True, "", profile)


def sync_contact(binding: Binding, params: Parameters) -> Reply:
    """Push the contact list again, then ``loaded``; or the next part of it."""
    binding.feed.sync_contacts(is_full=params.get("reset") is True)
    return Reply(True, "", {})


def search_contact(binding: Binding, params: Parameters) -> Reply:
    """Find somebody; for who is no contact the codes stand."""
    user, world = binding.account.user, binding.account.world
    found = world.friends.search(user, text(params, "userId"))
    if found is not None:
        return Reply(True, "", found_profile(found, user))
    reason = system_texts.no_such_user(world.settings.language)
    message = element("e", element("Content", cdata(reason)))
    answer = found_profile(None, user, message=message, status=STATUS_NOT_FOUND)
    return Reply(True, "", answer)


def accept_user(binding: Binding, params: Parameters) -> Reply:
    """Accept a friend request, which both codes must be of."""
    user, friends = binding.account.user, binding.account.world.friends
    codes = (text(params, "stranger"), text(params, "ticket"))
    for request in friends.requests_to(user):
        if (request.asker.stranger, request.ticket) == codes:
            friends.accept(user, request.asker)
            return done()
    raise Refused("stranger and ticket are not the codes of an open friend request")


def add_contact(binding: Binding, params: Parameters) -> Reply:
    """Add somebody who does not want to be asked, or a one-sided contact."""
    user, friends = binding.account.user, binding.account.world.friends
    contact, has_ticket = _whom_to_add(binding, params)
    source = whole_number(params, "type", SEARCHED_BY_ID)
    if friends.add(user, contact, has_ticket=has_ticket, source=source):
        return done()
    return done(message="user need verify", status=NEEDS_VERIFICATION)


def say_hello(binding: Binding, params: Parameters) -> Reply:
    """Ask somebody to become a contact."""
    contact, has_ticket = _whom_to_add(binding, params)
    greeting = optional_text(params, "content")
    user, friends = binding.account.user, binding.account.world.friends
    friends.ask(user, contact, greeting, has_ticket=has_ticket)
    return done()


def delete_contact(binding: Binding, params: Parameters) -> Reply:
    """Delete a contact."""
    user, friends = binding.account.user, binding.account.world.friends
    friends.delete(user, person_named(binding, params))
    return done()


def set_remark(binding: Binding, params: Parameters) -> Reply:
    """Set the remark name of a contact; an empty one takes it away."""
    contact, remark = person_named(binding, params), optional_text(params, "remark")
    user, friends = binding.account.user, binding.account.world.friends
    friends.set_remark(user, contact, remark)
    return done()


def set_head_img(binding: Binding, params: Parameters) -> Reply:
    """Change the avatar: its address is another one. The picture is not kept."""
    size = len(picture(params, "image"))
    user = binding.account.user
    user.head_version += 1
    user.changed()
    return done(bigHead=user.head_url, smallHead=user.head_url, data=size, size=size)


def get_user_qrcode(binding: Binding, params: Parameters) -> Reply:
    """Draw the code by which others add the account."""
    user, world = binding.account.user, binding.account.world
    if text(params, "userId") != user.user_name:
        raise Refused("userId must be the wxid of the account itself")
    if whole_number(params, "style", 0) not in QR_STYLES:
        raise Refused("style must be 0, 1, 2 or 3")
    picture = qr_picture(f"{world.base_url}/r/{user.stranger}")
    return done(
        qrCode=picture, footer=system_texts.code_footer(world.settings.language)
    )


def dump_wxuser(binding: Binding, params: Parameters) -> Reply:
    """Do nothing that can be seen: nobody knows what it does."""
    return Reply(True, "", {})


def _whom_to_add(binding: Binding, params: Parameters) -> tuple[Person, bool]:
    """Return whom ``stranger`` or ``userId`` names, and whether there is a ticket.

    Raises:
        Refused: neither or both are there, or nobody's; the ticket is another's.
    """
    world = binding.account.world
    code, ticket = optional_text(params, "stranger"), optional_text(params, "ticket")
    if code and params.get("userId"):
        raise Refused("stranger and userId exclude each other")
    if code:
        contact = world.by_stranger.get(code)
        if contact is None:
            raise Refused("stranger is not the v1 code of anybody")
    else:
        contact = person_named(binding, params)
    if ticket and ticket != contact.ticket_for(binding.account.user):
        raise Refused("ticket is not the v2 code of this user for the account")
    return contact, bool(ticket)


#: By canonical name.
RESPONDERS: Mapping[str, Responder] = {
    "getContact": Responder(get_contact),
    "syncContact": Responder(sync_contact),
    "searchContact": Responder(search_contact),
    "acceptUser": Responder(accept_user),
    "addContact": Responder(add_contact),
    "sayHello": Responder(say_hello),
    "deleteContact": Responder(delete_contact),
    "setRemark": Responder(set_remark),
    "setHeadImg": Responder(set_head_img),
    "getUserQrcode": Responder(get_user_qrcode),
    "dumpWxuser": Responder(dump_wxuser),
}
