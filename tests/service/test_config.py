"""The configuration file: what is read, and what is said of a broken one.

The broken ones are the ``.toml`` files in ``configs/``; beside each is, as ``.txt``,
all that is said of it, with ``{folder}`` for the folder.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from shutil import ignore_patterns

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import ConfigurationError
from padchat_twisted.service.config import (
    MAX_CONFIGURATION_BYTES,
    Configuration,
    check,
    load_configuration,
)
from padchat_twisted.service.problems import Problem

CONFIGS = Path(__file__).parent / "configs"

#: The key that stands in the broken files where it should not.
SECRET = "an-auth-key-in-plain-sight"

ENVIRON = {"PADCHAT_AUTH_KEY": "key-of-the-environment", "EMPTY_AUTH_KEY": " "}


class ConfigCase(SynchronousTestCase):
    """Works on a copy of ``configs/``, with the modes that the files are to have."""

    def setUp(self) -> None:
        """Copy the files; git keeps no modes but the executable bit."""
        self.folder = Path(self.mktemp()).absolute()
        shutil.copytree(CONFIGS, self.folder, ignore=ignore_patterns("*.t*"))
        self.copy("good")
        for name, mode in (("auth", 0o600), ("empty", 0o600), ("open", 0o644)):
            (self.folder / f"{name}.key").chmod(mode)
        self.addCleanup(self.forget_bots)

    def copy(self, name: str) -> Path:
        """Copy ``configs/<name>.toml``."""
        return Path(shutil.copy(CONFIGS / f"{name}.toml", self.folder))

    def forget_bots(self) -> None:
        """Have the handlers imported anew by the next test, from its own folder."""
        for name in [name for name in sys.modules if f"{name}.".startswith("bots.")]:
            del sys.modules[name]

    def write(self, text: str) -> Path:
        """Write a configuration."""
        path = self.folder / "written.toml"
        path.write_text(text, encoding="utf-8")
        return path

    def problems_of(self, text: str) -> list[Problem]:
        """Check a configuration of this text."""
        return check(self.write(text), ENVIRON)


class BrokenConfigurationTests(ConfigCase):
    """A newcomer can act on each message."""

    def assert_told(self, name: str) -> None:
        """Check ``configs/<name>.toml``: what is said is ``<name>.txt``."""
        problems = check(self.copy(name), ENVIRON)
        told = "".join(f"{problem}\n" for problem in problems)
        expected = (CONFIGS / f"{name}.txt").read_text(encoding="utf-8")
        self.assertEqual(told, expected.replace("{folder}", str(self.folder)))
        self.assertNotEqual(told, "")

    def test_text_without_quotes(self) -> None:
        """A URL without quotes is no TOML: line, column and how to write it."""
        self.assert_told("text-without-quotes")

    def test_key_without_quotes(self) -> None:
        """An auth key without quotes is no TOML, and is not repeated."""
        self.assert_told("key-without-quotes")

    def test_key_twice(self) -> None:
        """The second of two equal keys is pointed at."""
        self.assert_told("key-twice")

    def test_not_utf8(self) -> None:
        """A file of another encoding is told by the line of the first such byte."""
        self.assert_told("not-utf8")

    def test_single_brackets(self) -> None:
        """An account in single brackets is told apart from none."""
        self.assert_told("single-brackets")

    def test_single_brackets_twice(self) -> None:
        """Two accounts in single brackets are no TOML: double brackets are named."""
        self.assert_told("single-brackets-twice")

    def test_unknown_section(self) -> None:
        """A misspelt section gets the nearest one; a strange one gets the list."""
        self.assert_told("unknown-section")

    def test_unknown_key(self) -> None:
        """A misspelt key gets the nearest one, and is not told as missing too."""
        self.assert_told("unknown-key")

    def test_missing_url(self) -> None:
        """A missing key is told at the line of its section."""
        self.assert_told("missing-url")

    def test_two_accounts_of_a_key(self) -> None:
        """A dialect with one account for each key has no second one."""
        self.assert_told("two-accounts-of-a-key")

    def test_wrong_scheme(self) -> None:
        """A scheme that is not spoken is named."""
        self.assert_told("wrong-scheme")

    def test_no_scheme(self) -> None:
        """An address without a scheme gets one in the example."""
        self.assert_told("no-scheme")

    def test_key_in_url(self) -> None:
        """A URL with a query is refused without being repeated."""
        self.assert_told("key-in-url")

    def test_bad_types(self) -> None:
        """Values of other types are told, each at its line."""
        self.assert_told("bad-types")

    def test_same_name(self) -> None:
        """The second account of a name is told, with the place of the first."""
        self.assert_told("same-name")

    def test_variable_missing(self) -> None:
        """An environment variable that is not there is named."""
        self.assert_told("variable-missing")

    def test_variable_empty(self) -> None:
        """An environment variable without a key in it is named."""
        self.assert_told("variable-empty")

    def test_key_file_missing(self) -> None:
        """A key file that is not there is named with its whole path."""
        self.assert_told("key-file-missing")

    def test_key_file_open(self) -> None:
        """A key file that others can read gets its chmod."""
        self.assert_told("key-file-open")

    def test_key_file_empty(self) -> None:
        """A key file without a key is told."""
        self.assert_told("key-file-empty")

    def test_key_inline(self) -> None:
        """A key in the configuration itself is refused, with both ways out."""
        self.assert_told("key-inline")

    def test_key_from_two_places(self) -> None:
        """A variable and a file are one too many."""
        self.assert_told("key-from-two-places")

    def test_handlers_without_colon(self) -> None:
        """The form of handlers is told."""
        self.assert_told("handlers-without-colon")

    def test_handlers_module_missing(self) -> None:
        """A misspelt module gets the nearest file beside it."""
        self.assert_told("handlers-module-missing")

    def test_handlers_misspelt(self) -> None:
        """A misspelt function gets the nearest one of its module."""
        self.assert_told("handlers-misspelt")

    def test_handlers_not_a_function(self) -> None:
        """Handlers that cannot be called are told by their type."""
        self.assert_told("handlers-not-a-function")

    def test_handlers_async(self) -> None:
        """An async function, which would never run, is refused."""
        self.assert_told("handlers-async")

    def test_handlers_failing(self) -> None:
        """An error inside the module is told with its file and line."""
        self.assert_told("handlers-failing")

    def test_same_device(self) -> None:
        """Two accounts with one UUID are refused, whatever its case."""
        self.assert_told("same-device")

    def test_device_incomplete(self) -> None:
        """Of a device, all four fields are wanted."""
        self.assert_told("device-incomplete")

    def test_no_accounts(self) -> None:
        """A configuration without accounts is told how one begins."""
        self.assert_told("no-accounts")

    def test_store_folder_missing(self) -> None:
        """A store in no folder gets its mkdir."""
        self.assert_told("store-folder-missing")

    def test_store_is_folder(self) -> None:
        """A store that is a folder is told."""
        self.assert_told("store-is-folder")

    def test_store_keys_inline(self) -> None:
        """A store's key in the configuration itself is refused, not repeated."""
        self.assert_told("store-keys-inline")

    def test_everything_wrong(self) -> None:
        """All problems are told at once, in the order of the lines."""
        self.assert_told("everything-wrong")

    def test_each_file_is_tested(self) -> None:
        """Each broken file has its text and its test here."""
        names = {path.stem for path in CONFIGS.glob("*.toml")} - {"good"}
        self.assertEqual(names, {path.stem for path in CONFIGS.glob("*.txt")})
        for name in names:
            self.assertTrue(hasattr(self, f"test_{name.replace('-', '_')}"), name)

    def test_no_secret_is_told(self) -> None:
        """Of no broken file is the key told that it holds."""
        for path in CONFIGS.glob("*.toml"):
            for problem in check(self.copy(path.stem), ENVIRON):
                self.assertNotIn(SECRET, str(problem), path.name)


