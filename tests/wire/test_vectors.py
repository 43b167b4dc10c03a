"""The pure core against the recorded traffic of the real servers and clients."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.told import Role

from . import codec, scripted
from .acts import Emit
from .covered import NOT_YET, run, table
from .player import Frame
from .recorded import (
    SCENARIO_PREFIXES,
    codec_entries,
    file_names,
    indexed_names,
    payload,
    scenario,
    scenario_names,
    value_of,
)
from .replay import (
    BYTE_EQUAL,
    DIFFERENT,
    EQUAL,
    NOT_RECORDED,
    OF_THE_TRANSPORT,
    Result,
    acts_of,
    compare,
    compare_frames,
    compare_observations,
)

#: How many replays there are: a file that vanishes must not go unnoticed.
REPLAYS = {
    ("eio3-ws-", "client"): 41,
    ("eio3-ws-", "server"): 25,
    ("padchat-", "client"): 4,
    ("padchat-", "server"): 4,
}

#: Our frames in the replays, by category.
FRAMES = {
    BYTE_EQUAL: 549,
    EQUAL: 3,
    DIFFERENT: 8,
    OF_THE_TRANSPORT: 51,
    NOT_RECORDED: 4,
}

#: Directions of codec entries, by file and category.
ENTRIES = {
    "codec-engineio": {
        BYTE_EQUAL: 58,
        codec.DECODED: 72,
        codec.REFUSED: 8,
        codec.QUIRK_DECODED: 1,
        codec.QUIRK_REFUSED: 10,
        codec.LATER: 256,
    },
    "codec-socketio": {
        BYTE_EQUAL: 40,
        EQUAL: 1,
        codec.DECODED: 93,
        codec.REFUSED: 52,
        DIFFERENT: 13,
        codec.QUIRK_DECODED: 6,
        codec.QUIRK_OTHERWISE: 2,
        codec.QUIRK_REFUSED: 30,
        codec.LATER: 195,
    },
}

_SOCKET_QUIRKS = """
    113 121 147 157 159 161 167 169 171 173 175 241 243 251 253 259 261 263 271 275
    301 335 337 339 341 353 355 361 369 381
"""

#: What JavaScript decoders take by accident (``quirk``) and we refuse.
QUIRKS_REFUSED = [
    *(f"eio-{n}" for n in (212, 215, 216, 217, 218, 219, 227, 230, 231, 233)),
    *(f"sio-{n}" for n in _SOCKET_QUIRKS.split()),
]


class ReplayTests(SynchronousTestCase):
    """Every scenario, in every role that it can serve."""

    def test_client(self) -> None:
        """As a client we send and report what the recorded client did."""
        self._assert_good("client", 45)

    def test_server(self) -> None:
        """As a server we send and report what the recorded server did."""
        self._assert_good("server", 29)

    def _assert_good(self, role: str, replays: int) -> None:
        results = [r for r in run().replays if r.role.value == role]
        self.assertEqual(len(results), replays)
        self.assertEqual([p for r in results for p in r.problems], [])

    def test_something_of_ours_in_each(self) -> None:
        """No replay passes because nothing was compared."""
        for result in run().replays:
            self.assertGreater(result.frames[BYTE_EQUAL], 0, result.name)


class CodecTests(SynchronousTestCase):
    """Every codec entry of this part, in both directions."""

    def test_engineio(self) -> None:
        """Engine.IO 3 packets are encoded, decoded and refused as recorded."""
        results = run().codec["codec-engineio"]
        self.assertEqual([p for r in results for p in r.problems], [])

    def test_socketio(self) -> None:
        """Socket.IO 4 packets are encoded, decoded and refused as recorded."""
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
                if codec.LATER in result.categories:
                    continue
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
        """A scenario is replayed, or its prefix stands in the list with a reason."""
        known = (*SCENARIO_PREFIXES, *NOT_YET)
        unnamed = [name for name in file_names() if not name.startswith(known)]
        self.assertEqual(unnamed, [])
        for prefix in known:
            self.assertTrue(any(n.startswith(prefix) for n in file_names()), prefix)

    def test_every_role_is_named(self) -> None:
        """A scenario is replayed in both roles, or the reason is told."""
        done = {(result.name, result.role) for result in run().replays}
        missing = [
            (name, role)
            for name in scenario_names()
            for role in Role
            if (name, role) not in done and (name, role) not in run().not_served
        ]
        self.assertEqual(missing, [])
        self.assertTrue(all(run().not_served.values()))

    def test_every_entry_is_named(self) -> None:
        """A codec entry is run, or its kind stands in the list with a reason."""
        for name, results in run().codec.items():
            ids = [entry["id"] for entry in codec_entries(name)]
            self.assertEqual([result.id for result in results], ids)
            for result in results:
                self.assertTrue(result.categories or result.problems, result.id)

    def test_tables_are_needed(self) -> None:
        """What the tables excuse does happen."""
        names = set(scenario_names())
        for table_of_ours in (
            scripted.ACK_ORDER,
            scripted.BESIDES,
            scripted.INSTEAD,
            scripted.NOT_SENT,
            scripted.SENT_SOONER,
            scripted.SEEN_OTHERWISE,
            scripted.BROKEN_RULES,
        ):
            for name, _ in table_of_ours:
                self.assertIn(name, names)
        excused = sum(
            len(steps)
            for table_of_ours in (scripted.NOT_SENT, scripted.SENT_SOONER)
            for steps in table_of_ours.values()
        )
        self.assertEqual(run().frames()[DIFFERENT], excused)
        seen = sum(len(entries) for entries in scripted.SEEN_OTHERWISE.values())
        self.assertEqual(run().observations()[DIFFERENT], seen)
        different = {
            result.id
            for results in run().codec.values()
            for result in results
            if DIFFERENT in result.categories
        }
        self.assertEqual(different, set(codec.DIFFERENT_ENTRIES))


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
