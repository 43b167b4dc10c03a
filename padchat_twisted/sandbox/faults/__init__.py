"""Faults on demand: what goes wrong at the sandbox when a scenario says so."""
