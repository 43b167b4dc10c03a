"""What the replays need to know beside the vectors, as literal tables.

Each entry says what a recorded application did that nobody observed, or where we
differ from the recorded side on purpose, with the reason.
"""

from __future__ import annotations

from typing import Any

from padchat_twisted.wire.told import Role

from . import by_hand_tables
from .acts import Acknowledge, Act, Emit, Forget, SetWritable
from .gateway_script import QR_FLOW_ACTS, TOKEN_FLOW_ACTS, answers

Key = tuple[str, Role]

CLIENT, SERVER = Role.CLIENT, Role.SERVER

#: Namespaces that a recorded client asks for at the start, where not only "/user". What
#: was observed without its namespace belongs to the last one.
_NAMESPACES: dict[str, tuple[str, ...]] = {
    "root-namespace": ("/",),
    "multiplex": ("/", "/user"),
    "connect-error-unknown-namespace": ("/nope",),
}

#: The recorded client emitted these before it was connected (description).
EMITTED_EARLY = {"buffered-emit"}

#: The order in which events are answered, by ack id, where it is not the order of
#: their arrival (descriptions: "out of order", "late").
ACK_ORDER: dict[Key, tuple[int, ...]] = {
    ("emit-ack", SERVER): (0, 1, 3, 2, 4, 5),
    ("server-ack", CLIENT): (0, 2, 1),
}

