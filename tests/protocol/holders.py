"""What the tables of rules and examples are written with.

A rule is held by tests of our client and tests of our gateway, as
``folder.module: class.test`` below ``tests``.
"""

from __future__ import annotations

#: Tests of our client, then of our gateway.
Holders = tuple[tuple[str, ...], tuple[str, ...]]

L = "wire.test_dialect_legacy_examples: ExampleTests."
S = "wire.test_dialect_socketio_examples: ExampleTests."
K = "wire.test_dialect_sdk_examples: ExampleTests."
LEGACY = "wire.test_dialect_legacy: "
SDK = "wire.test_dialect_sdk: "
GATEWAY_LEGACY = "sandbox.test_json_served: LegacyTests."
GATEWAY_SDK = "sandbox.test_json_served_sdk: SdkTests."
NPM = "interop.test_padchat_sdk: PadchatSdkTests."

ANSWER = "wire.test_json_server: AnswerTests."
OUTCOME = "session.test_calls: OutcomeTests."
TIME = "session.test_calls: TimeLimitTests."
LOGIN_LEGACY = "session.test_dialects: LegacyTests."
LOGIN_SDK = "session.test_dialects: SdkTests."
TROUBLE = "session.test_steps_trouble: TroubleTests."
LOGOUT = "session.test_account_ends: LogoutTests."
COMMAND = "session.test_sender: CommandTests."
TOKEN = "session.test_steps: TokenLoginTests."
RESPONDER = "sandbox.responders.test_login: LoginCommandTests."
SENDING = "sandbox.responders.test_sending: SendingTests."
RESUME = "sandbox.test_accounts: ResumeTests."
TOKENS = "sandbox.test_tokens: TokenTests."
FEED = "sandbox.test_feeds: FetchedFeedTests."
ENGINE = "catalogue.test_base: EngineTextTests."
IMAGE = "catalogue.test_media_messages: ImageTests."
FILE = "catalogue.test_media: MediaTests."
TEXT = "wire.test_json_keys: TextTests."
OPENING = "wire.test_json_client: OpeningTests."
PING = "wire.test_json_connection: PingTests."
EVENT = "sandbox.test_accounts: EventTests."
AFTER_LOGIN = "sandbox.test_accounts: AfterLoginTests."
SOCKETS = "transport.test_json_sockets: PingTests."
GATEWAY_RULE = f"{LEGACY}ServerRuleTests."
CLIENT_RULE = f"{LEGACY}ClientRuleTests."
SDK_CLIENT = f"{SDK}ClientTests."
SDK_SERVER = f"{SDK}ServerTests."

#: What each kind of frame of an example goes through, in both roles: a request, a
#: reply, an event. The tests go through all frames of their series.
L_REQUEST = (f"{L}test_requests_of_a_client",), (f"{L}test_requests_at_a_server",)
L_REPLY = (f"{L}test_replies_at_a_client",), (f"{L}test_replies_of_a_server",)
L_EVENT = (f"{L}test_events_at_a_client",), (f"{L}test_events_of_a_server",)
S_ALL = (
    (f"{S}test_packets_of_a_client", f"{S}test_packets_at_a_client"),
    (f"{S}test_packets_at_a_server", f"{S}test_packets_of_a_server"),
)
K_REQUEST = (f"{K}test_requests_of_a_client",), (f"{K}test_requests_at_a_server",)
K_REPLY = (f"{K}test_replies_at_a_client",), (f"{K}test_replies_of_a_server",)
K_EVENT = (f"{K}test_events_at_a_client",), (f"{K}test_events_of_a_server",)


def joined(*holders: Holders) -> Holders:
    """Join the holders of several kinds of frames."""
    ours = tuple(test for client, _ in holders for test in client)
    theirs = tuple(test for _, server in holders for test in server)
    return ours, theirs
