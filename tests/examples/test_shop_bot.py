"""The tests that a user may copy are themselves run: trial finds them here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .running import load

example: Any = load("test_shop_bot")

if not TYPE_CHECKING:

    class ShopBotInMemoryTests(example.InMemoryTests):
        """Those without a network."""

    class ShopBotSandboxTests(example.SandboxTests):
        """Those against the sandbox."""
