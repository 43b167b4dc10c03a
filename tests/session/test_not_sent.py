"""What is wrong with a command is told before it leaves."""

from __future__ import annotations

import base64
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    Command,
    CreateRoom,
    GetMsgImage,
    Login,
    SendImage,
    SendMsg,
    SetRoomName,
    SnsObjectOp,
    SyncContact,
)
from padchat_twisted.catalogue.sending import MAX_IMAGE_BYTES
from padchat_twisted.errors import NotSent
from padchat_twisted.testing import ready_account

TOO_LARGE = base64.b64encode(bytes(MAX_IMAGE_BYTES + 1)).decode()

SECRET = "秘密"

#: One of each kind of mistake in dialect ``socketio``: the command, its name, and what
#: is said.
MISTAKES: tuple[tuple[Command[Any], str, str], ...] = (
    (
        SnsObjectOp(moment_id=SECRET, type=1),
        "snsObjectOp",
        "user_id: missing, expected a text",
    ),
    (
        SendMsg("wxid_a", [SECRET]),  # type: ignore[arg-type] # the mistake
        "sendMsg",
        "content: found a list of length 1, expected a text",
    ),
    (
        GetMsgImage(SECRET),  # type: ignore[arg-type] # the mistake
        "getMsgImage",
        "raw_msg_data: found a str of length 2, expected an object",
    ),
    (
        SetRoomName("1@chatroom", SECRET),
        "setRoomName",
        "dialect socketio has no such command: sdk has",
    ),
    (
        SyncContact(reset=True),
        "syncContact",
        "reset: dialect socketio does not have it",
    ),
    (
        Login(login_type="token"),
        "login",
        "token: missing, expected a text for 'token'",
    ),
    (
        SendMsg("weixin", SECRET),
        "sendMsg",
        "to_user_name: found 'weixin', a system account that must not be written to",
    ),
    (
        SendImage("wxid_a", SECRET),
        "sendImage",
        "image: found a text that is not base64, expected a file of at most",
    ),
    (
        SendImage("wxid_a", TOO_LARGE),
        "sendImage",
        f"image: found {MAX_IMAGE_BYTES + 1} bytes, expected a file of at most",
    ),
    (
        CreateRoom((SECRET,)),
        "createRoom",
        "user_list: found 1, expected at least 2 contacts",
    ),
)


class NotSentTests(SynchronousTestCase):
    """``account.call`` with each kind of mistake."""

    def test_mistakes(self) -> None:
        """The error names command, field, what was found and what is expected."""
        account, gateway = ready_account()
        before = len(gateway.calls)
        for command, name, words in MISTAKES:
            error = self.failureResultOf(account.call(command), NotSent).value
            self.assertIn(name, str(error))
            self.assertIn(words, str(error))
            self.assertNotIn(SECRET, str(error))
        self.assertEqual(len(gateway.calls), before)

    def test_at_the_limit(self) -> None:
        """The largest image leaves."""
        account, gateway = ready_account()
        largest = base64.b64encode(bytes(MAX_IMAGE_BYTES)).decode()
        account.call(SendImage("wxid_a", largest))
        self.assertEqual(gateway.last_call("sendImage").params["image"], largest)
