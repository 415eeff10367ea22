"""Lists of receipts that become one SAP invoice each; a receipt's tax group is in one for ever."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Text,
    and_,
    distinct,
    func,
    insert,
    or_,
    select,
    update,
)

from pos_app.domain.posting import PostingState
from pos_app.store.posting import posting_steps, postings
from pos_app.store.sale import sale_lines, sale_tenders, sales
from pos_app.store.schema import BusinessDate, Instant, Micro, Minor, table
from pos_app.store.stock import stock_moves

COLLECTED, LISTED = PostingState.COLLECTED.value, PostingState.LISTED.value
CHUNK = 500

consolidations = table(
    "consolidations",
    Column("id", Text, primary_key=True),  # made of its members, and the key SAP is asked for
    Column("reference", Text, nullable=False, unique=True),
    Column("business_date", BusinessDate, nullable=False),
    Column("partner", Text, nullable=False),
    Column("partner_name", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("rate", Micro),
    Column("tax_group", Text, nullable=False),
    Column("members", Integer, nullable=False),
    Column("net", Minor, nullable=False),
    Column("vat", Minor, nullable=False),
    Column("total", Minor, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Text, nullable=False),
    Index("consolidations_by_date", "business_date"),
)

consolidation_members = table(
    "consolidation_members",
    Column("sale_id", Text, ForeignKey("sales.id"), primary_key=True),
    Column("tax_group", Text, primary_key=True),
    Column("consolidation_id", Text, ForeignKey("consolidations.id"), nullable=False),
    Column("net", Minor, nullable=False),
    Column("vat", Minor, nullable=False),
    Column("gross", Minor, nullable=False),
    Index("consolidation_members_by_list", "consolidation_id"),
)

_LIST, _MEMBER, _POSTING = consolidations.c, consolidation_members.c, postings.c


def add(
    connection: Connection, header: Mapping[str, Any], members: Sequence[Mapping[str, Any]]
) -> None:
    """Fix a list; raises UniqueViolation where a receipt's tax group is in another one."""
    connection.execute(insert(consolidations).values(dict(header)))
    connection.execute(insert(consolidation_members), list(members))


def collected(connection: Connection, until: date | None = None) -> list[RowMapping]:
    """Receipts that wait to be put into a list, by day and number; all of them, or up to a day."""
    query = (
        select(sales, postings.c.queue_id)
        .join(postings, postings.c.document_id == sales.c.id)
        .where(_POSTING.state == COLLECTED, _POSTING.kind == "invoice")
        .order_by(sales.c.business_date, sales.c.posted_at, sales.c.receipt)
    )
    query = query if until is None else query.where(sales.c.business_date <= until)
    return list(connection.execute(query).mappings())


def is_collected(connection: Connection, sale_id: str) -> bool:
    """Whether a receipt waits to be put into a list."""
    query = select(_POSTING.queue_id).where(
        _POSTING.document_id == sale_id, _POSTING.state == COLLECTED, _POSTING.kind == "invoice"
    )
    return connection.execute(query.limit(1)).first() is not None


def enlist(connection: Connection, queue_ids: Sequence[int]) -> int:
    """Say of receipts that they are in a list; returns how many still waited for one."""
    return _moved(connection, queue_ids, {"state": LISTED, "waits_for": ""})


def let_go(connection: Connection, queue_ids: Sequence[int], *, at: datetime) -> int:
    """Let documents go to SAP by themselves; returns how many waited for a list."""
    return _moved(connection, queue_ids, {"state": "Pending", "waits_for": "", "try_at": at})


def _moved(connection: Connection, queue_ids: Sequence[int], values: Mapping[str, Any]) -> int:
    """The token grows, so that whoever read a row before writes nothing into it."""
    values = {**values, "lease_token": _POSTING.lease_token + 1}
    count = 0
    for start in range(0, len(queue_ids), CHUNK):
        these = _POSTING.queue_id.in_(queue_ids[start : start + CHUNK])
        where = these & (_POSTING.state == COLLECTED)
        count += connection.execute(update(postings).where(where).values(values)).rowcount
    return count


def waiting(connection: Connection) -> list[int]:
    """The rows of everything that waits for a list: receipts, and the notes behind them."""
    query = select(_POSTING.queue_id).where(_POSTING.state == COLLECTED)
    return list(connection.execute(query.order_by(_POSTING.queue_id)).scalars())


