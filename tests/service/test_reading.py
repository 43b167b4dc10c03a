"""Reading a TOML document table by table; what a whole file says is in test_config."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.service.reading import Reader, Section, kind_of


class ReaderTests(SynchronousTestCase):
    """One table of one document."""

    def read(self, text: str) -> Any:  # noqa: ANN401 - a TOML document
        """Begin to read *text*; return the document."""
        self.reader = Reader(Path("/bots/a.toml"), {"V": "of the environment"}, text)
        return tomllib.loads(text)

    def told(self) -> list[str]:
        """Return the first sentences of the problems, with their lines."""
        return [f"{p.line} {p.found}" for p in self.reader.problems]

    def test_known_keys(self) -> None:
        """The keys that are known come back; the others are problems."""
        document = self.read('[gateway]\nurl = "u"\nport = 1\n')
        section = Section(("url", "auth_key"), ("proxy",))
        fields = self.reader.fields(("gateway",), document["gateway"], section)
        self.assertEqual(fields, {"url": "u"})
        self.assertEqual(
            self.told(),
            ["3 [gateway]: unknown key 'port'", "1 [gateway]: auth_key is missing"],
        )
        self.assertEqual(self.reader.fields((), None, section), {})

    def test_texts(self) -> None:
        """A text of one line is read; other values are problems."""
        text = 'url = "x"\npath = 1\nname = " "\nfile = "a\\nb"\n'
        document = self.read(text)
        for key, value in (("url", "X"), ("path", None), ("name", None)):
            read = self.reader.value(("store", key), document, str.upper)
            self.assertEqual(read, value, key)
        for key in ("file", "env"):
            where = ("store", key)
            self.assertIs(self.reader.value(where, document, str.upper), None)
        self.assertEqual(len(self.told()), 3)

    def test_secret(self) -> None:
        """A secret comes from a file or a variable, and from one of them."""

        def read(text: str) -> str | None:
            source = self.read(text)["auth_key"]
            return self.reader.secret(
                ("gateway", "auth_key"), source, str, lambda name, env: env[name]
            )

        self.assertEqual(read('auth_key.env = "V"'), "of the environment")
        self.assertEqual(read('auth_key.file = "k"'), "/bots/k")
        self.assertEqual(self.told(), [])
        self.assertIs(read('auth_key = {env = "V", file = "k"}'), None)
        self.assertEqual(self.told(), ["1 [gateway] auth_key: both env and file"])
        self.assertIs(read("auth_key = {}"), None)
        self.assertEqual(self.told(), ["1 [gateway] auth_key: neither env nor file"])

    def test_kinds(self) -> None:
        """Each kind of value has a name for people."""
        document = self.read(
            "a = 1\nb = 1.5\nc = true\nd = []\ne = {}\nf = 2020-01-01\n"
        )
        self.assertEqual(
            [kind_of(value) for value in document.values()],
            [
                "an integer",
                "a number",
                "a boolean",
                "an array",
                "a table",
                "a date or time",
            ],
        )
