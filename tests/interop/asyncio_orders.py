"""Orders for the peers that run on asyncio."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

from .json_lines import obey, report

#: Longest line of input (bytes): orders hold a megabyte as base64.
MAX_LINE_BYTES = 8_000_000

_running: set[asyncio.Task[None]] = set()


def start(work: Coroutine[Any, Any, None]) -> None:
    """Have something done; report a fault when it fails."""
    task = asyncio.ensure_future(work)
    _running.add(task)
    task.add_done_callback(_ended)


async def obey_until_end(
    orders: dict[str, Callable[[dict[str, Any]], object]],
) -> None:
    """Carry out each line of standard input."""
    reader = asyncio.StreamReader(limit=MAX_LINE_BYTES)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        obey(line, orders)


def _ended(task: asyncio.Task[None]) -> None:
    _running.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        report("fault", error="".join(traceback.format_exception(error)))
