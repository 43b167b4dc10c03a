"""The examples of dialects.md, and the tests that hold them in each role."""

from __future__ import annotations

from . import holders as h

__all__ = ["EXAMPLES"]

EXAMPLES: dict[str, h.Holders] = {
    "L1": ((f"{h.L}test_auth_let_in",), (f"{h.L}test_auth_at_a_server",)),
    "L2": ((f"{h.L}test_auth_refused",), (f"{h.L}test_auth_refused_by_a_server",)),
    "L3": h.joined(
        h.L_REQUEST,
        h.L_REPLY,
        h.L_EVENT,
        (
            (f"{h.LOGIN_LEGACY}test_token_of_no_use",),
            (f"{h.GATEWAY_LEGACY}test_token_of_no_use",),
        ),
    ),
    "L4": h.joined(
        h.L_REPLY,
        ((f"{h.LOGIN_LEGACY}test_token",), (f"{h.GATEWAY_LEGACY}test_login_by_token",)),
    ),
    "L5": h.joined(
        h.L_REPLY,
        h.L_EVENT,
        ((f"{h.LOGIN_LEGACY}test_resumed",), (f"{h.GATEWAY_LEGACY}test_resumed",)),
    ),
    "L6": h.L_EVENT,
    "L7": h.joined(
        h.L_REQUEST,
        h.L_REPLY,
        h.L_EVENT,
        (
            (f"{h.L}test_push_while_a_command_is_pending",),
            (f"{h.ANSWER}test_any_order",),
        ),
    ),
    "L8": h.joined(
        h.L_REPLY,
        (
            ("catalogue.test_rooms: GetRoomMembersTests.test_list_and_text",),
            (f"{h.GATEWAY_LEGACY}test_member_and_picture",),
        ),
    ),
    "L9": h.L_REPLY,
    "L10": h.joined(
        h.L_REPLY,
        (
            (
                f"{h.CLIENT_RULE}test_6_late_reply",
                "session.test_dialects: LegacyTimeTests.test_ten_seconds",
            ),
            (f"{h.ANSWER}test_however_late",),
        ),
    ),
    "L11": h.joined(h.L_EVENT, ((), (f"{h.GATEWAY_LEGACY}test_events",))),
    "S1": (
        (f"{h.S}test_connection_of_a_client",),
        (f"{h.S}test_connection_of_a_server",),
    ),
    "S2": h.S_ALL,
    "S3": h.joined(
        h.S_ALL,
        (
            (f"{h.S}test_in_order", f"{h.TOKEN}test_refused_token"),
            (f"{h.RESPONDER}test_refused_token",),
        ),
    ),
    "S4": h.joined(
        h.S_ALL,
        (
            ("session.test_steps: SavingTests.test_ready_waits_for_the_save",),
            (f"{h.RESPONDER}test_device_info",),
        ),
    ),
    "S5": h.S_ALL,
    "S6": h.joined(h.S_ALL, ((f"{h.S}test_in_order",), ())),
    "S7": h.joined(
        h.S_ALL,
        (
            (f"{h.COMMAND}test_rejected",),
            ("sandbox.responders.test___init__: RefusalTests.test_look",),
        ),
    ),
    "S8": h.joined(
        h.S_ALL,
        (
            (
                f"{h.IMAGE}test_raw_msg_data",
                f"{h.FILE}test_without_thumbnail",
            ),
            (f"{h.SENDING}test_image_there_and_back",),
        ),
    ),
    "S9": h.joined(h.S_ALL, ((f"{h.TIME}test_late_replies",), ())),
    "S10": h.joined(
        h.S_ALL, ((f"{h.TROUBLE}test_task_closed",), (f"{h.EVENT}test_warn_and_sns",))
    ),
    "K1": h.joined(h.K_REQUEST, h.K_REPLY),
    "K2": h.joined(
        h.K_REQUEST,
        h.K_REPLY,
        h.K_EVENT,
        (
            (f"{h.LOGIN_SDK}test_the_whole_way_down",),
            (
                f"{h.GATEWAY_SDK}test_logins_that_fail",
                f"{h.GATEWAY_SDK}test_login_by_code",
                f"{h.NPM}test_token_of_no_use",
            ),
        ),
    ),
    "K3": h.joined(
        h.K_REQUEST,
        h.K_REPLY,
        ((), (f"{h.GATEWAY_SDK}test_login_data", f"{h.NPM}test_login_by_token")),
    ),
    "K4": h.joined(
        h.K_REQUEST,
        h.K_REPLY,
        h.K_EVENT,
        (
            (f"{h.K}test_contacts_and_a_reply", f"{h.LOGIN_SDK}test_contacts"),
            (f"{h.GATEWAY_SDK}test_fetched", f"{h.NPM}test_login_by_code"),
        ),
    ),
    "K5": h.joined(
        h.K_REQUEST,
        h.K_REPLY,
        h.K_EVENT,
        (
            (f"{h.LOGIN_SDK}test_news",),
            (f"{h.GATEWAY_SDK}test_fetched", f"{h.NPM}test_messages"),
        ),
    ),
    "K6": h.joined(
        h.K_REQUEST,
        h.K_REPLY,
        ((f"{h.SDK_CLIENT}test_what_went_wrong",), (f"{h.NPM}test_refused_command",)),
    ),
    "K7": h.joined(
        h.K_REPLY,
        (
            (f"{h.SDK_CLIENT}test_replies_are_matched", f"{h.TIME}test_late_replies"),
            (f"{h.NPM}test_reply_nobody_waits_for",),
        ),
    ),
    "K8": h.joined(
        h.K_REPLY,
        ((f"{h.SDK_CLIENT}test_json_texts_of_a_reply",), (f"{h.NPM}test_room",)),
    ),
    "K9": h.joined(
        h.K_REQUEST,
        h.K_REPLY,
        h.K_EVENT,
        (
            (f"{h.SDK_CLIENT}test_data_instead_of_payload",),
            (
                f"{h.SDK_SERVER}test_data_instead_of_payload",
                f"{h.GATEWAY_SDK}test_older_client",
            ),
        ),
    ),
    "K10": h.joined(
        h.K_EVENT,
        (
            (f"{h.LOGIN_SDK}test_logged_in_again",),
            (f"{h.GATEWAY_SDK}test_events", f"{h.GATEWAY_SDK}test_over"),
        ),
    ),
}
