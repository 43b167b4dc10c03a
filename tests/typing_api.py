"""Calls that must type-check, with what exactly they give, and calls that must not.

Never run: mypy reads it. Each mistake is marked with the error that it must be; a mark
without an error is an error too (``tests.test_typing_api``).
"""

from __future__ import annotations

from typing import Any, assert_type

from twisted.internet.defer import Deferred

from padchat_twisted import AccountSession, SavedMedia
from padchat_twisted.catalogue import (
    AcceptedTransfer,
    AcceptTransfer,
    AddContact,
    AddContactSource,
    AddedFavorite,
    AddedMember,
    AddFav,
    AddLabel,
    AddRoomMember,
    Answer,
    AskedContact,
    Contact,
    ContactInfo,
    CreatedRoom,
    CreateRoom,
    FavoritePage,
    FoundMps,
    FriendRequest,
    GetContact,
    GetLabelList,
    GetMpInfo,
    GetMsgImage,
    GetMsgVoice,
    GetMyInfo,
    GetRoomMembers,
    ImageMessage,
    Init,
    Label,
    LabelList,
    Login,
    Message,
    MessageImage,
    MessageVoice,
    Moment,
    MomentPage,
    MomentResult,
    MpSearchResult,
    MyInfo,
    OpenRedPacket,
    PushItem,
    QueryRedPacket,
    RedPacket,
    RedPacketDetail,
    RoomJoin,
    RoomMember,
    SearchMp,
    SendImage,
    SendMsg,
    SentImage,
    SentMessage,
    SetLabel,
    SnsComment,
    SnsTimeline,
    StartedTask,
    SyncFav,
    TextMessage,
    TransferInfo,
    UnknownItem,
    Voice,
)


async def login(account: AccountSession) -> None:
    """Area login."""
    assert_type(await account.call(Init()), StartedTask)
    assert_type((await account.call(Init())).logined, bool | None)
    assert_type(await account.call(GetMyInfo()), MyInfo)
    assert_type((await account.call(GetMyInfo())).uin, int)
    Login(login_type="qrcode")
    Login(login_type="scan")  # type: ignore[arg-type] # no such type
    Login("qrcode")  # type: ignore[call-arg] # by name only
    GetMyInfo("wxid_a")  # type: ignore[call-arg] # it has no parameters


async def contact(account: AccountSession) -> None:
    """Area contacts."""
    found = await account.call(GetContact("wxid_a"))
    assert_type(found, ContactInfo)
    assert_type(found.sex, int)
    assert_type(found.member, tuple[str, ...] | None)
    added = AddContact(stranger="v1", type=AddContactSource.ROOM)
    assert_type(await account.call(added), AskedContact)
    GetContact()  # type: ignore[call-arg] # whose?
    GetContact(5)  # type: ignore[arg-type] # ids are texts
    AddContact(stranger="v1", source=3)  # type: ignore[call-arg] # it is ``type``
    _ = found.members  # type: ignore[attr-defined] # that is of Contact


async def room(account: AccountSession) -> None:
    """Area rooms."""
    found = await account.call(GetRoomMembers("1@chatroom"))
    assert_type(found.member, tuple[RoomMember, ...])
    assert_type(found.member[0].nick_name, str)
    assert_type(await account.call(CreateRoom(("wxid_a", "wxid_b"))), CreatedRoom)
    assert_type(await account.call(AddRoomMember("1@chatroom", "wxid_a")), AddedMember)
    CreateRoom("wxid_a")  # type: ignore[arg-type] # a text is no tuple of ids
    CreateRoom(user_ids=("wxid_a",))  # type: ignore[call-arg] # it is ``user_list``


async def message(account: AccountSession) -> None:
    """Area messages: sending them."""
    assert_type(account.call(SendMsg("wxid_a", "hi")), Deferred[SentMessage])
    sent = await account.call(SendMsg("1@chatroom", "hi", at_list=("wxid_a",)))
    assert_type(sent.msg_id, str)
    assert_type(sent.was_done, bool)
    image = await account.call(SendImage("wxid_a", "/9j/"))
    assert_type(image, SentImage)
    assert_type(image.size, int | None)
    assert_type(account.send("wxid_a", "hi"), Deferred[SentMessage])
    assert_type(account.send("r@chatroom", "hi", at=("wxid_a",)), Deferred[SentMessage])
    SendMsg("wxid_a")  # type: ignore[call-arg] # what?
    SendMsg("wxid_a", b"hi")  # type: ignore[arg-type] # a text
    SendMsg("wxid_a", "hi").content = "ho"  # type: ignore[misc] # it never changes
    SendImage("wxid_a", b"\xff\xd8")  # type: ignore[arg-type] # base64
    _ = sent.data  # type: ignore[attr-defined] # that is of images
    account.call(SendMsg)  # type: ignore[arg-type] # the class, not a command
    account.send("wxid_a", 5)  # type: ignore[arg-type] # neither text nor file


