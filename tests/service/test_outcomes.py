"""How calls end: as values, and as text."""

from __future__ import annotations

import base64

import msgspec
from twisted.internet.defer import CancelledError
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    COMMANDS,
    Answer,
    AutoLoginData,
    CreatedRoom,
    DeviceInfo,
    Done,
    MessageImage,
    SentMessage,
)
from padchat_twisted.catalogue.lenient import lenient
from padchat_twisted.catalogue.parameters import params_of
from padchat_twisted.errors import CallRejected, NotSent, OutcomeUnknown
from padchat_twisted.secret import Secret
from padchat_twisted.service.outcomes import (
    FILES,
    SECRETS,
    Outcome,
    failed,
    shown,
    succeeded,
)


class EndingTests(SynchronousTestCase):
    """What a result or an error becomes."""

    def test_done(self) -> None:
        """A result is kept by its canonical wire names, without what is ours."""
        outcome = succeeded("setRemark", Answer(message="fine"))
        self.assertEqual((outcome.outcome, outcome.explanation), ("done", ""))
        self.assertEqual(outcome.result, {"message": "fine", "status": 0})
        self.assertEqual(succeeded("logout", Done()).result, {})

    def test_raw(self) -> None:
        """The original fields stay as they came."""
        outcome = succeeded("massMsg", {"Status": -1})
        self.assertEqual(
            outcome,
            Outcome(
                outcome="done", command="massMsg", result={"Status": -1}, is_raw=True
            ),
        )

    def test_repr(self) -> None:
        """No token and no text stands in a representation."""
        outcome = succeeded("getAutoLoginData", AutoLoginData(token="private"))
        self.assertEqual(repr(outcome), "Outcome('done', 'getAutoLoginData')")

    def test_not_done(self) -> None:
        """What the engine refused is no success, although the gateway says so."""
        outcome = succeeded("setRemark", Answer(message="no friend", status=-44))
        self.assertEqual((outcome.outcome, outcome.status), ("not_done", -44))
        self.assertEqual(
            outcome.explanation,
            "WeChat refused 'setRemark' (status -44): no friend; the gateway passed it"
            " on as a success",
        )
        self.assertEqual(outcome.result, {"message": "no friend", "status": -44})
        outcome = succeeded("createRoom", CreatedRoom())
        self.assertEqual(
            outcome.explanation,
            "WeChat refused 'createRoom'; the gateway passed it on as a success",
        )

    def test_failures(self) -> None:
        """Each way to fail is one of the outcomes; anything else is none."""
        for error, ending, status in (
            (CallRejected("sendMsg", "no", -2), "refused", -2),
            (NotSent("sendMsg", "no connection"), "not_sent", None),
            (OutcomeUnknown("sendMsg", "time limit"), "unknown", None),
        ):
            outcome = failed("sendMsg", error)
            assert outcome is not None
            self.assertEqual((outcome.outcome, outcome.status), (ending, status))
            self.assertEqual(outcome.explanation, str(error))
        self.assertIsNone(failed("sendMsg", CancelledError()))

    def test_json(self) -> None:
        """An outcome survives the way through JSON."""
        outcome = succeeded("sendMsg", SentMessage(msg_id="7"))
        encoded = msgspec.json.encode(outcome)
        self.assertEqual(msgspec.json.decode(encoded, type=Outcome), outcome)

    def test_every_result(self) -> None:
        """The result of each command can be told and shown, empty as it may be."""
        for code, kind in COMMANDS.items():
            outcome = succeeded(code, lenient(kind.result_type, {}))
            self.assertIn(outcome.outcome, ("done", "not_done"))
            shown(outcome)


class ShownTests(SynchronousTestCase):
    """What a person sees."""

    def test_aligned(self) -> None:
        """Fields have their names in Python; those without a value are left out."""
        lines = shown(succeeded("sendMsg", SentMessage(msg_id="7")))
        self.assertEqual(lines, ["status: 0", "msg_id: 7"])

    def test_nothing(self) -> None:
        """Without a result there is nothing to show."""
        outcome = Outcome(outcome="unknown", command="sendMsg", explanation="lost")
        self.assertEqual(shown(outcome), [])
        self.assertEqual(shown(succeeded("logout", Done())), [])

    def test_nested(self) -> None:
        """Objects and lists are indented, a dash before each of a list."""
        result = {
            "data": [{"id": 1, "name": "a"}, {"id": 2}, {}],
            "texts": ["x", "y\nz"],
            "inner": {"is_one": True},
            "none": None,
        }
        self.assertEqual(
            shown(succeeded("unknownOne", result)),
            [
                "data:",
                "  - id:   1",
                "    name: a",
                "  - id: 2",
                "  - {}",
                "texts:",
                "  - x",
                "  - y",
                "    z",
                "inner:",
                "  is_one: true",
            ],
        )

    def test_lines(self) -> None:
        """A text of several lines stays in its column."""
        lines = shown(succeeded("x", {"a": "one\ntwo"}))
        self.assertEqual(lines, ["a: one", "   two"])

    def test_terminal(self) -> None:
        """Nothing that a terminal would obey gets through."""
        lines = shown(succeeded("x", {"a\x1b": "\x1b[2Jhi\x07", "b": ["\x9b"]}))
        self.assertEqual(lines, ["a\ufffd: \ufffd[2Jhi\ufffd", "b:", "  - \ufffd"])

    def test_secrets(self) -> None:
        """Tokens and device data are fingerprints, unless asked for."""
        for code, result in (
            ("getAutoLoginData", AutoLoginData(token="t0ken")),
            ("getDeviceInfo", DeviceInfo(device_data="t0ken")),
            ("other", {"wxData": "t0ken"}),
            ("other", {"wx_data": "t0ken"}),
        ):
            outcome = succeeded(code, result)
            text = "\n".join(shown(outcome))
            self.assertIn(f"<secret {Secret('t0ken').fingerprint()}>", text)
            self.assertNotIn("t0ken", text)
            self.assertIn("t0ken", "\n".join(shown(outcome, has_secrets=True)))

    def test_files(self) -> None:
        """A file is shown by its size."""
        image = base64.b64encode(b"12345").decode()
        lines = shown(succeeded("getMsgImage", MessageImage(image=image)))
        self.assertIn("image:  <5 bytes>", lines)
        lines = shown(succeeded("getMsgImage", MessageImage(image="?")))
        self.assertIn("image:  <1 characters that are no base64>", lines)

    def test_names_are_there(self) -> None:
        """Each name that is hidden is that of a field of a result."""
        names = {
            param.name
            for kind in COMMANDS.values()
            for param in params_of(kind.result_type)
        }
        self.assertEqual(FILES - names, set())
        self.assertEqual(SECRETS - names, {"password"})
