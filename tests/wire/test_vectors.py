"""The pure core against the recorded traffic of the real servers and clients."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from importlib import import_module

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.engineio import Packet
from padchat_twisted.wire.told import Role

from . import by_hand_tables, codec, scripted
from .acts import Emit
from .bodies import BYTE_EQUAL, EQUAL, SPLIT, Body, compare_bodies
from .codec_tables import DIFFERENT_ENTRIES
from .compared import (
    DIFFERENT,
    NOT_RECORDED,
    OF_THE_TRANSPORT,
    Result,
    compare,
    compare_frames,
)
from .covered import different_reasons, run, table
from .player import Frame
from .points import POINTS
from .recorded import (
    SCENARIO_PREFIXES,
    VECTORS,
    codec_entries,
    file_names,
    indexed_names,
    payload,
    scenario,
    value_of,
)
from .replay import acts_of, compare_observations, replay

#: How many replays there are: a file that vanishes must not go unnoticed.
REPLAYS = {
    ("eio3-ws-", "client"): 41,
    ("eio3-ws-", "server"): 25,
    ("eio3-polling-", "client"): 29,
    ("eio3-polling-", "server"): 22,
    ("eio3-upgrade-", "client"): 23,
    ("eio3-upgrade-", "server"): 23,
    ("eio3on4-", "client"): 64,
    ("eio3on4-", "server"): 64,
    ("eio4-ws-", "client"): 41,
    ("eio4-ws-", "server"): 24,
    ("eio4-polling-", "client"): 31,
    ("eio4-polling-", "server"): 23,
    ("eio4-upgrade-", "client"): 24,
    ("eio4-upgrade-", "server"): 23,
    ("legacy17-", "client"): 5,
    ("legacy17-", "server"): 5,
    ("legacy20-", "client"): 6,
    ("legacy20-", "server"): 6,
    ("mismatch-", "client"): 3,
    ("padchat-", "client"): 4,
    ("padchat-", "server"): 4,
    ("raw-server2-", "server"): 18,
    ("raw-server4-", "server"): 37,
}

#: Our frames in the replays, by category.
FRAMES = {
    BYTE_EQUAL: 5042,
    EQUAL: 62,
    SPLIT: 267,
    DIFFERENT: 156,
    OF_THE_TRANSPORT: 521,
    NOT_RECORDED: 33,
}

#: Directions of codec entries, by file and category.
ENTRIES = {
    "codec-engineio": {
        BYTE_EQUAL: 203,
        codec.DECODED: 258,
        codec.DECODED_AS_2: 3,
        codec.REFUSED: 41,
        codec.REFUSED_WHOLE: 10,
        DIFFERENT: 6,
        codec.QUIRK_DECODED: 7,
        codec.QUIRK_REFUSED: 28,
    },
    "codec-socketio": {
        BYTE_EQUAL: 81,
        EQUAL: 2,
        codec.DECODED: 177,
        codec.REFUSED: 125,
        DIFFERENT: 16,
        codec.QUIRK_DECODED: 12,
        codec.QUIRK_OTHERWISE: 4,
        codec.QUIRK_REFUSED: 59,
    },
}

_ENGINE_QUIRKS = """
    212 215 216 217 218 219 227 230 231 233 247 248 250 251 279 282 283 284 285 286
    296 297 298 299 307 312 313 320
"""

#: Each number stands for the entry of protocol 4 and for the next one, of protocol 5.
_SOCKET_QUIRKS = """
    113 121 147 157 159 161 167 169 171 173 175 241 243 251 253 259 261 263 271 275
    301 335 337 339 341 353 355 361 369
