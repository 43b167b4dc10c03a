"""Tests of padchat_twisted.wire.engineio_payload; the vectors hold many more forms."""

from __future__ import annotations

import contextlib
import tracemalloc

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import RemoteProtocolError
from padchat_twisted.wire.engineio import EIO3, EIO4, MESSAGE, Packet, Revision
from padchat_twisted.wire.engineio_payload import (
    MAX_PACKETS_PER_PAYLOAD,
    Payload,
    decode_payload,
    encode_payload,
    encoded_size,
)

REVISIONS: tuple[Revision, ...] = (EIO3, EIO4)

#: Each form: revision, and whether the body is in the binary form.
FORMS: tuple[tuple[Revision, bool], ...] = ((EIO3, False), (EIO3, True), (EIO4, False))

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=["\x1e"]), max_size=8
)
PACKETS = st.builds(
    Packet, st.integers(0, 6), TEXTS.map(str.encode), st.just(True)
) | st.builds(Packet, st.just(MESSAGE), st.binary(max_size=8), st.just(False))


class PayloadTests(SynchronousTestCase):
    """The body and how it is announced."""

    def test_content_type(self) -> None:
        """The two forms have the content types of the reference servers."""
        self.assertEqual(Payload(b"").content_type, "text/plain; charset=UTF-8")
        binary = Payload(b"", is_binary=True)
        self.assertEqual(binary.content_type, "application/octet-stream")

    def test_shows_no_content(self) -> None:
        """A repr does not repeat what was said."""
        self.assertEqual(
            repr(Payload(b"6:4secret")), "<Payload: 9 bytes, binary: False>"
        )


class DecodeTests(SynchronousTestCase):
    """From a body to its packets."""

    def assert_refused(
        self, body: bytes, revision: Revision, is_binary: bool = False
    ) -> RemoteProtocolError:
        """Check that a body is an error of the peer that repeats nothing of it."""
        error = self.assertRaises(
            RemoteProtocolError,
            decode_payload,
            body,
            revision=revision,
            is_binary=is_binary,
        )
        assert isinstance(error, RemoteProtocolError)
        self.assertEqual(error.layer, "engine.io")
        self.assertNotIn("secret", str(error))
        return error

    def test_lengths_in_code_units(self) -> None:
        """A Chinese character counts one, an emoji two, wherever they stand."""
        for text in ("汉", "😀", "é😀汉x", "👨‍👩‍👧‍👦𠮷"):
            units = len(text.encode("utf-16-le")) // 2
            body = f"{units + 1}:4{text}1:2{units + 1}:4{text}".encode()
            message = Packet(MESSAGE, text.encode())
            self.assertEqual(
                decode_payload(body, revision=EIO3), [message, Packet(2), message]
            )
        self.assert_refused("2:4😀汉".encode(), EIO3)  # code points
        self.assert_refused("8:4😀汉".encode(), EIO3)  # bytes

    def test_cut_at_every_place(self) -> None:
        """A body of EIO3 that stops within a packet is refused."""
        packets = [
            Packet(MESSAGE, "汉😀".encode()),
            Packet(MESSAGE, b"\xff\x00", False),
        ]
        for body, is_binary, first in (
            ("4:4汉😀6:b4/wA=".encode(), False, len("4:4汉😀".encode())),
            (
                b"\x00\x08\xff4" + "汉😀".encode() + b"\x01\x03\xff\x04\xff\x00",
                True,
                11,
            ),
        ):
            for end in range(1, len(body) + 1):
                if end in (first, len(body)):
                    decoded = decode_payload(
                        body[:end], revision=EIO3, is_binary=is_binary
                    )
                    self.assertEqual(decoded, packets[: 1 if end == first else 2])
                else:
                    self.assert_refused(body[:end], EIO3, is_binary)

    def test_trailing_input(self) -> None:
        """What stands behind the last packet is refused."""
        for body, revision, is_binary in (
            (b"1:2x", EIO3, False),
            (b"1:2:", EIO3, False),
            ("2:4汉x".encode(), EIO3, False),
            (b"\x00\x01\xff2x", EIO3, True),
            (b"2\x1e", EIO4, False),
            (b"2\x1ex", EIO4, False),
        ):
            self.assert_refused(body, revision, is_binary)

    def test_broken_lengths(self) -> None:
        """A length is some digits, in the text form ASCII ones."""
        for body in (b":4", b"4", b"-1:4", b"+1:4", b"1 :4", b"1_0:4" + b"x" * 9):
            self.assert_refused(body, EIO3)
            self.assert_refused(body + "汉".encode(), EIO3)
        self.assert_refused("\uff11:4".encode(), EIO3)
        self.assert_refused("1㨵:4汉".encode(), EIO3)  # U+3A35: holds : and 5
        for body in (b"\x00\xff4", b"\x00\x0a\xff4", b"\x00\x01", b"\x02\x01\xff4"):
            self.assert_refused(body, EIO3, is_binary=True)

    def test_long_lengths(self) -> None:
        """Nine digits are a length; no more of them are looked at."""
        body = b"000000001:2"
        self.assertEqual(decode_payload(body, revision=EIO3), [Packet(2)])
        for digits in (b"0" + body, b"9" * 5000 + b":4", b"9" * 9 + b":4"):
            self.assert_refused(digits, EIO3)
            self.assert_refused(digits + "汉".encode(), EIO3)
        body = b"\x00" + bytes(8) + b"\x01\xff2"
        binary = decode_payload(body, revision=EIO3, is_binary=True)
        self.assertEqual(binary, [Packet(2)])
        self.assert_refused(b"\x00" + body, EIO3, is_binary=True)

    def test_empty(self) -> None:
        """EIO3 has a spelling for no packets; a body without bytes is none."""
        self.assertEqual(decode_payload(b"0:", revision=EIO3), [])
        for revision, is_binary in FORMS:
            self.assert_refused(b"", revision, is_binary)
        self.assert_refused(b"0:1:2", EIO3)

    def test_not_utf8(self) -> None:
        """Text that is looked at anyway must be UTF-8."""
        self.assert_refused(b"2:4\xff", EIO3)
        self.assert_refused(b"\x00\x02\xff4\xff", EIO3, is_binary=True)

    def test_binary_of_eio4(self) -> None:
        """EIO4 has no binary form."""
        self.assert_refused(b"\x01\x01\xff4", EIO4, is_binary=True)
        self.assert_refused(b"4a", EIO4, is_binary=True)

    def test_error_holds_no_content(self) -> None:
        """What a peer sent is not repeated in the error."""
        for revision, is_binary in FORMS:
            self.assert_refused(b"secret", revision, is_binary)
        self.assert_refused("secret 汉".encode(), EIO3)

    def test_most_packets(self) -> None:
        """As many packets as the limit says pass, one more is refused."""
        for body, more, revision, is_binary in (
            (b"1:2" * (MAX_PACKETS_PER_PAYLOAD - 1) + b"1:6", b"1:2", EIO3, False),
            (
                b"1:2" * (MAX_PACKETS_PER_PAYLOAD - 1) + "2:4汉".encode(),
                b"1:2",
                EIO3,
                False,
            ),
            (b"\x00\x01\xff2" * MAX_PACKETS_PER_PAYLOAD, b"\x00\x01\xff2", EIO3, True),
            (b"2\x1e" * (MAX_PACKETS_PER_PAYLOAD - 1) + b"2", b"\x1e2", EIO4, False),
        ):
            assert revision in REVISIONS
            packets = decode_payload(body, revision=revision, is_binary=is_binary)
            self.assertEqual(len(packets), MAX_PACKETS_PER_PAYLOAD)
            error = self.assert_refused(body + more, revision, is_binary)
            self.assertIn(str(MAX_PACKETS_PER_PAYLOAD), str(error))

    def test_memory_of_hostile_bodies(self) -> None:
        """A body of too many packets takes no more memory than once its size again."""
        body = b"1\x1e" * 8_000_000
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        self.assert_refused(body, EIO4)
        _, peak = tracemalloc.get_traced_memory()
        self.assertLess(peak, 2 * len(body))

    @settings(derandomize=True, deadline=None, max_examples=300)
    @given(
        st.lists(
            st.sampled_from(
                [*b"0123456789:b4A=x\x1e\x00\x01\xff", "汉".encode(), "😀".encode()]
            )
        )
    )
    def test_garbage(self, pieces: list[int | bytes]) -> None:
        """Garbage is packets or the one error of a peer."""
        body = b"".join(bytes((p,)) if isinstance(p, int) else p for p in pieces)
        for revision, is_binary in FORMS:
            with contextlib.suppress(RemoteProtocolError):
                for packet in decode_payload(
                    body, revision=revision, is_binary=is_binary
                ):
                    self.assertIn(packet.type, range(7))


