"""Area official accounts: what is found of them, part by part."""

from __future__ import annotations

from typing import Any

from msgspec import field

from .base import Part

__all__ = [
    "MpBindWxaInfo",
    "MpBrandInfo",
    "MpInfo",
    "MpLink",
    "MpMenu",
    "MpMenuButton",
    "MpRegisterSource",
    "MpSearchCookies",
    "MpSearchGroup",
    "MpSearchItem",
    "MpSearchResult",
    "MpVerifySource",
    "MpWxaEntry",
]


class MpLink(Part, frozen=True, gc=False):
    """Link of an official account.

    Args:
        title: label.
        url: link.
        title_key: key of the label.

    Source: commands.toml, type MpLink.
    """

    title: str = ""
    url: str = ""
    title_key: str = ""


class MpBrandInfo(Part, frozen=True, gc=False):
    """Links of an official account.

    Args:
        urls: links.

    Source: commands.toml, type MpBrandInfo.
    """

    urls: tuple[MpLink, ...] = ()


class MpSearchItem(Part, frozen=True, gc=False):
    """Official account found.

    Args:
        user_name: id (``gh_`` prefix).
        nick_name: name.
        alias_name: visible id.
        signature: description.
        head_img_url: avatar.
        head_hd_img_url: large avatar.
        icon_url: icon.
        verify_flag: verification flag.
        doc_id: id of the document.
        brand_flag: unknown.
        brand_info: JSON text in the raw form.
        external_info: JSON text in the raw form; inner keys PascalCase: Appid,
            BindWxaInfo, FunctionFlag, InteractiveMode, IsAgreeProtocol,
            IsHideInputToolbarInMsg, IsShowHeadImgInMsg, RegisterSource, RoleId,
            ScanQRCodeType, ServiceType, VerifySource.
        friends_follow_count: contacts who follow it.
        nick_name_highlight: name with em elements around the match.
        signature_highlight: description with em elements around the match.
        seg_query: query split into words.

    Source: commands.toml, type MpSearchItem.
    """

    user_name: str = ""
    nick_name: str = ""
    alias_name: str = ""
    signature: str = ""
    head_img_url: str = ""
    head_hd_img_url: str = field(default="", name="headHDImgUrl")
    icon_url: str = ""
    verify_flag: int = 0
    doc_id: str = field(default="", name="docID")
    brand_flag: int = 0
    brand_info: MpBrandInfo | None = None
    external_info: dict[str, Any] | None = None
    friends_follow_count: int = 0
    nick_name_highlight: str = ""
    signature_highlight: str = ""
    seg_query: str = ""


class MpSearchGroup(Part, frozen=True, gc=False):
    """Group of results.

    Args:
        title: title of the group.
        count: number of items.
        total_count: total number.
        type: kind.
        items: results.
        keyword_list: keywords.

    Source: commands.toml, type MpSearchGroup.
    """

    title: str = ""
    count: int = 0
    total_count: int = 0
    type: int = 0
    items: tuple[MpSearchItem, ...] = ()
    keyword_list: tuple[str, ...] = ()


class MpSearchCookies(Part, frozen=True, gc=False):
    """State of a search.

    Args:
        business_type: unknown.
        is_homepage: unknown.
        query: query.
        scene: unknown.

    Source: commands.toml, type MpSearchCookies.
    """

    business_type: int = 0
    is_homepage: int = 0
    query: str = ""
    scene: int = 0


class MpSearchResult(Part, frozen=True, gc=False):
    """Outcome of searchMp.

    Args:
        data: groups of results.
        continue_flag: 1 when there are more results.
        offset: offset.
        search_id: id of the search.
        query: query.
        ret: 0 on success.
        cookies: JSON text in the raw form.
        result_type: unknown.
        lang: language.
        direction: unknown.
        expose_ms: unknown.
        monitor_ms: unknown.
        is_divide: unknown.
        is_expose: unknown.
        is_home_page: unknown.

    Source: commands.toml, type MpSearchResult.
    """

    data: tuple[MpSearchGroup, ...] = ()
    continue_flag: int = 0
    offset: int = 0
    search_id: str = field(default="", name="searchID")
    query: str = ""
    ret: int = 0
    cookies: MpSearchCookies | None = None
    result_type: int = 0
    lang: str = ""
    direction: int = 0
    expose_ms: int = 0
    monitor_ms: int = 0
    is_divide: int = 0
    is_expose: int = 0
    is_home_page: int = 0


