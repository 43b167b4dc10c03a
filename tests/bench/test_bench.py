"""The benchmark compares like with like, and its table counts right."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import SendMsg
from tests.bench import picows_client
from tests.bench.client import (
    Assignment,
    CPUWindow,
    batches,
    check_reply,
    load_workload,
)
from tests.bench.report import (
    Results,
    Sample,
    render,
    summarise,
    verdict,
    widest_spread,
)

FOLDER = Path(__file__).parent
PEERS = (
    "ours.py",
    "picows_client.py",
    "python_socketio_client.py",
    "socket_io_client.js",
    "server.js",
    "server_load.py",
    "our_server.py",
    "python_socketio_server.py",
)


def compact(value: object) -> bytes:
    """Write JSON as JavaScript does."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class WorkloadTests(SynchronousTestCase):
    """All clients and the server do the same."""

    def setUp(self) -> None:
        """Read the workload."""
        self.workload = load_workload()

    def test_push_is_a_chinese_room_message_of_900_bytes(self) -> None:
        """The pushed message is what the table's legend says."""
        frame = b"42/user," + compact(["push", self.workload["push"]])
        self.assertEqual(len(frame), 900)
        [message] = self.workload["push"]["list"]
        sender, mark, text = message["content"].partition(":\n")
        self.assertEqual((sender, mark), ("wxid_example000002", ":\n"))
        chinese = [letter for letter in text if "\u4e00" <= letter <= "\u9fff"]
        self.assertGreater(len(chinese), 0.8 * len(text))

    def test_nobody_has_a_payload_of_its_own(self) -> None:
        """Each client and the server read workload.json and hold no other payload."""
        for name in PEERS:
            source = (FOLDER / name).read_text(encoding="utf-8")
            self.assertIn("workload", source, name)
            self.assertNotIn("@chatroom", source, name)
            foreign = sorted({letter for letter in source if letter >= "\u2e80"})
            self.assertEqual(foreign, [], name)

    def test_our_command_is_the_one_of_the_workload(self) -> None:
        """The typed command makes the same JSON as the plain ones of the others."""
        command = self.workload["command"]
        typed = SendMsg(command["toUserName"], command["content"])
        self.assertEqual(msgspec.json.encode(typed), compact(command))

    def test_floor_frames_the_command_of_the_workload(self) -> None:
        """The hand-written framing sends the same event with an ack id."""
        sent: list[bytes] = []
        connection = picows_client.HandFramed()
        connection.send = sent.append
        for _ in range(2):
            connection.call("sendMsg", self.workload["command"], repr)
        event = compact(["sendMsg", self.workload["command"]])
        self.assertEqual(sent, [b"42/user,0" + event, b"42/user,1" + event])

    def test_floor_reads_the_reply_and_the_push_of_the_workload(self) -> None:
        """The hand-written framing hands each reply to its caller, each push on."""
        replies: list[picows_client.Reply] = []
        pushes: list[picows_client.Push] = []
        connection = picows_client.HandFramed()
        connection.on_push = pushes.append
        for _ in range(2):
            connection.call("sendMsg", self.workload["command"], replies.append)
        connection.receive(b"43/user,1" + compact([self.workload["reply"]]))
        connection.receive(b"42/user," + compact(["push", self.workload["push"]]))
        self.assertEqual([reply.success for reply in replies], [True])
        self.assertEqual(
            [message.content for push in pushes for message in push.messages],
            [message["content"] for message in self.workload["push"]["list"]],
        )

    def test_floor_answers_open_packet_and_heartbeat(self) -> None:
        """The hand-written framing connects its namespace and stays alive."""
        sent: list[bytes] = []
        connected: list[None] = []
        connection = picows_client.HandFramed()
        connection.send = sent.append
        connection.on_connected = connected.append
        for frame in (b'0{"sid":"a"}', b'40/user,{"sid":"b"}', b"2"):
            connection.receive(frame)
        self.assertEqual(sent, [b"40/user,", b"3"])
        self.assertEqual(connected, [None])

    def test_a_refused_command_is_no_figure(self) -> None:
        """A client whose command the server refuses ends with an error."""
        check_reply(self.workload["reply"])
        with self.assertRaisesRegex(RuntimeError, "refused the command: not the"):
            check_reply({"success": False, "msg": "not the command"})

    def test_batches_cover_all_connections(self) -> None:
        """Connections are opened in batches, the last one of what is left."""
        size = self.workload["connect_batch"]
        sizes = [len(batch) for batch in batches(self.workload, 2 * size + 1)]
        self.assertEqual(sizes, [size, size, 1])
        numbers = [n for batch in batches(self.workload, 120) for n in batch]
        self.assertEqual(numbers, list(range(120)))


