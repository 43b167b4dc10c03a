"""The small world in which each command is shown, and what a scene is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from padchat_twisted.catalogue import Command, Dialect, Result
from padchat_twisted.catalogue.parameters import params_of
from padchat_twisted.sandbox.accounts import Account
from padchat_twisted.sandbox.binding import State
from padchat_twisted.sandbox.messages import Message
from padchat_twisted.sandbox.people import Person
from padchat_twisted.sandbox.pushes import message_push
from padchat_twisted.sandbox.rooms import Room
from padchat_twisted.sandbox.world import World

__all__ = ["Cast", "MakeScene", "Scene", "differences"]


@dataclass(frozen=True)
class Scene:
    """One command that works, and the same one refused.

    Attributes:
        command: what the bot calls.
        expected: its whole result; ``unittest.mock.ANY`` in fields that the sandbox
            makes up. Fields that the dialect does not have are left out of the
            comparison.
        refused: the command with which the gateway does not do it; nothing that our
            own validation stops. None where nothing can be wrong.
        because: a part of the gateway's text for that, or of the engine's.
        status: the engine's status of the refusal, None for none.
        is_success: whether the gateway passes the refusal on as a success, with the
            engine's status or text in the result.
        check: called after the command, to see that the world changed; None for none.
        at: how far the connection has come when the command is called.
        refused_at: how far another connection, of an account of its own, has come on
            which the refused one is called; None for the same connection, after the
            command.
    """

    command: Command[Any]
    expected: Result
    refused: Command[Any] | None
    because: str
    status: int | None = None
    is_success: bool = False
    check: Callable[[], None] | None = None
    at: State = State.LOGGED_IN
    refused_at: State | None = None


class Cast:
    """Who is in the world: a bot that is logged in, its friends, and a stranger.

    Attributes:
        world: the world.
        dialect: what the bot speaks.
        bot: its account.
        me: the person that it is logged in as.
        alice: a contact of the bot, as bob and carol are.
        dave: somebody whom nobody knows.
        room: "dev", owned by the bot, with alice and bob.
        club: "club", owned by alice, with the bot and carol.
    """

    def __init__(self, world: World, bot: Account, dialect: Dialect) -> None:
        self.world = world
        self.dialect: Dialect = dialect
        self.bot = bot
        self.me: Person = bot.user
        self.alice = world.person("alice")
        self.bob = world.person("bob")
        self.carol = world.person("carol")
        for friend in (self.alice, self.bob, self.carol):
            world.befriend(self.me, friend)
        self.dave = world.add_person("dave")
        self.room: Room = world.room("dev", members=[self.me, self.alice, self.bob])
        self.club: Room = world.room("club", members=[self.alice, self.me, self.carol])

    def item(self, message: Message) -> dict[str, Any]:
        """Return the push item of *message* as the bot gets it, canonically spelled."""
        return message_push(message, self.me, more=False)


def differences(expected: Result, found: Result, dialect: Dialect) -> list[str]:
    """Compare a result with what a scene expects, field by field.

    Args:
        expected: of the scene.
        found: what came.
        dialect: what was spoken; fields that it does not have are left out.

    Returns:
        What is otherwise, for people; nothing when all is as expected.
    """
    if type(found) is not type(expected):
        return [f"it is {type(found).__name__}, not {type(expected).__name__}"]
    problems = []
    for field in params_of(type(expected)):
        value, wanted = getattr(found, field.name), getattr(expected, field.name)
        if dialect in field.dialects((dialect,)) and value != wanted:
            problems.append(f"{field.wire_name} is {value!r}, not {wanted!r}")
    return problems


#: Arranges the world and returns the scene of one command.
MakeScene: TypeAlias = Callable[[Cast], Scene]
