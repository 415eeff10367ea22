"""Hold stock for a document that is still to come, and let it go again in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain import reservation as rule
from pos_app.domain.batch import Strategy
from pos_app.domain.currency import normalise
from pos_app.domain.money import Money, multiply
from pos_app.domain.permission import Actor
from pos_app.domain.price import after_discount
from pos_app.domain.reservation import Reservation, ReservationExpired, ReservationState
from pos_app.errors import Conflict, InvalidInput, RecordNotFound, StaleRecord
from pos_app.services import batch
from pos_app.services.batch import Judgement, Served, StockInvalid, Want
from pos_app.services.shop import Shop
from pos_app.store import reservation as reservations
from pos_app.store import sale as sales
from pos_app.store import stock
from pos_app.store.fault import UniqueViolation

DOCUMENT_TYPES = ("Invoice", "SalesOrder", "Quotation")


class DuplicateReference(Conflict):
    """The caller's reference was used before, and its reservation is over."""

    code = "duplicate_reference"

    def __init__(self, reference: str, state: str) -> None:
        super().__init__(
            f"Reference {reference} belongs to a reservation that is {state}: use a new reference.",
            reference=reference,
            state=state,
        )


class DocumentTypeUnknown(InvalidInput):
    """Stock is not held for such a document."""

    code = "document_type_unknown"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"Stock cannot be reserved for {text[:30]!r}: use {', '.join(DOCUMENT_TYPES)}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AskLine:
    """Goods to hold, as the caller describes them."""

    number: int
    item: str
    warehouse: str
    quantity: Decimal
    name: str = ""
    uom: str = ""
    tax_code: str = ""
    unit_price: Decimal | None = None
    discount_percent: Decimal = Decimal(0)
    batches: tuple[tuple[str, Decimal], ...] = ()
    is_auto: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A hold as it is asked for."""

    reference: str
    label: str = ""
    source: str
    document_type: str = "Invoice"
    partner: str
    partner_name: str = ""
    currency: str = ""
    minutes: int = rule.DEFAULT_MINUTES
    is_fiscal: bool = True
    priority: int = 0
    notes: str = ""
    due_date: date | None = None
    sales_person: int | None = None
    lines: tuple[AskLine, ...]


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


@dataclass(frozen=True, slots=True)
class Made:
    """The answer to a request for a hold."""

    held: Held
    is_new: bool
    warnings: tuple[str, ...] = ()


def create(shop: Shop, actor: Actor, ask: Ask) -> Made:
    """Hold stock; the same reference again, while it is pending, gives the first hold.

    Raises:
        StockInvalid: some lines cannot be held; it names each.
        DuplicateReference: the reference belongs to a hold that is over.
        DurationInvalid, UnmappedCurrency, DocumentTypeUnknown: the request makes no sense.
    """
    if ask.document_type not in DOCUMENT_TYPES:
        raise DocumentTypeUnknown(ask.document_type)
    try:
        with shop.store.write() as connection:
            return make(shop, connection, actor, ask)
    except UniqueViolation:
        with shop.store.read() as connection:
            return _again(shop, connection, ask.reference)


def make(shop: Shop, connection: Connection, actor: Actor, ask: Ask) -> Made:
    """Hold stock within a transaction of somebody else's; as `create`."""
    if reservations.by_reference(connection, ask.reference) is not None:
        return _again(shop, connection, ask.reference)
    lasting = rule.duration(ask.minutes)
    wants = wants_of(ask.lines)
    stock.lock(connection, batch.places_of(wants))
    judgement = batch.judge(shop, connection, wants, strategy=Strategy.FEFO)
    if not judgement.is_valid:
        raise StockInvalid(judgement.problems)
    now = shop.clock.now()
    header = _header(shop, actor, ask, now=now) | {"expires_at": now + lasting}
    reservations.add(connection, header, _rows(header["id"], ask, judgement))
    return Made(get_in(shop, connection, header["id"]), is_new=True, warnings=judgement.warnings)


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
    return _held(shop, connection, row)


def cancel(shop: Shop, actor: Actor, reservation_id: str, *, reason: str = "") -> Held:
    """Let a hold go; cancelling it again is no error.

    Raises:
        RecordNotFound: there is none.
        MoveRefused: it was confirmed, has expired or failed.
    """
    said = reason or f"cancelled by {actor.username}"
    with shop.store.write() as connection:
        held = get_in(shop, connection, reservation_id)
        ended = rule.cancel(_plain(held), reason=said)
        if ended.state is not held.state:
            end(shop, connection, held, state=ended.state, reason=said)
        return get_in(shop, connection, held.id)


def check_confirmable(shop: Shop, held: Held) -> None:
    """Let a hold become its document.

    Raises:
        MoveRefused: it is over.
        ReservationExpired: it ran out; it is marked so.
    """
    now = shop.clock.now()
    try:
        rule.confirm(_plain(held), now)
    except ReservationExpired:
        sweep(shop)
        raise


