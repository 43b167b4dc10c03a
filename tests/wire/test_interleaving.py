"""Both roles joined by a network that delivers in any order: nothing is lost."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.engineio import EIO3, EIO4, Revision

from .network import Network, Side

POLLING, WEBSOCKET = ("polling",), ("websocket",)
BOTH = ("polling", "websocket")

#: Events that each side sends.
EVENTS = 12

#: Steps after which a run is stuck; good ones take some hundred.
MANY = 5000

SIDES: tuple[Side, Side] = ("client", "server")
EXPECTED = [b'["n",%d]' % number for number in range(EVENTS)]


class InterleavingTests(SynchronousTestCase):
    """Events, time and everything that is on its way, in any order."""

    @settings(max_examples=150, deadline=None)
    @given(
        seed=st.integers(0, 2**32),
        revision=st.sampled_from((EIO3, EIO4)),
        transports=st.sampled_from(
            ((POLLING, BOTH), (BOTH, BOTH), (BOTH, POLLING), (WEBSOCKET, BOTH))
        ),
        max_payload=st.sampled_from((None, 1, 60)),
        closes=st.sampled_from(SIDES),
    )
    def test_nothing_is_lost(
        self,
        seed: int,
        revision: Revision,
        transports: tuple[tuple[str, ...], tuple[str, ...]],
        max_payload: int | None,
        closes: Side,
    ) -> None:
        """All events come, once and in order; then both sides end."""
        chance = Random(seed)
        network = Network(chance, revision, *transports, max_payload)
        self._exchange(network, chance)
        self.assertEqual(network.bodies, {"client": EXPECTED, "server": EXPECTED})
        self.assertEqual(network.closed, {})
        network.close(closes)
        for _ in range(MANY):
            if len(network.closed) == 2:
                break
            if not network.deliver():
                network.tick(1.0)
        self.assertEqual(set(network.closed), set(SIDES))
        self.assertEqual(len(network.left["client"]), 1)
        self.assertEqual(len(network.left["server"]), 1)

    def test_upgrade_comes_about(self) -> None:
        """With traffic in both directions, the WebSocket is in use in the end."""
        for revision in (EIO3, EIO4):
            chance = Random(7)
            network = Network(chance, revision, BOTH, BOTH)
            self._exchange(network, chance)
            for _ in range(MANY):
                if not network.deliver():
                    network.tick()
                if not network.engines["client"].is_upgrading:
                    break
            while network.deliver():
                pass
            for side in SIDES:
                self.assertGreater(network.engines[side].heard(network.now), 0)

    def test_last_events_before_the_close(self) -> None:
        """What was sent before a close is delivered, however it travels."""
        for revision in (EIO3, EIO4):
            for transports in (POLLING, BOTH, WEBSOCKET):
                for side in SIDES:
                    self._close_at_once(revision, transports, side)

    def _close_at_once(
        self, revision: Revision, transports: tuple[str, ...], side: Side
    ) -> None:
        network = Network(Random(1), revision, transports, BOTH)
        for _ in range(MANY):
            if network.is_joined:
                break
            network.deliver()
        for number in range(EVENTS):
            network.emit(side, number)
        network.close(side)
        for _ in range(MANY):
            if len(network.closed) == 2:
                break
            if not network.deliver():
                network.tick(1.0)
        other: Side = "server" if side == "client" else "client"
        where = f"{revision} {transports} {side}"
        self.assertEqual(network.bodies[other], EXPECTED, where)

    def _exchange(self, network: Network, chance: Random) -> None:
        sent: dict[Side, int] = {"client": 0, "server": 0}
        for _ in range(MANY):
            if network.bodies == {"client": EXPECTED, "server": EXPECTED}:
                return
            side = chance.choice(SIDES)
            what = chance.random()
            if what < 0.3 and network.is_joined and sent[side] < EVENTS:
                network.emit(side, sent[side])
                sent[side] += 1
            elif what < 0.4 or not network.deliver():
                network.tick()
