"""Area official accounts: their profiles, menus and pages."""

from __future__ import annotations

from msgspec import field

from .base import Answer, Command, Done, Part
from .official_profiles import MpInfo, MpSearchResult

__all__ = [
    "FoundMps",
    "GetMpInfo",
    "GetRequestToken",
    "GetSubscriptionInfo",
    "OperateSubscription",
    "RequestToken",
    "RequestUrl",
    "SearchMp",
    "SubscriptionInfo",
    "UrlResponse",
    "WebAuthInfo",
]


class GetMpInfo(Command[Done], frozen=True):
    """Look up the 'gh_' id of an official account.

    Args:
        user_id: wxid (visible id) of the official account.

    Source: commands.toml, getMpInfo.
    """

    user_id: str

    dialects = ("legacy", "socketio")


class FoundMps(Answer, frozen=True, gc=False):
    """The result of ``SearchMp``.

    Args:
        code: 0 on success.
        info: search result.
        offset: offset for the next page; no parameter takes it.

    Source: commands.toml, searchMp.
    """

    code: int = 0
    info: MpSearchResult | None = None
    offset: int = 0


class SearchMp(Command[FoundMps], frozen=True):
    """Search official accounts by keyword.

    Args:
        content: keyword.

    Source: commands.toml, searchMp.
    """

    content: str

    dialects = ("sdk",)


class SubscriptionInfo(Answer, frozen=True, gc=False):
    """The result of ``GetSubscriptionInfo``.

    Args:
        info: profile.

    Source: commands.toml, getSubscriptionInfo.
    """

    info: MpInfo | None = None


class GetSubscriptionInfo(Command[SubscriptionInfo], frozen=True):
    """Read the profile and the menu of an official account.

    Args:
        gh_name: id of the official account (``gh_`` prefix).

    Source: commands.toml, getSubscriptionInfo.
    """

    gh_name: str


class OperateSubscription(Command[Answer], frozen=True):
    """Press a menu button of an official account.

    Args:
        gh_name: id of the official account (``gh_`` prefix).
        menu_id: field id of the button.
        menu_key: field key of the button.

    Source: commands.toml, operateSubscription.
    """

    gh_name: str
    menu_id: int
    menu_key: str

    changes_world = True


class WebAuthInfo(Part, frozen=True, gc=False):
    """Authorisation values; the keys keep their form in every dialect.

    Args:
        x_wechat_key: value for xKey.
        x_wechat_uin: value for xUin.

    Source: commands.toml, type WebAuthInfo.
    """

    x_wechat_key: str = field(default="", name="X-WECHAT-KEY")
    x_wechat_uin: str = field(default="", name="X-WECHAT-UIN")


class RequestToken(Answer, frozen=True, gc=False):
    """The result of ``GetRequestToken``.

    Args:
        info: authorisation values.
        full_url: address with all authorisation parameters.
        share_url: address for sharing.

    Source: commands.toml, getRequestToken.
    """

    info: WebAuthInfo | None = None
    full_url: str = ""
    share_url: str = ""


class GetRequestToken(Command[RequestToken], frozen=True):
    """Get the authorisation for a web page of an official account.

    Args:
        gh_name: id of the official account (``gh_`` prefix).
        url: web page.

    Source: commands.toml, getRequestToken.
    """

    gh_name: str
    url: str


class UrlResponse(Answer, frozen=True, gc=False):
    """The result of ``RequestUrl``.

    Args:
        response: complete raw HTTP response, head included.

    Source: commands.toml, requestUrl.
    """

    response: str = ""


class RequestUrl(Command[UrlResponse], frozen=True):
    """Fetch a web page with an authorisation from getRequestToken.

    Args:
        url: web page.
        x_key: x-WECHAT-KEY from getRequestToken.
        x_uin: x-WECHAT-UIN from getRequestToken.

    Source: commands.toml, requestUrl.
    """

    url: str
    x_key: str
    x_uin: str
