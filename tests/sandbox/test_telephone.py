"""Tests of padchat_twisted.sandbox.telephone: what people do on their telephones."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import msgspec
from defusedxml.ElementTree import fromstring
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.events import decode_event
from padchat_twisted.catalogue.message_types import MessageType
from padchat_twisted.catalogue.messages import Push
from padchat_twisted.sandbox.messages import Message
from padchat_twisted.sandbox.parcels import Game
from padchat_twisted.sandbox.refusals import Refused
from padchat_twisted.wire.envelope import Notice

from .stage import Stage

#: The tables that the documents of the protocol hold.
TABLES = Path(__file__).parent.parent / "protocol" / "messages.toml"


def find(root: Element, begin: str, path: str) -> bool:
    """Tell whether *path*, from the element at *begin*, is there.

    Args:
        root: what holds the whole content.
        begin: where paths begin; several roots are part of the paths.
        path: as in the tables: elements, ``..`` and ``@attribute``.
    """
    places = [] if "," in begin else begin.split("/")
    elements, _, attribute = path.partition("@")
    for step in filter(None, elements.split("/")):
        if step == "..":
            places.pop()
        else:
            places.append(step)
    found = root.find("/".join(places))
    return found is not None and (not attribute or attribute in found.attrib)


class TelephoneTests(SynchronousTestCase):
    """Each kind, in private and in a room, as a client sees it."""

    def setUp(self) -> None:
        """Have two people, and an account in a room with one of them."""
        self.stage = Stage()
        self.world = self.stage.world
        self.alice = self.world.person("alice")
        self.bob = self.world.person("bob")
        self.client = self.stage.connect("bot1").log_in()
        self.me = self.client.account.user
        self.room = self.world.room("dev", members=["alice", "bot1"])
        self.client.take()

    def ways(self) -> dict[MessageType, Callable[[Any], Message]]:
        """Return a way to send each kind."""
        alice = self.alice
        quoted = alice.says("hello", to="dev")
        return {
            MessageType.IMAGE: lambda to: alice.sends_image(b"x", to=to),
            MessageType.VOICE: lambda to: alice.sends_voice(b"x", to=to),
            MessageType.VIDEO: lambda to: alice.sends_video(b"x", to=to),
            MessageType.SHORT_VIDEO: lambda to: alice.sends_video(
                b"x", to=to, is_short=True
            ),
            MessageType.CARD: lambda to: alice.sends_card("bob", to=to),
            MessageType.LOCATION: lambda to: alice.sends_location(
                1.5, 2.5, to=to, name="X"
            ),
            MessageType.EMOTICON: lambda to: alice.sends_emoticon(
                b"x", to=to, game=Game.ROCK_PAPER_SCISSORS, game_result=2
            ),
            MessageType.VOIP: lambda to: alice.calls(to, is_video=True),
            MessageType.RED_PACKET: lambda to: alice.sends_red_packet(5, to=to),
            MessageType.APP: lambda to: alice.quotes(quoted, "yes", to=to),
        }

    def test_kinds(self) -> None:
        """Each comes under its id, with the writer in front in a room."""
        for kind, send in self.ways().items():
            for to, prefix in (("bot1", ""), ("dev", "wxid_alice:\n")):
                self.client.take()
                message = send(to)
                (item,) = self.client.pushed(kind)
                self.assertEqual(item["msgId"], message.message_id)
                self.assertEqual(item["content"], prefix + message.content)

    def test_catalogue_reads_them(self) -> None:
        """A client's catalogue takes each for what it is, in private and in a room."""
        self.me.opens("dev")
        for send in self.ways().values():
            for to in ("bot1", "dev"):
                send(to)
        self.alice.transfers(20, to="bot1")
        pushes = self.client.payloads("push")
        items = [item for push in pushes for item in push["list"]]
        body = msgspec.json.encode(["push", {"list": items}])
        event = decode_event(Notice("push", body))
        assert isinstance(event, Push)
        read = [type(item).__name__ for item in event.list]
        self.assertEqual(len(read), len(items))
        self.assertEqual({"UnknownItem", "UnparsedMessage"}.intersection(read), set())
        self.assertEqual(len(set(read)), len(self.ways()) + 3)

    def test_documented_places(self) -> None:
        """Each attribute and element of the tables is written by some message."""
        with TABLES.open("rb") as file:
            shapes = tomllib.load(file)["xml_shape"]
        alice = self.alice
        said = alice.says("hello", to="dev")
        sent = [send("dev") for send in self.ways().values()]
        sent += [
            alice.sends_link("http://x.invalid/", title="X", to="dev"),
            alice.sends_file("x.txt", b"x", to="dev"),
            alice.sends_chat_history("Talk", [said], to="dev"),
            alice.sends_mini_program(
                title="X", name="Y", user_name="gh_1@app", app_id="wx1", to="dev"
            ),
            alice.transfers(20, to="bot1"),
        ]
        self.me.opens("dev")
        sent += [delivery.message for delivery in self.me.deliveries]
        for shape in shapes:
            roots = [
                fromstring(f"<all>{message.content}</all>")
                for message in sent
                if message.kind in shape["message_types"]
            ]
            for entry in shape["paths"]:
                places = [find(root, shape["root"], entry["path"]) for root in roots]
                self.assertTrue(any(places), (shape["message_types"], entry["path"]))

    def test_app_messages(self) -> None:
        """Links, files, mini programs and histories are app messages."""
        alice = self.alice
        said = alice.says("hello", to="dev")
        for message, app_type in (
            (alice.sends_link("http://x.invalid/", title="X", to="dev"), 5),
            (alice.sends_file("x.txt", b"x", to="dev"), 6),
            (alice.sends_chat_history("Talk", [said], to="dev"), 19),
            (
                alice.sends_mini_program(
                    title="X", name="Y", user_name="gh_1@app", app_id="wx1", to="dev"
                ),
                33,
            ),
        ):
            self.assertEqual(message.kind, MessageType.APP)
            self.assertIn(f"<type>{app_type}</type>", message.content)

    def test_own_telephone(self) -> None:
        """What the user of an account sends comes to the account, without a prefix."""
        self.me.sends_link("http://x.invalid/", title="X", to="dev")
        (item,) = self.client.pushed(MessageType.APP)
        self.assertEqual(
            (item["fromUser"], item["toUser"]),
            (self.me.user_name, self.room.user_name),
        )
        self.assertTrue(item["content"].startswith("<msg>"))

    def test_conversations(self) -> None:
        """Only the own account is told that a conversation is entered and left."""
        self.me.opens("dev")
        self.me.closes("alice")
        entered, left = self.client.pushed(MessageType.STATUS_NOTIFY)
        self.assertEqual(
            (entered["fromUser"], entered["toUser"]),
            (self.me.user_name, self.room.user_name),
        )
        self.assertIn('<op id="2">', entered["content"])
        self.assertIn('<op id="5"><username>wxid_alice<', left["content"])
        self.assertEqual((entered["description"], entered["msgSource"]), ("", ""))
        self.assertEqual((self.alice.inbox, self.me.inbox), ([], []))

    def test_card_of_a_stranger(self) -> None:
        """Nobody gives the card of a room, nor of whom they do not know."""
        self.world.add_person("dave")
        for whose in ("dave", "dev", "nobody"):
            self.assertRaises(Refused, self.alice.sends_card, whose, to="bot1")

    def test_card_in_a_room(self) -> None:
        """A room of which somebody does not know the person sees the v1 code."""
        dave = self.world.add_person("dave")
        self.world.befriend(self.alice, dave)
        self.assertIn(dave.stranger, self.alice.sends_card("dave", to="dev").content)
        self.world.befriend(self.me, dave)
        message = self.alice.sends_card("dave", to="dev")
        self.assertNotIn(dave.stranger, message.content)

    def test_recalled(self) -> None:
        """A recall comes in place of the message."""
        message = self.alice.says("oops", to="dev")
        self.alice.recalls(message)
        (item,) = self.client.pushed(MessageType.SYSMSG)
        self.assertTrue(item["content"].startswith("wxid_alice:\n<sysmsg"))
        self.assertIn(f"<newmsgid>{message.message_id}<", item["content"])

    def test_money(self) -> None:
        """Money goes from telephone to telephone."""
        self.me.accepts_transfer(self.alice.transfers(20, to="bot1"))
        offered, accepted = self.client.pushed(MessageType.TRANSFER)
        self.assertEqual(offered["fromUser"], "wxid_alice")
        self.assertEqual(accepted["fromUser"], self.me.user_name)
        packet = self.alice.sends_red_packet(5, to="dev", shares=1)
        self.assertIsNotNone(self.alice.opens_red_packet(packet))
        self.assertIsNone(self.me.opens_red_packet(packet))
