"""Broadcasts, whose frame is made once: each client hears them as if alone."""

from __future__ import annotations

from typing import Any

from padchat_twisted.socketio import Socket

from .test_server_namespace import NamespaceCase


class OneFrameTests(NamespaceCase):
    """The same bytes for all who take them, and the same event for all others."""

    def test_alike_over_every_transport(self) -> None:
        """Clients of both revisions, over WebSocket and polling, hear the same."""
        ways: tuple[dict[str, Any], ...] = (
            {},
            {"revision": 4},
            {"transports": ("polling",)},
            {"revision": 4, "transports": ("polling",)},
        )
        peers = [self.stage.wire_client(**way) for way in ways]
        self.chat.broadcast("all", "\u65e9")
        self.chat.broadcast("all", "x" * 70_000)
        self.stage.flush()
        long = b'["all","%b"]' % (b"x" * 70_000)
        for peer in peers:
            self.assertEqual(self.bodies(peer), ['["all","\u65e9"]'.encode(), long])

    def test_in_order_with_what_goes_to_one(self) -> None:
        """A broadcast overtakes nothing, within a handler and outside."""

        def speak(socket: Socket) -> None:
            socket.emit("before")
            self.chat.broadcast("all")
            socket.emit("after")

        self.chat.on("speak", speak)
        peer, socket = self.stage.joined()
        self.say(peer, b'["speak"]')
        speak(socket)
        self.stage.flush()
        spoken = [b'["before"]', b'["all"]', b'["after"]']
        self.assertEqual(self.bodies(peer), spoken * 2)
