"""Tests of padchat_twisted.sandbox.responders.contacts: contacts for clients."""

from __future__ import annotations

import base64
from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    AskedContact,
    ContactInfo,
    FoundContact,
    HeadImage,
    QrcodeImage,
)
from padchat_twisted.catalogue.message_types import MessageType
from padchat_twisted.sandbox.images import MAX_IMAGE_BYTES
from padchat_twisted.sandbox.people import Profile
from padchat_twisted.sandbox.responders import Reply
from padchat_twisted.sandbox.responders.contacts import QR_STYLES, STATUS_NOT_FOUND

from ..stage import Client, Stage, as_read

DONE = Reply(True, "", {"message": "", "status": 0})


class LookTests(SynchronousTestCase):
    """Commands that change nothing."""

    def setUp(self) -> None:
        """Have an account with a contact and a room."""
        self.stage = Stage()
        self.world = self.stage.world
        self.alice = self.world.person("alice", nick_name="Alice")
        self.client = self.stage.connect("bot1").log_in()
        self.user = self.client.account.user
        self.room = self.world.room("dev", members=["alice", "bot1"])
        self.client.take()

    def test_get_contact(self) -> None:
        """A contact, a system account, oneself and an own room are found."""
        names = ("wxid_alice", "weixin", self.user.user_name, self.room.user_name)
        for user_name in names:
            reply = self.client.call("getContact", {"userId": user_name})
            self.assertEqual(reply.data["userName"], user_name)
            self.assertEqual(reply.data["status"], 0)

    def test_no_contact(self) -> None:
        """Who is unknown, or no contact, has status 0 and only empty texts."""
        other = self.world.room("other", members=["alice"])
        for user_name in ("alice", "wxid_nobody", other.user_name):
            reply = self.client.call("getContact", {"userId": user_name})
            self.assertTrue(reply.success)
            self.assertEqual((reply.data["userName"], reply.data["status"]), ("", 0))

    def test_official_account(self) -> None:
        """An official account tells whose it is."""
        official = self.world.officials.shop
        reply = self.client.call("getContact", {"userId": official.person.user_name})
        read = as_read(reply, ContactInfo)
        self.assertEqual(read.intro, official.company)
        self.assertEqual(read.signature, official.signature)

    def test_sync_contact(self) -> None:
        """All contacts are pushed again, then loaded comes."""
        self.assertEqual(self.client.call("syncContact"), Reply(True, "", {}))
        self.assertEqual(self.client.events(), ["push", "loaded"])

    def test_search(self) -> None:
        """A contact is named by the wxid, somebody else by two codes."""
        dave = self.world.add_person("dave")
        dave.profile = Profile(alias="davy")
        for key, user_name, stranger in (
            ("wxid_alice", "wxid_alice", ""),
            ("davy", dave.stranger, dave.ticket_for(self.user)),
        ):
            reply = self.client.call("searchContact", {"userId": key})
            read = as_read(reply, FoundContact)
            self.assertEqual((read.user_name, read.stranger), (user_name, stranger))
            self.assertEqual(read.status, 0)

    def test_search_in_vain(self) -> None:
        """Nobody, and who is not to be found, have status -24 and a piece of XML."""
        dave = self.world.add_person("dave")
        dave.profile = Profile(is_findable=False)
        for key in ("nobody", "wxid_dave"):
            reply = self.client.call("searchContact", {"userId": key})
            read = as_read(reply, FoundContact)
            self.assertTrue(reply.success)
            self.assertEqual(read.status, STATUS_NOT_FOUND)
            self.assertEqual((read.user_name, read.nick_name), ("", ""))
            self.assertTrue(read.message.startswith("<e>"))

    def test_own_code(self) -> None:
        """The QR code is a picture; only the own one is drawn, in four styles."""
        own = self.user.user_name
        for style in QR_STYLES:
            reply = self.client.call("getUserQrcode", {"userId": own, "style": style})
            read = as_read(reply, QrcodeImage)
            self.assertTrue(base64.b64decode(read.qr_code).startswith(b"\x89PNG"))
            self.assertNotEqual(read.footer, "")
        for user_name, style in (("wxid_alice", 0), (own, len(QR_STYLES))):
            params = {"userId": user_name, "style": style}
            self.client.refused("getUserQrcode", params)

    def test_dump(self) -> None:
        """It is answered, with nothing."""
        self.assertEqual(self.client.call("dumpWxuser"), Reply(True, "", {}))


