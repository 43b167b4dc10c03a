"""Names of commands and fields in any spelling."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import COMMANDS, DIALECTS, GetDeviceInfo, SendImage
from padchat_twisted.catalogue.parameters import params_of
from padchat_twisted.service.spelling import (
    find_command,
    find_param,
    nearest,
    wire_codes,
    wire_params,
)


class FindTests(SynchronousTestCase):
    """What a name leads to."""

    def test_commands(self) -> None:
        """Each command is found by its class, its Python name and every wire name."""
        for command in COMMANDS.values():
            codes = wire_codes(command)
            self.assertEqual(
                list(codes), [d for d in DIALECTS if d in command.dialects]
            )
            for name in (command.wire_name, command.__name__, *codes.values()):
                self.assertIs(find_command(name), command, name)
        self.assertIs(find_command("send_image"), SendImage)
        self.assertIs(find_command("getWxData"), GetDeviceInfo)
        self.assertIsNone(find_command("sendNothing"))

    def test_params(self) -> None:
        """So is each field of each command, and no two fields share a spelling."""
        for command in COMMANDS.values():
            for param in params_of(command):
                names = (param.name, param.wire_name, param.wire_name.upper())
                for name in (*names, *wire_params(command, param).values()):
                    self.assertEqual(find_param(command, name), param, name)
        self.assertIsNone(find_param(SendImage, "picture"))

    def test_other_names(self) -> None:
        """A field is found by what a dialect or a client of one calls it."""
        for code, name, canonical in (
            ("sendImage", "file", "image"),
            ("login", "wxData", "device_data"),
            ("createRoom", "userIds", "user_list"),
        ):
            found = find_param(COMMANDS[code], name)
            self.assertEqual(found and found.name, canonical)


class WireNameTests(SynchronousTestCase):
    """The names of a dialect."""

    def test_params(self) -> None:
        """Where a dialect has another name, or none, that is told."""
        image = find_param(SendImage, "image")
        assert image is not None
        self.assertEqual(
            wire_params(SendImage, image),
            {"legacy": "image", "socketio": "image", "sdk": "file"},
        )
        init = COMMANDS["init"]
        data = find_param(init, "device_data")
        assert data is not None
        self.assertEqual(wire_params(init, data), {"socketio": "deviceData"})


class NearestTests(SynchronousTestCase):
    """What was perhaps meant."""

    def test_spelling_does_not_count(self) -> None:
        """The nearest is found whatever the case and the underscores."""
        self.assertEqual(nearest("TO_USRE_NAME", ["to_user_name"]), "to_user_name")
        self.assertEqual(nearest("shop1", ["shop-1", "shop-2"]), "shop-1")

    def test_none(self) -> None:
        """Nothing is offered that is not like it."""
        self.assertIsNone(nearest("xyzzy", ["to_user_name", "content"]))
