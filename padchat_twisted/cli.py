"""The console script ``padchat``: one verb per job."""

from __future__ import annotations

import os
import sys
from argparse import (
    ArgumentParser,
    ArgumentTypeError,
    Namespace,
    RawDescriptionHelpFormatter,
)
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.python.failure import Failure

from .client import check_way, connect
from .errors import PadChatError
from .sandbox.people import Message
from .sandbox.service import (
    DEFAULT_PORT,
    Conversation,
    SandboxService,
    port_number,
)
from .secret import Secret
from .service.bots import ding_dong
from .service.codes import STYLES, terminal_of_process, watch_codes
from .service.config import check
from .service.demo import FOLDER, PERSON, Demo
from .service.handlers import load_handlers
from .service.logs import log_to_file, log_to_terminal
from .service.typed import read_lines
from .session.account import AccountSession, Handlers, StateChanged
from .transport.address import parse_url
from .transport.endpoints import endpoint_for
from .transport.revision import RevisionSetting
from .transport.tls import TLSOptions

__all__ = ["main"]

#: The environment variable with the auth key, where it is not on the command line.
KEY_VARIABLE = "PADCHAT_AUTH_KEY"

#: The environment variable with the URL of a proxy, which may hold a password.
PROXY_VARIABLE = "PADCHAT_PROXY"

#: How a revision of Engine.IO is written.
REVISIONS: dict[str, RevisionSetting] = {"auto": "auto", "3": 3, "4": 4}

#: Exit status: something did not work; the command line was wrong.
FAILED = 1
USAGE = 2

_DESCRIPTION = """\
Many PadChat (WeChat) accounts in one process, and a sandbox gateway to develop bots.

  padchat demo                      three accounts against a sandbox, all by itself
  padchat sandbox --scan            a gateway to develop against
  padchat run KEY NAME --gateway http://127.0.0.1:7700/user
  padchat check --config padchat.toml
  twistd -n padchat --config padchat.toml

Exit status: 0 done, or ended by Ctrl-C; 1 something did not work; 2 a wrong command
line. The demo with --once: 0 only if every account did its part.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb.

    Args:
        arguments: the command line without the program's name.

    Returns:
        The exit status.
    """
    options = _parser().parse_args(arguments)
    verb: Callable[[Namespace], int] = options.verb
    try:
        return verb(options)
    except PadChatError as error:
        return _complain(str(error))


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
    sandbox.add_argument("--host", default="127.0.0.1", help="address to listen on")
    sandbox.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, help="TCP port, 0 for a free one"
    )
    sandbox.add_argument(
        "--auth-key",
        action="append",
        metavar="KEY",
        help="accept this key and no other; may be repeated",
    )
    sandbox.add_argument(
        "--scan", action="store_true", help="scan and confirm codes by themselves"
    )
    sandbox.add_argument(
        "--state", type=Path, metavar="FILE", help="keep tokens over a restart"
    )
    sandbox.set_defaults(verb=_sandbox)

    run = verbs.add_parser("run", help="one account without a configuration")
    run.add_argument(
        "key_and_name",
        nargs="+",
        metavar="[KEY] NAME",
        help=f"auth key and label; the key may be in {KEY_VARIABLE} instead",
    )
    run.add_argument("--gateway", required=True, metavar="URL", help="http://HOST/user")
    run.add_argument(
        "--proxy",
        metavar="URL",
        help=f"http://HOST:PORT or socks5://HOST:PORT; may be in {PROXY_VARIABLE}",
    )
    run.add_argument(
        "--ca-file", type=Path, metavar="FILE", help="trust these certificates"
    )
    run.add_argument(
        "--revision", choices=REVISIONS, default="auto", help="of Engine.IO"
    )
    run.add_argument(
        "--transport",
        action="append",
        choices=("polling", "websocket"),
        help="may be repeated: the first is tried; websocket if left out",
    )
    run.add_argument(
        "--fallback",
        action="store_true",
        help="try the next transport when one does not work",
    )
    run.add_argument("--handlers", metavar="MODULE:CALLABLE", help="your bot")
    run.add_argument(
        "--store", type=Path, default=Path("padchat.sqlite"), metavar="FILE"
    )
    run.add_argument("--qr", choices=STYLES, default="blocks", help="style of codes")
    run.set_defaults(verb=_run)

    checking = verbs.add_parser("check", help="look for errors in a configuration")
    checking.add_argument("--config", type=Path, required=True, metavar="FILE")
    checking.set_defaults(verb=_check)
    return parser


def _port(text: str) -> int:
    try:
        return port_number(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def _say(line: str) -> None:
    # People write what a terminal may not have, and halves of an emoji.
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "replace").decode(encoding), flush=True)


def _complain(problem: str, status: int = FAILED) -> int:
    print(f"padchat: {problem}", file=sys.stderr, flush=True)
    return status


# The verbs


def _check(options: Namespace) -> int:
    problems = check(options.config, os.environ)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        return FAILED
    _say(f"{options.config}: no problems found")
    return 0


