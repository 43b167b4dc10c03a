"""A bot that answers "ping" with "pong"."""

from pathlib import Path

from twisted.internet.task import react

from padchat_twisted import AccountSession, QRCode, TextMessage, connect


async def answer(account: AccountSession, message: TextMessage) -> None:
    """Answer one message."""
    if message.text == "ping":
        await account.reply(message, "pong")


def show(account: AccountSession, code: QRCode) -> None:
    """Show what a person must do."""
    Path("qrcode.png").write_bytes(code.picture)
    print("scan qrcode.png with WeChat, then confirm the login on the phone")


async def main(reactor: object, url: str = "http://127.0.0.1:7700/user") -> None:
    """Log in, and stay logged in; the login is kept in bot.sqlite."""
    account = await connect(reactor, url, auth_key="demo-key", store="bot.sqlite")
    account.on(TextMessage, answer)
    account.on(QRCode, show)
    print("logged in as", (await account.when_ready()).user_name)
    await account.when_closed()


if __name__ == "__main__":
    react(main)
