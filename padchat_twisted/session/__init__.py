"""The session: one account, from its login to its handlers."""
