"""Two accounts beside a web page, each over an endpoint of the application's own.

``python embed_factory.py [GATEWAY [ENDPOINT [WEB]]]``
"""

import sys

from shop_bot import setup
from status_page import StatusPage
from twisted.application.internet import ClientService, StreamServerEndpointService
from twisted.application.service import MultiService
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.endpoints import clientFromString, serverFromString
from twisted.internet.task import react
from twisted.web.server import Site

from padchat_twisted import PadChatClientFactory


class Shop(MultiService):
    """The application: two accounts, each with a store of its own, and a page.

    Args:
        reactor: runs everything.
        gateway: URL of the gateway; it names host and namespace.
        endpoint: what leads there, for example ``tcp:127.0.0.1:7700``.
        web: where the page is served, for example ``tcp:8080``.
    """

    def __init__(
        self, reactor: ReactorBase, gateway: str, endpoint: str, web: str
    ) -> None:
        super().__init__()
        self.page = StatusPage()
        for name in ("shop-1", "shop-2"):
            factory = PadChatClientFactory(
                reactor,
                gateway,
                auth_key="demo-key",
                name=name,
                handlers=setup,
                store=f"{name}.sqlite",
            )
            self.page.add(factory.account)
            client = clientFromString(reactor, endpoint)
            ClientService(client, factory, clock=reactor).setServiceParent(self)
        server = serverFromString(reactor, web)
        StreamServerEndpointService(server, Site(self.page)).setServiceParent(self)

    async def stop(self) -> None:
        """Leave the gateway, nobody is logged out; then stop connecting."""
        await gatherResults([account.close() for account in self.page.accounts])
        await self.stopService()


async def main(
    reactor: ReactorBase,
    gateway: str = "http://127.0.0.1:7700/user",
    endpoint: str = "tcp:127.0.0.1:7700",
    web: str = "tcp:8080:interface=127.0.0.1",
) -> None:
    """Run until Ctrl-C or SIGTERM."""
    shop = Shop(reactor, gateway, endpoint, web)
    shop.startService()
    reactor.addSystemEventTrigger(
        "before", "shutdown", lambda: Deferred.fromCoroutine(shop.stop())
    )
    await Deferred()


if __name__ == "__main__":
    react(main, sys.argv[1:])
