"""What the replays need to know beside the vectors, as literal tables.

Each entry says what a recorded application did that nobody observed, or where we
differ from the recorded side on purpose, with the reason.
"""

from __future__ import annotations

from typing import Any

from padchat_twisted.wire.told import Role

from .acts import Acknowledge, Act, Close, Emit, Forget, Join, SetWritable
from .gateway_script import QR_FLOW_ACTS, TOKEN_FLOW_ACTS, answers

Key = tuple[str, Role]

CLIENT, SERVER = Role.CLIENT, Role.SERVER

#: Namespaces that a recorded client asks for at the start, where not only "/user". What
#: was observed without its namespace belongs to the last one.
_NAMESPACES: dict[str, tuple[str, ...]] = {
    "eio3-ws-root-namespace": ("/",),
    "eio3-ws-multiplex": ("/", "/user"),
    "eio3-ws-connect-error-unknown-namespace": ("/nope",),
}

#: The recorded client emitted these before it was connected (description).
EMITTED_EARLY = {"eio3-ws-buffered-emit"}

#: The order in which events are answered, by ack id, where it is not the order of
#: their arrival (descriptions: "out of order", "late").
ACK_ORDER: dict[Key, tuple[int, ...]] = {
    ("eio3-ws-emit-ack", SERVER): (0, 1, 3, 2, 4, 5),
    ("eio3-ws-server-ack", CLIENT): (0, 2, 1),
}

#: Done beside what is derived from ``observed``.
BESIDES: dict[Key, tuple[Act, ...]] = {
    # A client that is in no namespace observes no end of its own.
    ("eio3-ws-connect-error-middleware", CLIENT): (
        Act(5, 0.005, Join("/admin")),
        Act(7, 0.254, Close()),
    ),
    ("eio3-ws-connect-error-unknown-namespace", CLIENT): (Act(5, 0.203, Close()),),
    # The server refused the frame, so its application saw no event.
    ("eio3-ws-max-http-buffer", CLIENT): (
        Act(5, 0.037, Emit("/user", ["big", "x" * 20000])),
    ),
    # The server ran in a process of its own, which was killed.
    ("eio3-ws-reconnect-server-killed", CLIENT): (
        Act(5, 0.110, Emit("/user", ["echo", "before"], wants_ack=True)),
        Act(
            11,
            0.560,
            Emit("/user", ["echo", "emitted while offline 离线"], wants_ack=True),
        ),
    ),
    # The time limit of "mute"; "twice" is seen in its result alone.
    ("padchat-command-timeout", CLIENT): (
        Act(6, 1.033, Forget(0)),
        Act(7, 1.074, Emit("/user", ["twice", {}], wants_ack=True)),
    ),
    ("padchat-login-flow", SERVER): QR_FLOW_ACTS,
    ("padchat-token-login-flow", SERVER): TOKEN_FLOW_ACTS,
}

#: Done instead of what would be derived: the client did not observe all of it.
INSTEAD: dict[Key, tuple[Act, ...]] = {
    ("padchat-command-timeout", SERVER): (
        Act(6, 1.033, Acknowledge([{"success": True, "late": True}], 0)),
        Act(8, 1.074, Acknowledge([{"n": 1}, "second argument"], 1)),
        Act(8, 1.074, Acknowledge([{"n": 2}], 1)),
    ),
    # One while the transport is writable, five in one tick, then a plain one.
    ("eio3-ws-volatile", SERVER): (
        Act(5, 0.036, Emit("/user", ["v", "alone"], is_volatile=True)),
        Act(6, 0.077, Emit("/user", ["v", 0], is_volatile=True)),
        Act(7, 0.077, SetWritable(False)),
        *(
            Act(7, 0.077, Emit("/user", ["v", number], is_volatile=True))
            for number in range(1, 5)
        ),
        Act(7, 0.078, SetWritable(True)),
        Act(7, 0.118, Emit("/user", ["plain", "after"])),
    ),
}

#: The answers that a server gives at once, by event.
ANSWERS: dict[str, dict[str, list[list[Any]]]] = {
    "padchat-login-flow": answers("请扫码"),
    "padchat-token-login-flow": answers("登录中"),
}

_BROKEN_SERVER = "the recorded server is hand-made and breaks the protocol"
_CLOSED_BEFORE = (
    "socket.io-client 2.5 throws out of its handler, or drops what it cannot read, and"
    " leaves later; we close with RemoteProtocolError at once, so no DISCONNECT follows"
)

#: Frames of the recorded side that we do not send: step number, reason.
NOT_SENT: dict[Key, dict[int, str]] = {
    ("eio3-ws-badserver-bad-placeholder", CLIENT): {8: _CLOSED_BEFORE},
    ("eio3-ws-badserver-malformed-packet", CLIENT): {7: _CLOSED_BEFORE},
    ("eio3-ws-badserver-text-inside-attachments", CLIENT): {8: _CLOSED_BEFORE},
    ("eio3-ws-badserver-unexpected-binary", CLIENT): {7: _CLOSED_BEFORE},
}

