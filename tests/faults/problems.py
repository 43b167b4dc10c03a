"""The 25 problems: each with the scenarios that provoke it and the tests that look.

A test stands in one of three places: it runs in memory with a clock, over real sockets,
or without the mechanism, where it passes because things go wrong then.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PROBLEMS", "Problem"]


@dataclass(frozen=True)
class Problem:
    """One of them.

    Args:
        number: by which scenarios name it.
        title: what people saw.
        scenarios: names of those that provoke it.
        memory: names of tests, below ``tests``, that run in memory.
        sockets: names of tests over real sockets.
        without: names of tests that show what happens without the mechanism.
        due: what of it comes later, empty when nothing does.
    """

    number: int
    title: str
    scenarios: tuple[str, ...] = ()
    memory: tuple[str, ...] = ()
    sockets: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    due: str = ""


_SHIPPED = "sandbox.faults.test_shipped.ShippedTests"
_REAL = "sandbox.faults.test_real"
_NULL = "faults.test_without.WithoutTests"

PROBLEMS = (
    Problem(
        1,
        "after a network drop only a restart of the process helps",
        ("restart-gateway", "flapping", "half-closed"),
        (
            f"{_SHIPPED}.test_restart_gateway",
            f"{_SHIPPED}.test_flapping",
            "session.test_account_paths.AccountPathTests",
        ),
        (f"{_REAL}.ConnectionTests.test_restart", "test_client.RealTests.test_dropped"),
        ("session.test_saving.WithoutProofTests",),
    ),
    Problem(
        2,
        "logins go round in a loop",
        ("token-expired", "code-expires", "flapping", "key-refused"),
        (
            f"{_SHIPPED}.test_token_expired",
            f"{_SHIPPED}.test_code_expires",
            "session.test_breaker.MachineTests",
            "session.test_login_paths.ExhaustiveTests",
        ),
        (f"{_REAL}.LoginTests",),
        (
            "session.test_breaker.WithoutBreakerTests",
            "session.test_login_paths.BiteTests.test_without_the_breaker",
        ),
    ),
    Problem(
        3,
        "old messages, or the same one twice, are handled again",
        ("push-twice", "old-messages-after-login"),
        (
            f"{_SHIPPED}.test_push_twice",
            f"{_SHIPPED}.test_old_messages_after_login",
            "session.test_policy.OldMessagesTests",
        ),
        (f"{_REAL}.EventTests.test_twice", f"{_REAL}.EventTests.test_replay"),
        (f"{_NULL}.test_seen_messages",),
    ),
    Problem(
        4,
        "messages are lost, or nobody knows whether they were sent",
        ("ack-lost-after-send",),
        (
            f"{_SHIPPED}.test_ack_lost_after_send",
            "session.test_account_inbox.DurableTests",
        ),
        (
            f"{_REAL}.ReplyTests.test_drop",
            "session.test_inbox_crash.KilledTests.test_durable",
            "session.test_inbox_crash.KilledTests.test_at_any_moment",
            "crash.test_crash.CrashTests",
        ),
        ("session.test_account_inbox.DurableTests.test_without_it",),
    ),
    Problem(
        5,
        "a session that is dead says that it is online",
        ("half-dead",),
        (
            f"{_SHIPPED}.test_half_dead",
            "session.test_liveness.ProbeTests",
            "session.test_liveness.NoteTests",
            "session.test_liveness.SilenceTests",
        ),
        (f"{_REAL}.ConnectionTests.test_silence",),
        ("session.test_liveness.WithoutProbeTests",),
    ),
    Problem(
        6,
        "commands hang",
        (
            "ack-lost-after-send",
            "reply-lost",
            "reply-late",
            "reply-twice",
            "half-closed",
            "garbled",
        ),
        (
            f"{_SHIPPED}.test_reply_lost",
            f"{_SHIPPED}.test_reply_late",
            f"{_SHIPPED}.test_reply_twice",
            f"{_SHIPPED}.test_half_closed",
            f"{_SHIPPED}.test_garbled",
            "session.test_calls",
        ),
        (f"{_REAL}.ReplyTests", f"{_REAL}.ConnectionTests.test_half_close"),
        (f"{_NULL}.test_lost_connection", f"{_NULL}.test_time_limits"),
    ),
    Problem(
        7,
        "what is sent again by itself arrives twice",
        ("ack-lost-after-send",),
        (
            "session.test_keys_sequences.SequenceTests.test_never_twice",
            "session.test_repeating",
        ),
        ("session.test_keys_crash.KilledTests.test_between_any_steps",),
        (
            "session.test_keys_sequences.SequenceTests.test_without_the_mechanism",
            "session.test_keys_crash.KilledTests.test_without_the_mechanism",
        ),
    ),
    Problem(
        8,
        "everybody connects again at once, and connections are left over",
        ("restart-gateway", "flapping"),
        ("session.test_storm.StormTests.test_budget_is_kept", "session.test_budget"),
        (f"{_REAL}.ConnectionTests.test_down", "test_storm"),
        ("session.test_storm.StormTests.test_without",),
    ),
    Problem(
        9,
        "the QR code cannot be seen or scanned",
        ("code-expires",),
        (f"{_SHIPPED}.test_code_expires", "service.test_qrcode.DrawTests"),
        (
            f"{_REAL}.EventTests.test_expired_code",
            "service.test_accounts.StopTests.test_while_a_code_is_shown",
        ),
        due="a page that shows it",
    ),
    Problem(
        10,
        "each restart wants another scan",
        ("token-expired",),
        (
            "session.test_account_ends.StartTests",
            "sandbox.test_server.LoginTests",
        ),
        ("test_client.RealTests.test_two_runs", "store.test_crash.KilledTests"),
    ),
    Problem(
        11,
        "tokens can be read by others",
        (),
        ("store.test_sealing.SealingTests", "service.test_logs.RedactingTests"),
        (
            "test_log_redaction.PlantedTests.test_planted",
            "test_log_redaction.StoreTests.test_sealed",
        ),
        (
            "store.test_sealing.NothingToReadTests.test_null_cipher",
            "service.test_logs.RedactingTests.test_null_registry",
            "test_log_redaction.PlantedTests.test_null_registry",
            "test_log_redaction.StoreTests.test_unsealed",
        ),
    ),
    Problem(
        12,
        "one account harms the others",
        ("key-refused",),
        (f"{_SHIPPED}.test_key_refused",),
        ("service.test_accounts.FateTests",),
        due="accounts that come and go by a change of the configuration",
    ),
    Problem(
        13,
        "two processes fight over one account",
        ("duplicate-3202",),
        (
            f"{_SHIPPED}.test_duplicate_3202",
            "test_client.FactoryTests.test_taken_over",
        ),
        (
            f"{_REAL}.ConnectionTests.test_take_over",
            "store.test_crash.KilledTests.test_locked_by_another_process",
        ),
    ),
    Problem(
        14,
        "contacts and members are incomplete or old",
        ("loaded-never-comes", "slow"),
        (
            f"{_SHIPPED}.test_loaded_never_comes",
            f"{_SHIPPED}.test_slow",
            "session.test_roster.SyncTests",
            "session.test_roster.RoomTests",
        ),
        (
            f"{_REAL}.EventTests.test_loaded",
            "session.test_roster_at_sandbox.RealSocketTests",
        ),
        ("session.test_roster.NullTests",),
    ),
    Problem(
        15,
        "senders, mentions and XML have to be taken apart by hand",
        ("garbled",),
        (f"{_SHIPPED}.test_garbled", "catalogue.test_kinds"),
        ("test_log_secrecy.GarbageTests",),
    ),
    Problem(
        16,
        "large files fail, or stall a chat",
        ("slow",),
        ("session.test_media", "session.test_paced.FileTests"),
        (f"{_REAL}.ConnectionTests.test_slow",),
        ("session.test_paced.FileTests.test_without_the_mechanism",),
    ),
    Problem(
        17,
        "too much too often gets an account punished",
        ("rate-limited-for-1h",),
        (
            f"{_SHIPPED}.test_rate_limited_for_1h",
            "session.test_cool_down",
            "session.test_paced.LaneTests",
        ),
        (f"{_REAL}.ReplyTests.test_refuse",),
        ("session.test_cool_down.StrictGatewayTests.test_without_the_mechanism",),
    ),
    Problem(
        18,
        "messages of one chat overtake each other",
        ("out-of-order", "slow"),
        (
            f"{_SHIPPED}.test_out_of_order",
            f"{_SHIPPED}.test_slow",
            "session.test_dispatch.OrderTests",
        ),
        (
            f"{_REAL}.EventTests.test_swap",
            f"{_REAL}.ConnectionTests.test_slow",
        ),
        (f"{_NULL}.test_order",),
    ),
    Problem(
        19,
        "a handler that is slow or raises takes the bot down",
        (),
        (
            "session.test_dispatch.FailureTests",
            "session.test_slow",
            "session.test_dispatch_full",
        ),
        (
            "service.test_accounts.FateTests.test_handler_raises",
            "session.test_threads.ThreadTests",
            "service.test_stall.RealTests",
        ),
        (f"{_NULL}.test_slow_handlers",),
    ),
    Problem(
        20,
        "memory grows over days",
        ("reply-lost",),
        (
            "session.test_calls.TimeLimitTests.test_bounded",
            "session.test_seen.SeenMessagesTests.test_bound",
            "session.test_durable.FullTests",
            "sandbox.faults.test_chaos_day",
        ),
        ("soak.test_soak.SoakTests.test_chaos",),
        (
            "soak.test_soak.SoakTests.test_dropped_deferred",
            "soak.test_memory.MemoryTests.test_hoard",
        ),
    ),
    Problem(
        21,
        "nothing can be tried without a phone",
        (),
        ("test_testing", "sandbox.faults.test_shipped"),
        ("test_cli.DemoTests", "interop.test_padchat_sdk"),
    ),
    Problem(22, "a change of a handler costs a login", due="handlers in place"),
    Problem(
        23,
        "no proxy, no own certificates",
        (),
        ("transport.test_tls",),
        (
            "transport.test_real_proxies.ConnectTests",
            "transport.test_real_proxies.SOCKSTests",
        ),
    ),
    Problem(
        24,
        "the log says too much, and not what matters",
        (),
        ("session.test_history", "session.test_sentences", "service.test_logs"),
        ("test_log_secrecy.DemoTests", "test_log_secrecy.NightTests"),
        due="more or less of it for one account, while it runs",
    ),
    Problem(
        25,
        "no types, nothing from outside, heavy to install",
        (),
        ("test_typing_api", "test_architecture.ImportTests"),
        ("verbs.test_call",),
        due="an interface over HTTP",
    ),
)
