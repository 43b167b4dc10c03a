"""From words and JSON to commands, and what is said of mistakes."""

from __future__ import annotations

import base64
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    COMMANDS,
    AddContact,
    Command,
    CreateRoom,
    Dialect,
    GetFav,
    GetMsgImage,
    SendImage,
    SendMsg,
)
from padchat_twisted.catalogue.parameters import params_of
from padchat_twisted.service.calling import (
    FILE_FIELDS,
    command_of,
    filled,
    find_or_tell,
    given_words,
    raw_params,
)
from padchat_twisted.service.spelling import CallMistake

PNG = b"\x89PNG\r\n\x1a\n"

FILES = {
    "photo.png": PNG,
    "text.txt": "早\n".encode(),
    "item.json": b'{"msgId": "1"}',
    "list.json": b'["wxid_a", "wxid_b"]',
}


def read_file(name: str) -> bytes:
    """Return what one of the files holds."""
    return FILES[name]


def read(name: str, *words: str, dialect: Dialect | None = "socketio") -> Command[Any]:
    """Read a command off a command line."""
    return command_of(find_or_tell(name), given_words(words, read_file), dialect)


class ReadTests(SynchronousTestCase):
    """What can be written."""

    def test_texts(self) -> None:
        """Texts are taken as they are, numbers read where one is expected."""
        self.assertEqual(
            read("sendMsg", "to_user_name=a", "content=1 = 2"), SendMsg("a", "1 = 2")
        )
        self.assertEqual(read("getFav", "fav_id=12"), GetFav(12))
        found = read("addContact", "stranger=v1", "type=3")
        self.assertEqual(found, AddContact(stranger="v1", type=3))

    def test_spellings(self) -> None:
        """Names may be spelled as on the wire of any dialect."""
        for name in ("toUserName", "ToUserName", "to_user_name"):
            self.assertEqual(
                read("send_msg", f"{name}=a", "Content=b"), SendMsg("a", "b")
            )
        image = base64.b64encode(PNG).decode()
        self.assertEqual(
            read("SendImage", "toUserName=a", f"file={image}"), SendImage("a", image)
        )

    def test_lists(self) -> None:
        """A list is written with commas, by repeating, or as JSON."""
        expected = CreateRoom(("wxid_a", "wxid_b"))
        for words in (
            ["userList=wxid_a,wxid_b"],
            ["user_list=wxid_a", "userIds=wxid_b"],
            ['user_list=["wxid_a","wxid_b"]'],
            ['user_list:=["wxid_a","wxid_b"]'],
            ["user_list:=@list.json"],
        ):
            self.assertEqual(read("createRoom", *words), expected, words)

    def test_files(self) -> None:
        """A file is base64 where the command takes one, else its text."""
        image = base64.b64encode(PNG).decode()
        self.assertEqual(
            read("sendImage", "to_user_name=a", "image=@photo.png"),
            SendImage("a", image),
        )
        self.assertEqual(
            read("sendMsg", "to_user_name=a", "content=@text.txt"), SendMsg("a", "早")
        )
        self.assertEqual(
            read("sendMsg", "to_user_name=a", "content=@@bob hi"),
            SendMsg("a", "@bob hi"),
        )

    def test_objects(self) -> None:
        """An object is JSON, from a file too."""
        expected = GetMsgImage({"msgId": "1"})
        for word in (
            'raw_msg_data={"msgId":"1"}',
            "rawMsgData:=@item.json",
            "raw_msg_data=@item.json",
        ):
            self.assertEqual(read("getMsgImage", word), expected, word)

    def test_file_fields(self) -> None:
        """The fields that hold files are those that the catalogue says are files."""
        found = {
            (code, param.name)
            for code, kind in COMMANDS.items()
            for param in params_of(kind)
            if param.wire_name in FILE_FIELDS
        }
        expected = {
            ("sendImage", "image"),
            ("sendVoice", "file"),
            ("setHeadImg", "image"),
            ("snsUpload", "image"),
        }
        self.assertEqual(found, expected)

    def test_json(self) -> None:
        """The fields of a JSON object are read as strictly as on a command line."""
        given = filled({"toUserName": "a", "content": "b", "atList": ["c"]})
        self.assertEqual(command_of(SendMsg, given), SendMsg("a", "b", ("c",)))
        self.assertEqual(command_of(GetFav, filled({"favId": 1})), GetFav(1))
        with self.assertRaises(CallMistake):
            command_of(SendMsg, filled({"toUserName": "a", "content": 5}))

    def test_raw(self) -> None:
        """A command that nobody knows is sent as it is spelled."""
        words = ["toUserName=a", "n:=5", "file=@photo.png", "content=@text.txt"]
        self.assertEqual(
            raw_params(given_words(words, read_file)),
            {
                "toUserName": "a",
                "n": 5,
                "file": base64.b64encode(PNG).decode(),
                "content": "早",
            },
        )


