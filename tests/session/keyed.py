"""An account that sends with keys, over a store that a test holds back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, succeed

from padchat_twisted.catalogue import (
    SendMsg,
    SentMessage,
)
from padchat_twisted.errors import (
    OutcomeUnknown,
)
from padchat_twisted.interfaces import AccountKey, KeyedSend
from padchat_twisted.store import MemoryStore

from .case import TEXT, ReadyCase

KEY = "order-17"
HI = SendMsg("wxid_friend", TEXT)


class Held:
    """A method of a store whose Deferreds fire when a test says so."""

    def __init__(self, method: Callable[..., Deferred[Any]]) -> None:
        self._method = method
        self._waiting: list[tuple[Deferred[Any], Deferred[Any]]] = []

    def __call__(self, *args: object) -> Deferred[Any]:
        """Do it now, and tell it later."""
        waiting: Deferred[Any] = Deferred()
        self._waiting.append((waiting, self._method(*args)))
        return waiting

    def release(self) -> None:
        """Tell what was done."""
        told, self._waiting = self._waiting, []
        for waiting, done in told:
            done.chainDeferred(waiting)


class Forgetful(MemoryStore):
    """A store that remembers no key: the null collaborator."""

    def begin_send(
        self, key: AccountKey, send: KeyedSend
    ) -> Deferred[KeyedSend | None]:
        """Note nothing."""
        return succeed(None)


class KeyedCase(ReadyCase):
    """A ready account that sends with keys."""

    def send(self, key: str = KEY) -> Deferred[SentMessage]:
        """Send a text with a key."""
        return self.account.call(HI, key=key)

    def lose(self, sending: Deferred[Any]) -> None:
        """Lose the connection with a send in flight."""
        self.connection.lose()
        self.failureResultOf(sending, OutcomeUnknown)

    def come_back(self) -> None:
        """Connect again, and be ready."""
        self.clock.advance(60)
        self.go_in()
        self.answer("login")
        self.finish_login()
        self.connection.calls.clear()

    def unknown(self) -> list[str]:
        """List the keys of unknown sends."""
        return [each.key for each in self.successResultOf(self.account.unknown_sends())]

    def hold(self, name: str) -> Held:
        """Hold back what a method of the store tells."""
        held = Held(getattr(self.store, name))
        self.patch(self.store, name, held)
        return held
