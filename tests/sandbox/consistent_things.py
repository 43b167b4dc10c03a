"""Labels, favourites and moments of three accounts, and a model of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis.stateful import invariant, rule

from .consistent_contacts import ContactsMachine
from .consistent_people import WHAT, WHO, Party

#: Values of ``type`` of ``snsObjectOp``: delete, delete a comment, take a like back.
DELETE, DELETE_COMMENT, UNLIKE = 1, 4, 5


@dataclass
class Post:
    """A moment.

    Args:
        moment_id: its id.
        author: whose it is.

    Attributes:
        comments: the author of each comment, by its id.
        likes: who likes it.
    """

    moment_id: str
    author: str
    comments: dict[int, str] = field(default_factory=dict)
    likes: set[str] = field(default_factory=set)


class ThingsMachine(ContactsMachine):
    """They put labels on each other, keep favourites, and show and like moments."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: dict[str, Post] = {}
        self.moment_ids: set[str] = set()
        for who in range(3):
            self.set_remark(who, 0)
            self.add_label(who)
            self.put_label(who, 0, 0)
            self.add_favorite(who)
            self.post(who)

    # Remarks and labels.

    @rule(who=WHO, what=WHAT)
    def set_remark(self, who: int, what: int) -> None:
        """An account gives a contact a name, which nobody else sees."""
        self.said += 1
        party, name = self.parties[who], self.other(who, what).user_name
        remark = f"remark {self.said}" if what < 5 else ""
        result = self.did(who, "setRemark", userId=name, remark=remark)
        assert (result is not None) == (name in party.contacts)
        if result is not None:
            party.remarks[name] = remark

    @rule(who=WHO)
    def add_label(self, who: int) -> None:
        """An account makes a label, whose id no other has."""
        self.said += 1
        party = self.parties[who]
        assert self.did(who, "addLabel", label=f"label {self.said}") is not None
        (new,) = self.listed_labels(who).keys() - party.labels.keys()
        party.labels[new] = set()

    @rule(who=WHO, what=WHAT)
    def delete_label(self, who: int, what: int) -> None:
        """An account deletes a label, which its contacts lose."""
        party = self.parties[who]
        label_id = self.label(who, what)
        is_done = self.did(who, "deleteLabel", labelId=label_id) is not None
        assert is_done == (label_id in party.labels)
        party.labels.pop(label_id, None)

    @rule(who=WHO, what=WHAT, whom=WHAT)
    def put_label(self, who: int, what: int, whom: int) -> None:
        """An account puts a label on another one, which must be its contact."""
        party, other = self.parties[who], self.other(who, whom)
        label_id = self.label(who, what)
        result = self.did(who, "setLabel", userId=other.user_name, labelId=label_id)
        is_contact = other.user_name in party.contacts
        assert (result is not None) == (label_id in party.labels and is_contact)
        if result is not None:
            party.labels[label_id].add(other.user_name)

    def label(self, who: int, what: int) -> str:
        """Choose a label; one that there is not, before there are any."""
        labels = list(self.parties[who].labels)
        return labels[what % len(labels)] if labels else "99"

    def listed_labels(self, who: int) -> dict[str, str]:
        """Return the names of an account's labels by id."""
        listed: Any = self.call(who, "getLabelList").data["label"]
        labels = {str(label["id"]): label["name"] for label in listed}
        assert len(labels) == len(listed), "two labels have one id"
        return labels

    @invariant()
    def labels_agree(self) -> None:
        """Each account has its labels."""
        for number, party in enumerate(self.parties):
            assert self.listed_labels(number).keys() == party.labels.keys()

    def check_contact(self, party: Party, name: str, seen: Mapping[str, Any]) -> None:
        """A contact has the remark and the labels that were given to it."""
        assert seen["remark"] == party.remarks.get(name, "")
        assert {label for label in seen["label"].split(",") if label} == {
            label for label, holders in party.labels.items() if name in holders
        }

    # Favourites.

    @rule(who=WHO)
    def add_favorite(self, who: int) -> None:
        """An account keeps something."""
        content = '<favitem type="1"><desc>kept</desc></favitem>'
        favorite_id: Any = self.call(who, "addFav", content=content).data["id"]
        assert favorite_id not in self.parties[who].favorites, "an id came again"
        self.parties[who].favorites.append(favorite_id)

    @rule(who=WHO, what=WHAT)
    def delete_favorite(self, who: int, what: int) -> None:
        """An account keeps something no longer."""
        favorites = self.parties[who].favorites
        favorite_id = favorites[what % len(favorites)] if favorites else 99
        is_done = self.did(who, "deleteFav", favId=favorite_id) is not None
        assert is_done == (favorite_id in favorites)
        if is_done:
            favorites.remove(favorite_id)

    @invariant()
    def favorites_agree(self) -> None:
        """Each account finds what it keeps, page by page."""
        for number, party in enumerate(self.parties):
            found: list[int] = []
            key, is_more = "", True
            while is_more:
                page: Any = self.call(number, "syncFav", favKey=key).data
                found += [favorite["id"] for favorite in page["data"] or ()]
                key, is_more = page["key"], page["continue"]
            assert found == party.favorites

    # Moments.

    @rule(who=WHO)
    def post(self, who: int) -> None:
        """An account shows a moment."""
        self.said += 1
        moment: Any = self.call(who, "snsSendMoment", content=f"day {self.said}").data
        moment_id = moment["data"]["id"]
        assert moment_id not in self.moment_ids, "two moments have one id"
        self.moment_ids.add(moment_id)
        self.posts[moment_id] = Post(moment_id, self.parties[who].user_name)

    @rule(who=WHO, what=WHAT)
    def comment(self, who: int, what: int) -> None:
        """An account comments on a moment, which it must see."""
        if (post := self.moment(what)) is None:
            return
        reply = self.call(who, "snsComment", **self.of(post), content="nice")
        assert reply.success == self.sees(self.parties[who], post)
        if reply.success:
            detail: Any = reply.data["data"]
            (new,) = {one["id"] for one in detail["comment"]} - post.comments.keys()
            post.comments[new] = self.parties[who].user_name

    @rule(who=WHO, what=WHAT)
    def like(self, who: int, what: int) -> None:
        """An account likes a moment, which it must see; twice is once."""
        if (post := self.moment(what)) is None:
            return
        is_done = self.did(who, "snsLike", **self.of(post)) is not None
        assert is_done == self.sees(self.parties[who], post)
        if is_done:
            post.likes.add(self.parties[who].user_name)

    @rule(who=WHO, what=WHAT)
    def unlike(self, who: int, what: int) -> None:
        """An account takes its like back."""
        if (post := self.moment(what)) is None:
            return
        if self.did(who, "snsObjectOp", **self.of(post), type=UNLIKE) is not None:
            post.likes.remove(self.parties[who].user_name)

    @rule(who=WHO, what=WHAT, which=WHAT)
    def delete_comment(self, who: int, what: int, which: int) -> None:
        """An account deletes a comment: its own, or one on its moment."""
        post = self.moment(what)
        if post is None or not post.comments:
            return
        comment_id = list(post.comments)[which % len(post.comments)]
        which_one = {"type": DELETE_COMMENT, "commentId": comment_id, "commentType": 2}
        if self.did(who, "snsObjectOp", **self.of(post), **which_one) is not None:
            own = self.parties[who].user_name
            assert own in (post.author, post.comments.pop(comment_id))

    @rule(who=WHO, what=WHAT)
    def delete_moment(self, who: int, what: int) -> None:
        """An account deletes a moment, which must be its own."""
        if (post := self.moment(what)) is None:
            return
        is_done = self.did(who, "snsObjectOp", **self.of(post), type=DELETE) is not None
        assert is_done == (post.author == self.parties[who].user_name)
        if is_done:
            del self.posts[post.moment_id]

    def moment(self, what: int) -> Post | None:
        """Choose a moment, one of the latest."""
        return (
            list(self.posts.values())[-1 - what % len(self.posts)]
            if self.posts
            else None
        )

    def of(self, post: Post) -> dict[str, str]:
        """Return the parameters that name a moment."""
        return {"userId": post.author, "momentId": post.moment_id}

    def sees(self, reader: Party, post: Post) -> bool:
        """Tell whether an account sees a moment: its own, or of a contact of both."""
        author = next(one for one in self.parties if one.user_name == post.author)
        return author is reader or (
            reader.user_name in author.contacts and author.user_name in reader.contacts
        )

    @invariant()
    def moments_agree(self) -> None:
        """Everybody sees the moments that they may, the newest first, as they are."""
        for number, party in enumerate(self.parties):
            seen = [post for post in self.posts.values() if self.sees(party, post)]
            assert self.timeline(number) == [post.moment_id for post in reversed(seen)]
            for post in seen:
                found: Any = self.call(
                    number, "snsGetObject", momentId=post.moment_id
                ).data["data"]
                said = {one["id"]: one["userName"] for one in found["comment"]}
                assert said == post.comments
                likers = [one["userName"] for one in found["like"]]
                assert sorted(likers) == sorted(post.likes)

    def timeline(self, who: int) -> list[str]:
        """Return the ids of what an account sees, page by page."""
        found: list[str] = []
        while True:
            last = found[-1] if found else ""
            page: Any = self.call(who, "snsTimeline", momentId=last).data["data"]
            if not page:
                return found
            found += [moment["id"] for moment in page]
