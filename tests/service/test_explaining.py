"""Why accounts are online or not, by a service and by a store."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import PadChatError
from padchat_twisted.service.asking import ask_why
from padchat_twisted.service.explaining import (
    explain_stored,
    language_named,
    nobody_runs,
)
from padchat_twisted.service.spelling import CallMistake
from padchat_twisted.session.explain import LANGUAGES
from padchat_twisted.store import StoredAccount

from .control_stage import ControlCase
from .stage import KEY, real_reactor, when_state

PLANTED = "planted by the gateway"


class PageTests(ControlCase):
    """The page of a real service."""

    async def test_accounts(self) -> None:
        """Each account is explained, or the one that is named, in either language."""
        sandbox = self.start_sandbox(auth_keys=[KEY])
        service = self.make_service(sandbox.url, has_control=True)
        for name in ("one", "two"):
            service.add_account(name)
        service.startService()
        for account in service.accounts.values():
            await account.when_ready()
        lost = when_state(service.accounts["two"], "retrying")
        sandbox.gateway.drop_clients()
        await lost
        found = await ask_why(real_reactor(), self.path, "en")
        assert found is not None
        self.assertEqual([each.name for each in found], ["one", "two"])
        told = await ask_why(real_reactor(), self.path, "zh", "two")
        assert told is not None
        self.assertEqual([each.name for each in told], ["two"])
        self.assertIn("之前一直就绪，后来连接断了", told[0].why[0])
        with self.assertRaises(CallMistake) as caught:
            await ask_why(real_reactor(), self.path, "en", "on")
        expected = "the service runs no account 'on': the nearest is one; it runs"
        self.assertIn(expected, str(caught.exception))

    async def test_by_hand(self) -> None:
        """Any program that speaks HTTP can ask; English is the usual language."""
        sandbox = self.start_sandbox(auth_keys=[KEY])
        service = self.make_service(sandbox.url, has_control=True)
        account = service.add_account("小店")
        service.startService()
        await account.when_ready()
        for query in ("", "?language=en&account=%E5%B0%8F%E5%BA%97"):
            status, found = await self.request(b"", f"/explain{query}", "GET")
            self.assertEqual(status, 200)
            self.assertIn('"state":"ready","head":"小店 is online', found.decode())
        status, found = await self.request(b"", "/explain?language=fr", "GET")
        told = {"error": "there is no language 'fr': there are en and zh"}
        self.assertEqual((status, found), (400, told))
        status, _ = await self.request(b"", "/explain?account=one", "GET")
        self.assertEqual(status, 404)


class LanguageTests(SynchronousTestCase):
    """Which language somebody means."""

    def test_names(self) -> None:
        """A locale names its language first."""
        for text, language in (
            ("en", "en"),
            ("zh", "zh"),
            ("zh_CN.UTF-8", "zh"),
            ("ZH-tw", "zh"),
            ("en_GB", "en"),
            ("C.UTF-8", None),
            ("enm", None),
            ("", None),
        ):
            self.assertEqual(language_named(text), language, text)


class StoredTests(SynchronousTestCase):
    """What a store tells."""

    def told(self, language: str = "en", **known: object) -> list[str]:
        """Tell of an account that is known with these fields."""
        fields = {"has_device": True, "has_token": False, "void_reason": None, **known}
        account = StoredAccount("one", "http://h/user", **fields)  # type: ignore[arg-type]  # as many types as fields
        for each in LANGUAGES:
            if each == language:
                [(head, others)] = explain_stored("one", [account], each)
                return [head, *others]
        raise PadChatError(language)

    def test_saved(self) -> None:
        """A saved login needs nobody."""
        self.assertEqual(
            self.told(has_token=True, void_reason=PLANTED),
            [
                "one is offline; it has a saved login.",
                "It belongs to http://h/user.",
                "Its device data is kept, so WeChat will know the device.",
                "What you can do: start the service: it logs in by itself.",
            ],
        )

    def test_void(self) -> None:
        """A void one says why, in words of ours, and that somebody must scan."""
        for reason, why in (
            ("logout", "the account was logged out by a command"),
            (PLANTED, "the gateway did not accept it any more"),
        ):
            told = self.told(void_reason=reason)
            head = f"one is offline, and its saved login is void: {why}."
            self.assertEqual(told[0], head)
            self.assertIn("have somebody with the phone", told[-1])

    def test_never(self) -> None:
        """One that never was logged in says so."""
        head, _, device, _ = self.told(has_device=False)
        self.assertEqual(
            head, "one is offline; it was never logged in with this store."
        )
        self.assertIn("no device data yet", device)
        [(head, others)] = explain_stored("one", [], "en")
        self.assertIn("the store knows nothing of it", head)
        self.assertEqual(len(others), 1)

    def test_chinese(self) -> None:
        """The same in Chinese."""
        told = self.told("zh", void_reason="logged out")
        self.assertTrue(
            told[0].startswith("one 不在线，保存的登录信息已经失效：账号被")
        )

    def test_gateways(self) -> None:
        """An account of that name at each of two gateways is told twice."""
        known = [
            StoredAccount("one", f"http://{host}/user", True, True, None)
            for host in ("a", "b")
        ]
        told = [others[0] for _, others in explain_stored("one", known, "en")]
        places = [f"It belongs to http://{host}/user." for host in ("a", "b")]
        self.assertEqual(told, places)

    def test_nobody(self) -> None:
        """That nobody runs it is said with the places that were looked at."""
        socket, store = Path("/a.sqlite.sock"), Path("/a.sqlite")
        self.assertEqual(
            nobody_runs(socket, store, "en", is_there=True),
            "No service answers at /a.sqlite.sock. This is what the store /a.sqlite"
            " tells.",
        )
        told = nobody_runs(socket, store, "zh", is_there=False)
        self.assertIn("存储文件 /a.sqlite 也不存在", told)
