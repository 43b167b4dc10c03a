"""The rules of the house that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "padchat_twisted"

#: Lines of one file, of any kind: what a reader keeps in mind at once.
MAX_LINES = 400

#: Files that may be longer, each with the reason.
LONG_FILES: dict[str, str] = {
    "padchat_twisted/catalogue/__init__.py": "one list of names",
    "padchat_twisted/errors.py": "one tree of exceptions, drawn once",
    "padchat_twisted/wire/engineio_connection.py": (
        "one connection: both transports, the upgrade and the end share its state"
    ),
    "padchat_twisted/wire/socketio_connection.py": (
        "one connection: its steps share the same tables of namespaces"
    ),
}

#: Modules without a test module of their own, each with the reason.
TESTED_ELSEWHERE = {
    "padchat_twisted/composing.py": "what it composes: tests/test_client*.py",
    "padchat_twisted/__init__.py": "only re-exports: tests/test_exports.py",
    "padchat_twisted/service/__init__.py": "only re-exports: mypy holds them",
    "padchat_twisted/session/login_protocols.py": "only Protocols: mypy holds them",
    "padchat_twisted/store/__init__.py": "only re-exports: mypy holds them",
    "padchat_twisted/wire/message_connection.py": "only a Protocol: mypy holds it",
}

#: Libraries that one room alone may import.
ROOM_OF_LIBRARY = {
    "autobahn": "transport",
    "treq": "service",
    "defusedxml": "catalogue",
    "socksio": "transport",
    "twisted.enterprise": "store",
    "sqlite3": "store",
    "automat": "session",
    "zxingcpp": "service",
    "PIL": "service",
}

#: Run in a fresh interpreter: import every module of ours, then tell what that did
#: to the process.
_IMPORT_ALL = """
import importlib, signal, sys, threading

noticed = []
def notice(event, arguments):
    if event in {"socket.__new__", "socket.bind", "subprocess.Popen", "os.fork",
                 "os.posix_spawn", "sqlite3.connect", "os.mkdir", "os.remove"}:
        noticed.append(event)
    elif event == "open":
        path, mode, flags = arguments
        if isinstance(mode, str) and set(mode) & set("wax+"):
            noticed.append(f"open {path} for writing")

signals = {number: signal.getsignal(number) for number in signal.valid_signals()}
sys.dont_write_bytecode = True
sys.addaudithook(notice)
for name in sys.argv[1:]:
    importlib.import_module(name)
    if "twisted.internet.reactor" in sys.modules:
        sys.exit(f"importing {name} installed a reactor")
    if noticed:
        sys.exit(f"importing {name} did this: {noticed}")
    if threading.active_count() > 1:
        sys.exit(f"importing {name} started a thread")
    for number, handler in signals.items():
        if signal.getsignal(number) is not handler:
            sys.exit(f"importing {name} changed the handler of signal {number}")
"""


def source_files(*folders: str) -> Iterator[Path]:
    """Find our Python files below *folders*, npm's own left out."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" not in path.parts:
                yield path


def name_of(path: Path) -> str:
    """Say a file's path as the tables above do."""
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    """Say what a file of the package is imported as."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_by(source: str) -> Iterator[str]:
    """Find the full names that *source* imports from other packages."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def misplaced_libraries(source: str, room: str) -> list[str]:
    """Find the libraries that *source*, standing in *room*, should not import."""
    return sorted(
        {
            library
            for name in imported_by(source)
            for library, home in ROOM_OF_LIBRARY.items()
            if f"{name}.".startswith(f"{library}.") and room != home
        }
    )


