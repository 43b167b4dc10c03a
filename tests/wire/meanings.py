"""What a frame means, beside the spelling of its JSON."""

from __future__ import annotations

import json
from typing import Any

from padchat_twisted.errors import RemoteProtocolError
from padchat_twisted.wire import engineio, socketio


def meaning(frame: bytes) -> Any:  # noqa: ANN401 - only compared
    """Read a text frame down to its JSON."""
    packet = engineio.decode_text(frame)
    if packet.type == engineio.OPEN:
        return packet.type, json.loads(packet.data)
    if packet.type != engineio.MESSAGE:
        return packet.type, packet.data
    try:
        inner = socketio.decode(packet.data)
    except RemoteProtocolError:
        return packet.type, packet.data
    return (
        inner.type,
        inner.namespace,
        inner.ack_id,
        inner.attachment_count,
        exact(json.loads(inner.body)) if inner.body else None,
    )


def exact(value: Any) -> Any:  # noqa: ANN401 - JSON has any shape
    """Make a JSON value comparable such that true is not 1."""
    if isinstance(value, bool):
        return "true" if value else "false", "boolean"
    if isinstance(value, list):
        return [exact(entry) for entry in value]
    if isinstance(value, dict):
        return {key: exact(entry) for key, entry in value.items()}
    return value
