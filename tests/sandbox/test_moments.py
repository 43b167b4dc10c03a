"""Tests of padchat_twisted.sandbox.moments: what people show their contacts."""

from __future__ import annotations

from typing import Any

from defusedxml.ElementTree import fromstring
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.fragments import MAX_FRAGMENT_CHARACTERS
from padchat_twisted.sandbox.moments import (
    COMMENT,
    LIKE,
    MAX_COMMENT_CHARACTERS,
    MAX_COMMENTS,
    MAX_MOMENT_CHARACTERS,
    MAX_MOMENTS,
    MOMENTS_PER_PAGE,
    Moment,
)
from padchat_twisted.sandbox.refusals import Refused

from .stage import Stage


class MomentCase(SynchronousTestCase):
    """A world with two contacts, a stranger to them, and an account."""

    def setUp(self) -> None:
        """Make them."""
        self.stage = Stage()
        self.world = self.stage.world
        self.moments = self.world.moments
        self.alice = self.world.person("alice")
        self.bob = self.world.person("bob")
        self.client = self.stage.connect("bot1").log_in()
        self.bot = self.client.account.user
        self.dave = self.world.add_person("dave")
        self.client.take()

    def refused(self, act: Any, *args: object) -> str:  # noqa: ANN401 - any method
        """Do what must be refused; return why."""
        refusal = self.assertRaises(Refused, act, *args)
        text: str = refusal.text
        return text


class PostTests(MomentCase):
    """What a moment is made of."""

    def field(self, moment: Moment, path: str) -> str:
        """Return a text of the moment's XML."""
        found = fromstring(moment.description).findtext(path)
        assert isinstance(found, str)
        return found

    def test_plain_text(self) -> None:
        """A text becomes a TimelineObject of kind 2, whatever stands in it."""
        for text in ("a fine day", "1 < 2 & 3", "<b>not bold", "😀"):
            moment = self.moments.post(self.alice, text)
            self.assertEqual(self.field(moment, "contentDesc"), text)
            self.assertEqual(self.field(moment, "id"), moment.moment_id)
            self.assertEqual(self.field(moment, "username"), "wxid_alice")
            self.assertEqual(self.field(moment, "createTime"), "1700000000")
            self.assertEqual(self.field(moment, "private"), "0")
            self.assertEqual(self.field(moment, "ContentObject/contentStyle"), "2")

    def test_object(self) -> None:
        """A TimelineObject is kept, with its own id, author and time."""
        moment = self.moments.post(
            self.alice,
            "\n<TimelineObject><id>7</id><username>wxid_bob</username>"
            '<location city="X"/></TimelineObject>',
        )
        self.assertEqual(self.field(moment, "id"), moment.moment_id)
        self.assertEqual(self.field(moment, "username"), "wxid_alice")
        self.assertEqual(self.field(moment, "createTime"), "1700000000")
        self.assertIn('<location city="X"></location>', moment.description)

    def test_private_object(self) -> None:
        """A TimelineObject can be private from the beginning."""
        content = "<TimelineObject><private>1</private></TimelineObject>"
        moment = self.moments.post(self.alice, content)
        self.assertEqual(self.moments.timeline(self.bob), [])
        self.assertEqual(self.moments.timeline(self.alice), [moment])

    def test_damaged_object(self) -> None:
        """A damaged TimelineObject, or one that holds another element, is none."""
        for content in ("<TimelineObject>", "<TimelineObjects/>"):
            self.assertIn(
                "no XML", self.refused(self.moments.post, self.alice, content)
            )

    def test_limits(self) -> None:
        """Text and XML are shown up to their limits, written as XML."""
        longest = "&" * MAX_MOMENT_CHARACTERS
        moment = self.moments.post(self.alice, longest)
        self.assertLessEqual(len(moment.description), MAX_FRAGMENT_CHARACTERS)
        self.moments.set_private(self.alice, moment, True)
        self.refused(self.moments.post, self.alice, longest + "x")
        self.refused(self.moments.post, self.alice, "")
        room = MAX_FRAGMENT_CHARACTERS - len("<TimelineObject></TimelineObject>")
        full = f"<TimelineObject>{'x' * room}</TimelineObject>"
        self.assertIn("longer", self.refused(self.moments.post, self.alice, full))

    def test_ids(self) -> None:
        """Ids are of 64 bits beyond 2**53, all different, and grow."""
        ids = [int(self.moments.post(self.alice, "x").moment_id) for _ in range(50)]
        self.assertEqual(ids, sorted(set(ids)))
        self.assertGreater(ids[0], 1 << 53)
        self.assertLess(ids[-1], 1 << 64)

    def test_number_is_bounded(self) -> None:
        """The oldest moment is dropped for one too many."""
        first = self.moments.post(self.alice, "first")
        second = self.moments.post(self.alice, "second")
        for _ in range(MAX_MOMENTS - 2):
            self.moments.post(self.bob, "x")
        self.moments.get(first.moment_id, self.alice)
        self.moments.post(self.bob, "x")
        self.refused(self.moments.get, first.moment_id, self.alice)
        self.moments.get(second.moment_id, self.alice)


