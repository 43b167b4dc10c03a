"""The settings of an inbox, and the watch, by each way to embed an account."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from twisted.application.service import MultiService
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.client import PadChatClientFactory, connect
from padchat_twisted.service.accounts import PadChatService
from padchat_twisted.service.stall import StallWatch
from padchat_twisted.session.account import AccountSession
from padchat_twisted.session.policy import InboxPolicy
from padchat_twisted.store import MemoryStore
from padchat_twisted.tap import makeService

from .sandbox.gateway_stage import URL, GatewayStage
from .sandbox.stage import KEY
from .test_tap import parsed, write_configuration

POLICY = InboxPolicy(durable=True, old_messages="drop")


class WayTests(SynchronousTestCase):
    """One setting, everywhere."""

    def assert_set(self, account: AccountSession, is_set: bool = True) -> None:
        """Look whether an account stores messages, and looks at their age."""
        inbox = account._inbox
        self.assertEqual(
            (inbox.durable is not None, inbox.old is not None), (is_set,) * 2
        )

    def test_connect(self) -> None:
        """``connect``."""
        stage = GatewayStage()
        connecting = connect(
            stage.clock, URL, auth_key=KEY, endpoint=stage.network, inbox=POLICY
        )
        stage.flush()
        account = self.successResultOf(connecting)
        self.assert_set(account)
        account.close()
        stage.flush()
        stage.gateway.stop()
        stage.flush()

    def test_factory(self) -> None:
        """The factory, with and without."""
        factory = PadChatClientFactory(Clock(), URL, auth_key=KEY, inbox=POLICY)
        self.assert_set(factory.account)
        self.assert_set(PadChatClientFactory(Clock(), URL, auth_key=KEY).account, False)

    def test_service(self) -> None:
        """The service: each account has its own."""
        service = PadChatService(Clock(), URL, auth_key=KEY, store=MemoryStore())
        self.assert_set(service.add_account("a", inbox=POLICY))
        self.assert_set(service.add_account("b"), False)

    def test_configuration(self) -> None:
        """The configuration: key ``inbox``, and section ``[watch]``."""
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        path = write_configuration(folder, URL)
        lines = 'inbox = { durable = true, old_messages = "drop" }', "[watch]"
        path.write_text("\n".join((path.read_text(), *lines, "stall_seconds = 2")))
        service = cast(MultiService, makeService(parsed("--config", str(path))))
        accounts, watch = list(service)
        self.assertIsInstance(watch, StallWatch)
        self.assertEqual(cast(StallWatch, watch)._seconds, 2.0)
        found = cast(PadChatService, accounts).accounts
        self.assert_set(found["two"])
        self.assert_set(found["one"], False)
