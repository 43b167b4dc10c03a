"""The HTTP exchanges of a replay: which request of ours is which recorded one."""

from __future__ import annotations

from typing import Any

from padchat_twisted.wire import engineio
from padchat_twisted.wire.told import HttpRequest, HttpResponse, Role

from .recorded import Scenario, is_upgrade, payload
from .setting import revisions, transports


def _pairs(written: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401 - JSON
    return tuple((key, value) for key, value in written)


def body_of(step: dict[str, Any]) -> bytes:
    """Return the body of a recorded request or answer."""
    return payload(step["body"])[0] if step["body"] is not None else b""


class ClientExchange:
    """Our requests as a client, which get the recorded answers.

    Polls get the answers of the recorded polls in order. POSTs are split otherwise than
    the recorded ones: each gets the next recorded answer, or a good one when none is
    left.

    Args:
        steps: of the session.

    Attributes:
        open: our requests without answer, by method.
        unanswered: recorded requests without answer.
        ended: how many polls of ours got an answer that was not recorded.
        left_out: how many recorded polls we did not make.
    """

    def __init__(self, steps: list[dict[str, Any]]) -> None:
        self._requests = {s["i"]: s for s in steps if s["kind"] == "http-request"}
        self.unanswered = dict(self._requests)
        answered = [
            self._requests[step["re"]]
            for step in steps
            if step["kind"] == "http-response"
        ]
        self._posts_to_come = sum(r["method"] == "POST" for r in answered)
        self._polls_to_come = sum(
            r["method"] == "GET" and not is_upgrade(r) for r in answered
        )
        self.open: dict[str, int] = {}
        self.ended = self.left_out = 0

    def asked(self, request: HttpRequest) -> HttpResponse | None:
        """Note a request of ours; return its answer if it gets one at once."""
        assert request.method not in self.open, "two requests at once"
        if request.method == "POST" and self._posts_to_come == 0:
            return HttpResponse(request.id, 200, (), b"ok")
        self.open[request.method] = request.id
        return None

    def answered(self, step: dict[str, Any], method: str) -> HttpResponse | None:
        """Return the answer to our open request; None when there is none."""
        if method == "POST":
            self._posts_to_come -= 1
        else:
            self._polls_to_come -= 1
        number = self.open.pop(method, None)
        if number is None:
            return None
        headers = _pairs(step["headers"])
        return HttpResponse(number, step["status"], headers, body_of(step))

    @property
    def is_poll_extra(self) -> bool:
        """Whether our poll is none of the recorded ones."""
        recorded = (r for r in self.unanswered.values() if r["method"] == "GET")
        return "GET" in self.open and not any(recorded)

    def end_poll(self, body: bytes) -> HttpResponse | None:
        """End a poll of ours for which no recorded answer is left."""
        if self._polls_to_come or "GET" not in self.open:
            return None
        self.ended += 1
        return HttpResponse(self.open.pop("GET"), 200, (), body)

    def cut(self, step: dict[str, Any], role: Role, waiting: list[int]) -> list[int]:
        """Return the requests that a closed connection leaves without answer.

        Args:
            step: that closed it.
            role: ours.
            waiting: requests to us, as a server.
        """
        cut = [
            number
            for number, request in self.unanswered.items()
            if request["conn"] == step["conn"] and not is_upgrade(request)
        ]
        found = []
        for number in cut:
            method = self.unanswered.pop(number)["method"]
            if role is Role.CLIENT and step["dir"] == "s2c" and method in self.open:
                found.append(self.open.pop(method))
            elif role is Role.SERVER and number in waiting:
                waiting.remove(number)
                found.append(number)
        return found


class ServerExchange:
    """Requests to us as a server, and those that never come to a connection.

    It knows what a table of sids would know: whether the session is there.

    Args:
        recording: what is replayed.

    Attributes:
        open: requests that wait for our answer.
    """

    def __init__(self, recording: Scenario) -> None:
        self._recording = recording
        self._revision: engineio.Revision = 3
        self.open: list[int] = []

    def refuse(
        self, step: dict[str, Any], is_started: bool, is_over: bool
    ) -> HttpResponse | None:
        """Return the answer to a request that no connection is told of."""
        query = dict(_pairs(step["query"]))
        offered = transports(self._recording)
        if is_started and not is_over:
            refusal = engineio.refuse_known(
                query,
                transport=query.get("transport", ""),
                revision=self._revision,
                transports=offered,
                is_websocket=is_upgrade(step),
            )
        else:
            self._revision = engineio.revision_of(query)
            refusal = engineio.refuse_request(
                query,
                step["method"],
                transports=offered,
                revisions=revisions(self._recording),
                is_websocket=is_upgrade(step),
            )
        if refusal is None:
            return None
        return HttpResponse(step["i"], refusal.status, refusal.headers, refusal.body)

    def request(self, step: dict[str, Any]) -> HttpRequest:
        """Return what our connection is told."""
        return HttpRequest(
            step["i"],
            step["method"],
            _pairs(step["query"]),
            _pairs(step["headers"]),
            body_of(step),
        )

    def answered(self, response: HttpResponse) -> None:
        """Note an answer of ours."""
        if response.id in self.open:
            self.open.remove(response.id)
