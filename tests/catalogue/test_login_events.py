"""What the gateway tells about the task and its login."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import LoginEvent, QRCode, Scan, ScanStatus


class QRCodeTests(SynchronousTestCase):
    """A code to be scanned."""

    def test_picture(self) -> None:
        """The picture is decoded, with a data URL in front or without."""
        for head in ("", "data:image/jpeg;base64,"):
            self.assertEqual(QRCode(qr_code=f"{head}/9j/").picture, b"\xff\xd8\xff")
        with self.assertRaises(ValueError):
            _ = QRCode(qr_code="no base64").picture


class ScanTests(SynchronousTestCase):
    """Progress of a QR login."""

    def test_finished(self) -> None:
        """A confirmed scan is finished unless its sub-status says that it failed."""
        for sub_status, is_finished in ((0, True), (None, True), (1, False)):
            scan = Scan(status=ScanStatus.CONFIRMED, sub_status=sub_status)
            self.assertIs(scan.is_finished, is_finished)

    def test_finished_by_name(self) -> None:
        """User name and uin together are a finished login, whatever the status."""
        for status in (0, 1, -1, 7):
            self.assertTrue(Scan(status=status, user_name="a", uin=1).is_finished)
            self.assertFalse(Scan(status=status, user_name="a").is_finished)
            self.assertFalse(Scan(status=status, uin=1).is_finished)

    def test_declined_with_a_name(self) -> None:
        """A failed login is none, although it has a name."""
        scan = Scan(status=2, sub_status=1, user_name="a", uin=1)
        self.assertFalse(scan.is_finished)

    def test_statuses(self) -> None:
        """A status of no meaning is a number like another."""
        self.assertEqual(Scan().status, ScanStatus.UNKNOWN)
        self.assertEqual(Scan(status=-2).status, -2)

    def test_conversation(self) -> None:
        """Events of the login are in one order."""
        self.assertEqual({Scan().conversation, LoginEvent().conversation}, {""})
