"""Documents with lines of goods: sales, purchases, receipts and issues, and their drafts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sync.sap.simulator.approval import added, asked
from sync.sap.simulator.attachment import check_attachment
from sync.sap.simulator.base import draw, give_back, take_over
from sync.sap.simulator.books import ZERO, Books, Change
from sync.sap.simulator.branch import branch_of
from sync.sap.simulator.goods import book
from sync.sap.simulator.kind import (
    CREDIT_NOTES,
    INVOICES,
    KINDS,
    ORDERS,
    WITHOUT_REVERSAL,
    Booked,
    Kind,
)
from sync.sap.simulator.line import document_line, movements
from sync.sap.simulator.money import (
    check_day,
    decimals_of,
    document_currency,
    document_rate,
    number,
    to_local,
)
from sync.sap.simulator.pricing import Sale, line_row, price_line
from sync.sap.simulator.refusal import NO_MATCH, Refusal, no_match
from sync.sap.simulator.reline import relined
from sync.sap.simulator.series import numbered
from sync.sap.simulator.service import SERVICE, is_service, price_service, service_line
from sync.sap.simulator.table import Row
from sync.sap.simulator.totals import LineTotals, add_up, less

READ_ONLY = frozenset(
    {"DocEntry", "DocNum", "DocTotal", "DocTotalFc", "VatSum", "VatSumFc", "PaidToDate",
     "PaidToDateFC", "DocumentStatus", "Cancelled", "CancelStatus", "CardName", "CreationDate",
     "UpdateDate", "DocRate", "DocCurrency"}
)  # fmt: skip
ROUNDING_CAP = Decimal("1.00")


def create_document(books: Books, set_name: str, body: Mapping[str, Any], *, today: date) -> Booked:
    """A new document of one of `KINDS`; raises Refusal and then changes nothing."""
    row, change = _compose(books, set_name, body, today)
    if set_name in books.company.refuse:
        raise Refusal(-1116, books.company.refuse[set_name])
    if set_name in books.company.approval or _is_beyond_limit(books, set_name, row):
        return _as_draft(books, set_name, row, body, today=today)
    change.put.append((set_name, row))
    return Booked(row, change)


def preview(books: Books, set_name: str, body: Mapping[str, Any], *, today: date) -> Row:
    """What a document would be, without booking it; raises Refusal."""
    return _compose(books, set_name, body, today)[0]


def approve_draft(books: Books, entry: Any, *, today: date) -> Booked:
    """The document a draft stands for; raises Refusal when there is none or it cannot be."""
    draft = books.row("Drafts", entry)
    if draft is None:
        raise no_match()
    if draft["DocumentStatus"] == "bost_Close":
        raise Refusal(-5002, "The draft has already been saved as a document")
    set_name = draft["_set"]
    closed = added(books, "Drafts", draft)
    row, change = _compose(books, set_name, draft["_body"], today)
    change.put += [(set_name, row), *closed]
    return Booked(row, change)


def recompose(
    books: Books, set_name: str, old: Row, body: Mapping[str, Any], *, today: date
) -> Booked:
    """An order with other lines, under its own number; raises Refusal."""
    change = Change()
    give_back(books, set_name, old["DocumentLines"], change)
    row, change = _compose(books, set_name, body, today, change)
    kept = {name: old[name] for name in ("DocEntry", "DocNum", "Series")}
    kept |= relined(old, body["DocumentLines"], row["DocumentLines"])
    change.put.append((set_name, row | kept))
    return Booked(None, change)


def _compose(
    books: Books, set_name: str, body: Mapping[str, Any], today: date, change: Change | None = None
) -> tuple[Row, Change]:
    kind = KINDS[set_name]
    partner = _partner(books, body, kind)
    if kind.needs_due and not body.get("DocDueDate"):
        raise Refusal(-5002, "Due date is missing  [DocDueDate]")
    sale = _sale(books, set_name, body, partner, today=today)
    lines = body.get("DocumentLines") or []
    if not lines:
        raise Refusal(-5002, "Document has no lines  [DocumentLines]")
    change = change or Change()
    compose = service_line if is_service(body, kind) else document_line
    shown = [
        compose(books, take_over(books, set_name, line, change), place)
        for place, line in enumerate(lines)
    ]
    check_attachment(books, body)
    branch = branch_of(books, set_name, body, [line["WarehouseCode"] for line in shown])
    draw(books, set_name, shown, change, card=partner.get("CardCode"))
    header = _header(books, set_name, body, sale) | branch
    header |= _price_all(books, sale, body, shown) if sale.is_priced else _valued(books, shown)
    book(books, movements(books, set_name, shown, kind.goods), change)
    row = header | {"DocumentLines": shown, "_moves": list(change.stock)}
    if kind.balance:
        change.balance.append((row["CardCode"], kind.balance * number(row, "DocTotal")))
    if set_name == CREDIT_NOTES:
        row |= _credit_base(row, change)
    if set_name in WITHOUT_REVERSAL:
        # What was asked, since its lines may be asked for differently later.
        row["_body"] = dict(body)
    return row, change


def _partner(books: Books, body: Mapping[str, Any], kind: Kind) -> Row:
    if kind.partner is None:
        return {}
    code = body.get("CardCode")
    row = books.row("BusinessPartners", code) if code else None
    if row is None:
        raise no_match()
    if row["CardType"] != kind.partner:
        raise Refusal(-5002, f"Business partner '{code}' is of the wrong type  [CardCode]")
    if row.get("Frozen") == "tYES" or row.get("Valid") == "tNO":
        raise Refusal(-5002, f"Business partner '{code}' is inactive  [CardCode]")
    return row


def _sale(
    books: Books, set_name: str, body: Mapping[str, Any], partner: Row, *, today: date
) -> Sale:
    kind = KINDS[set_name]
    day = check_day(books, body, today, set_name=set_name)
    local = books.company.local_currency
    currency = document_currency(books, body, partner) if kind.partner else local
    return Sale(
        partner=partner,
        day=day,
        currency=currency,
        rate=document_rate(books, body, currency, day),
        is_priced=bool(kind.partner),
        is_purchase=kind.is_purchase,
        is_foreign=currency != local,
    )


def _header(books: Books, set_name: str, body: Mapping[str, Any], sale: Sale) -> Row:
    given = {
        name: value
        for name, value in body.items()
        if name not in READ_ONLY and name != "DocumentLines"
    }
    foreign = sale.currency != books.company.local_currency
    return given | {
        "DocEntry": books.next_entry(set_name),
        **numbered(books, set_name, body, sale.day),
        "DocType": body.get("DocType") or "dDocument_Items",
        "DocDate": sale.day.isoformat(),
        "DocDueDate": body.get("DocDueDate") or sale.day.isoformat(),
        "TaxDate": body.get("TaxDate") or sale.day.isoformat(),
        "CardName": sale.partner.get("CardName"),
        "DocCurrency": sale.currency,
        "DocRate": sale.rate if foreign else Decimal(1),
        "DocObjectCode": KINDS[set_name].code,
        "DocumentStatus": "bost_Open",
        "Cancelled": "tNO",
        "CancelStatus": "csNo",
        "PaidToDate": ZERO,
        "PaidToDateFC": ZERO,
        "DocTotalFc": ZERO,
        "VatSumFc": ZERO,
    }


def _is_beyond_limit(books: Books, set_name: str, row: Row) -> bool:
    """Whether a credit limit makes a draft of it; raises Refusal where the company refuses."""
    rule = books.company.credit_limit
    if rule == "off" or set_name not in (INVOICES, ORDERS):
        return False
    partner = books.row("BusinessPartners", row["CardCode"]) or {}
    limit = number(partner, "CreditLimit")
    owed = books.balances.get(row["CardCode"], ZERO) + number(row, "DocTotal")
    if not limit or owed <= limit:
        return False
    if rule == "draft":
        return True
    raise Refusal(-10, f"Credit limit of '{row['CardCode']}' is exceeded  [CardCode]")


def _credit_base(row: Row, change: Change) -> Row:
    """A credit note based on an invoice settles that much of it, and is settled by it.

    Returns:
        What the credit note's own header becomes.
    """
    entries = {line.get("BaseEntry") for line in row["DocumentLines"]}
    if entries == {None}:
        return {}
    if len(entries) > 1:
        raise Refusal(-5006, "This sandbox bases a credit note on one invoice, whole or not at all")
    # What the lines drew from it is in the change already.
    base = next(row for name, row in reversed(change.put) if name == INVOICES)
    if base["DocCurrency"] != row["DocCurrency"]:
        raise Refusal(-5002, "Base document has another currency  [DocCurrency]")
    paid = number(base, "PaidToDate") + number(row, "DocTotal")
    if paid > number(base, "DocTotal"):
        raise Refusal(-5002, "Credit exceeds the balance due of the base document")
    settled = {
        **base,
        "PaidToDate": paid,
        "PaidToDateFC": number(base, "PaidToDateFC") + number(row, "DocTotalFc"),
        "DocumentStatus": "bost_Close" if paid == number(base, "DocTotal") else "bost_Open",
    }
    change.put.append((INVOICES, settled))
    return {
        "PaidToDate": number(row, "DocTotal"),
        "PaidToDateFC": number(row, "DocTotalFc"),
        "DocumentStatus": "bost_Close",
    }


def _price_all(
    books: Books, sale: Sale, body: Mapping[str, Any], shown: list[Row]
) -> dict[str, Any]:
    """Price the lines in place and return the header's totals."""
    company = books.company
    if body.get("DocType") == SERVICE:
        priced = [price_service(books, sale, line) for line in shown]
    else:
        priced = [
            price_line(books, sale, line, books.row("Items", line["ItemCode"]) or {})
            for line in shown
        ]
    decimals = decimals_of(books, sale.currency)
    totals = add_up(priced, decimals=decimals, by_group=company.group_vat)
    for line, one, total in zip(shown, priced, totals, strict=True):
        line.update(line_row(books, sale, one, total))
    percent = number(body, "DiscountPercent")
    if not percent:
        return _totals(books, sale, body, totals)
    # Lines stay as they are; VAT and total are taken from what is left of them.
    lower = [less(one, percent, decimals) for one in priced]
    left = add_up(lower, decimals=decimals, by_group=company.group_vat)
    taken = sum((one.net for one in totals), ZERO) - sum((one.net for one in left), ZERO)
    foreign = sale.currency != company.local_currency
    discount = {"TotalDiscount": to_local(books, taken, sale.rate) if foreign else taken}
    if foreign:
        discount["TotalDiscountFC"] = taken
    return _totals(books, sale, body, left) | discount


