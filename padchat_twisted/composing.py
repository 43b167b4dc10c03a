"""One account, composed of its parts; the ways to embed one share this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from twisted.internet.interfaces import IReactorTime, IStreamClientEndpoint

from .catalogue import Dialect
from .errors import LocalProtocolError
from .interfaces import AccountKey, IConnector, IStateStore
from .redaction import KNOWN
from .secret import Secret
from .session.account import AccountSession, Handlers
from .session.budget import budget_of
from .session.endurance import Endurance
from .session.pacing import Pacing
from .session.policy import PLAIN, InboxPolicy
from .transport.address import GatewayAddress
from .transport.connectors import EndpointConnector
from .transport.json_gateway import JsonEndpointConnector
from .transport.revision import RevisionSetting, check_settings

__all__ = ["build_account", "check_way", "connector_for"]


def connector_for(
    reactor: Any,  # noqa: ANN401 - several interfaces in one
    endpoint: IStreamClientEndpoint,
    address: GatewayAddress,
    auth_key: Secret,
    name: str,
    *,
    revision: RevisionSetting = "auto",
    transports: tuple[str, ...] = ("websocket",),
    fallback: bool = False,
) -> IConnector:
    """Return what connects one account to a gateway, in its dialect.

    Args:
        reactor: for time.
        endpoint: leads to the gateway.
        address: what its URL says.
        auth_key: lets us use it.
        name: label of the sub-account; ``socketio`` sends it.
        revision: see ``connect``.
        transports: see ``connect``.
        fallback: see ``connect``.

    Raises:
        LocalProtocolError: see ``check_way``.
    """
    check_way(address, revision, transports, fallback=fallback)
    if address.dialect == "socketio":
        return EndpointConnector(
            reactor,
            endpoint,
            address,
            auth_key,
            name,
            revision=revision,
            transports=transports,
            has_fallback=fallback,
        )
    return JsonEndpointConnector(reactor, endpoint, address, auth_key)


def check_way(
    address: GatewayAddress,
    revision: RevisionSetting = "auto",
    transports: tuple[str, ...] = ("websocket",),
    *,
    fallback: bool = False,
) -> None:
    """Check how a gateway is to be connected to; the arguments are of ``connect``.

    Raises:
        LocalProtocolError: no such revision or transports, or any where the dialect
            knows but one way.
    """
    check_settings(revision, transports)
    way = (revision, tuple(transports), fallback)
    if address.dialect != "socketio" and way != ("auto", ("websocket",), False):
        raise LocalProtocolError(
            f"dialect {address.dialect} has one revision, and only WebSockets: leave"
            " revision, transports and fallback out, or write a URL with http"
        )


def build_account(
    reactor: IReactorTime,
    connector: IConnector,
    auth_key: Secret,
    name: str,
    store: IStateStore,
    *,
    handlers: Handlers | None = None,
    device: Mapping[str, str] | None = None,
    dialect: Dialect = "socketio",
    endurance: Endurance | None = None,
    keeps_contacts: bool = True,
    inbox: InboxPolicy = PLAIN,
    pacing: Pacing | None = None,
) -> AccountSession:
    """Compose one account; it does nothing until it is started.

    Args:
        reactor: for time.
        connector: gives connections.
        auth_key: only its fingerprint is kept.
        name: label of the sub-account.
        store: must be open before the account is started.
        handlers: called with the account.
        device: device data by wire name, None to have it made once.
        dialect: what the gateway speaks.
        endurance: see ``connect``.
        keeps_contacts: see ``AccountSession``.
        inbox: what is done with messages before handlers have them.
        pacing: see ``connect``.
    """
    endurance = endurance or Endurance()
    if endurance.budget is None:
        endurance = replace(endurance, budget=budget_of(reactor))
    key = AccountKey(connector.url, auth_key.fingerprint(), name)
    KNOWN.keep(("auth key", key.key_fingerprint), [auth_key.reveal()])
    account = AccountSession(
        reactor,
        connector,
        key,
        store,
        device=device,
        dialect=dialect,
        endurance=endurance,
        keeps_contacts=keeps_contacts,
        inbox=inbox,
        pacing=pacing,
    )
    if handlers is not None:
        handlers(account)
    return account
