"""The console script ``padchat``: each verb in a process of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.cli import main
from padchat_twisted.verbs.gateway import KEY_VARIABLE
from padchat_twisted.verbs.process import FAILED, USAGE

from .children import STDERR, STDOUT, Pipe
from .service.stage import KEY
from .service.test_demo import BY_CODE, BY_TOKEN
from .verbs.child_case import ChildCase, Silent, listen, port_of
from .verbs.stage import written

GATEWAY = "http://gateway.invalid/user"

GOOD_CONFIGURATION = """\
[gateway]
url = "http://gateway.invalid/user"
auth_key = { env = "PADCHAT_AUTH_KEY" }
[[account]]
name = "one"
handlers = "padchat_twisted.service.bots:ding_dong"
"""

BOT = """\
from padchat_twisted import TextMessage

def setup(account):
    account.on(TextMessage, answer)

async def answer(account, message):
    if message.text == "marco":
        await account.reply(message, "polo")
"""


class DemoTests(ChildCase):
    """``padchat demo``."""

    async def test_twice(self) -> None:
        """A1: three QR logins, then three token logins; then it stays up for talk."""
        for last_line in (BY_CODE, BY_TOKEN):
            child = self.padchat("demo", "--once")
            self.assertEqual(await child.when_ended(), 0)
            self.assertEqual(child.lines()[-1], last_line)
            self.assertEqual(child.said(STDERR), "")

        child = self.padchat("demo", "--fresh")
        self.assertEqual(await child.when_says("answered"), BY_CODE)
        await child.when_says("Ctrl-C ends this")
        child.type("ping")
        for name in ("shop-1", "shop-2", "shop-3"):
            await child.when_says(f"  {name} -> alice: pong")
        child.signal("INT")
        self.assertEqual(await child.when_ended(), 0)
        self.assertEqual(child.said(STDERR), "")
        log = (self.folder / ".padchat-demo" / "demo.log").read_text()
        self.assertIn("account shop-1: closing -> closed", log)

    async def test_interrupted(self) -> None:
        """With --once, Ctrl-C before the figures is no success."""
        child = self.padchat("demo", "--once")
        await child.when_says("shop-1: needs a scan")
        child.signal("INT")
        self.assertEqual(await child.when_ended(), FAILED)
        self.assertEqual(child.said(STDERR), "")

    async def test_no_folder(self) -> None:
        """Where it cannot keep its files it says so."""
        (self.folder / ".padchat-demo").touch()
        place = self.folder.resolve() / ".padchat-demo"
        line = await self.complaint("demo", "--once")
        told = f"{place} cannot be used: File exists; run this in another folder"
        self.assertEqual(line, told)


class SandboxAndRunTests(ChildCase):
    """``padchat sandbox`` and ``padchat run``, as one uses them together."""

    async def test_together(self) -> None:
        """A person of the sandbox talks to two bots; Ctrl-C ends all three."""
        (self.folder / "my_bot.py").write_text(BOT)
        sandbox = self.padchat(
            "sandbox", "--port", "0", "--scan", "--auth-key", KEY, "--state", "s.json"
        )
        url = (await sandbox.when_says("listening on ")).rpartition(" ")[2]
        one = self.padchat("run", KEY, "one", "--gateway", url)
        two = self.padchat(
            *("run", "two", "--gateway", url, "--store", "two.sqlite"),
            *("--handlers", "my_bot:setup", "--revision=4", "--transport=polling"),
            environ={KEY_VARIABLE: KEY},
        )
        await one.when_says("one: scan within 240 s with WeChat: ")
        for child, name in ((one, "one"), (two, "two")):
            await child.when_says(f"{name}: ready")
        sandbox.type("ding")
        await sandbox.when_says("one -> alice: dong")
        sandbox.type("marco")
        await sandbox.when_says("two -> alice: polo")
        self.assertIn("one -> filehelper: 你登录了！", sandbox.said())
        calling = self.padchat(
            *("call", KEY, "one", "sendMsg", "toUserName=filehelper", "content=hi"),
            *("--gateway", url),
        )
        self.assertEqual(await calling.when_ended(), 0, calling.said(STDERR))
        await sandbox.when_says("one -> filehelper: hi")
        for child in (one, two, sandbox):
            child.signal("INT")
            self.assertEqual(await child.when_ended(), 0)
            self.assertEqual(child.said(STDERR), "")
        self.assertEqual(one.lines()[-1], "one: closed")
        self.assertEqual(list(self.folder.glob("*.sock")), [])

    async def test_wrong_key(self) -> None:
        """A key that the gateway does not accept ends it with one line."""
        sandbox = self.start_sandbox(auth_keys=[KEY])
        line = await self.complaint("run", "no-" + KEY, "one", "--gateway", sandbox.url)
        self.assertIn("the gateway refused namespace /user: authKey is not valid", line)
        self.assertNotIn("no-" + KEY, line)

    async def test_gateway_down(self) -> None:
        """A gateway that is not there ends it with one line that names it."""
        listening = listen(Silent)
        port = port_of(listening)
        await maybeDeferred(listening.stopListening)
        url = f"http://127.0.0.1:{port}/user"
        line = await self.complaint("run", KEY, "one", "--gateway", url)
        self.assertIn(f"no connection to 127.0.0.1:{port} (TCP): ", line)
        self.assertIn("refused", line)

    async def test_bad_url(self) -> None:
        """A URL of another kind ends it with one line that shows a good one."""
        line = await self.complaint("run", KEY, "one", "--gateway", "ftp://h/ws")
        self.assertIn("it is written http://HOST:PORT/user", line)

    async def test_store(self) -> None:
        """A store that cannot be used ends it with one line, and is left alone."""
        store = self.folder / "padchat.sqlite"
        store.write_bytes(b"this is not a store")
        line = await self.complaint("run", KEY, "one", "--gateway", GATEWAY)
        self.assertTrue(line.startswith(f"{store.resolve()}: is not a store; "), line)
        self.assertEqual(store.read_bytes(), b"this is not a store")

    async def test_interrupted(self) -> None:
        """Ctrl-C ends it while it still waits for the gateway, without a complaint."""
        accepted: Deferred[None] = Deferred()

        class Accepting(Silent):
            def connectionMade(self) -> None:
                accepted.callback(None)

        listening = listen(Accepting)
        self.addCleanup(listening.stopListening)
        url = f"http://127.0.0.1:{port_of(listening)}/user"
        child = self.padchat("run", KEY, "one", "--gateway", url)
        await accepted
        child.signal("INT")
        self.assertEqual(await child.when_ended(), 0)
        self.assertEqual(child.said(STDERR), "")

    async def test_output_stays_blocking(self) -> None:
        """Reading what is typed leaves the output, often the shell's too, as it was."""
        ours, theirs = os.pipe()
        self.addCleanup(os.close, theirs)
        output = Pipe(ours)
        self.addCleanup(output.close)
        child = self.padchat(
            "sandbox", "--port", "0", descriptors={0: "w", STDOUT: theirs, STDERR: "r"}
        )
        child.type("hello")
        await output.when_says(b"nobody is logged in yet")
        self.assertTrue(os.get_blocking(theirs))
        child.signal("INT")
        self.assertEqual(await child.when_ended(), 0)

    async def test_reader_gone(self) -> None:
        """Who reads only the beginning gets no traceback for it."""
        ours, theirs = os.pipe()
        os.close(ours)
        self.addCleanup(os.close, theirs)
        child = self.padchat("commands", descriptors={STDOUT: theirs, STDERR: "r"})
        self.assertEqual(await child.when_ended(), FAILED)
        self.assertEqual(child.said(STDERR), "")


