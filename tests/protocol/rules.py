"""The rules of dialects.md, and the tests that hold them in each role."""

from __future__ import annotations

from . import holders as h

__all__ = ["NOT_OF_A_ROLE", "RULES"]

#: By section and rule; what is numbered there has its number, the rest a name.
RULES: dict[str, h.Holders] = {
    # 1, "Frames".
    "1 frames": (
        (f"{h.CLIENT_RULE}test_odd_frames",),
        (
            "wire.test_json_connection: LimitTests.test_size",
            f"{h.GATEWAY_RULE}test_2_odd_requests",
            f"{h.GATEWAY_LEGACY}test_odd_frames",
        ),
    ),
    "1 cmdId duplicate and missing": (
        (f"{h.OUTCOME}test_ids_go_on",),
        (
            f"{h.GATEWAY_RULE}test_2_exactly_one_reply",
            f"{h.GATEWAY_LEGACY}test_cmd_ids",
        ),
    ),
    # 1, "Rules for a client"; a gateway must make them possible.
    "1 client 1": ((f"{h.CLIENT_RULE}test_1_a_cmd_id_makes_a_reply",), h.L_EVENT[1]),
    "1 client 2": (
        (f"{h.CLIENT_RULE}test_2_event_then_type",),
        (*h.L_EVENT[1], *h.L_REPLY[1]),
    ),
    "1 client 3": (
        (f"{h.CLIENT_RULE}test_3_reply_without_cmd_id",),
        (
            f"{h.GATEWAY_LEGACY}test_cmd_ids",
            "sandbox.test_served: ServedTests.test_without_id",
        ),
    ),
    "1 client 4": (
        (
            f"{h.CLIENT_RULE}test_4_ids_that_are_not_pending",
            f"{h.TIME}test_late_replies",
        ),
        (f"{h.ANSWER}test_once",),
    ),
    "1 client 5": (
        (f"{h.CLIENT_RULE}test_5_replies_in_any_order",),
        (f"{h.ANSWER}test_any_order",),
    ),
    "1 client 6": (
        (
            f"{h.CLIENT_RULE}test_6_late_reply",
            "session.test_dialects: LegacyTimeTests.test_ten_seconds",
        ),
        (f"{h.ANSWER}test_however_late",),
    ),
    "1 client 7": (
        (f"{h.CLIENT_RULE}test_7_unknown_event",),
        (f"{h.ANSWER}test_odd_arguments",),
    ),
    # 1, "Rules for a server"; a client must get along with them.
    "1 server 1": (
        (
            f"{h.L}test_auth_let_in",
            f"{h.OPENING}test_time",
            f"{h.OPENING}test_closed_before",
        ),
        (
            f"{h.GATEWAY_RULE}test_1_ten_seconds",
            f"{h.GATEWAY_RULE}test_1_no_auth_is_no_success",
            f"{h.GATEWAY_RULE}test_1_after_auth",
            f"{h.GATEWAY_LEGACY}test_no_auth",
        ),
    ),
    "1 server 1, commands before auth": (
        (
            "wire.test_json_client: CallTests.test_not_let_in",
            f"{h.OPENING}test_what_comes_before",
        ),
        (
            f"{h.GATEWAY_RULE}test_1_no_auth_is_no_success",
            "wire.test_json_server: LettingInTests.test_while_it_is_decided",
        ),
    ),
    "1 server 2": (
        (f"{h.OUTCOME}test_any_order",),
        (
            f"{h.GATEWAY_RULE}test_2_exactly_one_reply",
            f"{h.GATEWAY_RULE}test_2_odd_requests",
            f"{h.ANSWER}test_too_many",
        ),
    ),
    "1 server 3": (
        (f"{h.CLIENT_RULE}test_nothing_is_an_empty_object",),
        (f"{h.GATEWAY_RULE}test_3_no_parameters", f"{h.GATEWAY_LEGACY}test_no_data"),
    ),
    "1 server 4": (
        (
            f"{h.GATEWAY_RULE}test_4_resumed_task",
            f"{h.LOGIN_LEGACY}test_resumed",
            f"{h.LOGIN_LEGACY}test_not_logged_in",
        ),
        (
            f"{h.GATEWAY_LEGACY}test_resumed",
            f"{h.GATEWAY_LEGACY}test_resumed_without_login",
            f"{h.GATEWAY_LEGACY}test_taken_over",
        ),
    ),
    # 3, "Frames".
    "3 frames": (
        (f"{h.SDK_CLIENT}test_odd_frames", f"{h.SDK_CLIENT}test_other_frames"),
        (f"{h.SDK_SERVER}test_odd_requests",),
    ),
    "3 cmdId": (
        (f"{h.SDK_CLIENT}test_replies_are_matched",),
        (*h.K_REPLY[1], f"{h.SDK_SERVER}test_odd_requests"),
    ),
    "3 payload always": (h.K_REQUEST[0], (f"{h.SDK_SERVER}test_no_parameters",)),
    "3 payload and data": (
        (f"{h.SDK_CLIENT}test_data_instead_of_payload",),
        (
            f"{h.SDK_SERVER}test_data_instead_of_payload",
            f"{h.ANSWER}test_fetches_news",
            f"{h.GATEWAY_SDK}test_older_client",
        ),
    ),
    # 3, "What the reference client does to every frame".
    "3 reference 1": (
        (f"{h.SDK_CLIENT}test_json_texts_of_a_reply", f"{h.TEXT}test_read"),
        (f"{h.TEXT}test_written", f"{h.NPM}test_room"),
    ),
    "3 reference 2": (
        (
            f"{h.SDK_CLIENT}test_keys",
            "wire.test_json_keys: KeyTests.test_as_the_reference_does",
        ),
        (*h.K_REPLY[1], *h.K_EVENT[1], "wire.test_json_keys: KeyTests.test_tables"),
    ),
    "3 reference 3": (
        (f"{h.SDK_CLIENT}test_replies_are_matched",),
        (f"{h.NPM}test_reply_nobody_waits_for",),
    ),
    "3 reference 4": (
        (
            f"{h.SDK_CLIENT}test_markers_are_dropped",
            f"{h.SDK_CLIENT}test_wrapped_types",
        ),
        (f"{h.GATEWAY_SDK}test_fetched", f"{h.NPM}test_messages"),
    ),
    # 3, "Synchronisation from 0.6.0 on".
    "3 notify of type 4": (
        (f"{h.LOGIN_SDK}test_contacts",),
        (f"{h.GATEWAY_SDK}test_login_by_code", f"{h.FEED}test_announced_once"),
    ),
    "3 notify of another type": (
        (f"{h.LOGIN_SDK}test_news",),
        (f"{h.GATEWAY_SDK}test_fetched", f"{h.GATEWAY_SDK}test_not_fetched"),
    ),
    "3 push of type 4 without an end": (
        (
            f"{h.SDK_CLIENT}test_the_end_of_contacts",
            "test_client_dialects: SdkTests.test_whole",
        ),
        (f"{h.FEED}test_contacts_in_parts",),
    ),
    "3 push of type 4 with an end": (
        (f"{h.SDK_CLIENT}test_the_end_of_contacts",),
        (f"{h.FEED}test_nothing_new", f"{h.NPM}test_login_by_code"),
    ),
    "3 before 0.6.0": (h.K_EVENT[0], (f"{h.GATEWAY_SDK}test_older_client",)),
    # 3, "Connection".
    "3 pings": (
        (
            f"{h.PING}test_interval",
            "transport.test_json_gateway: PingTests.test_half_open",
            "transport.test_reads: MixedFrameTests.test_fragments_and_pings",
        ),
        (
            f"{h.PING}test_silence",
            f"{h.SOCKETS}test_interval",
            f"{h.SOCKETS}test_silent",
        ),
    ),
    "3 close codes": (
        (
            f"{h.SDK_CLIENT}test_close_codes",
            "test_client_dialects: SdkTests.test_refused",
        ),
        (
            f"{h.SDK_SERVER}test_refused",
            f"{h.GATEWAY_SDK}test_wrong_token",
            f"{h.GATEWAY_SDK}test_taken_over",
            f"{h.NPM}test_wrong_token",
            f"{h.NPM}test_token_in_use",
        ),
    ),
    "3 token in the URL": (
        ("transport.test_address: ParseTests.test_sdk",),
        (
            f"{h.SDK_SERVER}test_let_in",
            "sandbox.test_json_pages: PlaceTests.test_any_key",
        ),
    ),
    "3 plain GET": ((), ("sandbox.test_json_pages: PlaceTests.test_pages",)),
    "3 monitor": ((), (f"{h.GATEWAY_SDK}test_monitor",)),
    "3 time-out": (("session.test_dialects: TimeLimitTests.test_limits",), ()),
    # 4.
    "4 two levels of success": (
        (f"{h.ENGINE}test_status_is_another_success", f"{h.COMMAND}test_rejected"),
        (
            f"{h.RESPONDER}test_refused_token",
            "sandbox.responders.test_rooms: RoomCommandTests.test_not_in_the_room",
        ),
    ),
    "4 engine_text_prefix": (
        (
            f"{h.ENGINE}test_taken_away",
            f"{h.ENGINE}test_left_alone",
            f"{h.ENGINE}test_in_a_result",
        ),
        (f"{h.RESPONDER}test_token_login",),
    ),
    "4 JSON text inside results": (
        (
            f"{h.TEXT}test_read",
            f"{h.TEXT}test_left_alone",
            "catalogue.test_rooms: GetRoomMembersTests.test_list_and_text",
            "catalogue.test_contacts: ContactTests.test_members",
        ),
        (
            f"{h.TEXT}test_written",
            f"{h.GATEWAY_RULE}test_room_members",
            f"{h.GATEWAY_LEGACY}test_member_and_picture",
        ),
    ),
    "4 ids": (
        (
            "catalogue.test_lenient: LenientTests.test_turned",
            "catalogue.test_messages: RoomTests.test_room",
            "test_client_dialects: LegacyTests.test_whole",
        ),
        (
            "sandbox.test_messages: MessageIdTests.test_message_ids_are_large",
            "sandbox.test_people: NameTests.test_plain_name_can_be_read",
            "sandbox.test_rooms: RoomTests.test_id",
        ),
    ),
    "4 binary data": (
        (f"{h.FILE}test_content", f"{h.COMMAND}test_send_image"),
        (f"{h.SENDING}test_not_base64", f"{h.NPM}test_images"),
    ),
    "4 rawMsgData": (
        (
            f"{h.CLIENT_RULE}test_handing_a_message_back",
            f"{h.SDK_CLIENT}test_handing_a_message_back",
            "wire.test_dialect_json: Tests.test_raw_items",
            f"{h.FILE}test_without_thumbnail",
        ),
        (
            f"{h.SENDING}test_image_there_and_back",
            f"{h.GATEWAY_LEGACY}test_member_and_picture",
            f"{h.NPM}test_images",
        ),
    ),
    "4 receivers": (
        (
            "catalogue.test_sending: ReceiverTests.test_refused",
            f"{h.COMMAND}test_refused_receivers",
            f"{h.LOGIN_SDK}test_refused_receivers",
        ),
        (f"{h.SENDING}test_reserved", f"{h.SENDING}test_to_filehelper"),
    ),
    # 6, row by row; that a legacy application connects again by itself is ours.
    "6 who reconnects": (
        (f"{h.TROUBLE}test_lost", "session.test_steps_trouble: DelayTests.test_grows"),
        (
            "sandbox.test_three_dialects: ThreeDialectsTests.test_legacy",
            "sandbox.test_three_dialects: ThreeDialectsTests.test_sdk",
            f"{h.NPM}test_gateway_gone_and_back",
        ),
    ),
    "6 when not to": (
        (
            f"{h.L}test_auth_refused",
            f"{h.SDK_CLIENT}test_close_codes",
            f"{h.TROUBLE}test_refused_for_good",
            f"{h.TROUBLE}test_taken_over",
        ),
        (
            f"{h.GATEWAY_LEGACY}test_wrong_key",
            f"{h.GATEWAY_SDK}test_wrong_token",
            "sandbox.test_server: RefusalTests.test_wrong_key",
        ),
    ),
    "6 steps": (
        (
            f"{h.LOGIN_LEGACY}test_resumed_again",
            f"{h.LOGIN_SDK}test_the_whole_way_down",
            f"{h.TOKEN}test_the_whole_way",
        ),
        (
            f"{h.GATEWAY_LEGACY}test_login_by_token",
            f"{h.GATEWAY_SDK}test_logins_without_scan",
            f"{h.AFTER_LOGIN}test_token_login_has_the_same_events",
        ),
    ),
    "6 task found running": (
        (
            f"{h.LOGIN_LEGACY}test_resumed_by_the_event",
            f"{h.LOGIN_SDK}test_logged_in_again",
        ),
        (f"{h.GATEWAY_LEGACY}test_resumed", f"{h.GATEWAY_SDK}test_events"),
    ),
    "6 afterwards": (
        (f"{h.LOGIN_LEGACY}test_resumed", f"{h.LOGIN_SDK}test_logged_in_again"),
        (f"{h.RESUME}test_logged_in", f"{h.EVENT}test_logs_in_again"),
    ),
    "6 pending commands": (
        (
            f"{h.OUTCOME}test_connection_lost",
            "wire.test_json_client: CallTests.test_lost_calls",
        ),
        (f"{h.ANSWER}test_once",),
    ),
    # 7, row by row.
    "7 task": (
        (f"{h.TROUBLE}test_task_closed", f"{h.LOGOUT}test_close_command"),
        (
            f"{h.GATEWAY_LEGACY}test_not_resumed",
            f"{h.RESUME}test_closed",
            f"{h.RESUME}test_logged_out",
        ),
    ),
    "7 account": (
        (f"{h.LOGOUT}test_logout",),
        (f"{h.RESPONDER}test_logout_and_close",),
    ),
    "7 login token": (
        (f"{h.LOGOUT}test_logout", f"{h.LOGOUT}test_close_command"),
        (
            f"{h.TOKENS}test_close_keeps_it",
            f"{h.TOKENS}test_logout_voids_it",
            f"{h.TOKENS}test_expiry_at_the_edge",
        ),
    ),
    "7 next login": (
        (f"{h.TROUBLE}test_task_closed", f"{h.TROUBLE}test_logged_out"),
        (f"{h.NPM}test_login_by_token", f"{h.NPM}test_token_of_no_use"),
    ),
    "7 event": (
        (*h.L_EVENT[0], *h.K_EVENT[0], f"{h.S}test_packets_at_a_client"),
        (f"{h.GATEWAY_LEGACY}test_not_resumed", f"{h.GATEWAY_SDK}test_over"),
    ),
    "7 connection": (
        ("session.test_account_ends: CloseTests.test_waits_for_the_connection",),
        (f"{h.GATEWAY_SDK}test_over",),
    ),
    "7 before the next login": (
        (f"{h.TROUBLE}test_task_closed", f"{h.TROUBLE}test_logged_out"),
        (f"{h.GATEWAY_SDK}test_over", f"{h.NPM}test_token_of_no_use"),
    ),
    # 8.
    "8 numbers": (
        ("wire.test_dialect_table: CommandTests.test_codes",),
        (
            f"{h.GATEWAY_RULE}test_numbers_of_2017",
            "wire.test_dialect_table: CommandTests.test_numbers",
            f"{h.GATEWAY_LEGACY}test_number_as_code",
        ),
    ),
}

#: Rules that say nothing about one role, with the reason.
NOT_OF_A_ROLE: dict[tuple[str, str], str] = {
    ("3 plain GET", "client"): "our client asks for nothing but its WebSocket",
    ("3 monitor", "client"): "we have no monitor",
    ("3 time-out", "server"): "a gateway answers when it is done",
}
