"""The catalogue against the tables of the protocol: commands and their results.

Each row is looked for in each dialect; what is otherwise stands in a list here, with
the reason. Events and messages are in ``test_protocol_events``.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, get_args, get_origin

from msgspec import UNSET, Struct
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted import catalogue
from padchat_twisted.catalogue import (
    COMMANDS,
    GROUPS,
    UNIMPLEMENTED,
    Command,
    Dialect,
    Login,
    LoginType,
)
from padchat_twisted.catalogue.base import LARGE_TIME_LIMIT
from padchat_twisted.catalogue.login import LOGIN_TYPES
from padchat_twisted.catalogue.parameters import Param, params_of
from padchat_twisted.catalogue.sending import REFUSED_RECEIVERS
from padchat_twisted.sandbox.responders import RESPONDERS
from padchat_twisted.session.dialects import DIALECTS
from padchat_twisted.wire.dialect_socketio import RESERVED_CODES
from padchat_twisted.wire.dialect_table import LEGACY, SDK
from tests.scenes import SCENES

from .tables import (
    Row,
    declared_type,
    entry,
    enum_numbers,
    has_row,
    names_in,
    of_dialect,
    rows,
    section,
)

#: Commands without a class, each with the reason.
NO_CLASS = {
    "auth": "it belongs to the connection: connect(auth_key=...) sends it",
    **UNIMPLEMENTED,
}

#: Canonical names that are ours and not the tables', each with the reason.
RENAMED: dict[tuple[str, str], str] = {
    # Canonical is what dialect ``socketio`` says.
    ("createRoom", "userIds"): "userList",
    # The same thing in all dialects has one name.
    ("login", "wxData"): "deviceData",
    ("getDeviceInfo", "wxData"): "deviceData",
}

#: Parameters that a dialect of the tables has and the class has not, with the reason.
REFUSED_IN = {
    ("login", name, "socketio"): "its client lets only token and qrcode through"
    for name in ("username", "password", "phone", "code")
}

#: Defaults of the tables that the class does not have, each with the reason.
OTHER_DEFAULTS = {
    ("syncContact", "reset"): "clients of padchat-sdk 0.6 do not send it",
    ("snsObjectOp", "commentId"): "sent by the dialect: wire.dialect_table",
    ("snsObjectOp", "commentType"): "the same",
}

#: Types of the tables without a class, each with the reason.
NO_PART = {"RawMsgData": "a push item as it came, OfMessage.raw_msg_data"}

#: Names of the wire for the dialects that have their own.
SPELLINGS = {"legacy": LEGACY.codes, "sdk": SDK.codes}


def each() -> Iterator[tuple[Row, type[Command[Any]], Dialect]]:
    """Go through the commands that have a class, in each of their dialects."""
    for row in rows("commands", "command"):
        if row["code"] not in NO_CLASS:
            for dialect in row["dialects"]:
                yield row, COMMANDS[row["code"]], dialect


def ours(code: str, fields: list[Row]) -> dict[str, Row]:
    """Index fields of a table by our canonical names."""
    return {str(RENAMED.get((code, row["name"]), row["name"])): row for row in fields}


class CommandTests(SynchronousTestCase):
    """commands.toml, row by row."""

    def test_every_command(self) -> None:
        """Each has a class of its name in its group, or a reason to have none."""
        found = rows("commands", "command")
        self.assertEqual({row["code"] for row in found}, set(COMMANDS) | set(NO_CLASS))
        for row in found:
            kind = COMMANDS.get(row["code"])
            if kind is not None:
                name = row["code"][0].upper() + row["code"][1:]
                self.assertEqual(kind.__name__, name)
                self.assertIn(kind, GROUPS[row["group"]])
                self.assertEqual(set(kind.dialects), set(row["dialects"]), name)
        pairs = len(list(each()))
        print(f"{len(found)} commands, {len(COMMANDS)} classes, {pairs} with dialects")

    def test_parameters(self) -> None:
        """Each has exactly the parameters that its dialect has."""
        count = 0
        for row, kind, dialect in each():
            code = row["code"]
            wanted = ours(code, of_dialect(row["params"], dialect))
            for name in [n for n in wanted if (code, n, dialect) in REFUSED_IN]:
                del wanted[name]
            found = names_in(kind, dialect, kind.dialects)
            self.assertEqual(set(found), set(wanted), (code, dialect))
            for name, field in wanted.items():
                self.check_parameter(code, field, found[name], dialect)
                count += 1
        print(f"{count} parameters")

    def check_parameter(
        self, code: str, row: Row, param: Param, dialect: Dialect
    ) -> None:
        """Compare one parameter: type, whether it is needed, default, group."""
        where = (code, row["name"], dialect)
        is_required = dialect in row.get(
            "required_in", [dialect] if row["required"] else []
        )
        if is_required:
            # What has a default is always sent.
            is_sent = param.is_needed(dialect) or param.default is not UNSET
            self.assertTrue(is_sent, where)
        else:
            self.assertFalse(param.is_needed(dialect), where)
        if "default" in row and where[:2] not in OTHER_DEFAULTS:
            default = param.default
            self.assertEqual(
                list(default) if isinstance(default, tuple) else default, row["default"]
            )
        self.assertEqual(param.rule.one_of, row.get("one_of", ""), where)
        if row.get("enum") == "LoginType":
            self.assertEqual(param.type, LoginType)
        else:
            self.assertEqual(param.type, declared_type(row), where)

    def test_results(self) -> None:
        """Each result has exactly its dialect's fields, None where they may lack."""
        count = 0
        for row, kind, dialect in each():
            code, result = row["code"], kind.result_type
            wanted = ours(code, of_dialect(row["result"], dialect))
            found = names_in(result, dialect, kind.dialects)
            self.assertEqual(set(found), set(wanted), (code, dialect))
            for name, field in wanted.items():
                where = (code, name, dialect)
                self.assertEqual(found[name].type, declared_type(field), where)
                # Our one name for two fields is not always there.
                is_always = field.get("always", False) and (
                    RENAMED.get((code, field["name"])) is None
                )
                is_object = field["type"] == "object"
                is_optional = found[name].default is None
                self.assertEqual(is_optional, is_object or not is_always, where)
                self.assertIsNot(found[name].default, UNSET, where)
                count += 1
        print(f"{count} fields of results")

    def test_parts(self) -> None:
        """Each object inside results has a class with exactly its fields.

        The tables say of none of their fields whether it is always there; they are
        given together, so one that is missing is empty (docs/design/0002-catalogue.md).
        """
        found = {row["name"]: row for row in rows("commands", "type")}
        count = 0
        for name, row in found.items():
            if name in NO_PART:
                continue
            part = getattr(catalogue, name)
            wanted = {field["name"]: field for field in row["fields"]}
            fields = {param.wire_name: param for param in params_of(part)}
            self.assertEqual(set(fields), set(wanted), name)
            for wire_name, field in wanted.items():
                where = (name, wire_name)
                self.assertEqual(fields[wire_name].type, declared_type(field), where)
                is_optional = fields[wire_name].default is None
                self.assertEqual(is_optional, field["type"] == "object", where)
                count += 1
        inside = set(parts_of(kind.result_type for kind in COMMANDS.values()))
        classes = {getattr(catalogue, name) for name in set(found) - set(NO_PART)}
        self.assertEqual(inside, classes)
        print(f"{len(classes)} objects inside results, {count} fields")

    def test_enums(self) -> None:
        """Each enumeration has a class with its numbers, but that of texts."""
        for row in rows("commands", "enum"):
            if row["name"] != "LoginType":
                values = {value["value"] for value in row["values"]}
                self.assertEqual(enum_numbers(row["name"]), values, row["name"])

    def test_login_types(self) -> None:
        """Each dialect has its types of logins, and each type needs what it needs."""
        (row,) = (r for r in rows("commands", "enum") if r["name"] == "LoginType")
        self.assertEqual(set(get_args(LoginType)), {v["value"] for v in row["values"]})
        (command,) = (r for r in rows("commands", "command") if r["code"] == "login")
        wanted = {
            (when["dialect"], kind, name)
            for name, param in ours("login", command["params"]).items()
            for when in param.get("required_when", ())
            for kind in when["loginType"]
        }
        names = {param.name: param.wire_name for param in params_of(Login)}
        found = set()
        for dialect, types in LOGIN_TYPES.items():
            theirs = of_dialect(row["values"], dialect)
            self.assertEqual(set(types), {value["value"] for value in theirs})
            for kind, needed in types.items():
                found |= {(dialect, kind, names[name]) for name in needed}
        self.assertEqual(found, wanted)

    def test_sandbox(self) -> None:
        """Each is answered by the sandbox, and has a scene."""
        self.assertEqual(set(RESPONDERS), set(COMMANDS))
        self.assertEqual(set(SCENES), set(COMMANDS))

    def test_documents(self) -> None:
        """Each has a row, a source, and a transcript for each dialect."""
        count = 0
        for row, kind, dialect in each():
            code, name, group = row["code"], kind.__name__, row["group"]
            self.assertIn("Source:", inspect.getdoc(kind) or "", name)
            self.assertTrue(has_row(group, name), (group, name))
            text = section(group, name)
            self.assertIn("Source: ", text, name)
            _, is_there, rest = text.partition(f"\nIn `{dialect}`:\n\n```text\n")
            self.assertTrue(is_there, (name, dialect))
            transcript = rest.partition("\n```")[0]
            spelled = SPELLINGS.get(dialect, {}).get(code, code)
            self.assertRegex(transcript, rf'^> [^\n]*"{spelled}"')
            self.assertRegex(transcript, r'(?s)\n< [^>]*"success":true')
            count += 1
        for code in UNIMPLEMENTED:
            (row,) = (row for row in rows("commands", "command") if row["code"] == code)
            self.assertTrue(has_row(row["group"], "", code), code)
            self.assertEqual(row["status"], "unimplemented-upstream")
        print(f"{count} transcripts")

    def test_time_limits(self) -> None:
        """Files have time; else each dialect has the table's limit."""
        for row, kind, dialect in each():
            fields = [*row["params"], *row["result"]]
            has_file = any(
                field["type"] == "base64" and field["name"] != "qrCode"
                for field in fields
            )
            self.assertNotIn("timeout_hint_s", row)
            limit = LARGE_TIME_LIMIT if has_file else None
            self.assertEqual(kind.time_limit, limit, (row["code"], dialect))
        for dialect in DIALECTS:
            limits = entry("commands", "dialect")[dialect]
            self.assertEqual(DIALECTS[dialect].time_limit, limits["default_timeout_s"])

    def test_names_that_are_kept(self) -> None:
        """Reserved names and refused receivers are the table's."""
        dialect = entry("commands", "dialect")["socketio"]
        self.assertEqual(RESERVED_CODES, set(dialect["reserved_command_names"]))
        receivers = entry("commands", "receiver_blacklist")["enforced"]
        self.assertEqual(REFUSED_RECEIVERS, set(receivers))


class ExceptionTests(SynchronousTestCase):
    """The lists above name what is there, and are needed."""

    def test_needed(self) -> None:
        """Each exception is of a command and a field of the tables."""
        found = {row["code"]: row for row in rows("commands", "command")}
        self.assertLessEqual(set(NO_CLASS), set(found))
        self.assertEqual(set(NO_CLASS) & set(COMMANDS), set())
        for code, name, *_ in (*RENAMED, *REFUSED_IN, *OTHER_DEFAULTS):
            fields = [*found[code]["params"], *found[code]["result"]]
            self.assertIn(name, [field["name"] for field in fields])
        for code, name, dialect in REFUSED_IN:
            self.assertNotIn(name, names_in(COMMANDS[code], dialect, ()))  # type: ignore[arg-type] # a dialect


def parts_of(kinds: Iterator[type[Struct]]) -> Iterator[type[Struct]]:
    """Find the objects inside results, at every depth."""
    for kind in kinds:
        for field in params_of(kind):
            inner = field.type
            if get_origin(inner) is tuple:
                inner = get_args(inner)[0]
            if isinstance(inner, type) and issubclass(inner, Struct):
                yield inner
                if inner is not kind:
                    yield from parts_of(iter([inner]))