def end(
    shop: Shop,
    connection: Connection,
    held: Held,
    *,
    state: ReservationState,
    reason: str = "",
    document_id: str | None = None,
) -> None:
    """Move a hold to its end within a transaction.

    Raises:
        StaleRecord: somebody ended it meanwhile.
    """
    moved = reservations.move(
        connection,
        held.id,
        was=ReservationState.PENDING.value,
        state=state.value,
        at=shop.clock.now(),
        reason=reason,
        document_id=document_id,
    )
    if not moved:
        raise StaleRecord("reservation", held.reference)


def sweep(shop: Shop) -> int:
    """Mark what has run out; returns how many. Overdue holds stopped counting by themselves."""
    with shop.store.write() as connection:
        return reservations.expire(connection, shop.clock.now())


def wants_of(lines: Sequence[AskLine]) -> list[Want]:
    """The lines as stock is asked for them."""
    return [
        Want(
            position=at,
            number=line.number,
            item=line.item,
            warehouse=line.warehouse,
            quantity=line.quantity,
            batches=line.batches,
            is_auto=line.is_auto,
        )
        for at, line in enumerate(lines)
    ]


def line_amount(line: AskLine, currency: str) -> Money:
    """Price x quantity less discount, to the cent, without looking at VAT (contract §2.7)."""
    price = after_discount(line.unit_price or Decimal(0), line.discount_percent)
    return Money.rounded(multiply(price, line.quantity), currency)


def _again(shop: Shop, connection: Connection, reference: str) -> Made:
    row = reservations.by_reference(connection, reference)
    if row is None:
        raise StaleRecord("reservation", reference)
    held = _held(shop, connection, row)
    if held.state is not ReservationState.PENDING:
        raise DuplicateReference(reference, held.state.value)
    words = f"Reference {reference} was reserved before; this is that reservation."
    return Made(held, is_new=False, warnings=(words,))


def _header(shop: Shop, actor: Actor, ask: Ask, *, now: datetime) -> dict[str, Any]:
    currency = normalise(ask.currency) if ask.currency else shop.rules.currency
    amounts = (line_amount(line, currency) for line in ask.lines)
    return {
        "id": shop.ids.new(),
        "external_reference": ask.reference,
        "source": ask.source,
        "document_type": ask.document_type,
        "partner": ask.partner,
        "partner_name": ask.partner_name,
        "currency": currency,
        "state": ReservationState.PENDING.value,
        "total": sum(amount.minor for amount in amounts),
        "renewals": 0,
        "notes": ask.notes,
        "priority": ask.priority,
        "username": actor.username,
        "created_at": now,
        "extra": {
            "label": ask.label,
            "is_fiscal": ask.is_fiscal,
            "due_date": ask.due_date.isoformat() if ask.due_date else "",
            "sales_person": ask.sales_person,
            "lines": [
                {
                    "number": line.number,
                    "name": line.name,
                    "uom": line.uom,
                    "tax_code": line.tax_code,
                    "is_priced": line.unit_price is not None,
                }
                for line in ask.lines
            ],
        },
    }


def _rows(reservation_id: str, ask: Ask, judgement: Judgement) -> list[dict[str, Any]]:
    rows = []
    for served in judgement.served:
        line = ask.lines[served.want.position]
        for part, (lot, quantity) in enumerate(_parts(served)):
            rows.append(
                {
                    "reservation_id": reservation_id,
                    "line": served.want.position,
                    "part": part,
                    "item": line.item,
                    "warehouse": line.warehouse,
                    "batch": lot,
                    "quantity": quantity,
                    "unit_price": line.unit_price or Decimal(0),
                    "discount_percent": line.discount_percent,
                }
            )
    return rows


def _parts(served: Served) -> list[tuple[str, Decimal]]:
    parts = [(row.batch, row.quantity) for row in served.allocations]
    return parts or [("", served.want.quantity)]


def _held(shop: Shop, connection: Connection, row: RowMapping) -> Held:
    state = ReservationState(row["state"])
    if state is ReservationState.PENDING and shop.clock.now() >= row["expires_at"]:
        state = ReservationState.EXPIRED
    known = sales.status_of(connection, [row["document_id"]]) if row["document_id"] else {}
    status = known.get(row["document_id"] or "")
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
        lines=_lines(connection, row),
    )


def _lines(connection: Connection, row: RowMapping) -> tuple[HeldLine, ...]:
    parts: dict[int, list[RowMapping]] = {}
    for part in reservations.lines_of(connection, [row["id"]]):
        parts.setdefault(part["line"], []).append(part)
    told: Sequence[Mapping[str, Any]] = row["extra"].get("lines", ())
    return tuple(
        _line(rows, told[at] if at < len(told) else {}, row["currency"])
        for at, rows in sorted(parts.items())
    )


def _line(parts: Sequence[RowMapping], told: Mapping[str, Any], currency: str) -> HeldLine:
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


def _plain(held: Held) -> Reservation:
    return Reservation(
        id=held.id,
        reference=held.reference,
        state=held.state,
        created_at=held.created_at,
        expires_at=held.expires_at,
        lines=(),
        renewals=held.renewals,
        reason=held.end_reason,
    )
