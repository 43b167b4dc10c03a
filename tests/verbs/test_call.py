"""``padchat call``, as a process of its own, against a sandbox on a real port."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, cast

from twisted.internet.defer import Deferred

from padchat_twisted.catalogue import COMMANDS, GROUPS, Command
from padchat_twisted.catalogue.lenient import lenient
from padchat_twisted.sandbox.service import SandboxService
from padchat_twisted.secret import Secret
from padchat_twisted.service.accounts import PadChatService
from padchat_twisted.service.control import ControlSocket
from padchat_twisted.service.sockets import socket_path
from padchat_twisted.session.account import AccountSession
from padchat_twisted.verbs.call import STATUSES
from padchat_twisted.wire import json_text

from ..children import PADCHAT, STDERR, start_child
from ..scenes import SCENES, Cast, Scene, differences
from ..service.control_stage import FakeAccount
from ..service.stage import (
    KEY,
    CountingReactor,
    StageCase,
    real_reactor,
    when_detached,
)
from ..test_tap import DING_DONG, write_configuration

#: A command of each area whose scenes can be played one after the other.
COMMAND_OF_GROUP = {
    "login": "getAutoLoginData",
    "contact": "setRemark",
    "room": "getRoomMembers",
    "message": "sendMsg",
    "media": "getMsgImage",
    "moments": "snsSendMoment",
    "favorites": "addFav",
    "labels": "addLabel",
    "payment": "queryTransfer",
    "official_account": "getSubscriptionInfo",
}

HI = ("sendMsg", "to_user_name=filehelper", "content=hello world")


def written_out(command: Command[Any]) -> list[str]:
    """Write a command as words."""
    params = json_text.read(json_text.write(command))
    fields = [f"{name}:={json.dumps(value)}" for name, value in params.items()]
    return [command.wire_name, *fields]


class CallCase(StageCase):
    """Has a sandbox, the configuration of an account, and a service of it."""

    timeout = 180

    def setUp(self) -> None:
        """Start the sandbox; the service is started by the test."""
        super().setUp()
        self.counting = CountingReactor(real_reactor())
        self.sandbox: SandboxService = self.start_sandbox(
            auth_keys=[KEY], reactor=self.counting
        )
        write_configuration(self.folder, self.sandbox.url, handlers={"one": DING_DONG})

    async def start_service(self, *, has_control: bool = True) -> PadChatService:
        """Start a service that runs the account, and wait until it is ready."""
        service = self.make_service(self.sandbox.url, has_control=has_control)
        account = service.add_account("one")
        service.startService()
        await account.when_ready()
        return service

    async def log_in_once(self) -> None:
        """Have the login of the account in the store, and nobody who runs it."""
        service = await self.start_service()
        await service.stopService()
        await when_detached(self.sandbox, "one")

    async def call(
        self,
        *words: str,
        environ: Mapping[str, str] | None = None,
    ) -> tuple[int, str, str]:
        """Run the verb; return its status, output, and error output."""
        child = start_child(
            self, PADCHAT, "call", *words, folder=self.folder, environ=environ
        )
        status = await child.when_ended()
        return status, child.said(), child.said(STDERR)

    def assert_as_in(self, scene: Scene, outcome: dict[str, Any]) -> None:
        """Check a call against its scene."""
        self.assertEqual(outcome["outcome"], "done", outcome["explanation"])
        result_type = COMMANDS[outcome["command"]].result_type
        found = lenient(result_type, outcome["result"])
        self.assertEqual(differences(scene.expected, found, "socketio"), [])
        if scene.check is not None:
            scene.check()

    async def play_each_group(self) -> None:
        """Play a scene of each area."""
        self.assertEqual(list(COMMAND_OF_GROUP), list(GROUPS))
        cast = Cast(self.sandbox.world, self.sandbox.world.account("one"), "socketio")
        for code in COMMAND_OF_GROUP.values():
            scene = SCENES[code](cast)
            status, out, err = await self.call(
                "one", *written_out(scene.command), "--json"
            )
            self.assertEqual((status, err), (0, ""), out)
            self.assert_as_in(scene, json.loads(out))


class ServiceTests(CallCase):
    """Where a service runs the account."""

    async def test_each_group(self) -> None:
        """A command of each area goes through it: no further connection is made."""
        await self.start_service()
        await self.play_each_group()
        self.assertEqual(self.counting.accepted, 1)

    async def test_text(self) -> None:
        """For a person there are the fields, and what was refused is told."""
        await self.start_service()
        status, out, err = await self.call("one", *HI)
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"\Astatus: 0\nmsg_id: \d+\n\Z")
        status, out, err = await self.call("one", "massMsg", "--raw", "a=b")
        self.assertEqual((status, out), (STATUSES["refused"], ""))
        self.assertTrue(err.startswith("padchat: the gateway refused 'massMsg': "), err)

    async def test_secrets(self) -> None:
        """A token is shown to who asks for it, and to programs."""
        await self.start_service()
        _, out, _ = await self.call("one", "getDeviceInfo", "--json")
        data = json.loads(out)["result"]["deviceData"]
        _, out, _ = await self.call("one", "getDeviceInfo")
        self.assertNotIn(data, out)
        self.assertIn(f"<secret {Secret(data).fingerprint()}>", out)
        _, out, _ = await self.call("one", "getDeviceInfo", "--show-secrets")
        self.assertIn(data, out)

    async def test_command_line(self) -> None:
        """It is found without a configuration too, by the store; the key must fit."""
        await self.start_service()
        line = (*HI, "--gateway", self.sandbox.url)
        self.assertEqual((await self.call(KEY, "one", *line))[0], 0)
        environ = {"PADCHAT_AUTH_KEY": KEY}
        self.assertEqual((await self.call("one", *line, environ=environ))[0], 0)
        status, _, err = await self.call("other-key", "one", *line)
        self.assertEqual(status, 2)
        self.assertIn("the service runs 'one' with another auth key", err)
        status, _, err = await self.call(KEY, "two", *line)
        self.assertEqual(status, 2)
        self.assertIn("the service runs no account 'two': ", err)
        self.assertEqual(self.counting.accepted, 1)


class InterruptedTests(CallCase):
    """Ctrl-C while the call waits for its reply."""

    async def test_interrupted(self) -> None:
        """The service takes the call back if it can; nobody knows whether it did."""
        cancelled: Deferred[None] = Deferred()
        account = FakeAccount(Deferred(lambda _: cancelled.callback(None)))
        control = ControlSocket(
            real_reactor(),
            socket_path(self.folder / "padchat.sqlite"),
            self.sandbox.url,
            Secret(KEY).fingerprint(),
            {"one": cast(AccountSession, account)},
        )
        control.open()
        self.addCleanup(control.close)
        child = start_child(self, PADCHAT, "call", "one", *HI, folder=self.folder)
        await account.when_called
        child.signal("INT")
        self.assertEqual(await child.when_ended(), STATUSES["unknown"])
        told = "padchat: 'sendMsg' was sent, but its outcome is unknown: no answer came"
        self.assertEqual(child.said(), "")
        self.assertTrue(child.said(STDERR).startswith(told), child.said(STDERR))
        await cancelled


class DialectTests(CallCase):
    """In another dialect."""

    async def test_sdk(self) -> None:
        """A command that only this dialect has goes through its service."""
        url = self.sandbox.other_urls["sdk"].removesuffix("/AUTH_KEY")
        service = self.make_service(url, has_control=True)
        account = service.add_account("one")
        service.startService()
        await account.when_ready()
        line = (KEY, "one", "getMyInfo", "--gateway", url, "--json")
        status, out, err = await self.call(*line)
        self.assertEqual((status, err), (0, ""))
        result = json.loads(out)["result"]
        self.assertEqual(result["userName"], account.user_name)
        self.assertEqual(self.counting.accepted, 1)


class AloneTests(CallCase):
    """Where nobody runs the account."""

    async def test_each_group(self) -> None:
        """A command of each area logs the account in by its token, and leaves again."""
        await self.log_in_once()
        await self.play_each_group()
        self.assertEqual(self.counting.accepted, 1 + len(GROUPS))
        await when_detached(self.sandbox, "one")
        self.assertTrue(self.sandbox.world.account("one").is_logged_in)

    async def test_never_taken_over(self) -> None:
        """A running account without a control socket is left alone."""
        service = await self.start_service(has_control=False)
        status, out, err = await self.call("one", *HI)
        self.assertEqual((status, out), (1, ""))
        store = self.folder.resolve() / "padchat.sqlite"
        self.assertEqual(
            err,
            f"padchat: {store}: process {os.getpid()} has it open, and nothing answers"
            f" at {store}.sock; if that is another `padchat call`, wait for its end; if"
            " it is a service, its log says why it has no such socket; else stop it\n",
        )
        self.assertEqual(service.accounts["one"].state, "ready")
        self.assertEqual(self.counting.accepted, 1)

    async def test_needs_a_scan(self) -> None:
        """An account that was never logged in says how that is done."""
        status, out, err = await self.call("one", *HI)
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(
            err,
            "padchat: one is not logged in, and there is no terminal to show its QR"
            " code on: log it in once by `padchat run` or the service, with this"
            " store, or run this in a terminal\n",
        )

    async def test_gateway_down(self) -> None:
        """A gateway that is not there is one line."""
        await self.log_in_once()
        await self.sandbox.stopService()
        status, out, err = await self.call("one", *HI)
        self.assertEqual((status, out), (1, ""))
        self.assertIn("padchat: no connection to 127.0.0.1:", err)

    async def test_file(self) -> None:
        """A file goes out, and the file of a result is saved."""
        await self.log_in_once()
        cast = Cast(self.sandbox.world, self.sandbox.world.account("one"), "socketio")
        scene = SCENES["getMsgImage"](cast)
        item = scene.command.raw_msg_data  # type: ignore[attr-defined]
        (self.folder / "item.json").write_text(json.dumps(item))
        status, out, err = await self.call(
            "one", "getMsgImage", "raw_msg_data:=@item.json", "--save", "photo"
        )
        self.assertEqual((status, err), (0, ""))
        size = (self.folder / "photo").stat().st_size
        self.assertIn(f"<{size} bytes>", out)
        line = ("sendImage", "to_user_name=filehelper", "image=@photo")
        self.assertEqual((await self.call("one", *line))[0], 0)
