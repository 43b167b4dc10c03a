"""The client of a control socket, see :mod:`.control`."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
from treq.client import HTTPClient
from twisted.internet.endpoints import UNIXClientEndpoint
from twisted.internet.error import ConnectError
from twisted.internet.interfaces import IReactorUNIX, IStreamClientEndpoint
from twisted.web.client import URI, Agent, HTTPConnectionPool
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from ..errors import OutcomeUnknown, PadChatError, quoted
from ..session.dialects import LOGIN_TIME_LIMIT
from ..session.explain import Explanation, Language
from ..wire import json_text
from .control import MAX_CALL_BYTES, CallRequest
from .outcomes import Outcome
from .settling import SendsAnswer, SendsRequest
from .sockets import SocketName
from .spelling import CallMistake

__all__ = ["ask", "ask_about_sends", "ask_why"]

#: Time for the service to answer (seconds) beyond the time limit of the call: only one
#: that hangs takes as long.
ANSWER_MARGIN = 10.0

#: Largest answer (bytes): the gateway's, which fits into one of its frames, spelled
#: anew.
MAX_ANSWER_BYTES = 2 * MAX_CALL_BYTES


async def ask(
    reactor: Any,  # noqa: ANN401 - several interfaces in one
    path: Path,
    request: CallRequest,
) -> Outcome | None:
    """Have a running service make a call.

    Args:
        reactor: runs it.
        path: of its control socket.
        request: the call.

    Returns:
        How it ended; None when no service listens there.

    Raises:
        CallMistake: the service does not run the account, or does not take the call.
        OutcomeUnknown: the service went away, does not answer, or failed.
    """
    body = json_text.write(request)
    if len(body) > MAX_CALL_BYTES:
        raise CallMistake(
            f"{request.command}: the call has {len(body)} bytes, and a gateway takes no"
            f" more than {MAX_CALL_BYTES}: send a smaller file"
        )
    # Nothing takes as long as a login, where the call names no limit.
    limit = request.time_limit or LOGIN_TIME_LIMIT
    try:
        answer = await _answered(reactor, path, "POST", "call", body, limit)
    except _NoAnswer as error:
        raise OutcomeUnknown(request.command, str(error)) from error
    return None if answer is None else _read(request.command, *answer)


async def ask_about_sends(
    reactor: Any,  # noqa: ANN401 - several interfaces in one
    path: Path,
    request: SendsRequest,
) -> SendsAnswer | None:
    """Have a running service look at the unknown sends of an account, or settle one.

    Args:
        reactor: runs it.
        path: of its control socket.
        request: what is asked.

    Returns:
        What is unknown now; None when no service listens there.

    Raises:
        CallMistake: the service does not run the account, or nothing is to be settled.
        PadChatError: it went away, does not answer, or could not do it.
    """
    answer = await _answered(
        reactor, path, "POST", "sends", json_text.write(request), LOGIN_TIME_LIMIT
    )
    if answer is None:
        return None
    status, content = answer
    try:
        found = json_text.read(content)
        if status == 200:
            return msgspec.convert(found, SendsAnswer)
        told = str(found["error"])
    except (ValueError, TypeError, KeyError):
        raise PadChatError("the service gave no answer: ask again") from None
    if status in (400, 404):
        raise CallMistake(told)
    raise PadChatError(quoted(told))


async def ask_why(
    reactor: Any,  # noqa: ANN401 - several interfaces in one
    path: Path,
    language: Language,
    account: str | None = None,
) -> list[Explanation] | None:
    """Have a running service explain an account.

    Args:
        reactor: runs it.
        path: of its control socket.
        language: of the sentences.
        account: label of the account, None for all.

    Returns:
        The explanations; None when no service listens there.

    Raises:
        CallMistake: the service does not run the account.
        PadChatError: the service went away, does not answer, or with anything else.
    """
    query = {"language": language, **({} if account is None else {"account": account})}
    target = f"explain?{urlencode(query)}"
    answer = await _answered(reactor, path, "GET", target, None, 0.0)
    if answer is None:
        return None
    status, content = answer
    try:
        found = json_text.read(content)
        if status == 200:
            return msgspec.convert(found, list[Explanation])
        error = str(found["error"])
    except (ValueError, TypeError, KeyError):
        raise PadChatError(
            f"the service at {path} answered with status {status}, and no explanation:"
            " is it of another version?"
        ) from None
    raise CallMistake(error)


class _NoAnswer(PadChatError):
    """The service went away, or does not answer."""


async def _answered(
    reactor: Any,  # noqa: ANN401 - several interfaces in one
    path: Path,
    method: str,
    target: str,
    body: bytes | None,
    time_limit: float,
) -> tuple[int, bytes] | None:
    """Ask; return status and content of the answer, None where nobody listens."""
    has_sockets: bool = IReactorUNIX.providedBy(reactor)
    try:
        if not (has_sockets and path.is_socket()):
            return None
        name = SocketName(path)
    except OSError:
        # Where this user cannot even look, no service of theirs is.
        return None
    pool = HTTPConnectionPool(reactor, persistent=False)
    agent = Agent.usingEndpointFactory(reactor, _OneEndpoint(reactor, name.text), pool)
    try:
        response = await HTTPClient(agent).request(
            method,
            f"http://localhost/{target}",
            data=body,
            timeout=time_limit + ANSWER_MARGIN,
            reactor=reactor,
        )
        if not 0 <= response.length <= MAX_ANSWER_BYTES:
            raise _NoAnswer("the service's answer is too large")
        return response.code, await response.content()
    except ConnectError as error:
        if error.osError in (errno.EACCES, errno.EPERM):
            raise PadChatError(
                f"{path} belongs to another user: run this as that one"
            ) from error
        return None
    except PadChatError:
        raise
    except Exception as error:
        # Twisted's client has many ways to tell that the other side is gone.
        raise _NoAnswer("no answer came from the service") from error
    finally:
        name.close()


@implementer(IAgentEndpointFactory)
class _OneEndpoint:
    """Leads to the socket, whatever the URL says."""

    def __init__(self, reactor: IReactorUNIX, name: str) -> None:
        self._endpoint = UNIXClientEndpoint(reactor, name)

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:
        """Return it."""
        return self._endpoint


def _read(command: str, status: int, content: bytes) -> Outcome:
    try:
        found = json_text.read(content)
        if status == 200:
            return msgspec.convert(found, Outcome)
        error = str(found["error"])
    except (ValueError, TypeError, KeyError):
        raise OutcomeUnknown(
            command, f"the service answered with status {status}, and no outcome"
        ) from None
    if status in (400, 404):
        raise CallMistake(error)
    if status == 503:
        # Too many ask: the call was not read.
        told = f"{command!r} was not sent: {quoted(error)}"
        return Outcome(outcome="not_sent", command=command, explanation=told)
    raise OutcomeUnknown(command, quoted(error))
