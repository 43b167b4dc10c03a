"""What an account can do besides answering a text."""

from pathlib import Path

from padchat_twisted import (
    AccountSession,
    CallRejected,
    GetContact,
    GetRoomMembers,
    Image,
    ImageMessage,
    NotSent,
    OutcomeUnknown,
)
from padchat_twisted.errors import StillUnknown


async def send_carefully(account: AccountSession, to: str, text: str) -> str:
    """Send a text, and tell which of the four outcomes it had."""
    try:
        sent = await account.send(to, text)
    except CallRejected as error:
        return f"the gateway said no: {error.message}"
    except NotSent as error:
        return f"it did not leave, so it may be sent again: {error.problem}"
    except OutcomeUnknown as error:
        return f"it left, and no answer came: {error.problem}"
    return f"sent as message {sent.msg_id}"


async def confirm(account: AccountSession, to: str, order: int) -> str:
    """Confirm an order: once, however often this is called."""
    try:
        sent = await account.send(to, f"order {order} is here", key=f"order-{order}")
    except StillUnknown as error:
        return f"look whether it is in the chat, then settle {error.key}"
    return f"sent as message {sent.msg_id}"


async def settle(account: AccountSession, has_message: set[str]) -> None:
    """Settle all unknown sends; *has_message* are those that the chat has."""
    for send in await account.unknown_sends():
        await account.settle(send.key, happened=send.key in has_message)


async def mention(account: AccountSession, room: str, wxid: str, text: str) -> None:
    """Write to a room and mention one of its members."""
    contact = await account.call(GetContact(wxid), time_limit=10.0)
    await account.send(room, f"@{contact.nick_name} {text}", at=wxid)


async def nick_name(account: AccountSession, wxid: str) -> str:
    """Look a contact up, also over a lost connection."""
    contact = await account.call(GetContact(wxid), retry=True)
    return contact.nick_name


async def member_names(account: AccountSession, room: str) -> list[str]:
    """List who is in a room; empty for a room that the account is not in."""
    found = await account.call(GetRoomMembers(room))
    return [member.nick_name for member in found.members]


async def return_picture(account: AccountSession, message: ImageMessage) -> None:
    """Send a picture that came back, in full size."""
    await account.reply(message, account.media(message))


async def send_file(account: AccountSession, to: str, picture: Path) -> None:
    """Send a picture from a file."""
    await account.send(to, Image(picture))


async def task_state(account: AccountSession) -> object:
    """Use a command that no class stands for: its name and fields are the wire's."""
    fields = await account.call_raw("status", {})
    return fields.get("status")
