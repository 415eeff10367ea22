"""Reservations as they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.money import Money, multiply
from pos_app.domain.price import after_discount
from pos_app.domain.reservation import ReservationState
from pos_app.errors import RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import reservation as reservations
from pos_app.store import sale as sales
from pos_app.store.fast import Record
from pos_app.store.reservation import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLine:
    """One line of a hold, with the batches it holds."""

    number: int
    item: str
    name: str
    warehouse: str
    quantity: Decimal
    uom: str
    tax_code: str
    unit_price: Decimal
    is_priced: bool
    discount_percent: Decimal
    batches: tuple[tuple[str, Decimal], ...]
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A hold and where it stands; overdue ones show as Expired before anybody sweeps them."""

    number: int
    id: str
    reference: str
    label: str
    source: str
    document_type: str
    partner: str
    partner_name: str
    currency: str
    state: ReservationState
    total: Money
    renewals: int
    notes: str
    priority: int
    username: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    end_reason: str
    document_id: str | None
    doc_entry: int | None
    doc_num: int | None
    is_fiscal: bool
    due_date: date | None
    sales_person: int | None
    lines: tuple[HeldLine, ...]


def get(shop: Shop, reservation_id: str) -> Held:
    """One hold by its identity, or by the caller's reference.

    Raises:
        RecordNotFound: there is none.
    """
    with shop.store.read() as connection:
        return get_in(shop, connection, reservation_id)


def get_in(shop: Shop, connection: Connection, reservation_id: str) -> Held:
    """One hold as a transaction sees it; as `get`."""
    row = reservations.by_id(connection, reservation_id)
    row = row or reservations.by_reference(connection, reservation_id)
    if row is None:
        raise RecordNotFound("reservation", reservation_id)
    return held_of(shop, connection, row)


def by_reference(shop: Shop, reference: str) -> Held:
    """One hold by the caller's reference.

    Raises:
        RecordNotFound: there is none.
    """
    with shop.store.read() as connection:
        row = reservations.by_reference(connection, reference)
        if row is None:
            raise RecordNotFound("reservation", reference)
        return held_of(shop, connection, row)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the holds wanted, and how many there are."""

    total: int
    holds: tuple[Held, ...]


def page(
    shop: Shop,
    *,
    offset: int,
    limit: int,
    states: Sequence[ReservationState] = (),
    source: str | None = None,
    partner: str | None = None,
    reference: str | None = None,
) -> Page:
    """A page of holds from the newest back: in some states as they stand now, or in any."""
    now = shop.clock.now()
    wanted = Wanted(states=tuple(states), source=source, partner=partner, reference=reference)
    with shop.store.read() as connection:
        total, rows = reservations.page(connection, wanted, now, offset=offset, limit=limit)
        return Page(total, tuple(_holds(shop, connection, rows)))


def held_of(shop: Shop, connection: Connection, row: Record) -> Held:
    """A stored reservation as it stands now."""
    return _holds(shop, connection, [row])[0]


def _holds(shop: Shop, connection: Connection, rows: Sequence[Record]) -> list[Held]:
    documents = [row["document_id"] for row in rows if row["document_id"]]
    known = sales.status_of(connection, documents) if documents else {}
    lines: dict[str, list[Record]] = {}
    for line in reservations.lines_of(connection, [row["id"] for row in rows]):
        lines.setdefault(line["reservation_id"], []).append(line)
    return [
        _held(shop, row, lines.get(row["id"], ()), known.get(row["document_id"] or ""))
        for row in rows
    ]


def _held(shop: Shop, row: Record, lines: Sequence[Record], status: Record | None) -> Held:
    state = ReservationState(row["state"])
    if state is ReservationState.PENDING and shop.clock.now() >= row["expires_at"]:
        state = ReservationState.EXPIRED
    extra = row["extra"]
    due = extra.get("due_date")
    return Held(
        number=row["number"],
        id=row["id"],
        reference=row["external_reference"],
        label=extra.get("label", ""),
        source=row["source"],
        document_type=row["document_type"],
        partner=row["partner"],
        partner_name=row["partner_name"],
        currency=row["currency"],
        state=state,
        total=Money(row["total"], row["currency"]),
        renewals=row["renewals"],
        notes=row["notes"],
        priority=row["priority"],
        username=row["username"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        ended_at=row["ended_at"],
        end_reason=row["end_reason"] or "",
        document_id=row["document_id"],
        doc_entry=status["doc_entry"] if status else None,
        doc_num=status["doc_num"] if status else None,
        is_fiscal=bool(extra.get("is_fiscal", True)),
        due_date=date.fromisoformat(due) if due else None,
        sales_person=extra.get("sales_person"),
        lines=_lines(row, lines),
    )


def _lines(row: Record, lines: Sequence[Record]) -> tuple[HeldLine, ...]:
    parts: dict[int, list[Record]] = {}
    for part in lines:
        parts.setdefault(part["line"], []).append(part)
    told: Sequence[Mapping[str, Any]] = row["extra"].get("lines", ())
    return tuple(
        _line(rows, told[at] if at < len(told) else {}, row["currency"])
        for at, rows in sorted(parts.items())
    )


def _line(parts: Sequence[Record], told: Mapping[str, Any], currency: str) -> HeldLine:
    first = parts[0]
    quantity = sum((part["quantity"] for part in parts), Decimal(0))
    price = after_discount(first["unit_price"], first["discount_percent"])
    return HeldLine(
        number=told.get("number", first["line"]),
        item=first["item"],
        name=told.get("name", ""),
        warehouse=first["warehouse"],
        quantity=quantity,
        uom=told.get("uom", ""),
        tax_code=told.get("tax_code", ""),
        unit_price=first["unit_price"],
        is_priced=bool(told.get("is_priced", True)),
        discount_percent=first["discount_percent"],
        batches=tuple((part["batch"], part["quantity"]) for part in parts if part["batch"]),
        amount=Money.rounded(multiply(price, quantity), currency),
    )
