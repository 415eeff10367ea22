"""A credit note posted in one transaction: the document, the goods, the device, the way to SAP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.money import Money
from pos_app.domain.note import NoteKind
from pos_app.domain.permission import Actor
from pos_app.domain.webhook import WebhookEvent
from pos_app.services import fiscal_request, note, note_request
from pos_app.services.credit_note import entry
from pos_app.services.credit_note.draft import Draft
from pos_app.services.posting.queueing import enqueue_sale
from pos_app.services.shop import Shop
from pos_app.services.webhook import event as webhook_event
from pos_app.store import feed, setting, stock
from pos_app.store import fiscal as journal
from pos_app.store import item as items
from pos_app.store import sale as sales

KIND = NoteKind.CREDIT


def post(
    shop: Shop, connection: Connection, actor: Actor, row: Mapping[str, Any], made: Draft
) -> dict[str, Any]:
    """Make it final; filed and queued like a till's note, with nothing paid out.

    Returns:
        What changes on the row of the note.

    Raises:
        BatchNeeded, BatchNotFound, InsufficientBatch: nobody knows which batch comes back.
        TaxNotAsSold, SaleNotFileable: the device would not file it.
    """
    number = setting.next_number(connection, f"receipt:{shop.rules.till}")
    now = shop.clock.now()
    header = note.header_row(
        shop,
        actor,
        made.note,
        kind=KIND,
        original=made.original,
        number=number,
        posted_at=now,
        extra={
            "id": row["id"],
            "origin": "api",
            "notes": made.reason,
            "reference": None,
            "content_hash": row["content_hash"],
            "shift_id": None,
            "paid": 0,
            "warehouse": made.wanted[0].warehouse,
        },
    )
    lines = note.line_rows(
        shop, row["id"], made.note, kind=KIND, original=made.original, wanted=made.wanted
    )
    moves = note.moves(
        shop,
        row["id"],
        made.note,
        original=made.original,
        wanted=made.wanted,
        managed=_managed(connection, made),
    )
    stock.take(connection, moves, now)
    sales.add(connection, header=header, lines=lines, tenders=(), change=())
    if header["is_fiscal"]:
        request = note_request.for_note(
            shop, connection, made.note, original=made.original, header=header
        )
        journal.add(connection, fiscal_request.intent(shop, header, request, now))
    enqueue_sale(shop, connection, sale_id=row["id"], source="API", reference=header["receipt"])
    places = sorted({f"{move.item}|{move.warehouse}" for move in moves})
    feed.changed_all(connection, [("stock", place) for place in places])
    _tell_others(shop, connection, row, header)
    total = made.note.total.minor
    applied = entry.apply(shop, connection, made.original.id, total)
    return {
        "state": entry.state_of(total, applied).value,
        "applied": applied,
        "total": total,
        "vat": made.note.vat.minor,
        "doc_date": header["business_date"],
    }


def _tell_others(
    shop: Shop, connection: Connection, row: Mapping[str, Any], header: Mapping[str, Any]
) -> None:
    webhook_event.tell(
        shop,
        connection,
        WebhookEvent.CREDIT_NOTE_CREATED,
        subject=row["id"],
        data={
            "number": row["number"],
            "receipt": header["receipt"],
            "docCurrency": header["currency"],
            "docTotal": Money(header["total"], header["currency"]),
        },
    )


def _managed(connection: Connection, made: Draft) -> frozenset[str]:
    codes = {row.line.item for row in made.note.lines}
    known = items.find_by_codes(connection, codes)
    return frozenset(code for code, item in known.items() if item.is_batch_managed)
