"""Tests of padchat_twisted.sandbox.mail: sending and delivering."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.images import MAX_IMAGE_BYTES
from padchat_twisted.sandbox.mail import MAX_TEXT_CHARACTERS
from padchat_twisted.sandbox.people import Message, Refused, Who

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

    def test_observer_sees_the_message_delivered(self) -> None:
        """When an observer is called, the message is in the inboxes, its image kept."""
        seen: list[tuple[int, bytes | None]] = []

        def look(message: Message) -> None:
            image = self.mail.images.get(message.message_id, "wxid_bob")
            seen.append((len(self.bob.inbox), image))

        self.world.on_message(look)
        self.alice.sends_image(b"picture", to="bob")
        self.assertEqual(seen, [(1, b"picture")])
