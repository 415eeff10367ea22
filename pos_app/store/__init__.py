"""Tables of one schema for SQLite and PostgreSQL, and the queries on them; no rules."""
