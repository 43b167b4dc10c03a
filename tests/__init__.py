"""The tests, one folder for each room of padchat_twisted."""
