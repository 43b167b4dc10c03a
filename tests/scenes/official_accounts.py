"""Scenes of area official_accounts."""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY

from padchat_twisted.catalogue import (
    Answer,
    Done,
    FoundMps,
    GetMpInfo,
    GetRequestToken,
    GetSubscriptionInfo,
    MpBindWxaInfo,
    MpBrandInfo,
    MpInfo,
    MpLink,
    MpMenu,
    MpMenuButton,
    MpRegisterSource,
    MpSearchCookies,
    MpSearchGroup,
    MpSearchItem,
    MpSearchResult,
    MpVerifySource,
    MpWxaEntry,
    OperateSubscription,
    RequestToken,
    RequestUrl,
    SearchMp,
    SubscriptionInfo,
    UrlResponse,
    WebAuthInfo,
)

from .cast import Cast, MakeScene, Scene

__all__ = ["SCENES"]

URL = "http://shop.example.invalid/catalogue"

#: An id that no official account of the sandbox has.
NOBODY = "gh_000000000000"


def get_mp_info(cast: Cast) -> Scene:
    """The bot looks the shop up; nobody has the other name."""
    return Scene(
        GetMpInfo("example_shop"),
        Done(),
        refused=GetMpInfo("no_shop"),
        because="no official account",
    )


def search_mp(cast: Cast) -> Scene:
    """The bot searches for the shop; nothing is called by a text that long."""
    person = cast.world.officials.shop.person
    entry = MpWxaEntry(
        username=f"{person.user_name}@app",
        title="Example Shop",
        icon_url=person.head_url,
    )
    external: dict[str, Any] = {
        "appid": f"wx{person.user_name[3:]}",
        "bindWxaInfo": {
            "wxaEntryInfo": [
                {
                    "username": entry.username,
                    "title": entry.title,
                    "iconUrl": entry.icon_url,
                }
            ],
            "bizEntryInfo": [],
        },
        "functionFlag": 1,
        "interactiveMode": "2",
        "isAgreeProtocol": "1",
        "isHideInputToolbarInMsg": "0",
        "isShowHeadImgInMsg": "1",
        "registerSource": {
            "registerBody": "Example Shop Limited",
            "introUrl": f"{site(cast)}/registered",
        },
        "roleId": "1",
        "scanQRCodeType": 1,
        "serviceType": 0,
        "verifySource": {
            "description": "Example Shop Limited",
            "introUrl": f"{site(cast)}/verified",
            "type": 0,
            "verifyBizType": 1,
        },
    }
    item = MpSearchItem(
        user_name=person.user_name,
        nick_name="Example Shop",
        alias_name="example_shop",
        signature="Things that nobody can buy",
        head_img_url=person.head_url,
        head_hd_img_url=person.head_url,
        icon_url=person.head_url,
        verify_flag=24,
        doc_id=str(person.uin),
        brand_flag=2,
        brand_info=brand_info(cast),
        external_info=external,
        friends_follow_count=0,
        nick_name_highlight='Example <em class="highlight">Shop</em>',
        signature_highlight="Things that nobody can buy",
        seg_query=" shop",
    )
    group = MpSearchGroup(
        title="Official Accounts",
        count=1,
        total_count=1,
        type=1,
        items=(item,),
        keyword_list=("shop",),
    )
    info = MpSearchResult(
        data=(group,),
        continue_flag=0,
        offset=1,
        search_id=ANY,
        query='"shop"',
        ret=0,
        cookies=MpSearchCookies(
            business_type=1, is_homepage=1, query='"shop"', scene=2
        ),
        result_type=0,
        lang="en",
        direction=2,
        expose_ms=500,
        monitor_ms=100,
        is_divide=0,
        is_expose=1,
        is_home_page=1,
    )
    return Scene(
        SearchMp("shop"),
        FoundMps(code=0, info=info, offset=1),
        refused=SearchMp("shop" * 100),
        because="longer than",
    )


