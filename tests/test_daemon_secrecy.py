"""D6 for the daemon: nothing that it writes holds a secret or the text of a message.

Real processes over real sockets: a sandbox that makes errors, a service for each
dialect, started by ``twistd`` as a user does, and the verbs. Inside of one process the
same is looked at in ``test_log_secrecy`` and ``test_log_redaction``.
"""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode

from twisted.internet.endpoints import UNIXClientEndpoint, connectProtocol
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.service.sockets import SocketName, socket_path
from padchat_twisted.verbs.call import STATUSES
from padchat_twisted.verbs.process import USAGE

from .children import STDERR
from .daemon_stage import ANSWER, SAID, Daemon, DaemonCase
from .secrets_in import encoded_forms_of, secrets_in_bytes
from .service.control_stage import Asking
from .service.stage import real_reactor

#: What the verbs are given.
CALLED = "Grandmother cooks on Sunday"
REMARK = "the one who never pays"
LABEL = "people owing me money"
MISTAKEN = "Zwiebelkuchen at midnight"

TO = "to_user_name=filehelper"

TEXTS = {
    **{f"text {number}": text for number, text in enumerate(SAID)},
    **{text: text for text in (ANSWER, CALLED, REMARK, LABEL, MISTAKEN)},
}

#: twistd without what takes secrets out of its log, and out of what handlers raise.
UNGUARDED = """
from padchat_twisted import tap
from padchat_twisted.session import dispatch
from twisted.scripts.twistd import run
tap.redact_log_of_twistd = lambda application, options: None
dispatch.told = lambda failure, event: failure
run()
"""


class ScannerTests(SynchronousTestCase):
    """The look through bytes finds what is there."""

    def test_found(self) -> None:
        """A text is found in each coding, wherever it stands."""
        for secret in TEXTS.values():
            for form in encoded_forms_of(secret):
                content = b"\xff\0" + form + b"\0"
                self.assertEqual(secrets_in_bytes(content, {"it": secret}), ["it"])

    def test_in_base64(self) -> None:
        """Also inside of a longer text that was encoded as a whole."""
        for before in range(5):
            text = f"{'x' * before}{CALLED} and more"
            for content in (b64encode(text.encode()), urlsafe_b64encode(text.encode())):
                self.assertEqual(secrets_in_bytes(content, {"it": CALLED}), ["it"])

    def test_not_found(self) -> None:
        """Anything else is not."""
        self.assertEqual(secrets_in_bytes(CALLED[1:].encode(), {"it": CALLED}), [])


