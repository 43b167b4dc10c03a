"""Tests of many accounts in one process."""
