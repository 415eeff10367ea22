"""Credit notes entered under a number of their own, and what they settle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.credit_note import CreditNoteState, CreditNoteType
from pos_app.services import invoice_told
from pos_app.services.invoice_entry import settles
from pos_app.services.shop import Shop
from pos_app.store import credit_note as credit_notes
from pos_app.store import invoice as invoices


def enter(
    shop: Shop,
    connection: Connection,
    header: Mapping[str, Any],
    lines: Iterable[Mapping[str, Any]],
    tenders: Iterable[Mapping[str, Any]],
) -> None:
    """Give a till's credit note its place, in the transaction that stores it.

    What was not paid out at the till settles the invoice, as far as that is still open.
    """
    total = -header["total"]
    paid_out = -sum(row["in_document"] for row in tenders if settles(shop, row["type"]))
    applied = paid_out + apply(shop, connection, header["original_id"], total - paid_out)
    goods = any(line["quantity"] for line in lines)
    credit_notes.add(
        connection,
        {
            "id": header["id"],
            "number": header["receipt"],
            "state": state_of(total, applied).value,
            "type": (CreditNoteType.RETURN if goods else CreditNoteType.ADJUSTMENT).value,
            "source": header["till"],
            "original_id": header["original_id"],
            "partner": header["partner"],
            "partner_name": header["partner_name"],
            "currency": header["currency"],
            "total": total,
            "vat": -header["vat"],
            "applied": applied,
            "doc_date": header["business_date"],
            "reason": header["notes"],
            "is_restocked": goods,
            "warehouse": header["warehouse"],
            "content_hash": header["content_hash"],
            "created_by": header["username"],
            "created_at": header["posted_at"],
            "changed_at": header["posted_at"],
            "approved_by": header["username"],
            "approved_at": header["posted_at"],
        },
    )


def apply(shop: Shop, connection: Connection, invoice_id: str, minor: int) -> int:
    """Let a credit settle its invoice as far as that is open; returns how much it did."""
    row = invoices.held(connection, invoice_id)
    if row is None or minor <= 0:
        return 0
    part: int = min(minor, row["total"] - row["paid"])
    if part <= 0 or not invoices.add_paid(connection, invoice_id, part):
        return 0
    invoice_told.paid(shop, connection, invoice_id)
    return part


def state_of(total: int, applied: int) -> CreditNoteState:
    """Applied once all of it has settled something."""
    return CreditNoteState.APPLIED if applied >= total else CreditNoteState.APPROVED