def notes_behind(connection: Connection) -> list[int]:
    """Rows of notes that waited with their receipt, which is in a list by now."""
    original = postings.alias("original")
    query = (
        select(_POSTING.queue_id)
        .join(sales, sales.c.id == _POSTING.document_id)
        .outerjoin(
            original,
            and_(
                original.c.document_id == sales.c.original_id,
                original.c.kind == "invoice",
                original.c.state == COLLECTED,
            ),
        )
        .where(_POSTING.state == COLLECTED, _POSTING.kind != "invoice")
        .where(original.c.queue_id.is_(None))
    )
    return list(connection.execute(query).scalars())


def oldest(connection: Connection) -> tuple[int, date | None, datetime | None]:
    """How many receipts wait for a list, and the day and time of the oldest."""
    query = (
        select(func.count(), func.min(sales.c.business_date), func.min(_POSTING.created_at))
        .join_from(postings, sales, sales.c.id == _POSTING.document_id)
        .where(_POSTING.state == COLLECTED, _POSTING.kind == "invoice")
    )
    count, day, at = connection.execute(query).one()
    return int(count), day, at


def by_id(connection: Connection, list_id: str) -> Mapping[str, Any] | None:
    """One list."""
    query = select(consolidations).where(_LIST.id == list_id)
    found = connection.execute(query).mappings().first()
    return None if found is None else dict(found)


def of_day(connection: Connection, day: date) -> list[RowMapping]:
    """The lists of a business date in the order they were made, each with its way into SAP."""
    columns = (_POSTING.queue_id, _POSTING.state, _POSTING.reason, _POSTING.ended_at)
    query = (
        select(consolidations, *columns)
        .outerjoin(postings, _POSTING.key == _LIST.id)
        .where(_LIST.business_date == day)
        .order_by(_LIST.made_at, _LIST.reference)
    )
    return list(connection.execute(query).mappings())


def count_of_day(connection: Connection, day: date) -> int:
    """How many receipts are in the lists of a business date."""
    query = (
        select(func.count(distinct(_MEMBER.sale_id)))
        .join(consolidations, _LIST.id == _MEMBER.consolidation_id)
        .where(_LIST.business_date == day)
    )
    return int(connection.execute(query).scalar_one())


def members_of(connection: Connection, list_id: str) -> list[RowMapping]:
    """The receipts of a list with what each brings into it, in the order of their numbers."""
    header = (sales.c.receipt, sales.c.till, sales.c.taxes, sales.c.total)
    query = (
        select(consolidation_members, *header)
        .join(sales, sales.c.id == _MEMBER.sale_id)
        .where(_MEMBER.consolidation_id == list_id)
        .order_by(sales.c.receipt)
    )
    return list(connection.execute(query).mappings())


def lists_of(connection: Connection, sale_ids: Collection[str]) -> list[RowMapping]:
    """The lists these receipts are in, and what SAP calls the invoice of each."""
    step = posting_steps.c
    query = (
        select(consolidation_members, _LIST.reference, _POSTING.state, step.doc_entry, step.doc_num)
        .join(consolidations, _LIST.id == _MEMBER.consolidation_id)
        .outerjoin(postings, _POSTING.key == _LIST.id)
        .outerjoin(posting_steps, and_(step.queue_id == _POSTING.queue_id, step.kind == "invoice"))
    )
    found: list[RowMapping] = []
    ids = sorted(sale_ids)
    for start in range(0, len(ids), CHUNK):
        part = query.where(_MEMBER.sale_id.in_(ids[start : start + CHUNK]))
        found += connection.execute(part.order_by(_MEMBER.sale_id, _MEMBER.tax_group)).mappings()
    return found


def lines_of(connection: Connection, list_id: str) -> list[RowMapping]:
    """The lines of a list's receipts that are of its tax group."""
    query = (
        select(sale_lines)
        .join(
            consolidation_members,
            and_(
                _MEMBER.sale_id == sale_lines.c.sale_id,
                _MEMBER.tax_group == sale_lines.c.tax_group,
            ),
        )
        .join(sales, sales.c.id == sale_lines.c.sale_id)
        .where(_MEMBER.consolidation_id == list_id)
        .order_by(sales.c.receipt, sale_lines.c.line)
    )
    return list(connection.execute(query).mappings())


def moves_of(connection: Connection, list_id: str) -> list[RowMapping]:
    """The stock moves of those receipts, whatever tax group they are of."""
    query = (
        select(stock_moves)
        .join(consolidation_members, _MEMBER.sale_id == stock_moves.c.document_id)
        .where(_MEMBER.consolidation_id == list_id)
        .order_by(stock_moves.c.seq)
    )
    return list(connection.execute(query).mappings())


