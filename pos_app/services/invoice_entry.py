"""Sales that tills posted, entered among the server's invoices under a number of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.tender import SapMeans, UnmappedTender
from pos_app.services.shop import Shop
from pos_app.store import invoice as invoices


def enter(
    shop: Shop,
    connection: Connection,
    header: Mapping[str, Any],
    tenders: Iterable[Mapping[str, Any]],
) -> None:
    """Give a till's sale its place, in the transaction that stores it; refunds have none here.

    It counts as paid by what its tenders settled, all but what the customer owes on account.
    """
    if header["kind"] != "invoice":
        return
    paid = sum(row["in_document"] for row in tenders if settles(shop, row["type"]))
    invoices.add(
        connection,
        {
            "id": header["id"],
            "state": invoices.POSTED,
            "source": header["till"],
            "num_at_card": header["receipt"],
            "van_order": header["id"],
            "partner": header["partner"],
            "partner_name": header["partner_name"],
            "warehouse": header["warehouse"],
            "currency": header["currency"],
            "total": header["total"],
            "paid": min(paid, header["total"]),
            "doc_date": header["business_date"],
            "due_date": header["business_date"],
            "comments": header["notes"],
            "fiscalize": header["is_fiscal"],
            "content_hash": header["content_hash"],
            "created_by": header["username"],
            "created_at": header["posted_at"],
            "changed_at": header["posted_at"],
        },
    )


def settles(shop: Shop, code: str) -> bool:
    """Whether a tender is money; one this server does not know was taken as such by its till."""
    try:
        return shop.rules.tender_type(code).sap_means != SapMeans.ACCOUNT
    except UnmappedTender:
        return True
