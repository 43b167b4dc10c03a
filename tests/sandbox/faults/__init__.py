"""Tests of the faults of the sandbox."""
