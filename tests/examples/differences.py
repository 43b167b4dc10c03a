"""The made part of the page on dialects: what each spells in its own way."""

from __future__ import annotations

import json

from padchat_twisted.wire.dialect_table import LEGACY, SDK, Differences
from padchat_twisted.wire.json_keys import pascal_case, snake_key

HEAD = ("What", "`socketio`", "`legacy`", "`sdk`")

#: How each of the JSON dialects spells the keys of results and events.
KEYS = {
    LEGACY.name: lambda name: next(iter(pascal_case({name: None}))),
    SDK.name: snake_key,
}


def differences() -> str:
    """Make the table of differences."""
    rows = [HEAD, ("---",) * len(HEAD), *_codes(), *_params(), *_results(), *_events()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _names(*tables: object) -> list[str]:
    """List the keys of some tables, each once, sorted."""
    return sorted({name for table in tables for name in table})  # type: ignore[attr-defined] # mappings


def _row(what: str, name: str, *others: str) -> tuple[str, ...]:
    return (what, *(f"`{spelled}`" for spelled in (name, *others)))


def _codes() -> list[tuple[str, ...]]:
    return [
        _row("command", code, LEGACY.codes.get(code, code), SDK.codes.get(code, code))
        for code in _names(LEGACY.codes, SDK.codes)
    ]


def _params() -> list[tuple[str, ...]]:
    rows = []
    tables = [
        table
        for ours in (LEGACY, SDK)
        for table in (ours.params, ours.accepted_params, ours.without)
    ]
    for code in _names(*tables):
        names = _names(
            *(ours.params.get(code, {}) for ours in (LEGACY, SDK)),
            *(ours.accepted_params.get(code, {}).values() for ours in (LEGACY, SDK)),
            *(ours.without.get(code, ()) for ours in (LEGACY, SDK)),
        )
        for name in names:
            cells = [_param(ours, code, name) for ours in (LEGACY, SDK)]
            # In the canonical form device data stand in `init`, and nowhere else.
            is_ours = code != "login" or name != "deviceData"
            own = f"`{name}`" if is_ours else "none, see `init`"
            rows.append((f"parameter of `{code}`", own, *cells))
    return rows


def _param(ours: Differences, code: str, name: str) -> str:
    """Say how a dialect spells one parameter."""
    if name in ours.without.get(code, ()):
        return "none"
    spelled = ours.params.get(code, {}).get(name, name)
    cell = f"`{spelled}`"
    also = [
        wire
        for wire, canonical in ours.accepted_params.get(code, {}).items()
        if canonical == name
    ]
    if also:
        cell += f", a server takes {', '.join(f'`{wire}`' for wire in also)} too"
    defaults = ours.defaults.get(code, {})
    if spelled in defaults:
        cell += f", {json.dumps(defaults[spelled])} when there is none"
    return cell


def _results() -> list[tuple[str, ...]]:
    rows = []
    for name in _names(LEGACY.results, SDK.results):
        cells = [
            KEYS[ours.name](ours.results.get(name, name)) for ours in (LEGACY, SDK)
        ]
        rows.append(_row("field of a result", name, *cells))
    return rows


def _events() -> list[tuple[str, ...]]:
    return [
        _row("event", name, LEGACY.events.get(name, name), SDK.events.get(name, name))
        for name in _names(LEGACY.events, SDK.events)
    ]


def numbers() -> str:
    """Make the list of the numbers of 2017."""
    pairs = [f"{number} `{code}`" for number, code in sorted(LEGACY.numbers.items())]
    return ", ".join(pairs) + "."