#: Done beside what is derived from ``observed``.
BESIDES: dict[Key, tuple[Act, ...]] = {
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
_NO_RECOVERY = "our server keeps no missed events, and says so by giving no pid"
_OF_1X = (
    "payloads of socket.io 1.x are not spoken: text in them is UTF-8 bytes as"
    " characters; the first that is not ASCII ends in an error that says so"
)
_NOT_REFUSED = (
    "a 2.x server answers a client of Engine.IO 4 in the words of 3; ours refuses it"
)
_CLOSED_BEFORE = (
    "socket.io-client 2.5 throws out of its handler, or drops what it cannot read, and"
    " leaves later; we close with RemoteProtocolError at once, so no DISCONNECT follows"
)

_SILENT = (
    "a client that polls does not tell a silent or broken server of its end: nobody"
    " would answer, and the server finds it by its own heartbeat"
)
_DANGLING = "socket.io-client closes what never opened, by a POST without sid"
_NO_101 = "a 4.x server answers 101, then writes HTTP 400 onto the open WebSocket"
_SAME_ANSWER = (
    "we close in the answer that brings the last DISCONNECT, engine.io when that was"
    " taken; so requests that come then find no session of ours"
)

#: Frames of the recorded side that we do not send: step number, reason.
NOT_SENT: dict[Key, dict[int, str]] = {
    ("eio3-ws-badserver-bad-placeholder", CLIENT): {8: _CLOSED_BEFORE},
    ("eio3-ws-badserver-malformed-packet", CLIENT): {7: _CLOSED_BEFORE},
    ("eio3-ws-badserver-text-inside-attachments", CLIENT): {8: _CLOSED_BEFORE},
    ("eio3-ws-badserver-unexpected-binary", CLIENT): {7: _CLOSED_BEFORE},
    ("eio3-polling-badserver-handshake-bad-json", CLIENT): {4: _DANGLING},
    ("eio4-polling-badserver-handshake-bad-json", CLIENT): {4: _DANGLING},
    ("eio3-polling-ping-timeout-client", CLIENT): {15: _SILENT},
    ("eio3on4-polling-ping-timeout-client", CLIENT): {15: _SILENT},
    ("eio4-polling-ping-timeout-client", CLIENT): {14: _SILENT},
    ("eio4-polling-state-recovery", CLIENT): {18: _SILENT},
    ("eio3-polling-max-http-buffer", SERVER): {
        15: "engine.io 3.x ends the session of a POST that is too large; 6.x does not"
    },
}

#: Frames that we send sooner than the recorded side: step number, reason.
SENT_SOONER: dict[Key, dict[int, str]] = {
    ("eio3-ws-badserver-bad-placeholder", CLIENT): {9: _CLOSED_BEFORE},
    ("eio3-ws-badserver-malformed-packet", CLIENT): {8: _CLOSED_BEFORE},
    ("eio3-ws-badserver-text-inside-attachments", CLIENT): {9: _CLOSED_BEFORE},
    ("eio3-ws-badserver-unexpected-binary", CLIENT): {8: _CLOSED_BEFORE},
    ("mismatch-ws-client4-server2", CLIENT): {
        6: "we close at once; the recorded application closed after 200 ms"
    },
}

_SAYS_40 = "socket.io 2.0 does not say 40 when the main namespace has middleware"

#: What we send besides: a packet, or ``close`` for a close frame; reason.
SENT_BESIDES: dict[Key, tuple[bytes, str]] = {
    ("eio3-polling-server-disconnect-close", SERVER): (b"1", _SAME_ANSWER),
    ("eio3on4-polling-server-disconnect-close", SERVER): (b"1", _SAME_ANSWER),
    ("legacy20-ws-connect-error", SERVER): (b"40", _SAYS_40),
    ("legacy20-polling-connect-error", SERVER): (b"40", _SAYS_40),
    ("legacy20-upgrade-connect-error", SERVER): (b"40", _SAYS_40),
    ("eio3on4-upgrade-ping-timeout-server", SERVER): (
        b"close",
        "engine.io 6.x has no ping timer for a client of EIO3 that has upgraded",
    ),
}

#: Requests that we answer otherwise as a server: number of the request, reason.
ANSWERED_OTHERWISE: dict[Key, dict[int, str]] = {
    ("eio3-polling-server-disconnect-close", SERVER): {
        16: _SAME_ANSWER,
        20: _SAME_ANSWER,
    },
    ("eio3on4-polling-server-disconnect-close", SERVER): {
        16: _SAME_ANSWER,
        20: _SAME_ANSWER,
    },
    ("eio4-polling-server-disconnect-close", SERVER): {16: _SAME_ANSWER},
    ("eio3-polling-max-http-buffer", SERVER): {
        13: "engine.io 3.x drops the connection of a POST that is too large; 6.x: 413"
    },
    ("eio3on4-ws-unsupported-protocol", SERVER): {0: _NO_101},
}

Seen = tuple[str, Any]

Instead = tuple[tuple[Seen, ...], str]

_PARSE_ERROR: Instead = ((("disconnect", ["parse error"]),), _CLOSED_BEFORE)
_ENDS_ONCE = "a connection that no namespace was joined on ends once"
_BEFORE_CONNECT = "what was missed comes after the namespace is joined, not before"


def _missed(offset: str) -> dict[int, Instead]:
    event = {"nsp": "/user", "data": ["e", "missed", offset]}
    return {
        3: ((("connect", []),), _BEFORE_CONNECT),
        4: ((("event", [event]),), _BEFORE_CONNECT),
    }


#: What our side sees otherwise than the recorded one: number of the entry among
#: those of the side, what we see instead, reason.
SEEN_OTHERWISE: dict[Key, dict[int, Instead]] = {
    ("eio3-ws-badserver-bad-placeholder", CLIENT): {1: _PARSE_ERROR},
    ("eio3-ws-badserver-malformed-packet", CLIENT): {1: _PARSE_ERROR},
    ("eio3-ws-badserver-text-inside-attachments", CLIENT): {1: _PARSE_ERROR},
    ("eio3-ws-badserver-unexpected-binary", CLIENT): {1: _PARSE_ERROR},
    ("badserver-second-connect", CLIENT): {
        1: ((), "a namespace that is joined cannot be joined once more")
    },
    ("eio3-ws-badserver-reserved-event", CLIENT): {
        2: ((), "socket.io-client 2.5 mistakes an event for its own of that name")
    },
    ("eio3-polling-badserver-post-http-400", CLIENT): {
        1: ((("connect_error", []),), _ENDS_ONCE)
    },
    ("eio4-polling-badserver-post-http-400", CLIENT): {1: ((), _ENDS_ONCE)},
    ("eio4-polling-badserver-server-close-packet", CLIENT): {
        1: (
            (("event", [{"nsp": "/user", "data": ["bye"]}]),),
            "socket.io-client 4.x hands out the event of that poll after its end",
        ),
        2: (
            (("disconnect", ["transport close"]),),
            "socket.io-client 4.x hands out the event of that poll after its end",
        ),
    },
    ("eio4-ws-state-recovery", CLIENT): _missed("Q8B-YS1"),
    ("eio4-polling-state-recovery", CLIENT): _missed("Q8B-YoW"),
    ("eio4-upgrade-state-recovery", CLIENT): _missed("Q8B-ZlS"),
    ("eio3-polling-max-http-buffer", SERVER): {
        1: ((), "engine.io 3.x ends the session of a POST that is too large")
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

#: What our side sees at the end, and the recorded side never saw; reason.
SEEN_AT_THE_END: dict[Key, tuple[Seen, str]] = {
    ("eio3on4-upgrade-ping-timeout-server", SERVER): (
        ("disconnect", [{"nsp": "/user", "reason": "ping timeout"}]),
        "engine.io 6.x has no ping timer for a client of EIO3 that has upgraded",
    ),
}

#: Replays that must end in RemoteProtocolError, with its layer.
BROKEN_RULES: dict[Key, str] = {
    ("badserver-bad-engine-packet", CLIENT): "engine.io",
    ("badserver-empty-frame", CLIENT): "engine.io",
    ("badserver-bad-placeholder", CLIENT): "socket.io",
    ("badserver-malformed-packet", CLIENT): "socket.io",
    ("badserver-text-inside-attachments", CLIENT): "socket.io",
    ("badserver-unexpected-binary", CLIENT): "socket.io",
    ("badserver-poll-bad-payload", CLIENT): "engine.io",
    ("badserver-poll-http-500", CLIENT): "http",
    ("badserver-post-http-400", CLIENT): "http",
    ("eio4-ws-badserver-reserved-event", CLIENT): "socket.io",
    ("mismatch-ws-client4-server2", CLIENT): "socket.io",
    ("eio3on4-polling-max-http-buffer", CLIENT): "http",
    ("eio4-polling-max-http-buffer", CLIENT): "http",
    **dict.fromkeys(
        (
            (f"{server}-{transport}-max-http-buffer", SERVER)
            for server in ("eio3", "eio3on4", "eio4")
            for transport in ("ws", "upgrade")
        ),
        "websocket",
    ),
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


def kind_of(name: str) -> str:
    """Return the third part of a scenario's name, what happens in it."""
    return name.split("-", 2)[2]


def broken_rule(name: str, role: Role) -> str | None:
    """Return the layer whose rules the peer broke, as we say at the end."""
    return BROKEN_RULES.get((name, role)) or BROKEN_RULES.get((kind_of(name), role))


def seen_otherwise(name: str, role: Role) -> dict[int, Instead]:
    """Return what our side sees otherwise."""
    return SEEN_OTHERWISE.get((name, role)) or SEEN_OTHERWISE.get(
        (kind_of(name), role), {}
    )


def namespaces_of(name: str) -> tuple[str, ...]:
    """Return the namespaces that the recorded client asks for at the start."""
    return _NAMESPACES.get(kind_of(name), ("/user",))


def ack_order(name: str, role: Role) -> tuple[int, ...]:
    """Return the ack ids in the order in which they are answered, where it matters."""
    return ACK_ORDER.get((kind_of(name), role), ())


def not_served(name: str, role: Role) -> str | None:
    """Say why a scenario cannot be replayed in a role; None when it can."""
    if name.startswith("raw-"):
        if role is CLIENT:
            return "the recorded client is a list of hand-made requests"
        return by_hand_tables.OF_THE_RESOURCE.get(by_hand_tables.kind_of(name))
    if role is SERVER and "-badserver-" in name:
        return _BROKEN_SERVER
    if role is SERVER and name.endswith("-state-recovery"):
        return _NO_RECOVERY
    if role is SERVER and name.startswith("mismatch-"):
        return _NOT_REFUSED
    if name == "legacy17-polling-session":
        return _OF_1X
    return None


def is_scripted(name: str, role: Role) -> bool:
    """Tell whether a part of what our side does is written out above."""
    key = (name, role)
    answers_here = role is SERVER and name in ANSWERS
    return key in BESIDES or key in INSTEAD or answers_here