class MpMenuButton(Part, frozen=True, gc=False):
    """Button of a menu.

    Args:
        id: value for menuId.
        key: value for menuKey.
        type: 0 sub-menu, 1 click, 2 link.
        name: label.
        value: link.
        native_url: native link.
        sub_button_list: sub-buttons.

    Source: commands.toml, type MpMenuButton.
    """

    id: int = 0
    key: str = ""
    type: int = 0
    name: str = ""
    value: str = ""
    native_url: str = ""
    sub_button_list: tuple[MpMenuButton, ...] = ()


class MpMenu(Part, frozen=True, gc=False):
    """Menu of an official account.

    Args:
        uin: numeric id of the account.
        version: version.
        interactive_mode: mode.
        update_time: unix time in seconds.
        button_list: buttons.

    Source: commands.toml, type MpMenu.
    """

    uin: int = 0
    version: int = 0
    interactive_mode: int = 0
    update_time: int = 0
    button_list: tuple[MpMenuButton, ...] = ()


class MpWxaEntry(Part, frozen=True, gc=False):
    """Mini program.

    Args:
        username: id (``gh_`` prefix, ``@app`` suffix).
        title: name.
        icon_url: icon.

    Source: commands.toml, type MpWxaEntry.
    """

    username: str = ""
    title: str = ""
    icon_url: str = ""


class MpBindWxaInfo(Part, frozen=True, gc=False):
    """Mini programs bound to an official account.

    Args:
        wxa_entry_info: mini programs.
        biz_entry_info: empty in the sample.

    Source: commands.toml, type MpBindWxaInfo.
    """

    wxa_entry_info: tuple[MpWxaEntry, ...] = ()
    biz_entry_info: tuple[dict[str, Any], ...] = ()


class MpRegisterSource(Part, frozen=True, gc=False):
    """Registration of an official account.

    Args:
        register_body: company.
        intro_url: link.

    Source: commands.toml, type MpRegisterSource.
    """

    register_body: str = ""
    intro_url: str = ""


class MpVerifySource(Part, frozen=True, gc=False):
    """Verification of an official account.

    Args:
        description: company.
        intro_url: link.
        type: kind.
        verify_biz_type: kind.

    Source: commands.toml, type MpVerifySource.
    """

    description: str = ""
    intro_url: str = ""
    type: int = 0
    verify_biz_type: int = 0


class MpInfo(Part, frozen=True, gc=False):
    """Profile of an official account.

    Args:
        user_name: id (``gh_`` prefix).
        nick_name: name.
        alias: visible id.
        appid: app id.
        signature: description.
        big_head_img_url: large avatar.
        small_head_img_url: small avatar.
        brand_icon_url: icon.
        py_initial: pinyin initials; raw key PYInitial.
        quan_pin: full pinyin.
        verify_flag: verification flag.
        verify_info: verified name.
        bit_mask: unknown.
        mm_biz_menu: menu; raw key MMBizMenu, JSON text in the raw form.
        brand_info: JSON text in the raw form.
        bind_wxa_info: bound mini programs; JSON text in the raw form.
        register_source: JSON text in the raw form.
        verify_source: JSON text in the raw form.
        bind_kf_uin: unknown.
        function_flag: unknown.
        interactive_mode: mode of the menu.
        is_agree_protocol: flag.
        is_hide_input_toolbar_in_msg: flag.
        is_show_head_img_in_msg: flag.
        role_id: unknown.
        scan_qr_code_type: unknown.
        service_type: kind of account.

    Source: commands.toml, type MpInfo.
    """

    user_name: str = ""
    nick_name: str = ""
    alias: str = ""
    appid: str = ""
    signature: str = ""
    big_head_img_url: str = ""
    small_head_img_url: str = ""
    brand_icon_url: str = field(default="", name="brandIconURL")
    py_initial: str = ""
    quan_pin: str = ""
    verify_flag: str = ""
    verify_info: str = ""
    bit_mask: str = ""
    mm_biz_menu: MpMenu | None = None
    brand_info: MpBrandInfo | None = None
    bind_wxa_info: MpBindWxaInfo | None = None
    register_source: MpRegisterSource | None = None
    verify_source: MpVerifySource | None = None
    bind_kf_uin: str = field(default="", name="bindKFUin")
    function_flag: str = ""
    interactive_mode: str = ""
    is_agree_protocol: str = ""
    is_hide_input_toolbar_in_msg: str = ""
    is_show_head_img_in_msg: str = ""
    role_id: str = ""
    scan_qr_code_type: str = field(default="", name="scanQRCodeType")
    service_type: str = ""
