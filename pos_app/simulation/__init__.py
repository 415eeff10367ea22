"""A whole shop on virtual time in one process: the same seed gives the same day, faults and all."""
