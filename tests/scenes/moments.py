"""Scenes of area moments."""

from __future__ import annotations

import base64
from unittest.mock import ANY

from padchat_twisted.catalogue import (
    Answer,
    Moment,
    MomentComment,
    MomentDetail,
    MomentLike,
    MomentPage,
    MomentResult,
    SentMoment,
    SnsComment,
    SnsGetObject,
    SnsLike,
    SnsObjectOp,
    SnsSendMoment,
    SnsTimeline,
    SnsUpload,
    SnsUserPage,
    UploadedImage,
)
from padchat_twisted.sandbox import moments
from padchat_twisted.sandbox.people import Person

from .cast import Cast, MakeScene, Scene

__all__ = ["SCENES"]

#: The least that is taken for a picture.
PICTURE = b"\xff\xd8\xff picture"

#: An id that no moment of the sandbox has.
NO_MOMENT = "1"


def listed(moment: moments.Moment) -> Moment:
    """Return what a list has of a moment."""
    return Moment(
        id=moment.moment_id,
        user_name=moment.author.user_name,
        nick_name=moment.author.nick_name,
        create_time=int(moment.created_at),
        description=moment.description,
    )


def comment_by(person: Person, content: str, comment_id: int = 1) -> MomentComment:
    """Return a comment as it is shown."""
    return MomentComment(
        id=comment_id,
        type=moments.COMMENT,
        user_name=person.user_name,
        nick_name=person.nick_name,
        content=content,
        create_time=ANY,
    )


def like_by(person: Person, like_id: int = 1) -> MomentLike:
    """Return a like as it is shown."""
    return MomentLike(
        id=like_id,
        type=moments.LIKE,
        user_name=person.user_name,
        nick_name=person.nick_name,
        create_time=ANY,
    )


def detailed(
    moment: moments.Moment,
    comments: tuple[MomentComment, ...] = (),
    likes: tuple[MomentLike, ...] = (),
) -> MomentResult:
    """Return the whole answer about a moment."""
    shown = listed(moment)
    return MomentResult(
        data=MomentDetail(
            id=shown.id,
            user_name=shown.user_name,
            nick_name=shown.nick_name,
            create_time=shown.create_time,
            description=shown.description,
            comment=comments,
            like=likes,
        )
    )


def sns_send_moment(cast: Cast) -> Scene:
    """The bot posts a text, which alice sees; a damaged XML is refused."""

    def check() -> None:
        (seen,) = cast.world.moments.timeline(cast.alice)
        assert seen.author is cast.me
        assert "<contentDesc>a fine day</contentDesc>" in seen.description

    return Scene(
        SnsSendMoment("a fine day"),
        SentMoment(
            data=Moment(
                id=ANY,
                user_name=cast.me.user_name,
                nick_name=cast.me.nick_name,
                create_time=ANY,
                description=ANY,
            )
        ),
        refused=SnsSendMoment("<TimelineObject><contentDesc>"),
        because="no XML",
        check=check,
    )


def sns_upload(cast: Cast) -> Scene:
    """The bot uploads a picture; a text is none."""
    size = len(PICTURE)
    return Scene(
        SnsUpload(base64.b64encode(PICTURE).decode()),
        UploadedImage(big_url=ANY, small_url=ANY, data=size, size=size),
        refused=SnsUpload(base64.b64encode(b"a text").decode()),
        because="no picture",
    )


def sns_user_page(cast: Cast) -> Scene:
    """The bot looks at what alice shows; the mark of a page must be an id."""
    cast.world.moments.post(cast.bob, "from bob")
    moment = cast.world.moments.post(cast.alice, "from alice")
    return Scene(
        SnsUserPage(cast.alice.user_name),
        MomentPage(data=(listed(moment),), count=1, page=ANY, bgi=cast.alice.head_url),
        refused=SnsUserPage(cast.alice.user_name, "the first"),
        because="no id of a moment",
    )


def sns_timeline(cast: Cast) -> Scene:
    """The bot looks at what its contacts show, the newest first."""
    older = cast.world.moments.post(cast.alice, "from alice")
    newer = cast.world.moments.post(cast.bob, "from bob")
    cast.world.moments.post(cast.dave, "from a stranger")
    return Scene(
        SnsTimeline(),
        MomentPage(
            data=(listed(newer), listed(older)),
            count=2,
            page=ANY,
            bgi=cast.me.head_url,
        ),
        refused=SnsTimeline("the first"),
        because="no id of a moment",
    )


def sns_get_object(cast: Cast) -> Scene:
    """The bot reads a moment with what others say to it."""
    moment = cast.world.moments.post(cast.alice, "from alice")
    cast.world.moments.comment(cast.bob, moment, "really?")
    cast.world.moments.like(cast.carol, moment)
    return Scene(
        SnsGetObject(moment.moment_id),
        detailed(moment, (comment_by(cast.bob, "really?"),), (like_by(cast.carol, 2),)),
        refused=SnsGetObject(NO_MOMENT),
        because="no moment",
    )


def sns_object_op(cast: Cast) -> Scene:
    """The bot deletes a moment of its own; alice's is not the bot's to delete."""
    own = cast.world.moments.post(cast.me, "from the bot")
    other = cast.world.moments.post(cast.alice, "from alice")
    has_author = cast.dialect != "sdk"

    def deleting(moment: moments.Moment) -> SnsObjectOp:
        if has_author:
            author = moment.author.user_name
            return SnsObjectOp(user_id=author, moment_id=moment.moment_id, type=1)
        return SnsObjectOp(moment_id=moment.moment_id, type=1)

    def check() -> None:
        assert cast.world.moments.timeline(cast.me) == [other]

    return Scene(
        deleting(own),
        Answer(),
        refused=deleting(other),
        because="only its author",
        check=check,
    )


def sns_comment(cast: Cast) -> Scene:
    """The bot comments on alice's moment; a stranger's it does not see."""
    moment = cast.world.moments.post(cast.alice, "from alice")
    hidden = cast.world.moments.post(cast.dave, "from a stranger")

    def check() -> None:
        (comment,) = moment.comments.values()
        assert (comment.author, comment.content) == (cast.me, "nice")

    return Scene(
        SnsComment(cast.alice.user_name, moment.moment_id, "nice"),
        detailed(moment, (comment_by(cast.me, "nice"),)),
        refused=SnsComment(cast.dave.user_name, hidden.moment_id, "nice"),
        because="no moment",
        check=check,
    )


def sns_like(cast: Cast) -> Scene:
    """The bot likes alice's moment, which is not bob's."""
    moment = cast.world.moments.post(cast.alice, "from alice")

    def check() -> None:
        assert list(moment.likes) == [cast.me.user_name]

    return Scene(
        SnsLike(cast.alice.user_name, moment.moment_id),
        detailed(moment, likes=(like_by(cast.me),)),
        refused=SnsLike(cast.bob.user_name, moment.moment_id),
        because="not the author",
        check=check,
    )


SCENES: dict[str, MakeScene] = {
    "snsSendMoment": sns_send_moment,
    "snsUpload": sns_upload,
    "snsUserPage": sns_user_page,
    "snsTimeline": sns_timeline,
    "snsGetObject": sns_get_object,
    "snsObjectOp": sns_object_op,
    "snsComment": sns_comment,
    "snsLike": sns_like,
}
