"""Tests of padchat_twisted.sandbox.responders.moments: moments as clients see them."""

from __future__ import annotations

import base64
from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import MomentPage, MomentResult, UploadedImage
from padchat_twisted.sandbox.images import MAX_IMAGE_BYTES
from padchat_twisted.sandbox.moments import MOMENTS_PER_PAGE
from padchat_twisted.sandbox.responders import Reply

from ..stage import Stage, as_read


class MomentsTests(SynchronousTestCase):
    """What a client does with moments."""

    def setUp(self) -> None:
        """Have an account and a contact of it, who shows something."""
        self.stage = Stage()
        self.world = self.stage.world
        self.alice = self.world.person("alice")
        self.client = self.stage.connect().log_in()
        self.user = self.client.account.user
        self.moment = self.world.moments.post(self.alice, "a fine day")

    def operate(self, moment_id: str, operation: object, **more: object) -> Reply:
        """Call ``snsObjectOp``."""
        params = {"momentId": moment_id, "type": operation, **more}
        return self.client.call("snsObjectOp", params)

    def test_timeline(self) -> None:
        """A client goes through all pages by the id of the last moment."""
        for _ in range(MOMENTS_PER_PAGE):
            self.world.moments.post(self.user, "x")
        pages = []
        last = ""
        while True:
            reply = self.client.call("snsTimeline", {"momentId": last})
            page = as_read(reply, MomentPage)
            if not page.data:
                break
            pages.append(page)
            last = page.data[-1].id
        self.assertEqual([page.count for page in pages], [MOMENTS_PER_PAGE, 1])
        self.assertEqual(last, self.moment.moment_id)
        self.assertEqual(page.page, "")
        self.assertNotEqual(pages[0].page, pages[1].page)

    def test_page_of_nobody(self) -> None:
        """A stranger, a room and nobody at all show nothing."""
        stranger = self.world.add_person("dave")
        self.world.moments.post(stranger, "x")
        room = self.world.room("dev", members=["alice"])
        for user_name in (stranger.user_name, room.user_name, "wxid_nobody"):
            reply = self.client.call("snsUserPage", {"userId": user_name})
            page = as_read(reply, MomentPage)
            self.assertEqual((page.data, page.count), ((), 0))
        self.assertIn("userId", self.client.refused("snsUserPage"))

    def test_said(self) -> None:
        """Comments and likes are in the answers, and in what is read later."""
        about = {"userId": "wxid_alice", "momentId": self.moment.moment_id}
        self.client.call("snsComment", {**about, "content": "it is"})
        reply = self.client.call("snsLike", about)
        whole = replace(reply, data={**reply.data, **reply.sdk})
        found = as_read(whole, MomentResult).data
        self.assertIsNotNone(found)
        if found is not None:
            self.assertEqual([said.content for said in found.comment], ["it is"])
            self.assertEqual(
                [like.user_name for like in found.like], [self.user.user_name]
            )
        again = self.client.call("snsGetObject", {"momentId": self.moment.moment_id})
        self.assertEqual(again, reply)

    def test_sdk_only(self) -> None:
        """The moment itself is in the answers of dialect ``sdk`` alone."""
        about = {"userId": "wxid_alice", "momentId": self.moment.moment_id}
        for code in ("snsSendMoment", "snsGetObject", "snsComment", "snsLike"):
            reply = self.client.call(code, {**about, "content": "x"})
            self.assertEqual(reply.data, {"message": "", "status": 0})
            self.assertEqual(list(reply.sdk), ["data"])

    def test_author_must_fit(self) -> None:
        """The author named must be that of the moment, where one is named."""
        about = {"userId": "wxid_bob", "momentId": self.moment.moment_id}
        for code in ("snsLike", "snsComment", "snsObjectOp"):
            params = {**about, "content": "x", "type": 5}
            self.assertIn("not the author", self.client.refused(code, params))
        del about["userId"]
        for code in ("snsLike", "snsComment"):
            params = {**about, "content": "x"}
            self.assertIn("userId is missing", self.client.refused(code, params))

    def test_operations(self) -> None:
        """A like is taken back, a comment and a moment are deleted."""
        moments = self.world.moments
        moments.like(self.user, self.moment)
        self.assertTrue(self.operate(self.moment.moment_id, 5).success)
        self.assertEqual(self.moment.likes, {})
        said = moments.comment(self.user, self.moment, "x").comment_id
        for operation, more in ((4, {}), (4, {"commentId": said, "commentType": 1})):
            self.assertFalse(
                self.operate(self.moment.moment_id, operation, **more).success
            )
        reply = self.operate(self.moment.moment_id, "4", commentId=str(said))
        self.assertTrue(reply.success)
        self.assertEqual(self.moment.comments, {})
        own = moments.post(self.user, "x")
        for operation, seen in ((2, [self.moment]), (3, [own, self.moment])):
            self.assertTrue(self.operate(own.moment_id, operation).success)
            self.assertEqual(moments.timeline(self.alice), seen)
        self.assertTrue(self.operate(own.moment_id, 1).success)
        self.assertEqual(moments.timeline(self.user), [self.moment])

    def test_no_operation(self) -> None:
        """Other numbers, and what is none, are refused."""
        for operation in (0, 6, None, "x", True):
            self.assertIn("type", self.operate(self.moment.moment_id, operation).msg)

    def test_upload(self) -> None:
        """A picture of each kind gets two addresses and its size."""
        for image in (b"\xff\xd8\xff\xe0", b"\x89PNG\r\n", b"GIF89a"):
            encoded = base64.b64encode(image).decode()
            reply = self.client.call("snsUpload", {"image": encoded})
            found = as_read(reply, UploadedImage)
            self.assertEqual((found.size, found.data), (len(image), len(image)))
            self.assertNotEqual(found.big_url, found.small_url)
            self.assertTrue(found.big_url.startswith(self.world.base_url))

    def test_no_upload(self) -> None:
        """What is no picture, no base64 or too large is refused."""
        large = b"GIF8" + bytes(MAX_IMAGE_BYTES)
        for image, why in (
            ("", "missing"),
            ("$$$$", "not base64"),
            ("eA==", "no picture"),
            (base64.b64encode(large[:-4]).decode(), ""),
            (base64.b64encode(large[:-3]).decode(), "larger"),
        ):
            reply = self.client.call("snsUpload", {"image": image})
            self.assertEqual(reply.success, not why)
            self.assertIn(why, reply.msg)

    def test_logged_in(self) -> None:
        """All of it needs a login."""
        self.client.account.log_out()
        self.assertIn("not logged in", self.client.refused("snsTimeline"))
