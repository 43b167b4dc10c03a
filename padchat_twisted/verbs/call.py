"""``padchat call``: one command of one account, through its service or alone."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred

from ..catalogue import Command
from ..catalogue.base import decode_base64
from ..errors import CallError
from ..service.asking import ask
from ..service.calling import command_of, find_or_tell, given_words, raw_params
from ..service.codes import STYLES, terminal_of_process
from ..service.control import LONGEST_TIME_LIMIT, CallRequest
from ..service.outcomes import FILES, Ending, Outcome, failed, shown, succeeded
from ..service.sockets import socket_path
from ..service.spelling import CallMistake
from ..session.account import AccountSession
from ..wire import json_text
from ..wire.json_keys import snake_key
from ..wire.limits import MAX_FRAME_BYTES
from .alone import Alone
from .gateway import add_way_options
from .process import USAGE, complain, run_reactor, say
from .target import (
    Target,
    Words,
    add_target_options,
    target_of,
    words_of,
)

__all__ = ["STATUSES", "add_options", "call", "tell"]

#: Largest file of ``field=@FILE`` (bytes): a larger one fits into no frame.
MAX_FIELD_FILE_BYTES = MAX_FRAME_BYTES

#: Exit status for each end of a call.
STATUSES: Mapping[Ending, int] = {
    "done": 0,
    "refused": 3,
    "not_done": 3,
    "not_sent": 4,
    "unknown": 5,
}

DESCRIPTION = """\
Send one command. Where a service runs the account, the call goes through it; else the
account is logged in for this call, by its saved login. It is never taken over.

  padchat call shop-1 sendMsg to_user_name=filehelper content='hello world'
  padchat call shop-1 sendImage toUserName=filehelper image=@photo.jpg
  padchat call shop-1 createRoom user_list=wxid_a,wxid_b
  padchat call shop-1 getMsgImage raw_msg_data:=@message.json --save photo.jpg

