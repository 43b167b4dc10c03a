"""``padchat commands``: the catalogue."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..catalogue import DIALECTS, GROUPS
from ..service.listing import described, entries, likely, listed, unheard_of
from ..wire import json_text
from .process import complain, say

__all__ = ["add_options", "commands"]


def add_options(parser: ArgumentParser) -> None:
    """Add what may stand behind the verb."""
    parser.add_argument(
        "word",
        nargs="?",
        default="",
        metavar="WORD",
        help="the name of one, to see its fields; or a part of names or summaries",
    )
    parser.add_argument("--group", choices=GROUPS, default="", help="of this area only")
    parser.add_argument(
        "--dialect", choices=DIALECTS, help="those that this dialect has"
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="for programs: one object, with types and the names on the wire",
    )


def commands(options: Namespace) -> int:
    """List commands.

    Args:
        options: the command line.

    Returns:
        The exit status.
    """
    word: str = options.word
    found = entries(word, options.group, options.dialect)
    is_filtered = bool(options.group or options.dialect)
    unheard = {} if is_filtered else unheard_of(word)
    if options.json:
        value = {"commands": found, "unimplemented": unheard}
        say(json_text.write(value).decode())
        return 0
    if not found and not unheard:
        return complain(_nothing(word, is_filtered=is_filtered))
    lines = described(found[0]) if len(found) == 1 else listed(found)
    lines += [
        f"{name}: no gateway carries it out: {why}" for name, why in unheard.items()
    ]
    if len(found) > 1:
        lines += ["", "padchat commands NAME tells the fields of one"]
    for line in lines:
        say(line)
    return 0


def _nothing(word: str, *, is_filtered: bool) -> str:
    """Say that *word* leads to no command, and what may be meant."""
    if is_filtered and entries(word):
        return f"no command with these options has {word!r} in it: leave them out"
    near = likely(word)
    hint = f"did you mean {' or '.join(near)}?" if near else "leave it out"
    return f"no command has {word!r} in it: {hint}"
