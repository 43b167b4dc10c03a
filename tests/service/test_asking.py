"""The client of a control socket, against services that misbehave."""

from __future__ import annotations

import errno

from twisted.internet.defer import Deferred, fail
from twisted.internet.endpoints import UNIXClientEndpoint
from twisted.internet.error import ConnectError
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import Factory, Protocol

from padchat_twisted.errors import OutcomeUnknown, PadChatError
from padchat_twisted.service import asking
from padchat_twisted.service.asking import ask, ask_why
from padchat_twisted.service.control import CallRequest
from padchat_twisted.service.outcomes import Outcome
from padchat_twisted.service.sockets import SocketName, socket_path
from padchat_twisted.service.spelling import CallMistake
from padchat_twisted.session.explain import Explanation
from padchat_twisted.wire import json_text

from .stage import StageCase, real_reactor

REQUEST = CallRequest(account="one", command="sendMsg", params={"content": "a message"})


GONE = "no answer came from the service"


class AskCase(StageCase):
    """Has the path of a control socket."""

    def setUp(self) -> None:
        """Make the folder."""
        super().setUp()
        self.path = socket_path(self.folder / "padchat.sqlite")

    async def ask(self, request: CallRequest = REQUEST) -> Outcome | None:
        """Ask."""
        return await ask(real_reactor(), self.path, request)

    def answer(self, answer: bytes) -> None:
        """Answer each request with these bytes, then close; with none be silent."""

        class Answering(Protocol):
            def dataReceived(self, data: bytes) -> None:
                assert self.transport is not None
                if answer:
                    self.transport.write(answer)
                    self.transport.loseConnection()

        name = SocketName(self.path)
        self.addCleanup(name.close)
        listening: IListeningPort = real_reactor().listenUNIX(
            name.text, Factory.forProtocol(Answering)
        )
        self.addCleanup(listening.stopListening)

    async def assert_unknown(self, told: str, request: CallRequest = REQUEST) -> None:
        """Check that nobody knows what became of the call."""
        with self.assertRaises(OutcomeUnknown) as caught:
            await self.ask(request)
        self.assertEqual(caught.exception.code, "sendMsg")
        self.assertEqual(caught.exception.problem, told)


def answered(
    content: bytes, status: str = "200 OK", length: int | None = None
) -> bytes:
    """Write an answer of HTTP."""
    size = len(content) if length is None else length
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (
        status.encode(),
        size,
        content,
    )


class NobodyTests(AskCase):
    """Where no service is."""

    async def test_no_socket(self) -> None:
        """Without a socket, or with a file in its place, there is no service."""
        self.assertIsNone(await self.ask())
        self.path.touch()
        self.assertIsNone(await self.ask())

    async def test_no_name(self) -> None:
        """A path that is none for a file, or for a socket, leads to no service."""
        self.path = self.folder / (300 * "a")
        self.assertIsNone(await self.ask())

    async def test_no_unix_sockets(self) -> None:
        """A system without Unix sockets has no service that could be asked."""
        self.assertIsNone(await ask(object(), self.path, REQUEST))


class AnswerTests(AskCase):
    """What a service may answer."""

    async def test_outcome(self) -> None:
        """An outcome is taken."""
        self.answer(answered(b'{"outcome":"done","command":"sendMsg","result":{}}'))
        outcome = Outcome(outcome="done", command="sendMsg", result={})
        self.assertEqual(await self.ask(), outcome)

    async def test_mistake(self) -> None:
        """What it says of a mistake is passed on."""
        self.answer(answered(b'{"error":"no such account"}', "404 Not Found"))
        with self.assertRaises(CallMistake) as caught:
            await self.ask()
        self.assertEqual(str(caught.exception), "no such account")

    async def test_its_failure(self) -> None:
        """Nobody knows what became of the call when the service failed."""
        self.answer(answered(b'{"error":"it failed"}', "500 Internal Server Error"))
        await self.assert_unknown("it failed")

    async def test_no_outcome(self) -> None:
        """What is no outcome is none."""
        for content in (b"", b"<html>", b"[]", b'{"outcome":"fine","command":"a"}'):
            self.path = self.folder / f"{len(content)}.sock"
            self.answer(answered(content))
            told = "the service answered with status 200, and no outcome"
            await self.assert_unknown(told)

    async def test_gone(self) -> None:
        """A service that goes away without an answer leaves the outcome unknown."""
        self.answer(b"HTTP/1.1 200")
        await self.assert_unknown(GONE)

    async def test_too_large(self) -> None:
        """An answer that no gateway could have given is not read."""
        size = asking.MAX_ANSWER_BYTES + 1
        self.answer(answered(b"{", length=size))
        await self.assert_unknown("the service's answer is too large")

    async def test_silent(self) -> None:
        """A service that hangs is not waited for much longer than the call may take."""
        self.patch(asking, "ANSWER_MARGIN", 0.0)
        self.answer(b"")
        request = CallRequest(account="one", command="sendMsg", time_limit=0.01)
        await self.assert_unknown(GONE, request)


class RequestTests(AskCase):
    """What is not asked at all."""

    async def test_size(self) -> None:
        """A call that no gateway would take is a mistake."""
        self.patch(asking, "MAX_CALL_BYTES", 20)
        with self.assertRaises(CallMistake) as caught:
            await self.ask()
        self.assertIn("a gateway takes no more than 20: ", str(caught.exception))


class WhyTests(AskCase):
    """What a service may answer to the question why."""

    async def ask_why(self) -> list[Explanation] | None:
        """Ask."""
        return await ask_why(real_reactor(), self.path, "en", "one")

    async def assert_error(self, told: str) -> None:
        """Check what is said when there is no explanation."""
        with self.assertRaises(PadChatError) as caught:
            await self.ask_why()
        self.assertIn(told, str(caught.exception))

    async def test_nobody(self) -> None:
        """Without a socket there is no service."""
        self.assertIsNone(await self.ask_why())

    async def test_explanations(self) -> None:
        """Explanations are taken."""
        one = Explanation("one", "ready", "head", ("why",), "next", "do")
        self.answer(answered(json_text.write([one])))
        self.assertEqual(await self.ask_why(), [one])

    async def test_mistake(self) -> None:
        """What it says of a mistake is passed on."""
        self.answer(answered(b'{"error":"no such account"}', "404 Not Found"))
        await self.assert_error("no such account")

    async def test_older(self) -> None:
        """A service that does not know the question is of another version."""
        self.answer(answered(b"<html>", "404 Not Found"))
        await self.assert_error("is it of another version?")

    async def test_gone(self) -> None:
        """One that goes away is told as that."""
        self.answer(b"HTTP/1.1 200")
        await self.assert_error(GONE)

    async def test_of_another_user(self) -> None:
        """A socket that may not be used says whose it is."""

        def connect(*_: object) -> Deferred[None]:
            return fail(ConnectError(errno.EACCES, "Permission denied"))

        self.answer(answered(b"[]"))
        self.patch(UNIXClientEndpoint, "connect", connect)
        await self.assert_error("belongs to another user: run this as that one")
