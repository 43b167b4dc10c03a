"""What is easy to get wrong, and what holds it: the points of the vectors' README."""

from __future__ import annotations

#: By point: recordings that are replayed (``*`` for all that match), and tests, as
#: ``module: class.test``.
POINTS: dict[int, tuple[str, ...]] = {
    # EIO3 text payloads count UTF-16 units, the binary framing counts UTF-8 bytes.
    1: ("raw-*-unicode-payload", "codec-engineio"),
    # Which form a payload with bytes has, by b64.
    2: (
        "raw-*-binary-polling",
        "raw-*-binary-polling-post",
        "test_polling: ServerTests.test_binary",
        "test_polling: ServerTests.test_asked_for_once",
    ),
    # socket.io 1.x also says EIO=3.
    3: (
        "legacy17-ws-session",
        "legacy17-upgrade-session",
        "test_vectors: ReplayTests.test_version_1",
        "test_socketio_polling: PollingTests.test_version_1",
    ),
    # The mark before attachments.
    4: ("eio3-*-binary", "eio4-*-binary", "test_socketio_5: ClientTests.test_binary"),
    # The main namespace, unasked or asked for.
    5: (
        "eio3-*-root-namespace",
        "eio4-*-root-namespace",
        "test_socketio_5: ClientTests.test_join",
    ),
    # The query of CONNECT, and who wins.
    6: ("eio3-*-connect-user", "raw-*-namespaces"),
    # With and without a comma.
    7: ("eio3-ws-badserver-*", "legacy17-ws-session", "raw-*-namespaces"),
    # ERROR and CONNECT_ERROR.
    8: (
        "*-connect-error-middleware",
        "*-connect-error-unknown-namespace",
        "eio3-*-runtime-error-packet",
        "test_socketio_5: ClientTests.test_refused",
    ),
    # Heartbeats.
    9: (
        "*-heartbeat",
        "*-ping-timeout-client",
        "*-ping-timeout-server",
        "legacy20-polling-session",
        "test_heartbeat: PingerTests.test_next_ping",
        "test_engineio_polling: TrafficTests.test_wrong_direction",
    ),
    # The steps of the upgrade.
    10: (
        "*-upgrade-with-traffic",
        "raw-*-upgrade-steps",
        "raw-*-upgrade-bad-probe",
        "test_upgrade: ServerTests.test_without_probe",
        "test_upgrade: ServerTests.test_after_it",
        "test_upgrade: ClientTests.test_whole",
        "test_interleaving: InterleavingTests.test_nothing_is_lost",
    ),
    # Closing over polling.
    11: (
        "raw-*-close-packet",
        "eio3-polling-server-disconnect-close",
        "test_engineio_polling: ClosingTests.test_server_without_poll",
        "test_engineio_polling: ClosingTests.test_closed_by_client",
        "test_engineio_polling: ClosingTests.test_client",
    ),
    # Two requests at once.
    12: (
        "raw-*-poll-overlap",
        "test_engineio_polling: TrafficTests.test_overlapping_polls",
        "test_polling: ClientTests.test_one_post",
    ),
    # Which revision a request asks for.
    13: ("*-unsupported-protocol", "raw-*-handshake-polling"),
    # Answers to bad requests.
    14: ("*-transport-refused", "eio3on4-polling-unsupported-protocol"),
    # Attachments.
    15: (
        "eio*-ws-badserver-text-inside-attachments",
        "eio*-ws-badserver-unexpected-binary",
        "eio*-ws-badserver-bad-placeholder",
        "raw-*-malformed-packets",
        "codec-socketio",
    ),
    # The strictness of protocol 5.
    16: (
        "raw-server4-malformed-packets",
        "test_socketio_5: ClientTests.test_reserved_names",
        "test_socketio_5: ServerTests.test_broken_rules",
        "test_socketio_5: ServerTests.test_mild_in_protocol_4",
    ),
    # How JSON is spelled.
    17: ("*-odd-values", "codec-socketio"),
    # How ack ids are counted; by the callers of the core.
    18: ("*-reconnect-server-killed", "*-emit-ack", "*-server-ack"),
    # Compression of WebSocket.
    19: ("legacy20-ws-session", "*-permessage-deflate"),
    # No polling after WebSocket.
    20: (
        "eio3-ws-padchat-transports",
        "eio3-ws-padchat-transports-polling-server",
        "test_upgrade: ClientTests.test_websocket_first",
    ),
    # Missed events.
    21: (
        "eio4-*-state-recovery",
        "test_socketio_5: ClientTests.test_missed_events",
        "test_socketio_5: ClientTests.test_missed_events_are_bounded",
    ),
    # The reference client.
    22: ("padchat-*",),
}
