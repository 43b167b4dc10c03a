"""Letter cases of keys, and JSON texts inside JSON."""

from __future__ import annotations

import tracemalloc
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire import json_text
from padchat_twisted.wire.json_keys import (
    MAX_KEY_KEPT,
    MAX_KEYS_KEPT,
    Texts,
    camel_case,
    camel_key,
    pascal_case,
    snake_case,
    write_texts,
)
from padchat_twisted.wire.limits import MAX_JSON_DEPTH, MAX_JSON_VALUES

from .json_examples import spellings


def read(**data: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Read the texts of a result."""
    Texts().read_result(data)
    return data


class KeyTests(SynchronousTestCase):
    """From one letter case to another."""

    def test_tables(self) -> None:
        """Every key of the tables goes both ways, in both dialects."""
        for case, spell in (("pascal", pascal_case), ("snake", snake_case)):
            for theirs, ours in spellings(case).items():
                self.assertEqual(camel_key(theirs), ours)
                if theirs != "userName":
                    # One command of sdk answers camelCase (open-questions.md, Q36).
                    self.assertEqual(spell({ours: 1}), {theirs: 1})

    def test_as_the_reference_does(self) -> None:
        """Odd keys become what helper.js of padchat-sdk makes of them."""
        for theirs, ours in (
            ("MMBizMenu", "mmBizMenu"),
            ("PYInitial", "pyInitial"),
            ("X-WECHAT-KEY", "X-WECHAT-KEY"),
            ("a_b", "ab"),
            ("ab__c", "ab_c"),
            ("_id", "id"),
            ("a", "a"),
            ("A", "A"),
            ("", ""),
            ("名_字", "名_字"),
        ):
            self.assertEqual(camel_key(theirs), ours)

    def test_long_keys(self) -> None:
        """A key beyond the limit is spelled all the same, and not kept."""
        for size in (MAX_KEY_KEPT, MAX_KEY_KEPT + 1):
            key = "Ab_c" + "x" * (size - 4)
            self.assertEqual(camel_key(key), "abC" + "x" * (size - 4))

    def test_many_keys(self) -> None:
        """However many keys a peer thinks of, a bounded number is kept."""
        tracemalloc.start()
        try:
            for number in range(10 * MAX_KEYS_KEPT):
                camel_key(f"a_key{number}")
            held, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        # One takes some 250 bytes.
        self.assertLess(held, MAX_KEYS_KEPT * 500)

    def test_every_depth(self) -> None:
        """Keys in lists and objects are spelled, values are not touched."""
        given = {"user_name": [{"nick_name": "some_text"}, ["b_c", None, 1.5]]}
        wanted = {"userName": [{"nickName": "some_text"}, ["b_c", None, 1.5]]}
        self.assertEqual(camel_case(given), wanted)


class TextTests(SynchronousTestCase):
    """JSON texts inside results. Source: dialects.md, 4."""

    def test_read(self) -> None:
        """A text that is JSON is read, a newline at its end or not."""
        self.assertEqual(
            read(member='[{"UserName":"a"}]\n')["member"], [{"userName": "a"}]
        )
        self.assertEqual(read(external=' {"fee":1} ')["external"], {"fee": 1})
        self.assertIsNone(read(member="null\n")["member"])

    def test_left_alone(self) -> None:
        """What is no list, object or null stays what it is."""
        for value in ("", "0", "text", "[", '{"a":NaN}', '"text"', 7, None, ["a"]):
            self.assertEqual(read(info=value)["info"], value)

    def test_other_fields(self) -> None:
        """No other field is looked at."""
        self.assertEqual(read(content='["a"]')["content"], '["a"]')

    def test_surrogates(self) -> None:
        """A text that was cut inside an emoji is read, escaped or not."""
        self.assertEqual(read(member='["\ud83d"]')["member"], ["\ud83d"])
        self.assertEqual(read(member='["\\ud83d"]')["member"], ["\ud83d"])

    def test_too_deep(self) -> None:
        """A text that nests too deeply stays a text."""
        for depth, is_read in ((MAX_JSON_DEPTH, True), (MAX_JSON_DEPTH + 1, False)):
            text = "[" * depth + "]" * depth
            found = read(member=text)["member"]
            self.assertEqual(isinstance(found, list), is_read)

    def test_too_many_values(self) -> None:
        """All texts of a frame together have no more values than a frame."""
        texts = Texts()
        half = "[" + "1," * (MAX_JSON_VALUES // 2) + "1]"
        first, second = {"member": half}, {"member": half}
        texts.read_item(first)
        texts.read_item(second)
        self.assertIsInstance(first["member"], list)
        self.assertEqual(second["member"], half)

    def test_written(self) -> None:
        """What is read comes back as the text it was, the given object untouched."""
        data = {"member": [{"userName": "a"}], "external": {"feeType": "1"}}
        written = write_texts(data, snake_case)
        self.assertEqual(
            written,
            {"member": '[{"user_name":"a"}]\n', "external": '{"fee_type":"1"}'},
        )
        self.assertEqual(read(**written), data)
        self.assertIsInstance(data["member"], list)
        self.assertEqual(
            write_texts({"member": "a", "info": 0}, snake_case),
            {"member": "a", "info": 0},
        )
        surrogate = write_texts({"member": ["\ud83d"]}, pascal_case)
        self.assertEqual(json_text.read(surrogate["member"].encode()), ["\ud83d"])

    def test_money(self) -> None:
        """The engine spells transfers in snake_case and red packets otherwise."""
        for ours, theirs in (
            ({"feeType": "1"}, '{"fee_type":"1"}'),
            ({"hbStatus": 2, "record": []}, '{"hbStatus":2,"record":[]}'),
            ({"systemMsgContext": "x"}, '{"SystemMsgContext":"x"}'),
        ):
            for spell in (snake_case, pascal_case):
                written = write_texts({"external": ours}, spell)
                self.assertEqual(written, {"external": theirs})
                self.assertEqual(read(**written), {"external": ours})

    def test_official_accounts(self) -> None:
        """Their values are texts within the text, each in its own letter case."""
        profile = {
            "userName": "gh_1",
            "pyInitial": "A",
            "bindKFUin": "0",
            "mmBizMenu": {"buttonList": [{"subButtonList": []}]},
            "brandInfo": {"urls": [{"titleKey": "x"}]},
            "registerSource": {"introUrl": "x"},
        }
        item = {"headHDImgUrl": "x", "externalInfo": {"roleId": "1"}}
        search = {
            "searchID": "1",
            "cookies": {"isHomepage": 1},
            "data": [{"totalCount": 1, "items": [item]}],
        }
        keys = {"X-WECHAT-KEY": "x"}
        for info, theirs in (
            (
                profile,
                {
                    "UserName": "gh_1",
                    "PYInitial": "A",
                    "BindKFUin": "0",
                    "MMBizMenu": '{"button_list":[{"sub_button_list":[]}]}',
                    "BrandInfo": '{"urls":[{"titleKey":"x"}]}',
                    "RegisterSource": '{"IntroUrl":"x"}',
                },
            ),
            (
                search,
                {
                    "searchID": "1",
                    "cookies": '{"isHomepage":1}',
                    "data": [
                        {
                            "totalCount": 1,
                            "items": [
                                {
                                    "headHDImgUrl": "x",
                                    "externalInfo": '{"RoleId":"1"}',
                                }
                            ],
                        }
                    ],
                },
            ),
            (keys, keys),
        ):
            for spell in (snake_case, pascal_case):
                written = write_texts({"info": info}, spell)
                self.assertEqual(json_text.read(written["info"].encode()), theirs)
                self.assertEqual(read(**written), {"info": info})
