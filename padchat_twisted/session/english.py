"""The sentences of ``explain`` in English."""

from __future__ import annotations

from ..errors import (
    AuthKeyExpired,
    AuthKeyInUse,
    AuthKeyInvalid,
    BufferFull,
    CallError,
    CallRejected,
    ConfigurationError,
    ConnectError,
    ConnectTimedOut,
    DeviceInUse,
    Disconnected,
    HandshakeRefused,
    LocalProtocolError,
    LoggedOut,
    LoginCancelled,
    LoginDeclined,
    LoginError,
    LoginFailedOften,
    LoginTokenExpired,
    MediaRefused,
    NamespaceRefused,
    NeedsHuman,
    NotInRoom,
    NotSent,
    OutcomeUnknown,
    PadChatError,
    PictureRefused,
    QRCodeExpired,
    RemoteProtocolError,
    SchemaTooNew,
    StillUnknown,
    StoreDamaged,
    StoreError,
    StoreExposed,
    StoreLocked,
    StoreReadOnly,
    StoreSealed,
    TakenOver,
)
from .sentences import ReasonWords, Sentences, StateWords, StoredWords

__all__ = ["ENGLISH"]

_LOOK_AT_GATEWAY = "if it goes on, see whether the gateway runs, and look into its log"
_LOOK_INTO_LOG = "look into the log at that time, it has the exact words"
_SCAN = "have somebody with the phone of this account scan the code"

_STATES = {
    "offline": StateWords(
        "is not started",
        "nothing, until it is started",
        do="start the service, or have the program call account.start()",
    ),
    "connecting": StateWords(
        "is connecting to the gateway",
        "it logs in as soon as the gateway lets it in; an attempt that fails is"
        " repeated by itself",
    ),
    "initialising": StateWords(
        "is connected and prepares its login",
        "it logs in by its saved login, or shows a QR code where there is none",
    ),
    "awaiting_scan": StateWords(
        "waits until somebody scans its QR code",
        "when the code expires, another one is shown; after {codes} codes that nobody"
        " scanned it waits for a person",
        "the code expires in {wait}, then another one is shown; after {codes} codes"
        " that nobody scanned it waits for a person",
        "scan the code with the phone of this account; it is on the terminal of the"
        " service, and as a picture in the folder qrcodes beside the store",
    ),
    "awaiting_confirm": StateWords(
        "was scanned and waits for the confirmation on the phone",
        "without a confirmation the code expires, and another one is shown",
        "without a confirmation the code expires in {wait}, and another one is shown",
        "confirm the login on the phone",
    ),
    "logging_in": StateWords(
        "is logging in",
        "it is logged in when the gateway says so",
        "it is logged in when the gateway says so; if nothing comes in {wait}, it"
        " connects anew",
    ),
    "syncing": StateWords(
        "is logged in, and its contacts are coming",
        "it counts as ready when they have come",
        "it counts as ready when they have come, in {wait} at the latest",
        "nothing is needed: commands can be sent already",
    ),
    "ready": StateWords(
        "is online",
        "it stays online",
        "it stays online; its login is saved anew in {wait}",
        "nothing is needed",
    ),
    "retrying": StateWords(
        "is offline and waits to connect again",
        "another attempt follows by itself",
        "another attempt follows by itself in {wait}",
    ),
    "needs_human": StateWords(
        "is offline and waits for a person",
        "nothing: it does not try again by itself",
        after="restart the service, or have the program call account.try_again()",
    ),
    "closing": StateWords(
        "is leaving the gateway",
        "it is closed as soon as its connection is gone",
        do="nothing is needed",
    ),
    "closed": StateWords(
        "is closed",
        "nothing: this session is over",
        after="start the service again to have it online",
    ),
}

