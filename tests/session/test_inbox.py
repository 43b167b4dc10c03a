"""From notices to handlers."""

from __future__ import annotations

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    Contact,
    Event,
    LoginEvent,
    Message,
    PushItem,
    TextMessage,
    UnknownEvent,
    UnknownItem,
)
from padchat_twisted.catalogue.media_messages import VoiceMessage
from padchat_twisted.errors import RemoteProtocolError
from padchat_twisted.interfaces import AccountKey
from padchat_twisted.session.credentials import Credentials
from padchat_twisted.session.inbox import Inbox
from padchat_twisted.store import MemoryStore
from padchat_twisted.testing import contact, push_item, text_message
from padchat_twisted.wire.dialect_socketio import notice_body
from padchat_twisted.wire.envelope import Notice

from .case import TEXT


class InboxTests(SynchronousTestCase):
    """Typed, each message once."""

    def setUp(self) -> None:
        """Build one whose events are kept."""
        self.events: list[Event] = []
        self.happened: list[Event] = []
        key = AccountKey("http://gateway.invalid:7700/user", "0" * 16, "bot")
        self.credentials = Credentials(key, MemoryStore(), None)
        self.inbox = Inbox(
            *(Clock(), object(), "bot", self.credentials),
            *(self.save, self.happened.append, lambda _: None),
        )
        self.inbox.dispatch.on(Event, lambda _, event: self.events.append(event))

    def save(self, ids: list[str]) -> Deferred[None]:
        """Store nothing."""
        return succeed(None)

    def take(self, event: str, *arguments: object) -> list[Event]:
        """Take a notice, and return what was handed out since the last one."""
        self.events.clear()
        self.inbox.take(Notice(event, notice_body(event, *arguments)))
        return list(self.events)

    def test_event(self) -> None:
        """An event is told to the login before its handlers have it."""
        self.inbox.dispatch.on(
            LoginEvent, lambda _, event: self.assertEqual(self.happened, [event])
        )
        (event,) = self.take("login", {})
        self.assertIsInstance(event, LoginEvent)
        self.assertEqual(self.happened, [event])
        self.assertEqual(self.inbox.dispatch.failures, 0)

    def test_push(self) -> None:
        """A push is handed out item by item, in its order, and never as itself."""
        first = text_message("1", msg_id="1")
        items = [first, contact(), push_item(34, msg_id="2"), push_item(777)]
        events = self.take("push", {"list": items})
        self.assertEqual(
            [type(event) for event in events],
            [TextMessage, Contact, VoiceMessage, UnknownItem],
        )
        self.assertEqual(self.happened, [])

    def test_markers(self) -> None:
        """What only marks a place in the synchronisation is nobody's event."""
        markers = [push_item(2048), push_item(32768)]
        self.assertEqual(self.take("push", {"list": markers}), [])

    def test_own(self) -> None:
        """Messages know whose account it is, once the inbox does."""
        item = text_message("1", msg_id="1", from_user="wxid_bot", to_user="wxid_a")
        self.credentials.user_name = "wxid_bot"
        (message,) = self.take("push", {"list": [item]})
        assert isinstance(message, Message)
        self.assertTrue(message.is_from_me)
        self.assertEqual(message.conversation, "wxid_a")

    def test_unparsed(self) -> None:
        """Items that cannot be parsed are counted, once each, and handed out."""
        broken = push_item(49, msg_id="1", from_user="a", content="<msg><appmsg>")
        for _ in range(2):
            self.take("push", {"list": [broken, push_item(777), text_message()]})
        self.assertEqual(self.inbox.unparsed, 3)

    def test_repeated_messages(self) -> None:
        """A message that came before is not handed out, whatever its kind."""
        items = [
            text_message("1", msg_id="1"),
            push_item(34, msg_id="2", from_user="a"),
            contact(),
            push_item(777),
        ]
        self.assertEqual(len(self.take("push", {"list": items})), 4)
        events = self.take("push", {"list": items})
        self.assertEqual([type(event) for event in events], [Contact, UnknownItem])
        self.assertEqual(self.inbox.seen.repeated, 2)

    def test_repeated_within_one_push(self) -> None:
        """The same holds within one push."""
        item = text_message("1", msg_id="1")
        self.assertEqual(len(self.take("push", {"list": [item, item]})), 1)

    def test_same_text_twice(self) -> None:
        """Two messages with one text are two messages."""
        items = [text_message("1", msg_id="1"), text_message("1", msg_id="2")]
        self.assertEqual(len(self.take("push", {"list": items})), 2)

    def test_unknown(self) -> None:
        """An unknown event and an odd push are handed out with all they have."""
        (event,) = self.take("brandNew", {"a": 1}, "b")
        assert isinstance(event, UnknownEvent)
        self.assertEqual((event.event, event.raw), ("brandNew", {"a": 1}))
        odd: list[object] = [{"list": "no list"}, {"list": []}, {}, None, 5]
        for payload in odd:
            (event,) = self.take("push", payload)
            assert isinstance(event, UnknownEvent)
            self.assertEqual(event.event, "push")
            self.assertEqual(event.arguments, [payload])

    def test_unreadable(self) -> None:
        """Text that is no JSON breaks the protocol, and is not repeated."""
        body = b'["push",{"list":[{"content":"' + TEXT.encode()
        error = self.assertRaises(
            RemoteProtocolError, self.inbox.take, Notice("push", body)
        )
        self.assertEqual(error.layer, "padchat")
        self.assertIn("'push'", str(error))
        self.assertNotIn(TEXT, str(error))
        self.assertTrue(error.__suppress_context__)
        self.assertIsNone(error.__cause__)

    def test_conversations(self) -> None:
        """Items are in the order of their conversation, unknown ones too."""
        held: Deferred[None] = Deferred()
        ran: list[str] = []

        def handle(account: object, item: PushItem) -> Deferred[None] | None:
            ran.append(item.msg_id)
            return held if item.msg_id == "1" else None

        self.inbox.dispatch.on(Message, handle)
        self.inbox.dispatch.on(UnknownItem, handle)
        self.take(
            "push",
            {
                "list": [
                    text_message(msg_id="1", room="7@chatroom"),
                    push_item(34, msg_id="2", from_user="7@chatroom"),
                    push_item(34, msg_id="3", from_user="me", to_user="7@chatroom"),
                    push_item(34, msg_id="4", from_user="wxid_other"),
                ]
            },
        )
        self.assertEqual(ran, ["1", "4"])
        held.callback(None)
        self.assertEqual(ran, ["1", "4", "2", "3"])
