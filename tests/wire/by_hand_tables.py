"""What our server does otherwise than the real ones with hand-made requests.

By scenario and by what the session asks (see ``by_hand.label_of``); each with its
reason. A session that is named here and is answered as recorded after all is a mistake
of the table, which tests/wire/test_vectors.py finds.
"""

from __future__ import annotations

_FAULT_OK = (
    "fault: both servers say 200 ok to a body that does not decode, then close; we say"
    " 400, and the session is gone at once"
)
_STRICT_PAYLOAD = (
    "quirk of JavaScript's numbers, base64 or splitting; a body that is no payload is"
    " refused whole"
)
_FAULT_1 = "fault: both servers ignore a close packet on WebSocket"
_STRICT_PACKET = "what does not decode ends the connection; engine.io 3.x lets it pass"
_SHORT = "an event is an array with a name, and an ack has an id and an array"
_SPACE = "an id or a namespace is followed by JSON, not by white space"
_DIGITS = "an id of more than 16 digits, which JavaScript cannot hold, is refused"
_MILD = (
    "a 4.x server is as strict with clients of protocol 4 as with those of 5; ours is"
    " as mild as 2.x is"
)
_ONCE = "a namespace that is joined is not joined once more; " + _MILD
_NAMES = (
    "an event is told as an event, whatever its name, so it cannot be mistaken for one"
    " of ours (a fault of 2.x); " + _MILD
)
_LARGE = (
    "fault: engine.io 3.x drops the connection of a POST that is too large and ends the"
    " session; we answer 413 as 6.x does"
)
_OVERLAP = "the second poll is told what is wrong in JSON; the servers send no text"

ANSWERED_OTHERWISE: dict[str, dict[str, str]] = {
    "binary-polling-post": {
        '7:40/user 46:451-/user,0["e",{"_placeholder":true,'
        " 000406ff3435312d2f757365722c315b2265222c 000209ff": _FAULT_OK,
        "7:40/user 31353a34322f757365722c5b2265225d": _FAULT_OK,
        '40/user 451-/user,0["e",{"_placeholder":true,"nu 040102': _FAULT_OK,
    },
    "engine-frames": {
        'text "bAQID"': _STRICT_PACKET,
        "binary []": _STRICT_PACKET,
        "binary [9,1]": _STRICT_PACKET,
        "binary [52,50]": _STRICT_PACKET,
        'text "1" close': _FAULT_1,
        'text "3"': "a pong of a client of EIO3 does no harm; 6.x closes, 3.x does not",
    },
    "invalid-payloads": {
        **dict.fromkeys(
            (
                "abc",
                "3:4",
                "1:",
                "-1:4x",
                "99:4hello",
                "4hello",
                "6:4hello99",
                "1:9",
                "",
                ":4hello",
                "2:b",
                "9",
                "|4a",
                "7",
                " 4a",
            ),
            _FAULT_OK,
        ),
        **dict.fromkeys(
            (
                "01:4",
                "1.0:4",
                " 1:4",
                "0x2:4a",
                "1e0:4",
                "6:b4!!!!",
                "4a|",
                "4a||4b",
                "b!!!!",
                "b",
            ),
            _STRICT_PAYLOAD,
        ),
    },
    "malformed-packets": {
        '"4abc"': _STRICT_PACKET,
        '"49"': _STRICT_PACKET,
        '"47/user"': _STRICT_PACKET,
        '"4\\ud83d"': _STRICT_PACKET,
        '"42"': _SHORT,
        '"42/user"': _SHORT,
        '"42/user,"': _SHORT,
        '"43/user,0"': _SHORT,
        '"43/user,[\\"no id\\"]"': _SHORT,
        '"42/user, [\\"a\\"]"': _SPACE,
        '"42/user,1 [\\"a\\"]"': _SPACE,
        '"42/user,18446744073709551616[\\"a\\"]"': _DIGITS,
        '"40"': _ONCE,
        '"40/user"': _ONCE,
        '"40/user,"': _ONCE,
        '"40/user?x=1"': _ONCE,
        '"40/user,[]"': _ONCE,
        '"42[\\"disconnect\\"]"': _NAMES,
        '"42[\\"connect\\"]"': _NAMES,
        '"42[\\"newListener\\"]"': _NAMES,
        '"42/user,[\\"disconnect\\",\\"x\\"]"': _NAMES,
        '"42/user,[\\"connect\\"]"': _NAMES,
        '"42/none,[\\"a\\"]"': _MILD,
        '"44/user,\\"client error\\""': _MILD,
        '"41/user"': _MILD,
        '"41/user,"': _MILD,
    },
    "max-http-buffer": {
        '7:40/user 997:42/user,["e","xxxxxxxxxxxxxxxxxxxxxx': _LARGE,
        '7:40/user 343:42/user,["e","汉汉汉汉汉汉汉\\xe6': _LARGE,
    },
    "namespaces": {
        '40/user 40/user 42/user,1["ok"]': _ONCE,
        "40/user 40/user": _ONCE,
        '42/user,1["ok"]': _MILD,
        '40/user 41/user 42/user,1["ok"]': _MILD,
        "40": _MILD,
        "40/": _MILD,
        '40/user/ 42/user/,1["ok"]': _MILD,
        '40/%75ser 42/user,1["ok"]': _MILD,
    },
    "poll-overlap": {"7:40/user": _OVERLAP, "40/user": _OVERLAP},
    "unicode-payload": {
        '7:40/user 19:42/user,4["e","😀汉"]': _FAULT_OK,
        '7:40/user 24:42/user,4["e","😀汉"]': _FAULT_OK,
    },
    "upgrade-steps": {
        '7:40/user 2probe 5 42/user,0["e","after upgrade"] 18:42/user,1["e","x"]'
        ' 42/user,2["e","still here"]': _FAULT_1,
        '40/user 2probe 5 42/user,0["e","after upgrade"] 42/user,1["e","x"]'
        ' 42/user,2["e","still here"]': _FAULT_1,
    },
}

_RESOURCE = "; tests/transport/test_resource_vectors.py replays it"

#: Kinds of scenarios that ask about what is not of the pure core, each with the
#: reason.
OF_THE_RESOURCE = {
    "allow-request": "the application decides before a session begins" + _RESOURCE,
    "cors": "headers" + _RESOURCE,
    "cors-any": "headers" + _RESOURCE,
    "cors-configured": "headers" + _RESOURCE,
    "errors-http": "methods, paths and sids, of which no session is told" + _RESOURCE,
    "errors-websocket": "answers to the request for a WebSocket" + _RESOURCE,
    "http-compression": "compressed bodies" + _RESOURCE,
    "jsonp": "a form of polling for browsers without CORS, which is not offered",
    "pipelined": "requests in one read" + _RESOURCE,
    "post-overlap": "bodies that come in parts" + _RESOURCE,
    "server-shutdown": "the end of all sessions at once" + _RESOURCE,
    "websocket-level": "frames of RFC 6455, of which tests/conformance asks more",
}


def kind_of(name: str) -> str:
    """Return what a scenario of hand-made requests asks about."""
    rest = name.split("-", 2)[2]
    return rest.removeprefix("allowEIO3-")
