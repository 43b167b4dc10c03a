"""Device data and token: made once, kept, learnt, refused when shared."""

from __future__ import annotations

import re
from collections.abc import Mapping

from twisted.internet.defer import Deferred, fail
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import AutoLoginData, DeviceInfo
from padchat_twisted.errors import DeviceInUse, LocalProtocolError, StoreReadOnly
from padchat_twisted.interfaces import AccountKey, AccountRecord
from padchat_twisted.redaction import KNOWN, MIN_KNOWN_CHARACTERS, KnownSecrets
from padchat_twisted.session.credentials import (
    DEVICE_FIELDS,
    Credentials,
    make_device,
)
from padchat_twisted.store import MemoryStore
from padchat_twisted.wire import json_text

from .case import DEVICE, DEVICE_DATA, TOKEN, USER_NAME


class OddStore(MemoryStore):
    """A store that writes nothing while it is broken, or says so later."""

    is_broken = False
    saving: Deferred[None] | None = None

    def save_login(
        self, key: AccountKey, *, login_token: str, user_name: str
    ) -> Deferred[None]:
        """Fail, or do it."""
        if self.is_broken:
            return fail(StoreReadOnly("/disk", "it is full", "make room"))
        saved = super().save_login(key, login_token=login_token, user_name=user_name)
        saving, self.saving = self.saving, None
        return saved if saving is None else saving


class CredentialsCase(SynchronousTestCase):
    """Credentials over a store in memory."""

    def setUp(self) -> None:
        """Open the store."""
        self.store = OddStore()
        self.successResultOf(self.store.open())

    def load(
        self, name: str = "bot", device: Mapping[str, str] | None = None
    ) -> Credentials:
        """Load the credentials of an account, as a start does."""
        credentials = Credentials(self.key(name), self.store, device)
        self.successResultOf(Deferred.fromCoroutine(credentials.load()))
        return credentials

    def key(self, name: str = "bot") -> AccountKey:
        """Under what it is stored."""
        return AccountKey("http://gateway.test/user", "0" * 16, name)

    def record(self, name: str = "bot") -> AccountRecord:
        """What is stored."""
        record = self.successResultOf(self.store.load(self.key(name)))
        assert record is not None
        return record

    def sent(self, credentials: Credentials) -> dict[str, object]:
        """What ``init`` would say."""
        params = json_text.read(json_text.write(credentials.init_command()))
        assert isinstance(params, dict)
        return params

    def learn_device(self, credentials: Credentials, info: DeviceInfo) -> None:
        """Learn device data from the gateway."""
        learning = credentials.learn_device(info)
        self.successResultOf(Deferred.fromCoroutine(learning))

    def learn_token(self, credentials: Credentials, token: str | None) -> None:
        """Learn a token from the gateway."""
        learning = credentials.learn_token(AutoLoginData(token=token), USER_NAME)
        self.successResultOf(Deferred.fromCoroutine(learning))

    def void(self, credentials: Credentials) -> None:
        """Put the token aside."""
        voiding = credentials.void_token("because")
        self.successResultOf(Deferred.fromCoroutine(voiding))


