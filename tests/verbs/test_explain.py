"""``padchat explain``, as a process of its own, by a service and by a store."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.cli import main
from padchat_twisted.sandbox.service import SandboxService
from padchat_twisted.service.accounts import PadChatService
from padchat_twisted.verbs.explain import language_of

from ..children import PADCHAT, STDERR, start_child
from ..secrets_in import secrets_in
from ..service.stage import KEY, StageCase, when_detached, when_state
from ..test_tap import write_configuration
from .stage import written

URL = "http://gateway.invalid/user"


class ExplainCase(StageCase):
    """Has a sandbox, the configuration of two accounts, and a service of one."""

    timeout = 120

    def setUp(self) -> None:
        """Start the sandbox; the service is started by the test."""
        super().setUp()
        self.sandbox: SandboxService = self.start_sandbox(auth_keys=[KEY])
        self.configuration = write_configuration(self.folder, self.sandbox.url)
        # Neither of these is needed to ask.
        (self.folder / "auth.key").unlink()
        self.store = self.folder.resolve() / "padchat.sqlite"

    async def start_service(self) -> PadChatService:
        """Start a service, and wait until its account is ready."""
        service = self.make_service(self.sandbox.url, has_control=True)
        account = service.add_account("one")
        service.startService()
        await account.when_ready()
        return service

    async def explain(
        self, *words: str, environ: Mapping[str, str] | None = None
    ) -> list[str]:
        """Run the verb, which must work; return the lines that it writes."""
        environ = {"LC_ALL": "en_GB.UTF-8", "PYTHONUTF8": "1", **(environ or {})}
        child = start_child(
            self, PADCHAT, "explain", *words, folder=self.folder, environ=environ
        )
        status = await child.when_ended()
        self.assertEqual((status, child.said(STDERR)), (0, ""))
        return child.lines()


class ServiceTests(ExplainCase):
    """Where a service runs the account."""

    async def test_night(self) -> None:
        """An account that is lost at night is explained as its service sees it."""
        service = await self.start_service()
        account = service.accounts["one"]
        (line,) = await self.explain()
        self.assertTrue(line.startswith("one is online (state ready), since 20"), line)
        lost = when_state(account, "needs_human")
        self.patch(self.sandbox.gateway, "_auth_keys", frozenset(("another",)))
        self.sandbox.gateway.drop_clients()
        await lost
        head, outage, newest, *_, following, do = await self.explain("one")
        self.assertIn("is offline and waits for a person (state needs_human)", head)
        self.assertIn("then the connection was lost: ", outage)
        self.assertIn("does not accept the auth key.", newest)
        self.assertEqual(following, "Next: nothing: it does not try again by itself.")
        self.assertIn("correct the auth key; then restart the service", do)
        for options, locale in ((("--language", "zh"), "C"), ((), "zh_CN.UTF-8")):
            lines = await self.explain("one", *options, environ={"LC_ALL": locale})
            self.assertIn("one 不在线，正在等人处理（状态 needs_human）", lines[0])

    async def test_store(self) -> None:
        """The store alone leads to its service, with or without a configuration."""
        await self.start_service()
        self.configuration.unlink()
        for options in (("--store", str(self.store)), ()):
            self.assertIn("one is online", (await self.explain("one", *options))[0])


class StoreTests(ExplainCase):
    """Where nobody runs the account."""

    async def test_stored(self) -> None:
        """The store tells what it knows, and none of what lets anybody in."""
        service = await self.start_service()
        account = service.accounts["one"]
        record = await service._store.load(account._key)
        assert record is not None and record.device is not None
        await service.stopService()
        await when_detached(self.sandbox, "one")
        nobody = (
            f"No service answers at {self.store}.sock. This is what the store"
            f" {self.store} tells."
        )
        lines = await self.explain("one")
        self.assertEqual(lines[:2], [nobody, "one is offline; it has a saved login."])
        token = record.login_token
        assert token is not None
        secrets = {"the token": token, "the key": KEY, **record.device}
        self.assertEqual(secrets_in("\n".join(lines), secrets), [])
        first, *others = await self.explain()
        self.assertEqual(first, nobody)
        self.assertEqual([line.split()[0] for line in others], ["one", "two"])
        self.assertIn("the store knows nothing of it", others[1])

    async def test_logged_out(self) -> None:
        """A login that was ended by a command says so, in Chinese too."""
        service = await self.start_service()
        await service.accounts["one"].logout()
        await service.stopService()
        lines = await self.explain("one", "--language", "zh")
        self.assertEqual(
            lines[1], "one 不在线，保存的登录信息已经失效：有命令让账号退出了登录。"
        )

    async def test_no_store(self) -> None:
        """Before the first start there is no store, and none is made."""
        first, second, do = await self.explain("one")
        self.assertIn(f"and there is no store {self.store}: nobody has", first)
        self.assertIn("it was never started with this store", second)
        self.assertTrue(do.startswith("What you can do: start the service, and have"))
        self.assertEqual(
            sorted(file.name for file in self.folder.iterdir()), ["padchat.toml"]
        )


class MistakeTests(SynchronousTestCase):
    """What is wrong with a command line."""

    def setUp(self) -> None:
        """Go to a folder of the test."""
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        self.addCleanup(os.chdir, Path.cwd())
        os.chdir(folder)

    def assert_told(self, told: str, *words: str) -> None:
        """Check what is said before anything starts."""
        ran = written(lambda: main(["explain", *words]))
        self.assertEqual(ran, (2, "", f"padchat: {told}\n"))

    def test_nowhere(self) -> None:
        """There must be a configuration or a store."""
        self.assert_told(
            "there is neither padchat.toml nor padchat.sqlite here: name the"
            " configuration with --config, or the store with --store"
        )
        self.assert_told(
            "a.toml cannot be read: No such file or directory", "--config", "a.toml"
        )

    def test_both(self) -> None:
        """Not both."""
        told = "--config and --store: give one of them"
        self.assert_told(told, "--config", "a", "--store", "b")

    def test_no_configuration(self) -> None:
        """What is no TOML at all is told by `padchat check`."""
        told = (
            "padchat.toml is no configuration: padchat check --config padchat.toml says"
            " why"
        )
        for content in (b"[gateway", b"\xff\xfe", b"a = 1\na = 2"):
            Path("padchat.toml").write_bytes(content)
            self.assert_told(told)


class UnknownTests(ExplainCase):
    """An account that there is not."""

    async def test_unknown(self) -> None:
        """It is told with the nearest, by the store or the service."""
        await self.assert_told(
            "there is no account 'onne': the nearest is one; there are one, two"
        )
        await self.start_service()
        await self.assert_told(
            "the service runs no account 'onne': the nearest is one; it runs one"
        )

    async def assert_told(self, told: str) -> None:
        """Check what is said of it."""
        child = start_child(self, PADCHAT, "explain", "onne", folder=self.folder)
        self.assertEqual(await child.when_ended(), 2)
        self.assertEqual(child.said(STDERR), f"padchat: {told}\n")

    async def test_odd_configuration(self) -> None:
        """A configuration with mistakes elsewhere is no hindrance."""
        self.configuration.write_text(
            '[gateway]\nulr = 5\n[store]\npath = "padchat.sqlite"\n'
            "[[account]]\nname = 7\n[[account]]\n"
        )
        await self.start_service()
        self.assertIn("one is online", (await self.explain("one"))[0])
        self.configuration.write_text("store = 5\naccount = 6\n")
        self.assertIn("one is online", (await self.explain("one"))[0])


class LanguageTests(SynchronousTestCase):
    """The language of the locale."""

    def test_locale(self) -> None:
        """The first variable that is set counts; whatever is not Chinese is English."""
        for environ, language in (
            ({}, "en"),
            ({"LANG": "zh_CN.UTF-8"}, "zh"),
            ({"LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "en_GB"}, "zh"),
            ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
            ({"LANG": "fr_FR"}, "en"),
        ):
            self.assertEqual(language_of(environ), language, environ)
