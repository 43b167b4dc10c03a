"""What people show their contacts, with comments and likes.

PURE. Driven from Python::

    moment = world.moments.post(alice, "a fine day")
    world.moments.comment(bob, moment, "it is")
    world.moments.like(bob, moment)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from .fragments import MAX_FRAGMENT_CHARACTERS, read_fragment
from .markup import element, text
from .people import Person
from .refusals import Refused

if TYPE_CHECKING:
    from .world import World

__all__ = [
    "COMMENT",
    "LIKE",
    "MAX_COMMENTS",
    "MAX_COMMENT_CHARACTERS",
    "MAX_MOMENTS",
    "MAX_MOMENT_CHARACTERS",
    "MOMENTS_PER_PAGE",
    "Comment",
    "Moment",
    "Moments",
]

#: Types of what is said to a moment, as ``MomentComment.type`` has them: those of
#: WeChat; PadChat's clients name the default of ``commentType`` only, which is 2.
LIKE = 1
COMMENT = 2

#: Moments of the whole world, the oldest dropped first. A bot that posts every minute
#: must not fill the memory.
MAX_MOMENTS = 1000

#: Longest plain text of a moment (characters). Ours: no source gives WeChat's limit.
#: Written as XML it stays below the longest fragment.
MAX_MOMENT_CHARACTERS = 5000

#: Comments on one moment. More are refused.
MAX_COMMENTS = 200

#: Longest comment (characters). Ours: no source gives WeChat's limit.
MAX_COMMENT_CHARACTERS = 1000

#: Moments on one page. Ours: no source says how many there are.
MOMENTS_PER_PAGE = 10

#: Ids of moments grow from here, 2**63: they are as long as those of the samples, and
#: a client that makes a floating-point number of one damages it.
_FIRST_MOMENT_ID = 1 << 63

#: How the XML begins that stands for a moment of any kind.
_TIMELINE_OBJECT = "TimelineObject"


@dataclass(frozen=True, slots=True, eq=False)
class Comment:
    """A comment on a moment, or a like of it.

    Attributes:
        comment_id: its number among those of the moment.
        kind: ``COMMENT`` or ``LIKE``.
        author: who wrote it.
        content: the text; empty for a like.
        created_at: Unix time (seconds).
    """

    comment_id: int
    kind: int
    author: Person
    content: str = field(repr=False)
    created_at: float


@dataclass(slots=True, eq=False)
class Moment:
    """Something that a person shows.

    Attributes:
        moment_id: 64-bit id as decimal digits; a later moment has a larger one.
        author: who shows it.
        created_at: Unix time (seconds).
        description: XML of a ``TimelineObject``.
        is_private: whether only the author sees it.
        comments: by id, the oldest first.
        likes: by the wxid of who likes it.
        said: how many comments and likes there have been.
    """

    moment_id: str
    author: Person
    created_at: float
    description: str = field(repr=False)
    is_private: bool = False
    comments: dict[int, Comment] = field(default_factory=dict, repr=False)
    likes: dict[str, Comment] = field(default_factory=dict, repr=False)
    said: int = 0

    def is_shown_to(self, reader: Person) -> bool:
        """Tell whether *reader* sees it: the author, or both know each other."""
        author = self.author
        if author is reader:
            return True
        is_mutual = author.knows(reader) and reader.knows(author)
        return is_mutual and not self.is_private


class Moments:
    """What people show their contacts, with comments and likes.

    Args:
        world: where they are.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._moments: dict[int, Moment] = {}
        self._last_id = _FIRST_MOMENT_ID

    def post(self, author: Person, content: str) -> Moment:
        """Show a moment to the contacts of *author*.

        Args:
            author: who shows it.
            content: plain text, or the XML of a ``TimelineObject``, whose ``id``,
                ``username`` and ``createTime`` become what they are.

        Raises:
            Refused: it is empty, too long, or such an XML that is damaged.
        """
        if content.lstrip().startswith(f"<{_TIMELINE_OBJECT}"):
            written = content
        elif 0 < len(content) <= MAX_MOMENT_CHARACTERS:
            written = _text_object(content)
        else:
            raise Refused(f"a moment has 1 to {MAX_MOMENT_CHARACTERS} characters")
        root = read_fragment("content", written, _TIMELINE_OBJECT)
        now = self._world.now()
        # Steps of up to 2**32: no client can tell the next id.
        self._last_id += 1 + int(self._world.random_hex(4), 16)
        moment_id = str(self._last_id)
        known = {"id": moment_id, "username": author.user_name}
        description = _filled(root, **known, createTime=str(int(now)))
        is_private = root.findtext("private", "").strip() == "1"
        moment = Moment(moment_id, author, now, description, is_private)
        self._moments[self._last_id] = moment
        if len(self._moments) > MAX_MOMENTS:
            del self._moments[next(iter(self._moments))]
        return moment

    def timeline(self, reader: Person, after: str = "") -> list[Moment]:
        """List what *reader* sees, the newest first, one page of it.

        Args:
            reader: who looks.
            after: id of the last moment of the page before; empty for the first page.

        Raises:
            Refused: *after* is no id.
        """
        return list(islice(self._shown(reader, after), MOMENTS_PER_PAGE))

    def page_of(self, author: Person, reader: Person, after: str = "") -> list[Moment]:
        """List what *reader* sees of *author*; as :meth:`timeline` otherwise."""
        shown = self._shown(reader, after)
        own = (moment for moment in shown if moment.author is author)
        return list(islice(own, MOMENTS_PER_PAGE))

    def get(self, moment_id: str, reader: Person) -> Moment:
        """Find a moment that *reader* sees.

        Raises:
            Refused: there is none of that id.
        """
        moment = self._moments.get(_number(moment_id))
        if moment is None or not moment.is_shown_to(reader):
            raise Refused("momentId is no moment that the account can see")
        return moment

    def comment(self, author: Person, moment: Moment, content: str) -> Comment:
        """Comment on a moment.

        Raises:
            Refused: *author* does not see it; the text is empty or too long; there
                are too many comments.
        """
        self.get(moment.moment_id, author)
        if not 0 < len(content) <= MAX_COMMENT_CHARACTERS:
            raise Refused(f"a comment has 1 to {MAX_COMMENT_CHARACTERS} characters")
        if len(moment.comments) >= MAX_COMMENTS:
            raise Refused(f"a moment has at most {MAX_COMMENTS} comments")
        comment = self._new_comment(moment, COMMENT, author, content)
        moment.comments[comment.comment_id] = comment
        self._tell(moment, author)
        return comment

    def like(self, person: Person, moment: Moment) -> None:
        """Like a moment; twice is once.

        Raises:
            Refused: *person* does not see it.
        """
        self.get(moment.moment_id, person)
        if person.user_name not in moment.likes:
            like = self._new_comment(moment, LIKE, person, "")
            moment.likes[person.user_name] = like
            self._tell(moment, person)

    def unlike(self, person: Person, moment: Moment) -> None:
        """Take a like back.

        Raises:
            Refused: there is none.
        """
        if moment.likes.pop(person.user_name, None) is None:
            raise Refused("the account does not like this moment")

    def delete(self, person: Person, moment: Moment) -> None:
        """Delete a moment.

        Raises:
            Refused: *person* is not its author.
        """
        _check_author(person, moment)
        self._moments.pop(int(moment.moment_id), None)

    def set_private(self, person: Person, moment: Moment, is_private: bool) -> None:
        """Hide a moment from all but its author, or show it again.

        Raises:
            Refused: *person* is not its author.
        """
        _check_author(person, moment)
        moment.is_private = is_private
        root = read_fragment("content", moment.description, _TIMELINE_OBJECT)
        moment.description = _filled(root, private=str(int(is_private)))

    def delete_comment(
        self, person: Person, moment: Moment, comment_id: int, kind: int = COMMENT
    ) -> None:
        """Delete a comment.

        Args:
            person: who wrote it, or whose moment it is.
            moment: where it is.
            comment_id: its id.
            kind: its type.

        Raises:
            Refused: there is no such comment, or it is neither.
        """
        comment = moment.comments.get(comment_id)
        if comment is None or comment.kind != kind:
            raise Refused("the moment has no comment of this commentId and commentType")
        if person not in (comment.author, moment.author):
            raise Refused(
                "only the author of the comment or of the moment can delete it"
            )
        del moment.comments[comment_id]

    def _new_comment(
        self, moment: Moment, kind: int, author: Person, content: str
    ) -> Comment:
        moment.said += 1
        return Comment(moment.said, kind, author, content, self._world.now())

    def _shown(self, reader: Person, after: str) -> Iterator[Moment]:
        last = _number(after) if after else None
        for number, moment in reversed(self._moments.items()):
            if (last is None or number < last) and moment.is_shown_to(reader):
                yield moment

    def _tell(self, moment: Moment, actor: Person) -> None:
        """Send ``sns`` to whom a comment or a like concerns.

        They are the author and who else said something to the moment.

        Source: events.toml, ``sns``; who gets it is *our choice*.
        """
        said = [*moment.comments.values(), *moment.likes.values()]
        people = dict.fromkeys([moment.author, *(one.author for one in said)])
        for person in people:
            is_concerned = person is not actor and moment.is_shown_to(person)
            if is_concerned and person.account is not None:
                person.account.sns_arrives()


