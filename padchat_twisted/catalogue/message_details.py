"""Area messages: what stands in the XML of media and beside every message.

The names of the fields are the paths of the tables; see ``xml_text``.
"""

from __future__ import annotations

from msgspec import field

from .base import Part

__all__ = [
    "EmoticonDetails",
    "ImageDetails",
    "MessageSource",
    "VideoDetails",
    "VoiceDetails",
]


class MessageSource(Part, frozen=True, gc=False):
    """What stands beside a message.

    Args:
        silence: 1 when notifications of the room are off.
        member_count: members of the room.
        at_user_list: WeChat ids of who is mentioned, with commas between; see
            ``Message.mentions``.
        img_file_name: name of the file of an image.

    Source: messages.toml, [msg_source].
    """

    silence: int | None = field(default=None, name="silence")
    member_count: int | None = field(default=None, name="membercount")
    at_user_list: str = field(default="", name="atuserlist")
    img_file_name: str = field(default="", name="img_file_name")


class ImageDetails(Part, frozen=True, gc=False):
    """What an image says of its files.

    Args:
        aes_key: key of the file.
        md5: MD5 of the image.
        length: size (bytes).
        hd_length: size of the original, when it was sent as that (bytes).
        cdn_thumb_url: CDN id of the thumbnail.
        cdn_mid_img_url: CDN id of the image.
        cdn_big_img_url: CDN id of the original.
        cdn_thumb_length: size of the thumbnail (bytes).
        cdn_thumb_width: its width.
        cdn_thumb_height: its height.
        encry_ver: version of the encryption.

    Source: messages.toml, [[xml_shape]] of type 3.
    """

    aes_key: str = field(default="", name="@aeskey")
    md5: str = field(default="", name="@md5")
    length: int | None = field(default=None, name="@length")
    hd_length: int | None = field(default=None, name="@hdlength")
    cdn_thumb_url: str = field(default="", name="@cdnthumburl")
    cdn_mid_img_url: str = field(default="", name="@cdnmidimgurl")
    cdn_big_img_url: str = field(default="", name="@cdnbigimgurl")
    cdn_thumb_length: int | None = field(default=None, name="@cdnthumblength")
    cdn_thumb_width: int | None = field(default=None, name="@cdnthumbwidth")
    cdn_thumb_height: int | None = field(default=None, name="@cdnthumbheight")
    encry_ver: int | None = field(default=None, name="@encryver")


class VoiceDetails(Part, frozen=True, gc=False):
    """What a voice message says of its file.

    Args:
        voice_length: how long it is (milliseconds).
        length: size (bytes).
        voice_format: 4 for silk.
        from_user_name: who sent it.
        end_flag: 1 when it is complete.
        cancel_flag: 1 when it was cancelled.
        client_msg_id: id that its sender gave.
        buf_id: id of the data.

    Source: messages.toml, [[xml_shape]] of type 34.
    """

    voice_length: int | None = field(default=None, name="@voicelength")
    length: int | None = field(default=None, name="@length")
    voice_format: int | None = field(default=None, name="@voiceformat")
    from_user_name: str = field(default="", name="@fromusername")
    end_flag: int | None = field(default=None, name="@endflag")
    cancel_flag: int | None = field(default=None, name="@cancelflag")
    client_msg_id: str = field(default="", name="@clientmsgid")
    buf_id: str = field(default="", name="@bufid")


class VideoDetails(Part, frozen=True, gc=False):
    """What a video says of its files.

    Args:
        play_length: how long it is (seconds).
        length: size (bytes).
        md5: MD5 of the video.
        aes_key: key of the file.
        cdn_video_url: CDN id of the video.
        cdn_thumb_url: CDN id of the thumbnail.
        cdn_thumb_width: its width.
        cdn_thumb_height: its height.
        from_user_name: who sent it.

    Source: messages.toml, [[xml_shape]] of types 43 and 62.
    """

    play_length: int | None = field(default=None, name="@playlength")
    length: int | None = field(default=None, name="@length")
    md5: str = field(default="", name="@md5")
    aes_key: str = field(default="", name="@aeskey")
    cdn_video_url: str = field(default="", name="@cdnvideourl")
    cdn_thumb_url: str = field(default="", name="@cdnthumburl")
    cdn_thumb_width: int | None = field(default=None, name="@cdnthumbwidth")
    cdn_thumb_height: int | None = field(default=None, name="@cdnthumbheight")
    from_user_name: str = field(default="", name="@fromusername")


class EmoticonDetails(Part, frozen=True, gc=False):
    """What a sticker says of itself.

    Args:
        type: 1 for a still one, 2 for an animated one.
        md5: MD5 of the image.
        length: size (bytes).
        cdn_url: address of the image.
        width: width.
        height: height.
        from_user_name: who sent it.
        to_user_name: to whom.
        game_type: of a dice or rock-paper-scissors, 0 for no game.
        game_content: result of the game.

    Source: messages.toml, [[xml_shape]] of type 47.
    """

    type: int | None = field(default=None, name="@type")
    md5: str = field(default="", name="@md5")
    length: int | None = field(default=None, name="@len")
    cdn_url: str = field(default="", name="@cdnurl")
    width: int | None = field(default=None, name="@width")
    height: int | None = field(default=None, name="@height")
    from_user_name: str = field(default="", name="@fromusername")
    to_user_name: str = field(default="", name="@tousername")
    game_type: int | None = field(default=None, name="../gameext/@type")
    game_content: int | None = field(default=None, name="../gameext/@content")
