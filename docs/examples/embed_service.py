"""Two accounts beside a web page, in one tree of Twisted services.

``python embed_service.py [GATEWAY [WEB]]``
"""

import sys

from shop_bot import setup
from status_page import StatusPage
from twisted.application.internet import StreamServerEndpointService
from twisted.application.service import MultiService
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.task import react
from twisted.web.server import Site

from padchat_twisted import PadChatService, SQLiteStore


def make_service(reactor: ReactorBase, gateway: str, web: str) -> MultiService:
    """Build the application; nothing happens until it is started.

    Args:
        reactor: runs everything.
        gateway: URL of the gateway.
        web: where the page is served, for example ``tcp:8080``.
    """
    page = StatusPage()
    accounts = PadChatService(
        reactor,
        gateway,
        auth_key="demo-key",
        store=SQLiteStore(reactor, "shop.sqlite"),
    )
    for name in ("shop-1", "shop-2"):
        page.add(accounts.add_account(name, handlers=setup))
    endpoint = serverFromString(reactor, web)
    shop = MultiService()
    accounts.setServiceParent(shop)
    StreamServerEndpointService(endpoint, Site(page)).setServiceParent(shop)
    return shop


async def main(
    reactor: ReactorBase,
    gateway: str = "http://127.0.0.1:7700/user",
    web: str = "tcp:8080:interface=127.0.0.1",
) -> None:
    """Run until Ctrl-C or SIGTERM."""
    shop = make_service(reactor, gateway, web)
    shop.startService()
    reactor.addSystemEventTrigger("before", "shutdown", shop.stopService)
    await Deferred()


if __name__ == "__main__":
    react(main, sys.argv[1:])
