"""The benchmark of the servers gives each the same load, and measures that process."""

from __future__ import annotations

import os

from twisted.trial.unittest import SynchronousTestCase

from tests.bench.client import (
    SERVER_MEASURES,
    Assignment,
    CPUWindow,
    cpu_seconds,
    load_workload,
    next_push,
)
from tests.bench.picows_client import HandFramed
from tests.bench.report import SERVERS, Sample, render, summarise, verdict
from tests.bench.server_load import Load, cpu_seconds_of
from tests.bench.servers import CONTENDERS


class LoadTests(SynchronousTestCase):
    """What the servers are sent, and what is read of their processes."""

    def test_cpu_of_a_process(self) -> None:
        """The CPU time that the kernel tells of this process is its own."""
        before = cpu_seconds()
        told = cpu_seconds_of(os.getpid())
        # In ticks of a hundredth of a second.
        self.assertGreaterEqual(told, before - 0.03)
        self.assertLessEqual(told, cpu_seconds() + 0.03)

    def test_no_push_comes_twice(self) -> None:
        """Each push has an id of its own, and the rest of the workload's."""
        workload = load_workload()
        [first], [second] = next_push(workload)["list"], next_push(workload)["list"]
        self.assertNotEqual(first["msgId"], second["msgId"])
        self.assertEqual(len(second["msgId"]), 19)
        [item] = workload["push"]["list"]
        self.assertEqual({**second, "msgId": ""}, {**item, "msgId": ""})

    def test_event_without_arguments(self) -> None:
        """What asks for a burst is an event that nobody answers."""
        sent: list[bytes] = []
        connection = HandFramed()
        connection.send = sent.append
        connection.emit("bench-burst")
        self.assertEqual(sent, [b'42/user,["bench-burst"]'])

    def test_each_assignment_has_connections(self) -> None:
        """Every measure of a server has a number of connections, and a worker."""
        connections = load_workload()["server_connections"]
        self.assertEqual(sorted(connections), sorted(SERVER_MEASURES))
        for measure in SERVER_MEASURES:
            assignment = Assignment.of_server([measure, "80", "100", "20"])
            Load(assignment, CPUWindow(assignment, list))
        with self.assertRaisesRegex(ValueError, "no such measure: 'idle'"):
            Assignment.of_server(["idle", "80", "100", "20"])

    def test_bursts_are_asked_for_whole(self) -> None:
        """The amounts of pushes and broadcasts are whole bursts, warm-up included."""
        workload = load_workload()
        sizes = {"push": workload["burst"], "broadcast": 500}
        for contender in CONTENDERS:
            for measure in SERVER_MEASURES:
                amount = contender.operations[measure]
                self.assertEqual(amount % sizes.get(measure, 1), 0, contender.name)


class ServerTableTests(SynchronousTestCase):
    """The table of the servers."""

    def setUp(self) -> None:
        """Summarise two servers in two measures."""
        self.results = summarise(
            [
                Sample("ours", "ack", 50.0),
                Sample("npm", "ack", 40.0),
                Sample("ours", "broadcast", 41.0),
                Sample("npm", "broadcast", 40.0),
            ],
            SERVERS,
        )

    def test_verdict(self) -> None:
        """The aims of the servers are shares of npm's figures."""
        self.assertEqual(
            verdict(self.results, SERVERS),
            "aims (at most so much of npm): ack 1.25 of 1.25 held, "
            "push not measured, broadcast 1.02 of 1.00 missed",
        )

    def test_table(self) -> None:
        """The heads name the measures of servers, and npm."""
        titles = {"ours": "ours 1", "npm": "npm 4"}
        head, _, ours, npm = render(self.results, titles, SERVERS).splitlines()
        self.assertEqual(
            [cell.strip() for cell in head.split("|")[2:8]],
            ["ack", "to ours", "to npm", "push", "to ours", "to npm"],
        )
        self.assertIn("| 50.0 |    1.00 |   1.25 |", ours)
        self.assertIn("| 40.0 |    0.80 |   1.00 |", npm)
