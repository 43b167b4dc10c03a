"""Items as they are stored, from each spelling."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import PushItem, decode_push
from padchat_twisted.session.stored_items import ItemWriter
from padchat_twisted.testing import contact, image_message, push_item, text_message
from padchat_twisted.wire import json_text
from padchat_twisted.wire.dialect_socketio import notice_body
from padchat_twisted.wire.envelope import Notice
from padchat_twisted.wire.json_keys import pascal_case, snake_case

#: Items that are read in one pass, and with the last of them those that are not.
USUAL = [
    text_message("你好", msg_id="1", room="1@chatroom"),
    push_item(2048),
    contact("1@chatroom", member='["a","b"]'),
    image_message("x" * 1000, msg_id="2"),
]
ODD = push_item(
    49, msg_id="3", from_user="a", content="<msg>", odd=10**30, half="\ud83d"
)


def pushes(items: list[dict[str, object]]) -> dict[str, Notice]:
    """Return a push of these items in each spelling."""
    pascal: Any = pascal_case(items)
    snake: Any = {"list": snake_case(items)}
    return {
        "canonical": Notice("push", notice_body("push", {"list": items})),
        "pascal": Notice("push", json_text.write(pascal), "pascal"),
        "snake": Notice("push", json_text.write(snake), "snake"),
    }


class ItemWriterTests(SynchronousTestCase):
    """What is written is read as the same item."""

    def restored(self, writer: ItemWriter, item: PushItem) -> PushItem:
        """Write an item, and read it again."""
        (found,) = decode_push(Notice("push", writer.write(item)), "wxid_bot") or ()
        return found

    def test_same(self) -> None:
        """Type, fields, original fields and conversation are those of the item."""
        for items in (USUAL, [*USUAL, ODD], [ODD], USUAL[:1]):
            for notice in pushes(items).values():
                writer = ItemWriter()
                found = decode_push(notice, "wxid_bot") or ()
                self.assertEqual(
                    len(found),
                    len([i for i in items if "msgId" in i or "userName" in i]),
                )
                for item in found:
                    restored = self.restored(writer, item)
                    self.assertIs(type(restored), type(item))
                    self.assertEqual(restored.raw, item.raw)
                    self.assertEqual(restored.conversation, item.conversation)
                    self.assertEqual(restored.msg_id, item.msg_id)

    def test_in_any_order(self) -> None:
        """Items of one push may be left out, and pushes may be mixed."""
        writer = ItemWriter()
        first, second = (
            decode_push(pushes(USUAL)[case], "wxid_bot") or ()
            for case in ("pascal", "snake")
        )
        for item in (first[2], second[0], first[0], first[0], second[2]):
            self.assertEqual(self.restored(writer, item).raw, item.raw)

    def test_text_is_read_once(self) -> None:
        """The text of a push with many items is not read for each of them."""
        reads: list[bytes] = []
        read = json_text.read

        def counted(data: bytes) -> Any:  # noqa: ANN401 - see read
            reads.append(data)
            return read(data)

        self.patch(json_text, "read", counted)
        items = [text_message("a", msg_id=str(number)) for number in range(50)]
        for notice in pushes(items).values():
            writer = ItemWriter()
            found = decode_push(notice, "wxid_bot") or ()
            reads.clear()
            for item in found:
                writer.write(item)
            self.assertEqual(len(reads), 1)
            self.assertEqual(writer._text, b"")