class DeviceTests(CredentialsCase):
    """Device data."""

    def test_made_once(self) -> None:
        """It is made at the first start, and is the same at every later one."""
        first = self.sent(self.load())
        self.assertEqual(first, self.sent(self.load()))
        self.assertEqual(dict(self.record().device or {}), first)

    def test_two_accounts_differ(self) -> None:
        """Two accounts get two sets."""
        self.assertNotEqual(self.sent(self.load("a")), self.sent(self.load("b")))

    def test_form(self) -> None:
        """What is made has the form that the reference client gives it."""
        device = make_device()
        self.assertEqual(tuple(device), DEVICE_FIELDS[:4])
        self.assertRegex(device["deviceUuid"], r"^[0-9A-F]{8}(-[0-9A-F]{4}){3}-")
        self.assertEqual(len(device["deviceUuid"]), 36)
        octets = re.fullmatch(
            r"02(:[0-9A-F]{2}){5}", device["deviceWifiMac"]
        )  # locally administered
        self.assertIsNotNone(octets)

    def test_given(self) -> None:
        """Device data of the configuration is used and stored."""
        self.assertEqual(self.sent(self.load(device=DEVICE)), DEVICE)
        self.assertEqual(dict(self.record().device or {}), DEVICE)

    def test_given_later(self) -> None:
        """It wins over what was made before."""
        self.load()
        self.assertEqual(self.sent(self.load(device=DEVICE)), DEVICE)

    def test_given_with_data(self) -> None:
        """The "62 data" may be given too."""
        device = {**DEVICE, "deviceData": DEVICE_DATA}
        self.assertEqual(self.sent(self.load(device=device)), device)

    def test_given_without_a_field(self) -> None:
        """What lacks a field is refused by name, and nothing is stored."""
        device = {**DEVICE, "deviceUuid": ""}
        del device["deviceWifiMac"]
        credentials = Credentials(self.key(), self.store, device)
        error = self.failureResultOf(
            Deferred.fromCoroutine(credentials.load()), LocalProtocolError
        ).value
        self.assertEqual(
            str(error), "the device data of 'bot' lacks deviceUuid, deviceWifiMac"
        )
        self.assertIsNone(self.successResultOf(self.store.load(self.key())))

    def test_shared(self) -> None:
        """Two accounts with one set of device data are refused."""
        self.load("a", DEVICE)
        credentials = Credentials(self.key("b"), self.store, DEVICE)
        self.failureResultOf(Deferred.fromCoroutine(credentials.load()), DeviceInUse)

    def test_learnt(self) -> None:
        """What the gateway says is kept, and sent at the next ``init``."""
        credentials = self.load(device=DEVICE)
        self.learn_device(credentials, DeviceInfo(device_data=DEVICE_DATA))
        expected = {**DEVICE, "deviceData": DEVICE_DATA}
        self.assertEqual(self.sent(credentials), expected)
        self.assertEqual(self.sent(self.load()), expected)

    def test_learnt_nothing(self) -> None:
        """Empty and missing fields change nothing."""
        credentials = self.load(device=DEVICE)
        self.learn_device(credentials, DeviceInfo(device_name="", device_data=""))
        self.assertEqual(self.sent(credentials), DEVICE)

    def test_kept_when_the_token_goes(self) -> None:
        """Device data outlives a void token."""
        credentials = self.load(device=DEVICE)
        self.learn_token(credentials, TOKEN)
        self.void(credentials)
        self.assertEqual(self.sent(self.load()), DEVICE)