class AssignmentTests(SynchronousTestCase):
    """The arguments of a client process, and its CPU window."""

    def test_from_arguments(self) -> None:
        """The four arguments are measure, port, operations and warm-up."""
        assignment = Assignment.from_arguments(["push", "8080", "100", "20"])
        self.assertEqual(assignment, Assignment("push", 8080, 100, 20))
        self.assertEqual(assignment.total, 120)

    def test_unknown_measure(self) -> None:
        """A measure that nobody knows is refused by name."""
        with self.assertRaisesRegex(ValueError, "no such measure: 'pull'"):
            Assignment.from_arguments(["pull", "8080", "100", "20"])

    def test_window_leaves_out_the_warm_up(self) -> None:
        """CPU time is read at the end of the warm-up and at the last operation."""
        times = iter([2.0, 2.5])
        finished: list[int] = []
        window = CPUWindow(
            Assignment("command", 0, operations=1000, warm_up=10),
            lambda: finished.append(window.seen),
            clock=lambda: next(times),
        )
        for _ in range(1010):
            window.tick()
        self.assertEqual(finished, [1010])
        self.assertAlmostEqual(window.figure(), 500.0)


def samples_of(figures: dict[str, list[float]], measure: str) -> list[Sample]:
    """Samples of several clients in one measure."""
    return [
        Sample(name, measure, figure)
        for name, values in figures.items()
        for figure in values
    ]


class SummaryTests(SynchronousTestCase):
    """Medians, ratios and spread."""

    def setUp(self) -> None:
        """Summarise three rounds of three clients."""
        figures = {
            "ours": [9.0, 8.0, 20.0],
            "sio4": [30.0, 18.0, 10.0],
            "psio": [90.0, 90.0, 90.0],
        }
        self.results: Results = summarise(samples_of(figures, "command"))

    def test_median_is_not_the_mean(self) -> None:
        """One round that was disturbed does not move the figure."""
        medians = {client: row.figure for (client, _), row in self.results.items()}
        self.assertEqual(medians, {"ours": 9.0, "sio4": 18.0, "psio": 90.0})

    def test_median_of_an_even_number(self) -> None:
        """Between two middle rounds the figure lies halfway."""
        [row] = summarise(samples_of({"ours": [1.0, 4.0, 2.0, 9.0]}, "push")).values()
        self.assertEqual(row.figure, 3.0)

    def test_ratios_are_those_of_the_medians(self) -> None:
        """Each client's median is divided by ours, and by that of sio4."""
        row = self.results["psio", "command"]
        self.assertEqual((row.to_ours, row.to_peer), (10.0, 5.0))
        row = self.results["ours", "command"]
        self.assertEqual((row.to_ours, row.to_peer), (1.0, 0.5))

    def test_measures_are_kept_apart(self) -> None:
        """A ratio never divides by the figure of another measure."""
        results = summarise(
            samples_of({"ours": [10.0], "sio4": [20.0]}, "command")
            + samples_of({"ours": [40.0], "sio4": [20.0]}, "idle")
        )
        self.assertEqual(results["ours", "command"].to_peer, 0.5)
        self.assertEqual(results["ours", "idle"].to_peer, 2.0)

    def test_no_ratio_without_the_other(self) -> None:
        """Where ours or sio4 was not measured there is no ratio to it."""
        [row] = summarise(samples_of({"psio": [90.0]}, "push")).values()
        self.assertEqual((row.to_ours, row.to_peer), (None, None))

    def test_widest_spread(self) -> None:
        """The figure whose rounds differ most is named."""
        self.assertEqual(
            widest_spread(self.results),
            "widest spread of the rounds: 133% (ours, command)",
        )

    def test_verdict(self) -> None:
        """An aim is held at its share of sio4 and missed above it."""
        results = self.results | summarise(
            samples_of({"ours": [7.0], "sio4": [7.0]}, "push")
            + samples_of({"ours": [44.0], "sio4": [40.0]}, "idle")
        )
        self.assertEqual(
            verdict(results),
            "aims (at most so much of sio4): command 0.50 of 0.75 held, "
            "push 1.00 of 1.00 held, idle 1.10 of 1.00 missed",
        )
        self.assertIn("push not measured", verdict(self.results))

    def test_table(self) -> None:
        """The table has a line for each client and a dash for what is missing."""
        titles = {"ours": "ours 0.1", "sio4": "sio4 4.8.4", "psio": "psio 5"}
        self.assertEqual(
            render(self.results, titles).splitlines(),
            [
                "|            | command | to ours | to sio4 "
                "| push | to ours | to sio4 | idle | to ours | to sio4 |",
                "| ---------- | ------: | ------: | ------: "
                "| ---: | ------: | ------: | ---: | ------: | ------: |",
                "| ours 0.1   |     9.0 |    1.00 |    0.50 "
                "|    - |       - |       - |    - |       - |       - |",
                "| sio4 4.8.4 |    18.0 |    2.00 |    1.00 "
                "|    - |       - |       - |    - |       - |       - |",
                "| psio 5     |    90.0 |   10.00 |    5.00 "
                "|    - |       - |       - |    - |       - |       - |",
            ],
        )
