"""Each container that lives longer than a call is bounded, and it is told by what."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from .bounds import containers, containers_in
from .examples.limits import told, value_of
from .examples.pages import DOCS

#: Those that cannot grow without end by what they are for, each with the reason.
CLOSED = {
    "catalogue.events._reply_decoder()": "one for each class of result",
    "catalogue.lenient._fields()": "one for each class of event",
    "catalogue.parameters.params_of()": "one for each class of command and result",
    "catalogue.spelled_pushes._Reader._kinds": "one for each kind of message",
    "catalogue.spelled_pushes._reader()": "two spellings",
    "catalogue.xml_text._places()": "one for each class of message",
    "interfaces.PacingRecord.counts": "a value, as the store is given it",
    "sandbox.faults.scenario._Reader.mistakes": (
        "one for each place of a file with a limit"
    ),
    "sandbox.faults.served.Faulty._swapped": "one for each name of an event",
    "sandbox.faults.trouble.Trouble.played": "one for each kind of fault",
    "sandbox.feeds.FetchedFeed._announced": "contacts, messages",
    "sandbox.responders.base.Reply.sdk": "of one reply",
    "sandbox.saved._SavedPerson.labels": "of a file with a limit",
    "sandbox.saved._SavedPerson.notes": "of a file with a limit",
    "service.accounts.PadChatService.accounts": "one for each account that was added",
    "service.control.CallRequest.params": "of one request, whose body has a limit",
    "service.demo.Demo._parts": "one for each account of the demonstration",
    "service.demo._Part.logins": "one for each login of a demonstration",
    "service.reading.Reader._numbers": "one for each line of a file with a limit",
    "service.reading.Reader.problems": "one for each place of a file with a limit",
    "service.spelling._commands()": "called without arguments",
    "service.spelling._params()": "one for each class of command",
    "session.budget.ConnectBudget._waiting": "an account waits for one turn at most",
    "session.budget._budgets": "one for each reactor",
    "session.contacts.ContactBook._seen": "those of the contacts that are kept",
    "session.credentials.Credentials._device": "the fields of one device",
    "session.credentials.Credentials._given": "the fields of one device",
    "session.day_counts.DayCounts._counts": "one for each kind of command",
    "session.day_counts.DayCounts._unsaved": "one for each day that the store hangs",
    "session.dialects.LoginDialect._limits": "one for each command of the catalogue",
    "session.dialects.LoginDialect.time_limits": "written out in the code",
    "session.dispatch.Dispatch._caused": "what a handler causes until it returns",
    "session.dispatch.Dispatch._found": "one for each class of event",
    "session.fetching.Fetching._questions": "messages, contacts",
    "session.inbox.Inbox._watches": "written out in the code",
    "session.login._factory()": "called without arguments",
    "session.pacer.Pacer._kinds": "one for each kind of command",
    "session.pacer.Pacer._leaving": "those of the keys that are being noted",
    "session.pacing.Pacing.kinds": "a setting",
    "session.pacing.Pacing.per_day": "a setting",
    "session.pausing.Pausing._wanted_by": "two who may want a pause",
    "session.roster.Roster.watches": "written out in the code",
    "session.slow.SlowWatch._since": "one for each busy handler",
    "socketio.link.ServerLink._secrets": "a setting",
    "socketio.sockets.Socket.data": "the program's own",
    "store.memory.MemoryStore._accounts": "one for each account",
    "store.memory.MemoryStore._pacing": "one for each account",
    "store.memory.MemoryStore._sends": "one for each account",
    "store.sql.SQLiteStore._turn": "who opens and closes the store",
    "testing.FakeConnection._unread": "of a test",
    "testing.FakeConnection.calls": "of a test",
    "testing.FakeConnection.waiting": "of a test",
    "testing.FakeConnector.connections": "of a test",
    "testing.RecordedHandler.events": "of a test",
    "transport.endpoints._Receiver._addresses": "one answer of a name server",
    "transport.factories.ClientFactory.perMessageCompressionOffers": "one offer",
    "transport.head_guard.GuardedEndpoint.open": "a poll and a POST at a time",
    "transport.losses.Losses._waiting": "a connection is lost once",
    "transport.losses._losses": "one for each reactor",
    "transport.polling_client.PollingClient._pending": "a poll and a POST at a time",
    "transport.polling_server.WaitingRequests._requests": "a poll and a POST at a time",
    "transport.resting.Resting.__dict__": "the attributes of a connection",
    "transport.revision.RevisionFinder._refusals": "two revisions",
    "transport.session_side.SessionSide._early": "one read: nothing is read meanwhile",
    "wire.engineio_connection.EngineIOConnection._actions": "taken in the same turn",
    "wire.json_connection.JsonConnection._actions": "taken in the same turn",
    "wire.json_connection.JsonConnection._events": "taken in the same turn",
    "wire.socketio_connection.SocketIOConnection._events": "taken in the same turn",
}

#: The others, each with the constant that bounds it: in the same module, or by its
#: module and name.
LIMITED = {
    "observers.Observers._waiting": "MAX_OBSERVERS",
    "redaction.KnownSecrets._long": "MAX_KNOWN_OWNERS",
    "redaction.KnownSecrets._owners": "MAX_KNOWN_OWNERS",
    "redaction.KnownSecrets._shared": "MAX_KNOWN_OWNERS",
    "redaction.KnownSecrets._short": "MAX_KNOWN_OWNERS",
    "sandbox.accounts.Account.tokens": "MAX_TOKENS",
    "sandbox.binding.Binding._waiting": "MAX_WAITING_NOTICES",
    "sandbox.directory.Directory._by_label": "sandbox.world.MAX_ACCOUNTS",
    "sandbox.directory.Directory.accounts": "sandbox.world.MAX_ACCOUNTS",
    "sandbox.directory.Directory.by_stranger": "sandbox.people.MAX_PEOPLE",
    "sandbox.directory.Directory.by_user_name": "sandbox.people.MAX_PEOPLE",
    "sandbox.directory.Directory.people": "sandbox.people.MAX_PEOPLE",
    "sandbox.directory.Directory.rooms": "sandbox.world.MAX_ROOMS",
    "sandbox.faults.chaos.ChaosPlayer._chances": (
        "sandbox.faults.player.MAX_ACCOUNTS_PLAYED"
    ),
    "sandbox.faults.player.Player._counts": "MAX_ACCOUNTS_PLAYED",
    "sandbox.faults.served.Faulty._in_line": "MAX_HELD",
    "sandbox.faults.served.Faulty._later": "MAX_HELD",
    "sandbox.faults.served.Faulty._planned": "sandbox.faults.scenario.MAX_FAULTS",
    "sandbox.faults.trouble.Trouble._pushed": "sandbox.world.MAX_ACCOUNTS",
    "sandbox.faults.trouble.Trouble._troubled": "transport.resource.MAX_CONNECTIONS",
    "sandbox.favorites.Favorites._shelves": "sandbox.people.MAX_PEOPLE",
    "sandbox.favorites._Shelf.favorites": "MAX_FAVORITES",
    "sandbox.feeds.FetchedFeed._contacts": "sandbox.people.MAX_PEOPLE",
    "sandbox.feeds.FetchedFeed._messages": "sandbox.people.MAX_KEPT_MESSAGES",
    "sandbox.friends.Friends._requests": "sandbox.people.MAX_PEOPLE",
    "sandbox.invitations.Invitations._codes": "MAX_INVITATIONS",
    "sandbox.invitations.Invitations._rooms": "MAX_INVITATIONS",
    "sandbox.mail.Mail._observers": "MAX_OBSERVERS",
    "sandbox.moments.Moment.comments": "MAX_COMMENTS",
    "sandbox.moments.Moment.likes": "sandbox.people.MAX_PEOPLE",
    "sandbox.moments.Moments._moments": "MAX_MOMENTS",
    "sandbox.money.Money._kept": "MAX_KEPT_PAYMENTS",
    "sandbox.money.Money._pending": "MAX_KEPT_PAYMENTS",
    "sandbox.officials.Officials._keys": "MAX_WEB_KEYS",
    "sandbox.officials.Officials.accounts": "MAX_OFFICIAL_ACCOUNTS",
    "sandbox.people.Notes.label_ids": "sandbox.labels.MAX_LABELS",
    "sandbox.people.Person.contacts": "MAX_PEOPLE",
    "sandbox.people.Person.deliveries": "MAX_KEPT_MESSAGES",
    "sandbox.people.Person.labels": "sandbox.labels.MAX_LABELS",
    "sandbox.people.Person.notes": "MAX_PEOPLE",
    "sandbox.red_packets.RedPacket._keys": "sandbox.people.MAX_PEOPLE",
    "sandbox.red_packets.RedPacket._opened": "sandbox.people.MAX_PEOPLE",
    "sandbox.red_packets.RedPacket.taken": "MAX_RED_PACKET_SHARES",
    "sandbox.rooms.Room.memberships": "MAX_ROOM_MEMBERS",
    "sandbox.shelf.Shelf._kept": "MAX_KEPT_FILES",
    "sandbox.world.World._logins": "MAX_ACCOUNTS",
    "sandbox.world.World._own_users": "MAX_ACCOUNTS",
    "sandbox.world.World._sociable": "sandbox.people.MAX_PEOPLE",
    "service.stall.StallWatch._told": "MAX_TOLD_PLACES",
    "service.terminal.QRTerminal._waiting": "MAX_WAITING_CODES",
    "session.budget.Pace._taken": "MAX_CONNECTS_PER_SECOND",
    "session.calls.Calls._calls": "MAX_CALLS_IN_FLIGHT",
    "session.calls.Calls._deadlines": "MAX_CALLS_IN_FLIGHT",
    "session.calls.Calls._ending": "MAX_CALLS_IN_FLIGHT",
    "session.contacts.ContactBook._known": "MAX_CONTACTS",
    "session.dispatch.Dispatch._handlers": "MAX_HANDLERS",
    "session.dispatch.Dispatch.busy": "MAX_WAITING_DURING_CALLS",
    "session.durable.DurableInbox._arrived": "MAX_HELD_ITEMS",
    "session.durable.DurableInbox._done": "MAX_HELD_ITEMS",
    "session.durable.DurableInbox._stored": "MAX_HELD_ITEMS",
    "session.durable.DurableInbox.held": "MAX_HELD_ITEMS",
    "session.frames.WaitingFrames._events": "session.dispatch.MAX_WAITING_DURING_CALLS",
    "session.history.History._entries": "MAX_ENTRIES",
    "session.history.History.troubles": "MAX_KINDS",
    "session.keys.KeyedCalls._flights": "session.calls.MAX_CALLS_IN_FLIGHT",
    "session.keys._Flight._waiting": "session.calls.MAX_CALLS_IN_FLIGHT",
    "session.members.MemberLists._asking": "session.calls.MAX_CALLS_IN_FLIGHT",
    "session.members.MemberLists._lists": "MAX_KEPT_MEMBERS",
    "session.paced.Paced._turns": "session.pacing.MAX_WAITING_CALLS",
    "session.pacer.Buckets._full_at": "MAX_CONVERSATIONS",
    "session.pacer.Pacer._lanes": "session.pacing.MAX_WAITING_CALLS",
    "session.seen.SeenMessages._old": "MAX_SEEN_IDS",
    "session.seen.SeenMessages._unsaved": "MAX_SEEN_IDS",
    "session.seen.SeenMessages._young": "MAX_SEEN_IDS",
    "session.slow.SlowWatch._told": "MAX_TOLD_HANDLERS",
    "session.stored_items.ItemWriter._items": "wire.limits.MAX_JSON_VALUES",
    "socketio.acks.Acks._calls": "MAX_CALLS_IN_FLIGHT",
    "socketio.client.Client._namespaces": "MAX_JOINED_NAMESPACES",
    "socketio.handlers.Handlers._handlers": "MAX_HANDLERS",
    "socketio.handlers.Listeners._listeners": "MAX_HANDLERS",
    "socketio.peer.Peer._admissions": "wire.limits.MAX_NAMESPACES",
    "socketio.peer.Peer._sockets": "wire.limits.MAX_NAMESPACES",
    "socketio.rooms.Rooms._members": "MAX_ROOMS",
    "socketio.rooms.Rooms._rooms": "MAX_ROOMS",
    "socketio.server.SocketIOServer._namespaces": "MAX_SERVER_NAMESPACES",
    "socketio.server.SocketIOServer._peers": "transport.resource.MAX_CONNECTIONS",
    "socketio.server_namespace.ServerNamespace._sockets": (
        "transport.resource.MAX_CONNECTIONS"
    ),
    "store.memory.MemoryStore._inbox": "session.durable.MAX_HELD_ITEMS",
    "store.memory.MemoryStore._seen": "store.values.MAX_SEEN_MESSAGE_IDS",
    "store.memory._Sends.done": "store.sends.MAX_KEPT_KEYS",
    "store.memory._Sends.unknown": "store.sends.MAX_UNKNOWN_KEYS",
    "transport.cookies.Cookies._values": "MAX_COOKIES",
    "transport.endpoints._KnownAddresses._tried": "MAX_ADDRESSES",
    "transport.framing.Framing._kept": "MAX_UNREAD",
    "transport.json_sockets.JsonSockets._drivers": "transport.resource.MAX_CONNECTIONS",
    "transport.polling_client._Reader._pieces": "transport.dialer.BODIES_PER_FRAME",
    "transport.resource.SocketIOResource._sessions": "MAX_CONNECTIONS",
    "wire.backlog.Backlog._waiting": "wire.limits.MAX_WAITING_PACKETS",
    "wire.json_keys._camel_key()": "wire.json_keys.MAX_KEYS_KEPT",
    "wire.json_server.JsonServer._pending": "MAX_PENDING_CALLS",
    "wire.polling.ClientPolling.outbox": "wire.limits.MAX_OUTBOX_BYTES",
    "wire.polling.ServerPolling.outbox": "wire.limits.MAX_OUTBOX_BYTES",
    "wire.socketio_connection.SocketIOConnection._early": (
        "wire.limits.MAX_BUFFERED_BYTES"
    ),
    "wire.socketio_connection.SocketIOConnection._joined": "wire.limits.MAX_NAMESPACES",
    "wire.socketio_connection.SocketIOConnection._joining": (
        "socketio.client.MAX_JOINED_NAMESPACES"
    ),
    "wire.socketio_connection.SocketIOConnection._names": "MAX_NAMES_KEPT",
    "wire.socketio_connection.SocketIOConnection._requested": (
        "wire.limits.MAX_NAMESPACES"
    ),
}


def limit_of(name: str) -> str:
    """Return the place of the constant that bounds a container."""
    limit = LIMITED[name]
    if "." in limit:
        return limit
    parts = name.split(".")
    module = next(n for n, part in enumerate(parts) if part.strip("_")[:1].isupper())
    return ".".join([*parts[:module], limit])


class ContainerTests(SynchronousTestCase):
    """The tables above against the code and the page on limits."""

    def test_all_are_told(self) -> None:
        """A container that is new needs a limit, or a reason why it needs none."""
        self.assertEqual(containers() - {*CLOSED, *LIMITED}, set())

    def test_none_is_stale(self) -> None:
        """What is told exists, and is told once."""
        self.assertEqual({*CLOSED, *LIMITED} - containers(), set())
        self.assertEqual(CLOSED.keys() & LIMITED.keys(), set())
        self.assertNotIn("", CLOSED.values())

    def test_limits(self) -> None:
        """Each limit is a number of the code, and has its row, with its test."""
        rows = {row.place for row in told(DOCS / "limits.md")}
        for name in LIMITED:
            limit = limit_of(name)
            self.assertIsInstance(value_of(limit), int, name)
            self.assertIn(limit, rows, name)


class SearchTests(SynchronousTestCase):
    """What the search finds, and what it leaves alone."""

    def test_found(self) -> None:
        """Containers of instances, classes and modules, however they are made."""
        for source, name in (
            ("class A:\n def f(self): self.x = {}", "A.x"),
            ("class A:\n def f(self): self.x: dict[str, int] = dict()", "A.x"),
            ("class A:\n def f(self):\n  if a: self.x = deque[int]()", "A.x"),
            ("class A:\n def f(self): self.x = set() if a else None", "A.x"),
            ("class A:\n def f(self): self.x = a or []", "A.x"),
            ("class A:\n def f(self): a, self.x = self.x, []", "A.x"),
            ("class A:\n x: list[int] = field(default_factory=list)", "A.x"),
            ("class A:\n x: dict[str, int] = {}", "A.x"),
            ("class A:\n class B:\n  def f(self): self.x = Queue()", "A.B.x"),
            ("class A:\n def f(self): self.x = defer.DeferredQueue()", "A.x"),
            ("_x = weakref.WeakValueDictionary()", "_x"),
            ("@cache\ndef f(): pass", "f()"),
            ("@functools.lru_cache(9)\ndef f(): pass", "f()"),
        ):
            self.assertEqual(containers_in(source), {name}, source)

    def test_left_alone(self) -> None:
        """Variables of functions, constants, and what is no container."""
        for source in (
            "def f():\n x = {}\n for y in z:\n  w: list[int] = []",
            "NAMES = {}\n_TABLE = [1]\n__all__ = ['f']",
            "class A:\n def f(self): self.x = None",
            "class A:\n def f(self): other.x = {}",
            "class A:\n x: int = field(default=1)",
            "@property\ndef f(self): pass",
        ):
            self.assertEqual(containers_in(source), set(), source)
