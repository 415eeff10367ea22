"""One module per group of routes of the contract."""
