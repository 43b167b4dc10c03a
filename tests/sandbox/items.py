"""Push items of the sandbox, as a client of ours reads them."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from padchat_twisted.catalogue.events import decode_event
from padchat_twisted.catalogue.messages import Push, PushItem
from padchat_twisted.wire.envelope import Notice

from .stage import Client

__all__ = ["typed", "typed_items"]

P = TypeVar("P", bound=PushItem)


def typed(item: dict[str, Any], kind: type[P]) -> P:
    """Read an item, which must be of this kind."""
    event = decode_event(
        Notice("push", msgspec.json.encode(["push", {"list": [item]}]))
    )
    assert isinstance(event, Push)
    (read,) = event.list
    assert isinstance(read, kind), f"{type(read)} is no {kind}"
    return read


def typed_items(client: Client, kind: type[P], *msg_types: int) -> list[P]:
    """Take what waits for a client, and read its items of some types."""
    return [typed(item, kind) for item in client.pushed(*msg_types)]
