"""The transport: the only code that moves bytes of a gateway."""
