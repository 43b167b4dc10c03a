"""Every command of a dialect, called by the JavaScript client that bots used.

Each scene of ``tests.scenes`` has a fresh world, a gateway on a real port and a new
login of the client, which is one process for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from padchat_twisted.catalogue import COMMANDS, Close, Dialect, Result
from padchat_twisted.catalogue.events import decode_reply
from padchat_twisted.catalogue.parameters import params_of
from padchat_twisted.sandbox.binding import State
from padchat_twisted.wire.dialect_table import SDK
from tests.scenes import SCENES, Cast, Scene

from .acts import Mismatch
from .callers import Caller
from .peers import Line
from .promises import faults_by_examples, faults_by_table, promised
from .sandbox import OTHER_KEY, Sandbox, open_sandbox

__all__ = ["Row", "play_commands"]

#: Faults that are none, by command, and how the table says it: the example of
#: ``snsUpload`` is copied from ``setHeadImg`` (open-questions.md, Q48), and one of
#: ``searchMp`` has a field that the tables have not.
KNOWN = {
    ("snsUpload", "data.bigHead is missing"): "but `bigHead`, which is `bigUrl`",
    ("snsUpload", "data.smallHead is missing"): "and `smallHead`, which is `smallUrl`",
    ("searchMp", "info.data.resultType is in no table"): "",
}


@dataclass(frozen=True)
class Row:
    """What came of one command.

    Args:
        code: its canonical name.
        way: how the program called it.
        promised: how many fields are promised inside each of ``data``.
        further: fields of ``data`` that came beside them.
        faults: what should have been otherwise.
        notes: what is not as documented, for a reason.
        refusal: how a refused call was answered; empty for none.
    """

    code: str
    way: str = ""
    promised: Mapping[str, int] = field(default_factory=dict)
    further: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    refusal: str = ""


async def play_commands(caller: Caller) -> list[Row]:
    """Call each command of a client's dialect, once so that it works and once refused.

    Args:
        caller: the client.
    """
    examples = await caller.examples()
    rows = []
    for code, command in COMMANDS.items():
        if caller.dialect in command.dialects:
            player = _Player(caller, code, examples.get(code, []))
            rows.append(await player.play())
    return rows


class _Player:
    """Plays one scene.

    Args:
        caller: the client.
        code: canonical name of the command.
        examples: results in the client's own documentation.
    """

    def __init__(self, caller: Caller, code: str, examples: list[Line]) -> None:
        self._caller = caller
        self._code = code
        self._examples = examples
        self._faults: list[str] = []

    async def play(self) -> Row:
        """Play it; return what came of it."""
        if self._code not in SCENES:
            return Row(self._code, faults=("there is no scene of it",))
        sandbox = open_sandbox()
        try:
            scene = await self._arranged(sandbox)
            found = await self._caller.call(scene.command, is_about_push=True)
            notes = self._judge(scene, found)
            refusal = await self._refusal(scene, sandbox)
            await self._caller.hang_up()
        except Mismatch as mismatch:
            return Row(self._code, faults=(str(mismatch),))
        finally:
            await sandbox.gone()
        expected = promised(self._code, self._caller.dialect, self._examples, found)
        return Row(
            self._code,
            self._caller.way(scene.command),
            expected,
            tuple(sorted(set(found.get("data") or ()) - expected.keys())),
            tuple(self._faults),
            notes,
            refusal,
        )

    async def _arranged(self, sandbox: Sandbox) -> Scene:
        """Log in and make the scene; then be as far as the scene begins."""
        account = await self._caller.connect(sandbox)
        await self._caller.become(account, State.LOGGED_IN)
        cast = Cast(sandbox.world, account, self._caller.dialect)
        scene = SCENES[self._code](cast)
        if scene.at is not State.LOGGED_IN:
            await self._caller.call(Close(), is_about_push=False)
            await self._caller.hang_up()
            await self._caller.connect(sandbox)
            await self._caller.become(account, scene.at)
        return scene

    def _judge(self, scene: Scene, found: Line) -> tuple[str, ...]:
        """Compare a good result with what is expected and promised; return notes."""
        data = found.get("data") or {}
        if found.get("success") is not True:
            self._faults.append(f"not done: {found.get(self._caller.error)}")
        self._faults += _differences(scene.expected, data, self._caller.dialect)
        notes = []
        for fault in (
            *faults_by_table(self._code, self._caller.dialect, data),
            *faults_by_examples(self._examples, found),
        ):
            note = KNOWN.get((self._code, fault))
            if note is None:
                self._faults.append(fault)
            elif note:
                notes.append(note)
        if scene.check is not None:
            try:
                scene.check()
            except AssertionError as error:
                self._faults.append(f"the world is not as it should be: {error}")
        return tuple(notes)

    async def _refusal(self, scene: Scene, sandbox: Sandbox) -> str:
        """Have a call refused; return what was said."""
        if scene.refused is None:
            return ""
        if scene.refused_at is not None:
            await self._caller.hang_up()
            other = await self._caller.connect(sandbox, OTHER_KEY)
            await self._caller.become(other, scene.refused_at)
        found = await self._caller.call(scene.refused, is_about_push=False)
        data = found.get("data") or {}
        said = found.get(self._caller.error) or ""
        if found.get("success") is not scene.is_success:
            self._faults.append(f"refused with success {found.get('success')}: {said}")
        if bool(said) is scene.is_success:
            self._faults.append(f"refused with {self._caller.error} {said!r}")
        if scene.is_success:
            said = data.get("message", "")
        if scene.because not in said:
            self._faults.append(f"refused by {said!r}, not {scene.because!r}")
        if scene.status is not None and data.get("status") != scene.status:
            self._faults.append(f"refused with status {data.get('status')}")
        told = [f"“{scene.because}”"] if scene.because else []
        if scene.status is not None:
            told.append(f"`status` {scene.status}")
        if scene.is_success:
            told.append("`success` true")
        return ", ".join(told)


def _differences(
    expected: Result, found: Mapping[str, Any], dialect: Dialect
) -> Iterator[str]:
    """Tell which fields of a result are not as the scene expects them."""
    canonical = dict(found)
    if dialect == "sdk":
        for name, wire_name in SDK.results.items():
            if wire_name in canonical:
                canonical[name] = canonical.pop(wire_name)
    body = msgspec.json.encode([{"success": True, "data": canonical}])
    read = decode_reply(type(expected), body)
    for param in params_of(type(expected)):
        value, wanted = getattr(read, param.name), getattr(expected, param.name)
        if dialect in param.dialects((dialect,)) and value != wanted:
            yield f"{param.wire_name} is {value!r}, not {wanted!r}"
