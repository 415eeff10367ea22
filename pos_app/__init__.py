"""The shop: domain, store, services, two front ends, simulation and commands."""
