"""The made parts of the page on the sandbox: its faults and its scenarios."""

from __future__ import annotations

from padchat_twisted.sandbox.faults.deeds import DEEDS, Deed
from padchat_twisted.sandbox.faults.library import find_scenario, scenario_names

__all__ = ["faults", "scenarios"]


def faults() -> str:
    """Make the table of what a fault does."""
    rows = ["| `do` | Waits for | What happens |", "|---|---|---|"]
    rows += [
        f"| `{word}` | {_waits_for(deed)} | {deed.meaning} |"
        for word, deed in DEEDS.items()
    ]
    return "\n".join(rows)


def scenarios() -> str:
    """Make the table of the scenarios that come with the package."""
    rows = ["| Name | What happens |", "|---|---|"]
    rows += [f"| `{name}` | {find_scenario(name).about} |" for name in scenario_names()]
    return "\n".join(rows)


def _waits_for(deed: Deed) -> str:
    if deed.name:
        return f"`{deed.name}`"
    return " or ".join(trigger.value for trigger in deed.triggers)