class RunTests(DaemonCase):
    """A run of three services, in which much goes wrong."""

    async def test_guarded(self) -> None:
        """Nothing is found, whatever failed, and after a restart by token."""
        urls = await self.start_sandbox_child()
        daemons = [Daemon(self, dialect, url) for dialect, url in urls.items()]
        for daemon in daemons:
            daemon.start()
        for daemon in daemons:
            await daemon.when_all("syncing -> ready")
        for text in SAID[:2]:
            await self.say(text, *daemons)
        for daemon in daemons:
            await self.run_verbs(daemon)
        await self.make_mistakes(daemons[0])
        for daemon in daemons:
            daemon.learn()
            await daemon.child.stop()
            daemon.learn()
        await self.run_verbs_alone(daemons[0])
        for daemon in daemons:
            daemon.start()
        for daemon in daemons:
            await daemon.when_all("syncing -> ready")
        await self.say(SAID[2], *daemons)
        for daemon in daemons:
            daemon.learn()
            daemon.child.signal("TERM")
            await daemon.child.when_ended()
            daemon.learn()
            self.assertEqual(daemon.leaks(TEXTS), [])
            self.check_run(daemon)
        await self.sandbox.stop()
        self.check_sandbox(daemons)

    async def test_unguarded(self) -> None:
        """Without what guards log and store, the same look finds all of it."""
        urls = await self.start_sandbox_child()
        start = ("-c", UNGUARDED)
        daemon = Daemon(
            self, "socketio", urls["socketio"], start=start, is_sealed=False
        )
        daemon.start()
        await daemon.when_all("syncing -> ready")
        await self.say(SAID[0], daemon)
        daemon.learn()
        daemon.child.signal("TERM")
        await daemon.child.when_ended()
        found = "\n".join(daemon.leaks(TEXTS))
        output, journal = "the output of start 1", "padchat.sqlite-wal, 1"
        for what, where in (
            ("the auth key of socketio", output),
            ("the proxy's password", output),
            ("planted deviceUuid", output),
            ("text 0", output),
            ("planted deviceUuid", journal),
        ):
            self.assertIn(f"{what} in {where}", found)
        self.assertRegex(found, f"account.login_token, [0-9]+ in {journal}")

    # Steps

    async def say(self, text: str, *daemons: Daemon) -> None:
        """Have a person write to every account, and wait for what their bots do."""
        self.sandbox.type(text)
        for daemon in daemons:
            await daemon.when_all("is about to fail")

    async def run_verbs(self, daemon: Daemon) -> None:
        """Ask the service by verbs."""
        name = daemon.names[0]
        explained = await daemon.verb("explain", name, "--language", "zh")
        self.assertEqual(explained[0], 0)
        for status, words in (
            (STATUSES["done"], ("sendMsg", TO, f"content={CALLED}", "--json")),
            (STATUSES["refused"], ("setRemark", "user_id=a", f"remark={REMARK}")),
        ):
            found, written = await daemon.verb("call", name, *words)
            self.assertEqual(found, status, written)
        # Each time the gateway gives another token.
        asking = ("call", name, "getAutoLoginData", "--json")
        _, written = await daemon.verb(*asking, is_told=False)
        daemon.keep_secret("a token", json.loads(written)["result"]["token"])

    async def make_mistakes(self, daemon: Daemon) -> None:
        """Ask for what is lost, and for what verbs and the control socket refuse."""
        name = daemon.names[0]
        lost = ("--key", "order-17", "--time-limit", "1")
        for status, words in (
            (0, ("explain", name)),
            (0, ("call", name, "getAutoLoginData")),
            (
                STATUSES["unknown"],
                ("call", name, "addLabel", f"label={LABEL}", *lost),
            ),
            (0, ("unknown", name)),
            (0, ("settle", name, "order-17", "--did-not")),
            (USAGE, ("call", name, "sendMsg", TO, f"contant={MISTAKEN}")),
            (USAGE, ("call", name, "sendMsg", TO, MISTAKEN)),
            (USAGE, ("call", name, "sendMsg", TO, f"at_list:={MISTAKEN}")),
            (USAGE, ("call", name, "snedMsg", TO, f"content={MISTAKEN}")),
        ):
            found, written = await daemon.verb(*words)
            self.assertEqual(found, status, written)
        call = {"account": name, "command": "sendMsg"}
        params = {"toUserName": "filehelper", "content": CALLED}
        for asked in (
            {**call, "params": MISTAKEN},
            {**call, "params": {"toUserName": MISTAKEN, "content": 7}},
            {**call, "params": {**params, "atList": MISTAKEN}},
            {**call, "params": params, "time_limit": MISTAKEN},
        ):
            await self.ask_by_hand(daemon, json.dumps(asked).encode())
        cut = json.dumps({**call, "params": params})[:-3]
        await self.ask_by_hand(daemon, cut.encode())

    async def ask_by_hand(self, daemon: Daemon, body: bytes) -> None:
        """Ask the control socket for what it refuses."""
        name = SocketName(socket_path(daemon.folder / "padchat.sqlite"))
        self.addCleanup(name.close)
        head = "POST /call HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        endpoint = UNIXClientEndpoint(real_reactor(), name.text)
        asking: Asking = await connectProtocol(endpoint, Asking(head.encode() + body))
        answer = await asking.answered
        self.assertIn(b" 400 ", answer)
        daemon.said.append(answer.decode())

    async def run_verbs_alone(self, daemon: Daemon) -> None:
        """Ask the store, when no service runs."""
        name = daemon.names[0]
        call = ("call", name, "getContact", "user_id=filehelper")
        for words in (("explain", name), ("unknown", name), call):
            status, written = await daemon.verb(*words)
            self.assertEqual(status, 0, written)

    def check_run(self, daemon: Daemon) -> None:
        """See that all of it happened, or nothing could be found."""
        parts = daemon.written().items()
        written = "\n".join(part.decode("utf-8", "replace") for _, part in parts)
        self.assertIn("builtins.LookupError: no answer to '[message]'", written)
        self.assertIn("found [secret] somewhere", written)
        self.assertIn("no answer: ", written)
        for what in ("account.login_token", "deviceData", "a token"):
            found = [name for name in daemon.secrets if name.startswith(f"{what}, ")]
            self.assertNotEqual(found, [], what)
        # The restart was by token, and one of them was refused; in dialect legacy the
        # task went on without a login.
        if daemon.dialect != "legacy":
            self.assertIn("initialising -> logging_in", written)
        if daemon.dialect == "socketio":
            self.assertIn("the saved login is not accepted any more", written)

    def check_sandbox(self, daemons: list[Daemon]) -> None:
        """See that it shows what people write, where that is wanted, and no more."""
        shown = self.sandbox.said()
        for text in (ANSWER, CALLED):
            self.assertIn(text, shown)
        log = self.sandbox.said(STDERR)
        for daemon in daemons:
            found = secrets_in_bytes(shown.encode(), daemon.secrets)
            found += secrets_in_bytes(log.encode(), {**daemon.secrets, **TEXTS})
            self.assertEqual(found, [])
