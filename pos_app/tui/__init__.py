"""The terminal screens of a till."""