async def media(
    account: AccountSession, image: ImageMessage, text: TextMessage
) -> None:
    """Area media."""
    command = GetMsgImage(image.raw_msg_data)
    assert_type(await account.call(command), MessageImage)
    assert_type((await account.call(command)).content, bytes)
    voice = await account.call(GetMsgVoice(image.raw_msg_data))
    assert_type(voice, MessageVoice)
    assert_type(account.media(image).save("a.jpg"), Deferred[SavedMedia])
    assert_type(account.send("wxid_a", Voice("a.silk")), Deferred[SentMessage])
    account.media(text)  # type: ignore[arg-type] # a text has no file
    GetMsgImage(image)  # type: ignore[arg-type] # the item, not the message
    _ = voice.image  # type: ignore[attr-defined] # it is ``voice``


async def moments(account: AccountSession) -> None:
    """Area moments."""
    page = await account.call(SnsTimeline())
    assert_type(page, MomentPage)
    assert_type(page.data, tuple[Moment, ...])
    first = page.data[0]
    comment = SnsComment(first.user_name, first.id, "nice")
    assert_type(await account.call(comment), MomentResult)
    SnsComment(first, "nice")  # type: ignore[call-arg,arg-type] # ids, not the moment
    _ = page.moments  # type: ignore[attr-defined] # it is ``data``


async def favorites(account: AccountSession) -> None:
    """Area favorites."""
    page = await account.call(SyncFav())
    assert_type(page, FavoritePage)
    assert_type(page.continues, int)
    added = await account.call(AddFav("<favitem/>"))
    assert_type(added, AddedFavorite)
    assert_type(added.id, int | None)
    SyncFav(1)  # type: ignore[arg-type] # a key, not a number


async def labels(account: AccountSession) -> None:
    """Area labels."""
    found = await account.call(GetLabelList())
    assert_type(found, LabelList)
    assert_type(found.label, tuple[Label, ...])
    assert_type(await account.call(AddLabel("friends")), Answer)
    SetLabel("wxid_a", found.label[0].id)  # type: ignore[arg-type] # sent as a text


async def payment(account: AccountSession, item: dict[str, Any]) -> None:
    """Area payment."""
    accepted = await account.call(AcceptTransfer(item))
    assert_type(accepted, AcceptedTransfer)
    packet = await account.call(QueryRedPacket(item, index=11))
    assert_type(packet, RedPacket)
    assert_type(packet.external, RedPacketDetail | None)
    _ = packet.external.amount  # type: ignore[union-attr] # there may be none
    OpenRedPacket(item)  # type: ignore[call-arg] # the key is missing
    TransferInfo(fee="5")  # type: ignore[arg-type] # cents


async def official_account(account: AccountSession) -> None:
    """Area official accounts."""
    found = await account.call(SearchMp("news"))
    assert_type(found, FoundMps)
    assert_type(found.info, MpSearchResult | None)
    GetMpInfo(gh_name="gh_a")  # type: ignore[call-arg] # it is ``user_id``


def events(account: AccountSession) -> None:
    """Handlers get what they are registered for."""

    def on_text(account: AccountSession, message: TextMessage) -> None:
        assert_type(message.text, str)
        assert_type(message.room, str | None)
        assert_type(message.mentions, tuple[str, ...])
        _ = message.data  # type: ignore[attr-defined] # that is of images

    def on_message(account: AccountSession, message: Message) -> None:
        assert_type(account.reply(message, "hi"), Deferred[SentMessage])

    def on_request(account: AccountSession, request: FriendRequest) -> None:
        assert_type((request.stranger, request.ticket), tuple[str, str])

    def on_contact(account: AccountSession, contact: Contact) -> None:
        assert_type(contact.members, tuple[str, ...])

    def on_item(account: AccountSession, item: PushItem) -> None:
        if isinstance(item, UnknownItem):
            assert_type(item.msg_type, int | None)

    account.on(TextMessage, on_text)
    account.on(TextMessage, on_message)
    account.on(FriendRequest, on_request)
    account.on(Contact, on_contact)
    account.on(PushItem, on_item)
    account.on(RoomJoin, on_message)
    account.on(Contact, on_text)  # type: ignore[arg-type] # a contact has no text
    account.on(Message, on_text)  # type: ignore[arg-type] # not every message is one