"""

#: What JavaScript decoders take by accident (``quirk``) and we refuse.
QUIRKS_REFUSED = [
    *(f"eio-{n}" for n in _ENGINE_QUIRKS.split()),
    *(f"sio-{int(n) + of_5}" for n in _SOCKET_QUIRKS.split() for of_5 in (0, 1)),
    "sio-381",
]


class ReplayTests(SynchronousTestCase):
    """Every scenario, in every role that it can serve."""

    def test_client(self) -> None:
        """As a client we send and report what the recorded client did."""
        self._assert_good("client", 271)

    def test_server(self) -> None:
        """As a server we send and report what the recorded server did."""
        self._assert_good("server", 274)

    def _assert_good(self, role: str, replays: int) -> None:
        results = [r for r in run().replays if r.role.value == role]
        self.assertEqual(len(results), replays)
        self.assertEqual([p for r in results for p in r.problems], [])

    def test_something_of_ours_in_each(self) -> None:
        """No replay passes because nothing was compared."""
        for result in run().replays:
            kinds = (BYTE_EQUAL, SPLIT, DIFFERENT)
            compared = sum(result.frames[kind] for kind in kinds)
            self.assertGreater(compared, 0, result.name)

    def test_version_1(self) -> None:
        """Text of socket.io 1.x over polling ends in an error that names it."""
        for role in Role:
            problems = replay("legacy17-polling-session", role).problems
            self.assertIn("text of socket.io 1.x", problems[-1])


class CodecTests(SynchronousTestCase):
    """Every codec entry, in both directions."""

    def test_engineio(self) -> None:
        """Packets and payloads of Engine.IO come out as recorded, or are refused."""
        results = run().codec["codec-engineio"]
        self.assertEqual([p for r in results for p in r.problems], [])

    def test_socketio(self) -> None:
        """Packets of Socket.IO come out as recorded, or are refused."""
        results = run().codec["codec-socketio"]
        self.assertEqual([p for r in results for p in r.problems], [])

    def test_quirks(self) -> None:
        """The accidents of JavaScript that we refuse are these."""
        refused = [
            result.id
            for results in run().codec.values()
            for result in results
            if codec.QUIRK_REFUSED in result.categories
        ]
        self.assertEqual(refused, QUIRKS_REFUSED)

    def test_both_directions(self) -> None:
        """An entry that encodes is decoded again, unless the encoder gave up."""
        for name, results in run().codec.items():
            for entry, result in zip(codec_entries(name), results, strict=True):
                both = entry["op"] == "encode" and "decoded" in entry
                self.assertEqual(len(result.categories), 1 + both, result.id)


class CoverageTests(SynchronousTestCase):
    """Nothing is left out without a name and a reason."""

    def test_counts(self) -> None:
        """Everything was run; the table of it is printed."""
        coverage = run()
        print()
        print(table(coverage))
        self.assertEqual(dict(coverage.replays_by_prefix()), REPLAYS)
        self.assertEqual(dict(coverage.frames()), FRAMES)
        for name, results in coverage.codec.items():
            self.assertEqual(dict(codec.count(list(results))), ENTRIES[name])

    def test_every_file_is_there(self) -> None:
        """The folder holds what its index says."""
        self.assertEqual(file_names(), indexed_names())

    def test_every_file_is_named(self) -> None:
        """Every scenario belongs to one of the groups that are counted."""
        for prefix in SCENARIO_PREFIXES:
            self.assertTrue(any(n.startswith(prefix) for n in file_names()), prefix)
        unnamed = [n for n in file_names() if not n.startswith(SCENARIO_PREFIXES)]
        self.assertEqual(unnamed, [])

    def test_every_role_is_named(self) -> None:
        """A scenario is replayed in both roles, or the reason is told."""
        done = {(result.name, result.role) for result in run().replays}
        missing = [
            (name, role)
            for name in file_names()
            for role in Role
            if (name, role) not in done and (name, role) not in run().not_served
        ]
        self.assertEqual(missing, [])
        self.assertTrue(all(run().not_served.values()))

    def test_every_entry_is_named(self) -> None:
        """Every codec entry is run."""
        for name, results in run().codec.items():
            ids = [entry["id"] for entry in codec_entries(name)]
            self.assertEqual([result.id for result in results], ids)
            for result in results:
                self.assertTrue(result.categories or result.problems, result.id)

    def test_tables_are_needed(self) -> None:
        """What the tables excuse does happen."""
        kinds = {scripted.kind_of(name) for name in file_names()}
        for table_of_ours in (
            scripted.ACK_ORDER,
            scripted.BESIDES,
            scripted.INSTEAD,
            scripted.NOT_SENT,
            scripted.SENT_SOONER,
            scripted.SENT_BESIDES,
            scripted.ANSWERED_OTHERWISE,
            scripted.SEEN_OTHERWISE,
            scripted.SEEN_AT_THE_END,
            scripted.BROKEN_RULES,
        ):
            for name, _ in table_of_ours:
                self.assertIn(name, {*file_names(), *kinds})
        excused = different_reasons(run())
        self.assertEqual(run().frames()[DIFFERENT], sum(excused.values()))
        seen = sum(
            len(scripted.seen_otherwise(result.name, result.role))
            for result in run().replays
        )
        at_the_end = len(scripted.SEEN_AT_THE_END)
        self.assertEqual(run().observations()[DIFFERENT], seen + at_the_end)
        by_hand = {
            (by_hand_tables.kind_of(result.name), label)
            for result in run().replays
            for label in result.otherwise
        }
        named = {
            (kind, label)
            for kind, labels in by_hand_tables.ANSWERED_OTHERWISE.items()
            for label in labels
        }
        self.assertEqual(by_hand, named)
        different = {
            result.id
            for results in run().codec.values()
            for result in results
            if DIFFERENT in result.categories
        }
        self.assertEqual(different, set(DIFFERENT_ENTRIES))


class PointTests(SynchronousTestCase):
    """What is easy to get wrong is held by something."""

    def test_every_point(self) -> None:
        """All points of the README are there, in its order."""
        text = (VECTORS / "README.md").read_text()
        listed = text.partition("## Easy to get wrong")[2]
        numbers = [int(n) for n in re.findall(r"^(\d+)\. ", listed, re.MULTILINE)]
        self.assertEqual(list(POINTS), numbers)

    def test_held(self) -> None:
        """What is said to hold a point is replayed, or is a test that exists."""
        replayed = {result.name for result in run().replays} | set(run().codec)
        for number, holders in POINTS.items():
            for holder in holders:
                module, _, name = holder.partition(": ")
                if not name:
                    found = [n for n in replayed if fnmatchcase(n, holder)]
                    self.assertTrue(found, f"{number}: {holder}")
                    continue
                group, _, test = name.partition(".")
                loaded = import_module(f"tests.wire.{module}")
                self.assertTrue(callable(getattr(getattr(loaded, group), test)))


class ReplayMachineryTests(SynchronousTestCase):
    """The comparison itself can fail."""

    def test_equal_is_not_byte_equal(self) -> None:
        """Another spelling of a number or order of keys is a category of its own."""
        step = {"kind": "ws-text", "text": '42["a",1e+21,{"b":1,"c":true}]'}
        for text, category in (
            (b'42["a",1e+21,{"b":1,"c":true}]', BYTE_EQUAL),
            (b'42["a",1e21,{"c":true,"b":1}]', EQUAL),
            (b'42["a",1e21,{"c":1,"b":1}]', None),
            (b'420["a",1e21,{"c":true,"b":1}]', None),
            (b'42/b,["a",1e21,{"c":true,"b":1}]', None),
        ):
            self.assertEqual(compare(step, Frame(0.0, "ws-text", text)), category)

    def test_wrong_frame(self) -> None:
        """A frame that is missing, wrong, late or too many is told."""
        step = {"i": 1, "t": 0, "kind": "ws-text", "text": "3", "is_answer": False}
        pong = Frame(0.0, "ws-text", b"3")
        for frames in (
            [],
            [Frame(0.0, "ws-text", b"3x")],
            [Frame(0.0, "ws-binary", b"3")],
            [Frame(0.2, "ws-text", b"3")],
            [pong, pong],
        ):
            result = Result("heartbeat", Role.SERVER)
            compare_frames(result, [step], frames)
            self.assertEqual(len(result.problems), 1, frames)
        result = Result("heartbeat", Role.SERVER)
        compare_frames(result, [step], [pong])
        self.assertEqual(result.problems, [])

    def test_split(self) -> None:
        """Packets may be split over requests otherwise, but not be in another order."""

        def bodies(*written: str) -> list[Body]:
            return [
                Body(
                    number,
                    0.0,
                    one.encode(),
                    tuple(Packet(int(p[0]), p[1:].encode()) for p in one.split()),
                )
                for number, one in enumerate(written)
            ]

        recorded = bodies("4a 4b", "6", "4c")
        for ours, categories in (
            (recorded, [BYTE_EQUAL, BYTE_EQUAL, BYTE_EQUAL]),
            (bodies("4a 4b", "4c"), [BYTE_EQUAL, SPLIT, SPLIT]),
            (bodies("4a", "4b 4c"), [SPLIT, SPLIT, SPLIT]),
            (bodies("4b 4a", "4c"), []),
            (bodies("4a 4b"), []),
            (bodies("4a 4b", "4c", "4d"), []),
        ):
            found = compare_bodies(recorded, ours)
            self.assertEqual(found.categories, categories)
            self.assertEqual(bool(found.problem), not categories)

    def test_wrong_observation(self) -> None:
        """A report that is missing, wrong or too many is told."""
        recording = scenario("eio3-ws-heartbeat")
        good: list[tuple[str, str | None, object]] = [
            ("connect", "/user", []),
            ("disconnect", "/user", ["io client disconnect"]),
        ]
        for seen, number in (
            (good, 0),
            (good[:1], 1),
            ([*good, good[0]], 1),
            ([good[0], ("disconnect", "/user", ["ping timeout"])], 1),
        ):
            result = Result(recording.name, Role.CLIENT)
            compare_observations(result, recording, list(seen))
            self.assertEqual(len(result.problems), number)

    def test_acts_hold_no_frame(self) -> None:
        """What our side does is the same when its recorded frames are not there."""
        recording = scenario("eio3-ws-emit-ack")
        without = replace(recording, steps=())
        acts = acts_of(recording, Role.CLIENT)
        self.assertEqual(acts_of(without, Role.CLIENT), acts)
        self.assertEqual(sum(isinstance(act.deed, Emit) for act in acts), 7)

    def test_payloads(self) -> None:
        """Repeats are joined, bytes and text told apart, hashes resolved."""
        parts = {"text_parts": ["4", {"repeat": "汉", "times": 2}]}
        self.assertEqual(payload(parts), ("4汉汉".encode(), True))
        self.assertEqual(payload({"hex_parts": ["0a"]}), (b"\n", False))
        self.assertEqual(payload({"text": "\ud83d"}), (b"\xed\xa0\xbd", True))
        self.assertEqual(value_of({"$hex": ""}), b"")
        self.assertEqual(value_of([{"$undefined": True}, {"a": 1}]), [None, {"a": 1}])
        hashed = "48c187767dddb44e5b7af78dabdec2b14f0f983e86e1fe695c65bc6a2a3cb42f"
        self.assertEqual(value_of({"$bytes": 3000, "sha256": hashed}), b"\x07" * 3000)
        self.assertRaises(ValueError, payload, {})
