"""The parts of a typical bot, as they are told on the page on migrating."""

from pathlib import Path

from padchat_twisted import (
    AcceptUser,
    AccountSession,
    CallRejected,
    Contact,
    CreateRoom,
    FriendRequest,
    GetContact,
    GetRoomMembers,
    Image,
    ImageMessage,
    NotSent,
    OutcomeUnknown,
    QRCode,
    StateChanged,
    TextMessage,
    connect,
)


async def start(reactor: object, url: str, auth_key: str) -> AccountSession:
    """Connect, log in, and say so; the login is kept in bot.sqlite."""
    account = await connect(
        reactor, url, auth_key=auth_key, handlers=setup, store="bot.sqlite"
    )
    await account.when_ready()
    await account.send("filehelper", "I am logged in")
    return account


def setup(account: AccountSession) -> None:
    """Register what the bot does."""
    account.on(QRCode, show_code)
    account.on(StateChanged, tell_state)
    account.on(TextMessage, answer_text)
    account.on(ImageMessage, keep_picture)
    account.on(FriendRequest, accept_friend)
    account.on(Contact, remember_contact)


def show_code(account: AccountSession, code: QRCode) -> None:
    """Show what a person has to scan."""
    Path("qrcode.png").write_bytes(code.picture)


def tell_state(account: AccountSession, change: StateChanged) -> None:
    """Tell how the login goes, and what happens to the connection."""
    why = "" if change.reason is None else f": {change.reason}"
    print(f"{account.name} is {change.new}{why}")


async def answer_text(account: AccountSession, message: TextMessage) -> None:
    """Answer ding with dong, in a room to who wrote it."""
    if message.is_from_me or message.text != "ding":
        return
    if message.room is None:
        await account.reply(message, "dong")
    else:
        writer = await account.call(GetContact(message.sender))
        await account.reply(message, f"@{writer.nick_name} dong", at=message.sender)


async def keep_picture(account: AccountSession, message: ImageMessage) -> None:
    """Save a picture in full size, and send another one back."""
    await account.media(message).save(f"{message.msg_id}.jpg")
    await account.reply(message, Image("thanks.png"))


async def accept_friend(account: AccountSession, request: FriendRequest) -> None:
    """Accept whoever says the word."""
    if "padchat" in request.greeting:
        await account.call(AcceptUser(request.stranger, request.ticket))


#: Names of contacts and rooms, by WeChat id.
names: dict[str, str] = {}


def remember_contact(account: AccountSession, contact: Contact) -> None:
    """Keep the name of each contact and each room, as they come after the login."""
    names[contact.user_name] = contact.remark or contact.nick_name


async def make_room(account: AccountSession, friends: tuple[str, ...]) -> str:
    """Create a room, greet everybody in it, and return its id."""
    created = await account.call(CreateRoom(friends))
    if not created.was_done:
        raise RuntimeError(f"no room: {created.message}")
    found = await account.call(GetRoomMembers(created.user_name))
    marks = " ".join(f"@{member.nick_name}" for member in found.members)
    await account.send(created.user_name, f"{marks} welcome", at=friends)
    return created.user_name


async def try_to_send(account: AccountSession, to: str, text: str) -> bool:
    """Send a text, again when that is safe, and tell whether it arrived."""
    for _ in range(3):
        try:
            await account.send(to, text)
        except NotSent:
            # It surely did not leave: wait for the account and try again.
            await account.when_ready()
        except CallRejected as error:
            print(f"the gateway says no: {error.message}")
            return False
        except OutcomeUnknown:
            # It may have arrived: a person looks.
            return False
        else:
            return True
    return False
