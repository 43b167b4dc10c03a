"""The page on Socket.IO: its transcripts are what goes over the wire."""

from __future__ import annotations

import re

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted import socketio

from ..examples.pages import DOCS, spans
from .transcripts import SCENES, transcript

PAGE = DOCS / "socketio.md"

_SHOWN = re.compile(r"<!-- transcript: ([\w-]+) -->\n```text\n(.*?)```", re.DOTALL)

#: What stands for an object of each class on the page.
OBJECTS = {
    "server": socketio.SocketIOServer,
    "chat": socketio.ServerNamespace,
    "socket": socketio.Socket,
    "client": socketio.Client,
}


class PageTests(SynchronousTestCase):
    """What the page tells is true."""

    maxDiff = None

    def test_transcripts(self) -> None:
        """Each is shown once, as it is played today."""
        shown = _SHOWN.findall(PAGE.read_text())
        self.assertEqual(sorted(name for name, _ in shown), sorted(SCENES))
        for name, text in shown:
            self.assertEqual(text.rstrip("\n"), transcript(name), name)

    def test_methods(self) -> None:
        """Each method that a table names is there."""
        told = set()
        for span in spans(PAGE):
            found = re.match(r"(\w+)\.(\w+)\(", span)
            if found and found[1] in OBJECTS and "=>" not in span:
                told.add(found[0])
                if not _is_javascript(span):
                    kind = OBJECTS[found[1]]
                    self.assertTrue(hasattr(kind, found[2]), span)
        self.assertGreater(len(told), 15)

    def test_public_names(self) -> None:
        """Each name that the package exports is on the page or on those it leads to."""
        words = set(re.findall(r"\w+", PAGE.read_text()))
        for page in ("reaching.md", "embedding.md"):
            if (DOCS / page).exists():
                words |= set(re.findall(r"\w+", (DOCS / page).read_text()))
        self.assertEqual(set(socketio.__all__) - words, set())


def _is_javascript(span: str) -> bool:
    """Tell whether a span is of the table that translates from JavaScript."""
    text = PAGE.read_text()
    table = text[text.index("## From JavaScript") :]
    return any(
        span in line.split("|")[1]
        for line in table.splitlines()
        if line.startswith("| ")
    )
