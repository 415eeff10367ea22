"""Quotations and sales orders: made, approved, turned into what follows, and read."""