_REASONS = {
    PadChatError: ReasonWords("something went wrong", _LOOK_INTO_LOG),
    LocalProtocolError: ReasonWords(
        "this program was asked to do what the protocol does not allow",
        _LOOK_INTO_LOG,
    ),
    BufferFull: ReasonWords(
        "the gateway did not take what was sent to it", _LOOK_AT_GATEWAY
    ),
    RemoteProtocolError: ReasonWords(
        "the gateway broke the protocol{layer}", f"{_LOOK_INTO_LOG} of what it sent"
    ),
    PictureRefused: ReasonWords(
        "the gateway sent a QR picture that cannot be used", _LOOK_AT_GATEWAY
    ),
    MediaRefused: ReasonWords(
        "the gateway sent a file that cannot be used", _LOOK_AT_GATEWAY
    ),
    ConnectError: ReasonWords(
        "no connection to {where} came about",
        "see whether the gateway runs, and whether the URL is right",
    ),
    HandshakeRefused: ReasonWords(
        "{where} answered{http}, but not with a connection that can be used",
        "see whether the URL, with its path, is that of the gateway",
    ),
    ConnectTimedOut: ReasonWords(
        "no connection to {where} came about in time{step}",
        "see whether the gateway runs, and whether the way to it is open",
    ),
    NamespaceRefused: ReasonWords(
        "the gateway {where} does not have the namespace",
        "correct the path of the URL",
    ),
    AuthKeyInvalid: ReasonWords(
        "the gateway {where} does not accept the auth key", "correct the auth key"
    ),
    AuthKeyInUse: ReasonWords(
        "another connection to {where} uses the auth key",
        "stop the other program that uses it",
    ),
    AuthKeyExpired: ReasonWords(
        "the auth key for {where} is too old", "get another auth key"
    ),
    Disconnected: ReasonWords("the connection was lost: {loss}", _LOOK_AT_GATEWAY),
    TakenOver: ReasonWords(
        "another program took the account over: it runs it now",
        "stop one of the two programs that run the account",
    ),
    CallError: ReasonWords("{command} did not work", _LOOK_INTO_LOG),
    CallRejected: ReasonWords(
        "the gateway refused {command}{status}", f"{_LOOK_INTO_LOG} of the gateway"
    ),
    NotInRoom: ReasonWords(
        "the account is not in the room",
        "see on the phone whether it left or was removed",
    ),
    NotSent: ReasonWords("{command} could not be sent", _LOOK_INTO_LOG),
    OutcomeUnknown: ReasonWords(
        "the gateway did not answer {command}{outcome}", _LOOK_AT_GATEWAY
    ),
    StillUnknown: ReasonWords(
        "{command} was sent under its key before, and its outcome is unknown",
        "look whether it happened, then settle the key",
    ),
    LoginError: ReasonWords("the account did not get in", _LOOK_INTO_LOG),
    QRCodeExpired: ReasonWords("nobody scanned the QR code in time", _SCAN),
    LoginDeclined: ReasonWords(
        "the QR code was scanned, and then the login was refused",
        f"{_SCAN}, and see what the phone says",
    ),
    LoginCancelled: ReasonWords("the login was cancelled on the phone", _SCAN),
    LoginTokenExpired: ReasonWords("the saved login is not accepted any more", _SCAN),
    LoggedOut: ReasonWords(
        "the account was logged out, on the phone or by WeChat",
        f"see what the phone says, and {_SCAN}",
    ),
    LoginFailedOften: ReasonWords(
        "too many logins failed in a short time", _LOOK_INTO_LOG
    ),
    NeedsHuman: ReasonWords("a person must do something", _LOOK_INTO_LOG),
    StoreError: ReasonWords("the store {where} cannot be used", _LOOK_INTO_LOG),
    StoreLocked: ReasonWords(
        "another process uses the store {where}", "stop it, or name another store"
    ),
    StoreDamaged: ReasonWords(
        "the store {where} is damaged",
        "put a copy back that works, or move it away to begin anew",
    ),
    StoreReadOnly: ReasonWords(
        "the store {where} cannot be written",
        "make file and folder writable for the user of the service",
    ),
    StoreExposed: ReasonWords(
        "others can read the store {where}",
        "the log names the command that helps, such as chmod 600",
    ),
    StoreSealed: ReasonWords(
        "the store {where} is sealed, and its key is not the one that was given",
        "give the key of which the log names the fingerprint",
    ),
    SchemaTooNew: ReasonWords(
        "the store {where} was written by a newer version",
        "install a newer padchat-twisted, or name another store",
    ),
    DeviceInUse: ReasonWords(
        "account {other} in the store {where} has the same device data",
        "give each account device data of its own, or leave it out to have it made",
    ),
    ConfigurationError: ReasonWords(
        "the configuration {where} has problems", "padchat check names them: mend them"
    ),
}

