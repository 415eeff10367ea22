"""A sandbox that speaks PayNow, InnBucks and EcoCash, with customers who pay, and faults."""
