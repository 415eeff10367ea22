"""What alembic runs: the steps, inside the transaction it is given."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table="schema_version",
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
