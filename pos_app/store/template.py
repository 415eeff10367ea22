"""Templates of papers and of letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Index, RowMapping, Text, delete, func, insert, select
from sqlalchemy import update as change_rows

from pos_app.store.schema import Flag, Id, Instant, Json, autokey, table, unique_where

document_templates = table(
    "document_templates",
    autokey(),
    Column("kind", Text, nullable=False),  # of document, see domain.paperwork
    Column("name", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("css", Text, nullable=False),
    Column("header", Text, nullable=False),
    Column("footer", Text, nullable=False),
    Column("paper_size", Text, nullable=False),
    Column("orientation", Text, nullable=False),
    Column("is_default", Flag, nullable=False),
    Column("is_active", Flag, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant),
    Index("document_templates_by_kind", "kind", "name"),
    unique_where("document_templates_default", "kind", where="is_default = 1"),
)

mail_templates = table(
    "mail_templates",
    autokey(),
    Column("code", Id, nullable=False, unique=True),  # upper case
    Column("name", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("cc", Json, nullable=False),
    Column("bcc", Json, nullable=False),
    Column("is_active", Flag, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant),
)


YES = True
"""Flags are numbers in the database, and are compared as such."""


def add(connection: Connection, row: Mapping[str, Any]) -> int:
    """Keep a new template of papers; raises UniqueViolation for a second default of a kind."""
    made = insert(document_templates).values(dict(row)).returning(document_templates.c.id)
    return int(connection.execute(made).scalar_one())


def change(connection: Connection, template_id: int, values: Mapping[str, Any]) -> bool:
    """Change a template of papers; False when there is none."""
    where = document_templates.c.id == template_id
    statement = change_rows(document_templates).where(where).values(dict(values))
    return connection.execute(statement).rowcount == 1


def no_default(connection: Connection, kind: str) -> None:
    """Let no template be the default of a kind."""
    row = document_templates.c
    where = (row.kind == kind) & (row.is_default == YES)
    connection.execute(change_rows(document_templates).where(where).values(is_default=False))


def remove(connection: Connection, template_id: int) -> bool:
    """Forget a template of papers; False when there is none."""
    where = document_templates.c.id == template_id
    return connection.execute(delete(document_templates).where(where)).rowcount == 1


def by_id(connection: Connection, template_id: int) -> RowMapping | None:
    """One template of papers."""
    query = select(document_templates).where(document_templates.c.id == template_id)
    return connection.execute(query).mappings().first()


def default_of(connection: Connection, kind: str) -> RowMapping | None:
    """The template papers of a kind are made with; None where the shop has none."""
    row = document_templates.c
    query = select(document_templates).where(
        row.kind == kind, row.is_default == YES, row.is_active == YES
    )
    return connection.execute(query).mappings().first()


def page(
    connection: Connection, *, kind: str, only_active: bool, offset: int, limit: int
) -> tuple[int, Sequence[RowMapping]]:
    """How many templates of papers there are of a kind (empty: any), and some of them by name."""
    row, query = document_templates.c, select(document_templates)
    if kind:
        query = query.where(row.kind == kind)
    if only_active:
        query = query.where(row.is_active == YES)
    total = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    some = query.order_by(row.kind, row.name, row.id).offset(offset).limit(limit)
    return int(total), list(connection.execute(some).mappings())


def add_letter(connection: Connection, row: Mapping[str, Any]) -> int:
    """Keep a new template of letters; raises UniqueViolation when its code is taken."""
    made = insert(mail_templates).values(dict(row)).returning(mail_templates.c.id)
    return int(connection.execute(made).scalar_one())


def change_letter(connection: Connection, template_id: int, values: Mapping[str, Any]) -> bool:
    """Change a template of letters; False when there is none."""
    where = mail_templates.c.id == template_id
    statement = change_rows(mail_templates).where(where).values(dict(values))
    return connection.execute(statement).rowcount == 1


def letter(
    connection: Connection, *, template_id: int | None = None, code: str = ""
) -> RowMapping | None:
    """One template of letters, by number or by code."""
    row = mail_templates.c
    where = row.id == template_id if template_id is not None else row.code == code
    return connection.execute(select(mail_templates).where(where)).mappings().first()


def letters(connection: Connection, *, only_active: bool) -> list[RowMapping]:
    """Every template of letters by its code."""
    query = select(mail_templates)
    if only_active:
        query = query.where(mail_templates.c.is_active == YES)
    return list(connection.execute(query.order_by(mail_templates.c.code)).mappings())
