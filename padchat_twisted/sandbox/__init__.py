"""The sandbox gateway: a server for the real wire with a pretend WeChat behind it."""
