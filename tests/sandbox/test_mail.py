"""Tests of padchat_twisted.sandbox.mail: sending and delivering."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.message_types import MessageType
from padchat_twisted.sandbox import parcels
from padchat_twisted.sandbox.images import MAX_IMAGE_BYTES
from padchat_twisted.sandbox.mail import (
    MAX_OBSERVERS,
    MAX_TEXT_CHARACTERS,
    RECALL_SECONDS,
)
from padchat_twisted.sandbox.messages import Message
from padchat_twisted.sandbox.people import Who
from padchat_twisted.sandbox.refusals import Refused
from padchat_twisted.sandbox.shelf import Medium

from .stage import Stage


class MailTests(SynchronousTestCase):
    """Who gets what."""

    def setUp(self) -> None:
        """Have a room with two people and two accounts."""
        self.stage = Stage()
        self.world = self.stage.world
        self.mail = self.world.mail
        self.alice = self.world.person("alice")
        self.bob = self.world.person("bob")
        self.one = self.stage.connect("bot1").log_in()
        self.two = self.stage.connect("bot2").log_in()
        self.room = self.world.room("dev", members=["alice", "bob", "bot1", "bot2"])
        self.one.take()
        self.two.take()

    def test_room(self) -> None:
        """A message to a room reaches all members but the one who wrote it."""
        message = self.alice.says("hello", to=self.room)
        for client in (self.one, self.two):
            (item,) = client.pushed(1)
            self.assertEqual(item["content"], "wxid_alice:\nhello")
            self.assertEqual(item["fromUser"], self.room.user_name)
            self.assertEqual(item["toUser"], client.account.user.user_name)
            self.assertEqual(item["msgId"], message.message_id)
        self.assertEqual(len(self.bob.inbox), 1)
        self.assertEqual(self.alice.inbox, [])

    def test_from_an_account(self) -> None:
        """What goes out through the gateway is not echoed to its account."""
        self.mail.send_text(self.one.account.user, self.room, "pong")
        self.assertEqual(self.one.pushed(1), [])
        self.assertEqual(self.two.texts(), ["wxid_bot1:\npong"])
        self.assertEqual([x.content for x in self.alice.inbox], ["pong"])

    def test_from_the_phone(self) -> None:
        """In a room the own words from the phone come without a prefix."""
        user = self.one.account.user
        user.says("typed", to=self.room)
        (item,) = self.one.pushed(1)
        self.assertEqual(
            (item["fromUser"], item["toUser"], item["content"]),
            (user.user_name, self.room.user_name, "typed"),
        )
        self.assertEqual(self.two.texts(), ["wxid_bot1:\ntyped"])

    def test_not_a_member(self) -> None:
        """Who is not in a room cannot write to it, and nothing is delivered."""
        cy = self.world.person("cy")
        self.assertRaises(Refused, cy.says, "x", to=self.room)
        self.assertRaises(Refused, cy.sends_image, b"x", to=self.room)
        self.assertEqual(self.bob.inbox, [])

    def test_reserved(self) -> None:
        """A system account must not be written to, the file helper may."""
        self.assertRaises(Refused, self.alice.says, "x", to=self.world.weixin)
        self.alice.says("x", to="filehelper")
        self.assertEqual(len(self.world.filehelper.inbox), 1)

    def test_text_limits(self) -> None:
        """A text has at least one character and at most as many as the limit says."""
        self.assertRaises(Refused, self.alice.says, "", to="bob")
        self.alice.says("x" * MAX_TEXT_CHARACTERS, to="bob")
        self.assertRaises(
            Refused, self.alice.says, "x" * (MAX_TEXT_CHARACTERS + 1), to="bob"
        )
        self.assertEqual(len(self.bob.inbox), 1)

    def test_image_limits(self) -> None:
        """A picture above the limit is refused and delivered to nobody."""
        for image in (b"", bytes(MAX_IMAGE_BYTES + 1)):
            self.assertRaises(Refused, self.alice.sends_image, image, to="bob")
        self.assertEqual(self.bob.inbox, [])

    def test_mentions(self) -> None:
        """Members are mentioned, once each; who is no member is not."""
        at: list[Who] = ["bot1", "bot1", self.world.person("cy")]
        message = self.alice.says("@bot1", to=self.room, at=at)
        self.assertEqual(message.mentioned, ("wxid_bot1",))
        (item,) = self.two.pushed(1)
        self.assertIn("<atuserlist>wxid_bot1</atuserlist>", item["msgSource"])
        self.assertEqual(self.alice.says("x", to="bob", at=["bob"]).mentioned, ())

    def test_observers(self) -> None:
        """An observer sees each message that somebody sends, until it is ended."""
        seen: list[Message] = []
        end = self.world.on_message(seen.append)
        text = self.alice.says("one", to=self.room)
        image = self.alice.sends_image(b"x", to="bot1")
        self.room.rename("Other")
        self.assertEqual(seen, [text, image])
        end()
        self.alice.says("two", to="bob")
        self.assertEqual(len(seen), 2)

    def test_number_of_observers(self) -> None:
        """One too many is refused; there is room when another one ends."""
        ends = [self.world.on_message(lambda _: None) for _ in range(MAX_OBSERVERS)]
        self.assertRaises(Refused, self.world.on_message, lambda _: None)
        ends[0]()
        self.world.on_message(lambda _: None)

    def test_observer_sees_the_message_delivered(self) -> None:
        """When an observer is called, the message is in the inboxes, its image kept."""
        seen: list[tuple[int, bytes | None]] = []

        def look(message: Message) -> None:
            image = self.mail.shelf.get(message.message_id, Medium.IMAGE, "wxid_bob")
            seen.append((len(self.bob.inbox), image))

        self.world.on_message(look)
        self.alice.sends_image(b"picture", to="bob")
        self.assertEqual(seen, [(1, b"picture")])

    def test_who_does_not_take_it(self) -> None:
        """Who deleted the writer gets nothing, and the writer is told by WeChat."""
        user = self.one.account.user
        self.alice.deletes(user)
        message = self.mail.send_text(user, self.alice, "are you there?")
        self.assertEqual(self.alice.inbox, [])
        (told,) = self.one.pushed(MessageType.SYSTEM)
        self.assertEqual(told["fromUser"], "wxid_alice")
        self.assertIn("has enabled Friend Confirmation", told["content"])
        image = self.mail.send(user, self.alice, parcels.image(b"x"))
        shelf = self.mail.shelf
        self.assertIsNone(shelf.get(image.message_id, Medium.IMAGE, "wxid_alice"))
        self.assertNotEqual(message.message_id, image.message_id)

    def test_own_telephone_sees_what_is_not_taken(self) -> None:
        """What was typed on the phone comes to the own account all the same."""
        user = self.one.account.user
        self.alice.deletes(user)
        user.says("are you there?", to="alice")
        self.assertEqual(self.one.texts(), ["are you there?"])

    def test_strangers(self) -> None:
        """Who never was a contact is not written to; in a room all are."""
        user = self.two.account.user
        self.mail.send_text(self.one.account.user, user, "hello")
        self.assertEqual(self.two.texts(), [])
        self.mail.send_text(self.one.account.user, self.room, "hello")
        self.assertEqual(self.two.texts(), ["wxid_bot1:\nhello"])

    def test_file(self) -> None:
        """A file is kept for both sides of a message, and for nobody else."""
        message = self.alice.sends_voice(b"voice", to="bob")
        for user_name, found in (
            ("wxid_alice", b"voice"),
            ("wxid_bob", b"voice"),
            ("wxid_bot1", None),
        ):
            kept = self.mail.shelf.get(message.message_id, Medium.VOICE, user_name)
            self.assertEqual(kept, found)

    def test_card(self) -> None:
        """A card has a code that is good for the receiver."""
        message = self.mail.send_card(self.alice, self.bob, self.one.account.user)
        self.assertEqual(message.kind, MessageType.CARD)
        ticket = self.one.account.user.ticket_for(self.bob)
        self.assertIn(f'antispamticket="{ticket}"', message.content)
        dave = self.world.add_person("dave")
        self.assertRaises(Refused, self.mail.send_card, self.alice, self.bob, dave)

    def test_recall(self) -> None:
        """A message that is recalled is in no inbox; all who had it are told."""
        message = self.alice.sends_image(b"x", to=self.room)
        bystander = self.world.person("cy")
        self.alice.recalls(message)
        (told,) = self.bob.inbox
        self.assertEqual(told.kind, MessageType.SYSMSG)
        self.assertIn(f"<newmsgid>{message.message_id}</newmsgid>", told.content)
        self.assertIn(f"<session>{self.room.user_name}</session>", told.content)
        self.assertIn('"alice" has recalled a message.', told.content)
        for client in (self.one, self.two):
            (item,) = client.pushed(MessageType.SYSMSG)
            self.assertTrue(item["content"].startswith("wxid_alice:\n"))
        self.assertEqual(bystander.inbox, [])
        shelf = self.mail.shelf
        self.assertIsNone(shelf.get(message.message_id, Medium.IMAGE, "wxid_bob"))

    def test_recall_of_what_waits(self) -> None:
        """What waited for a login is not pushed any more when it was recalled."""
        self.one.binding.detach()
        message = self.alice.says("oops", to="bot1")
        self.alice.recalls(message)
        again = self.stage.connect("bot1").log_in()
        pushed = [
            item["content"]
            for notice in again.notices
            if notice.event == "push"
            for item in notice.args[0]["list"]  # type: ignore[index]  # it is a dict
            if item["msgType"] in (1, 10002)
        ]
        self.assertEqual(len(pushed), 2)
        self.assertIn("dynacfg", pushed[0])
        self.assertIn(message.message_id, pushed[1])

    def test_recall_reaches_the_own_account(self) -> None:
        """An account learns of what its user recalls on the phone."""
        user = self.one.account.user
        user.recalls(user.says("oops", to="alice"))
        (item,) = self.one.pushed(MessageType.SYSMSG)
        self.assertEqual(
            (item["fromUser"], item["toUser"]), (user.user_name, "wxid_alice")
        )

    def test_recall_refused(self) -> None:
        """Others cannot recall it, nobody can twice, nor after two minutes."""
        message = self.alice.says("oops", to="bob")
        self.assertRaises(Refused, self.bob.recalls, message)
        self.stage.wait(RECALL_SECONDS)
        self.alice.recalls(message)
        self.assertRaises(Refused, self.alice.recalls, message)
        late = self.alice.says("late", to="bob")
        self.stage.wait(RECALL_SECONDS + 1)
        self.assertRaises(Refused, self.alice.recalls, late)
        self.assertEqual(self.bob.inbox[-1], late)