class EncodeTests(SynchronousTestCase):
    """From packets to a body."""

    def test_forms(self) -> None:
        """Binary packets decide the form of EIO3, where the peer takes it."""
        text = Packet(MESSAGE, "汉😀".encode())
        binary = Packet(MESSAGE, b"\x00\xff", is_text=False)
        for packets, revision, takes_binary, expected in (
            ([], EIO3, False, Payload(b"0:")),
            ([text], EIO3, True, Payload("4:4汉😀".encode())),
            ([text, binary], EIO3, False, Payload("4:4汉😀6:b4AP8=".encode())),
            (
                [text, binary],
                EIO3,
                True,
                Payload(
                    b"\x00\x08\xff4\xe6\xb1\x89\xf0\x9f\x98\x80\x01\x03\xff\x04\x00\xff",
                    is_binary=True,
                ),
            ),
            ([text, binary], EIO4, True, Payload("4汉😀\x1ebAP8=".encode())),
        ):
            assert revision in REVISIONS
            encoded = encode_payload(
                packets, revision=revision, takes_binary=takes_binary
            )
            self.assertEqual(encoded, expected)

    @settings(derandomize=True, deadline=None, max_examples=300)
    @given(st.lists(PACKETS, min_size=1, max_size=5), st.booleans())
    def test_round_trip(self, packets: list[Packet], takes_binary: bool) -> None:
        """What is encoded comes back, and takes as much room as was said."""
        for revision in REVISIONS:
            encoded = encode_payload(
                packets, revision=revision, takes_binary=takes_binary
            )
            decoded = decode_payload(
                encoded.body, revision=revision, is_binary=encoded.is_binary
            )
            self.assertEqual(decoded, packets)
            size = sum(encoded_size(packet, revision) for packet in packets)
            text = encode_payload(packets, revision=revision)
            self.assertLessEqual(len(text.body), size)

    def test_size(self) -> None:
        """Of ASCII and binary the size is exact; EIO4 counts a separator for each."""
        for packet in (
            Packet(2),
            Packet(MESSAGE, b"x" * 99),
            *(Packet(MESSAGE, bytes(n), is_text=False) for n in range(5)),
        ):
            body = encode_payload([packet], revision=EIO3).body
            self.assertEqual(encoded_size(packet, EIO3), len(body))
            body = encode_payload([packet], revision=EIO4).body
            self.assertEqual(encoded_size(packet, EIO4), len(body) + 1)
