"""The QR login of one sub-account, from the code to the confirmation.

PURE. What the client is told, as event ``scan`` with these values of ``status``::

    start() --> qrcode, 0 --+--> 0, repeated ----------> 3   nobody came in time
                            |
                          scan() --> 1, repeated --+---> 3   not confirmed in time
                                                   |
                                                   +---> 2, subStatus 0, then login
                                                   |       confirm()
                                                   +---> 2, subStatus 1   decline()
                                                   +---> 4                cancel()

After 3, 4 and 2 with subStatus 1 the code is void and ``login`` has to be called
again. Source: PADCHAT ``demo.js``, event ``scan``; events.toml, ``ScanStatus``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .people import Person
from .pushes import Fields
from .refusals import Refused

if TYPE_CHECKING:
    from .accounts import Account
    from .binding import Binding

__all__ = ["QRLogin", "code_id_in"]

#: Part of the path before the id of a code.
_CODE_PATH = "/x/"


def code_id_in(content: str) -> str | None:
    """Find the id of a code in its content; None when *content* is no code."""
    before, found, code_id = content.rpartition(_CODE_PATH)
    return code_id if found and before.startswith(("http://", "https://")) else None


class QRLogin:
    """One code that waits to be scanned and confirmed.

    Attributes:
        code_id: what tells the code from others.
        content: what the picture holds: an address below the world's ``base_url``.
        account: whose login it is.
        binding: the connection that asked for the code and is told about it.
        expires_at: Unix time (seconds); at this moment the code is void.
        scanned_by: who scanned it, or None.
    """

    def __init__(self, account: Account, binding: Binding) -> None:
        self._world = account.world
        self.account = account
        self.binding = binding
        self.code_id = self._world.random_hex(8)
        self.content = f"{self._world.base_url}{_CODE_PATH}{self.code_id}"
        now = self._world.now()
        self.expires_at = now + self._world.settings.qr_code_seconds
        self.scanned_by: Person | None = None
        self._moved_at = now
        self._next_scan_at = now

    def __repr__(self) -> str:
        return f"<QR login of {self.name!r} scanned by {self.scanned_by!r}>"

    @property
    def name(self) -> str:
        """Label of the sub-account."""
        return self.account.name

    def seconds_left(self) -> float:
        """Return how long the code is still valid (seconds, not below 0)."""
        return max(0.0, self.expires_at - self._world.now())

    def start(self) -> None:
        """Give the client its code and the first ``scan``.

        The notice ``qrcode`` has the content where the wire has the picture.
        """
        self.binding.notify("qrcode", {"qrCode": self.content})
        self.tell_status()

    def scan(self, person: Person) -> None:
        """Let *person* scan the code.

        Raises:
            Refused: the code has expired, somebody scanned it, or *person* is a
                system account.
        """
        now = self._still_valid()
        if self.scanned_by is not None:
            raise Refused(f"{self.scanned_by.name} has scanned the code of {self.name}")
        if person.is_system:
            raise Refused(f"{person.name} has no telephone to scan a code with")
        self.scanned_by = person
        self._moved_at = now
        self.tell_status()

    def confirm(self) -> None:
        """Log the account in as the person who scanned the code.

        Raises:
            Refused: the code has expired or was not scanned.
        """
        person = self._scanner()
        self._finish(
            {
                "status": 2,
                "subStatus": 0,
                "userName": person.user_name,
                "uin": person.uin,
                "nickName": person.nick_name,
            }
        )
        self.account.log_in(person, self.binding)

    def decline(self) -> None:
        """Let the login fail after the scan; as :meth:`confirm` otherwise."""
        self._scanner()
        self._finish({"status": 2, "subStatus": 1})

    def cancel(self) -> None:
        """Cancel the login on the telephone; as :meth:`confirm` otherwise."""
        self._scanner()
        self._finish({"status": 4})

    def next_deadline(self) -> float:
        """Return when :meth:`tick` has something to do (Unix time, seconds)."""
        return min(self.expires_at, self._next_scan_at, self._moves_itself_at())

    def tick(self) -> None:
        """Do what is due: expire, scan and confirm by itself, or repeat ``scan``."""
        now = self._world.now()
        if now >= self.expires_at:
            self._finish({"status": 3, "expiredTime": 0})
        elif now >= self._moves_itself_at():
            if self.scanned_by is None:
                self.scan(self.account.own_user)
            else:
                self.confirm()
        elif now >= self._next_scan_at:
            self.tell_status()

    def _moves_itself_at(self) -> float:
        if not self._world.auto_scan:
            return math.inf
        return self._moved_at + self._world.settings.auto_scan_seconds

    def tell_status(self) -> None:
        """Send ``scan`` with what is so now, and again after the usual time."""
        now = self._world.now()
        self._next_scan_at = now + self._world.settings.scan_repeat_seconds
        told: Fields = {"status": 0, "expiredTime": int(self.seconds_left())}
        if self.scanned_by is not None:
            told |= {
                "status": 1,
                "headUrl": self.scanned_by.head_url,
                "nickName": self.scanned_by.nick_name,
            }
        self.binding.notify("scan", told)

    def _finish(self, told: Fields) -> None:
        self.account.forget_login()
        self.binding.notify("scan", told)

    def _scanner(self) -> Person:
        self._still_valid()
        if self.scanned_by is None:
            raise Refused(f"nobody has scanned the code of {self.name} yet")
        return self.scanned_by

    def _still_valid(self) -> float:
        now = self._world.now()
        if self.account.login is not self or now >= self.expires_at:
            raise Refused(f"the code of {self.name} is not valid any more")
        return now
