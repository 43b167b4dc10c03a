"""Tests of what each command is answered, by area."""
