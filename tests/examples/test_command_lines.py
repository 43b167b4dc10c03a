"""Every command that a page shows exists, with its options."""

from __future__ import annotations

import contextlib
import io
import re
import shlex

from twisted.python.usage import Options
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted import tap
from padchat_twisted.cli import main
from padchat_twisted.sandbox import tap as sandbox_tap

from . import pages

#: The plugins of twistd that are ours.
PLUGINS: dict[str, type[Options]] = {
    "padchat": tap.Options,
    "padchat-sandbox": sandbox_tap.Options,
}

#: Commands of others, which need no look.
OTHERS = ("pip", "python3", ".", "export", "npm", "kill")


def help_of(*verb: str) -> str:
    """Return what ``padchat VERB --help`` prints."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
        main([*verb, "--help"])
    return output.getvalue()


class CommandLineTests(SynchronousTestCase):
    """A command line of a page, taken apart."""

    def assert_padchat(self, words: list[str]) -> None:
        """Check a verb of `padchat` and its options."""
        verbs = re.findall(r"^    (\w+) ", help_of(), re.MULTILINE)
        self.assertIn(words[0], verbs)
        options = re.findall(r"(?<![\w-])--[\w-]+", help_of(words[0]))
        for word in words[1:]:
            if word.startswith("--"):
                self.assertIn(word.partition("=")[0], options, " ".join(words))

    def assert_twistd(self, words: list[str]) -> None:
        """Check a plugin of `twistd`, and its options behind it."""
        plugins = [at for at, word in enumerate(words) if word in PLUGINS]
        if not plugins:
            self.assertIn(words, (["--help"], ["-n"]))
            return
        options = PLUGINS[words[plugins[0]]]()
        given = words[plugins[0] + 1 :]
        if given:
            options.parseOptions(given)

    def assert_make(self, words: list[str]) -> None:
        """Check a target of the Makefile."""
        makefile = (pages.ROOT / "Makefile").read_text()
        targets = re.findall(r"^([\w-]+):", makefile, re.MULTILINE)
        for word in words:
            self.assertIn(word, [*targets, "ARGS=--once"])

    def assert_python(self, words: list[str]) -> None:
        """Check a file or a module that Python is to run."""
        if words[0] == "-m":
            self.assertIn(
                words[1], ("twisted.trial", "tests.examples", "tests.interop")
            )
            return
        self.assertTrue((pages.EXAMPLES / words[0]).exists(), words[0])

    def test_all(self) -> None:
        """Each line of each page, and each command between backticks."""
        checks = {
            "padchat": self.assert_padchat,
            "twistd": self.assert_twistd,
            "make": self.assert_make,
            "python": self.assert_python,
        }
        seen = set()
        for page in pages.pages():
            for block in pages.blocks(page):
                if block.language == "sh":
                    for line in block.text.splitlines():
                        first = line.split()[0]
                        self.assertIn(first, [*checks, *OTHERS], f"{page.name}: {line}")
            for line in pages.commands(page):
                words = shlex.split(line) if " " in line else [line]
                check = checks.get(words[0])
                if check is not None and len(words) > 1:
                    check(words[1:])
                    seen.add(words[0])
        self.assertEqual(seen, set(checks))

    def test_each_verb_is_told(self) -> None:
        """No verb of `padchat` is missing from the pages."""
        text = "\n".join(page.read_text() for page in pages.pages())
        for verb in re.findall(r"^    (\w+) ", help_of(), re.MULTILINE):
            self.assertTrue(f"padchat {verb}" in text, verb)
