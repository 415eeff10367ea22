"""From data to documents: one module per kind of paper."""
