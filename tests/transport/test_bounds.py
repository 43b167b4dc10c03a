"""What a hostile peer gets to do, and the test that bounds it.

Time is that of an injected clock, memory is measured or counted. A row is (what the
peer does, our role, over what): the tests, below ``tests``.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from ..named import is_test

CLIENT, SERVER = "client", "server"

_CLIENTS = "transport.test_hostile_clients"
_SERVERS = "transport.test_hostile_servers"

BOUNDS: dict[tuple[str, str, str], tuple[str, ...]] = {
    # A byte a second.
    ("slow", SERVER, "HTTP head"): ("transport.test_site.TimeTests.test_slow_head",),
    ("slow", SERVER, "WebSocket handshake"): (f"{_CLIENTS}.SlowTests.test_handshake",),
    ("slow", SERVER, "POST"): (
        "transport.test_site.TimeTests.test_slow_body",
        "transport.test_polling_server.LostTests.test_slow_post_does_not_stop_the_clock",
    ),
    ("slow", SERVER, "frame"): (
        f"{_CLIENTS}.SlowTests.test_frame",
        "transport.test_pieces.SlowMessageTests.test_drips",
        "transport.test_pieces.SlowMessageTests.test_small_fragments",
        "transport.test_pieces.SlowMessageTests.test_empty_fragments",
    ),
    ("slow", SERVER, "frame of legacy"): (
        f"{_CLIENTS}.JsonDialectTests.test_slow_auth",
    ),
    ("slow", CLIENT, "name"): ("transport.test_endpoints.NameTests.test_time",),
    ("slow", CLIENT, "TCP"): ("transport.test_endpoints.TCPTests.test_time",),
    ("slow", CLIENT, "TLS"): ("transport.test_endpoints.TLSTimeTests.test_time",),
    ("slow", CLIENT, "proxy"): (
        "transport.test_tunnels.ConnectAnswerTests.test_no_answer",
        "transport.test_tunnels.SOCKSAnswerTests.test_no_answer",
    ),
    ("slow", CLIENT, "WebSocket handshake"): (f"{_SERVERS}.SlowTests.test_handshake",),
    ("slow", CLIENT, "frame"): (f"{_SERVERS}.SlowTests.test_frame",),
    ("slow", CLIENT, "polling answer"): (
        f"{_SERVERS}.SlowTests.test_first_answer",
        f"{_SERVERS}.SlowTests.test_answer",
    ),
    ("slow", CLIENT, "answer to auth"): (
        "transport.test_json_gateway.OpeningTests.test_time",
    ),
    # Peers that take nothing.
    ("never reads", SERVER, "WebSocket"): (
        f"{_CLIENTS}.DeafTests.test_websocket",
        "socketio.test_server_namespace.BroadcastTests.test_client_that_does_not_read",
        "sandbox.test_server.SessionTests.test_notices_that_are_not_read",
        "sandbox.test_server.SessionTests.test_replies_that_are_not_read",
    ),
    ("never reads", SERVER, "polling"): (
        f"{_CLIENTS}.DeafTests.test_polling",
        "transport.test_polling_server.LostTests.test_answer_that_is_not_read",
        "wire.test_outbox.OutboxTests.test_pongs",
        "wire.test_outbox.OutboxTests.test_messages",
    ),
    ("never reads", SERVER, "legacy and sdk"): (
        "wire.test_json_server.AnswerTests.test_a_client_that_does_not_read",
        "sandbox.test_served.ServedTests.test_full",
    ),
    ("never reads", CLIENT, "WebSocket"): (
        f"{_SERVERS}.DeafTests.test_calls",
        "transport.test_hostile_memory.FloodTests.test_pings_that_are_not_read",
    ),
    ("never reads", CLIENT, "polling"): (f"{_SERVERS}.DeafTests.test_calls",),
    ("never reads", CLIENT, "legacy and sdk"): (
        "wire.test_json_client.CallTests.test_buffer_full",
    ),
    # Connections of which one end is gone.
    ("half-open", SERVER, "WebSocket"): (f"{_CLIENTS}.HalfOpenTests.test_missed",),
    ("half-open", SERVER, "polling"): (f"{_CLIENTS}.HalfOpenTests.test_missed",),
    ("half-open", SERVER, "upgraded"): (
        "wire.test_upgrade.ServerTests.test_heartbeat_afterwards",
    ),
    ("half-open", SERVER, "legacy and sdk"): (
        f"{_CLIENTS}.JsonDialectTests.test_half_open",
    ),
    ("half-open", CLIENT, "WebSocket"): (f"{_SERVERS}.HalfOpenTests.test_missed",),
    ("half-open", CLIENT, "polling"): (f"{_SERVERS}.HalfOpenTests.test_missed",),
    ("half-open", CLIENT, "upgraded"): (f"{_SERVERS}.HalfOpenTests.test_missed",),
    ("half-open", CLIENT, "legacy and sdk"): (
        "transport.test_json_gateway.PingTests.test_half_open",
    ),
    # What grows when it is inflated; these tests take both roles.
    ("bomb", SERVER, "permessage-deflate"): (
        "transport.test_framing.InflatingTests.test_bomb",
        "transport.test_framing.InflatingTests.test_after_a_bomb",
    ),
    ("bomb", SERVER, "POST in gzip"): (f"{_CLIENTS}.BombTests.test_post",),
    ("bomb", CLIENT, "permessage-deflate"): (
        "transport.test_framing.InflatingTests.test_bomb",
        "transport.test_framing.InflatingTests.test_after_a_bomb",
    ),
    ("bomb", CLIENT, "polling answer in gzip"): (
        f"{_SERVERS}.BombTests.test_answer",
        "transport.test_polling_client.LimitTests.test_gzip_that_grows",
    ),
    ("bomb", CLIENT, "QR picture"): (
        "transport.test_hostile_memory.PictureTests.test_hostile",
    ),
    # JSON of many levels, or values.
    ("deep JSON", SERVER, "event"): (
        "wire.test_limits.DefaultTests.test_deep_arguments",
        "socketio.test_server_namespace.EventTests.test_arguments_that_cannot_be_read",
        "sandbox.test_server.SessionTests.test_unreadable_command",
    ),
    ("deep JSON", SERVER, "CONNECT"): (
        "wire.test_limits.DefaultTests.test_deep_content_of_connect",
    ),
    ("deep JSON", SERVER, "legacy and sdk"): (
        f"{_CLIENTS}.JsonDialectTests.test_deep",
        "wire.test_json_connection.LimitTests.test_depth_and_values",
    ),
    ("deep JSON", CLIENT, "open packet"): (
        "transport.test_hostile_gateways.HostileTests.test_engine_io",
    ),
    ("deep JSON", CLIENT, "refusal"): (
        "transport.test_hostile_gateways.HostileTests.test_socket_io",
    ),
    ("deep JSON", CLIENT, "event and reply"): (
        "transport.test_hostile_gateways.HostileTests.test_padchat",
        "catalogue.test_events.EventTests.test_depth_edge",
    ),
    ("deep JSON", CLIENT, "legacy and sdk"): (
        "wire.test_json_connection.LimitTests.test_depth_and_values",
        "wire.test_json_keys.TextTests.test_too_deep",
    ),
    # Ten thousand of them.
    ("idle handshakes", SERVER, "polling"): (
        f"{_CLIENTS}.ManyTests.test_polling",
        f"{_CLIENTS}.ManyTests.test_nobody_joins",
    ),
    ("idle handshakes", SERVER, "WebSocket"): (
        f"{_CLIENTS}.ManyTests.test_websockets",
        "transport.test_resource_end.EndTests.test_websocket_that_never_opens",
    ),
    ("idle handshakes", SERVER, "legacy and sdk"): (
        f"{_CLIENTS}.JsonDialectTests.test_idle_handshakes",
        "transport.test_json_sockets.OpenTests.test_too_many",
    ),
    ("idle handshakes", SERVER, "TCP"): (f"{_CLIENTS}.ManyTests.test_tcp",),
    # Bytes without end.
    ("flood", SERVER, "POST"): (
        "transport.test_site.SizeTests.test_too_large",
        "transport.test_site.SizeTests.test_too_large_in_chunks",
        "transport.test_polling_server.PollTests.test_flood_behind_a_poll",
    ),
    ("flood", CLIENT, "WebSocket"): (
        "transport.test_hostile_memory.FloodTests.test_fragments",
        "transport.test_hostile_memory.FloodTests.test_attachments_that_do_not_come",
        "transport.test_hostile_memory.FloodTests.test_head",
    ),
    ("flood", CLIENT, "polling answer"): (
        "transport.test_polling_client.LimitTests.test_endless_body",
        "transport.test_polling_client.LimitTests.test_endless_head",
    ),
}

#: What a peer of each kind must not get away with.
KINDS = {
    "slow": {CLIENT, SERVER},
    "never reads": {CLIENT, SERVER},
    "half-open": {CLIENT, SERVER},
    "bomb": {CLIENT, SERVER},
    "deep JSON": {CLIENT, SERVER},
    "idle handshakes": {SERVER},
    "flood": {CLIENT, SERVER},
}


class BoundTests(SynchronousTestCase):
    """The table above."""

    def test_tests(self) -> None:
        """Each row leads to tests, and they are there."""
        for row, names in BOUNDS.items():
            self.assertTrue(names, row)
            for name in names:
                self.assertTrue(is_test(f"tests.{name}"), (row, name))

    def test_complete(self) -> None:
        """Each kind of attack has its bounds in each role that it can meet."""
        found: dict[str, set[str]] = {}
        for kind, role, _ in BOUNDS:
            found.setdefault(kind, set()).add(role)
        self.assertEqual(found, KINDS)
