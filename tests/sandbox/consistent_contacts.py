"""Who is whose contact among three accounts, and a model of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from padchat_twisted.catalogue.message_types import MessageType

from .consistent_people import WHAT, WHO, Party, PeopleMachine


class ContactsMachine(PeopleMachine):
    """They delete each other, add each other back, and ask and accept."""

    @rule(who=WHO, what=WHAT, is_mutual=st.booleans())
    def delete_contact(self, who: int, what: int, is_mutual: bool) -> None:
        """An account deletes another one, which writes in vain or deletes it too."""
        party, other = self.parties[who], self.other(who, what)
        self.delete(party, other)
        if is_mutual:
            self.delete(other, party)
        else:
            self.say(self.parties.index(other), party.user_name)

    def delete(self, party: Party, other: Party) -> None:
        """Have one account delete another one."""
        who = self.parties.index(party)
        result = self.did(who, "deleteContact", userId=other.user_name)
        assert (result is not None) == (other.user_name in party.contacts)
        party.contacts.discard(other.user_name)
        party.remarks.pop(other.user_name, None)
        for holders in party.labels.values():
            holders.discard(other.user_name)

    @rule(who=WHO, what=WHAT)
    def add_contact(self, who: int, what: int) -> None:
        """An account adds back who has deleted it or whom it deleted, or asks."""
        party = self.parties[who]
        others = [one for one in self.parties if not self.are_friends(party, one)]
        if not others:
            return
        other = others[what % len(others)]
        is_known = other.user_name in party.contacts
        knows_us = party.user_name in other.contacts
        found: Any = self.call(
            who, "getContact" if is_known else "searchContact", userId=other.user_name
        ).data
        codes = {"stranger": found["userName"], "ticket": found["stranger"]}
        if is_known:
            codes = {name: found[name] for name in codes}
        result = self.did(who, "addContact", **codes, type=3, content="")
        assert (result is not None) == (is_known or knows_us)
        if result is not None:
            self.befriend(party, other)
        else:
            assert self.did(who, "sayHello", **codes, content="it is me") is not None
            other.asked_by.add(party.user_name)

    @rule(who=WHO)
    def accept(self, who: int) -> None:
        """An account accepts the last friend request that it got, once."""
        request = self.parties[who].items.get(MessageType.FRIEND_REQUEST)
        if request is None:
            return
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', request["content"]))
        party, asker = self.parties[who], attributes["fromusername"]
        codes = {
            "stranger": attributes["encryptusername"],
            "ticket": attributes["ticket"],
        }
        result = self.did(who, "acceptUser", **codes)
        assert (result is not None) == (asker in party.asked_by)
        if result is not None:
            other = next(one for one in self.parties if one.user_name == asker)
            self.befriend(party, other)

    def are_friends(self, one: Party, other: Party) -> bool:
        """Tell whether two accounts are one, or contacts of each other."""
        is_mutual = other.user_name in one.contacts and one.user_name in other.contacts
        return one is other or is_mutual

    def befriend(self, one: Party, other: Party) -> None:
        """Note that two accounts have become contacts; what was asked is settled."""
        one.contacts.add(other.user_name)
        other.contacts.add(one.user_name)
        one.asked_by.discard(other.user_name)
        other.asked_by.discard(one.user_name)

    @invariant()
    def contacts_agree(self) -> None:
        """Each account sees its contacts, and by the ticket who deleted it."""
        for number, party in enumerate(self.parties):
            own = {name for name in party.user.contacts if name.startswith("wxid_")}
            assert own == party.contacts
            for name in party.contacts:
                seen = self.call(number, "getContact", userId=name).data
                assert seen["userName"] == name
                self.check_contact(party, name, seen)
                for other in self.parties:
                    if other.user_name == name:
                        assert bool(seen["ticket"]) != self.are_friends(party, other)

    def check_contact(self, party: Party, name: str, seen: Mapping[str, Any]) -> None:
        """Check what else an account sees of a contact; for subclasses."""
