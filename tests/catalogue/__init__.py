"""Tests of the typed commands, results and events."""
