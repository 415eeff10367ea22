"""Rate limits: one count for all processes that refuses and reports (docs/decisions)."""
