"""The catalogue as text and as JSON."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import COMMANDS, DIALECTS, GROUPS, UNIMPLEMENTED
from padchat_twisted.catalogue.parameters import params_of
from padchat_twisted.service.listing import (
    WIDTH,
    FieldEntry,
    described,
    entries,
    likely,
    listed,
    unheard_of,
)


class EntriesTests(SynchronousTestCase):
    """Which commands are listed, and what is said of each."""

    def names(self, word: str = "", group: str = "") -> list[str]:
        """List the names of commands."""
        return [entry.name for entry in entries(word, group)]

    def test_all(self) -> None:
        """Each command is there, with all that the catalogue says."""
        found = entries()
        self.assertEqual([entry.name for entry in found], list(COMMANDS))
        for entry in found:
            command = COMMANDS[entry.name]
            self.assertIn(command, GROUPS[entry.group])
            self.assertEqual(entry.changes_world, command.changes_world)
            self.assertTrue(entry.summary.endswith("."), entry.summary)
            for field, param in zip(entry.parameters, params_of(command), strict=True):
                self.assertEqual(field.name, param.name)
                having = set(param.dialects(command.dialects))
                self.assertLessEqual(set(field.wire), having)
                needing = [d for d in field.wire if param.is_needed(d)]
                self.assertEqual(list(field.needed), needing)
                self.assertNotEqual(field.meaning, "", f"{entry.name} {field.name}")
            names = [param.name for param in params_of(command.result_type)]
            self.assertEqual([field.name for field in entry.result], names)

    def test_filters(self) -> None:
        """A word, an area and a dialect leave out what does not fit."""
        self.assertEqual(
            self.names(group="labels"), [c.wire_name for c in GROUPS["labels"]]
        )
        self.assertIn("setLabel", self.names("label"))
        self.assertEqual(self.names("label", "media"), [])
        self.assertEqual(self.names("xyzzy"), [])
        for dialect in DIALECTS:
            found = {entry.name for entry in entries(dialect=dialect)}
            having = {c for c, kind in COMMANDS.items() if dialect in kind.dialects}
            self.assertEqual(found, having)

    def test_name(self) -> None:
        """A whole name means that command alone, in any spelling."""
        for name in ("login", "Login", "getWxData", "send_msg"):
            self.assertEqual(len(self.names(name)), 1, name)
        self.assertEqual(self.names("getWxData"), ["getDeviceInfo"])

    def test_unheard_of(self) -> None:
        """What no gateway carries out is told with the reason."""
        self.assertEqual(unheard_of(), UNIMPLEMENTED)
        self.assertEqual(list(unheard_of("mass")), ["massMsg"])

    def field(self, command: str, *path: str) -> FieldEntry:
        """Return a field of a result, or of an object in it."""
        (entry,) = entries(command)
        fields = entry.result
        for name in path:
            (found,) = (field for field in fields if field.name == name)
            fields = found.fields
        return found

    def test_result(self) -> None:
        """Fields of results have the letter case of each dialect, nested ones too."""
        wire = {"legacy": "MsgId", "socketio": "msgId", "sdk": "msg_id"}
        self.assertEqual(self.field("sendMsg", "msg_id").wire, wire)
        wire = {"legacy": "DeviceData", "socketio": "deviceData", "sdk": "wx_data"}
        self.assertEqual(self.field("getDeviceInfo", "device_data").wire, wire)
        found = self.field("queryTransfer", "external", "trans_status")
        self.assertEqual(found.wire["legacy"], "TransStatus")
        key = self.field("getRequestToken", "info", "x_wechat_key")
        self.assertEqual(set(key.wire.values()), {"X-WECHAT-KEY"})

    def test_nested_in_itself(self) -> None:
        """An object that holds its like is described once."""
        for entry in entries():
            self.assertLess(depth(entry.result), 9, entry.name)

    def test_values(self) -> None:
        """A field that has but a few values tells them."""
        (entry,) = entries("login")
        (kind,) = (field for field in entry.parameters if field.name == "login_type")
        self.assertEqual(kind.type, "text")
        self.assertIn("qrcode", kind.values)


def depth(fields: tuple[FieldEntry, ...]) -> int:
    """Tell how deep objects are nested."""
    return 1 + max((depth(field.fields) for field in fields), default=0)


class LikelyTests(SynchronousTestCase):
    """What was perhaps meant."""

    def test_spelling(self) -> None:
        """A name that is spelled alike is found."""
        self.assertEqual(likely("send_mgs")[0], "sendMsg")
        self.assertEqual(likely("getContacts")[0], "getContact")
        self.assertEqual(len(likely("send")), 3)
        self.assertEqual(likely("xyzzy"), [])

    def test_words(self) -> None:
        """So is one that is told in these words."""
        self.assertEqual(likely("sendText")[0], "sendMsg")
        self.assertEqual(likely("sendMessage")[0], "sendMsg")
        self.assertEqual(likely("publishMoment")[0], "snsSendMoment")


class TextTests(SynchronousTestCase):
    """What people see."""

    def test_listed(self) -> None:
        """Areas have headings; what not every dialect has says which have it."""
        lines = listed(entries(group="message"))
        self.assertEqual(lines[0], "message")
        (line,) = (line for line in lines if line.startswith("  sendVoice"))
        self.assertTrue(line.endswith("(sdk)"), line)
        headings = [line for line in listed(entries()) if line and line[0] != " "]
        self.assertEqual(headings, list(GROUPS))

    def test_described(self) -> None:
        """A command is told with its fields, and what may be left out."""
        text = "\n".join(described(entries("sendMsg")[0]))
        self.assertIn("sendMsg: Send a text message", text)
        self.assertIn("    to_user_name  text           WeChat id", text)
        self.assertIn("    at_list       list of texts  optional; ", text)
        self.assertIn(" content should hold one @", text)
        (line,) = (x for x in described(entries("getWxData")[0]) if "dialects" in x)
        self.assertEqual(line, "  dialects: legacy, socketio, sdk (getWxData)")
        self.assertIn("  fields: none", described(entries("logout")[0]))
        self.assertIn("  result: no documented fields", described(entries("logout")[0]))
        text = "\n".join(described(entries("snsObjectOp")[0]))
        self.assertIn("only legacy, socketio; wxid of the author", text)
        self.assertIn("needed in socketio; ", "\n".join(described(entries("init")[0])))

    def test_one_of(self) -> None:
        """Of some fields one must be given."""
        text = "\n".join(described(entries("addContact")[0]))
        self.assertEqual(text.count("one of these must be given"), 2)

    def test_width(self) -> None:
        """Lines fit a terminal, as far as names and indents let them."""
        lines = listed(entries()) + [x for e in entries() for x in described(e)]
        self.assertLess(max(map(len, lines)), WIDTH + WIDTH // 3)
