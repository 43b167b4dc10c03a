"""The benchmark of decoding compares the same pushes, and its table counts right."""

from __future__ import annotations

import json

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import LinkMessage, RoomJoin, TextMessage
from tests.bench.decoding import (
    AIMS,
    Row,
    decoder,
    encoded,
    measure,
    pushes,
    render,
    verdict,
)


class TableTests(SynchronousTestCase):
    """What was measured, for a person."""

    def test_table(self) -> None:
        """Only the mix has an aim."""
        lines = render([Row("sdk", "mix", 5.0, 4.0), Row("sdk", "app", 40.0, 4.0)])
        self.assertEqual(
            lines.splitlines()[2:],
            [
                "| sdk, mix | 5.0 | 4.0 | 1.25 | 1.3 |",
                "| sdk, app | 40.0 | 4.0 | 10.00 |  |",
            ],
        )

    def test_verdict(self) -> None:
        """What misses its aim is named."""
        held = Row("socketio", "mix", 0.7, 1.0)
        text = verdict([held, Row("socketio", "app", 9.0, 1.0)])
        self.assertEqual(text, "aim (mix, times json.loads): held in 1 of 1")
        text = verdict([held, Row("legacy", "mix", 1.31, 1.0)])
        self.assertIn("held in 1 of 2; missed: legacy 1.31", text)


class DecodingTests(SynchronousTestCase):
    """What is measured."""

    def test_same_in_each_dialect(self) -> None:
        """Each push gives the same kinds in each dialect, and is JSON for theirs."""
        kinds = {}
        for dialect in AIMS:
            decode = decoder(dialect)
            kinds[dialect] = [
                [type(item) for item in decode(encoded(dialect, items))]
                for push in pushes().values()
                for items in push
            ]
            for push in pushes().values():
                json.loads(encoded(dialect, push[0]))
        found = {kind for items in kinds["sdk"] for kind in items}
        self.assertLessEqual({TextMessage, LinkMessage, RoomJoin}, found)
        self.assertEqual(kinds["legacy"], kinds["socketio"])
        self.assertEqual(kinds["sdk"], kinds["socketio"])

    def test_measured(self) -> None:
        """Both sides of a row take time."""
        frames = [encoded("legacy", items) for items in pushes()["text"]]
        row = measure("legacy", "text", frames, 1, 1)
        self.assertGreater(min(row.ours, row.theirs), 0)
