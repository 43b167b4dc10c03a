"""Memory stays bounded, whatever a gateway sends (acceptance A5)."""

from __future__ import annotations

import base64
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import HandshakeRefused, RemoteProtocolError
from padchat_twisted.sandbox.server import qr_picture
from padchat_twisted.service.codes import watch_codes
from padchat_twisted.service.qrcode import MAX_QR_PICTURE_BYTES, MAX_QR_PICTURE_PIXELS
from padchat_twisted.service.terminal import QRTerminal
from padchat_twisted.wire.limits import CLOSE_TIMEOUT

from ..sandbox.gateway_stage import GatewayStage
from .by_hand import BINARY, CONTINUATION, PING, TEXT, frame, header
from .hostile import HostileFactory, HostileGateway, Play
from .in_memory import MemoryTransport, Opened, Receiver
from .network import MemoryNetwork

MIB = 1024 * 1024

#: Largest frame in these tests.
MAX_FRAME = MIB

#: What one connection may hold at most: the frame, its pieces before they are joined,
#: and the read that they came in.
MAX_HELD = 4 * MAX_FRAME

#: How much a hostile gateway sends.
FLOOD = 32 * MIB

#: One read of TCP in Twisted.
READ = 64 * 1024


class Forgetful(MemoryTransport):
    """A transport that counts what is written, and keeps nothing of it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = 0

    def write(self, data: bytes) -> None:
        """Count it."""
        self.written += len(data)


class FloodTests(SynchronousTestCase):
    """Bytes without end."""

    def opened(self, *, is_joined: bool = True) -> tuple[Opened, Receiver]:
        """Build a client."""
        receiver = Receiver()
        return Opened(receiver, max_frame=MAX_FRAME, is_joined=is_joined), receiver

    def flood(self, opened: Opened, begin: bytes, piece: bytes) -> int:
        """Send *begin*, then *piece* again and again; return the most that was held."""
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            opened.websocket.dataReceived(begin)
            for _ in range(FLOOD // len(piece)):
                # A transport that was aborted delivers nothing more.
                if opened.transport.disconnected:
                    break
                opened.websocket.dataReceived(piece)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        self.assertLess(peak - before, MAX_HELD)
        return peak - before

    def test_announced(self) -> None:
        """A frame of 1 GiB is refused by its header; what follows is not kept."""
        opened, receiver = self.opened()
        held = self.flood(opened, header(TEXT, 1024 * MIB), bytes(READ))
        self.assertLess(held, MAX_FRAME)
        self.assertTrue(opened.transport.disconnected)
        opened.finish()
        self.assertIsInstance(receiver.loss, RemoteProtocolError)

    def test_fragments(self) -> None:
        """Fragments are kept up to the limit, and not beyond it."""
        opened, receiver = self.opened()
        begin = frame(BINARY, b"\x04", is_final=False)
        more = frame(CONTINUATION, bytes(READ), is_final=False)
        self.flood(opened, begin, more)
        opened.clock.advance(CLOSE_TIMEOUT)
        self.assertIsInstance(receiver.loss, RemoteProtocolError)

    def test_largest_frames(self) -> None:
        """Frames of the limit, one after the other, are not kept behind the reader."""
        opened, _ = self.opened()
        text = b'42/other,["a","' + b"x" * (MAX_FRAME - 18) + b'"]'
        self.flood(opened, b"", frame(TEXT, text))

    def test_head(self) -> None:
        """A head without end is given up at its limit."""
        opened, receiver = self.opened(is_joined=False)
        line = b"X: " + b"x" * 1021 + b"\r\n"
        held = self.flood(opened, b"HTTP/1.1 101 OK\r\n", line)
        self.assertLess(held, READ)
        opened.finish()
        self.assertIsInstance(receiver.loss, HandshakeRefused)

    def test_after_our_close(self) -> None:
        """While we wait for the answer to our close, nothing is kept either."""
        opened, _ = self.opened()
        opened.connection.close()
        self.flood(opened, b"", frame(TEXT, b"42" + b"x" * READ))

    def test_broken_after_our_close(self) -> None:
        """The same holds for frames that break rules."""
        opened, receiver = self.opened()
        opened.connection.close()
        self.flood(opened, header(TEXT, 2**62), bytes(READ))
        self.assertTrue(opened.transport.disconnecting)
        opened.finish()
        self.assertEqual(len(receiver.losses), 1)

    def test_pings_that_are_not_read(self) -> None:
        """A gateway that pings and does not read is dropped before long."""
        opened, receiver = self.opened()
        transport = Forgetful()
        opened.websocket.transport = opened.transport = transport
        producer = opened.websocket
        transport.registerProducer(object(), True)
        producer.is_writable = False
        self.flood(opened, b"", frame(PING, bytes(125)) * 100)
        self.assertLess(transport.written, 2 * READ)
        self.assertTrue(transport.disconnected)
        self.assertIn("does not read", str(receiver.loss))

    def test_attachments_that_do_not_come(self) -> None:
        """Attachments are bounded in number, and each as a frame."""
        opened, receiver = self.opened()
        text = b'4510-/user,["a",{"_placeholder":true,"num":0}]'
        opened.says(text)
        piece = frame(BINARY, b"\x04" + bytes(READ))
        self.flood(opened, b"", piece)
        opened.clock.advance(CLOSE_TIMEOUT)
        self.assertIsInstance(receiver.loss, RemoteProtocolError)

    def test_names_that_differ(self) -> None:
        """Names of events are remembered in a bounded number."""
        opened, receiver = self.opened()
        tracemalloc.start()
        try:
            for number in range(20_000):
                opened.says(b'42/user,["name%d"]' % number)
                receiver.envelopes.clear()
                receiver.order.clear()
            held, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        self.assertLess(held, READ)


def _png(width: int, height: int) -> bytes:
    """Make a picture of zeros, however large it claims to be."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        size = struct.pack("!I", len(content))
        return size + kind + content + struct.pack("!I", checksum)

    head = struct.pack("!IIBBBBB", width, height, 8, 0, 0, 0, 0)
    squeezer = zlib.compressobj(9)
    line = bytes(1 + min(width, 100_000))
    content = squeezer.compress(line * 200) + squeezer.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", content)
        + chunk(b"IEND", b"")
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