def _demo(options: Namespace) -> int:
    from twisted.internet import reactor

    demo = Demo(
        reactor,
        _say,
        lambda folder: terminal_of_process(reactor, folder, options.qr, _say),
        is_fresh=options.fresh,
    )
    try:
        FOLDER.mkdir(mode=0o700, exist_ok=True)
        log_to_file(FOLDER / "demo.log")
    except OSError as error:
        place = FOLDER.absolute()
        return _complain(
            f"{place} cannot be used: {error.strerror}; run this in another folder"
        )

    async def work() -> int:
        did_all = await demo.run()
        if options.once or not did_all:
            return 0 if did_all else FAILED
        _say(f"Ctrl-C ends this; what you type is said to the bots by {PERSON}.")
        read_lines(reactor, demo.say, _say)
        await Deferred()
        return 0

    interrupted = FAILED if options.once else 0
    return _run_reactor(reactor, work, demo.stop, interrupted)


def _sandbox(options: Namespace) -> int:
    from twisted.internet import reactor

    log_to_terminal()
    service = SandboxService(
        reactor,
        host=options.host,
        port=options.port,
        auth_keys=options.auth_key,
        auto_scan=options.scan,
        state_path=options.state,
    )
    conversation = Conversation(service.world, PERSON, _say)

    def message_sent(message: Message) -> None:
        _say(f"{message.sender.name} -> {message.to.name}: {message.content}")

    async def work() -> int:
        try:
            service.startService()
        except CannotListenError as error:
            return _complain(f"cannot listen on port {error.port}: {error.socketError}")
        service.world.on_message(message_sent)
        _say(f"listening on {service.url}")
        for dialect, url in service.other_urls.items():
            _say(f"dialect {dialect}: {url}")
        _say(f"what you type is said to every account by {PERSON}; Ctrl-C ends this")
        if not options.scan:
            _say("type /scan NAME to scan the code that account NAME shows")
        read_lines(reactor, conversation.typed, _say)
        await Deferred()
        return 0

    async def stop() -> None:
        if service.running:
            await service.stopService()

    return _run_reactor(reactor, work, stop)


def _run(options: Namespace) -> int:
    from twisted.internet import reactor

    *keys, name = options.key_and_name
    if len(keys) > 1:
        return _complain("give KEY and NAME, nothing else", USAGE)
    key = keys[0] if keys else os.environ.get(KEY_VARIABLE, "")
    if not key:
        return _complain(
            f"there is no auth key: give KEY before NAME, or set {KEY_VARIABLE}", USAGE
        )
    address = parse_url(options.gateway)
    revision = REVISIONS[options.revision]
    transports = tuple(options.transport or ("websocket",))
    check_way(address, revision, transports, fallback=options.fallback)
    endpoint = endpoint_for(
        reactor,
        address,
        tls=options.ca_file and TLSOptions(ca_file=options.ca_file),
        proxy=options.proxy or os.environ.get(PROXY_VARIABLE) or None,
    )
    handlers: Handlers = ding_dong
    if options.handlers is not None:
        handlers = load_handlers(options.handlers, Path.cwd())
    log_to_terminal()
    store = options.store.absolute()
    _say(f"the store is {store}")
    terminal = terminal_of_process(reactor, store.parent / "qrcodes", options.qr, _say)
    running: list[AccountSession] = []

    def set_up(account: AccountSession) -> None:
        running.append(account)
        watch_codes(account, terminal)
        account.on(StateChanged, _tell_state)
        handlers(account)

    async def work() -> int:
        account = await connect(
            reactor,
            options.gateway,
            auth_key=Secret(key),
            name=name,
            handlers=set_up,
            store=store,
            revision=revision,
            transports=transports,
            fallback=options.fallback,
            endpoint=endpoint,
        )
        await account.when_closed()
        return 0

    async def stop() -> None:
        terminal.close()
        for account in running:
            await account.close()

    return _run_reactor(reactor, work, stop)


def _tell_state(account: AccountSession, change: StateChanged) -> None:
    why = "" if change.reason is None else f" ({change.reason})"
    _say(f"{account.name}: {change.new}{why}")


# What the verbs share


def _run_reactor(
    reactor: Any,  # noqa: ANN401 - several interfaces in one
    work: Callable[[], Coroutine[Deferred[Any], Any, int]],
    stop: Callable[[], Coroutine[Deferred[Any], Any, None]],
    interrupted: int = 0,
) -> int:
    """Run *work* until it ends or a signal comes; then *stop*.

    Args:
        reactor: runs them.
        work: what to do.
        stop: called before the reactor stops, however that came.
        interrupted: the exit status when a signal came first.

    Returns:
        What *work* returned, or *interrupted*.
    """
    status = interrupted
    is_stopping = False

    def ended(result: int) -> None:
        nonlocal status
        status = result
        reactor.stop()

    def failed(failure: Failure) -> None:
        if failure.check(PadChatError):
            ended(_complain(failure.getErrorMessage()))
        else:
            failure.printTraceback(file=sys.stderr)
            ended(FAILED)

    def begin() -> None:
        working = Deferred.fromCoroutine(work())
        # What ends because we stop is no news.
        working.addCallbacks(
            lambda result: None if is_stopping else ended(result),
            lambda failure: None if is_stopping else failed(failure),
        )

    def stopping() -> Deferred[None]:
        nonlocal is_stopping
        is_stopping = True
        return Deferred.fromCoroutine(stop())

    reactor.addSystemEventTrigger("before", "shutdown", stopping)
    reactor.callWhenRunning(begin)
    reactor.run()
    return status


if __name__ == "__main__":
    sys.exit(main())
