"""The console script ``padchat``: one verb per job."""

from __future__ import annotations

import os
import sys
from argparse import (
    ArgumentParser,
    Namespace,
    RawDescriptionHelpFormatter,
)
from collections.abc import Callable, Sequence
from pathlib import Path

from twisted.internet.defer import Deferred

from .client import connect
from .errors import PadChatError
from .service.bots import ding_dong
from .service.codes import STYLES, terminal_of_process, watch_codes
from .service.config import check
from .service.control import ControlSocket
from .service.demo import FOLDER, PERSON, Demo
from .service.handlers import load_handlers
from .service.logs import log_to_file, log_to_terminal
from .service.sockets import socket_path
from .service.store_keys import find_store_keys
from .service.typed import read_lines
from .session.account import AccountSession, Handlers, StateChanged
from .verbs import call as call_verb
from .verbs import commands as commands_verb
from .verbs import explain as explain_verb
from .verbs import key as key_verb
from .verbs import sandbox as sandbox_verb
from .verbs import sends as sends_verbs
from .verbs.gateway import KEY_VARIABLE, add_way_options, find_key, gateway_of
from .verbs.process import FAILED, USAGE, complain, run_reactor, say

__all__ = ["main"]

_DESCRIPTION = """\
Many PadChat (WeChat) accounts in one process, and a sandbox gateway to develop bots.

  padchat demo                      three accounts against a sandbox, all by itself
  padchat sandbox --scan            a gateway to develop against
  padchat run KEY NAME --gateway http://127.0.0.1:7700/user
  padchat commands contact          what can be called
  padchat call NAME sendMsg to_user_name=filehelper content=hi
  padchat explain NAME              why it is online, or not
  padchat key store.key             a key that seals the logins that are kept
  padchat unknown NAME              sends whose outcome nobody knows
  padchat check --config padchat.toml
  twistd -n padchat --config padchat.toml

Exit status: 0 done, or ended by Ctrl-C; 1 something did not work; 2 a wrong command
line. The demo with --once: 0 only if every account did its part; `padchat call --help`
tells more of its own.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb.

    Args:
        arguments: the command line without the program's name.

    Returns:
        The exit status.
    """
    parser = _parser()
    options, others = parser.parse_known_args(arguments)
    verb: Callable[[Namespace], int] = options.verb
    has_words = verb in (_call, _settle)
    if has_words and not any(word.startswith("-") for word in others):
        # Words may stand behind options, which argparse does not let them.
        options.words += others
    elif others:
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    try:
        return verb(options)
    except PadChatError as error:
        return complain(str(error))
    except BrokenPipeError:
        # Who reads has had enough, as `head` has; Python would try again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        "padchat", description=_DESCRIPTION, formatter_class=RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    demo = verbs.add_parser("demo", help="three accounts against a sandbox")
    demo.add_argument("--once", action="store_true", help="end after the figures")
    demo.add_argument("--fresh", action="store_true", help="forget earlier logins")
    demo.add_argument("--qr", choices=STYLES, default="blocks", help="style of codes")
    demo.set_defaults(verb=_demo)

    sandbox = verbs.add_parser("sandbox", help="a gateway with a pretend WeChat")
    sandbox_verb.add_options(sandbox)
    sandbox.set_defaults(verb=_sandbox)

    run = verbs.add_parser("run", help="one account without a configuration")
    run.add_argument(
        "key_and_name",
        nargs="+",
        metavar="[KEY] NAME",
        help=f"auth key and label; the key may be in {KEY_VARIABLE} instead",
    )
    run.add_argument("--gateway", required=True, metavar="URL", help="http://HOST/user")
    add_way_options(run)
    run.add_argument("--handlers", metavar="MODULE:CALLABLE", help="your bot")
    run.add_argument(
        "--store", type=Path, default=Path("padchat.sqlite"), metavar="FILE"
    )
    key_verb.add_store_keys_option(run)
    run.add_argument("--qr", choices=STYLES, default="blocks", help="style of codes")
    run.set_defaults(verb=_run)

    commands = verbs.add_parser("commands", help="list what can be called")
    commands_verb.add_options(commands)
    commands.set_defaults(verb=commands_verb.commands)

    call = verbs.add_parser(
        "call",
        help="one command of one account",
        usage="padchat call [options] ACCOUNT COMMAND [FIELD=VALUE ...]",
        description=call_verb.DESCRIPTION,
        epilog=call_verb.EPILOGUE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    call_verb.add_options(call)
    call.set_defaults(verb=_call)

    explaining = verbs.add_parser(
        "explain",
        help="why an account is online, or not",
        description=explain_verb.DESCRIPTION,
        formatter_class=RawDescriptionHelpFormatter,
    )
    explain_verb.add_options(explaining)
    explaining.set_defaults(verb=_explain)

    key = verbs.add_parser(
        "key", help="make a key that seals a store", description=key_verb.DESCRIPTION
    )
    key_verb.add_options(key)
    key.set_defaults(verb=key_verb.key)

    unknown = verbs.add_parser(
        "unknown",
        help="sends whose outcome nobody knows",
        usage="padchat unknown [options] ACCOUNT",
        description=sends_verbs.UNKNOWN_DESCRIPTION,
    )
    sends_verbs.add_unknown_options(unknown)
    unknown.set_defaults(verb=_unknown)

    settle = verbs.add_parser(
        "settle",
        help="tell whether such a send happened",
        usage="padchat settle [options] ACCOUNT SENDKEY --happened | --did-not",
        description=sends_verbs.SETTLE_DESCRIPTION,
        formatter_class=RawDescriptionHelpFormatter,
    )
    sends_verbs.add_settle_options(settle)
    settle.set_defaults(verb=_settle)

    checking = verbs.add_parser("check", help="look for errors in a configuration")
    checking.add_argument("--config", type=Path, required=True, metavar="FILE")
    checking.set_defaults(verb=_check)
    return parser


# The verbs


def _check(options: Namespace) -> int:
    problems = check(options.config, os.environ)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        return FAILED
    say(f"{options.config}: no problems found")
    return 0


def _demo(options: Namespace) -> int:
    from twisted.internet import reactor

    demo = Demo(
        reactor,
        say,
        lambda folder: terminal_of_process(reactor, folder, options.qr, say),
        is_fresh=options.fresh,
    )
    try:
        FOLDER.mkdir(mode=0o700, exist_ok=True)
        log_to_file(FOLDER / "demo.log")
    except OSError as error:
        place = FOLDER.absolute()
        return complain(
            f"{place} cannot be used: {error.strerror}; run this in another folder"
        )

    async def work() -> int:
        did_all = await demo.run()
        if options.once or not did_all:
            return 0 if did_all else FAILED
        say(f"Ctrl-C ends this; what you type is said to the bots by {PERSON}.")
        read_lines(reactor, demo.say, say)
        await Deferred()
        return 0

    interrupted = FAILED if options.once else 0
    return run_reactor(reactor, work, demo.stop, interrupted)


def _sandbox(options: Namespace) -> int:
    from twisted.internet import reactor

    return sandbox_verb.sandbox(reactor, options)


def _run(options: Namespace) -> int:
    from twisted.internet import reactor

    *keys, name = options.key_and_name
    if len(keys) > 1:
        return complain("give KEY and NAME, nothing else", USAGE)
    key = find_key(keys[0] if keys else None, os.environ)
    if key is None:
        return complain(
            f"there is no auth key: give KEY before NAME, or set {KEY_VARIABLE}", USAGE
        )
    gateway = gateway_of(options, os.environ)
    endpoint = gateway.endpoint(reactor)
    handlers: Handlers = ding_dong
    if options.handlers is not None:
        handlers = load_handlers(options.handlers, Path.cwd())
    store_keys = find_store_keys(options.store_keys, os.environ)
    log_to_terminal()
    store = options.store.absolute()
    say(f"the store is {store}")
    terminal = terminal_of_process(reactor, store.parent / "qrcodes", options.qr, say)
    running: list[AccountSession] = []

    def set_up(account: AccountSession) -> None:
        running.append(account)
        watch_codes(account, terminal)
        account.on(StateChanged, _tell_state)
        handlers(account)

    def open_control(account: AccountSession) -> None:
        """Let `padchat call` use the account until its store is closed."""
        control = ControlSocket(
            reactor,
            socket_path(store),
            gateway.address.url,
            key.fingerprint(),
            {name: account},
        )
        control.open()
        close_store = account.at_end

        async def end() -> None:
            await control.close()
            control.drop_clients()
            await close_store()

        account.at_end = lambda: Deferred.fromCoroutine(end())

    async def work() -> int:
        account = await connect(
            reactor,
            gateway.url,
            auth_key=key,
            name=name,
            handlers=set_up,
            store=store,
            store_keys=store_keys,
            revision=gateway.revision,
            transports=gateway.transports,
            fallback=gateway.fallback,
            endpoint=endpoint,
        )
        open_control(account)
        await account.when_closed()
        return 0

    async def stop() -> None:
        terminal.close()
        for account in running:
            await account.close()

    return run_reactor(reactor, work, stop)


def _call(options: Namespace) -> int:
    from twisted.internet import reactor

    return call_verb.call(reactor, options)


def _explain(options: Namespace) -> int:
    from twisted.internet import reactor

    return explain_verb.explain(reactor, options)


def _unknown(options: Namespace) -> int:
    from twisted.internet import reactor

    return sends_verbs.unknown(reactor, options)


def _settle(options: Namespace) -> int:
    from twisted.internet import reactor

    return sends_verbs.settle(reactor, options)


def _tell_state(account: AccountSession, change: StateChanged) -> None:
    why = "" if change.reason is None else f" ({change.reason})"
    say(f"{account.name}: {change.new}{why}")


if __name__ == "__main__":
    sys.exit(main())
