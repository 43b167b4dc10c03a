"""Recorded requests of the reference servers, asked of ours.

Where we differ on purpose, a table says so and why.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.engineio import EIO3

from ..wire.recorded import file_names
from .recorded_http import Replay

#: Vectors that are not replayed here, and why.
NOT_REPLAYED = {
    "*-jsonp": "for browsers without CORS, which are gone",
    "*-malformed-packets": "of Socket.IO packets: tests/wire",
    "*-namespaces": "the same",
    "*-engine-frames": "of Engine.IO packets: tests/wire",
    "*-websocket-level": "of autobahn; tests/conformance",
}

#: Where our answer differs: vectors, what was recorded, what ours is, and why.
DIFFERENCES = (
    (
        "*-payload*|*-binary-polling-post",
        "200 ok|400 ",
        '400 {"code":3*',
        "a POST that cannot be read is refused, not answered ok",
    ),
    (
        "*-payload*",
        "200 1:6*|200 6\x1e1|200 ok|200 2:40",
        '400 {"code":1*',
        "and the session is over then, without waiting for a poll",
    ),
    (
        "*-errors-http|*-cors|*-poll-overlap",
        "500 |400 ",
        '400 {"code":3*|400 ',
        "a request that is not for this session is a bad one, and no fault of ours",
    ),
    (
        "raw-server2-errors-http|raw-server2-cors",
        '400 {"code":2*|200 ',
        "204 ",
        "browsers take no 400 for a preflight",
    ),
    (
        "*-errors-http",
        "404 ",
        "200 *|404 ?<html>*",
        "what is at other paths is the site's; a leaf has no slash at its end",
    ),
    (
        "*-upgrade-steps|*-upgrade-bad-probe|*-errors-websocket",
        "101 |close *",
        "400 *|nothing ",
        "a WebSocket that would be closed at once is refused",
    ),
    (
        "*-errors-websocket",
        "400 Bad Request|400 Missing *",
        "400 ",
        "autobahn says why beside the status",
    ),
    (
        "*-errors-websocket",
        "400 Bad Request|400 Invalid Upgrade header",
        '400 {"code":3*',
        "an upgrade to something else is none",
    ),
    (
        "raw-server2-errors-websocket|raw-server2-allow-request",
        "access-control-*: None",
        "access-control-*",
        "all answers have these headers",
    ),
    ("raw-server2-allow-request", "400 ", "400 Forbidden", "an error says something"),
    (
        "*-post-overlap",
        "400 *|500 ",
        "200 *",
        "a POST that is not whole is none yet, so two do not overlap",
    ),
    (
        "*-pipelined",
        '400 {"code":1*',
        "nothing",
        "twisted.web serves what is pipelined in turn, and the session lives",
    ),
    (
        "raw-server2-max-http-buffer",
        '400 {"code":1*',
        "nothing",
        "a large POST is refused as 4.x does, and the session lives",
    ),
    (
        "*-server-shutdown",
        "200 1*|close None",
        "200 *41*|message *41*",
        "we say DISCONNECT before we close",
    ),
    ("*-handshake-websocket", "close None", "close 1000", "autobahn's answer"),
    ("*-upgrade-timeout", "close None", "nothing ", "ours is 10 seconds, no option"),
)


def names() -> list[str]:
    """Return the names of the vectors that are replayed."""
    return [
        name
        for name in file_names()
        if name.startswith("raw-server")
        and not any(fnmatchcase(name, pattern) for pattern in NOT_REPLAYED)
    ]


def _matches(text: str, patterns: str) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns.split("|"))


def _reason(name: str, recorded: str, ours: str) -> str | None:
    """Return why something is not as recorded, None when there is no reason."""
    for vectors, was, is_ours, reason in DIFFERENCES:
        if (
            _matches(name, vectors)
            and _matches(recorded, was)
            and _matches(ours, is_ours)
        ):
            return reason
    return None


class VectorTests(SynchronousTestCase):
    """The recorded requests."""

    def test_all(self) -> None:
        """Every answer and every frame is as recorded, but for the differences."""
        reasons = set()
        for name in names():
            replay = Replay(name)
            replay.run()
            self.assertEqual(replay.clock.getDelayedCalls(), [], name)
            for step, recorded, ours in replay.differences:
                reason = _reason(name, recorded, ours)
                self.assertIsNotNone(reason, (name, step, recorded, ours))
                reasons.add(reason)
        self.assertEqual(reasons, {difference[3] for difference in DIFFERENCES})

    def test_what_is_left_out(self) -> None:
        """What is not replayed is there, and what is there is replayed."""
        self.assertGreater(len(names()), 60)
        for pattern in NOT_REPLAYED:
            self.assertTrue(any(fnmatchcase(name, pattern) for name in file_names()))

    def test_differences_are_seen(self) -> None:
        """Another server would not pass: one without CORS, one with other limits."""
        for name, option, value in (
            ("raw-server2-keep-alive", "cors", None),
            ("raw-server4-upgrade-steps", "transports", ("polling",)),
            ("raw-server4-keep-alive", "revisions", frozenset({EIO3})),
            ("raw-server2-heartbeat", "ping_interval_ms", 5000),
            ("raw-server4-connect-timeout", "join_timeout", 45.0),
        ):
            replay = Replay(name, **{option: value})
            replay.run()
            reasons = [_reason(name, was, ours) for _, was, ours in replay.differences]
            self.assertIn(None, reasons, name)
