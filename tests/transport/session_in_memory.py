"""A whole session in memory: handshake, calls, heartbeat, both kinds of ending."""

from __future__ import annotations

from twisted.internet.task import Clock

from padchat_twisted.errors import Disconnected
from padchat_twisted.wire.envelope import Reply

from .in_memory import Receiver
from .network import MemoryNetwork
from .served import EchoServer, connector_to


def run_session(clock: Clock) -> None:
    """Run two sessions, one closed by the client, one dropped by the server.

    Raises:
        AssertionError: something went otherwise.
    """
    server = EchoServer(clock)
    network = MemoryNetwork(server.site, clock)
    for is_dropped in (False, True):
        receiver = Receiver()
        connector_to(network, clock).connect(receiver)
        network.flush()
        connection = receiver.connection
        assert connection is not None
        connection.send_call(1, "a", b"{}")
        network.flush()
        assert Reply(1, b'["done"]') in receiver.envelopes
        network.advance(120)
        assert not receiver.losses
        if is_dropped:
            server.sockets.drop_all()
        else:
            connection.close()
        network.flush()
        assert isinstance(receiver.loss, Disconnected)
    assert not server.sockets.drivers
