"""Tests that run what docs/examples/ shows."""
