"""Tests of the code that moves gateway bytes."""
