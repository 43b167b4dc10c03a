"""How the pretend WeChat behaves.

PURE. A frozen value that the world is made with.
"""

from __future__ import annotations

from dataclasses import dataclass

from .system_texts import Language

__all__ = ["WorldSettings"]


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """How the pretend WeChat behaves. All times are in seconds.

    Attributes:
        qr_code_seconds: life of a QR code; "about 240" (events.toml, ``scan``).
        scan_repeat_seconds: time between two ``scan`` events of one code.
        auto_scan_seconds: with :attr:`World.auto_scan`, the time until a code is
            scanned, and then until it is confirmed.
        token_seconds: life of a login token from the moment it is fetched.
        replay_seconds: messages that were first pushed less than this ago are pushed
            again at each login.
        language: language of the texts that WeChat itself writes.
    """

    qr_code_seconds: float = 240.0
    scan_repeat_seconds: float = 5.0
    auto_scan_seconds: float = 1.0
    token_seconds: float = 7 * 24 * 3600.0
    replay_seconds: float = 300.0
    language: Language = Language.ENGLISH

    def __post_init__(self) -> None:
        if min(self.qr_code_seconds, self.scan_repeat_seconds) <= 0:
            raise ValueError("qr_code_seconds and scan_repeat_seconds must be above 0")