class ImportTests(SynchronousTestCase):
    """Who may import what, and what importing does."""

    def test_contracts(self) -> None:
        """The import contracts of pyproject.toml are kept."""
        lint = "from importlinter.cli import lint_imports_command as main; main()"
        ran = subprocess.run(
            [sys.executable, "-c", lint, "--no-cache"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        self.assertIn("0 broken", ran.stdout)

    def test_one_room_per_library(self) -> None:
        """Each of the libraries named above is imported in one room only."""
        misplaced = {}
        for path in source_files("padchat_twisted"):
            room = path.relative_to(PACKAGE).parts[0]
            if found := misplaced_libraries(path.read_text(), room):
                misplaced[name_of(path)] = found
        self.assertEqual(misplaced, {})

    def test_misplaced_library_is_found(self) -> None:
        """The search sees both ways to import, and no mere likeness of names."""
        for source in (
            "from twisted.enterprise import adbapi",
            "from twisted.enterprise.adbapi import ConnectionPool",
            "import twisted.enterprise.adbapi as database",
        ):
            self.assertEqual(
                misplaced_libraries(source, "service"), ["twisted.enterprise"]
            )
            self.assertEqual(misplaced_libraries(source, "store"), [])
        self.assertEqual(misplaced_libraries("import automation", "wire"), [])

    def test_importing_has_no_side_effect(self) -> None:
        """Importing all of ours installs no reactor, opens and starts nothing."""
        modules = [module_of(path) for path in source_files("padchat_twisted")]
        ran = subprocess.run(
            [sys.executable, "-c", _IMPORT_ALL, *modules],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_side_effect_is_found(self) -> None:
        """The same search does find a module that installs a reactor."""
        ran = subprocess.run(
            [sys.executable, "-c", _IMPORT_ALL, "twisted.internet.reactor"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertNotEqual(ran.returncode, 0)
        self.assertIn("reactor", ran.stderr)


class LayoutTests(SynchronousTestCase):
    """Where things are, and how long."""

    def test_each_module_has_its_tests(self) -> None:
        """padchat_twisted/x/y.py is tested in tests/x/test_y.py."""
        missing = []
        for path in source_files("padchat_twisted"):
            place = path.relative_to(PACKAGE)
            test = ROOT / "tests" / place.parent / f"test_{place.name}"
            only_docstring = len(ast.parse(path.read_text()).body) <= 1
            if not (
                test.is_file() or only_docstring or name_of(path) in TESTED_ELSEWHERE
            ):
                missing.append(name_of(path))
        self.assertEqual(missing, [])

    def test_length(self) -> None:
        """No file is longer than a reader can keep in mind."""
        lengths = {
            name_of(path): len(path.read_text().splitlines())
            for path in source_files("padchat_twisted", "tests", "docs", "twisted")
        }
        too_long = {
            name: lines
            for name, lines in lengths.items()
            if lines > MAX_LINES and name not in LONG_FILES
        }
        self.assertEqual(too_long, {})

    def test_exceptions_are_needed(self) -> None:
        """A file that is excepted above exists and needs the exception."""
        for name in LONG_FILES:
            lines = (ROOT / name).read_text().splitlines()
            self.assertGreater(len(lines), MAX_LINES, name)
        for name in TESTED_ELSEWHERE:
            self.assertTrue((ROOT / name).is_file(), name)

    def test_each_test_folder_is_a_package(self) -> None:
        """Trial finds every test module: each folder has its __init__.py."""
        without = {
            name_of(path.parent)
            for path in source_files("tests")
            if path.name.startswith("test_")
            and not (path.parent / "__init__.py").is_file()
        }
        self.assertEqual(without, set())

    def test_package_data(self) -> None:
        """What is no Python file is named as package data, or it is not installed."""
        with (ROOT / "pyproject.toml").open("rb") as file:
            setuptools = tomllib.load(file)["tool"]["setuptools"]
        patterns = setuptools["package-data"]["padchat_twisted"]
        packed = {path for pattern in patterns for path in PACKAGE.glob(pattern)}
        unpacked = {
            name_of(path)
            for path in PACKAGE.rglob("*")
            if path.is_file() and path.suffix not in {".py", ".pyc"}
        } - {name_of(path) for path in packed}
        self.assertEqual(unpacked, set())
        self.assertIn(PACKAGE / "py.typed", packed)


class ChangelogTests(SynchronousTestCase):
    """Fragments become the changelog, so each must read like it."""

    def test_fragments(self) -> None:
        """A fragment is named for its issue and type, and is sentences."""
        with (ROOT / "pyproject.toml").open("rb") as file:
            towncrier = tomllib.load(file)["tool"]["towncrier"]
        types = "|".join(kind["directory"] for kind in towncrier["type"])
        named = re.compile(rf"(\d+|\+[a-z0-9-]+)\.({types})(\.\d+)?\.md")
        for path in sorted((ROOT / towncrier["directory"]).iterdir()):
            if path.name == "README.md":
                continue
            self.assertRegex(path.name, named)
            self.assertTrue(path.read_text().endswith(".\n"), path.name)
