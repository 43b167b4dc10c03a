"""What is known of a user, a room or an official account."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import ContactInfo, FoundContact, Sex, decode_reply
from padchat_twisted.wire.dialect_socketio import reply_body


class ProfileTests(SynchronousTestCase):
    """Profiles as they come."""

    def test_members_of_a_room(self) -> None:
        """The members of a room are read from a list and from JSON text alike."""
        for member in (["a", "b"], '["a","b"]\n'):
            data = {"userName": "1@chatroom", "member": member, "sex": 0}
            body = reply_body({"success": True, "data": data})
            found = decode_reply(ContactInfo, body)
            assert isinstance(found, ContactInfo)
            self.assertEqual(found.member, ("a", "b"))

    def test_numbers(self) -> None:
        """A number that no source names passes as it is."""
        self.assertEqual(FoundContact(sex=1).sex, Sex.MALE)
        self.assertEqual(FoundContact(sex=7).sex, 7)

    def test_codes(self) -> None:
        """Both codes are found in either order; a contact has one of them."""
        for names in (("v1_a", "v2_a"), ("v2_a", "v1_a")):
            found = FoundContact(user_name=names[0], stranger=names[1])
            self.assertEqual((found.code, found.ticket), ("v1_a", "v2_a"))
        contact = FoundContact(user_name="wxid_a", stranger="v1_a")
        self.assertEqual((contact.code, contact.ticket), ("v1_a", ""))
