"""A client's WebSocket at rest: what is over, and what all connections have alike.

autobahn gives each connection ninety attributes: options, the handshake, flags for its
end. With their table these are 7 KiB, which a thousand accounts that wait for messages
would keep all night. See docs/design/0006-transport.md.
"""

from __future__ import annotations

from collections import deque
from functools import cached_property

from autobahn.websocket.protocol import TrafficStats
from autobahn.websocket.utf8validator import Utf8Validator
from twisted.internet.defer import Deferred

__all__ = ["Resting"]

#: What only the handshake needs, and what is made again when somebody asks for it.
_OVER = frozenset(
    {
        "_results",
        "_transport_details",
        "_valid_events",
        "http_headers",
        "http_response_data",
        "http_status_line",
        "is_closed",
        "is_open",
        "peer",
        "perMessageCompressionAccept",
        "perMessageCompressionOffers",
        "send_queue",
        "trafficStats",
        "utf8validator",
        "websocket_extensions_in_use",
        "websocket_key",
    }
)


class Resting:
    """Has ``rest``; mixed into autobahn's protocol of a client, before it.

    The options are autobahn's own, by their names. autobahn takes from the factory
    what the protocol does not have: the names in ``CONFIG_ATTRS`` that are left.
    """

    CONFIG_ATTRS = (
        "maxFramePayloadSize",
        "maxMessagePayloadSize",
        "perMessageCompressionAccept",
        "perMessageCompressionOffers",
    )

    logOctets = logFrames = trackTimings = False
    utf8validateIncoming = applyMask = maskClientFrames = tcpNoDelay = True
    acceptMaskedServerFrames = failByDrop = echoCloseCodeReason = False
    autoFragmentSize = 0
    version = 18

    # No timers: autobahn's would run on the global reactor.
    openHandshakeTimeout = closeHandshakeTimeout = serverConnectionDropTimeout = 0
    autoPingInterval = autoPingTimeout = 0
    autoPingSize = 12
    autoPingRestartOnAnyTraffic = True

    # As they are between two messages.
    _perMessageCompress = current_frame = None
    data = b""
    inside_message = False

    # As they are until the end begins.
    closedByMe = failedByMe = droppedByMe = wasClean = False
    wasCloseHandshakeTimeout = wasOpenHandshakeTimeout = False
    wasMaxFramePayloadSizeExceeded = wasMaxMessagePayloadSizeExceeded = False
    wasServerConnectionDropTimeout = wasServingFlashSocketPolicyFile = False
    localCloseCode = localCloseReason = remoteCloseCode = remoteCloseReason = None
    wasNotCleanReason = None

    # Never used, or over after the handshake.
    autoPingPending = autoPingPendingCall = autoPingPendingSent = None
    autoPingPendingSeq = send_state = 0
    autoPingTimeoutCall = closeHandshakeTimeoutCall = openHandshakeTimeoutCall = None
    serverConnectionDropTimeoutCall = trackedTimings = None
    triggered = False
    websocket_protocol_in_use = None
    websocket_version = 18

    @cached_property
    def is_closed(self) -> Deferred[object]:
        """Fires at the end, for whoever asked before."""
        return Deferred()

    @cached_property
    def send_queue(self) -> deque[tuple[bytes, bool]]:
        """What waits to be sent in pieces: nothing."""
        return deque()

    @cached_property
    def trafficStats(self) -> TrafficStats:
        """Counts what goes by autobahn."""
        return TrafficStats()

    @cached_property
    def utf8validator(self) -> Utf8Validator:
        """Looks at the messages that come in pieces."""
        return Utf8Validator()

    def rest(self) -> None:
        """The handshake is over: keep what this connection alone has."""
        shared = type(self)
        # A table that shrinks has to be made anew.
        self.__dict__ = {
            name: value
            for name, value in vars(self).items()
            if name not in _OVER and value is not getattr(shared, name, self)
        }
