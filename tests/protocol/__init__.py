"""The protocol's tables and examples, and that each rule has its tests."""
