"""What is found of official accounts."""

from __future__ import annotations

import json

from msgspec import to_builtins
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    MpInfo,
    MpMenu,
    MpMenuButton,
    MpSearchItem,
    MpSearchResult,
)
from padchat_twisted.catalogue.lenient import lenient
from padchat_twisted.wire.json_keys import camel_case


class ProfileTests(SynchronousTestCase):
    """Their spelling, which follows no rule."""

    def test_profile(self) -> None:
        """The keys of a real profile are found, and the JSON texts in it read."""
        menu = {"button_list": [{"id": 1, "sub_button_list": [{"key": "k"}]}]}
        raw = {
            "UserName": "gh_a",
            "PYInitial": "A",
            "BrandIconURL": "http://h/",
            "BindKFUin": "1",
            "ScanQRCodeType": "2",
            "MMBizMenu": json.dumps(menu),
        }
        button = MpMenuButton(id=1, sub_button_list=(MpMenuButton(key="k"),))
        self.assertEqual(
            lenient(MpInfo, camel_case(raw)),
            MpInfo(
                user_name="gh_a",
                py_initial="A",
                brand_icon_url="http://h/",
                bind_kf_uin="1",
                scan_qr_code_type="2",
                mm_biz_menu=MpMenu(button_list=(button,)),
            ),
        )

    def test_search(self) -> None:
        """So are those of what a search found."""
        item = {"docID": "1", "headHDImgUrl": "http://h/", "externalInfo": '{"a":1}'}
        result = {"searchID": "5", "data": [{"items": [item]}], "cookies": "{}"}
        found = lenient(MpSearchResult, result)
        self.assertEqual(found.search_id, "5")
        self.assertEqual(
            found.data[0].items,
            (
                MpSearchItem(
                    doc_id="1", head_hd_img_url="http://h/", external_info={"a": 1}
                ),
            ),
        )

    def test_written(self) -> None:
        """They are spelled as they came."""
        names = set(to_builtins(MpInfo()))
        self.assertLessEqual({"brandIconURL", "bindKFUin", "mmBizMenu"}, names)
