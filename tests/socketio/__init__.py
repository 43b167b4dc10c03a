"""Tests of the public face for any Twisted program."""
