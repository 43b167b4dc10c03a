"""Events and answers as Python sees them: a name, arguments, and their encoding.

One rule serves arguments that come back, in both directions: no argument is ``None``,
one is itself, several are a tuple. A handler answers with such a value, and ``call``
gives one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import LocalProtocolError
from ..wire import json_text
from ..wire.socketio import RESERVED_EVENTS, decode_arguments, encode_arguments

__all__ = [
    "answer_of",
    "arguments_of",
    "check_name",
    "check_namespace",
    "decode_error",
    "decode_refusal",
    "encode_answer",
    "encode_event",
    "encode_refusal",
]


def check_name(name: str) -> None:
    """Check the name of an event that is to be sent or handled.

    Raises:
        LocalProtocolError: no text, or reserved.
    """
    if not isinstance(name, str) or name in RESERVED_EVENTS:
        raise LocalProtocolError(
            f"{name!r} is no name for an event: it must be a text, and Socket.IO keeps"
            f" {', '.join(sorted(RESERVED_EVENTS))} for itself"
        )


def check_namespace(name: str) -> str:
    """Check the name of a namespace, and return it.

    Raises:
        LocalProtocolError: it cannot be one.
    """
    if not name.startswith("/") or not name.isprintable() or set(name) & set(",?"):
        raise LocalProtocolError(
            f"{name!r} is no namespace: it must begin with a slash, and hold no comma,"
            " no question mark and nothing that is not printable"
        )
    return name


def encode_event(
    name: str, arguments: Sequence[object]
) -> tuple[bytes, tuple[bytes, ...]]:
    """Encode an event.

    Args:
        name: of the event.
        arguments: anything that JSON can hold; bytes, at any depth, become
            attachments.

    Returns:
        JSON text of the array, the name first; and the attachments.

    Raises:
        LocalProtocolError: such a name or argument cannot be sent.
    """
    check_name(name)
    return encode_arguments((name, *arguments))


def encode_answer(answer: object) -> tuple[bytes, tuple[bytes, ...]]:
    """Encode what a handler returned as the arguments of an acknowledgement."""
    if answer is None:
        return b"[]", ()
    return encode_arguments(answer if isinstance(answer, tuple) else (answer,))


def arguments_of(body: bytes, attachments: Sequence[bytes]) -> list[Any]:
    """Decode the arguments of an event, without its name.

    Raises:
        RemoteProtocolError: they are not JSON, or attachments are missing.
    """
    return decode_arguments(body, attachments)[1:]


def answer_of(body: bytes, attachments: Sequence[bytes]) -> Any:  # noqa: ANN401 - JSON
    """Decode an acknowledgement: none, one, or a tuple of several arguments.

    Raises:
        RemoteProtocolError: they are not JSON, or attachments are missing.
    """
    arguments = decode_arguments(body, attachments)
    if len(arguments) > 1:
        return tuple(arguments)
    return arguments[0] if arguments else None


def encode_refusal(message: str, data: object, protocol: int) -> bytes:
    """Encode why a namespace is refused.

    Args:
        message: why, for the client.
        data: more about it, or None.
        protocol: 4 sends the data alone, or else the message; 5 sends both.

    Raises:
        LocalProtocolError: data that JSON cannot hold.

    Source: socket.io 2.5.1, Socket.prototype.error; socket.io 4.8.4, Client.connect;
    vectors ``*-connect-error-middleware``.
    """
    said: object
    if protocol == 4:
        said = message if data is None else data
    elif data is None:
        said = {"message": message}
    else:
        said = {"message": message, "data": data}
    try:
        return json_text.write(said)
    except (TypeError, ValueError) as error:
        raise LocalProtocolError(f"data that JSON cannot hold: {error}") from None


def decode_refusal(body: bytes) -> tuple[str, Any]:
    """Decode why a namespace was refused.

    Returns:
        The message, empty when there is none; and the data, None when there is none.
        Protocol 4 has a text alone, or data alone.
    """
    try:
        said = json_text.read(body)
    except ValueError:
        return "", None
    if isinstance(said, str):
        return said, None
    if isinstance(said, dict):
        message = said.get("message", "")
        message = message if isinstance(message, str) else ""
        if set(said) <= {"message", "data"} and message:
            return message, said.get("data")
        return message, said
    return "", said


def decode_error(body: bytes) -> Any:  # noqa: ANN401 - JSON has any shape
    """Decode the data of an error in the middle of a session; None when unreadable."""
    try:
        return json_text.read(body)
    except ValueError:
        return None