class UnreadableConfigurationTests(ConfigCase):
    """Files that are no configuration at all."""

    def test_missing(self) -> None:
        """A file that is not there is named without a line."""
        path = self.folder / "none.toml"
        [problem] = check(path, ENVIRON)
        self.assertEqual(
            str(problem),
            f"{path}: this file cannot be read: No such file or directory\n"
            "    expected: a configuration in TOML\n"
            "    remedy: write this file, or name another one with --config",
        )

    def test_size(self) -> None:
        """The largest file is read, one byte more is refused."""
        good = (self.folder / "good.toml").read_text(encoding="utf-8")
        room = MAX_CONFIGURATION_BYTES - len(good.encode())
        self.assertEqual(self.problems_of(good + "#" * room), [])
        [problem] = self.problems_of(good + "#" * (room + 1))
        self.assertIn(f"more than {MAX_CONFIGURATION_BYTES} bytes", problem.found)

    def test_empty(self) -> None:
        """An empty file lacks both sections."""
        found = [problem.found for problem in self.problems_of("")]
        missing = ["the file: gateway is missing", "the file: account is missing"]
        self.assertEqual(found, missing)


class MoreProblemTests(ConfigCase):
    """Cases that are no files of their own."""

    def found(self, text: str) -> list[tuple[int, str]]:
        """Find lines and first sentences of what is said."""
        return [(problem.line, problem.found) for problem in self.problems_of(text)]

    def test_empty_account_array(self) -> None:
        """An array of no accounts is told as such."""
        good = '[gateway]\nurl = "http://h/user"\nauth_key.env = "PADCHAT_AUTH_KEY"\n'
        self.assertEqual(
            self.found("account = []\n" + good), [(1, "[account]: there is none")]
        )
        self.assertEqual(
            self.found("account = 3\n" + good), [(1, "[account]: this is an integer")]
        )

    def test_same_device_data(self) -> None:
        """Two accounts with one deviceData are refused, whatever the rest."""
        device = (
            '[account.device]\ndeviceName = "a"\ndeviceUuid = "{}"\n'
            'deviceWifiName = "b"\ndeviceWifiMac = "c"\ndeviceData = "ZXhhbXBsZQ=="\n'
        )
        text = (
            '[gateway]\nurl = "http://h/user"\nauth_key.env = "PADCHAT_AUTH_KEY"\n'
            '[[account]]\nname = "one"\nhandlers = "bots.shop:setup"\n'
            + device.format("1")
            + '[[account]]\nname = "two"\nhandlers = "bots.shop:setup"\n'
            + device.format("2")
        )
        [problem] = self.found(text)
        self.assertEqual(
            problem,
            (21, "[[account]] 2 device.deviceData: the same as that of [[account]] 1"),
        )

    def test_auth_key_from_nowhere(self) -> None:
        """An empty table names no place for the key."""
        good = (self.folder / "good.toml").read_text(encoding="utf-8")
        text = good.replace('{ file = "auth.key" }', "{}")
        told = [(4, "[gateway] auth_key: neither env nor file")]
        self.assertEqual(self.found(text), told)

    def test_default_store_in_the_way(self) -> None:
        """A problem of a value that is not written is told at the first line."""
        (self.folder / "padchat.sqlite").mkdir()
        text = (
            '[[account]]\nname = "a"\nhandlers = "bots.shop:setup"\n'
            '[gateway]\nurl = "http://h/user"\nauth_key.env = "PADCHAT_AUTH_KEY"\n'
        )
        told = [(1, f"[store] path: {self.folder / 'padchat.sqlite'} is a folder")]
        self.assertEqual(self.found(text), told)

    def test_control_characters(self) -> None:
        """A text with an escape sequence is refused, and is not repeated."""
        good = (self.folder / "good.toml").read_text(encoding="utf-8")
        text = good.replace('name = "shop-1"', r'name = "shop\u001b[2J"')
        told = [(10, "[[account]] 1 name: control characters")]
        self.assertEqual(self.found(text), told)


