"""Every exception of the package.

::

    PadChatError
    |-- LocalProtocolError          we were asked to break a rule; nothing left
    |   `-- BufferFull              the bounded send buffer has no room
    |-- RemoteProtocolError         the peer broke a rule (``layer`` says which)
    |   |-- PictureRefused          a QR picture that is too large or no picture
    |   `-- MediaRefused            a file of a message that is too large or broken
    |-- ConnectError                no usable connection came about
    |   |-- HandshakeRefused        the peer answered, but not with a connection
    |   |-- ConnectTimedOut         the peer did not finish in time
    |   `-- NamespaceRefused        an ERROR packet instead of CONNECT
    |       `-- AuthKeyInvalid      ... because of the auth key
    |           |-- AuthKeyInUse    another connection has it (dialect sdk)
    |           `-- AuthKeyExpired  it is too old (dialect sdk)
    |-- Disconnected                a connection that was up is gone
    |   `-- TakenOver               a newer connection runs the same account
    |-- CallError                   how one call ended without a result
    |   |-- CallRejected            the gateway said no
    |   |   `-- NotInRoom           there is no such room for this account
    |   |-- NotSent                 surely did not leave: safe to repeat
    |   `-- OutcomeUnknown          left, no answer: never repeated by us
    |       `-- StillUnknown        ... some time ago, under the same key
    |-- LoginError                  the account did not get in
    |   |-- QRCodeExpired           nobody scanned the codes that were shown
    |   |-- LoginDeclined           scanned, then refused by the account
    |   |-- LoginCancelled          scanned, then cancelled on the phone
    |   |-- LoginTokenExpired       the saved token is not accepted any more
    |   |-- LoggedOut               logged out by us, on the phone or by WeChat
    |   |-- LoginFailedOften        too many logins failed in a time
    |   `-- NeedsHuman              waits for a person; nothing is tried by itself
    |-- StoreError                  the store cannot be used
    |   |-- StoreLocked             another process has it
    |   |-- StoreDamaged            not a store, or its content is broken
    |   |-- StoreReadOnly           file or folder cannot be written
    |   |-- StoreExposed            others can read the file
    |   |-- StoreSealed             the key that it was sealed with is not given
    |   |-- SchemaTooNew            written by a newer version
    |   `-- DeviceInUse             two accounts with one set of device data
    `-- ConfigurationError          a configuration with problems

Exceptions keep their values as attributes and build the sentence in ``__str__``.
None of them carries an auth key, a token, device data or the text of a message.
"""

from __future__ import annotations

from typing import Literal

__all__ = [
    "AuthKeyExpired",
    "AuthKeyInUse",
    "AuthKeyInvalid",
    "BufferFull",
    "CallError",
    "CallRejected",
    "ConfigurationError",
    "ConnectError",
    "ConnectTimedOut",
    "DeviceInUse",
    "Disconnected",
    "HandshakeRefused",
    "LocalProtocolError",
    "LoggedOut",
    "LoginCancelled",
    "LoginDeclined",
    "LoginError",
    "LoginFailedOften",
    "LoginTokenExpired",
    "MediaRefused",
    "NamespaceRefused",
    "NeedsHuman",
    "NotInRoom",
    "NotSent",
    "OutcomeUnknown",
    "PadChatError",
    "PictureRefused",
    "QRCodeExpired",
    "RemoteProtocolError",
    "SchemaTooNew",
    "StillUnknown",
    "StoreDamaged",
    "StoreError",
    "StoreExposed",
    "StoreLocked",
    "StoreReadOnly",
    "StoreSealed",
    "TakenOver",
]

#: A step of the way to a gateway, in their order; empty where nobody knows. After the
#: WebSocket, dialect ``socketio`` has two steps, and the others have authentication.
Hop = Literal[
    "name",
    "TCP",
    "proxy",
    "TLS",
    "HTTP",
    "WebSocket",
    "Engine.IO",
    "namespace",
    "authentication",
    "",
]

#: Longest text of a peer that is repeated in an error (characters).
MAX_QUOTED_TEXT = 200


#: Most bytes of a refusal that are kept: an error of Engine.IO has about fifty.
MAX_QUOTED_BODY = 512


def quoted(text: str) -> str:
    """Cut *text* of a peer to a bounded, printable form for an error message."""
    shown = "".join(c if c.isprintable() else " " for c in text[:MAX_QUOTED_TEXT])
    return shown + ("..." if len(text) > MAX_QUOTED_TEXT else "")


class PadChatError(Exception):
    """The root: everything that this package raises on purpose."""


class LocalProtocolError(PadChatError):
    """We were asked to do what the protocol does not allow; nothing was sent."""