class ViewTests(MomentCase):
    """Who sees what."""

    def test_contacts(self) -> None:
        """Contacts and the author see a moment, strangers do not."""
        moment = self.moments.post(self.alice, "x")
        for reader in (self.alice, self.bob, self.bot):
            self.assertEqual(self.moments.timeline(reader), [moment])
            self.assertEqual(self.moments.page_of(self.alice, reader), [moment])
        self.assertEqual(self.moments.timeline(self.dave), [])
        self.assertEqual(self.moments.page_of(self.alice, self.dave), [])
        self.assertIn(
            "no moment", self.refused(self.moments.get, moment.moment_id, self.dave)
        )

    def test_one_sided(self) -> None:
        """Who is a contact of one side only sees nothing of the other."""
        self.moments.post(self.alice, "x")
        self.moments.post(self.bob, "x")
        del self.alice.contacts["wxid_bob"]
        for reader in (self.alice, self.bob):
            (own,) = self.moments.timeline(reader)
            self.assertIs(own.author, reader)

    def test_page_of_one(self) -> None:
        """The page of a user has nobody else's moments."""
        self.moments.post(self.bob, "x")
        moment = self.moments.post(self.alice, "x")
        self.assertEqual(self.moments.page_of(self.alice, self.bot), [moment])

    def test_pages(self) -> None:
        """Each page goes on after the last one's last; the newest comes first."""
        posted = [self.moments.post(self.alice, "x") for _ in range(25)]
        posted.reverse()
        for page in (self.moments.timeline, self.page_of_alice):
            found: list[Moment] = []
            while some := page(self.bot, found[-1].moment_id if found else ""):
                self.assertLessEqual(len(some), MOMENTS_PER_PAGE)
                found += some
            self.assertEqual(found, posted)

    def page_of_alice(self, reader: Any, after: str) -> list[Moment]:  # noqa: ANN401
        """Look at alice's page."""
        return self.moments.page_of(self.alice, reader, after)

    def test_page_after_a_deleted_one(self) -> None:
        """A page goes on where the last moment was, deleted or not."""
        older, newer = (self.moments.post(self.alice, "x") for _ in range(2))
        self.moments.delete(self.alice, newer)
        page = self.moments.timeline(self.bot, newer.moment_id)
        self.assertEqual(page, [older])

    def test_no_id(self) -> None:
        """What cannot be an id is refused."""
        for mark in ("x", "-1", "1" * 21, "\u00b2"):
            self.assertIn("no id", self.refused(self.moments.timeline, self.bot, mark))
            self.assertIn("no id", self.refused(self.moments.get, mark, self.bot))

    def test_private(self) -> None:
        """A moment can be hidden by its author, and shown again."""
        moment = self.moments.post(self.alice, "x")
        self.refused(self.moments.set_private, self.bob, moment, True)
        self.moments.set_private(self.alice, moment, True)
        self.assertIn("<private>1</private>", moment.description)
        self.assertEqual(self.moments.timeline(self.bob), [])
        self.assertEqual(self.moments.timeline(self.alice), [moment])
        self.moments.set_private(self.alice, moment, False)
        self.assertIn("<private>0</private>", moment.description)
        self.assertEqual(self.moments.timeline(self.bob), [moment])

    def test_delete(self) -> None:
        """A moment is deleted by its author, and is gone for all."""
        moment = self.moments.post(self.alice, "x")
        self.refused(self.moments.delete, self.bob, moment)
        self.moments.delete(self.alice, moment)
        self.assertEqual(self.moments.timeline(self.alice), [])
        self.refused(self.moments.comment, self.bob, moment, "x")
        self.refused(self.moments.like, self.bob, moment)


