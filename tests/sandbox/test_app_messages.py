"""Tests of padchat_twisted.sandbox.app_messages: links, files, money, ..."""

from __future__ import annotations

from urllib.parse import parse_qs
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.message_types import MessageType
from padchat_twisted.sandbox import app_messages
from padchat_twisted.sandbox.fragments import MAX_FRAGMENT_CHARACTERS
from padchat_twisted.sandbox.parcels import Parcel
from padchat_twisted.sandbox.refusals import Refused

from .stage import Stage


def read(parcel: Parcel) -> Element:
    """Read the XML of *parcel*."""
    root: Element = fromstring(parcel.content)
    return root


class AppMessageTests(SynchronousTestCase):
    """Each kind with what messages.toml says of it."""

    def setUp(self) -> None:
        """Have two people and a room."""
        self.world = Stage().world
        self.alice = self.world.person("alice")
        self.bob = self.world.person("bob", nick_name="Bob <B>")
        self.room = self.world.room("dev", members=["alice", "bob"])

    def test_link(self) -> None:
        """A link has title, texts and address, whatever stands in them."""
        parcel = app_messages.link(
            self.alice,
            "https://x.invalid/?a=1&b=2",
            title="a ]]> <b>",
            description="about",
            thumb_url="https://x.invalid/t",
            source_name="Paper",
            source_user_name="gh_1",
            app_name="App",
        )
        root = read(parcel)
        found = {
            path: root.findtext(f"appmsg/{path}")
            for path in ("title", "des", "type", "url", "thumburl")
        }
        self.assertEqual(
            found,
            {
                "title": "a ]]> <b>",
                "des": "about",
                "type": "5",
                "url": "https://x.invalid/?a=1&b=2",
                "thumburl": "https://x.invalid/t",
            },
        )
        self.assertEqual(root.findtext("appmsg/sourceusername"), "gh_1")
        self.assertEqual(root.findtext("appmsg/sourcedisplayname"), "Paper")
        self.assertEqual(root.findtext("fromusername"), "wxid_alice")
        self.assertEqual(root.findtext("appinfo/appname"), "App")
        self.assertEqual(parcel.kind, MessageType.APP)
        self.assertEqual(parcel.summary, "[link] a ]]> <b>")

    def test_file(self) -> None:
        """A file has its name, size and extension."""
        root = read(app_messages.file(self.alice, "report.tar.gz", b"12345"))
        self.assertEqual(root.findtext("appmsg/title"), "report.tar.gz")
        self.assertEqual(root.findtext("appmsg/appattach/totallen"), "5")
        self.assertEqual(root.findtext("appmsg/appattach/fileext"), "gz")
        for path in ("attachid", "cdnattachurl", "aeskey"):
            self.assertTrue(root.findtext(f"appmsg/appattach/{path}"))
        self.assertTrue(root.findtext("appmsg/md5"))

    def test_mini_program(self) -> None:
        """A mini program has its ids and page."""
        parcel = app_messages.mini_program(
            self.alice,
            title="Order",
            name="Shop",
            user_name="gh_2@app",
            app_id="wx1",
            page_path="pages/index?id=1&x=2",
        )
        program = read(parcel).find("appmsg/weappinfo")
        assert program is not None
        self.assertEqual(
            [program.findtext(path) for path in ("username", "appid", "pagepath")],
            ["gh_2@app", "wx1", "pages/index?id=1&x=2"],
        )

    def test_quote(self) -> None:
        """A quote names the message and its writer, and in a room the room."""
        for to, where in (("alice", "wxid_bob"), ("dev", self.room.user_name)):
            quoted = self.bob.says("1 < 2", to=to)
            root = read(app_messages.quote(self.alice, "yes", quoted))
            self.assertEqual(root.findtext("appmsg/title"), "yes")
            reference = root.find("appmsg/refermsg")
            assert reference is not None
            self.assertEqual(
                [
                    reference.findtext(path)
                    for path in ("svrid", "fromusr", "chatusr", "content")
                ],
                [quoted.message_id, where, "wxid_bob", "1 < 2"],
            )
            self.assertEqual(reference.findtext("displayname"), "Bob <B>")

    def test_chat_history(self) -> None:
        """Forwarded messages are XML inside the XML; a picture stands by its kind."""
        messages = [
            self.bob.says("one", to="dev"),
            self.bob.sends_image(b"x", to="dev"),
        ]
        root = read(app_messages.chat_history(self.alice, "Talk", messages))
        record = fromstring(str(root.findtext("appmsg/recorditem")))
        self.assertEqual(
            [item.findtext("datadesc") for item in record.iter("dataitem")],
            ["one", "[image]"],
        )

    def test_transfer(self) -> None:
        """A transfer has amount, ids, end and note."""
        parcel = app_messages.transfer(
            self.alice,
            fee=105,
            memo="lunch",
            transfer_id="1000001",
            step=1,
            expires_at=1_700_086_400.5,
        )
        paid = read(parcel).find("appmsg/wcpayinfo")
        assert paid is not None
        self.assertEqual(paid.findtext("paysubtype"), "1")
        self.assertEqual(paid.findtext("feedesc"), "￥1.05")
        self.assertEqual(paid.findtext("transferid"), "1000001")
        self.assertTrue(paid.findtext("transcationid"))
        self.assertEqual(paid.findtext("invalidtime"), "1700086400")
        self.assertEqual(paid.findtext("pay_memo"), "lunch")
        self.assertIn("<title><![CDATA[微信转账]]></title>", parcel.content)
        self.assertEqual(read(parcel).findtext("appmsg/type"), "2000")

    def test_red_packet(self) -> None:
        """A red packet has its greeting and a native link with its ids."""
        parcel = app_messages.red_packet(
            self.alice, send_id="1000002", wishing="luck", in_room=True
        )
        paid = read(parcel).find("appmsg/wcpayinfo")
        assert paid is not None
        self.assertEqual(paid.findtext("sendertitle"), "luck")
        query = parse_qs(str(paid.findtext("nativeurl")).partition("?")[2])
        self.assertEqual(
            (query["sendid"], query["sendusername"]), (["1000002"], ["wxid_alice"])
        )
        self.assertEqual(set(query) & {"channelid", "sign"}, {"channelid", "sign"})
        self.assertIn("<title><![CDATA[微信红包]]></title>", parcel.content)

    def test_sent_by_client(self) -> None:
        """What a client made stands in the message as it came."""
        fragment = '<appmsg appid="wx"><title>T</title><type>33</type></appmsg>'
        parcel = app_messages.sent_by_client(self.alice, fragment)
        self.assertIn(fragment, parcel.content)
        self.assertEqual((parcel.kind, parcel.summary), (MessageType.APP, "[link] T"))
        self.assertEqual(read(parcel).findtext("fromusername"), "wxid_alice")

    def test_not_sent_by_client(self) -> None:
        """What is no app message, or money, is refused."""
        entity = '<!DOCTYPE a [<!ENTITY b "c">]><appmsg><type>5</type>&b;</appmsg>'
        for fragment in (
            "",
            "text",
            "<msg><appmsg><type>5</type></appmsg></msg>",
            "<appmsg><title>without type</title></appmsg>",
            "<appmsg><type>five</type></appmsg>",
            "<appmsg><type>2000</type></appmsg>",
            "<appmsg><type> 02001 </type></appmsg>",
            '<?xml version="1.0"?><appmsg><type>5</type></appmsg>',
            "<appmsg><type>5</type></appmsg><appmsg />",
            entity,
            f"<appmsg><type>5</type>{'x' * MAX_FRAGMENT_CHARACTERS}</appmsg>",
        ):
            self.assertRaises(
                Refused, app_messages.sent_by_client, self.alice, fragment
            )

    def test_cents(self) -> None:
        """Amounts have two places behind the point."""
        self.assertEqual(
            [app_messages.cents(amount) for amount in (1, 20, 12345)],
            ["￥0.01", "￥0.20", "￥123.45"],
        )
