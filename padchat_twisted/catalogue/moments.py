"""Area moments: what people show their contacts."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

from msgspec import UNSET, UnsetType

from .base import LARGE_TIME_LIMIT, Answer, Command, Part
from .parameters import Dialect, For
from .sending import MAX_IMAGE_BYTES, media_problem

__all__ = [
    "Moment",
    "MomentComment",
    "MomentDetail",
    "MomentLike",
    "MomentPage",
    "MomentResult",
    "SentMoment",
    "SnsComment",
    "SnsGetObject",
    "SnsLike",
    "SnsObjectOp",
    "SnsOperation",
    "SnsSendMoment",
    "SnsTimeline",
    "SnsUpload",
    "SnsUserPage",
    "UploadedImage",
]


class Moment(Part, frozen=True, gc=False):
    """A moment in a list.

    Args:
        id: id of the moment (64-bit, keep as string).
        user_name: wxid of the author.
        nick_name: nickname of the author.
        create_time: unix time in seconds.
        description: a ``TimelineObject``, XML.

    Source: commands.toml, type Moment.
    """

    id: str = ""
    user_name: str = ""
    nick_name: str = ""
    create_time: int = 0
    description: str = ""


class SentMoment(Answer, frozen=True, gc=False):
    """The result of ``SnsSendMoment``.

    Args:
        data: the moment.

    Source: commands.toml, snsSendMoment.
    """

    data: Annotated[Moment | None, For(only=("sdk",))] = None


class SnsSendMoment(Command[SentMoment], frozen=True):
    """Publish a moment.

    Args:
        content: plain text, or a TimelineObject XML text (sdk from 0.4.3 on) for any
            other kind of moment.

    Source: commands.toml, snsSendMoment.
    """

    content: str

    changes_world = True


class UploadedImage(Answer, frozen=True, gc=False):
    """The result of ``SnsUpload``.

    Args:
        big_url: large image (Go client); the sdk docs name it bigHead.
        small_url: small image (Go client); the sdk docs name it smallHead.
        data: size of the image file.
        size: size of the image file.

    Source: commands.toml, snsUpload.
    """

    big_url: str = ""
    small_url: str = ""
    data: int = 0
    size: int = 0


class SnsUpload(Command[UploadedImage], frozen=True):
    """Upload an image for use in a moment; nothing is published.

    Args:
        image: image file.

    Source: commands.toml, snsUpload.
    """

    image: str

    time_limit = LARGE_TIME_LIMIT
    changes_world = True

    def own_problem(self, dialect: Dialect) -> str | None:
        """Tell why it is no image that can be sent."""
        return media_problem("image", self.image, MAX_IMAGE_BYTES)


class MomentPage(Answer, frozen=True, gc=False):
    """The result of ``SnsUserPage``.

    Args:
        data: moments, newest first, without comments and likes.
        count: number of moments (docs).
        page: opaque page mark.
        bgi: cover image (Go client only).

    Source: commands.toml, snsUserPage.
    """

    data: tuple[Moment, ...] = ()
    count: int | None = None
    page: str | None = None
    bgi: str | None = None


class SnsUserPage(Command[MomentPage], frozen=True):
    """List the moments of a user, page by page.

    Args:
        user_id: wxid of the user.
        moment_id: empty for the first page, then the id of the last moment of the page
            before.

    Source: commands.toml, snsUserPage.
    """

    user_id: str
    moment_id: str = ""


class SnsTimeline(Command[MomentPage], frozen=True):
    """List the moments of all contacts, page by page.

    Args:
        moment_id: empty for the first page, then the id of the last moment of the page
            before.

    Source: commands.toml, snsTimeline.
    """

    moment_id: str = ""


class MomentComment(Part, frozen=True, gc=False):
    """Comment on a moment.

    Args:
        id: id of the comment.
        type: type; needed to delete the comment.
        user_name: wxid of the author.
        nick_name: nickname of the author.
        content: text.
        create_time: unix time in seconds.
        reply_id: comment this one replies to.
        reply_user_name: wxid this one replies to.
        comment_flag: unknown.
        delete_flag: unknown.
        source: unknown.

    Source: commands.toml, type MomentComment.
    """

    id: int = 0
    type: int = 0
    user_name: str = ""
    nick_name: str = ""
    content: str = ""
    create_time: int = 0
    reply_id: int = 0
    reply_user_name: str = ""
    comment_flag: int = 0
    delete_flag: int = 0
    source: int = 0


class MomentLike(Part, frozen=True, gc=False):
    """Like of a moment.

    Args:
        id: id.
        type: type.
        user_name: wxid.
        nick_name: nickname.
        content: empty.
        create_time: unix time in seconds.

    Source: commands.toml, type MomentLike.
    """

    id: int = 0
    type: int = 0
    user_name: str = ""
    nick_name: str = ""
    content: str = ""
    create_time: int = 0


class MomentDetail(Part, frozen=True, gc=False):
    """A moment with comments and likes.

    Args:
        id: id of the moment (64-bit, keep as string).
        user_name: wxid of the author.
        nick_name: nickname of the author.
        create_time: unix time in seconds.
        description: a ``TimelineObject``, XML.
        comment: comments.
        like: likes.

    Source: commands.toml, type MomentDetail.
    """

    id: str = ""
    user_name: str = ""
    nick_name: str = ""
    create_time: int = 0
    description: str = ""
    comment: tuple[MomentComment, ...] = ()
    like: tuple[MomentLike, ...] = ()


class MomentResult(Answer, frozen=True, gc=False):
    """The result of ``SnsGetObject``.

    Args:
        data: the moment.

    Source: commands.toml, snsGetObject.
    """

    data: Annotated[MomentDetail | None, For(only=("sdk",))] = None


class SnsGetObject(Command[MomentResult], frozen=True):
    """Read one moment with its comments and likes.

    Args:
        moment_id: id of the moment.

    Source: commands.toml, snsGetObject.
    """

    moment_id: str


class SnsOperation(IntEnum):
    """What ``SnsObjectOp`` does. Source: commands.toml, SnsOperation.

    *Unverified* with PadChat: 2 and 3, which are WeChat's.
    """

    DELETE = 1
    MAKE_PRIVATE = 2
    MAKE_PUBLIC = 3
    DELETE_COMMENT = 4
    TAKE_LIKE_BACK = 5


class SnsObjectOp(Command[Answer], frozen=True, kw_only=True):
    """Delete a moment, delete a comment or take a like back.

    Args:
        user_id: wxid of the author.
        moment_id: id of the moment.
        type: see ``SnsOperation``.
        comment_id: id of the comment that is deleted; 0 is sent for none.
        comment_type: ``MomentComment.type`` of that comment; 2 is sent for none.

    Source: commands.toml, snsObjectOp.
    """

    user_id: Annotated[
        str | UnsetType, For(only=("legacy", "socketio"), needed=("legacy", "socketio"))
    ] = UNSET
    moment_id: str
    type: int
    comment_id: Annotated[int | UnsetType, For(only=("sdk",))] = UNSET
    comment_type: Annotated[int | UnsetType, For(only=("sdk",))] = UNSET

    changes_world = True


class SnsComment(Command[MomentResult], frozen=True):
    """Comment on a moment.

    Args:
        user_id: wxid of the author of the moment.
        moment_id: id of the moment.
        content: comment.

    Source: commands.toml, snsComment.
    """

    user_id: str
    moment_id: str
    content: str

    changes_world = True


class SnsLike(Command[MomentResult], frozen=True):
    """Like a moment.

    Args:
        user_id: wxid of the author of the moment.
        moment_id: id of the moment.

    Source: commands.toml, snsLike.
    """

    user_id: str
    moment_id: str

    dialects = ("sdk",)
    changes_world = True
