"""The seams: what implements them, and what their values show."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyClass

from padchat_twisted.interfaces import (
    AccountKey,
    AccountRecord,
    IConnector,
    IGatewayConnection,
    IStateStore,
)
from padchat_twisted.store import MemoryStore, SQLiteStore
from padchat_twisted.testing import FakeConnection, FakeConnector
from padchat_twisted.transport.connectors import EndpointConnector, OfferedConnector
from padchat_twisted.transport.gateway import GatewayConnection


class ProviderTests(SynchronousTestCase):
    """What is ours, real or fake, fits the interfaces."""

    def test_classes(self) -> None:
        """Each class has every method of its interface, with its arguments."""
        for interface, kinds in (
            (IStateStore, (MemoryStore, SQLiteStore)),
            (IGatewayConnection, (GatewayConnection, FakeConnection)),
            (IConnector, (EndpointConnector, OfferedConnector, FakeConnector)),
        ):
            for kind in kinds:
                self.assertTrue(interface.implementedBy(kind))
                for name, method in interface.namesAndDescriptions():
                    if hasattr(method, "getSignatureInfo"):
                        self.assertTrue(callable(getattr(kind, name)), name)
                verifyClass(interface, kind, tentative=True)

    def test_documented(self) -> None:
        """Every method and attribute of an interface says what it is for."""
        for interface in (IStateStore, IGatewayConnection, IConnector):
            for name, thing in interface.namesAndDescriptions():
                self.assertTrue(thing.getDoc(), f"{interface.__name__}.{name}")


class ValueTests(SynchronousTestCase):
    """The values that pass the seams."""

    def test_record_hides(self) -> None:
        """What lets an account in is not in the ``repr`` of its record."""
        record = AccountRecord({"deviceUuid": "UUID-1"}, "TOKEN-1", "wxid_a")
        self.assertEqual(repr(record), "AccountRecord(user_name='wxid_a')")

    def test_key(self) -> None:
        """A key is frozen, and equal to another with the same parts."""
        key = AccountKey("http://h:1/user", "abc", "bot1")
        self.assertEqual(key, AccountKey("http://h:1/user", "abc", "bot1"))
        self.assertEqual(len({key, AccountKey("http://h:1/user", "abc", "bot2")}), 2)
        with self.assertRaises(FrozenInstanceError):
            key.name = "x"  # type: ignore[misc] # that is what is tested
