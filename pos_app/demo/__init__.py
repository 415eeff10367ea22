"""The demo: a whole shop on one machine, with a simulator for every neighbour."""
