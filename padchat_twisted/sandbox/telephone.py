"""What a pretend person does on their telephone, besides writing and scanning.

PURE. The base of :class:`~.people.Person`, so that all of it is said the same way::

    alice.sends_link("https://example.invalid/", title="News", to="bot1")
    alice.recalls(alice.says("oops", to="bot1"))
    bob.opens_red_packet(alice.sends_red_packet(500, shares=3, to="dev"))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from . import app_messages, parcels
from .messages import Message
from .parcels import Game, Parcel

if TYPE_CHECKING:
    from .people import Person, Who
    from .red_packets import Share
    from .world import World

__all__ = ["Telephone"]


class Telephone:
    """The telephone of one person.

    All that is sent raises ``Refused`` where the receiver is unknown, is a room
    without this person or must not be written to, besides what is said of each.
    """

    _world: World

    # What is sent.

    def sends_image(
        self,
        image: bytes,
        *,
        to: Who,
        small_image: bytes | None = None,
        file_name: str = "",
    ) -> Message:
        """Send a picture; see :func:`.parcels.image`."""
        parcel = parcels.image(image, small_image=small_image, file_name=file_name)
        return self._sends(parcel, to)

    def sends_voice(
        self, voice: bytes, *, to: Who, milliseconds: int = 1000
    ) -> Message:
        """Send a voice; see :func:`.parcels.voice`."""
        return self._sends(parcels.voice(self._me, voice, milliseconds), to)

    def sends_video(
        self, video: bytes, *, to: Who, seconds: int = 1, is_short: bool = False
    ) -> Message:
        """Send a video; see :func:`.parcels.video`."""
        parcel = parcels.video(self._me, video, seconds, is_short=is_short)
        return self._sends(parcel, to)

    def sends_card(self, whose: Who, *, to: Who) -> Message:
        """Send the contact card of somebody."""
        return self._world.mail.send_card(
            self._me,
            self._world.find(to),
            self._world.find(whose),
            is_from_phone=True,
        )

    def sends_location(
        self,
        latitude: float,
        longitude: float,
        *,
        to: Who,
        label: str = "",
        name: str = "",
        scale: int = 16,
    ) -> Message:
        """Send a place; see :func:`.parcels.location`."""
        parcel = parcels.location(
            self._me, latitude, longitude, label=label, name=name, scale=scale
        )
        return self._sends(parcel, to)

    def sends_emoticon(
        self,
        picture: bytes,
        *,
        to: Who,
        url: str = "",
        is_animated: bool = False,
        game: Game = Game.NONE,
        game_result: int = 0,
    ) -> Message:
        """Send a sticker; see :func:`.parcels.emoticon`."""
        parcel = parcels.emoticon(
            self._me,
            self._world.find(to),
            picture,
            url=url,
            is_animated=is_animated,
            game=game,
            game_result=game_result,
        )
        return self._sends(parcel, to)

    def sends_link(
        self,
        url: str,
        *,
        title: str,
        to: Who,
        description: str = "",
        thumb_url: str = "",
        source_name: str = "",
        source_user_name: str = "",
        app_name: str = "",
    ) -> Message:
        """Send a link; see :func:`.app_messages.link`."""
        parcel = app_messages.link(
            self._me,
            url,
            title=title,
            description=description,
            thumb_url=thumb_url,
            source_name=source_name,
            source_user_name=source_user_name,
            app_name=app_name,
        )
        return self._sends(parcel, to)

    def sends_file(self, name: str, content: bytes, *, to: Who) -> Message:
        """Send a file; see :func:`.app_messages.file`."""
        return self._sends(app_messages.file(self._me, name, content), to)

    def sends_mini_program(
        self,
        *,
        title: str,
        name: str,
        user_name: str,
        app_id: str,
        to: Who,
        page_path: str = "",
        url: str = "",
    ) -> Message:
        """Send a mini program; see :func:`.app_messages.mini_program`."""
        parcel = app_messages.mini_program(
            self._me,
            title=title,
            name=name,
            user_name=user_name,
            app_id=app_id,
            page_path=page_path,
            url=url,
        )
        return self._sends(parcel, to)

    def sends_chat_history(
        self, title: str, messages: Sequence[Message], *, to: Who
    ) -> Message:
        """Forward messages together; see :func:`.app_messages.chat_history`."""
        return self._sends(app_messages.chat_history(self._me, title, messages), to)

    def quotes(self, quoted: Message, text: str, *, to: Who) -> Message:
        """Answer with a quote; see :func:`.app_messages.quote`."""
        return self._sends(app_messages.quote(self._me, text, quoted), to)

    def recalls(self, message: Message) -> None:
        """Take a message back; see :meth:`.mail.Mail.recall`."""
        self._world.mail.recall(self._me, message)

    def calls(self, to: Who, *, is_video: bool = False, seconds: int = 0) -> Message:
        """Call somebody; see :func:`.parcels.call`."""
        parcel = parcels.call(self._world.now(), is_video=is_video, seconds=seconds)
        return self._sends(parcel, to)

    # What the own account is told of the telephone.

    def opens(self, conversation: Who) -> None:
        """Enter a conversation, of which only the own account is told."""
        self._tells(conversation, is_left=False)

    def closes(self, conversation: Who) -> None:
        """Leave a conversation, of which only the own account is told."""
        self._tells(conversation, is_left=True)

    # Money.

    def transfers(self, fee: int, *, to: Who, memo: str = "") -> Message:
        """Transfer money to somebody; see :meth:`.money.Money.transfer`."""
        return self._world.money.transfer(
            self._me, self._world.find(to), fee, memo, is_from_phone=True
        )

    def accepts_transfer(self, message: Message) -> None:
        """Take the money of a transfer; see :meth:`.money.Money.accept`."""
        self._world.money.accept(self._me, message.message_id, is_from_phone=True)

    def returns_transfer(self, message: Message) -> None:
        """Send the money of a transfer back; see :meth:`.money.Money.give_back`."""
        self._world.money.give_back(self._me, message.message_id)

    def sends_red_packet(
        self,
        total: int,
        *,
        to: Who,
        shares: int = 1,
        wishing: str = "Best wishes",
        is_lucky: bool = True,
    ) -> Message:
        """Give a red packet; see :meth:`.money.Money.give`."""
        return self._world.money.give(
            self._me,
            self._world.find(to),
            total,
            shares=shares,
            wishing=wishing,
            is_lucky=is_lucky,
            is_from_phone=True,
        )

    def opens_red_packet(self, message: Message) -> Share | None:
        """Open a red packet; see :meth:`.red_packets.RedPacket.open`.

        Returns:
            The share, or None for who comes too late.
        """
        packet = self._world.money.red_packet_in(self._me, message.message_id)
        now = self._world.now()
        return packet.open(self._me, packet.offer(self._me), now)

    @property
    def _me(self) -> Person:
        return cast("Person", self)

    def _sends(self, parcel: Parcel, to: Who) -> Message:
        receiver = self._world.find(to)
        return self._world.mail.send(self._me, receiver, parcel, is_from_phone=True)

    def _tells(self, conversation: Who, *, is_left: bool) -> None:
        found = self._world.find(conversation)
        self._world.mail.note(self._me, found, parcels.opened(found, is_left=is_left))
