"""What is paced, and as what it counts."""

from __future__ import annotations

from typing import ClassVar

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    COMMANDS,
    AcceptUser,
    Close,
    Command,
    Done,
    GetContact,
    Logout,
    SendAppMsg,
    SendImage,
    SendMsg,
    SendVoice,
    SetRoomName,
    ShareCard,
    SnsSendMoment,
)
from padchat_twisted.session.work import (
    LARGE_BYTES,
    SLOWEST_UPLOAD,
    Lane,
    Work,
    raw_work,
    upload_time_limit,
    work_of,
)


class Poke(Command[Done], frozen=True):
    """A command of a user."""

    changes_world: ClassVar[bool] = True


class WorkTests(SynchronousTestCase):
    """Commands of the catalogue, and others."""

    def of(self, command: Command[Done], lane: Lane | None = None) -> Work:
        """Return what it counts as."""
        work = work_of(command, lane)
        assert work is not None
        return work

    def test_kinds(self) -> None:
        """Messages are told apart by their sort, all else by its area."""
        for command, kind, conversation in (
            (SendMsg("wxid_a", "hi"), "text", "wxid_a"),
            (SendImage("wxid_a", "AAAA"), "image", "wxid_a"),
            (SendVoice("wxid_a", "AAAA"), "voice", "wxid_a"),
            (SendAppMsg("wxid_a", "<appmsg/>"), "app", "wxid_a"),
            (ShareCard("wxid_a", "B", "wxid_b"), "card", "wxid_a"),
            (AcceptUser("v1_a", "v2_a"), "friend", ""),
            (SetRoomName("7@chatroom", "Tea"), "room", "7@chatroom"),
            (SnsSendMoment("<TimelineObject/>"), "moments", ""),
            (Poke(), "other", ""),
        ):
            work = self.of(command)  # type: ignore[arg-type] # any result
            self.assertEqual(
                (work.code, work.kind, work.conversation),
                (command.wire_name, kind, conversation),
            )

    def test_not_paced(self) -> None:
        """What only asks is not, nor what the gateway does by itself."""
        self.assertIsNone(work_of(GetContact("wxid_a"), None))
        self.assertIsNone(work_of(Logout(), None))
        self.assertIsNone(work_of(Close(), None))
        self.assertIsNone(raw_work("getContact", {}, None))
        self.assertIsNone(raw_work("logout", {}, None))

    def test_raw(self) -> None:
        """A command by its name counts as its class does; an unknown one counts too."""
        params = {"toUserName": "wxid_a", "image": "A" * 40}
        work = raw_work("sendImage", params, None)
        assert work is not None
        self.assertEqual(
            (work.kind, work.conversation, work.size), ("image", "wxid_a", 30)
        )
        work = raw_work("massMsg", {"toUserName": ["wxid_a"]}, None)
        assert work is not None
        self.assertEqual((work.kind, work.conversation), ("other", ""))

    def test_every_command(self) -> None:
        """Each command of the catalogue that changes the world is paced, but two."""
        paced = {code for code in COMMANDS if raw_work(code, {}, None) is not None}
        changing = {code for code, item in COMMANDS.items() if item.changes_world}
        self.assertEqual(changing - paced, {"logout", "closePush"})
        self.assertEqual(paced - changing, set())

    def test_lanes(self) -> None:
        """A file goes into its own lane, unless somebody says otherwise."""
        self.assertEqual(self.of(SendMsg("a", "b")).lane, "command")  # type: ignore[arg-type]
        self.assertEqual(self.of(SendImage("a", "AAAA")).lane, "media")  # type: ignore[arg-type]
        self.assertEqual(self.of(SendImage("a", "AAAA"), "reply").lane, "reply")  # type: ignore[arg-type]

    def test_large(self) -> None:
        """From a size on a file is large."""
        for size, is_large in ((LARGE_BYTES - 1, False), (LARGE_BYTES, True)):
            self.assertIs(
                Work("sendImage", "image", "a", "media", size).is_large, is_large
            )

    def test_time_limit_of_a_file(self) -> None:
        """It is a minute, and grows with what takes longer on the slowest line."""
        for size, seconds in (
            (1, 60.0),
            (60 * SLOWEST_UPLOAD, 60.0),
            (61 * SLOWEST_UPLOAD, 61.0),
            (20 * 1024 * 1024, 320.0),
        ):
            self.assertEqual(upload_time_limit(size), seconds)
