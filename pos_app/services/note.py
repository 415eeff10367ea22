"""The rows of a credit or debit note: what it copies from its original, and what it moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from pos_app.domain.batch import BatchNeeded, BatchNotFound, InsufficientBatch
from pos_app.domain.note import NoteKind, WantedLine
from pos_app.domain.permission import Actor
from pos_app.domain.refund import Refund
from pos_app.domain.tender import Settled
from pos_app.errors import RuleBroken
from pos_app.services.original import Original, OriginalLine
from pos_app.services.shop import Shop
from pos_app.store.stock import Move


class NoPlaceForDamaged(RuleBroken):
    """Damaged goods must not come back among those that are sold."""

    code = "no_place_for_damaged"

    def __init__(self, line: int) -> None:
        super().__init__(
            f"Line {line} comes back damaged and this till has no warehouse for such goods: "
            "name one as till.damaged_warehouse in the settings.",
            line=line,
        )


def header_row(
    shop: Shop,
    actor: Actor,
    note: Refund,
    *,
    kind: NoteKind,
    original: Original,
    number: int,
    posted_at: datetime,
    extra: Mapping[str, Any],
) -> dict[str, Any]:
    """The header of a note, its figures with the sign of its kind; `extra` is what asking knows."""
    total, vat = note.total.minor * kind.sign, note.vat.minor * kind.sign
    return {
        "kind": kind.value,
        "origin": shop.rules.role,
        "receipt": f"{shop.rules.till}-{number:06d}",
        "till": shop.rules.till,
        "number": number,
        "original_id": original.id,
        "partner": original.partner,
        "partner_name": original.partner_name,
        "warehouse": shop.rules.warehouse,
        "user_id": actor.user_id,
        "username": actor.username,
        "currency": original.currency,
        "rate": original.rate.rate if original.rate else None,
        "is_gross": True,
        "net": total - vat,
        "vat": vat,
        "total": total,
        "paid": total,
        "business_date": shop.today,
        "posted_at": posted_at,
        "taxes": _taxes(note, kind.sign),
        "is_fiscal": shop.rules.fiscal.is_required,
        **extra,
    }


def line_rows(
    shop: Shop,
    note_id: str,
    note: Refund,
    *,
    kind: NoteKind,
    original: Original,
    wanted: Sequence[WantedLine],
) -> list[dict[str, Any]]:
    """Its lines: quantities and amounts with the sign of the note, prices as they were."""
    rows = []
    for at, (row, vat) in enumerate(zip(note.lines, note.vat_shares, strict=True), start=1):
        line = original.line(row.line.number)
        gross, part = row.gross.minor * kind.sign, vat.minor * kind.sign
        rows.append(
            {
                "sale_id": note_id,
                "line": at,
                "item": row.line.item,
                "name": line.name,
                "uom": row.line.uom,
                "quantity": row.quantity * kind.sign,
                "unit_price": line.unit_price,
                "discount_percent": line.discount_percent,
                "tax_group": row.line.tax.code,
                "tax_percent": row.line.tax.percent,
                "net": gross - part,
                "vat": part,
                "gross": gross,
                "hs_code": line.hs_code,
                "price_list": line.price_list,
                "price_rule": line.price_rule,
                "original_line": row.line.number,
                "warehouse": _place(shop, wanted[at - 1]),
            }
        )
    return rows


def tender_rows(note_id: str, settled: Settled, *, sign: int) -> list[dict[str, Any]]:
    """How it is paid back, or for a debit note paid."""
    return [
        {
            "sale_id": note_id,
            "line": 1,
            "type": settled.tender.type.code,
            "currency": settled.tender.money.currency,
            "tendered": settled.tender.money.minor * sign,
            "settled": settled.settled.minor * sign,
            "in_document": settled.in_document.minor * sign,
            "reference": settled.tender.reference,
        }
    ]


def moves(
    shop: Shop,
    note_id: str,
    note: Refund,
    *,
    original: Original,
    wanted: Sequence[WantedLine],
    managed: frozenset[str],
) -> list[Move]:
    """What comes back into stock: into the batches it left from; a price moves nothing.

    Args:
        shop: the till; goods come back to its warehouse, wherever they were sold.
        note_id: identity of the note.
        note: its lines.
        original: of it.
        wanted: what was asked of each line.
        managed: items that are kept in batches.

    Raises:
        BatchNotFound, InsufficientBatch: the batch that was named did not leave with that line.
        BatchNeeded: nobody knows which batch left.
        NoPlaceForDamaged: this till has no warehouse for them.
    """
    left: dict[int, dict[str, Decimal]] = {}
    rows: list[Move] = []
    for at, (row, ask) in enumerate(zip(note.lines, wanted, strict=True), start=1):
        if not row.quantity or not ask.is_restocked:
            continue
        line = original.line(row.line.number)
        out = left.setdefault(row.line.number, dict(line.batches))
        place = _place(shop, ask)
        taken: Iterator[tuple[str, Decimal]] = iter([("", row.quantity)])
        if row.line.item in managed:
            taken = _batches(line, out, row.quantity, batch=ask.batch, warehouse=place)
        rows += [
            Move(
                document_kind="return",
                document_id=note_id,
                line=at,
                item=row.line.item,
                warehouse=place,
                batch=batch,
                quantity=quantity,
            )
            for batch, quantity in taken
        ]
    return rows


def _batches(
    line: OriginalLine, out: dict[str, Decimal], quantity: Decimal, *, batch: str, warehouse: str
) -> Iterator[tuple[str, Decimal]]:
    """The batch that was named, else those that left, in the order they left."""
    item = line.sold.item
    if not out and batch:
        yield batch, quantity
        return
    if not out:
        raise BatchNeeded(line.sold.number, item)
    if batch and batch not in out:
        raise BatchNotFound(item, warehouse, batch)
    names = [batch] if batch else list(out)
    for name in names:
        part = min(out[name], quantity)
        if part > 0:
            out[name] -= part
            quantity -= part
            yield name, part
    if quantity:
        raise InsufficientBatch(item, names[-1], quantity, Decimal(0))


def _place(shop: Shop, ask: WantedLine) -> str:
    if ask.warehouse:
        return ask.warehouse
    if not ask.is_damaged or ask.quantity is None:
        return shop.rules.warehouse
    if not shop.rules.damaged_warehouse:
        raise NoPlaceForDamaged(ask.line)
    return shop.rules.damaged_warehouse


def _taxes(note: Refund, sign: int) -> list[dict[str, Any]]:
    return [
        {
            "group": tax.group.code,
            "percent": None if tax.group.percent is None else format(tax.group.percent, "f"),
            "net": tax.net.minor * sign,
            "vat": tax.vat.minor * sign,
            "gross": tax.gross.minor * sign,
        }
        for tax in note.taxes
    ]
