"""The commands of area moments.

PURE. Source: commands.toml.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...catalogue.moments import SnsOperation
from ..binding import Binding
from ..fingerprints import fingerprint
from ..moments import COMMENT, Comment, Moment, Moments
from ..people import Person
from ..pushes import Fields
from ..refusals import Refused
from .base import (
    Parameters,
    Reply,
    Responder,
    done,
    optional_text,
    picture,
    text,
    whole_number,
)

__all__ = ["RESPONDERS"]

#: How a file begins that is a picture: JPEG, PNG, GIF.
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8")


def sns_send_moment(binding: Binding, params: Parameters) -> Reply:
    """Publish a moment."""
    moments, user = _moments_and_user(binding)
    moment = moments.post(user, text(params, "content"))
    return _about(_described(moment))


def sns_upload(binding: Binding, params: Parameters) -> Reply:
    """Take a picture and say where it is; the sandbox does not keep it."""
    image = picture(params, "image")
    if not image.startswith(_PICTURES):
        raise Refused("image is no picture: JPEG, PNG or GIF is expected")
    world = binding.account.world
    address = f"{world.base_url}/sns/{world.random_hex(16)}"
    size = len(image)
    return done(bigUrl=f"{address}/0", smallUrl=f"{address}/150", data=size, size=size)


def sns_user_page(binding: Binding, params: Parameters) -> Reply:
    """Return a page of one user's moments; an empty one of a stranger."""
    moments, user = _moments_and_user(binding)
    after = optional_text(params, "momentId")
    author = binding.account.world.by_user_name.get(text(params, "userId"))
    if not isinstance(author, Person):
        return _page([], "")
    return _page(moments.page_of(author, user, after), author.head_url)


def sns_timeline(binding: Binding, params: Parameters) -> Reply:
    """Return a page of the moments that the account sees."""
    moments, user = _moments_and_user(binding)
    after = optional_text(params, "momentId")
    return _page(moments.timeline(user, after), user.head_url)


def sns_get_object(binding: Binding, params: Parameters) -> Reply:
    """Return one moment with its comments and likes."""
    return _about(_detailed(_moment(binding, params)))


def sns_object_op(binding: Binding, params: Parameters) -> Reply:
    """Delete a moment or a comment, hide a moment, or take a like back."""
    moments, user = _moments_and_user(binding)
    moment = _moment(binding, params)
    operation = whole_number(params, "type")
    if operation == SnsOperation.DELETE:
        moments.delete(user, moment)
    elif operation in (SnsOperation.MAKE_PRIVATE, SnsOperation.MAKE_PUBLIC):
        is_private = operation == SnsOperation.MAKE_PRIVATE
        moments.set_private(user, moment, is_private)
    elif operation == SnsOperation.DELETE_COMMENT:
        comment_id = whole_number(params, "commentId", 0)
        kind = whole_number(params, "commentType", COMMENT)
        moments.delete_comment(user, moment, comment_id, kind)
    elif operation == SnsOperation.TAKE_LIKE_BACK:
        moments.unlike(user, moment)
    else:
        raise Refused("type is no operation: 1 to 5 are")
    return done()


def sns_comment(binding: Binding, params: Parameters) -> Reply:
    """Comment on a moment."""
    moments, user = _moments_and_user(binding)
    text(params, "userId")
    moment = _moment(binding, params)
    moments.comment(user, moment, text(params, "content"))
    return _about(_detailed(moment))


def sns_like(binding: Binding, params: Parameters) -> Reply:
    """Like a moment."""
    moments, user = _moments_and_user(binding)
    text(params, "userId")
    moment = _moment(binding, params)
    moments.like(user, moment)
    return _about(_detailed(moment))


def _moments_and_user(binding: Binding) -> tuple[Moments, Person]:
    return binding.account.world.moments, binding.account.user


def _moment(binding: Binding, params: Parameters) -> Moment:
    """Return the moment of ``momentId``, which must be that of ``userId`` if given."""
    moments, user = _moments_and_user(binding)
    moment = moments.get(text(params, "momentId"), user)
    if optional_text(params, "userId") not in ("", moment.author.user_name):
        raise Refused("userId is not the author of the moment")
    return moment


def _about(moment: Fields) -> Reply:
    """Answer with a moment, which dialect ``sdk`` has alone."""
    return Reply(True, "", done().data, {"data": moment})


def _page(moments: Sequence[Moment], cover: str) -> Reply:
    mark = fingerprint(",".join(moment.moment_id for moment in moments))[:16]
    return done(
        data=[_described(moment) for moment in moments],
        count=len(moments),
        page=mark if moments else "",
        bgi=cover,
    )


def _described(moment: Moment) -> Fields:
    return {
        "id": moment.moment_id,
        "userName": moment.author.user_name,
        "nickName": moment.author.nick_name,
        "createTime": int(moment.created_at),
        "description": moment.description,
    }


def _detailed(moment: Moment) -> Fields:
    return {
        **_described(moment),
        "comment": [
            {
                **_said(comment),
                "replyId": 0,
                "replyUserName": "",
                "commentFlag": 0,
                "deleteFlag": 0,
                "source": 0,
            }
            for comment in moment.comments.values()
        ],
        "like": [_said(like) for like in moment.likes.values()],
    }


def _said(comment: Comment) -> Fields:
    return {
        "id": comment.comment_id,
        "type": comment.kind,
        "userName": comment.author.user_name,
        "nickName": comment.author.nick_name,
        "content": comment.content,
        "createTime": int(comment.created_at),
    }


#: By canonical name.
RESPONDERS: Mapping[str, Responder] = {
    "snsSendMoment": Responder(sns_send_moment),
    "snsUpload": Responder(sns_upload),
    "snsUserPage": Responder(sns_user_page),
    "snsTimeline": Responder(sns_timeline),
    "snsGetObject": Responder(sns_get_object),
    "snsObjectOp": Responder(sns_object_op),
    "snsComment": Responder(sns_comment),
    "snsLike": Responder(sns_like),
}
