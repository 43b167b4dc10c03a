"""A bot at a gateway that loses a reply.

Run it with ``python -m twisted.trial test_faults``.
"""

from twisted.trial.unittest import TestCase

from padchat_twisted import OutcomeUnknown, SendMsg, connect
from padchat_twisted.sandbox.service import SandboxService


class LostReplyTests(TestCase):
    """The reply to the first message is lost, the message is not."""

    async def test_outcome(self) -> None:
        """Whoever sends it learns that nobody knows, and does not send it again."""
        from twisted.internet import reactor

        sandbox = SandboxService(reactor, port=0, auto_scan=True, scenario="reply-lost")
        sandbox.startService()
        self.addCleanup(sandbox.stopService)
        alice = sandbox.world.person("alice")

        account = await connect(reactor, sandbox.url, auth_key="any-key", name="bot")
        self.addCleanup(account.close)
        await account.when_ready()

        with self.assertRaises(OutcomeUnknown):
            await account.call(SendMsg(alice.user_name, "once"), time_limit=1.0)
        self.assertEqual([message.content for message in alice.inbox], ["once"])
