"""What the login machine is given, and what it has done by the session."""

from __future__ import annotations

from typing import Protocol

from ..errors import PadChatError

__all__ = ["LoginInputs", "LoginSteps"]


class LoginSteps(Protocol):
    """What the machine has done by the session."""

    def connect(self) -> None:
        """Begin an attempt to connect."""

    def initialise(self) -> None:
        """Send ``init``; then ``token_found`` or ``no_token``, or ``failed``."""

    def login_by_token(self) -> None:
        """Send ``login`` with the token; ``token_refused`` when it is refused."""

    def ask_for_code(self) -> None:
        """Send ``login`` for a QR code; ``code_granted``, or ``failed``."""

    def save_login(self) -> None:
        """Fetch device data and token, and store them."""

    def drop(self) -> None:
        """Leave the connection, if there is one; no ``lost`` follows."""

    def close(self) -> None:
        """Leave the connection in good order; ``lost`` follows."""

    def retry_delay(self, attempt: int, *, has_failed: bool) -> float:
        """Return the time until the next attempt (seconds).

        Args:
            attempt: which one it is since a login that held, counted from 1.
            has_failed: whether a login failed, and not only a connection.
        """

    def entered(self, state: str, reason: PadChatError | None) -> None:
        """A state was entered."""


class LoginInputs(Protocol):
    """What may happen to a login."""

    def start(self) -> None:
        """The account shall be logged in."""

    def connected(self) -> None:
        """The gateway let us in."""

    def token_found(self) -> None:
        """The task is initialised, and there is a token."""

    def no_token(self) -> None:
        """The task is initialised, and there is no token."""

    def login_takes(self, seconds: float) -> None:
        """This way to log in may take so long, from now on."""

    def token_refused(self) -> None:
        """The gateway does not accept the token."""

    def code_granted(self) -> None:
        """The gateway will show a code."""

    def code_expires_in(self, seconds: float) -> None:
        """The gateway said how long the code lives."""

    def scanned(self) -> None:
        """Somebody scanned the code."""

    def code_ended(self, reason: PadChatError) -> None:
        """The code expired, was declined or cancelled."""

    def gave_up(self, reason: PadChatError) -> None:
        """A person is needed."""

    def confirmed(self) -> None:
        """The login was confirmed on the phone."""

    def logged_in(self) -> None:
        """The event ``login`` came."""

    def answered(self) -> None:
        """A command was answered after the login."""

    def loaded(self) -> None:
        """The event ``loaded`` came."""

    def failed(self, reason: PadChatError) -> None:
        """A step failed, the task was closed, or the account was logged out."""

    def refused(self, reason: PadChatError) -> None:
        """Another attempt is pointless: a wrong key, or taken over."""

    def lost(self, reason: PadChatError) -> None:
        """The connection is gone, or never came about."""

    def overdue(self) -> None:
        """The state's time is up."""

    def try_again(self) -> None:
        """A person asks for another attempt."""

    def stop(self) -> None:
        """The account shall be left as it is, without logging out."""