class CheckTests(ChildCase):
    """``padchat check``."""

    async def test_good_and_broken(self) -> None:
        """What can be started is told on stdout, what is wrong on stderr."""
        path = self.folder / "padchat.toml"
        path.write_text(GOOD_CONFIGURATION)
        environ = {KEY_VARIABLE: KEY}
        child = self.padchat("check", "--config", "padchat.toml", environ=environ)
        self.assertEqual(await child.when_ended(), 0)
        self.assertEqual(child.lines(), ["padchat.toml: no problems found"])
        self.assertEqual(child.said(STDERR), "")

        path.write_text(GOOD_CONFIGURATION.replace("url", "ulr", 1))
        child = self.padchat("check", "--config", "padchat.toml")
        self.assertEqual(await child.when_ended(), FAILED)
        self.assertEqual(child.said(), "")
        places = [x for x in child.lines(STDERR) if x.startswith("padchat.toml:")]
        self.assertEqual(
            places,
            [
                "padchat.toml:2: [gateway]: unknown key 'ulr'",
                "padchat.toml:3: [gateway] auth_key.env:"
                f" there is no environment variable {KEY_VARIABLE}",
            ],
        )


class CommandLineTests(SynchronousTestCase):
    """What is refused before anything starts, in this process."""

    def run_main(self, *arguments: str) -> tuple[int, str, str]:
        """Run a verb; return its status and what it wrote; no file may be made."""
        before = sorted(Path.cwd().iterdir())
        self.patch(os, "environ", {"PATH": os.environ.get("PATH", "")})

        def verb() -> int:
            try:
                return main(arguments)
            except SystemExit as exit_:
                return cast(int, exit_.code)

        ran = written(verb)
        self.assertEqual(sorted(Path.cwd().iterdir()), before)
        return ran

    def test_help(self) -> None:
        """The help names all verbs, and what the exit status means."""
        status, out, err = self.run_main("--help")
        self.assertEqual((status, err), (0, ""))
        verbs = ("demo", "sandbox", "run", "call", "commands", "check")
        for word in (*verbs, "Exit status: 0 done"):
            self.assertIn(word, out)

    def test_order(self) -> None:
        """Fields of a call may stand behind options; unknown options are refused."""
        status, out, err = self.run_main(
            *("call", "one", "--json", "sendMsg", "--raw", "hello")
        )
        self.assertEqual((status, out), (USAGE, ""))
        self.assertIn("there is no padchat.toml here", err)
        for words in (("call", "one", "--jsn", "a"), ("check", "--config=a", "more")):
            status, out, err = self.run_main(*words)
            self.assertEqual((status, out), (USAGE, ""))
            self.assertIn("unrecognized arguments", err)

    def test_no_verb(self) -> None:
        """Without a verb, or with a wrong option, the usage is told."""
        for arguments in ((), ("dance",), ("demo", "--twice"), ("run", "k", "n")):
            status, out, err = self.run_main(*arguments)
            self.assertEqual((status, out), (USAGE, ""), arguments)
            self.assertIn("usage: padchat", err)

    def test_port(self) -> None:
        """What is no port is refused, with what one is."""
        for text in ("http", "65536", "-1"):
            status, _, err = self.run_main("sandbox", f"--port={text}")
            self.assertEqual(status, USAGE)
            self.assertIn(f"a port is a number from 0 to 65535, not {text!r}", err)

    def test_no_key(self) -> None:
        """Without a key it says where a key may stand; an empty one is none."""
        told = (
            "padchat: there is no auth key: give KEY before NAME,"
            " or set PADCHAT_AUTH_KEY\n"
        )
        for keys in ([], [""]):
            ran = self.run_main("run", *keys, "one", "--gateway", GATEWAY)
            self.assertEqual(ran, (USAGE, "", told))

    def test_too_much(self) -> None:
        """More than key and name is refused."""
        ran = self.run_main("run", KEY, "one", "two", "--gateway", GATEWAY)
        self.assertEqual(ran, (USAGE, "", "padchat: give KEY and NAME, nothing else\n"))

    def test_handlers(self) -> None:
        """Handlers that cannot be used are told with what to write."""
        for reference, told in (
            ("nothing", "'nothing' is not of the form module:callable"),
            ("no_such_module:setup", "there is no module 'no_such_module'"),
            ("padchat_twisted.service.bots:ping_pon", "the nearest is ping_pong"),
        ):
            status, out, err = self.run_main(
                "run", KEY, "one", "--gateway", GATEWAY, "--handlers", reference
            )
            self.assertEqual((status, out), (FAILED, ""))
            self.assertIn(told, err)
            self.assertIn("remedy: ", err)
            self.assertNotIn("Traceback", err)

    def test_way(self) -> None:
        """A way to the gateway that cannot be is told at once."""
        for told, url, *options in (
            ("begins with", GATEWAY, "--proxy=p:1"),
            ("https", GATEWAY, "--ca-file=x"),
            ("or both", GATEWAY, *2 * ["--transport=polling"]),
            ("leave revision, transports", "ws://h/ws", "--revision=4"),
        ):
            ran = self.run_main("run", KEY, "one", "--gateway", url, *options)
            self.assertEqual((ran[0], told in ran[2]), (FAILED, True), ran)

    def test_check(self) -> None:
        """A file that is not there is a problem like any other."""
        missing = Path(self.mktemp())
        status, out, err = self.run_main("check", "--config", str(missing))
        self.assertEqual((status, out), (FAILED, ""))
        self.assertIn(f"{missing}: this file cannot be read: No such file", err)
