"""Keep the pictures, voices and videos that people send."""

from pathlib import Path

from padchat_twisted import (
    AccountSession,
    CallRejected,
    Image,
    ImageMessage,
    MediaRefused,
    NotSent,
    VideoMessage,
    Voice,
    VoiceMessage,
)

#: What is larger is looked at on the phone.
WANTED_BYTES = 5_000_000

ENDINGS = {"image": "jpg", "voice": "silk", "video": "mp4"}


class Keeper:
    """Saves files in a folder, each once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, Path] = {}

    def setup(self, account: AccountSession) -> None:
        """Register the handlers of one account."""
        account.on(ImageMessage, self.keep)
        account.on(VoiceMessage, self.keep)
        account.on(VideoMessage, self.keep)

    async def keep(
        self,
        account: AccountSession,
        message: ImageMessage | VoiceMessage | VideoMessage,
    ) -> None:
        """Save the file of one message."""
        media = account.media(message)
        if media.size is not None and media.size > WANTED_BYTES:
            return
        path = self.folder / f"{message.msg_id}.{ENDINGS[media.kind]}"
        try:
            saved = await media.save(path)
        except (NotSent, CallRejected, MediaRefused) as error:
            print(f"message {message.msg_id} was not kept: {error}")
            return
        if self.names.setdefault(saved.sha256, path) != path:
            path.unlink()


async def send_files(account: AccountSession, to: str, picture: Path) -> None:
    """Send a file by its path, and one that was made in memory."""
    await account.send(to, Image(picture))
    await account.send(to, Image(picture.read_bytes()))


async def say(account: AccountSession, to: str, silk: Path) -> None:
    """Send a voice of two and a half seconds; only dialect sdk has voices."""
    await account.send(to, Voice(silk, milliseconds=2500))


async def pass_on(account: AccountSession, message: ImageMessage, to: str) -> None:
    """Send a picture that came on to somebody else."""
    await account.send(to, account.media(message))
