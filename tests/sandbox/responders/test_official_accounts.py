"""Tests of padchat_twisted.sandbox.responders.official_accounts."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import FoundMps, RequestToken, SubscriptionInfo
from padchat_twisted.sandbox.officials import MAX_KEYWORD_CHARACTERS

from ..stage import Stage, as_read

URL = "http://shop.example.invalid/catalogue"


class OfficialAccountTests(SynchronousTestCase):
    """What a client does with official accounts."""

    def setUp(self) -> None:
        """Have an account."""
        stage = Stage()
        self.officials = stage.world.officials
        self.client = stage.connect().log_in()
        self.shop = self.officials.shop
        self.gh_name = self.shop.person.user_name

    def search(self, keyword: str) -> FoundMps:
        """Search official accounts."""
        return as_read(self.client.call("searchMp", {"content": keyword}), FoundMps)

    def test_way_to_a_menu(self) -> None:
        """From a search to the profile, and by a button of its menu to a message."""
        found = self.search("shop").info
        assert found is not None
        gh_name = found.data[0].items[0].user_name
        reply = self.client.call("getSubscriptionInfo", {"ghName": gh_name})
        info = as_read(reply, SubscriptionInfo).info
        assert info is not None
        assert info.mm_biz_menu is not None
        button = info.mm_biz_menu.button_list[0].sub_button_list[1]
        params = {"ghName": gh_name, "menuId": button.id, "menuKey": button.key}
        self.assertTrue(self.client.call("operateSubscription", params).success)
        (item,) = self.client.pushed(1)
        self.assertEqual(
            (item["fromUser"], item["content"]), (gh_name, "We are never open.")
        )

    def test_search(self) -> None:
        """What is found is marked; what is not found leaves no group."""
        found = self.search("EXAMPLE")
        assert found.info is not None
        (group,) = found.info.data
        self.assertEqual((group.count, group.total_count), (2, 2))
        for item in group.items:
            marked = '<em class="highlight">Example</em>'
            self.assertTrue(item.nick_name_highlight.startswith(marked))
        none = self.search("a.b")
        assert none.info is not None
        self.assertEqual((none.info.data, none.offset), ((), 0))

    def test_many_results(self) -> None:
        """Twenty are shown, and that there are more."""
        for number in range(19):
            self.officials.add(f"shop{number}", nick_name=f"Shop {number}")
        self.assertEqual(self.shown("shop"), (20, 20, 0))
        self.officials.add("shop", nick_name="One more shop")
        self.assertEqual(self.shown("shop"), (20, 21, 1))

    def shown(self, keyword: str) -> tuple[int, int, int]:
        """Search; return how many are shown, how many there are, and the flag."""
        info = self.search(keyword).info
        assert info is not None
        (group,) = info.data
        return len(group.items), group.total_count, info.continue_flag

    def test_keyword(self) -> None:
        """A text to search for has a limit."""
        self.search("x" * MAX_KEYWORD_CHARACTERS)
        for keyword in ("", "x" * (MAX_KEYWORD_CHARACTERS + 1)):
            said = self.client.refused("searchMp", {"content": keyword})
            self.assertIn("content", said)

    def test_mp_info(self) -> None:
        """The visible id leads to the other one."""
        reply = self.client.call("getMpInfo", {"userId": "example_shop"})
        self.assertEqual(reply.data["userName"], self.gh_name)
        for user_id in ("", self.gh_name, "nobody"):
            said = self.client.refused("getMpInfo", {"userId": user_id})
            self.assertIn("userId", said)

    def test_without_a_menu(self) -> None:
        """An account may have no menu."""
        cafe = self.officials.add("cafe", nick_name="Cafe")
        params = {"ghName": cafe.person.user_name}
        reply = self.client.call("getSubscriptionInfo", params)
        info = as_read(reply, SubscriptionInfo).info
        assert info is not None
        assert info.mm_biz_menu is not None
        self.assertEqual(info.mm_biz_menu.button_list, ())
        pressed = {**params, "menuId": 0, "menuKey": "rselfmenu_0"}
        said = self.client.refused("operateSubscription", pressed)
        self.assertIn("no button", said)

    def test_page(self) -> None:
        """A key that was given opens a page; every other parameter is refused."""
        params = {"ghName": self.gh_name, "url": URL}
        reply = self.client.call("getRequestToken", params)
        info = as_read(reply, RequestToken).info
        assert info is not None
        known = {"url": URL, "xKey": info.x_wechat_key, "xUin": info.x_wechat_uin}
        response = self.client.call("requestUrl", known).data["response"]
        self.assertIn("Example Shop", str(response))
        for name in known:
            self.client.refused("requestUrl", {**known, name: ""})
            self.client.refused("requestUrl", {**known, name: "x"})

    def test_nobody(self) -> None:
        """What is no official account has none of it."""
        for code in ("getSubscriptionInfo", "operateSubscription", "getRequestToken"):
            for gh_name in ("", "gh_0", self.client.account.user.user_name):
                self.assertIn("ghName", self.client.refused(code, {"ghName": gh_name}))
