"""The pictures of QR codes."""

from __future__ import annotations

import base64
import io

import segno

__all__ = ["QR_SCALE", "qr_picture"]

#: Pixels of a module of a QR picture, as large as the real ones.
QR_SCALE = 6


def qr_picture(content: str) -> str:
    """Draw a QR code.

    Args:
        content: what the code holds.

    Returns:
        Base64 of a PNG file.
    """
    picture = io.BytesIO()
    segno.make(content, error="m").save(picture, kind="png", scale=QR_SCALE, border=4)
    return base64.b64encode(picture.getvalue()).decode("ascii")
