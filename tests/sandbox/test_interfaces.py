"""Tests of padchat_twisted.sandbox.interfaces: who implements the seam."""

from __future__ import annotations

from inspect import signature

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.interfaces import IBinding, IWorld
from padchat_twisted.sandbox.world import World


class WorldTests(SynchronousTestCase):
    """The seam between the sandbox gateway and the world behind it."""

    def test_pretend_wechat(self) -> None:
        """It has what the seam asks for, with the same arguments, and says so."""
        world = World(clock=lambda: 0.0, random_hex=lambda size: "00" * size)
        as_seen: IWorld = world
        binding: IBinding = as_seen.attach("key", "0", lambda: None)
        for seam, found in ((IWorld, world), (IBinding, binding)):
            for name, asked in vars(seam).items():
                if name.startswith("_"):
                    continue
                self.assertTrue(asked.__doc__, f"{seam.__name__}.{name}")
                self.assertTrue(hasattr(found, name), name)
                if callable(asked):
                    wanted = list(signature(asked).parameters)[1:]
                    taken = list(signature(getattr(found, name)).parameters)
                    self.assertEqual(taken, wanted, name)