field=TEXT, field=@FILE (a file as base64 where the command takes one, else its text),
field:=JSON, field:=@FILE; field=@@TEXT for a text that begins with @. Names may be
spelled as on the wire. `padchat commands NAME` tells the fields of a command.
"""

EPILOGUE = """\
Exit status: 0 done; 1 something did not work before the call, or no file was saved; 2 a
wrong command line; 3 refused, by the gateway or by WeChat; 4 surely not sent, so it is
safe to repeat; 5 it may have happened, look before you repeat it (Ctrl-C as well).
"""


def add_options(parser: ArgumentParser) -> None:
    """Add what may stand behind the verb."""
    add_target_options(parser, "ACCOUNT COMMAND FIELD=VALUE")
    add_way_options(parser)
    parser.add_argument(
        "--raw",
        action="store_true",
        help="send a command that the catalogue does not list, as it is written",
    )
    parser.add_argument(
        "--time-limit",
        type=float,
        metavar="SECONDS",
        help="how long the reply may take",
    )
    parser.add_argument(
        "--key",
        metavar="SENDKEY",
        help="what you know it by: under one it never goes out twice, see"
        " `padchat unknown --help`",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="for programs: how the call ended, one object; tokens and files in full",
    )
    parser.add_argument(
        "--show-secrets",
        action="store_true",
        help="show tokens and device data, not their fingerprints",
    )
    parser.add_argument(
        "--save", type=Path, metavar="FILE", help="write the file of the result there"
    )
    parser.add_argument("--qr", choices=STYLES, default="blocks", help="style of codes")


def call(reactor: Any, options: Namespace) -> int:  # noqa: ANN401 - see run_reactor
    """Make a call.

    Args:
        reactor: runs it.
        options: the command line.

    Returns:
        The exit status.

    Raises:
        PadChatError: something did not work before the call was begun.
    """
    try:
        words = words_of(options.words, has_gateway=options.gateway is not None)
        target = target_of(options, words, os.environ)
        code, params, command = _command(options, words, target)
    except CallMistake as mistake:
        return complain(str(mistake), USAGE)
    request = CallRequest(
        account=target.name,
        command=code,
        params=params,
        is_raw=command is None,
        time_limit=options.time_limit,
        key=options.key,
        gateway=target.gateway.address.url,
        key_fingerprint=target.auth_key.fingerprint(),
    )
    calling = _Calling(reactor, target, options)

    async def work() -> int:
        try:
            outcome = await calling.made(request, command)
        except CallMistake as mistake:
            return complain(str(mistake), USAGE)
        return tell(outcome, options)

    return run_reactor(reactor, work, calling.close, STATUSES["unknown"])


class _Calling:
    """Makes the call, by whoever has the account."""

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401 - several interfaces in one
        target: Target,
        options: Namespace,
    ) -> None:
        self._reactor = reactor
        self._target = target
        self._style = options.qr
        self._alone: Alone | None = None

    async def made(self, request: CallRequest, command: Command[Any] | None) -> Outcome:
        """Make it; *command* is None for one that the catalogue does not know."""
        try:
            path = socket_path(self._target.store)
            outcome = await ask(self._reactor, path, request)
            if outcome is not None:
                return outcome
            account = await self._log_in()
            calling: Deferred[Any]
            if command is None:
                calling = account.call_raw(
                    request.command, request.params, time_limit=request.time_limit
                )
            else:
                calling = account.call(
                    command, time_limit=request.time_limit, key=request.key
                )
            return succeeded(request.command, await calling)
        except CallError as error:
            ended = failed(request.command, error)
            if ended is None:
                raise
            return ended

    async def close(self) -> None:
        """End a session of our own."""
        if self._alone is not None:
            await self._alone.close()

    async def _log_in(self) -> AccountSession:
        target = self._target
        store = target.store.absolute()
        terminal = None
        if sys.__stdout__ is not None and sys.__stdout__.isatty():
            folder = store.parent / "qrcodes"
            terminal = terminal_of_process(self._reactor, folder, self._style, say)
        self._alone = Alone(
            self._reactor,
            target.gateway,
            target.auth_key,
            target.name,
            store,
            device=target.device,
            store_keys=target.store_keys,
            terminal=terminal,
        )
        return await self._alone.log_in()


# The command


def _command(
    options: Namespace, words: Words, target: Target
) -> tuple[str, dict[str, Any], Command[Any] | None]:
    """Read the command.

    Returns:
        Its name, its parameters by wire name, and itself, where the catalogue knows it.

    Raises:
        CallMistake: there is none like it.
    """
    limit = options.time_limit
    if limit is not None and not 0 < limit <= LONGEST_TIME_LIMIT:
        raise CallMistake(
            f"--time-limit is above 0 and at most {LONGEST_TIME_LIMIT:g} seconds"
        )
    if options.save is not None and not options.save.absolute().parent.is_dir():
        raise CallMistake(
            f"--save: there is no folder {options.save.absolute().parent}"
        )
    if options.raw:
        if options.key is not None:
            raise CallMistake("--key and --raw: give one of them")
        return words.command, raw_params(given_words(words.fields, _read_file)), None
    kind = find_or_tell(words.command)
    given = given_words(words.fields, _read_file)
    command = command_of(kind, given, target.gateway.address.dialect)
    return kind.wire_name, json_text.read(json_text.write(command)), command


def _read_file(name: str) -> bytes:
    """Read the file of a field.

    Raises:
        CallMistake: it cannot be read, or is too large to be sent.
    """
    try:
        with Path(name).open("rb") as file:
            content = file.read(MAX_FIELD_FILE_BYTES + 1)
    except OSError as error:
        raise CallMistake(
            f"{name!r} cannot be read: {error.strerror}; a text that begins with @ is"
            " written with @@"
        ) from None
    if len(content) > MAX_FIELD_FILE_BYTES:
        raise CallMistake(
            f"{name!r} has more than {MAX_FIELD_FILE_BYTES} bytes, and no gateway takes"
            " as many: send a smaller file"
        )
    return content


# The result


def tell(outcome: Outcome, options: Namespace) -> int:
    """Tell a person or a program how a call ended.

    Args:
        outcome: of the call.
        options: the command line.

    Returns:
        The exit status.
    """
    if options.json:
        say(json_text.write(outcome).decode())
    else:
        lines = shown(outcome, has_secrets=options.show_secrets)
        for line in lines:
            say(line)
        if outcome.explanation:
            complain(outcome.explanation)
        elif not lines:
            say("done")
    status = STATUSES[outcome.outcome]
    if options.save is not None and status == STATUSES["done"]:
        return _saved(outcome, options.save)
    return status


def _saved(outcome: Outcome, path: Path) -> int:
    texts = [
        text
        for name, text in (outcome.result or {}).items()
        if snake_key(name) in FILES and isinstance(text, str) and text
    ]
    if not texts:
        return complain("the call is done, but its result has no file to save")
    try:
        path.write_bytes(decode_base64(texts[0]))
    except (OSError, ValueError) as error:
        return complain(f"the call is done, but {path} was not written: {error}")
    return STATUSES["done"]
