"""Tests of one account."""