def get_subscription_info(cast: Cast) -> Scene:
    """The bot reads the profile and the menu of the shop."""
    person = cast.world.officials.shop.person
    (service, catalogue) = cast.world.officials.shop.menu
    menu = MpMenu(
        uin=person.uin,
        version=service.menu_id,
        interactive_mode=2,
        update_time=0,
        button_list=(
            MpMenuButton(
                id=service.menu_id,
                key=service.key,
                type=0,
                name="Service",
                sub_button_list=tuple(
                    MpMenuButton(id=below.menu_id, key=below.key, type=1, name=name)
                    for below, name in zip(
                        service.buttons, ("Orders", "Hours"), strict=True
                    )
                ),
            ),
            MpMenuButton(
                id=catalogue.menu_id,
                key=catalogue.key,
                type=2,
                name="Catalogue",
                value=URL,
            ),
        ),
    )
    entry = MpWxaEntry(
        username=f"{person.user_name}@app",
        title="Example Shop",
        icon_url=person.head_url,
    )
    info = MpInfo(
        user_name=person.user_name,
        nick_name="Example Shop",
        alias="example_shop",
        appid=f"wx{person.user_name[3:]}",
        signature="Things that nobody can buy",
        big_head_img_url=person.head_url,
        small_head_img_url=person.head_url,
        brand_icon_url=person.head_url,
        py_initial="EXAMPLESHOP",
        quan_pin="exampleshop",
        verify_flag="24",
        verify_info="Example Shop Limited",
        bit_mask="4294967295",
        mm_biz_menu=menu,
        brand_info=brand_info(cast),
        bind_wxa_info=MpBindWxaInfo(wxa_entry_info=(entry,), biz_entry_info=()),
        register_source=MpRegisterSource(
            register_body="Example Shop Limited", intro_url=f"{site(cast)}/registered"
        ),
        verify_source=MpVerifySource(
            description="Example Shop Limited",
            intro_url=f"{site(cast)}/verified",
            type=0,
            verify_biz_type=1,
        ),
        bind_kf_uin="0",
        function_flag="1",
        interactive_mode="2",
        is_agree_protocol="1",
        is_hide_input_toolbar_in_msg="0",
        is_show_head_img_in_msg="1",
        role_id="1",
        scan_qr_code_type="1",
        service_type="0",
    )
    return Scene(
        GetSubscriptionInfo(person.user_name),
        SubscriptionInfo(info=info),
        refused=GetSubscriptionInfo(NOBODY),
        because="no official account",
    )


def operate_subscription(cast: Cast) -> Scene:
    """The bot presses a button, and the shop writes to it; a link is not pressed."""
    shop = cast.world.officials.shop
    service, catalogue = shop.menu
    orders = service.buttons[0]

    def check() -> None:
        message = cast.me.inbox[-1]
        assert (message.sender, message.content) == (
            shop.person,
            "You have no orders.",
        )

    return Scene(
        OperateSubscription(shop.person.user_name, orders.menu_id, orders.key),
        Answer(),
        refused=OperateSubscription(
            shop.person.user_name, catalogue.menu_id, catalogue.key
        ),
        because="is a link",
        check=check,
    )


def get_request_token(cast: Cast) -> Scene:
    """The bot gets a key for a page of the shop."""
    user_name = cast.world.officials.shop.person.user_name
    return Scene(
        GetRequestToken(user_name, URL),
        RequestToken(
            info=WebAuthInfo(x_wechat_key=ANY, x_wechat_uin=ANY),
            full_url=ANY,
            share_url=f"{URL}?scene=1",
        ),
        refused=GetRequestToken(user_name, "catalogue"),
        because="no address of a page",
    )


def request_url(cast: Cast) -> Scene:
    """The bot fetches a page of the shop; a key is from getRequestToken."""
    shop = cast.world.officials.shop
    known = cast.world.officials.authorise(cast.me, shop, URL)
    body = (
        "<!DOCTYPE html>\n<html><head><title>Example Shop</title></head>"
        "<body><p>A pretend page of Example Shop.</p></body></html>\n"
    )
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return Scene(
        RequestUrl(URL, known.key, known.uin),
        UrlResponse(response=head + body),
        refused=RequestUrl(URL, "another key", known.uin),
        because="getRequestToken",
    )


def site(cast: Cast) -> str:
    """Return where the pages about the shop are."""
    user_name = cast.world.officials.shop.person.user_name
    return f"http://{user_name[3:]}.mp.invalid"


def brand_info(cast: Cast) -> MpBrandInfo:
    """Return the links of the shop."""
    history = MpLink(
        title="View history",
        url=f"{site(cast)}/history",
        title_key="__mp_wording__brandinfo_history_massmsg",
    )
    return MpBrandInfo(urls=(history,))


SCENES: dict[str, MakeScene] = {
    "getMpInfo": get_mp_info,
    "searchMp": search_mp,
    "getSubscriptionInfo": get_subscription_info,
    "operateSubscription": operate_subscription,
    "getRequestToken": get_request_token,
    "requestUrl": request_url,
}