def _number(moment_id: str) -> int:
    # 64 bits have 20 digits.
    if moment_id.isascii() and moment_id.isdigit() and len(moment_id) <= 20:
        return int(moment_id)
    raise Refused("momentId is no id of a moment")


def _check_author(person: Person, moment: Moment) -> None:
    if person is not moment.author:
        raise Refused("the moment is another person's: only its author can do that")


def _text_object(content: str) -> str:
    """Write the object of a plain text, with the fields of padchat-sdk's sample."""
    return element(
        _TIMELINE_OBJECT,
        *(element(name) for name in ("id", "username", "createTime")),
        element("contentDesc", text(content)),
        element("contentDescShowType", "0"),
        element("contentDescScene", "3"),
        element("private", "0"),
        element("sightFolded", "0"),
        element(
            "ContentObject",
            element("contentStyle", "2"),
            *(element(name) for name in ("title", "description", "mediaList")),
            element("contentUrl"),
        ),
    )


def _filled(root: Element, **values: str) -> str:
    """Write *root* with these texts in its children, which are made if need be.

    Raises:
        Refused: it is too long with them.
    """
    for name, value in values.items():
        child = root.find(name)
        if child is None:
            child = SubElement(root, name)
        child.text = value
    written = tostring(root, encoding="unicode", short_empty_elements=False)
    if len(written) > MAX_FRAGMENT_CHARACTERS:
        raise Refused(f"content is longer than {MAX_FRAGMENT_CHARACTERS} characters")
    return written