#: Frames that we send sooner than the recorded side: step number, reason.
SENT_SOONER: dict[Key, dict[int, str]] = {
    ("eio3-ws-badserver-bad-placeholder", CLIENT): {9: _CLOSED_BEFORE},
    ("eio3-ws-badserver-malformed-packet", CLIENT): {8: _CLOSED_BEFORE},
    ("eio3-ws-badserver-text-inside-attachments", CLIENT): {9: _CLOSED_BEFORE},
    ("eio3-ws-badserver-unexpected-binary", CLIENT): {8: _CLOSED_BEFORE},
}

Seen = tuple[str, Any]

Instead = tuple[tuple[Seen, ...], str]

_PARSE_ERROR: Instead = ((("disconnect", ["parse error"]),), _CLOSED_BEFORE)
_ENGINE_ERROR: Instead = (
    (),
    "the error of the engine comes with the action Closed, not as an occurrence",
)
_REFUSED_BELOW: Instead = (
    (),
    "connecting failed below: the connection is not even told of an open WebSocket",
)

#: What our side sees otherwise than the recorded one: number of the entry among
#: those of the side, what we see instead, reason.
SEEN_OTHERWISE: dict[Key, dict[int, Instead]] = {
    ("eio3-ws-badserver-bad-placeholder", CLIENT): {1: _PARSE_ERROR},
    ("eio3-ws-badserver-malformed-packet", CLIENT): {1: _PARSE_ERROR},
    ("eio3-ws-badserver-text-inside-attachments", CLIENT): {1: _PARSE_ERROR},
    ("eio3-ws-badserver-unexpected-binary", CLIENT): {1: _PARSE_ERROR},
    ("eio3-ws-badserver-bad-engine-packet", CLIENT): {1: _ENGINE_ERROR},
    ("eio3-ws-badserver-empty-frame", CLIENT): {1: _ENGINE_ERROR},
    ("eio3-ws-badserver-second-connect", CLIENT): {
        1: ((), "a namespace that is joined cannot be joined once more")
    },
    ("eio3-ws-badserver-reserved-event", CLIENT): {
        2: ((), "socket.io-client 2.5 mistakes an event for its own of that name")
    },
    ("eio3-ws-reconnect-server-killed", CLIENT): {
        4: _REFUSED_BELOW,
        7: _REFUSED_BELOW,
    },
    ("padchat-command-timeout", SERVER): {
        2: (
            (
                ("event", [{"nsp": "/user", "id": 1, "data": ["twice", {}]}]),
                (
                    "disconnect",
                    [{"nsp": "/user", "reason": "client namespace disconnect"}],
                ),
            ),
            "the recorded application did not write this command down",
        )
    },
}

#: Replays that must end in RemoteProtocolError, with its layer.
BROKEN_RULES: dict[Key, str] = {
    ("eio3-ws-badserver-bad-engine-packet", CLIENT): "engine.io",
    ("eio3-ws-badserver-empty-frame", CLIENT): "engine.io",
    ("eio3-ws-badserver-bad-placeholder", CLIENT): "socket.io",
    ("eio3-ws-badserver-malformed-packet", CLIENT): "socket.io",
    ("eio3-ws-badserver-text-inside-attachments", CLIENT): "socket.io",
    ("eio3-ws-badserver-unexpected-binary", CLIENT): "socket.io",
    ("eio3-ws-max-http-buffer", SERVER): "websocket",
}

#: Observations that are of no layer in here.
NOT_OF_THE_WIRE = {
    "call": "a call of the reference client's API; what left is an event of the server",
    "rejected": "refused or timed out by the reference client's API, above the wire",
    "reconnect": "reconnecting is the session's",
    "reconnect_attempt": "reconnecting is the session's",
    "reconnect_error": "reconnecting is the session's",
    "reconnect_failed": "reconnecting is the session's",
}


def namespaces_of(name: str) -> tuple[str, ...]:
    """Return the namespaces that the recorded client asks for at the start."""
    return _NAMESPACES.get(name, ("/user",))


def not_served(name: str, role: Role) -> str | None:
    """Say why a scenario cannot be replayed in a role; None when it can."""
    if role is SERVER and "-badserver-" in name:
        return _BROKEN_SERVER
    return None


def is_scripted(name: str, role: Role) -> bool:
    """Tell whether a part of what our side does is written out above."""
    key = (name, role)
    answers_here = role is SERVER and name in ANSWERS
    return key in BESIDES or key in INSTEAD or answers_here
