"""What the pages of the control socket have in common."""

from __future__ import annotations

from typing import cast

from twisted.trial.unittest import SynchronousTestCase
from twisted.web.server import Request
from twisted.web.test.requesthelper import DummyRequest

from padchat_twisted.service.answers import not_run, written


class AnswersTests(SynchronousTestCase):
    """How they answer."""

    def test_written(self) -> None:
        """A value is written as JSON, with its status and its size."""
        request = DummyRequest([b"accounts"])
        body = written(cast(Request, request), 404, {"error": "没有"})
        self.assertEqual(body.decode(), '{"error":"没有"}')
        headers = request.responseHeaders
        self.assertEqual(request.responseCode, 404)
        self.assertEqual(headers.getRawHeaders("content-length"), [str(len(body))])
        self.assertEqual(headers.getRawHeaders("content-type"), ["application/json"])

    def test_not_run(self) -> None:
        """An account that is not run is told with those that are, and the nearest."""
        self.assertEqual(
            not_run("shop1", iter(("shop-1", "two"))),
            "the service runs no account 'shop1': the nearest is shop-1; it runs"
            " shop-1, two",
        )
        told = "the service runs no account 'one': it runs none"
        self.assertEqual(not_run("one", ()), told)
