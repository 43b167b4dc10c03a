"""Tests by their names, for the tables that lead to them."""

from __future__ import annotations

import importlib
from unittest import TestCase


def is_test(name: str) -> bool:
    """Tell whether there is a test of this name.

    Args:
        name: with module and class, as ``tests.test_errors.QuotedTests.test_edge``.
    """
    module, case, method = name.rsplit(".", 2)
    try:
        found = getattr(importlib.import_module(module), case)
    except (ImportError, AttributeError):
        return False
    return (
        isinstance(found, type)
        and issubclass(found, TestCase)
        and method.startswith("test_")
        and callable(getattr(found, method, None))
    )
