"""The steps of a sale into SAP: its invoice, then one payment per currency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money, half_up
from pos_app.domain.tender import SapMeans, UnmappedTender
from pos_app.services.shop import Shop
from pos_app.store import invoice as invoices
from pos_app.store import sale as sales
from pos_app.store import stock
from sync.sap.requests import (
    BatchPick,
    Cash,
    InvoiceLine,
    InvoiceRequest,
    PaymentRequest,
    Transfer,
)

INVOICE, PAYMENT = "invoice", "payment"
CREDIT_NOTE, REFUND = "credit_note", "refund"
DOCUMENTS = frozenset({INVOICE, CREDIT_NOTE})
"""Steps that move goods; payments move money alone."""

COMMENTS_MOST = 254
"""Characters SAP takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a document becomes in SAP, computed once from its stored rows.

    Attributes:
        invoice: None where the document is a payment alone.
    """

    invoice: InvoiceRequest | None
    payments: tuple[PaymentRequest, ...]
    total: Money


def plan(shop: Shop, connection: Connection, sale_id: str, *, key: str) -> Plan:
    """Read a sale and say what SAP is asked to book.

    Raises:
        UnmappedTender, UnmappedCurrency: SAP has no account or code for it.
    """
    sale = sales.by_id(connection, sale_id)
    if sale is None:
        raise LookupError(sale_id)
    lines = sales.lines_of(connection, sale_id)
    moves = stock.moves_of(connection, sale_id)
    tenders = sales.tenders_of(connection, sale_id)
    written = invoices.by_id(connection, sale_id)
    invoice = InvoiceRequest(
        key=key,
        card_code=sale["partner"],
        doc_date=sale["business_date"],
        due_date=written["due_date"] if written else None,
        num_at_card=(written and written["num_at_card"]) or sale["receipt"],
        currency=code_of(shop, sale["currency"]),
        rate=rate_of(shop, sale, sale["currency"]),
        comments=_comments(sale, written),
        lines=tuple(_line(shop, line, moves, sale["currency"]) for line in lines),
    )
    return Plan(
        invoice=invoice,
        payments=tuple(_payments(shop, sale, tenders)),
        total=Money(sale["total"], sale["currency"]),
    )


def with_entry(request: PaymentRequest, doc_entry: int) -> PaymentRequest:
    """The payment, now that the invoice it pays is known."""
    return replace(request, invoice_entry=doc_entry)


def rows(queue_id: int, planned: Plan) -> list[dict[str, Any]]:
    """The steps as they are written down before the first is taken."""
    shared = {"queue_id": queue_id, "state": "waiting", "request": {}, "adopted": 0}
    keys = [(INVOICE, planned.invoice.key)] if planned.invoice is not None else []
    keys += [(PAYMENT, payment.reference) for payment in planned.payments]
    return [
        shared | {"step": step, "kind": kind, "key": key}
        for step, (kind, key) in enumerate(keys, start=1)
    ]


def _comments(sale: Mapping[str, Any], written: RowMapping | None) -> str:
    """Where the document comes from, behind what its maker wrote."""
    origin = f"POS {sale['till']} receipt {sale['receipt']}"
    if not written or not written["comments"]:
        return origin
    return f"{written['comments'][: COMMENTS_MOST - len(origin) - 3]} ({origin})"


def _line(shop: Shop, line: RowMapping, moves: Sequence[RowMapping], currency: str) -> InvoiceLine:
    gross = Money(line["gross"], currency).amount
    return InvoiceLine(
        item_code=line["item"],
        quantity=line["quantity"],
        price_after_vat=half_up(gross / line["quantity"], 6),
        gross_total=gross,
        warehouse=line["warehouse"],
        vat_group=line["tax_group"],
        costing_code=shop.rules.sap.cost_centre or None,
        batches=tuple(
            BatchPick(move["batch"], -move["quantity"])
            for move in moves
            if move["line"] == line["line"] and move["batch"]
        ),
    )


Means = dict[str, list[RowMapping]]
"""The tenders that go to one account, by account."""


def _payments(
    shop: Shop, sale: Mapping[str, Any], tenders: Sequence[RowMapping]
) -> list[PaymentRequest]:
    """One payment per currency; what the customer owes on account is none.

    A payment of SAP has one account for cash and one for transfers: a second wallet or bank of the
    same currency needs a payment of its own.
    """
    found: dict[str, dict[str, Means]] = {}
    for tender in tenders:
        kind = shop.rules.tender_type(tender["type"])
        if kind.sap_means == SapMeans.ACCOUNT or tender["settled"] <= 0:
            continue
        account = shop.rules.sap.accounts.get((tender["type"], tender["currency"]))
        if account is None:
            raise UnmappedTender(f"{tender['type']} {tender['currency']}")
        means = SapMeans.CASH if kind.sap_means == SapMeans.CASH else SapMeans.TRANSFER
        by_account = found.setdefault(tender["currency"], {}).setdefault(means.value, {})
        by_account.setdefault(account, []).append(tender)
    return [
        _payment(shop, sale, f"{currency}{number}", cash=cash, transfer=transfer)
        for currency, means in sorted(found.items())
        for number, (cash, transfer) in enumerate(_paired(means), start=1)
    ]


_NO_MEANS: tuple[str, list[RowMapping]] = ("", [])


def _paired(means: Mapping[str, Means]) -> Iterator[tuple[tuple[str, list[RowMapping]], ...]]:
    """Accounts for cash and for transfers side by side, as payments take them."""
    kinds = (
        sorted(means.get(kind.value, {}).items()) for kind in (SapMeans.CASH, SapMeans.TRANSFER)
    )
    return zip_longest(*kinds, fillvalue=_NO_MEANS)


def _payment(
    shop: Shop,
    sale: Mapping[str, Any],
    name: str,
    *,
    cash: tuple[str, list[RowMapping]],
    transfer: tuple[str, list[RowMapping]],
) -> PaymentRequest:
    rows = [*cash[1], *transfer[1]]
    currency = rows[0]["currency"]
    applied = Money(sum(row["in_document"] for row in rows), sale["currency"]).amount
    slip = next((row["reference"] for row in transfer[1] if row["reference"]), "")
    return PaymentRequest(
        reference=f"{sale['receipt']}-{name}",
        card_code=sale["partner"],
        doc_date=sale["business_date"],
        invoice_entry=0,
        invoice_currency=code_of(shop, sale["currency"]),
        applied=applied,
        currency=code_of(shop, currency),
        rate=rate_of(shop, sale, currency),
        cash=Cash(cash[0], _settled(cash[1])) if cash[1] else None,
        transfer=Transfer(transfer[0], _settled(transfer[1]), slip[:27]) if transfer[1] else None,
    )


def _settled(rows: Sequence[RowMapping]) -> Decimal:
    return Money(sum(row["settled"] for row in rows), rows[0]["currency"]).amount


def code_of(shop: Shop, currency: str) -> str | None:
    """SAP's own code of a currency, None for SAP's local one (production lesson L21)."""
    if currency == shop.rules.sap.local_currency:
        return None
    return shop.rules.currencies.get(currency).sap_code


def rate_of(shop: Shop, sale: Mapping[str, Any], currency: str) -> Decimal | None:
    """The sale's frozen rate for a foreign document; None lets SAP take its rate of the day."""
    if currency == shop.rules.sap.local_currency:
        return None
    rate: Decimal | None = sale["rate"]
    return rate