class BufferFull(LocalProtocolError):
    """The bounded buffer of what waits for the transport has no room.

    Args:
        limit: size of the buffer.
        unit: of it, ``bytes`` or ``packets``.
    """

    def __init__(self, limit: int, unit: str = "bytes") -> None:
        super().__init__(limit, unit)
        self.limit = limit
        self.unit = unit

    def __str__(self) -> str:
        return (
            f"the peer does not take our bytes: {self.limit} {self.unit} are waiting,"
            " which is the limit; send less or wait"
        )


class RemoteProtocolError(PadChatError):
    """The peer broke a rule of the protocol.

    Args:
        layer: ``websocket``, ``engine.io``, ``socket.io`` or ``padchat``.
        problem: what was wrong, without content of messages.
    """

    def __init__(self, layer: str, problem: str) -> None:
        super().__init__(layer, problem)
        self.layer = layer
        self.problem = problem

    def __str__(self) -> str:
        return f"the peer broke the {self.layer} protocol: {self.problem}"


class PictureRefused(RemoteProtocolError):
    """The gateway's QR picture is too large, or is no picture."""

    def __init__(self, problem: str) -> None:
        super().__init__("padchat", problem)
        self.args = (problem,)


class MediaRefused(RemoteProtocolError):
    """The file of a message is too large, empty, no base64, or not of the size said."""

    def __init__(self, problem: str) -> None:
        super().__init__("padchat", problem)
        self.args = (problem,)


class ConnectError(PadChatError):
    """No usable connection came about.

    Args:
        where: the gateway, as host and port or URL without its query.
        problem: what happened, and what to do.
        hop: which step of the way failed, as far as that is known.

    Attributes:
        is_permanent: whether another attempt with the same settings is pointless.
    """

    is_permanent = False
    hop: Hop = ""

    def __init__(self, where: str, problem: str, *, hop: Hop = "") -> None:
        super().__init__(where, problem)
        self.where = where
        self.problem = problem
        if hop:
            self.hop = hop

    def __str__(self) -> str:
        hop = f" ({self.hop})" if self.hop else ""
        return f"no connection to {self.where}{hop}: {self.problem}"


class HandshakeRefused(ConnectError):
    """The peer answered, but not with a connection that we can use.

    Args:
        where: see ``ConnectError``.
        problem: see ``ConnectError``.
        status: HTTP status of its answer, None when it was none of HTTP.
        body: the beginning of its answer, for whoever looks for the reason.
        hop: see ``ConnectError``.
    """

    hop: Hop = "HTTP"

    def __init__(
        self,
        where: str,
        problem: str,
        *,
        status: int | None = None,
        body: bytes = b"",
        hop: Hop = "",
    ) -> None:
        super().__init__(where, problem, hop=hop)
        self.status = status
        self.body = body[:MAX_QUOTED_BODY]


class ConnectTimedOut(ConnectError):
    """The peer did not finish a step of connecting in time."""


class NamespaceRefused(ConnectError):
    """The gateway refused the namespace with an ERROR packet.

    Another attempt with the same key cannot succeed (dialects.md, 6: "after a
    refused namespace" a client does not reconnect).
    """

    is_permanent = True
    hop: Hop = "namespace"


class AuthKeyInvalid(NamespaceRefused):
    """The gateway does not accept the auth key; check it, then start again."""


class AuthKeyInUse(AuthKeyInvalid):
    """Another connection has the auth key; end it, then start again.

    Source: dialects.md, 3, close code 3202.
    """


class AuthKeyExpired(AuthKeyInvalid):
    """The auth key is too old; get another one.

    Source: dialects.md, 3, close code 3203.
    """


class Disconnected(PadChatError):
    """A connection that was up is gone.

    Args:
        reason: ``transport close``, ``ping timeout``, ... as Socket.IO names them.
        detail: more about it, or an empty text.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"the connection was lost: {self.reason}" + (
            f" ({self.detail})" if self.detail else ""
        )


class TakenOver(Disconnected):
    """A newer connection with the same auth key and name runs the account now."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("taken over by another connection", detail)
        self.args = (detail,)


class CallError(PadChatError):
    """How one call ended without a result.

    Args:
        code: wire name of the command.
        problem: what happened.
    """

    def __init__(self, code: str, problem: str) -> None:
        super().__init__(code, problem)
        self.code = code
        self.problem = problem


class CallRejected(CallError):
    """The gateway carried the command out and said no.

    Args:
        code: wire name of the command.
        message: the gateway's text, possibly empty.
        status: status of the WeChat engine, or None; see ``status_code`` in the
            protocol tables.
    """

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(code, message)
        self.message = message
        self.status = status
        self.args = (code, message, status)

    def __str__(self) -> str:
        status = "" if self.status is None else f" (status {self.status})"
        text = quoted(self.message) or "no reason given"
        return f"the gateway refused {self.code!r}: {text}{status}"


class NotInRoom(CallRejected):
    """The account is in no such room: it never was, has left, or was removed.

    Args:
        code: wire name of the command.
        room: id of the room.
        status: the WeChat engine's status.
    """

    def __init__(self, code: str, room: str, status: int | None = None) -> None:
        super().__init__(code, f"the account is not in room {quoted(room)}", status)
        self.args = (code, room, status)
        self.room = room


