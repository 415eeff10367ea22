"""The ledger: accounts, entries that are never changed, and their lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Text,
    UniqueConstraint,
    func,
    insert,
    select,
)

from pos_app.store.among import among
from pos_app.store.schema import BusinessDate, Flag, Id, Instant, Minor, autokey, big, table
from pos_app.store.upsert import add_new

ledger_accounts = table(
    "ledger_accounts",
    Column("code", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),  # asset | liability | equity | revenue | expense
    Column("is_active", Flag, nullable=False),
)

ledger_entries = table(
    "ledger_entries",
    autokey("entry"),
    Column("kind", Text, nullable=False),  # the step of the document, such as invoice
    Column("key", Text, nullable=False),  # with the kind: booked once for ever
    Column("document_id", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("number", big(), nullable=False),  # of the document in these books, per kind
    Column("partner", Text, nullable=False),
    Column("booked_on", BusinessDate, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Text, nullable=False),
    UniqueConstraint("kind", "key"),
    UniqueConstraint("kind", "number"),
    Index("ledger_entries_by_document", "document_id"),
    Index("ledger_entries_by_day", "booked_on"),
)

ledger_lines = table(
    "ledger_lines",
    Column("entry", big(), ForeignKey("ledger_entries.entry"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("account", Id, ForeignKey("ledger_accounts.code"), nullable=False),
    Column("partner", Text, nullable=False, server_default=""),
    Column("tag", Text, nullable=False, server_default=""),
    Column("currency", Text, nullable=False),
    Column("debit", Minor, nullable=False),
    Column("credit", Minor, nullable=False),
    CheckConstraint("debit >= 0 AND credit >= 0", name="ledger_line_positive"),
    CheckConstraint("(debit = 0) <> (credit = 0)", name="ledger_line_one_side"),
    Index("ledger_lines_by_account", "account", "currency"),
    Index("ledger_lines_by_partner", "partner", "account"),
)


def know(connection: Connection, accounts: Iterable[Mapping[str, Any]]) -> None:
    """Open accounts that are not there yet; those that are stay as they are."""
    for account in accounts:
        add_new(connection, ledger_accounts, {"is_active": True} | dict(account))


def add(
    connection: Connection, header: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> int:
    """Book an entry and return its number; raises UniqueViolation for one booked before."""
    made = insert(ledger_entries).values(dict(header)).returning(ledger_entries.c.entry)
    entry = int(connection.execute(made).scalar_one())
    if lines:
        rows = [{"entry": entry, "line": place, **row} for place, row in enumerate(lines, start=1)]
        connection.execute(insert(ledger_lines), rows)
    return entry


def of_document(connection: Connection, document_id: str) -> list[RowMapping]:
    """The entries of one document in the order they were booked."""
    query = select(ledger_entries).where(ledger_entries.c.document_id == document_id)
    return list(connection.execute(query.order_by(ledger_entries.c.entry)).mappings())


def lines_of(connection: Connection, entry: int) -> list[RowMapping]:
    """The lines of one entry."""
    query = select(ledger_lines).where(ledger_lines.c.entry == entry)
    return list(connection.execute(query.order_by(ledger_lines.c.line)).mappings())


def of_day(connection: Connection, day: date) -> list[RowMapping]:
    """Every line booked on a day with its entry, in order; an entry without lines has one row."""
    return _with_lines(connection, ledger_entries.c.booked_on == day)


def of_documents(connection: Connection, document_ids: Iterable[str]) -> list[RowMapping]:
    """The same of some documents, whatever day they were booked on."""
    which = among(ledger_entries.c.document_id, "documents")
    return _with_lines(connection, which, {"documents": sorted(document_ids)})


def _with_lines(
    connection: Connection, which: ColumnElement[bool], told: Mapping[str, Any] | None = None
) -> list[RowMapping]:
    lines = ledger_lines.c
    owes = lines.partner.label("owes")
    columns = (lines.account, owes, lines.tag, lines.currency, lines.debit, lines.credit)
    query = (
        select(*ledger_entries.c, *columns)
        .outerjoin(ledger_lines, lines.entry == ledger_entries.c.entry)
        .where(which)
        .order_by(ledger_entries.c.entry, lines.line)
    )
    return list(connection.execute(query, dict(told or {})).mappings())


def trial_balance(connection: Connection, *, until: date | None = None) -> list[RowMapping]:
    """Debit and credit of every account and currency, up to a day or altogether."""
    lines, accounts = ledger_lines.c, ledger_accounts.c
    query = (
        select(
            accounts.code,
            accounts.name,
            accounts.type,
            lines.currency,
            func.sum(lines.debit).label("debit"),
            func.sum(lines.credit).label("credit"),
        )
        .join_from(ledger_lines, ledger_accounts, accounts.code == lines.account)
        .group_by(accounts.code, accounts.name, accounts.type, lines.currency)
        .order_by(accounts.code, lines.currency)
    )
    if until is not None:
        entries = ledger_entries.c
        query = query.join(ledger_entries, entries.entry == lines.entry)
        query = query.where(entries.booked_on <= until)
    return list(connection.execute(query).mappings())


def owed(connection: Connection, partner: str, account: str) -> dict[str, int]:
    """What a partner owes by an account, per currency."""
    lines = ledger_lines.c
    query = (
        select(lines.currency, func.sum(lines.debit) - func.sum(lines.credit))
        .where(lines.partner == partner, lines.account == account)
        .group_by(lines.currency)
    )
    return {currency: int(minor) for currency, minor in connection.execute(query)}
