"""``padchat sandbox``: a gateway with a pretend WeChat, and its terminal."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError

from ..sandbox.faults.chaos import Chaos, duration
from ..sandbox.faults.trouble import Plan, Trouble
from ..sandbox.messages import Message
from ..sandbox.service import (
    DEFAULT_PORT,
    Conversation,
    SandboxService,
    port_number,
)
from ..service.demo import PERSON
from ..service.logs import log_to_terminal
from ..service.typed import read_lines
from .process import complain, run_reactor, say

__all__ = ["add_options", "sandbox"]


def add_options(parser: ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, help="TCP port, 0 for a free one"
    )
    parser.add_argument(
        "--auth-key",
        action="append",
        metavar="KEY",
        help="accept this key and no other; may be repeated",
    )
    parser.add_argument(
        "--scan", action="store_true", help="scan and confirm codes by themselves"
    )
    parser.add_argument(
        "--state", type=Path, metavar="FILE", help="keep tokens over a restart"
    )
    faults = parser.add_mutually_exclusive_group()
    faults.add_argument(
        "--scenario", metavar="NAME|FILE", help="faults to play; a FILE ends in .toml"
    )
    faults.add_argument(
        "--chaos", type=int, metavar="SEED", help="faults by chance, from this seed"
    )
    parser.add_argument(
        "--chaos-seconds",
        type=_duration,
        default=0.0,
        metavar="N",
        help="end them after",
    )


def _duration(text: str) -> float:
    try:
        return duration(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def _port(text: str) -> int:
    try:
        return port_number(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def _told_at_end(trouble: Trouble) -> str:
    played = ", ".join(f"{n} {do}" for do, n in trouble.played.most_common())
    return f"the faults are over: {played or 'there were none'}"


def sandbox(reactor: Any, options: Namespace) -> int:  # noqa: ANN401 - see run_reactor
    """Run a gateway until Ctrl-C.

    Args:
        reactor: runs it.
        options: the command line.

    Returns:
        The exit status.
    """
    log_to_terminal()
    scenario: Plan | None = options.scenario
    if options.chaos is not None:
        scenario = Chaos(options.chaos, options.chaos_seconds)
    service = SandboxService(
        reactor,
        host=options.host,
        port=options.port,
        auth_keys=options.auth_key,
        auto_scan=options.scan,
        state_path=options.state,
        scenario=scenario,
    )
    conversation = Conversation(service.world, PERSON, say)

    def message_sent(message: Message) -> None:
        say(f"{message.sender.name} -> {message.to.name}: {message.shown}")

    async def work() -> int:
        try:
            service.startService()
        except CannotListenError as error:
            return complain(f"cannot listen on port {error.port}: {error.socketError}")
        service.world.on_message(message_sent)
        say(f"listening on {service.url}")
        for dialect, url in service.other_urls.items():
            say(f"dialect {dialect}: {url}")
        say(f"what you type is said to every account by {PERSON}; Ctrl-C ends this")
        trouble = service.gateway.trouble
        if trouble is not None:
            say(f"plays {trouble.told}")
            trouble.when_over().addCallback(lambda _: say(_told_at_end(trouble)))
        if not options.scan:
            say("type /scan NAME to scan the code that account NAME shows")
        read_lines(reactor, conversation.typed, say)
        await Deferred()
        return 0

    async def stop() -> None:
        if service.running:
            await service.stopService()

    return run_reactor(reactor, work, stop)
