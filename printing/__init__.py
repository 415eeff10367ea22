"""Leaf package of the product."""
