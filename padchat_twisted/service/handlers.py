"""Find the handlers that a configuration names as ``module:callable``."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import sys
import traceback
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import cast

from ..errors import ConfigurationError, quoted
from ..session.account import Handlers
from .problems import Unusable

__all__ = ["Handlers", "find_handlers", "load_handlers"]

_EXAMPLE = 'write "bots.shop:setup" for def setup(account) in bots/shop.py'


def load_handlers(reference: str, folder: Path) -> Handlers:
    """Import what ``module:callable`` names, looking in *folder* first.

    *folder* is on ``sys.path`` only during the import: what the module needs from
    there, it imports at its top.

    Args:
        reference: module, colon, name of a callable that takes the account.
        folder: where modules are looked for before the installed ones.

    Raises:
        ConfigurationError: one problem: no such module or callable, with the
            nearest name; or an error inside the module, with its file and line.
    """
    try:
        return find_handlers(reference, folder)
    except Unusable as unusable:
        raise ConfigurationError(str(folder), (str(unusable),)) from unusable


def find_handlers(reference: str, folder: Path) -> Handlers:
    """Do the work of :func:`load_handlers`.

    Raises:
        Unusable: as it says, without a place.
    """
    module_name, colon, name = reference.partition(":")
    parts = [*module_name.split("."), name]
    if not colon or not all(part.isidentifier() for part in parts):
        raise Unusable(
            f"{quoted(reference)!r} is not of the form module:callable",
            "a module, a colon and the name of a function in it",
            _EXAMPLE,
        )
    module = _import_module(module_name, folder)
    source = getattr(module, "__file__", None) or module_name
    handlers = getattr(module, name, None)
    if handlers is None:
        public = [n for n, v in vars(module).items() if callable(v) and n[0] != "_"]
        near = get_close_matches(name, public, 1)
        raise Unusable(
            f"{source} has no {name!r}",
            f"a function of that module{f'; the nearest is {near[0]}' if near else ''}",
            f'write "{module_name}:{near[0]}"' if near else _EXAMPLE,
        )
    if not callable(handlers):
        raise Unusable(
            f"{reference!r} is no function, but of type {type(handlers).__name__}",
            "a function that takes the account",
            _EXAMPLE,
        )
    if inspect.iscoroutinefunction(handlers) or not _takes_account(handlers):
        raise Unusable(
            f"{reference!r} cannot be called with the account alone",
            "a plain function (def, not async def) with one argument, the account; "
            "the handlers that it registers may be async",
            f"write def {name}(account): in {source}",
        )
    return cast("Handlers", handlers)


def _takes_account(handlers: Callable[..., object]) -> bool:
    try:
        inspect.signature(handlers).bind(object())
    except TypeError:
        return False
    except ValueError:  # some callables written in C have no signature to ask
        return True
    return True


def _import_module(name: str, folder: Path) -> ModuleType:
    """Import module *name* with *folder* first on the path.

    Raises:
        Unusable: not found, or its own code failed.
    """
    sys.path.insert(0, str(folder))
    try:
        importlib.invalidate_caches()  # the file may be younger than the process
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            raise _not_found(name, folder) from error
        raise _failed(name, folder, error) from error
    # The module's code is the user's: it may raise anything, or try to exit.
    except (Exception, SystemExit) as error:
        raise _failed(name, folder, error) from error
    finally:
        with contextlib.suppress(ValueError):  # the module may have removed it
            sys.path.remove(str(folder))


def _not_found(name: str, folder: Path) -> Unusable:
    file = folder.joinpath(*name.split(".")).with_suffix(".py")
    siblings = [path.stem for path in file.parent.glob("*.py")]
    near = get_close_matches(file.stem, siblings, 1)
    remedy = f"write the module {file}"
    if near:
        better = ".".join([*name.split(".")[:-1], near[0]])
        remedy = f"write {better} in place of {name}, or {remedy}"
    return Unusable(
        f"there is no module {name!r}, neither in {folder} nor installed",
        f"a module{f'; the nearest is {near[0]}' if near else ''}",
        remedy,
    )


def _failed(name: str, folder: Path, error: BaseException) -> Unusable:
    if isinstance(error, SyntaxError):
        file, line = error.filename, error.lineno
    else:
        frames = traceback.extract_tb(error.__traceback__)
        theirs = [frame for frame in frames if frame.filename.startswith(str(folder))]
        file, line = (theirs or frames)[-1].filename, (theirs or frames)[-1].lineno
    return Unusable(
        f"module {name!r} cannot be imported: "
        f"{type(error).__name__}: {quoted(str(error))}",
        "a module that can be imported",
        f"mend line {line} of {file}",
    )