class ChangeTests(SynchronousTestCase):
    """Commands that change who is whose contact, and how they look."""

    def setUp(self) -> None:
        """Have two accounts that do not know each other, and a contact of both."""
        self.stage = Stage()
        self.world = self.stage.world
        self.alice = self.world.person("alice")
        self.client = self.stage.connect("bot1").log_in()
        self.other = self.stage.connect("bot2").log_in()
        self.user, self.peer = self.client.account.user, self.other.account.user
        self.client.take()
        self.other.take()

    def codes(self, client: Client, key: str) -> dict[str, object]:
        """Search somebody, and return the codes as parameters."""
        found = as_read(client.call("searchContact", {"userId": key}), FoundContact)
        return {"stranger": found.user_name, "ticket": found.stranger}

    def test_whole_way(self) -> None:
        """Search, add, be told to ask, ask, accept, write: between two accounts."""
        codes = self.codes(self.client, self.peer.user_name)
        asked = as_read(self.client.call("addContact", codes), AskedContact)
        self.assertTrue(asked.needs_verification)
        self.assertEqual(asked.message, "user need verify")
        self.assertEqual(self.client.call("sayHello", {**codes, "content": "hi"}), DONE)
        (waiting,) = self.world.friends.requests_to(self.peer)
        accepted = {"stranger": self.user.stranger, "ticket": waiting.ticket}
        self.assertEqual(self.other.call("acceptUser", accepted), DONE)
        self.other.refused("acceptUser", accepted)
        for client, contact in ((self.client, self.peer), (self.other, self.user)):
            pushed = [item["userName"] for item in client.pushed(2)]
            self.assertEqual(pushed, [contact.user_name])
        self.user.says("hello", to=self.peer)
        self.assertEqual(self.other.texts(), ["hello"])
        self.assertEqual(self.codes(self.client, self.peer.user_name)["ticket"], "")

    def test_wrong_codes(self) -> None:
        """Codes of nobody, of another pair, of no request are refused."""
        self.alice.deletes(self.peer)
        good = self.codes(self.client, self.peer.user_name)
        of_alice = {"ticket": self.alice.ticket_for(self.user)}
        for wrong in (
            {},
            {"stranger": "v1_1@stranger"},
            {"stranger": self.peer.user_name},
            {"userId": "wxid_nobody"},
            {**good, "userId": self.peer.user_name},
            {**good, **of_alice},
        ):
            for code in ("addContact", "sayHello"):
                self.client.refused(code, wrong)
        self.client.refused("acceptUser", good)
        self.assertEqual(self.world.friends.requests_to(self.peer), [])

    def test_wxid_in_place_of_the_code(self) -> None:
        """In dialect legacy the wxid stands for the v1 code."""
        self.assertEqual(
            self.client.call("sayHello", {"userId": self.peer.user_name}), DONE
        )
        self.assertEqual(len(self.world.friends.requests_to(self.peer)), 1)

    def test_source(self) -> None:
        """How somebody was found is what the client says, and stays with them."""
        self.peer.profile = replace(self.peer.profile, needs_verification=False)
        codes = self.codes(self.client, self.peer.user_name)
        self.client.call("addContact", {**codes, "type": 15})
        (contact,) = self.client.pushed(2)
        self.assertEqual(contact["source"], 15)

    def test_one_sided(self) -> None:
        """The ticket of getContact adds who deleted the account."""
        self.alice.deletes("bot1")
        profile = as_read(
            self.client.call("getContact", {"userId": "wxid_alice"}), ContactInfo
        )
        codes = {"stranger": profile.stranger, "ticket": profile.ticket}
        self.assertEqual(self.client.call("addContact", codes), DONE)
        self.assertTrue(self.world.friends.are_contacts(self.user, self.alice))

    def test_delete(self) -> None:
        """A contact is gone for the account; the other side keeps it."""
        params = {"userId": "wxid_alice"}
        self.assertEqual(self.client.call("deleteContact", params), DONE)
        reply = self.client.call("getContact", params)
        self.assertEqual(reply.data["userName"], "")
        self.assertTrue(self.alice.knows(self.user))
        for user_name in ("wxid_alice", "weixin", "wxid_nobody", self.user.user_name):
            self.client.refused("deleteContact", {"userId": user_name})

    def test_remark(self) -> None:
        """A remark comes and goes."""
        for remark in ("Ali", ""):
            params = {"userId": "wxid_alice", "remark": remark}
            self.assertEqual(self.client.call("setRemark", params), DONE)
            (contact,) = self.client.pushed(2)
            self.assertEqual(contact["remark"], remark)
        self.client.refused("setRemark", {"userId": "wxid_bot2", "remark": "x"})

    def test_head_image(self) -> None:
        """The avatar has another address each time, and contacts are told."""
        self.world.befriend(self.user, self.peer)
        self.other.take()
        before = {self.user.head_url}
        for size in (1, 2):
            image = base64.b64encode(b"x" * size).decode()
            read = as_read(self.client.call("setHeadImg", {"image": image}), HeadImage)
            self.assertEqual((read.data, read.size), (size, size))
            self.assertNotIn(read.big_head, before)
            before.add(read.big_head)
            (contact,) = self.other.pushed(2)
            self.assertEqual(contact["bigHead"], read.big_head)
        too_large = base64.b64encode(bytes(MAX_IMAGE_BYTES + 1)).decode()
        for image in ("not base64!", too_large):
            self.client.refused("setHeadImg", {"image": image})
        self.assertEqual(self.client.refused("setHeadImg"), "image is missing")

    def test_request_waits_for_a_login(self) -> None:
        """A request to an account without a client is pushed after its next login."""
        token = self.other.token()
        self.other.binding.detach()
        self.user.asks(self.peer, "hello")
        client = self.stage.connect("bot2")
        client.log_in_by_token(token)
        (item,) = client.pushed(MessageType.FRIEND_REQUEST)
        self.assertIn('content="hello"', item["content"])
