"""A sample shop from a seed: plausible for a grocer in Zimbabwe, with names of its own."""
