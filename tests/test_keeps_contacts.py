"""The setting that switches the book of contacts off, on its way to the account."""

from __future__ import annotations

from typing import cast

from twisted.application.service import MultiService
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.client import PadChatClientFactory, connect
from padchat_twisted.service.accounts import PadChatService
from padchat_twisted.service.config import check, load_configuration
from padchat_twisted.session.account import AccountSession
from padchat_twisted.store import MemoryStore
from padchat_twisted.tap import makeService

from .sandbox.gateway_stage import URL, GatewayStage
from .sandbox.stage import KEY
from .service.test_config import ENVIRON, ConfigCase
from .test_tap import parsed

ACCOUNT = '[[account]]\nname = "{}"\nhandlers = "bots.shop:setup"\n'


def keeps_contacts(account: AccountSession) -> bool:
    """Tell whether an account keeps a book."""
    return account.contacts.progress.state != "off"


class ConfigurationTests(ConfigCase):
    """In a file."""

    def text(self, *values: str) -> str:
        """Write a configuration of accounts with these lines."""
        head = f'[gateway]\nurl = "{URL}"\nauth_key.file = "auth.key"\n'
        accounts = (ACCOUNT.format(n) + line for n, line in enumerate(values))
        return head + "".join(accounts)

    def test_handed_on(self) -> None:
        """The key is read, and the account of the service is built so."""
        path = self.write(self.text("keeps_contacts = false\n", "", ""))
        accounts = load_configuration(path, ENVIRON).accounts
        self.assertEqual([a.keeps_contacts for a in accounts], [False, True, True])
        made = cast(MultiService, makeService(parsed("--config", str(path))))
        (service,) = list(made)
        assert isinstance(service, PadChatService)
        built = [keeps_contacts(account) for account in service.accounts.values()]
        self.assertEqual(built, [False, True, True])

    def test_no_boolean(self) -> None:
        """What is neither true nor false is told."""
        path = self.write(self.text('keeps_contacts = "no"\n'))
        (problem,) = check(path, ENVIRON)
        self.assertEqual(
            (problem.line, problem.found),
            (7, "[[account]] 1 keeps_contacts: this is a text"),
        )


class ProgramTests(SynchronousTestCase):
    """In a program."""

    def test_connect(self) -> None:
        """By ``connect``."""
        stage = GatewayStage()
        for keeps in (True, False):
            connecting = connect(
                stage.clock,
                URL,
                auth_key=KEY,
                endpoint=stage.network,
                keeps_contacts=keeps,
            )
            stage.flush()
            account = self.successResultOf(connecting)
            self.assertIs(keeps_contacts(account), keeps)
            account.close()
            stage.flush()

    def test_factory(self) -> None:
        """By ``PadChatClientFactory``."""
        for keeps in (True, False):
            factory = PadChatClientFactory(
                Clock(), URL, auth_key=KEY, keeps_contacts=keeps
            )
            self.assertIs(keeps_contacts(factory.account), keeps)

    def test_service(self) -> None:
        """By ``PadChatService``, for each account."""
        service = PadChatService(Clock(), URL, auth_key=KEY, store=MemoryStore())
        self.assertTrue(keeps_contacts(service.add_account("one")))
        account = service.add_account("two", keeps_contacts=False)
        self.assertFalse(keeps_contacts(account))
