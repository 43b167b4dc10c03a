"""What the pages of the control socket have in common."""

from __future__ import annotations

from collections.abc import Iterable

from twisted.web.server import Request

from ..wire import json_text
from .spelling import nearest

__all__ = ["not_run", "written"]


def written(request: Request, status: int, value: object) -> bytes:
    """Write a value as JSON.

    Args:
        request: to be answered.
        status: of HTTP.
        value: the answer.

    Returns:
        The body; status and headers are set.
    """
    body = json_text.write(value)
    request.setResponseCode(status)
    request.setHeader(b"content-type", b"application/json")
    request.setHeader(b"content-length", str(len(body)).encode())
    return body


def not_run(name: str, names: Iterable[str]) -> str:
    """Tell a person that the service does not run an account.

    Args:
        name: of that one.
        names: of those that it runs.
    """
    run = list(names)
    near = nearest(name, run)
    hint = f"the nearest is {near}; " if near else ""
    known = ", ".join(run) or "none"
    return f"the service runs no account {name!r}: {hint}it runs {known}"
