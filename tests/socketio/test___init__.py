"""The public names of the package, and what it keeps away from."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

import padchat_twisted.socketio as package

FOLDER = Path(package.__file__).parent

#: Rooms of PadChat's own, which have no business here.
FOREIGN = {"catalogue", "client", "sandbox", "service", "session", "store"}


class PublicTests(SynchronousTestCase):
    """What ``from padchat_twisted.socketio import ...`` promises."""

    def test_names(self) -> None:
        """The list is sorted, and each name is there and documented."""
        self.assertEqual(list(package.__all__), sorted(set(package.__all__)))
        for name in package.__all__:
            self.assertTrue(inspect.getdoc(getattr(package, name)), name)

    def test_nothing_of_padchat(self) -> None:
        """No module of the package imports a room that knows PadChat."""
        for file in FOLDER.glob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.ImportFrom) and node.level == 2:
                    room = (node.module or "").partition(".")[0]
                    self.assertNotIn(room, FOREIGN, file.name)