class NotSent(CallError):
    """The command surely did not leave this process: it is safe to repeat."""

    def __str__(self) -> str:
        return f"{self.code!r} was not sent: {self.problem}"


class OutcomeUnknown(CallError):
    """The command left and no answer came: it may have happened.

    The library never repeats it. ``problem`` is ``time limit``, ``connection
    lost`` or ``cancelled``.
    """

    def __str__(self) -> str:
        return (
            f"{self.code!r} was sent, but its outcome is unknown: {self.problem};"
            " look before you repeat it"
        )


class StillUnknown(OutcomeUnknown):
    """A command left under this key before, and nobody knows its outcome.

    It was not sent again. Settle the key when you have looked whether it happened.

    Args:
        code: wire name of the command.
        key: that of its caller.
    """

    def __init__(self, code: str, key: str) -> None:
        super().__init__(code, "it was sent under this key before")
        self.key = key
        self.args = (code, key)

    def __str__(self) -> str:
        return (
            f"{self.code!r} with key {self.key!r} was sent before, and its outcome is"
            " unknown: it is not sent again; look whether it happened, then settle the"
            " key"
        )


class LoginError(PadChatError):
    """The account did not get in.

    Args:
        account: label of the account.
        problem: what happened, for a person.
    """

    sentence = "{account} is not logged in: {problem}"

    def __init__(self, account: str, problem: str = "") -> None:
        super().__init__(account, problem)
        self.account = account
        self.problem = problem

    def __str__(self) -> str:
        return self.sentence.format(account=self.account, problem=self.problem)


class QRCodeExpired(LoginError):
    """Nobody scanned the QR code before it expired."""

    sentence = "the QR code of {account} expired before anybody scanned it"


class LoginDeclined(LoginError):
    """The code was scanned, but WeChat refused the login."""

    sentence = "the login of {account} was scanned and then refused"


class LoginCancelled(LoginError):
    """The code was scanned, and then cancelled on the phone."""

    sentence = "the login of {account} was cancelled on the phone"


class LoginTokenExpired(LoginError):
    """The saved login token is not accepted any more; a scan is needed."""

    sentence = "the saved login of {account} is not accepted any more: {problem}"


class LoggedOut(LoginError):
    """The account was logged out, by us, on the phone or by WeChat."""

    sentence = "{account} was logged out: {problem}"


class LoginFailedOften(LoginError):
    """Too many logins failed in a time; another one each minute would not help."""

    sentence = "too many logins of {account} failed: {problem}"


class NeedsHuman(LoginError):
    """The account waits for a person; nothing is tried by itself any more.

    Call ``account.try_again()`` when somebody is there.
    """

    sentence = "{account} needs a person: {problem}"


class StoreError(PadChatError):
    """The store cannot be used.

    Args:
        path: the file, or ``memory``.
        problem: what was found.
        remedy: what a person can do.
    """

    def __init__(self, path: str, problem: str, remedy: str) -> None:
        super().__init__(path, problem, remedy)
        self.path = path
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}; {self.remedy}"


class StoreLocked(StoreError):
    """Another process uses the store."""


class StoreDamaged(StoreError):
    """The file is not a store, or its content is broken; it was left alone."""


class StoreReadOnly(StoreError):
    """The file or its folder cannot be written."""


class StoreExposed(StoreError):
    """Other users can read the file, or put another one in its place; left alone."""


class StoreSealed(StoreError):
    """The secrets in the file are sealed with a key that is not given; left alone."""


class SchemaTooNew(StoreError):
    """The store was written by a newer version; it was left alone.

    Args:
        path: the file.
        found: schema version in the file.
        known: newest schema version that this version knows.
    """

    def __init__(self, path: str, found: int, known: int) -> None:
        super().__init__(
            path,
            f"its schema is version {found}, this version knows up to {known}",
            "install a newer padchat-twisted, or name another store",
        )
        self.found = found
        self.known = known
        self.args = (path, found, known)


class DeviceInUse(StoreError):
    """Two accounts with one set of device data: WeChat takes that for a theft.

    Args:
        path: the store's file.
        name: the account that wants the device data.
        other_name: the account that has it.
    """

    def __init__(self, path: str, name: str, other_name: str) -> None:
        super().__init__(
            path,
            f"account {name!r} has the same device data as account {other_name!r}",
            "give each account device data of its own, or leave it out to have it made",
        )
        self.name = name
        self.other_name = other_name
        self.args = (path, name, other_name)


class ConfigurationError(PadChatError):
    """A configuration with problems; each is a whole sentence with its place.

    Args:
        path: the file.
        problems: one text per problem.
    """

    def __init__(self, path: str, problems: tuple[str, ...]) -> None:
        super().__init__(path, problems)
        self.path = path
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(self.problems)
