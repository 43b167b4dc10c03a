"""A sandbox and services of it, each a process of its own as a user starts it.

There is a service for each dialect, for a configuration has one gateway. Secrets and
texts are planted in all that they are given.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import cast
from urllib.parse import quote, urlsplit

from twisted.internet.address import IPv4Address
from twisted.internet.task import deferLater

from padchat_twisted.store.cipher import PREFIX, Cipher, make_store_key

from .children import PADCHAT, STDERR, TWISTD, Child, start_child
from .secrets_in import SHORTEST, secrets_in_bytes
from .service.stage import StageCase, real_reactor
from .transport.proxy_servers import ConnectServer, ProxyServer

__all__ = ["ANSWER", "KEYS", "PASSWORD", "SAID", "Daemon", "DaemonCase"]

#: The auth key of the service of each dialect, with what is written in many ways.
KEYS = {
    "socketio": "sécret-key/of=tests&more+中文%41",
    "legacy": "legacy-key/planted=1",
    "sdk": "sdk-key-plänted&2",
}

#: Where the service of one dialect logs to, by its own options.
LOG = "twistd.log"

PASSWORD = "p@ssword/of the proxy"

DEVICE = {
    "deviceName": "planted iPad of the shop",
    "deviceUuid": "0F1E2D3C-PLANTED-4B5A-6978",
    "deviceWifiName": "planted wifi of the shop",
    "deviceWifiMac": "02:AB:CD:EF:98:76",
}

#: What people write; the second one with all that is escaped somewhere.
SAID = (
    "Wo xihuan mantou tonight",
    '你今天{早饭} "吃" 什么呢\\好的 %s',
    "after the restart come dumplings",
)

#: What the bot answers.
ANSWER = "the kitchen has persimmons"

#: Each account's first answer is garbled and its second lost, a token is refused at the
#: restart; the rest is for verbs.
FAULTS = """
about = "errors of all kinds"

[[fault]]
command = "sendMsg"
do = "garble"

[[fault]]
command = "sendMsg"
do = "drop"
nth = 2

[[fault]]
command = "setRemark"
do = "refuse"
times = "always"
text = "not now"

[[fault]]
command = "addLabel"
do = "drop"
times = "always"

[[fault]]
do = "refuse-token"
account = "two"
text = "token has expired"
status = -2023
"""

#: A bot that logs an error with the text in it, as a careless one may, and what it
#: found lying about, as a library may.
BOT = (
    f"""
ANSWER = {ANSWER!r}
"""
    + """
from pathlib import Path
from twisted.logger import Logger
from padchat_twisted import TextMessage
from padchat_twisted.errors import CallError
from padchat_twisted.catalogue import SendMsg

log = Logger("bot")
library = Logger("library")
planted = Path(__file__).with_name("planted.txt").read_text().splitlines()

def setup(account):
    account.on(TextMessage, handle)

async def handle(account, message):
    log.info("{account} was written to", account=account.name)
    answer = SendMsg(message.conversation, ANSWER)
    try:
        await account.call(answer, key=message.msg_id, time_limit=1)
    except CallError as error:
        log.warn("no answer: {error}", error=error)
    for secret in planted:
        library.info("found {secret} somewhere", secret=secret)
    log.info("{account} is about to fail", account=account.name)
    raise LookupError(f"no answer to {message.text!r} of {message.raw}")