def tenders_of(connection: Connection, list_id: str) -> list[RowMapping]:
    """The tenders of those receipts, whole."""
    query = (
        select(sale_tenders)
        .join(consolidation_members, _MEMBER.sale_id == sale_tenders.c.sale_id)
        .join(sales, sales.c.id == sale_tenders.c.sale_id)
        .where(_MEMBER.consolidation_id == list_id)
        .order_by(sales.c.receipt, sale_tenders.c.line)
    )
    return list(connection.execute(query).mappings())


def member_rows(connection: Connection, list_id: str) -> list[RowMapping]:
    """The receipts' own rows of the queue, in the order of `members_of`."""
    query = (
        select(postings)
        .join(consolidation_members, _MEMBER.sale_id == _POSTING.document_id)
        .join(sales, sales.c.id == _MEMBER.sale_id)
        .where(_MEMBER.consolidation_id == list_id, _POSTING.kind == "invoice")
        .order_by(sales.c.receipt)
    )
    return list(connection.execute(query).mappings())


def hold_members(connection: Connection, list_id: str) -> None:
    """Keep a list's receipts from another list's end, in one order of locks for everybody."""
    mine = select(_MEMBER.sale_id).where(_MEMBER.consolidation_id == list_id)
    query = select(_POSTING.queue_id).where(
        _POSTING.document_id.in_(mine), _POSTING.kind == "invoice"
    )
    connection.execute(query.order_by(_POSTING.queue_id).with_for_update()).all()


def unfinished(connection: Connection, list_id: str) -> set[str]:
    """Receipts of a list that are in another one, too, whose invoice is not in SAP yet.

    A list that was taken out after its invoice was booked is in SAP.
    """
    mine = select(_MEMBER.sale_id).where(_MEMBER.consolidation_id == list_id)
    is_over = or_(_POSTING.state == "Completed", (_POSTING.state == "Cancelled") & _is_booked())
    query = (
        select(_MEMBER.sale_id)
        .join(postings, _POSTING.key == _MEMBER.consolidation_id)
        .where(_MEMBER.sale_id.in_(mine), ~is_over)
    )
    return set(connection.execute(query).scalars())


def _is_booked() -> ColumnElement[bool]:
    """Whether the invoice of a list is in SAP, whatever became of its payments."""
    step = posting_steps.c
    mine = (step.queue_id == _POSTING.queue_id, step.kind == "invoice", step.state == "done")
    return select(step.queue_id).where(*mine).exists()


def parted(connection: Connection, list_id: str, *, part: str) -> set[int]:
    """The rows of receipts of which it was said before that they are part of this list's invoice.

    Args:
        connection: within a transaction.
        list_id: the list.
        part: the kind of the step that says so.
    """
    step = posting_steps.c
    query = (
        select(step.queue_id)
        .join(consolidation_members, step.key == _MEMBER.sale_id + ":" + _MEMBER.tax_group)
        .where(_MEMBER.consolidation_id == list_id, step.kind == part)
    )
    return set(connection.execute(query).scalars())


def enlist_again(connection: Connection, list_id: str) -> None:
    """Say of the receipts of a list that was taken out, and goes on after all, that they wait."""
    mine = select(_MEMBER.sale_id).where(_MEMBER.consolidation_id == list_id)
    others = (
        select(_MEMBER.sale_id)
        .join(postings, _POSTING.key == _MEMBER.consolidation_id)
        .where(_MEMBER.sale_id.in_(mine), _POSTING.state == "Cancelled", ~_is_booked())
    )
    where = (_POSTING.document_id.in_(mine), _POSTING.document_id.not_in(others))
    is_out = (_POSTING.kind == "invoice", _POSTING.state == "Cancelled")
    waits = {"state": LISTED, "ended_at": None, "reason": ""}
    connection.execute(update(postings).where(*where, *is_out).values(waits))


def end_members(connection: Connection, sale_ids: Collection[str], values: Any) -> None:
    """Write how it ended on the receipts' rows of the queue; those that ended before stay.

    Taken out with one list, a receipt may still be said to be in SAP.
    """
    ids = sorted(sale_ids)
    for start in range(0, len(ids), CHUNK):
        these = _POSTING.document_id.in_(ids[start : start + CHUNK])
        was = (LISTED, "Cancelled") if values["state"] == "Completed" else (LISTED,)
        where = these & _POSTING.state.in_(was) & (_POSTING.kind == "invoice")
        connection.execute(update(postings).where(where).values(dict(values)))
