"""The contract's bodies, field by field, in its own words."""
