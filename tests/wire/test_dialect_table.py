"""The table of differences against the tables of the protocol (tests/protocol)."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.dialect_table import LEGACY, SDK, Differences

from .json_examples import table


def wire(command: dict[str, Any], dialect: str) -> dict[str, Any]:
    """Return how a dialect spells a command."""
    found = command.get("wire", {}).get(dialect, {})
    assert isinstance(found, dict)
    return found


class CommandTests(SynchronousTestCase):
    """Names of commands and their parameters."""

    def each(self) -> list[tuple[Differences, dict[str, Any]]]:
        """List the commands of both dialects."""
        return [
            (ours, command)
            for ours in (LEGACY, SDK)
            for command in table("commands")["command"]
            if ours.name in command["dialects"]
        ]

    def test_codes(self) -> None:
        """Each command has the wire name of the table, and is found by it."""
        for ours, command in self.each():
            code = command["code"]
            spelled = wire(command, ours.name).get("code", code)
            self.assertEqual(ours.codes.get(code, code), spelled)
            self.assertEqual(ours.code(spelled), code)

    def test_numbers(self) -> None:
        """The numbers of 2017 stand for the same commands."""
        numbers = {
            command["numeric_code"]: command["code"]
            for command in table("commands")["command"]
            if "numeric_code" in command
        }
        self.assertEqual(LEGACY.numbers, numbers)

    def test_parameters(self) -> None:
        """Each parameter that our form names has the name of the table, both ways.

        Our form is that of ``socketio``; device data, which is sent elsewhere there,
        is named as in ``legacy``.
        """
        for ours, command in self.each():
            canonical = wire(command, "socketio").get("params", {})
            spelled = wire(command, ours.name).get("params", {})
            for param in command["params"]:
                name = param["name"]
                if ours.name not in param.get("dialects", [ours.name]):
                    continue
                our_name = {"wxData": "deviceData"}.get(name, canonical.get(name, name))
                their_name = spelled.get(name, name)
                code = command["code"]
                written = ours.wire_params(code, {our_name: 1})
                self.assertEqual(written[their_name], 1, (ours.name, code))
                read = ours.canonical_params(code, {their_name: 1})
                self.assertEqual(read, {our_name: 1}, (ours.name, code))

    def test_both_spellings(self) -> None:
        """A server takes each name of a parameter that some dialect has for it."""
        for ours in (LEGACY, SDK):
            for code, names in (
                ("createRoom", ("userList", "userIds")),
                *((code, ("image", "file")) for code in ("sendImage", "snsUpload")),
            ):
                canonical = {
                    next(iter(ours.canonical_params(code, {name: 1})))
                    for name in names
                    if ours is SDK or name != "file"
                }
                self.assertEqual(canonical, {names[0]}, (ours.name, code))
        for name in ("snsObjectOp", "snsobjectOp"):
            self.assertEqual(SDK.code(name), "snsObjectOp")

    def test_defaults(self) -> None:
        """What a client of the dialect always sends is sent, after what is given."""
        for command in table("commands")["command"]:
            code = command["code"]
            for name, value in SDK.defaults.get(code, {}).items():
                (param,) = (p for p in command["params"] if p["name"] == name)
                self.assertEqual(param.get("default"), value, (code, name))
                self.assertIn("sdk", param["dialects"])
        self.assertEqual(
            list(SDK.wire_params("snsObjectOp", {"type": 4, "commentId": 5}).items()),
            [("type", 4), ("commentId", 5), ("commentType", 2)],
        )

    def test_touched(self) -> None:
        """Whoever touches no parameter of a command says so."""
        for ours, command in self.each():
            code = command["code"]
            params: dict[str, object] = {
                param["name"]: 1 for param in command["params"]
            }
            if not ours.touches(code):
                self.assertEqual(ours.wire_params(code, params), params)
        self.assertTrue(SDK.touches("login"))


class EventTests(SynchronousTestCase):
    """Names of events."""

    def test_events(self) -> None:
        """Each event has the wire name of the table, and is found by it."""
        for event in table("events")["event"]:
            for ours in (LEGACY, SDK):
                if ours.name in event["dialects"] and event["kind"] == "server":
                    name = event["name"]
                    spelled = event.get("wire", {}).get(ours.name, name)
                    self.assertEqual(ours.events.get(name, name), spelled)
                    self.assertEqual(ours.event(spelled), name)
