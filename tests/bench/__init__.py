"""The benchmark: our client beside its peers, one server, one run."""
