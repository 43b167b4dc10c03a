"""Many accounts in one process: their configuration and their QR codes."""

from __future__ import annotations

from .config import (
    AccountConfiguration,
    Configuration,
    GatewayConfiguration,
    check,
    load_configuration,
)
from .handlers import Handlers, load_handlers
from .problems import Problem
from .qrcode import Picture, QRCodeUnreadable, Style, decode_picture, draw, read_code
from .terminal import QRTerminal

__all__ = [
    "AccountConfiguration",
    "Configuration",
    "GatewayConfiguration",
    "Handlers",
    "Picture",
    "Problem",
    "QRCodeUnreadable",
    "QRTerminal",
    "Style",
    "check",
    "decode_picture",
    "draw",
    "load_configuration",
    "load_handlers",
    "read_code",
]
