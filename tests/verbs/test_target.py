"""Whom a command line means."""

from __future__ import annotations

import os
from pathlib import Path

from twisted.trial.unittest import TestCase

from padchat_twisted.errors import ConfigurationError
from padchat_twisted.secret import Secret
from padchat_twisted.service.spelling import CallMistake
from padchat_twisted.store.cipher import make_store_key
from padchat_twisted.verbs.call import add_options
from padchat_twisted.verbs.gateway import Gateway
from padchat_twisted.verbs.target import Target, Words, target_of, words_of

from ..children import new_folder
from ..test_tap import write_configuration
from .stage import parsed

URL = "http://gateway.invalid/user"

CALL = ["sendMsg", "to_user_name=a"]


class WordsTests(TestCase):
    """What the words are."""

    def test_configured(self) -> None:
        """Without a gateway there is no key among them."""
        words = words_of(["one", *CALL], has_gateway=False)
        self.assertEqual(words, Words(None, "one", "sendMsg", ["to_user_name=a"]))

    def test_key(self) -> None:
        """With one there may be; the command tells which word is which."""
        for line, key in (
            (["key", "one", *CALL], "key"),
            (["k=y", "one", *CALL], "k=y"),
            (["one", *CALL], None),
            (["one", "sendMsg"], None),
            (["key", "one", "sendMsg"], "key"),
        ):
            words = words_of(line, has_gateway=True)
            self.assertEqual((words.key, words.account), (key, "one"), line)
            self.assertEqual(words.command, "sendMsg")

    def test_named_as_a_command(self) -> None:
        """An account may be named as a command is."""
        words = words_of(["key", "login", *CALL], has_gateway=True)
        self.assertEqual((words.key, words.account), ("key", "login"))

    def test_text_without_field(self) -> None:
        """A known command in second place is no account: a field was meant."""
        words = words_of(["one", "sendMsg", "hello"], has_gateway=True)
        self.assertEqual(words, Words(None, "one", "sendMsg", ["hello"]))

    def test_key_without_gateway(self) -> None:
        """A key that a configuration does not want is not repeated."""
        with self.assertRaises(CallMistake) as caught:
            words_of(["the-key", "one", *CALL], has_gateway=False)
        told = "a key before ACCOUNT is for --gateway: a configuration tells it itself"
        self.assertEqual(str(caught.exception), told)

    def test_repr(self) -> None:
        """Neither the key nor a text stands in a representation."""
        words = words_of(["the-key", "one", *CALL], has_gateway=True)
        self.assertEqual(repr(words), "Words(account='one', command='sendMsg')")
        way = Gateway(URL, proxy="http://me:the-password@proxy.invalid:1")
        device = {"deviceUuid": "the-device"}
        target = Target("one", way, Secret("the-key"), Path("a.sqlite"), device)
        self.assertNotIn("the-", repr(target))

    def test_missing(self) -> None:
        """Account and command are needed."""
        for line in (["one"], ["sendMsg"]):
            with self.assertRaises(CallMistake) as caught:
                words_of(line, has_gateway=False)
            told = "account or command is missing: write padchat call ACCOUNT COMMAND"
            self.assertTrue(str(caught.exception).startswith(told))


class TargetTests(TestCase):
    """Which account that is."""

    def setUp(self) -> None:
        """Go to a folder of the test."""
        folder = new_folder(self)
        self.addCleanup(os.chdir, Path.cwd())
        os.chdir(folder)
        self.folder = Path.cwd()

    def find(self, *line: str, **environ: str) -> Target:
        """Find the account of a command line."""
        options = parsed(add_options, *line)
        words = words_of(options.words, has_gateway=options.gateway is not None)
        return target_of(options, words, environ)

    def assert_told(self, told: str, *line: str) -> None:
        """Check what is said of a command line that means nobody."""
        with self.assertRaises(CallMistake) as caught:
            self.find(*line)
        self.assertEqual(str(caught.exception), told)

    def test_configured(self) -> None:
        """A configuration tells all; that of the folder is found by itself."""
        # The handlers are those of the bot, which is not run.
        (self.folder / "busy_bot.py").write_text("raise ZeroDivisionError")
        path = write_configuration(
            self.folder,
            URL,
            'transports = ["polling"]',
            handlers={"two": "busy_bot:setup"},
        )
        gateway = Gateway(URL, transports=("polling",))
        store = self.folder / "padchat.sqlite"
        expected = Target("two", gateway, Secret("stage-key"), store)
        self.assertEqual(self.find("two", *CALL), expected)
        os.chdir("/")
        self.assertEqual(self.find("two", *CALL, "--config", str(path)), expected)

    def test_named(self) -> None:
        """A gateway on the command line goes without a configuration."""
        line = ["one", *CALL, "--gateway", URL, "--store", "a.sqlite"]
        expected = Target("one", Gateway(URL), Secret("k"), Path("a.sqlite"))
        self.assertEqual(self.find(*line, PADCHAT_AUTH_KEY="k"), expected)
        self.assertEqual(self.find("k", *line[:-2]).store, Path("padchat.sqlite"))
        self.assertEqual(self.find("k", *line), expected)

    def test_store_keys(self) -> None:
        """The store's keys come from where the account comes from."""
        key, other = make_store_key(), make_store_key()
        path = write_configuration(self.folder, URL)
        path.write_text(f'{path.read_text()}\n[store]\nkeys = {{ env = "A" }}\n')
        environ = {"A": key.reveal(), "PADCHAT_STORE_KEYS": other.reveal()}
        self.assertEqual(self.find("two", *CALL, **environ).store_keys, (key,))
        line = ["one", *CALL, "--gateway", URL]
        found = self.find(*line, PADCHAT_AUTH_KEY="k", **environ)
        self.assertEqual(found.store_keys, (other,))

    def test_nobody(self) -> None:
        """What is missing or unknown is told with what to do."""
        self.assert_told(
            "there is no padchat.toml here: name the configuration with --config, or"
            " the gateway with --gateway",
            *("one", *CALL),
        )
        self.assert_told(
            "there is no auth key: give KEY before ACCOUNT, or set PADCHAT_AUTH_KEY",
            *("one", *CALL, "--gateway", URL),
        )
        self.assert_told(
            "--config and --gateway: give one of them",
            *("one", *CALL, "--gateway", URL, "--config", "a.toml"),
        )
        self.assert_told(
            "--ca-file is for --gateway: a configuration tells it itself",
            *("one", *CALL, "--ca-file", "a.pem"),
        )
        path = write_configuration(self.folder, URL)
        self.assert_told(
            f"{path} has no account 'twoo': the nearest is two; it has one, two",
            *("twoo", *CALL),
        )

    def test_broken_configuration(self) -> None:
        """Problems of the configuration are told as `padchat check` tells them."""
        Path("padchat.toml").write_text("[gateway]\n")
        with self.assertRaises(ConfigurationError):
            self.find("one", *CALL)
