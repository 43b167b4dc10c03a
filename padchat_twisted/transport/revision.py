"""Finds out which revision of Engine.IO a peer speaks, and over which transport.

A client of one revision and a server of the other fail in many ways, few of which say
what is wrong. Seen are, from a peer that does not speak our revision:

- HTTP 400 with a text such as ``Unsupported protocol version`` (socket.io 4.x, for a
  poll and for a WebSocket) or ``unsupported version`` (python-engineio);
- the same HTTP answer after the WebSocket was open (socket.io 4.x, a fault of it);
- HTTP 400 without a text, where something before the server took that away;
- an open packet in the other revision's payload: ``0{...}`` for revision 3,
  ``97:0{...}`` for revision 4 (socket.io 2.x, which does not look at the revision);
- an answer for a namespace that has no ``sid`` in it (the same, over WebSocket).

Source: vectors ``eio3on4-*-unsupported-protocol``, ``mismatch-*-client4-server2``;
python-engineio 4, BaseServer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..errors import (
    ConnectError,
    HandshakeRefused,
    LocalProtocolError,
    NamespaceRefused,
    PadChatError,
    RemoteProtocolError,
    quoted,
)
from ..wire.engineio import EIO3, EIO4, Revision

__all__ = [
    "RevisionFinder",
    "RevisionSetting",
    "Way",
    "check_settings",
    "is_mismatch",
]

#: What a caller may set: one revision, or to find out.
RevisionSetting = Literal["auto", 3, 4]

_OTHER: dict[Revision, Revision] = {EIO3: EIO4, EIO4: EIO3}

#: What transports may be, in alphabetical order.
_TRANSPORTS = (["polling", "websocket"], ["polling"], ["websocket"])

_UNSUPPORTED = re.compile(rb"unsupported.{0,40}version", re.IGNORECASE | re.DOTALL)

#: How the answer to the first poll begins in the revision that was not asked for; EIO3
#: has a form in text and one in bytes.
_OTHER_PAYLOAD: dict[Revision, re.Pattern[bytes]] = {
    EIO3: re.compile(rb"0\{"),
    EIO4: re.compile(rb"\d+:0\{|\x00[\x00-\x09]+\xff0\{"),
}

#: Steps of the way that all transports have in common.
_COMMON_HOPS = frozenset(("name", "TCP", "proxy", "TLS"))


@dataclass(frozen=True, slots=True)
class Way:
    """How to try to connect.

    Args:
        revision: of Engine.IO.
        transports: to offer to the connection, the first one first.
    """

    revision: Revision
    transports: tuple[str, ...]


class RevisionFinder:
    """Which ways to try, one after the other; keep one for each server.

    Call ``begin`` for the first way of connecting. When an attempt failed before it
    was up, ``after`` gives the next one, or None; then ``explain`` turns the last error
    into the one to tell. ``worked`` makes the revision that worked the first one.

    Args:
        where: host and port, for errors.
        setting: ``"auto"``, or the one revision to try.
        transports: in the order in which they are to be tried.
        has_fallback: whether the next transport is tried when one does not work.
        first: the revision that ``"auto"`` tries first. PadChat's gateways speak 3, as
            other servers did until 2020; today's speak 4, many of them both, and only
            in 4 does a client's ``auth`` reach them.

    Raises:
        LocalProtocolError: no such revision or transports.
    """

    __slots__ = (
        "_first",
        "_has_fallback",
        "_refusals",
        "_setting",
        "_transports",
        "_way",
        "_where",
    )

    def __init__(
        self,
        where: str,
        setting: RevisionSetting = "auto",
        transports: tuple[str, ...] = ("websocket",),
        *,
        has_fallback: bool = False,
        first: Revision = EIO3,
    ) -> None:
        check_settings(setting, transports)
        self._where = where
        self._setting = setting
        self._transports = tuple(transports)
        self._has_fallback = has_fallback
        self._first: Revision = first if setting == "auto" else setting
        self._refusals: dict[Revision, PadChatError] = {}
        self._way = Way(self._first, self._transports)

    def begin(self) -> Way:
        """Return the first way to try."""
        self._refusals.clear()
        self._way = Way(self._first, self._transports)
        return self._way

    def worked(self) -> None:
        """Take note that the last way leads to the server."""
        self._first = self._way.revision

    def after(self, error: PadChatError) -> Way | None:
        """Return the next way to try.

        Args:
            error: how the last one ended before it was up.
        """
        revision, transports = self._way.revision, self._way.transports
        if is_mismatch(revision, error):
            self._refusals[revision] = error
            other = _OTHER[revision]
            if self._setting == "auto" and other not in self._refusals:
                self._way = Way(other, transports)
                return self._way
        if self._has_fallback and len(transports) > 1 and _may_fall_back(error):
            self._refusals.clear()
            self._way = Way(self._first, transports[1:])
            return self._way
        return None

    def explain(self, error: PadChatError) -> PadChatError:
        """Return what to tell when no way is left.

        Args:
            error: how the last attempt ended.

        Returns:
            *error* as it is, when the revision has nothing to do with it; else one that
            says which were tried, what was answered, and what to set.
        """
        if not self._refusals:
            return error
        tried = "; ".join(
            f"revision {revision} was answered with {_answer(refusal)}"
            for revision, refusal in self._refusals.items()
        )
        revision = self._way.revision
        if all(error is not refusal for refusal in self._refusals.values()):
            # The other one got further, so its error is what counts.
            return _with_note(error, f"with revision {revision} of Engine.IO; {tried}")
        finding = "it speaks another revision of Engine.IO"
        if self._setting != "auto":
            advice = f'set revision to {_OTHER[revision]} or "auto"'
        elif len(self._refusals) == 1:
            advice = f"there was no time to try revision {revision}"
        else:
            finding = "it speaks no revision of Engine.IO"
            advice = "look whether port and path are those of a Socket.IO server"
        problem = f"{finding}: {tried}; {advice}"
        refused = HandshakeRefused(self._where, problem, hop="Engine.IO")
        if isinstance(error, HandshakeRefused):
            refused.status, refused.body = error.status, error.body
        refused.__cause__ = error
        return refused


def check_settings(
    setting: RevisionSetting = "auto", transports: Sequence[str] = ("websocket",)
) -> None:
    """Check a revision, and names of transports.

    Raises:
        LocalProtocolError: no such revision; a transport that is none, one that is
            there twice, or none at all.
    """
    if type(setting) not in (str, int) or setting not in ("auto", EIO3, EIO4):
        raise LocalProtocolError(f'revision is "auto", 3 or 4, and not {setting!r}')
    if sorted(transports) not in _TRANSPORTS:
        raise LocalProtocolError(
            'transports are "polling", "websocket", or both in the order to try them,'
            f" and not {transports!r}"
        )


def is_mismatch(revision: Revision, error: PadChatError) -> bool:
    """Tell whether an attempt failed since the peer speaks the other revision.

    Args:
        revision: what was tried.
        error: how the attempt ended before it was up.
    """
    if isinstance(error, HandshakeRefused):
        body = error.body
        if error.status == 400 and not body.strip():
            return True
        if _UNSUPPORTED.search(body) is not None:
            return True
        return _OTHER_PAYLOAD[revision].match(body) is not None
    if isinstance(error, ConnectError) and isinstance(error.__cause__, PadChatError):
        error = error.__cause__
    # Source: wire/socketio.py, decode_connected.
    return (
        isinstance(error, RemoteProtocolError)
        and revision == EIO4
        and "speaks Engine.IO 3" in error.problem
    )


def _may_fall_back(error: PadChatError) -> bool:
    if isinstance(error, NamespaceRefused):
        return False
    return not isinstance(error, ConnectError) or error.hop not in _COMMON_HOPS


def _answer(error: PadChatError) -> str:
    """Say what a peer answered, in few words."""
    if isinstance(error, HandshakeRefused) and error.status is not None:
        if error.status == 200:
            # What is in it may be anything.
            return "a body of the other revision"
        text = quoted(error.body.decode("utf-8", "replace"))
        return f"HTTP {error.status} {text}".rstrip()
    problem = getattr(error, "problem", "") or str(error)
    return f'"{problem}"'


def _with_note(error: PadChatError, note: str) -> PadChatError:
    """Add a note to an error about connecting; others are what they are."""
    if isinstance(error, ConnectError):
        error.problem = f"{error.problem} ({note})"
    return error
