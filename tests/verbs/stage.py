"""Running a verb in this process, and reading what it wrote."""

from __future__ import annotations

import io
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout


def parsed(add_options: Callable[[ArgumentParser], None], *words: str) -> Namespace:
    """Read the words behind a verb."""
    parser = ArgumentParser()
    add_options(parser)
    return parser.parse_args(words)


def written(verb: Callable[[], int]) -> tuple[int, str, str]:
    """Run a verb; return its status, its output, and its error output."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        status = verb()
    texts = []
    for stream in (out, err):
        stream.seek(0)
        texts.append(stream.read())
    return status, texts[0], texts[1]