def _valued(books: Books, shown: list[Row]) -> dict[str, Any]:
    """Goods without a partner: their cost is the document's total, and no VAT is in it."""
    total = ZERO
    for line in shown:
        if number(line, "UnitPrice") < 0:
            raise Refusal(-5002, "Price must not be negative  [DocumentLines.UnitPrice]")
        value = to_local(books, number(line, "Quantity") * number(line, "UnitPrice"), Decimal(1))
        line |= {"Price": number(line, "UnitPrice"), "LineTotal": value}
        total += value
    return {"DocTotal": total, "VatSum": ZERO}


def _totals(
    books: Books, sale: Sale, body: Mapping[str, Any], totals: list[LineTotals]
) -> dict[str, Any]:
    foreign = sale.currency != books.company.local_currency
    difference = ZERO
    if body.get("Rounding") == "tYES":
        difference = number(body, "RoundingDiffAmountFC" if foreign else "RoundingDiffAmount")
    if abs(difference) > ROUNDING_CAP:
        raise Refusal(-5002, "Rounding difference is too large  [RoundingDiffAmount]")
    total = sum((line.gross for line in totals), ZERO) + difference
    vat = sum((line.vat for line in totals), ZERO)
    if not foreign:
        return {"DocTotal": total, "VatSum": vat}
    return {
        "DocTotal": to_local(books, total, sale.rate),
        "VatSum": to_local(books, vat, sale.rate),
        "DocTotalFc": total,
        "VatSumFc": vat,
    }


def _as_draft(
    books: Books, set_name: str, row: Row, body: Mapping[str, Any], *, today: date
) -> Booked:
    day = date.fromisoformat(row["DocDate"])
    draft = {
        **row,
        "DocEntry": books.next_entry("Drafts"),
        **numbered(books, "Drafts", {}, day),
        "AuthorizationStatus": "dasPending",
        "_moves": [],
        "_set": set_name,
        "_body": dict(body),
    }
    refusal = Refusal(-2028, NO_MATCH, 404)
    request = asked(books, "Drafts", draft, today=today)
    return Booked(None, Change(put=[("Drafts", draft), request]), refusal)