TOO_LARGE = f"a QR picture over {MAX_QR_PICTURE_BYTES} bytes"
NEITHER = "a QR picture that is neither PNG nor JPEG"
TOO_MANY = f"a QR picture over {MAX_QR_PICTURE_PIXELS} pixels"

#: Pictures by what is wrong with them, and what the terminal says of it.
PICTURES: dict[str, tuple[Callable[[], str], str]] = {
    "several MiB": (lambda: _base64(bytes(6 * MIB)), TOO_LARGE),
    "a bomb": (
        lambda: _base64(_png(60_000, 60_000)),
        TOO_MANY,
    ),
    "a wide bomb": (
        lambda: _base64(_png(2**31 - 1, 1)),
        TOO_MANY,
    ),
    "no base64": (lambda: "!" * 1000, "a QR picture that is no base64 text"),
    "no picture": (lambda: _base64(b"<svg/>" * 10), NEITHER),
    "half a picture": (lambda: qr_picture("x")[:200], "a QR picture that is broken"),
    "nothing": (lambda: "", NEITHER),
}


class PictureTests(SynchronousTestCase):
    """Pictures of codes that are huge or hostile, on their way to the terminal."""

    def show(self, picture: str) -> tuple[str, str, int]:
        """Have a gateway send a picture.

        Returns:
            What the terminal shows, the account's state, and the most memory held.
        """

        def called(gateway: HostileGateway, ack_id: bytes, code: bytes) -> None:
            gateway.reply(ack_id)
            if code == b"login":
                gateway.notice("qrcode", b'{"qrCode":"%b"}' % picture.encode())

        stage = GatewayStage()
        play = Play(on_request=HostileGateway.let_in, on_call=called)
        network = MemoryNetwork(HostileFactory(play), stage.clock)
        shown: list[str] = []
        terminal = QRTerminal(
            stage.clock,
            shown.append,
            is_terminal=True,
            style="blocks",
            picture_folder=Path(self.mktemp()),
            width=200,
        )
        account = stage.account("victim", endpoint=network)
        watch_codes(account.session, terminal)
        tracemalloc.start()
        try:
            network.flush()
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        state = account.state
        account.close()
        network.flush()
        terminal.close()
        stage.gateway.stop()
        return "".join(shown), state, peak

    def test_hostile(self) -> None:
        """Each is refused by name; the account goes on waiting for a scan."""
        for name, (make, wanted) in PICTURES.items():
            picture = make()
            shown, state, peak = self.show(picture)
            self.assertIn(f"victim: the gateway sent {wanted}", shown, name)
            self.assertEqual(state, "awaiting_scan", name)
            # The text arrives as bytes of TCP, of a frame and of JSON, then as str.
            self.assertLess(peak, 10 * len(picture) + 4 * MIB, name)

    def test_honest(self) -> None:
        """A code that is one is drawn."""
        shown, state, _ = self.show(qr_picture("http://sandbox.invalid/x/1"))
        self.assertIn("scan this QR code with WeChat", shown)
        self.assertEqual(state, "awaiting_scan")