class TokenTests(CredentialsCase):
    """The login token."""

    def test_learnt(self) -> None:
        """A token is there for the next start."""
        self.learn_token(self.load(), TOKEN)
        again = self.load()
        self.assertEqual(again.login_token, TOKEN)
        self.assertEqual(again.user_name, USER_NAME)

    def test_learnt_nothing(self) -> None:
        """An empty or missing token changes nothing."""
        credentials = self.load()
        self.learn_token(credentials, TOKEN)
        self.learn_token(credentials, "")
        self.learn_token(credentials, None)
        self.assertEqual(credentials.login_token, TOKEN)

    def test_void(self) -> None:
        """A void token is gone from memory and store."""
        credentials = self.load()
        self.learn_token(credentials, TOKEN)
        self.void(credentials)
        self.assertIsNone(credentials.login_token)
        self.assertIsNone(self.record().login_token)

    def test_the_same_token_again(self) -> None:
        """A token that was void and is given again is stored again."""
        credentials = self.load()
        self.learn_token(credentials, TOKEN)
        self.void(credentials)
        self.learn_token(credentials, TOKEN)
        self.assertEqual(self.record().login_token, TOKEN)

    def test_failed_save_is_made_up_for(self) -> None:
        """What could not be stored is stored the next time it is learnt."""
        credentials = self.load()
        self.store.is_broken = True
        learning = credentials.learn_token(AutoLoginData(token=TOKEN), USER_NAME)
        self.failureResultOf(Deferred.fromCoroutine(learning), StoreReadOnly)
        self.store.is_broken = False
        self.learn_token(credentials, TOKEN)
        self.assertEqual(self.record().login_token, TOKEN)

    def test_name_learnt_later(self) -> None:
        """A name that was unknown at the save is stored with the same token."""
        self.successResultOf(
            self.store.save_login(self.key(), login_token=TOKEN, user_name="")
        )
        self.learn_token(self.load(), TOKEN)
        self.assertEqual(self.record().user_name, USER_NAME)

    def test_void_while_saving(self) -> None:
        """A token that becomes void while it is being stored stays void."""
        saving: Deferred[None] = Deferred()
        self.store.saving = saving
        credentials = self.load()
        learning = Deferred.fromCoroutine(
            credentials.learn_token(AutoLoginData(token=TOKEN), USER_NAME)
        )
        self.void(credentials)
        saving.callback(None)
        self.successResultOf(learning)
        self.assertIsNone(credentials.login_token)
        self.assertIsNone(self.record().login_token)
        self.learn_token(credentials, TOKEN)
        self.assertEqual(self.record().login_token, TOKEN)


def long(device: Mapping[str, str]) -> list[str]:
    """Return what of device data is long enough to be no mere word."""
    return [text for text in device.values() if len(text) >= MIN_KNOWN_CHARACTERS]


HIDDEN = long(DEVICE)


class HiddenTests(CredentialsCase):
    """What is told to be kept out of logs."""

    def setUp(self) -> None:
        """Have a registry of the test's own."""
        super().setUp()
        self.known = KnownSecrets()

    def load(
        self, name: str = "bot", device: Mapping[str, str] | None = None
    ) -> Credentials:
        """Load the credentials of an account that tells this registry."""
        credentials = Credentials(self.key(name), self.store, device, self.known)
        self.successResultOf(Deferred.fromCoroutine(credentials.load()))
        return credentials

    def shown(self, *texts: str) -> list[str]:
        """Say which of these a log would show."""
        return [text for text in texts if self.known.redact(text) == text]

    def test_loaded(self) -> None:
        """What is given, made or stored is known before anything is sent."""
        credentials = self.load(device=DEVICE)
        self.assertEqual(self.shown(*HIDDEN), [])
        self.learn_token(credentials, TOKEN)
        self.known = KnownSecrets()
        self.load()
        self.assertEqual(self.shown(TOKEN, *HIDDEN), [])
        self.known = KnownSecrets()
        self.load("other")
        made = self.record("other").device
        assert made is not None
        self.assertEqual(len(long(made)), len(made))
        self.assertEqual(self.shown(*long(made)), [])

    def test_learnt(self) -> None:
        """What the gateway says is known too, with the token before the new one."""
        credentials = self.load(device=DEVICE)
        self.learn_device(credentials, DeviceInfo(device_data=DEVICE_DATA))
        tokens = [f"{number}-{TOKEN}" for number in range(3)]
        for token in tokens:
            self.learn_token(credentials, token)
        hidden = (DEVICE_DATA, *HIDDEN, *tokens[1:])
        self.assertEqual(self.shown(*hidden, tokens[0]), [tokens[0]])
        self.void(credentials)
        self.assertEqual(self.shown(*hidden), [])
        self.assertEqual(len(self.known), 1)

    def test_known_by_default(self) -> None:
        """Left out, it is the registry of the process."""
        CredentialsCase.load(self, device=DEVICE)
        self.addCleanup(KNOWN.forget, self.key())
        self.assertNotIn(DEVICE["deviceUuid"], KNOWN.redact(DEVICE["deviceUuid"]))
