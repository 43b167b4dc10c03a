"""Two accounts beside a web page, each by ``connect``.

``python embed_connect.py [GATEWAY [WEB]]``
"""

import sys

from shop_bot import setup
from status_page import StatusPage
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.endpoints import serverFromString
from twisted.internet.task import react
from twisted.web.server import Site

from padchat_twisted import AccountSession, SQLiteStore, connect


class Shop:
    """The application: two accounts, one store, one page.

    Args:
        reactor: runs everything.
        gateway: URL of the gateway.
        web: where the page is served, for example ``tcp:8080``.
    """

    def __init__(self, reactor: ReactorBase, gateway: str, web: str) -> None:
        self._reactor = reactor
        self._gateway = gateway
        self._web = serverFromString(reactor, web)
        self._store = SQLiteStore(reactor, "shop.sqlite")
        self.page = StatusPage()

    async def start(self) -> None:
        """Serve the page, then connect one account after the other."""
        self._port = await self._web.listen(Site(self.page))
        await self._store.open()
        for name in ("shop-1", "shop-2"):
            await connect(
                self._reactor,
                self._gateway,
                auth_key="demo-key",
                name=name,
                handlers=self._set_up,
                store=self._store,
            )

    async def stop(self) -> None:
        """Leave the gateway; nobody is logged out."""
        await gatherResults([account.close() for account in self.page.accounts])
        await self._store.close()
        await self._port.stopListening()

    def _set_up(self, account: AccountSession) -> None:
        setup(account)
        self.page.add(account)


async def main(
    reactor: ReactorBase,
    gateway: str = "http://127.0.0.1:7700/user",
    web: str = "tcp:8080:interface=127.0.0.1",
) -> None:
    """Run until Ctrl-C or SIGTERM."""
    shop = Shop(reactor, gateway, web)
    await shop.start()
    reactor.addSystemEventTrigger(
        "before", "shutdown", lambda: Deferred.fromCoroutine(shop.stop())
    )
    await Deferred()


if __name__ == "__main__":
    react(main, sys.argv[1:])
