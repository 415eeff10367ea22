"""The rules of the shop: frozen dataclasses and functions, no I/O, no clock, no float."""