class MistakeTests(SynchronousTestCase):
    """Each mistake is told with what to do about it; no value is repeated."""

    def assert_told(
        self, told: str, name: str, *words: str, dialect: Dialect | None = "socketio"
    ) -> None:
        """Check what is said of a command line."""
        with self.assertRaises(CallMistake) as caught:
            read(name, *words, dialect=dialect)
        self.assertEqual(str(caught.exception), told)

    def test_command(self) -> None:
        """An unknown command gets those that were perhaps meant."""
        self.assert_told(
            "there is no command 'sendMesage': did you mean sendImage or sendMsg or"
            " sendAppMsg? `padchat commands` lists all, --raw sends what it does not"
            " list",
            "sendMesage",
        )
        self.assert_told(
            "there is no command 'xyzzy': `padchat commands` lists all, --raw sends"
            " what it does not list",
            "xyzzy",
        )
        self.assert_told(
            "no gateway is known to carry out 'massMsg' (padchat-sdk calls it faulty"
            " and sends nothing): add --raw to send it all the same",
            "massMsg",
        )

    def test_field(self) -> None:
        """An unknown field gets the nearest, and all that there are."""
        self.assert_told(
            "sendMsg has no field 'contnt': the nearest is content; its fields are"
            " to_user_name, content, at_list",
            *("sendMsg", "to_user_name=a", "contnt=b"),
        )
        self.assert_told("logout has no fields: take 'x' away", "logout", "x=1")

    def test_missing(self) -> None:
        """All that is missing is told at once, with how it is written."""
        self.assert_told(
            "sendMsg: missing to_user_name (a text), content (a text): add"
            " to_user_name=... content=...",
            "sendMsg",
        )
        self.assert_told(
            "sendImage: missing image (a text): add image=@FILE",
            *("sendImage", "to_user_name=a"),
        )
        self.assert_told(
            "addContact: missing stranger (a text): add stranger=...", "addContact"
        )

    def test_dialect(self) -> None:
        """What the gateway's dialect does not have is told before anything is sent."""
        self.assert_told(
            "searchMp: the gateway speaks dialect socketio, and only sdk has this"
            " command: `padchat commands --dialect socketio` lists those that it has",
            *("searchMp", "content=a"),
        )
        self.assert_told(
            "addContact: user_id or stranger: found none, expected exactly one of them",
            "addContact",
            dialect="legacy",
        )

    def test_no_field(self) -> None:
        """A word that is no field is most often a text without quotes."""
        self.assert_told(
            "word 3 behind the command is not of the form FIELD=VALUE: a value with"
            " spaces needs quotes, as in content='hello world'",
            *("sendMsg", "to_user_name=a", "content=hello", "world"),
        )

    def test_values(self) -> None:
        """A value of another kind is told with what is expected."""
        self.assert_told(
            "getFav: fav_id is not a whole number: `padchat commands getFav` tells"
            " what belongs there",
            *("getFav", "fav_id=first"),
        )
        self.assert_told(
            "sendMsg: to_user_name: found 'weixin', a system account that must not be"
            " written to; expected a person, a room or filehelper",
            *("sendMsg", "to_user_name=weixin", "content=a"),
        )
        self.assert_told(
            "sendMsg: content is given 2 times: give it once",
            *("sendMsg", "to_user_name=a", "content=a", "Content=b"),
        )

    def test_files(self) -> None:
        """A file that was meant, or is of another kind, is told."""
        self.assert_told(
            "sendImage: image is no base64: write image=@FILE to send a file",
            *("sendImage", "to_user_name=a", "image=photo.png"),
        )
        self.assert_told(
            "sendMsg: content: the file is no text in UTF-8: save it as that",
            *("sendMsg", "to_user_name=a", "content=@photo.png"),
        )

    def test_json(self) -> None:
        """What should be JSON and is not is told with an example."""
        self.assert_told(
            "user_list:= is not followed by JSON: write user_list=VALUE for a text, or"
            """ JSON in quotes, as in user_list:='["a","b"]'""",
            *("createRoom", "user_list:=[wxid_a,wxid_b]"),
        )
        self.assert_told(
            "createRoom: user_list: give it either once as JSON, or as texts",
            *("createRoom", 'user_list:=["wxid_a"]', "user_list=wxid_b"),
        )

    def test_raw(self) -> None:
        """Without a catalogue only what is given twice is a mistake."""
        with self.assertRaises(CallMistake) as caught:
            raw_params(given_words(["a=1", "a=2"], read_file))
        self.assertEqual(str(caught.exception), "a is given twice: give it once")
