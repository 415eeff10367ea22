"""The complete, computed document of a posted sale: it leaves the till and never changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection

from pos_app.domain.currency import convert
from pos_app.domain.permission import Actor
from pos_app.domain.quantity import to_micro
from pos_app.domain.sale import Sale
from pos_app.domain.tender import Settlement, Tender
from pos_app.errors import ReferenceForgotten
from pos_app.services.shop import Shop
from pos_app.store import forgotten
from pos_app.store.stock import Move

FORMAT = 1

_NAMES = UUID("0b0c9c1e-6a54-5c5e-9d1f-2f7f3a1f4c11")


def named(shop: Shop, kind: str, reference: str) -> str:
    """The identity of a document that its caller has named: one name is one document for ever.

    It is the key SAP is asked for, so that a document that was forgotten with lost books is found
    there when its caller sends it again, and is not booked a second time.
    """
    return str(uuid5(_NAMES, f"{shop.rules.till}\n{kind}\n{reference}"))


def identity(shop: Shop, kind: str, reference: str, document_id: str | None) -> str:
    """The identity of a document: by its caller's reference, by its request, or a new one."""
    return named(shop, kind, reference) if reference else document_id or shop.ids.new()


def check_forgotten(connection: Connection, kind: str, reference: str) -> None:
    """Let a reference pass that was not used between the backup and the restore of these books.

    Raises:
        ReferenceForgotten: it was.
    """
    row = forgotten.by_reference(connection, kind, reference) if reference else None
    if row is not None:
        known = f"{kind.replace('_', ' ')} {row['number']}"
        where = "in SAP or in the books kept aside"
        raise ReferenceForgotten(reference, known, where=where)


def canonical(data: Mapping[str, Any]) -> str:
    """The one text of a document: sorted keys, no blanks, so that its hash is its identity."""
    return _CANONICAL.encode(data)


def content_hash(text: str) -> str:
    """SHA-256 of a canonical text, as hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def header_row(
    sale: Sale,
    settlement: Settlement,
    *,
    actor: Actor,
    receipt: str,
    number: int,
    posted_at: datetime,
    extra: Mapping[str, Any],
) -> dict[str, Any]:
    """The header of a posted sale; `extra` carries what the posting alone knows."""
    handed_over = (
        convert(row.tender.money, sale.currency, sale.rate).minor for row in settlement.settled
    )
    partner = sale.partner
    return {
        "id": sale.id,
        "kind": "invoice",
        "receipt": receipt,
        "till": sale.till,
        "number": number,
        "original_id": None,
        "partner": partner.code if partner else "",
        "partner_name": partner.name if partner else "",
        "warehouse": sale.warehouse,
        "user_id": actor.user_id,
        "username": actor.username,
        "currency": sale.currency,
        "rate": sale.rate.rate if sale.rate else None,
        "is_gross": sale.is_gross,
        "net": sale.net.minor,
        "vat": sale.vat.minor,
        "total": sale.total.minor,
        "paid": sum(handed_over),
        "posted_at": posted_at,
        "taxes": tax_rows(sale),
        "notes": "",
        **extra,
    }


def line_rows(sale: Sale) -> list[dict[str, Any]]:
    """The lines as they are stored: amounts of each line, summing to the document's exactly."""
    rows = []
    for total in sale.lines_with_tax:
        line = total.line
        rows.append(
            {
                "sale_id": sale.id,
                "line": line.number,
                "item": line.item.code,
                "name": line.item.name,
                "uom": line.item.uom,
                "quantity": line.quantity,
                "unit_price": line.quote.unit_price,
                "discount_percent": line.discount_percent,
                "tax_group": line.tax.code,
                "tax_percent": line.tax.percent,
                "net": total.net.minor,
                "vat": total.vat.minor,
                "gross": total.gross.minor,
                "hs_code": line.item.hs_code,
                "price_list": line.quote.price_list,
                "price_rule": line.quote.rule,
                "original_line": None,
                "warehouse": sale.warehouse,
            }
        )
    return rows


def tax_rows(sale: Sale) -> list[dict[str, Any]]:
    """Net, VAT and gross per tax group, in minor units."""
    return [
        {
            "group": total.group.code,
            "percent": None if total.group.percent is None else format(total.group.percent, "f"),
            "net": total.net.minor,
            "vat": total.vat.minor,
            "gross": total.gross.minor,
        }
        for total in sale.taxes
    ]


def tender_rows(sale_id: str, settlement: Settlement) -> list[dict[str, Any]]:
    """Tendered and settled apart (production lesson L18), each in the tender's own currency."""
    return [
        {
            "sale_id": sale_id,
            "line": line,
            "type": settled.tender.type.code,
            "currency": settled.tender.money.currency,
            "tendered": settled.tender.money.minor,
            "settled": settled.settled.minor,
            "in_document": settled.in_document.minor,
            "reference": settled.tender.reference,
        }
        for line, settled in enumerate(settlement.settled, start=1)
    ]


def change_rows(sale_id: str, settlement: Settlement) -> list[dict[str, Any]]:
    """Change given back, per currency, in minor units."""
    return [
        {"sale_id": sale_id, "currency": money.currency, "amount": money.minor}
        for money in settlement.change
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A posted sale as the rows it is stored in, here and on the server alike.

    Attributes:
        original: of a note, what was entered of a receipt no server knows.
    """

    header: dict[str, Any]
    lines: list[dict[str, Any]]
    tenders: list[dict[str, Any]]
    change: list[dict[str, Any]]
    moves: list[Move]
    original: Mapping[str, Any] | None = None


def payload(rows: Rows) -> str:
    """The document as canonical JSON: minor and micro units as integers, times as ISO text."""
    told = {
        "format": FORMAT,
        "header": _wire(rows.header),
        "lines": [_wire(line) for line in rows.lines],
        "tenders": [_wire(tender) for tender in rows.tenders],
        "change": [_wire(row) for row in rows.change],
        "moves": [_move(move) for move in rows.moves],
    }
    return canonical(told | ({"original": _wire(rows.original)} if rows.original else {}))


def request_text(sale: Sale, tenders: Sequence[Tender]) -> str:
    """What was asked for, so that a repeated reference is told from a reused one."""
    return canonical(
        {
            "partner": sale.partner.code if sale.partner else "",
            "currency": sale.currency,
            "lines": [
                [line.item.code, format(line.quantity, "f"), str(line.amount), line.batch]
                for line in sale.lines
            ],
            "tenders": [
                [tender.type.code, tender.money.currency, str(tender.money), tender.reference]
                for tender in tenders
            ],
        }
    )


MICRO = frozenset({"quantity", "unit_price", "discount_percent", "tax_percent", "rate"})


def _wire(row: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in row.items()
        if name != "sale_id"
    }
    for name in MICRO & told.keys():
        if told[name] is not None:
            told[name] = to_micro(told[name])
    return told


def _move(move: Move) -> dict[str, Any]:
    return {
        "document_kind": move.document_kind,
        "document_id": move.document_id,
        "line": move.line,
        "item": move.item,
        "warehouse": move.warehouse,
        "quantity": to_micro(move.quantity),
        "batch": move.batch,
    }


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