class ConfigurationTests(ConfigCase):
    """What a configuration without problems becomes."""

    def load(self) -> Configuration:
        """Read the good one."""
        return load_configuration(self.folder / "good.toml", {})

    def test_good(self) -> None:
        """Every key arrives; paths are found from the configuration's folder."""
        good = self.load()
        self.assertEqual(good.path, self.folder / "good.toml")
        self.assertEqual(good.gateway.url, "http://127.0.0.1:7700/user")
        self.assertEqual(good.gateway.auth_key.reveal(), SECRET)
        self.assertEqual(good.store_path, self.folder / "padchat.sqlite")
        self.assertEqual([a.name for a in good.accounts], ["shop-1", "店-2"])
        module = sys.modules["bots.shop"]
        self.assertIs(good.accounts[0].handlers, vars(module)["setup"])
        device = {
            "deviceName": "My iPad",
            "deviceUuid": "00000000-0000-4000-8000-00000000ABCD",
            "deviceWifiName": "My Wi-Fi",
            "deviceWifiMac": "02:00:00:00:00:01",
            "deviceData": "ZXhhbXBsZQ==",
        }
        self.assertEqual([a.device for a in good.accounts], [None, device])

    def test_without_handlers(self) -> None:
        """Handlers that nobody runs are not imported."""
        load_configuration(self.folder / "good.toml", {}, has_handlers=False)
        self.assertNotIn("bots.shop", sys.modules)

    def test_design(self) -> None:
        """The file that the design page shows has no problems."""
        page = Path(__file__).parents[2] / "docs/design/0004-configuration.md"
        text = page.read_text(encoding="utf-8").split("```")[1].removeprefix("toml")
        self.assertEqual(check(self.write(text), ENVIRON), [])

    def test_nothing_is_made(self) -> None:
        """Reading makes no store: that is done when the service starts."""
        self.assertFalse(self.load().store_path.exists())

    def test_repr_holds_no_secret(self) -> None:
        """Neither the key nor device data are in the repr."""
        shown = repr(self.load())
        for secret in (SECRET, "ZXhhbXBsZQ==", "00000000-0000-4000"):
            self.assertNotIn(secret, shown)

    def test_key_of_environment(self) -> None:
        """A key may come from the environment; spaces around it do not count."""
        text = (self.folder / "good.toml").read_text(encoding="utf-8")
        text = text.replace('file = "auth.key"', 'env = "PADCHAT_AUTH_KEY"')
        environ = {"PADCHAT_AUTH_KEY": " the-key\n"}
        loaded = load_configuration(self.write(text), environ)
        self.assertEqual(loaded.gateway.auth_key.reveal(), "the-key")

    def test_store_by_default(self) -> None:
        """Without a store section the store is padchat.sqlite in the same folder."""
        path = self.write(
            '[gateway]\nurl = "https://h/user"\nauth_key.env = "PADCHAT_AUTH_KEY"\n'
            '[[account]]\nname = "a"\nhandlers = "bots.shop:setup"\n'
        )
        store_path = load_configuration(path, ENVIRON).store_path
        self.assertEqual(store_path, self.folder / "padchat.sqlite")

    def test_byte_order_mark_and_line_ends(self) -> None:
        """What Windows editors write is read, and lines are counted right."""
        text = (self.folder / "good.toml").read_text(encoding="utf-8")
        path = self.folder / "written.toml"
        path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
        self.assertEqual(check(path, {}), [])
        path.write_bytes(path.read_bytes().replace(b'name = "shop-1"', b"name = 1"))
        self.assertEqual([problem.line for problem in check(path, {})], [10])

    def test_error_has_all_problems(self) -> None:
        """Loading a broken one raises with the sentences that check returns."""
        path = self.copy("everything-wrong")
        error = self.assertRaises(ConfigurationError, load_configuration, path, ENVIRON)
        told = tuple(map(str, check(path, ENVIRON)))
        self.assertEqual((error.path, error.problems), (str(path), told))