ENGLISH = Sentences(
    head="{name} {what} (state {state}), since {at} ({ago} ago).",
    head_alone="{name} {what} (state {state}).",
    outage="It was ready until {at}; then {why}.",
    reason="The reason, at {at}: {why}.",
    latest="The newest trouble, at {at}: {why}.",
    code="A code has to be scanned because {why}.",
    attempts="It has tried to connect {count} times so far.",
    away="Before that it was away for {time}, from {at}: {why}.",
    unheard="Since {at} the gateway has not done {command}, so messages or contacts may"
    " be missing; it is asked again by itself.",
    next="Next: {next}.",
    do="What you can do: {do}.",
    then="{do}; then {after}",
    nothing="nothing is needed",
    units=(
        (86400, "{} day", "{} days"),
        (3600, "{} hour", "{} hours"),
        (60, "{} minute", "{} minutes"),
        (1, "{} second", "{} seconds"),
    ),
    between=" ",
    states=_STATES,
    unknown_state=StateWords(
        "is in a state without a description", "that is not known"
    ),
    reasons=_REASONS,
    hops={
        "name": ReasonWords(
            "the name in {where} could not be looked up",
            "see whether the URL is spelt right, and whether the resolver of this"
            " machine knows the name",
        ),
        "TCP": ReasonWords(
            "nothing took the connection at {where}",
            "start the gateway, or correct the URL; see whether a firewall is between",
        ),
        "proxy": ReasonWords(
            "the proxy opened no way to {where}",
            "see whether the proxy runs, and whether it lets this program through",
        ),
        "TLS": ReasonWords(
            "no encryption with {where} came about (TLS)",
            "see whether the certificate of the gateway is the one that is trusted",
        ),
        "HTTP": ReasonWords(
            "{where} answered{http}, but not as a gateway does",
            "see whether the URL, with its path, is that of the gateway",
        ),
        "WebSocket": ReasonWords(
            "{where} opened no WebSocket{http}",
            "see whether something between lets WebSockets through, or set the"
            " transport to polling",
        ),
        "Engine.IO": ReasonWords(
            "{where} does not speak the expected revision of Engine.IO{http}",
            'set the revision to 3, 4 or "auto"',
        ),
        "namespace": ReasonWords(
            "{where} did not open the namespace",
            "see whether the path of the URL is the namespace of the gateway",
        ),
        "authentication": ReasonWords(
            "{where} closed the connection instead of accepting the auth key",
            "see whether the auth key is right",
        ),
    },
    losses={
        "": "for a reason that has no name",
        "aborted": "it was dropped by this program",
        "forced close": "the gateway closed it",
        "forced server close": "the gateway closed it",
        "io client disconnect": "this program left",
        "io server disconnect": "the gateway ended it",
        "login timeout": "the gateway did not confirm the login in time",
        "no answer": "the gateway answered nothing, though the connection stood",
        "no way to WeChat": "a note to filehelper did not get to WeChat",
        "silent": "nothing came for longer than is usual for this account",
        "parse error": "something came that could not be read",
        "ping timeout": "the gateway stopped answering heartbeats",
        "task closed": "the gateway closed the task of the account",
        "the session was closed": "this program closed the session",
        "timeout": "the other side did not answer in time",
        "transport close": "it was cut off, by the gateway or on the way to it",
        "transport error": "it broke, at the gateway or on the way to it",
    },
    outcomes={
        "cancelled": ", and was not waited for",
        "connection lost": " before the connection was lost",
        "time limit": " in time",
    },
    step=", at the step {hop}",
    http=" with HTTP status {status}",
    status=" (status {status})",
    command="a command",
    named="the command {command}",
    no_login="there was no saved login",
    login_refused="the saved login was not accepted",
    was_closed="this program closed it",
    phone_may_ask="look at the phone of this account: it may ask to confirm the login",
    stored=StoredWords(
        nobody="No service answers at {socket}. This is what the store {store} tells.",
        no_store="No service answers at {socket}, and there is no store {store}:"
        " nobody has logged in with it yet.",
        no_account="{name} is offline, and the store knows nothing of it: it was never"
        " started with this store.",
        place="It belongs to {gateway}.",
        saved="{name} is offline; it has a saved login.",
        never_saved="{name} is offline; it was never logged in with this store.",
        void="{name} is offline, and its saved login is void: {why}.",
        reasons={
            "": "the gateway did not accept it any more",
            "logged out": "the account was logged out, on the phone or by WeChat",
            "logout": "the account was logged out by a command",
            "nobody confirmed it on the phone": "nobody confirmed it on the phone",
            "the gateway asks for a scan": "the gateway asked for a scan",
        },
        has_device="Its device data is kept, so WeChat will know the device.",
        no_device="It has no device data yet; that is made at its first start.",
        do=(
            "start the service: it logs in by itself",
            "start the service, and have somebody with the phone of this account scan"
            " the code",
        ),
    ),
)
