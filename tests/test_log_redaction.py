"""D6: secrets that others log are redacted, and a store with a key shows none.

What we log ourselves holds no secret at all: see ``test_log_secrecy``.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from twisted.logger import (
    ILogObserver,
    LogEvent,
    Logger,
    LogPublisher,
    globalLogPublisher,
)
from zope.interface import implementer

from padchat_twisted.catalogue import TextMessage
from padchat_twisted.redaction import KnownSecrets
from padchat_twisted.sandbox.service import SandboxService
from padchat_twisted.secret import Secret
from padchat_twisted.service.logs import RedactingLogObserver
from padchat_twisted.session.account import AccountSession
from padchat_twisted.store import SQLiteStore
from padchat_twisted.store.cipher import make_store_key
from padchat_twisted.transport.proxies import Proxy

from .night import KEY, TEXTS, NightCase, when_event
from .secrets_in import forms_of, secrets_in, text_of_events
from .service.stage import real_reactor

#: The logger of a library that knows nothing of secrets. It has a log of its own, so
#: that what it gives away is not in the log of the tests.
library_log = LogPublisher()
library = Logger("library", observer=library_log)

PASSWORD = "the-password-of-the-proxy"


@implementer(ILogObserver)
class Written:
    """An observer that keeps what it is handed."""

    def __init__(self) -> None:
        self.events: list[LogEvent] = []

    def __call__(self, event: LogEvent) -> None:
        """Keep an event."""
        self.events.append(event)


class Response:
    """What a library may have in its hands, with a repr that shows everything."""

    def __init__(self, secrets: dict[str, str]) -> None:
        self.secrets = secrets

    def __repr__(self) -> str:
        return f"<Response headers={self.secrets!r}>"


class RunCase(NightCase):
    """A whole run against the sandbox, with a store in a file."""

    def watch(self, known: KnownSecrets | None = None) -> Written:
        """Have the log redacted, by the registry of the process or another one."""
        written = Written()
        observer = RedactingLogObserver(written)
        if known is not None:
            observer = RedactingLogObserver(written, known)
        for log in (globalLogPublisher, library_log):
            log.addObserver(observer)
            self.addCleanup(log.removeObserver, observer)
        return written

    def keep_in_file(self, *keys: Secret) -> Path:
        """Use a store in a file; return its folder."""
        folder = self.folder / "kept"
        self.store = SQLiteStore(real_reactor(), folder / "store.sqlite", keys)
        self.addCleanup(self.store.close)
        return folder

    async def ready(self, sandbox: SandboxService) -> AccountSession:
        """Log the account in, and learn what must not be shown of it."""
        await self.store.open()
        account = await (await self.connect(sandbox.url)).when_ready()
        await self.learn_record(sandbox)
        return account

    async def talk(self, account: AccountSession, sandbox: SandboxService) -> None:
        """Let messages come and go."""
        alice = sandbox.world.person("alice")
        for text in TEXTS.values():
            read = when_event(account, TextMessage)
            alice.says(text, to="one")
            await read
            await account.send(alice.user_name, text)


class PlantedTests(RunCase):
    """A library logs all that it can lay hands on."""

    def plant(self) -> dict[str, str]:
        """Log each secret in a line, in a traceback, and in a repr; return them."""
        Proxy.from_url(f"http://proxy-user:{PASSWORD}@proxy.invalid:1")
        hidden = {k: v for k, v in self.secrets.items() if k not in TEXTS}
        hidden = {k: v for k, v in hidden.items() if not k.startswith(("pict", "code"))}
        hidden["the proxy's password"] = PASSWORD
        for what, secret in hidden.items():
            for form in sorted(forms_of(secret)):
                library.info("{what}: {form}", what=what, form=form)
            try:
                raise ValueError(f"bad {what}: {secret}")
            except ValueError:
                library.failure("the library failed")
        library.warn("got {response!r}", response=Response(hidden))
        return hidden

    async def test_planted(self) -> None:
        """Nothing of the account, its key or its proxy is in the redacted log."""
        written = self.watch()
        as_logged: list[LogEvent] = []
        observer = cast(ILogObserver, as_logged.append)
        library_log.addObserver(observer)
        self.addCleanup(library_log.removeObserver, observer)
        sandbox = self.start_sandbox(auth_keys=[KEY])
        await self.ready(sandbox)
        hidden = self.plant()
        for what in ("the auth key", "the token", "deviceUuid", "deviceData"):
            self.assertIn(what, hidden)
        log = text_of_events(written.events)
        self.assertEqual(secrets_in(log, hidden), [])
        self.assertIn("account one: syncing -> ready", log)
        self.assertIn("got <Response headers={'the auth key': '[secret]'", log)
        # Who did not ask for it has what was logged.
        self.assertTrue(secrets_in(text_of_events(as_logged), hidden))

    async def test_null_registry(self) -> None:
        """With a registry that learns nothing, every one of them is found."""
        written = self.watch(KnownSecrets())
        sandbox = self.start_sandbox(auth_keys=[KEY])
        await self.ready(sandbox)
        hidden = self.plant()
        found = "\n".join(secrets_in(text_of_events(written.events), hidden))
        for what in hidden:
            self.assertIn(what, found)


class StoreTests(RunCase):
    """What a full run leaves on the disk."""

    async def run_with(self, *keys: Secret) -> list[str]:
        """Run; return what is found in the files, while open and after."""
        folder = self.keep_in_file(*keys)
        sandbox = self.start_sandbox(auth_keys=[KEY])
        account = await self.ready(sandbox)
        await self.talk(account, sandbox)
        found = self.found_in(folder)
        await account.close()
        account = await (await self.connect(sandbox.url)).when_ready()
        await self.learn_record(sandbox)
        await account.logout()
        await self.store.close()
        return found + self.found_in(folder)

    def found_in(self, folder: Path) -> list[str]:
        """Look for secrets and message texts in the bytes of all files."""
        data = b"".join(file.read_bytes() for file in folder.iterdir())
        return secrets_in(data.decode("utf-8", "replace"), self.secrets)

    async def test_sealed(self) -> None:
        """With a key neither secrets nor texts of messages are in the files."""
        self.assertEqual(await self.run_with(make_store_key()), [])

    async def test_unsealed(self) -> None:
        """Without one the same look finds token and device data, and no texts."""
        found = "\n".join(await self.run_with())
        for what in ("the token", "deviceUuid", "deviceData"):
            self.assertIn(what, found)
        for what in ("the auth key", *TEXTS):
            self.assertNotIn(what, found)
