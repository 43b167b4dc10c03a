"""Tests of padchat_twisted.sandbox.system_texts: what WeChat itself writes."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox import system_texts
from padchat_twisted.sandbox.system_texts import Language

from .stage import Stage

EN, ZH = Language.ENGLISH, Language.CHINESE


class SystemTextTests(SynchronousTestCase):
    """The templates of messages.toml, by who reads them."""

    def setUp(self) -> None:
        """Have four people."""
        world = Stage().world
        self.al = world.person("al", nick_name="Al")
        self.bo = world.person("bo", nick_name="阿波")
        self.cy = world.person("cy", nick_name="Cy")
        self.di = world.person("di", nick_name="Di")

    def test_joined(self) -> None:
        """Who invited, who is new and who looks on read different texts."""
        pair = [self.bo, self.cy]
        for language, reader, invitees, text in (
            (EN, self.al, pair, "You invited 阿波, Cy to the group chat"),
            (EN, self.bo, [self.bo], "Al invited you to a group chat"),
            (EN, self.bo, pair, "Al invited you and Cy to the group chat"),
            (EN, self.di, pair, "Al invited 阿波, Cy to the group chat"),
            (ZH, self.al, pair, '你邀请"阿波、Cy"加入了群聊'),
            (ZH, self.bo, [self.bo], '"Al"邀请你加入了群聊'),
            (ZH, self.cy, pair, '"Al"邀请你和"阿波"加入了群聊'),
            (ZH, self.di, pair, '"Al"邀请"阿波、Cy"加入了群聊'),
        ):
            said = system_texts.joined(language, reader, self.al, invitees)
            self.assertEqual(said, text)

    def test_removed(self) -> None:
        """Who looks on is told nothing, for no such text is known."""
        for language, reader, text in (
            (EN, self.al, 'You removed "阿波" from the group chat'),
            (EN, self.bo, 'You were removed from the group chat by "Al"'),
            (EN, self.cy, None),
            (ZH, self.al, '你将"阿波"移出了群聊'),
            (ZH, self.bo, '你被"Al"移出群聊'),
            (ZH, self.cy, None),
        ):
            said = system_texts.removed(language, reader, self.al, [self.bo])
            self.assertEqual(said, text)

    def test_renamed(self) -> None:
        """Who did it reads "you"; the Chinese texts have typographic quotes."""
        for language, reader, text in (
            (EN, self.al, 'You changed the group name to "N"'),
            (EN, self.bo, '"Al" changed the group name to "N"'),
            (ZH, self.al, "你修改群名为“N”"),
            (ZH, self.bo, '"Al"修改群名为“N”'),
        ):
            said = system_texts.renamed(language, reader, self.al, "N")
            self.assertEqual(said, text)

    def test_new_owner(self) -> None:
        """Only the new owner is told, in the only language whose text is known."""
        self.assertEqual(system_texts.new_owner(ZH, self.al, self.al), "你已成为新群主")
        self.assertIsNone(system_texts.new_owner(ZH, self.bo, self.al))
        self.assertIsNone(system_texts.new_owner(EN, self.al, self.al))

    def test_braces_in_names(self) -> None:
        """Names with braces are texts, not templates."""
        odd = Stage().world.person("odd", nick_name="{name}")
        said = system_texts.renamed(EN, self.al, odd, "{by}")
        self.assertEqual(said, '"{name}" changed the group name to "{by}"')


class ContactTextTests(SynchronousTestCase):
    """Texts about contacts, and those that are no template of messages.toml."""

    def setUp(self) -> None:
        """Have somebody."""
        self.al = Stage().world.person("al", nick_name="Al {0}")

    def test_about_contacts(self) -> None:
        """The templates of messages.toml, friend_confirm and friend_verify."""
        for found, text in (
            (
                system_texts.you_added(EN, self.al),
                "You have added Al {0} as your WeChat contact. Start chatting!",
            ),
            (
                system_texts.you_added(ZH, self.al),
                "你已添加了Al {0}，现在可以开始聊天了。",
            ),
            (
                system_texts.added_you(EN, self.al),
                "Al {0} just added you to his/her contacts list."
                " Send a message to him/her now!",
            ),
            (
                system_texts.added_you(ZH, self.al),
                "Al {0}刚刚把你添加到通讯录，现在可以开始聊天了。",
            ),
            (system_texts.recalled(EN, "Al"), '"Al" has recalled a message.'),
            (system_texts.recalled(ZH, "Al"), '"Al" 撤回了一条消息'),
            (
                system_texts.accepted(EN),
                "I've accepted your friend request. Now let's chat!",
            ),
            (
                system_texts.accepted(ZH),
                "我通过了你的朋友验证请求，现在我们可以开始聊天了",
            ),
        ):
            self.assertEqual(found, text)

    def test_verify(self) -> None:
        """The text that a message did not arrive ends with a link."""
        english = system_texts.friend_verify(EN, "Al")
        self.assertTrue(english.startswith("Al has enabled Friend Confirmation"))
        chinese = system_texts.friend_verify(ZH, "Al")
        self.assertTrue(chinese.startswith("Al开启了朋友验证，你还不是他（她）朋友。"))
        for text in (english, chinese):
            self.assertRegex(text, r"<a href=\"[^\"]+\">[^<]+</a>\Z")

    def test_by_code(self) -> None:
        """Whose code it was reads "you"; all others read the name."""
        bo = Stage().world.person("bo")
        for language, reader, text in (
            (EN, self.al, '"bo" joined group chat via the QR code you shared'),
            (ZH, self.al, '"bo"通过扫描你分享的二维码加入群聊'),
            (
                EN,
                bo,
                '"bo" joined the group chat via the QR Code shared by "Al {0}"',
            ),
            (ZH, bo, '"bo"通过扫描"Al {0}"分享的二维码加入群聊'),
        ):
            said = system_texts.joined_by_code(language, reader, self.al, bo)
            self.assertEqual(said, text)

    def test_each_language(self) -> None:
        """Whatever else is written exists in each language, and is another text."""
        room = Stage().world.room("dev")
        for write in (
            lambda language: system_texts.announced(language, "x"),
            lambda language: " ".join(system_texts.invitation(language, self.al, room)),
            system_texts.take_back,
            system_texts.no_such_user,
            system_texts.code_footer,
            lambda language: system_texts.room_code_footer(language, 7, "2026-01-01"),
        ):
            texts = {write(language) for language in Language}
            self.assertEqual(len(texts), len(Language))
            self.assertNotIn("", texts)
