"""A Service Layer of our own: strict about names and types, with books, stock and faults.

The core is a function from request to answer on a clock that is given; `in_process` calls it
directly, `sandbox` serves it over HTTP. What it commits is in an append-only journal, and the
ledger tells it without regard to what was answered.
"""
