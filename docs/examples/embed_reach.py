"""Accounts of a gateway with a CA of its own, through a proxy.

``PROXY=socks5://USER:PASSWORD@HOST:PORT python embed_reach.py GATEWAY CA_FILE PIN``
"""

import os
import sys

from shop_bot import setup
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.task import react

from padchat_twisted import MemoryStore, PadChatService, TLSOptions


def make_service(
    reactor: ReactorBase, gateway: str, ca_file: str, pin: str, proxy: str | None
) -> PadChatService:
    """Build the accounts; nothing happens until the service is started.

    Args:
        reactor: runs everything.
        gateway: URL of the gateway, for example ``https://gw.example/user``.
        ca_file: trusted in place of the system's certificates.
        pin: of the public key of the gateway's certificate.
        proxy: URL of a proxy, None to connect directly.
    """
    service = PadChatService(
        reactor,
        gateway,
        auth_key="demo-key",
        store=MemoryStore(),
        tls=TLSOptions(ca_file=ca_file, pins=(pin,)),
        proxy=proxy,
    )
    service.add_account("shop-1", handlers=setup)
    return service


async def main(reactor: ReactorBase, gateway: str, ca_file: str, pin: str) -> None:
    """Run until Ctrl-C or SIGTERM."""
    service = make_service(reactor, gateway, ca_file, pin, os.environ.get("PROXY"))
    service.startService()
    reactor.addSystemEventTrigger("before", "shutdown", service.stopService)
    await Deferred()


if __name__ == "__main__":
    react(main, sys.argv[1:])
