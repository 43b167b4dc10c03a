"""Accounts of ours at a gateway in memory that plays faults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import SendMsg, SentMessage
from padchat_twisted.interfaces import IStateStore
from padchat_twisted.sandbox.faults.scenario import read_scenario
from padchat_twisted.sandbox.faults.trouble import Plan, Trouble
from padchat_twisted.sandbox.settings import WorldSettings

from ..gateway_stage import GatewayStage, Watched
from ..stage import KEY

#: Where each dialect is.
URLS = {
    "socketio": "http://sandbox.invalid:8080/user",
    "legacy": "ws://sandbox.invalid:8080/ws",
    "sdk": "ws://sandbox.invalid:8080",
}

#: The name that an account has in every dialect.
NAME = "0"

#: Longer than any command of these tests waits (seconds).
PATIENCE = 70.0

#: What an account goes through with a good token, once it was lost.
BACK = ["retrying", "connecting", "initialising", "logging_in", "syncing", "ready"]


def scenario(text: str) -> Plan:
    """Read the faults of a scenario."""
    return read_scenario(f'about = "for a test"\n{text}', "for a test")


class FaultCase(SynchronousTestCase):
    """Has a gateway with faults; at the end nothing of it is left."""

    def serve(
        self,
        plan: Plan,
        *,
        replay_seconds: float = 300.0,
        auth_keys: Sequence[str] | None = (KEY,),
    ) -> None:
        """Have a gateway that plays *plan*, and scans codes at once."""
        self.stage = GatewayStage(
            scenario=plan,
            auth_keys=auth_keys,
            settings=WorldSettings(
                auto_scan_seconds=0.0, replay_seconds=replay_seconds
            ),
        )
        self.stage.world.auto_scan = True
        self.alice = self.stage.world.person("alice")
        stage = self.stage
        self.addCleanup(self.check_end, stage)

    def check_end(self, stage: GatewayStage) -> None:
        """Leave; no timer is left of it."""
        for account in stage.accounts:
            account.close()
        stage.gateway.stop()
        stage.flush()
        self.assertEqual(stage.clock.getDelayedCalls(), [])

    @property
    def trouble(self) -> Trouble:
        """The faults."""
        assert self.stage.gateway.trouble is not None
        return self.stage.gateway.trouble

    def log_in(
        self, dialect: str = "socketio", *, store: IStateStore | None = None
    ) -> Watched:
        """Have an account that is ready."""
        account = self.stage.account(NAME, url=URLS[dialect], store=store)
        self.stage.wait(2)
        self.assertEqual(account.state, "ready", dialect)
        account.states()
        return account

    def send(self, account: Watched, text: str = "hello") -> Deferred[SentMessage]:
        """Have an account write to the file helper."""
        sent = account.session.call(SendMsg("filehelper", text))
        self.stage.flush()
        return sent

    def outcome(self, deferred: Deferred[Any]) -> str:
        """Name what became of a call: the class of its result or error."""
        found: list[object] = []
        deferred.addBoth(found.append)
        if not found:
            return "waits"
        [end] = found
        return type(end.value if isinstance(end, Failure) else end).__name__

    def written(self) -> list[str]:
        """List what arrived at the file helper from the tests."""
        inbox = self.stage.world.filehelper.inbox
        return [message.content for message in inbox]