"""
)


class Daemon:
    """One service.

    Args:
        case: starts it.
        dialect: of its gateway.
        url: of its gateway.
        start: how its command line begins.
        is_sealed: whether its store has a key.

    Attributes:
        names: of its accounts.
        secrets: what nothing may show, by what it is.
        said: what verbs and its control socket said.
    """

    def __init__(
        self,
        case: DaemonCase,
        dialect: str,
        url: str,
        *,
        start: tuple[str, ...] = TWISTD,
        is_sealed: bool = True,
    ) -> None:
        self.folder = case.folder / dialect
        self.dialect = dialect
        self.names = ("one", "two") if dialect == "socketio" else ("0",)
        self.secrets = {f"the auth key of {dialect}": KEYS[dialect]}
        self.said: list[str] = []
        self._kept: list[dict[str, bytes]] = []
        self._children: list[Child] = []
        self._start = start
        self._has_file = dialect == "sdk"
        self._heard: dict[str, int] = {}
        self._case = case
        self._store_key = make_store_key() if is_sealed else None
        self._configure(url)

    @property
    def child(self) -> Child:
        """The process that runs, or ran last."""
        return self._children[-1]

    def start(self) -> None:
        """Start it."""
        child = start_child(
            self._case,
            self._start,
            *("-n", *(("--logfile", LOG) if self._has_file else ())),
            *("padchat", "--config", "padchat.toml"),
            folder=self.folder,
            environ={"PLANTED_KEY": KEYS[self.dialect]},
        )
        self._children.append(child)

    async def when_all(self, line: str) -> None:
        """Wait until it said a line for each of its accounts."""
        if not self._has_file:
            for _ in self.names:
                await self.child.when_says(line)
            return
        wanted = self._heard.get(line, 0) + len(self.names)
        log = self.folder / LOG
        while not log.exists() or log.read_text().count(line) < wanted:
            await deferLater(real_reactor(), 0.05)
        self._heard[line] = wanted

    async def verb(self, *words: str, is_told: bool = True) -> tuple[int, str]:
        """Run a verb.

        Args:
            words: of the command line.
            is_told: whether what it writes is to be looked through.

        Returns:
            Its status, and what it wrote.
        """
        environ = {"PLANTED_KEY": KEYS[self.dialect]}
        child = start_child(
            self._case, PADCHAT, *words, folder=self.folder, environ=environ
        )
        status = await child.when_ended()
        written = child.said() + child.said(STDERR)
        if is_told:
            self.said.append(written)
        return status, written

    def learn(self) -> None:
        """Keep the files as they are, and take what is sealed in them as secrets."""
        self._kept.append(self._files())
        key = self._store_key
        cipher = Cipher(() if key is None else (key,))
        for where, value in self._values():
            if value.startswith(PREFIX):
                value = cipher.open(value)
            elif where not in ("account.login_token", "account.device"):
                continue
            texts = json.loads(value) if value.startswith("{") else {where: value}
            for field, text in texts.items():
                if isinstance(text, str) and len(text) >= SHORTEST:
                    self.keep_secret(field, text)

    def keep_secret(self, what: str, text: str) -> None:
        """Take a text among the secrets."""
        if text not in self.secrets.values():
            self.secrets[f"{what}, {len(self.secrets)}"] = text

    def written(self) -> dict[str, bytes]:
        """Return all that it wrote, by where; call `learn` before."""
        found = {"what verbs and the socket said": "\n".join(self.said).encode()}
        for number, files in enumerate(self._kept, 1):
            found |= {f"{name}, {number}": data for name, data in files.items()}
        for number, child in enumerate(self._children, 1):
            found[f"the output of start {number}"] = child.said().encode()
            found[f"the error output of start {number}"] = child.said(STDERR).encode()
        return found

    def leaks(self, others: Mapping[str, str]) -> list[str]:
        """Find secrets in what it wrote.

        Args:
            others: what else nothing may show.

        Returns:
            What is where, in words that do not repeat it.
        """
        return [
            f"{what} in {where} of {self.dialect}"
            for where, content in self.written().items()
            for what in secrets_in_bytes(content, {**self.secrets, **others})
        ]

    # Steps

    def _files(self) -> dict[str, bytes]:
        return {
            path.name: path.read_bytes()
            for path in self.folder.iterdir()
            if path.name.startswith(("padchat.sqlite", "twistd")) and path.is_file()
        }

    def _values(self) -> Iterator[tuple[str, str]]:
        """Yield the texts in the store, by table and column."""
        # Whoever opens the store itself tidies up its journal.
        store = self.folder / "copy.sqlite"
        files = self._kept[-1]
        for end in ("", "-wal"):
            content = files.get(f"padchat.sqlite{end}", b"")
            Path(f"{store}{end}").write_bytes(content)
        with closing(sqlite3.connect(store)) as connection:
            tables = connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table'"
            )
            for (table,) in tables.fetchall():
                rows = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own names
                columns = [each[0] for each in rows.description]
                for row in rows:
                    for column, value in zip(columns, row, strict=True):
                        if isinstance(value, str):
                            yield f"{table}.{column}", value

    def _configure(self, url: str) -> None:
        self.folder.mkdir(mode=0o700)
        lines = ["[gateway]", f'url = "{url}"']
        lines += ["[store]", 'path = "padchat.sqlite"']
        if self.dialect == "socketio":
            proxy = self._case.start_proxy(url)
            self._write("proxy.url", proxy)
            self.secrets["the proxy's password"] = PASSWORD
            self._write("auth.key", KEYS[self.dialect])
            lines[2:2] = ['auth_key = { file = "auth.key" }']
            lines[2:2] = ['proxy = { file = "proxy.url" }']
        else:
            lines[2:2] = ['auth_key = { env = "PLANTED_KEY" }']
        if self._store_key is not None:
            self._write("store.key", self._store_key.reveal())
            lines += ['keys = { file = "store.key" }']
            self.secrets[f"the store key of {self.dialect}"] = self._store_key.reveal()
        lines += ["[watch]", "stall_seconds = 5", "[pacing]", "overall.every = 0.001"]
        for name in self.names:
            lines += ["[[account]]", f'name = "{name}"', 'handlers = "bot:setup"']
            lines += ["inbox.durable = true"]
            if name in ("one", "0"):
                device = {
                    **DEVICE,
                    "deviceUuid": f"{self.dialect}-{DEVICE['deviceUuid']}",
                }
                pairs = ", ".join(f'{k} = "{v}"' for k, v in device.items())
                lines += [f"device = {{ {pairs} }}"]
                self.secrets |= {f"planted {k}": v for k, v in device.items()}
        self._write("padchat.toml", "\n".join(lines))
        self._write("bot.py", BOT)
        self._write("planted.txt", "\n".join(self.secrets.values()))

    def _write(self, name: str, content: str) -> None:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(content)


class DaemonCase(StageCase):
    """Has a sandbox in a process of its own, whose accounts meet errors.

    Attributes:
        sandbox: its process.
    """

    timeout = 240

    async def start_sandbox_child(self) -> dict[str, str]:
        """Start it; return its URLs by dialect."""
        (self.folder / "faults.toml").write_text(FAULTS)
        keys = [word for key in KEYS.values() for word in ("--auth-key", key)]
        self.sandbox = start_child(
            self,
            PADCHAT,
            *("sandbox", "--port", "0", "--scan", "--state", "sandbox.json"),
            *("--scenario", "faults.toml", *keys),
            folder=self.folder,
        )
        line = await self.sandbox.when_says("listening on ")
        url = line.split()[-1]
        place = urlsplit(url).netloc
        return {"socketio": url, "legacy": f"ws://{place}/ws", "sdk": f"ws://{place}"}

    def start_proxy(self, url: str) -> str:
        """Start a proxy that leads to *url* alone; return its URL."""
        target = urlsplit(url)
        assert target.port is not None
        server = ProxyServer(
            ConnectServer, {target.netloc: target.port}, ("shop", PASSWORD)
        )
        port = real_reactor().listenTCP(0, server, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        number = cast(IPv4Address, port.getHost()).port
        return f"http://shop:{quote(PASSWORD, safe='')}@127.0.0.1:{number}"
