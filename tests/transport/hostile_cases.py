"""Hostile gateways by what they do, each with how an account must end with it."""

from __future__ import annotations

import random

from padchat_twisted.errors import (
    AuthKeyInvalid,
    CallRejected,
    ConnectError,
    ConnectTimedOut,
    Disconnected,
    HandshakeRefused,
    NeedsHuman,
    OutcomeUnknown,
    RemoteProtocolError,
)
from padchat_twisted.wire.limits import CLOSE_TIMEOUT, OPEN_TIMEOUT

from .by_hand import BINARY, CLOSE, CONTINUATION, PING, TEXT, frame, header
from .hostile import (
    Case,
    HostileGateway,
    Play,
    after_101,
    after_join,
    after_open,
    answers,
    at_once,
    instead_of_101,
    says_after_login,
)

GIB = 1024**3

#: How long a reply may take (seconds). Source: PADCHAT index.js, sendTimeout.
REPLY = 60.0

#: JSON of a thousand levels.
DEEP = b"[" * 1000 + b"]" * 1000
DEEP_OBJECT = b'{"a":' * 1000 + b"1" + b"}" * 1000

_OK = b"HTTP/1.1 101 Switching Protocols\r\n"
_GARBAGE = random.Random(4).randbytes(50_000)

HTTP = {
    "refuses with 400": Case(
        instead_of_101(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        HandshakeRefused,
        "revision 3 was answered with HTTP 400; revision 4 was answered with HTTP 400",
    ),
    "refuses with 403": Case(
        instead_of_101(b"HTTP/1.1 403 Forbidden\r\n\r\nno"),
        HandshakeRefused,
        "HTTP 403 Forbidden instead of a WebSocket: no",
    ),
    "refuses with 500": Case(
        instead_of_101(b"HTTP/1.1 500 Internal Server Error\r\n\r\n"),
        HandshakeRefused,
        "HTTP 500 Internal Server Error",
    ),
    "sends a page": Case(
        instead_of_101(b"HTTP/1.1 200 OK\r\n\r\n<html>" + b"hi " * 30_000),
        HandshakeRefused,
        "HTTP 200 OK",
    ),
    "redirects": Case(
        instead_of_101(b"HTTP/1.1 302 Found\r\nLocation: http://x.invalid/\r\n\r\n"),
        HandshakeRefused,
        "HTTP 302 Found instead of a WebSocket; it points to http://x.invalid/",
    ),
    "says nothing": Case(
        Play(), ConnectTimedOut, "the WebSocket handshake did not come", OPEN_TIMEOUT
    ),
    "says half a head": Case(
        instead_of_101(_OK + b"Upgrade: websocket\r\n"),
        ConnectTimedOut,
        "the WebSocket handshake did not come within 20 seconds",
        OPEN_TIMEOUT,
    ),
    "is no HTTP server": Case(
        at_once(b"220 mail.example ESMTP\r\n"),
        HandshakeRefused,
        "what answered does not speak HTTP: '220 mail.example",
    ),
    "is no HTTP server, and says a lot": Case(
        at_once(b"* OK IMAP4 " + b"capability " * 5000),
        HandshakeRefused,
        "what answered does not speak HTTP: '* OK IMAP4",
    ),
    "sends bytes without sense": Case(
        at_once(_GARBAGE), HandshakeRefused, "what answered does not speak HTTP"
    ),
    "has a head without end": Case(
        at_once(_OK + b"X: y\r\n" * 5000), HandshakeRefused, "an HTTP head of more than"
    ),
    "sends a body without end": Case(
        instead_of_101(
            b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 999999999\r\n\r\n"
            + b"no " * 30_000
        ),
        HandshakeRefused,
        "HTTP 502 Bad Gateway",
    ),
    "sends half a body": Case(
        instead_of_101(b"HTTP/1.1 400 Bad\r\nContent-Length: 18\r\n\r\nSession"),
        ConnectTimedOut,
        "the WebSocket handshake did not come",
        OPEN_TIMEOUT,
    ),
    "closes at once": Case(
        at_once(b"", leaves=True), HandshakeRefused, "peer dropped the TCP connection"
    ),
    "closes after half a head": Case(
        at_once(_OK, leaves=True), HandshakeRefused, "peer dropped the TCP connection"
    ),
    "has another key": Case(
        instead_of_101(
            _OK + b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n"
        ),
        HandshakeRefused,
        "Sec-WebSocket-Accept bogus value",
    ),
    "forgets to upgrade": Case(
        instead_of_101(_OK + b"\r\n"), HandshakeRefused, "Upgrade header missing"
    ),
}

WEBSOCKET = {
    "closes after 101": Case(
        after_101(leaves=True), HandshakeRefused, "peer dropped the TCP connection"
    ),
    "closes with a code": Case(
        after_101(raw=frame(CLOSE, b"\x0f\xa0go away")),
        HandshakeRefused,
        "code 4000 go away",
    ),
    "sends frames without sense": Case(
        after_101(raw=_GARBAGE),
        ConnectError,
        "the peer broke the websocket protocol",
        CLOSE_TIMEOUT,
        RemoteProtocolError,
    ),
    "masks its frames": Case(
        after_101(raw=frame(TEXT, b"40", is_client=True)),
        ConnectError,
        "masked server-to-client frame",
        CLOSE_TIMEOUT,
        RemoteProtocolError,
    ),
    "compresses unasked": Case(
        after_open(raw=frame(TEXT, b"40", reserved=4)),
        ConnectError,
        "RSV = 4 and no extension negotiated",
        CLOSE_TIMEOUT,
        RemoteProtocolError,
    ),
    "announces 1 GiB": Case(
        after_join(raw=header(TEXT, GIB)),
        RemoteProtocolError,
        f"received WebSocket message size {GIB} exceeds payload limit",
        CLOSE_TIMEOUT,
    ),
    "announces 1 GiB, and goes on sending": Case(
        after_join(raw=header(BINARY, GIB) + bytes(1024 * 1024)),
        RemoteProtocolError,
        f"received WebSocket message size {GIB} exceeds payload limit",
        CLOSE_TIMEOUT,
    ),
    "announces the largest frame there is": Case(
        after_join(raw=header(TEXT, 2**63 - 1)),
        RemoteProtocolError,
        "exceeds payload limit",
        CLOSE_TIMEOUT,
    ),
    "sends fragments beyond the limit": Case(
        after_join(
            raw=frame(TEXT, bytes(17 * 2**20), is_final=False)
            + header(CONTINUATION, 17 * 2**20)
        ),
        RemoteProtocolError,
        "exceeds payload limit",
        CLOSE_TIMEOUT,
    ),
    "goes on with other frames in the middle of one": Case(
        after_join(raw=header(TEXT, 1000) + b"4"),
        RemoteProtocolError,
        "invalid UTF-8",
        25 + 20,
    ),
    "pings without end": Case(
        after_join(raw=frame(PING, bytes(125)) * 1000),
        OutcomeUnknown,
        "time limit",
        REPLY,
    ),
}

ENGINE_IO = {
    "says nothing after 101": Case(
        after_101(),
        ConnectTimedOut,
        "the Engine.IO open packet did not come within 20 seconds",
        OPEN_TIMEOUT,
    ),
    "begins with another packet": Case(
        after_101(b"40"),
        ConnectError,
        "the first packet is not an open packet",
        CLOSE_TIMEOUT,
        RemoteProtocolError,
    ),
    "sends an empty frame": Case(
        after_open(b""), ConnectError, "an empty packet", CLOSE_TIMEOUT
    ),
    "sends an unknown packet": Case(
        after_join(b"9"), RemoteProtocolError, "a packet of unknown type", CLOSE_TIMEOUT
    ),
    "sends a binary frame without sense": Case(
        after_join(raw=frame(BINARY, b"\xff\x00")),
        RemoteProtocolError,
        "a binary packet of unknown type",
        CLOSE_TIMEOUT,
    ),
    "sends base64 that is none": Case(
        after_join(b"b4!!!"), RemoteProtocolError, "not base64", CLOSE_TIMEOUT
    ),
    "closes Engine.IO": Case(
        after_join(b"1"), Disconnected, "transport close", CLOSE_TIMEOUT
    ),
    "does not answer pings": Case(
        Play(on_request=HostileGateway.let_in, is_alive=False),
        Disconnected,
        "ping timeout",
        25 + 20,
    ),
}
for _name, _packet in {
    "no JSON": b"0{",
    "no object": b"0[]",
    "no content": b"0",
    "no sid": b'0{"pingInterval":25000}',
    "a deep one": b'0{"sid":"x","a":' + DEEP + b"}",
    "a heartbeat of 0 ms": b'0{"sid":"x","pingInterval":0}',
    "a heartbeat of -1 ms": b'0{"sid":"x","pingTimeout":-1}',
    "a heartbeat without end": b'0{"sid":"x","pingInterval":1e300}',
    "a text as heartbeat": b'0{"sid":"x","pingTimeout":"25000"}',
}.items():
    ENGINE_IO[f"sends an open packet with {_name}"] = Case(
        after_101(_packet),
        ConnectError,
        "the peer broke the engine.io protocol",
        CLOSE_TIMEOUT,
        RemoteProtocolError,
    )

SOCKET_IO = {
    "says nothing of the namespace": Case(
        after_open(),
        ConnectTimedOut,
        "the server did not answer for namespace /user within 20 seconds",
        OPEN_TIMEOUT + CLOSE_TIMEOUT,
    ),
    "refuses the namespace": Case(
        after_open(b'44/user,"who are you"'),
        NeedsHuman,
        "who are you",
        CLOSE_TIMEOUT,
        AuthKeyInvalid,
    ),
    "refuses with a deep error": Case(
        after_open(b"44/user," + DEEP),
        NeedsHuman,
        "the gateway refused namespace /user",
        CLOSE_TIMEOUT,
        AuthKeyInvalid,
    ),
    "refuses at great length": Case(
        after_open(b'44/user,"' + b"no" * 2**20 + b'"'),
        NeedsHuman,
        "...",
        CLOSE_TIMEOUT,
        AuthKeyInvalid,
    ),
    "leaves after the join": Case(
        after_join(leaves=True), Disconnected, "transport close"
    ),
    "takes us out of the namespace": Case(
        after_join(b"41/user,"), Disconnected, "io server disconnect", CLOSE_TIMEOUT
    ),
}
for _name, _text in {
    "an empty packet": b"4",
    "an unknown packet": b"49",
    "an event without arguments": b"42/user,",
    "an event without a name": b"42/user,[]",
    "an event named by an object": b'42/user,[{},"push"]',
    "an event that is no JSON": b'42/user,["push",{',
    "an ack without arguments": b"43/user,0",
    "an ack id without end": b"43/user," + b"9" * 5000 + b"[]",
    "a namespace without end": b"42/" + b"x" * 10_000 + b',["a"]',
    "a hundred attachments": b'45100-/user,["a"]',
    "attachments without a count": b'45-/user,["a"]',
    "a text for an attachment": b'451-/user,["a",{"_placeholder":true,"num":0}]4',
}.items():
    SOCKET_IO[f"sends {_name}"] = Case(
        after_join(_text, b'42/user,["a"]'),
        RemoteProtocolError,
        "the peer broke the",
        CLOSE_TIMEOUT,
    )
SOCKET_IO["sends an attachment unasked"] = Case(
    after_join(raw=frame(BINARY, b"\x04abc")),
    RemoteProtocolError,
    "an attachment that nobody announced",
    CLOSE_TIMEOUT,
)

PADCHAT = {
    "does not reply to init": Case(
        after_join(),
        OutcomeUnknown,
        "'init' was sent, but its outcome is unknown: time limit",
        REPLY,
    ),
    "refuses init": Case(
        answers(b"init", b'{"success":false,"msg":"no room"}'),
        CallRejected,
        "the gateway refused 'init': no room",
    ),
    "replies nothing": Case(
        Play(
            on_request=HostileGateway.let_in,
            on_call=lambda gateway, ack_id, _: gateway.texts(b"43/user,%b[]" % ack_id),
        ),
        CallRejected,
        "the reply was empty",
    ),
    "does not reply to login": Case(
        Play(
            on_request=HostileGateway.let_in,
            on_call=lambda gateway, ack_id, code: (
                gateway.reply(ack_id) if code == b"init" else None
            ),
        ),
        OutcomeUnknown,
        "'login' was sent, but its outcome is unknown: time limit",
        REPLY,
    ),
}
for _name, _body in {
    "no JSON": b"{",
    "NaN": b'{"success":NaN}',
    "a thousand levels": DEEP,
    "a thousand levels of objects": DEEP_OBJECT,
    "a thousand levels in data": b'{"success":true,"data":' + DEEP_OBJECT + b"}",
}.items():
    PADCHAT[f"replies with {_name}"] = Case(
        answers(b"init", _body),
        OutcomeUnknown,
        "'init' was sent, but its outcome is unknown: its reply cannot be read",
        CLOSE_TIMEOUT,
    )
for _name, _text in {
    "a push that is no JSON": b'42/user,["push",{"list":[}]',
    "a push of a thousand levels": b'42/user,["push",{"list":[%b]}]' % DEEP_OBJECT,
    "an item of a thousand levels": (
        b'42/user,["push",{"list":[{"msgType":1,"x":%b}]}]' % DEEP
    ),
    "an event of a thousand levels": b'42/user,["warn",%b]' % DEEP,
    "an unknown event of a thousand levels": b'42/user,["zzz",%b]' % DEEP,
    "a code of a thousand levels": b'42/user,["qrcode",{"qrCode":%b}]' % DEEP,
}.items():
    PADCHAT[f"sends {_name}"] = Case(
        says_after_login(_text),
        RemoteProtocolError,
        "that cannot be read",
        CLOSE_TIMEOUT,
    )
