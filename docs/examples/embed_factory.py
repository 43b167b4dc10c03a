"""Two accounts beside a web page, each over an endpoint of the application's own.

``python embed_factory.py [GATEWAY [ENDPOINT [WEB]]]``
"""

import sys

from shop_bot import setup
from status_page import StatusPage
from twisted.application.internet import ClientService, StreamServerEndpointService
from twisted.application.service import MultiService, Service
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import clientFromString, serverFromString
from twisted.internet.interfaces import IReactorCore
from twisted.internet.task import react
from twisted.web.server import Site

from padchat_twisted import AccountSession, PadChatClientFactory


class Closing(Service):
    """Closes an account when the application stops."""

    def __init__(self, account: AccountSession) -> None:
        self._account = account

    def stopService(self) -> Deferred[None]:
        """Leave the gateway; the account is not logged out."""
        super().stopService()
        return self._account.close()


def make_service(
    reactor: IReactorCore, gateway: str, endpoint: str, web: str
) -> MultiService:
    """Build the application; nothing happens until it is started.

    Args:
        reactor: runs everything.
        gateway: URL of the gateway; it names host and namespace.
        endpoint: what leads there, for example ``tcp:127.0.0.1:7700``.
        web: where the page is served, for example ``tcp:8080``.
    """
    shop = MultiService()
    accounts = []
    for name in ("shop-1", "shop-2"):
        factory = PadChatClientFactory(
            reactor,
            gateway,
            auth_key="demo-key",
            name=name,
            handlers=setup,
            store=f"{name}.sqlite",
        )
        connecting = ClientService(clientFromString(reactor, endpoint), factory)
        connecting.setServiceParent(shop)
        Closing(factory.account).setServiceParent(shop)
        accounts.append(factory.account)
    page = Site(StatusPage(accounts))
    StreamServerEndpointService(serverFromString(reactor, web), page).setServiceParent(
        shop
    )
    return shop


async def main(
    reactor: IReactorCore,
    gateway: str = "http://127.0.0.1:7700/user",
    endpoint: str = "tcp:127.0.0.1:7700",
    web: str = "tcp:8080:interface=127.0.0.1",
) -> None:
    """Run until Ctrl-C or SIGTERM."""
    shop = make_service(reactor, gateway, endpoint, web)
    shop.startService()
    reactor.addSystemEventTrigger("before", "shutdown", shop.stopService)
    await Deferred()


if __name__ == "__main__":
    react(main, sys.argv[1:])
