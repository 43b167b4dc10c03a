"""Where the JSON dialects are on the sandbox's port; a browser gets a page there.

::

    /ws           dialect legacy
    /AUTH_KEY     dialect sdk: any other single segment; /test is the monitor's

Source: dialects.md, the table, "URL", and 3, "Connection": the port also answers plain
HTTP GET requests.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from twisted.web.pages import notFound
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request

from ..transport.json_sockets import JsonSockets, is_upgrade
from ..wire import dialect_legacy, dialect_sdk
from ..wire.json_server import JsonServer
from .json_served import FaultyLegacy, FaultySdk, ServedLegacy, ServedSdk
from .pages import html_page
from .served import Gateway

__all__ = ["HIDDEN_PATH", "LegacyPage", "RootPage"]

#: What stands in the log of requests in place of a path that may hold an auth key.
HIDDEN_PATH = b"/***"

#: Bytes of a task's id.
TASK_ID_BYTES = 16


class _JsonPage(Resource):
    """One address of a JSON dialect."""

    def __init__(
        self,
        sockets: JsonSockets,
        dialect: str,
        begin: Callable[[], tuple[JsonServer, ServedLegacy | ServedSdk]],
    ) -> None:
        super().__init__()
        self._sockets = sockets
        self._dialect = dialect
        self._begin = begin

    def render_GET(self, request: Request) -> bytes | int:
        """Turn the request into a WebSocket, or say that one is here."""
        if is_upgrade(request):
            return self._sockets.open(request, *self._begin())
        return html_page(
            request,
            "PadChat sandbox gateway",
            f"A WebSocket of dialect {self._dialect} is here. Nothing here reaches the"
            " real WeChat.",
        )


class LegacyPage(_JsonPage):
    """The address of dialect ``legacy``."""

    def __init__(self, gateway: Gateway, sockets: JsonSockets, max_frame: int) -> None:
        super().__init__(
            sockets,
            "legacy",
            lambda: (
                dialect_legacy.server_connection(max_frame=max_frame),
                (FaultyLegacy if gateway.trouble else ServedLegacy)(gateway),
            ),
        )


class RootPage(Resource):
    """The root of the site; what is not put on it is an address of dialect ``sdk``."""

    def __init__(self, gateway: Gateway, sockets: JsonSockets, max_frame: int) -> None:
        super().__init__()
        self._gateway = gateway
        self._sockets = sockets
        self._max_frame = max_frame

    def getChild(self, path: bytes, request: Request) -> IResource:
        """Return the page of an auth key, and take the key out of the request."""
        request.uri = HIDDEN_PATH
        if request.postpath:
            return notFound()
        auth_key = path.decode("utf-8", "replace")
        return _JsonPage(self._sockets, "sdk", lambda: self._begin(auth_key))

    def _begin(self, auth_key: str) -> tuple[JsonServer, ServedSdk]:
        random = self._gateway.world.random_hex(TASK_ID_BYTES)
        connection = dialect_sdk.server_connection(
            auth_key, task_id=str(uuid.UUID(hex=random)), max_frame=self._max_frame
        )
        serve = FaultySdk if self._gateway.trouble else ServedSdk
        return connection, serve(self._gateway)