class SayTests(MomentCase):
    """Comments and likes."""

    def setUp(self) -> None:
        """Have a moment of the account's user."""
        super().setUp()
        self.moment = self.moments.post(self.bot, "x")

    def test_comment(self) -> None:
        """Comments are numbered, and stand in their order."""
        self.moments.comment(self.alice, self.moment, "first")
        self.moments.comment(self.bob, self.moment, "second")
        self.assertEqual(
            [
                (number, said.kind, said.author, said.content)
                for number, said in self.moment.comments.items()
            ],
            [(1, COMMENT, self.alice, "first"), (2, COMMENT, self.bob, "second")],
        )

    def test_like(self) -> None:
        """Twice is once; it can be taken back once."""
        self.moments.like(self.alice, self.moment)
        self.moments.like(self.alice, self.moment)
        (like,) = self.moment.likes.values()
        self.assertEqual((like.kind, like.author, like.content), (LIKE, self.alice, ""))
        self.refused(self.moments.unlike, self.bob, self.moment)
        self.moments.unlike(self.alice, self.moment)
        self.assertEqual(self.moment.likes, {})
        self.refused(self.moments.unlike, self.alice, self.moment)

    def test_delete_comment(self) -> None:
        """A comment is deleted by its author, or by the moment's."""
        for deleter in (self.alice, self.bot):
            said = self.moments.comment(self.alice, self.moment, "x")
            delete, number = self.moments.delete_comment, said.comment_id
            self.refused(delete, self.bob, self.moment, number)
            self.refused(delete, deleter, self.moment, number, LIKE)
            self.refused(delete, deleter, self.moment, number + 1)
            delete(deleter, self.moment, number)
            self.assertEqual(self.moment.comments, {})

    def test_strangers(self) -> None:
        """Who does not see a moment says nothing to it."""
        self.refused(self.moments.comment, self.dave, self.moment, "x")
        self.refused(self.moments.like, self.dave, self.moment)

    def test_limits(self) -> None:
        """Length and number of comments are bounded."""
        self.moments.comment(self.alice, self.moment, "x" * MAX_COMMENT_CHARACTERS)
        longer = "x" * (MAX_COMMENT_CHARACTERS + 1)
        for text in ("", longer):
            self.refused(self.moments.comment, self.alice, self.moment, text)
        for _ in range(MAX_COMMENTS - 1):
            self.moments.comment(self.alice, self.moment, "x")
        said = self.refused(self.moments.comment, self.alice, self.moment, "x")
        self.assertEqual(said, f"a moment has at most {MAX_COMMENTS} comments")

    def test_author_is_told(self) -> None:
        """The account of the author gets an event for each comment and like."""
        self.moments.comment(self.alice, self.moment, "x")
        self.moments.like(self.alice, self.moment)
        self.moments.like(self.alice, self.moment)
        self.assertEqual(self.client.events(), ["sns", "sns"])

    def test_others_are_told(self) -> None:
        """Who said something hears of what others say, but not of the own words."""
        moment = self.moments.post(self.alice, "x")
        self.moments.comment(self.bob, moment, "x")
        self.assertEqual(self.client.events(), [])
        self.moments.comment(self.bot, moment, "x")
        self.assertEqual(self.client.events(), [])
        self.moments.comment(self.bob, moment, "x")
        self.assertEqual(self.client.events(), ["sns"])
        self.moments.set_private(self.alice, moment, True)
        self.moments.comment(self.alice, moment, "x")
        self.assertEqual(self.client.events(), [])

    def test_repr_hides(self) -> None:
        """No text stands in a ``repr``."""
        said = self.moments.comment(self.alice, self.moment, "SECRET")
        shown = self.moments.post(self.alice, "SECRET")
        self.assertNotIn("SECRET", repr(said) + repr(shown))
