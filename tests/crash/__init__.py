"""A service that is killed again and again while messages and sends flow."""
