"""The commands of area official accounts.

PURE. Source: commands.toml, with the types it names, and the samples of padchat-sdk's
documents. What is JSON text in other dialects is an object here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..binding import Binding
from ..messages import new_message_id
from ..officials import (
    LINK,
    MAX_KEYWORD_CHARACTERS,
    OfficialAccount,
    Officials,
    PlacedButton,
)
from ..people import Person
from ..pushes import Fields
from ..refusals import Refused
from .base import Parameters, Reply, Responder, done, text, whole_number

__all__ = ["RESPONDERS"]

#: Results of one search; a sample has as many.
_RESULTS_PER_SEARCH = 20

#: ``verifyFlag`` of an account whose owner was verified.
_VERIFIED = 24


def get_mp_info(binding: Binding, params: Parameters) -> Reply:
    """Return the ``gh_`` id of an official account.

    *Our choice*: no source shows the result.
    """
    officials, _ = _officials_and_user(binding)
    alias = text(params, "userId")
    for account in officials.accounts.values():
        if account.alias == alias:
            return done(userName=account.person.user_name)
    raise Refused("userId is no official account in this world")


def search_mp(binding: Binding, params: Parameters) -> Reply:
    """Search official accounts."""
    officials, _ = _officials_and_user(binding)
    keyword = text(params, "content", MAX_KEYWORD_CHARACTERS)
    found = officials.search(keyword)
    shown = found[:_RESULTS_PER_SEARCH]
    query = f'"{keyword}"'
    group: Fields = {
        "title": "Official Accounts",
        "count": len(shown),
        "totalCount": len(found),
        "type": 1,
        "items": [_search_item(account, keyword) for account in shown],
        "keywordList": [keyword],
        "resultType": 0,
    }
    cookies = {"businessType": 1, "isHomepage": 1, "query": query, "scene": 2}
    info: Fields = {
        "data": [group] if shown else [],
        "continueFlag": int(len(found) > len(shown)),
        "offset": len(shown),
        "searchID": new_message_id(binding.account.world.random_hex),
        "query": query,
        "ret": 0,
        "cookies": cookies,
        "resultType": 0,
        "lang": "en",
        "direction": 2,
        "exposeMs": 500,
        "monitorMs": 100,
        "isDivide": 0,
        "isExpose": 1,
        "isHomePage": 1,
    }
    return done(code=0, info=info, offset=len(shown))


def get_subscription_info(binding: Binding, params: Parameters) -> Reply:
    """Return the profile and the menu of an official account."""
    officials, _ = _officials_and_user(binding)
    return done(info=_profile(officials.find(text(params, "ghName"))))


def operate_subscription(binding: Binding, params: Parameters) -> Reply:
    """Press a button of a menu: the account writes to the user."""
    officials, user = _officials_and_user(binding)
    account = officials.find(text(params, "ghName"))
    button = account.button(whole_number(params, "menuId"), text(params, "menuKey"))
    officials.press(user, account, button)
    return done()


def get_request_token(binding: Binding, params: Parameters) -> Reply:
    """Return the authorisation for a page."""
    officials, user = _officials_and_user(binding)
    account = officials.find(text(params, "ghName"))
    found = officials.authorise(user, account, text(params, "url"))
    info = {"X-WECHAT-KEY": found.key, "X-WECHAT-UIN": found.uin}
    return done(info=info, fullUrl=found.full_url, shareUrl=found.share_url)


def request_url(binding: Binding, params: Parameters) -> Reply:
    """Fetch a pretend page."""
    officials, user = _officials_and_user(binding)
    url, key, uin = (text(params, name) for name in ("url", "xKey", "xUin"))
    return done(response=officials.page(user, url, key, uin))


def _officials_and_user(binding: Binding) -> tuple[Officials, Person]:
    return binding.account.world.officials, binding.account.user


def _profile(account: OfficialAccount) -> Fields:
    person = account.person
    plain = "".join(c for c in person.nick_name if c.isascii() and c.isalnum())
    return {
        "userName": person.user_name,
        "nickName": person.nick_name,
        "alias": account.alias,
        "appid": _appid(account),
        "signature": account.signature,
        "bigHeadImgUrl": person.head_url,
        "smallHeadImgUrl": person.head_url,
        "brandIconURL": person.head_url,
        "pyInitial": plain.upper(),
        "quanPin": plain.lower(),
        "verifyFlag": str(_VERIFIED),
        "verifyInfo": account.company,
        "bitMask": "4294967295",
        "mmBizMenu": {
            "uin": person.uin,
            "version": account.menu[0].menu_id if account.menu else 0,
            "interactiveMode": 2,
            "updateTime": 0,
            "buttonList": _buttons(account.menu),
        },
        "brandInfo": _brand_info(account),
        "bindWxaInfo": _mini_programs(account),
        "registerSource": _register_source(account),
        "verifySource": _verify_source(account),
        "bindKFUin": "0",
        "functionFlag": "1",
        "interactiveMode": "2",
        "isAgreeProtocol": "1",
        "isHideInputToolbarInMsg": "0",
        "isShowHeadImgInMsg": "1",
        "roleId": "1",
        "scanQRCodeType": "1",
        "serviceType": "0",
    }


def _search_item(account: OfficialAccount, keyword: str) -> Fields:
    person = account.person
    external: Fields = {
        "appid": _appid(account),
        "bindWxaInfo": _mini_programs(account),
        "functionFlag": 1,
        "interactiveMode": "2",
        "isAgreeProtocol": "1",
        "isHideInputToolbarInMsg": "0",
        "isShowHeadImgInMsg": "1",
        "registerSource": _register_source(account),
        "roleId": "1",
        "scanQRCodeType": 1,
        "serviceType": 0,
        "verifySource": _verify_source(account),
    }
    return {
        "userName": person.user_name,
        "nickName": person.nick_name,
        "aliasName": account.alias,
        "signature": account.signature,
        "headImgUrl": person.head_url,
        "headHDImgUrl": person.head_url,
        "iconUrl": person.head_url,
        "verifyFlag": _VERIFIED,
        "docID": str(person.uin),
        "brandFlag": 2,
        "brandInfo": _brand_info(account),
        "externalInfo": external,
        "friendsFollowCount": 0,
        "nickNameHighlight": _highlighted(person.nick_name, keyword),
        "signatureHighlight": _highlighted(account.signature, keyword),
        "segQuery": f" {keyword}",
    }


def _highlighted(shown: str, keyword: str) -> str:
    return re.sub(
        re.escape(keyword),
        lambda match: f'<em class="highlight">{match[0]}</em>',
        shown,
        flags=re.IGNORECASE,
    )


def _buttons(menu: Sequence[PlacedButton]) -> list[Fields]:
    return [
        {
            "id": placed.menu_id,
            "key": placed.key,
            "type": placed.button.kind,
            "name": placed.button.name,
            "value": placed.button.address if placed.button.kind == LINK else "",
            "nativeUrl": "",
            "subButtonList": _buttons(placed.buttons),
        }
        for placed in menu
    ]


def _appid(account: OfficialAccount) -> str:
    return f"wx{account.person.user_name.removeprefix('gh_')}"


def _brand_info(account: OfficialAccount) -> Fields:
    history: Fields = {
        "title": "View history",
        "url": f"http://{_host(account)}/history",
        "titleKey": "__mp_wording__brandinfo_history_massmsg",
    }
    return {"urls": [history]}


def _mini_programs(account: OfficialAccount) -> Fields:
    program: Fields = {
        "username": f"{account.person.user_name}@app",
        "title": account.person.nick_name,
        "iconUrl": account.person.head_url,
    }
    return {"wxaEntryInfo": [program], "bizEntryInfo": []}


def _register_source(account: OfficialAccount) -> Fields:
    return {
        "registerBody": account.company,
        "introUrl": f"http://{_host(account)}/registered",
    }


def _verify_source(account: OfficialAccount) -> Fields:
    return {
        "description": account.company,
        "introUrl": f"http://{_host(account)}/verified",
        "type": 0,
        "verifyBizType": 1,
    }


def _host(account: OfficialAccount) -> str:
    """Return a host that no name server knows."""
    return f"{account.person.user_name.removeprefix('gh_')}.mp.invalid"


#: By canonical name.
RESPONDERS: Mapping[str, Responder] = {
    "getMpInfo": Responder(get_mp_info),
    "searchMp": Responder(search_mp),
    "getSubscriptionInfo": Responder(get_subscription_info),
    "operateSubscription": Responder(operate_subscription),
    "getRequestToken": Responder(get_request_token),
    "requestUrl": Responder(request_url),
}
