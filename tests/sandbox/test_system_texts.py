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
