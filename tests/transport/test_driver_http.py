"""The driver: requests of long polling, in either role, and what a pause holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import PadChatError, RemoteProtocolError
from padchat_twisted.transport.driver import Driver
from padchat_twisted.wire.told import (
    Asked,
    Closed,
    HttpFailed,
    HttpRequest,
    HttpResponse,
    Lost,
    OpenWebSocket,
    Told,
    WebSocketClosed,
)

GET = HttpRequest(1, "GET", ())
POST = HttpRequest(2, "POST", ())


class Scripted:
    """A pure connection that asks for what the test says, and notes what it is told."""

    def __init__(self) -> None:
        self.has_new_deadline = False
        self.told: list[Any] = []
        self.asked: list[Asked] = []
        self.occurrences: list[str] = []

    def start(self, *, now: float) -> None:
        """Do nothing."""

    def receive(self, told: Told, *, now: float) -> None:
        """Note it."""
        self.told.append(told)

    def receive_texts(self, frames: Sequence[bytes], now: float) -> None:
        """Note them."""
        self.told += frames

    def next_deadline(self) -> float | None:
        """There is none."""

    def deadline_reached(self, *, now: float, is_deaf: bool = False) -> None:
        """There is none."""

    def set_writable(self, writable: bool) -> None:
        """Note it."""
        self.told.append(writable)

    def events_received(self) -> list[str]:
        """Return what the test wants to come."""
        occurrences, self.occurrences = self.occurrences, []
        return occurrences

    def actions_to_take(self) -> list[Asked]:
        """Return what the test asks for."""
        asked, self.asked = self.asked, []
        return asked

    def close(self, *, now: float) -> None:
        """Note it."""
        self.told.append("close")

    def fail(self, error: PadChatError, *, now: float) -> None:
        """Note it."""
        self.told.append(error)

    def taken(self) -> list[Any]:
        """Take what was told."""
        told, self.told = self.told, []
        return told


class DriverHttpCase(SynchronousTestCase):
    """A driver over a connection that does as it is told."""

    def setUp(self) -> None:
        """Build it, with both a dialer and an answering side."""
        self.connection = Scripted()
        self.seen: list[Any] = []
        self.driver = Driver(
            Clock(), self.connection, self, dialer=self, respond=self.seen.append
        )

    def occurred(self, occurrences: Sequence[str]) -> None:
        """Note them."""
        self.seen += occurrences

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """Note it."""
        self.seen.append(reason)

    def open_websocket(
        self, driver: Driver, query: tuple[tuple[str, str], ...]
    ) -> None:
        """Note it."""
        self.seen.append((driver, query))

    def request(self, driver: Driver, request: HttpRequest) -> None:
        """Note it."""
        self.seen.append((driver, request))

    def cancel(self) -> None:
        """Note it."""
        self.seen.append("cancel")

    def asks(self, *asked: Asked) -> list[Any]:
        """Have the connection ask; return what the driver did."""
        self.connection.asked += asked
        self.driver.turn()
        seen, self.seen = self.seen, []
        return seen


class RequestTests(DriverHttpCase):
    """What is asked for is carried out."""

    def test_client(self) -> None:
        """A client's requests and its WebSocket go to the dialer."""
        query = (("EIO", "3"),)
        self.assertEqual(
            self.asks(GET, OpenWebSocket(query)),
            [(self.driver, GET), (self.driver, query)],
        )

    def test_told_within_the_request(self) -> None:
        """An answer may be told before the request returns."""
        answer = HttpResponse(1, 200)
        self.request = lambda driver, request: driver.tell(  # type: ignore[method-assign] # answers at once
            answer
        )
        self.asks(GET)
        self.assertEqual(self.connection.taken(), [answer])

    def test_server(self) -> None:
        """A server's answers are sent, also those of the turn in which it ends."""
        answer = HttpResponse(1, 400)
        seen = self.asks(answer, Closed("transport error"))
        self.assertEqual(seen, [answer, "cancel", "transport error"])
        self.assertTrue(self.driver.is_over)

    def test_nobody_there(self) -> None:
        """Without the other half, what is for it is dropped."""
        driver = Driver(Clock(), self.connection, self)
        self.connection.asked += [GET, HttpResponse(1, 200), OpenWebSocket()]
        driver.turn()
        self.assertEqual(self.seen, [])

    def test_any_connection(self) -> None:
        """What comes out of a connection may be of any kind."""
        self.connection.occurrences.append("came")
        self.assertEqual(self.asks(), ["came"])


class PauseTests(DriverHttpCase):
    """While nothing is read, the body that brings messages is held."""

    def setUp(self) -> None:
        """Have a poll under way, and pause."""
        super().setUp()
        self.asks(GET, POST)
        self.driver.pause()

    def test_client(self) -> None:
        """The answer to the poll is held, that to the POST is not."""
        poll, post = HttpResponse(1, 200), HttpResponse(2, 200)
        self.driver.tell(poll)
        self.driver.tell(post)
        self.assertEqual(self.connection.taken(), [post])
        self.driver.resume()
        self.assertEqual(self.connection.taken(), [poll])
        self.driver.resume()
        self.assertEqual(self.connection.taken(), [])

    def test_failures(self) -> None:
        """That something failed is told at once."""
        for told in (HttpFailed(1, "gone"), WebSocketClosed(), HttpFailed(2, "gone")):
            self.driver.tell(told)
            self.assertEqual(self.connection.taken(), [told])

    def test_server(self) -> None:
        """A POST is held, a poll is not: what we send goes on."""
        self.driver.tell(POST)
        self.driver.tell(GET)
        self.assertEqual(self.connection.taken(), [GET])
        self.driver.resume()
        self.assertEqual(self.connection.taken(), [POST])

    def test_second_post(self) -> None:
        """A second POST meanwhile breaks a rule, and neither is told."""
        self.driver.tell(POST)
        self.driver.tell(POST)
        (error,) = self.connection.taken()
        self.assertIsInstance(error, RemoteProtocolError)
        self.driver.resume()
        self.assertEqual(self.connection.taken(), [])

    def test_over(self) -> None:
        """What is held when it is over is dropped."""
        self.driver.tell(POST)
        self.connection.asked.append(Closed("ping timeout"))
        self.driver.turn()
        self.driver.resume()
        self.assertEqual(self.connection.taken(), [])

    def test_dropped(self) -> None:
        """Dropping does not wait for anybody."""
        self.driver.drop()
        (lost,) = self.connection.taken()
        self.assertIsInstance(lost, Lost)
