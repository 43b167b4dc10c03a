"""How the pieces of a message that is not whole yet are kept."""

from __future__ import annotations

__all__ = ["SMALL_PIECE", "Gathering", "gather"]

#: Pieces up to this size are joined (bytes). As an object of its own, a piece of two
#: bytes takes fifty, and even an empty one eight.
SMALL_PIECE = 4096


def gather(pieces: list[bytes | bytearray], piece: bytes | bytearray) -> None:
    """Append a piece, or add it to the last one when both are small.

    Args:
        pieces: what came before; joined they are the message.
        piece: what comes next.
    """
    if not piece:
        return
    if len(piece) > SMALL_PIECE:
        pieces.append(piece)
    elif pieces and isinstance(last := pieces[-1], bytearray):
        last += piece
    else:
        pieces.append(bytearray(piece))


class Gathering:
    """Keeps a message in few objects, however it comes; for autobahn's protocols.

    autobahn keeps each piece of a frame, and each fragment, as it came. A peer that
    sends a byte at a time makes that forty times what it sent, and fragments without
    content may come without end, for they never reach the limit of a message.
    """

    # Of autobahn's protocol:
    failedByMe: bool
    frame_data: list[bytes | bytearray]
    message_data: list[bytes | bytearray]

    def onMessageFrameData(self, payload: bytes) -> None:
        """A piece of a frame came, unmasked and inflated."""
        if not self.failedByMe:
            gather(self.frame_data, payload)

    def onMessageFrame(self, payload: list[bytes | bytearray]) -> None:
        """A frame is whole."""
        if not self.failedByMe:
            for piece in payload:
                gather(self.message_data, piece)
