"""A stage on which all that is logged is seen, and what must not be is known."""

from __future__ import annotations

from typing import Any, TypeVar

import txaio
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import QRCode
from padchat_twisted.client import connect
from padchat_twisted.interfaces import AccountKey, IStateStore
from padchat_twisted.sandbox.service import SandboxService
from padchat_twisted.secret import Secret
from padchat_twisted.service.bots import ding_dong
from padchat_twisted.service.codes import terminal_of_process, watch_codes
from padchat_twisted.service.qrcode import decode_picture, read_code
from padchat_twisted.session.account import AccountSession, StateChanged
from padchat_twisted.session.explain import LANGUAGES
from padchat_twisted.store import MemoryStore

from .secrets_in import secrets_in, text_of_events
from .service.stage import StageCase, observe_log, real_reactor

E = TypeVar("E")

#: A key with all that is written in more than one way.
KEY = "sécret key/of=tests&more+中文%41"

#: What people write; a line of a log that has it tells what they wrote.
TEXTS = {
    "a message": "Wo xihuan mantou tonight",
    "a message with a brace": "{confidential} %s 早饭吃什么呢",
}


def let_autobahn_talk(test: SynchronousTestCase) -> None:
    """Let autobahn log all that it can, until the test ends."""
    api: Any = txaio  # it takes these functions from another module when it is told
    test.addCleanup(api.set_global_log_level, api.get_global_log_level())
    api.set_global_log_level("trace")


def when_event(account: AccountSession, kind: type[E]) -> Deferred[E]:
    """Wait for the next event of a kind."""
    came: Deferred[E] = Deferred()

    def take(_: AccountSession, event: E) -> None:
        remove()
        came.callback(event)

    remove = account.on(kind, take)
    return came


class NightCase(StageCase):
    """Sees all that is logged while things go wrong."""

    def setUp(self) -> None:
        """Let autobahn log all that it can; know what must not be logged."""
        super().setUp()
        let_autobahn_talk(self)
        self.events = observe_log(self)
        self.secrets = {"the auth key": KEY, **TEXTS}
        self.store: IStateStore = MemoryStore()
        self.said: list[object] = []

    def assert_nothing_told(self, *, is_logged: str) -> None:
        """Look through the log, which must tell *is_logged*, and through errors."""
        log = text_of_events(self.events)
        self.assertIn(is_logged, log)
        self.assertEqual(secrets_in(log, self.secrets), [])
        said = "\n".join(f"{each} {each!r}" for each in self.said)
        self.assertEqual(secrets_in(said, self.secrets), [])

    def set_up(self, account: AccountSession) -> None:
        """Register what a service would, and learn the codes."""
        terminal = terminal_of_process(real_reactor(), self.folder, "ascii")
        self.addCleanup(terminal.close)
        watch_codes(account, terminal)
        ding_dong(account)
        account.on(QRCode, self.learn_code)
        account.on(StateChanged, self.keep_change)
        self.addCleanup(account.close)

    def keep_change(self, account: AccountSession, change: StateChanged) -> None:
        """Have each change looked at, and what the account says of itself then."""
        self.said.append(change)
        self.said += [account.explain(language) for language in LANGUAGES]

    def learn_code(self, account: AccountSession, event: QRCode) -> None:
        """Take a code among the secrets."""
        self.said.append(event)
        number = len(self.secrets)
        self.secrets[f"picture {number}"] = event.qr_code
        # The address is no secret, but what tells this code from others is.
        code = read_code(decode_picture(event.qr_code)).rpartition("/")[2]
        self.secrets[f"code {number}"] = code

    def connect(self, url: str) -> Deferred[AccountSession]:
        """Connect an account whose store outlives it."""
        return connect(
            real_reactor(),
            url,
            auth_key=KEY,
            name="one",
            handlers=self.set_up,
            store=self.store,
        )

    async def learn_record(self, sandbox: SandboxService) -> None:
        """Take token and device of the account among the secrets."""
        key = AccountKey(sandbox.url, Secret(KEY).fingerprint(), "one")
        record = await self.store.load(key)
        assert record is not None
        assert record.device is not None
        assert record.login_token is not None
        self.said.append(record)
        self.secrets["the token"] = record.login_token
        self.secrets |= record.device
