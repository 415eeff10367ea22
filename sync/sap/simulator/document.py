"""Documents with goods: invoices, credit notes, goods receipts and issues, and their drafts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sync.sap.simulator.base import draw, give_back, take_over
from sync.sap.simulator.books import ZERO, Books, Change
from sync.sap.simulator.goods import Movement, active_item, book, warehouse_of
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
from sync.sap.simulator.table import Row
from sync.sap.simulator.totals import LineTotals, add_up

READ_ONLY = frozenset(
    {"DocEntry", "DocNum", "DocTotal", "DocTotalFc", "VatSum", "VatSumFc", "PaidToDate",
     "PaidToDateFC", "DocumentStatus", "Cancelled", "CancelStatus", "CardName", "CreationDate",
     "UpdateDate", "DocRate", "DocCurrency"}
)  # fmt: skip
INVOICES, CREDIT_NOTES = "Invoices", "CreditNotes"
ROUNDING_CAP = Decimal("1.00")


@dataclass(frozen=True, slots=True)
class Kind:
    """What makes one set of documents differ from another.

    Attributes:
        object_code: SAP's object number.
        goods: 1 when goods come in, -1 when they leave.
        partner: card type wanted, None for documents without a partner.
        balance: 1 when the partner owes more afterwards, -1 when less.
    """

    object_code: str
    goods: int
    partner: str | None
    balance: int


KINDS: Mapping[str, Kind] = {
    "Invoices": Kind("oInvoices", -1, "cCustomer", 1),
    "CreditNotes": Kind("oCreditNotes", 1, "cCustomer", -1),
    "InventoryGenEntries": Kind("oInventoryGenEntry", 1, None, 0),
    "InventoryGenExits": Kind("oInventoryGenExit", -1, None, 0),
}


@dataclass(frozen=True, slots=True)
class Booked:
    """What a request leads to.

    Attributes:
        row: the entity to show, None when there is nothing to show.
        change: what to commit.
        refusal: answered after committing: an approval draft exists, yet SAP says no.
    """

    row: Row | None
    change: Change
    refusal: Refusal | None = None


def create_document(books: Books, set_name: str, body: Mapping[str, Any], *, today: date) -> Booked:
    """A new document of one of `KINDS`; raises Refusal and then changes nothing."""
    row, change = _compose(books, set_name, body, today)
    if set_name in books.company.approval:
        return _as_draft(books, set_name, row, body)
    if set_name in books.company.refuse:
        raise Refusal(-1116, books.company.refuse[set_name])
    change.put.append((set_name, row))
    return Booked(row, change)


def approve_draft(books: Books, entry: Any, *, today: date) -> Booked:
    """The document a draft stands for; raises Refusal when there is none or it cannot be."""
    draft = books.row("Drafts", entry)
    if draft is None:
        raise no_match()
    if draft["DocumentStatus"] == "bost_Close":
        raise Refusal(-5002, "The draft has already been saved as a document")
    set_name = draft["_set"]
    row, change = _compose(books, set_name, draft["_body"], today)
    change.put.append((set_name, row))
    change.put.append(("Drafts", {**draft, "DocumentStatus": "bost_Close"}))
    return Booked(row, change)


def cancel_document(books: Books, set_name: str, entry: Any, *, today: date) -> Booked:
    """Reverse goods and balance by a cancellation document; raises Refusal when it cannot be."""
    original = books.row(set_name, entry)
    if original is None:
        raise no_match()
    if original["CancelStatus"] != "csNo":
        raise Refusal(-5002, "Document has already been cancelled")
    is_based = original["DocumentLines"][0].get("BaseEntry") is not None
    if number(original, "PaidToDate") and not (is_based and set_name == CREDIT_NOTES):
        raise Refusal(-5006, "Cannot cancel a document that has payments")
    check_day(books, {}, today)
    change = Change()
    give_back(books, set_name, original["DocumentLines"], change)
    if is_based and set_name == CREDIT_NOTES:
        _owed_again(change, original)
    goods = -KINDS[set_name].goods
    book(books, _movements(books, original["DocumentLines"], goods), change)
    closed = {"DocumentStatus": "bost_Close", "Cancelled": "tYES"}
    reversal = {
        **original,
        **closed,
        "DocEntry": books.next_entry(set_name),
        "DocNum": books.next_num(set_name),
        "DocDate": today.isoformat(),
        "CancelStatus": "csCancellation",
        "_moves": list(change.stock),
    }
    change.put.append((set_name, {**original, **closed, "CancelStatus": "csYes"}))
    change.put.append((set_name, reversal))
    _owe(change, original, -KINDS[set_name].balance)
    return Booked(None, change)


def _compose(
    books: Books, set_name: str, body: Mapping[str, Any], today: date
) -> tuple[Row, Change]:
    kind = KINDS[set_name]
    partner = _partner(books, body, kind)
    sale = _sale(books, body, partner, kind=kind, today=today)
    lines = body.get("DocumentLines") or []
    if not lines:
        raise Refusal(-5002, "Document has no lines  [DocumentLines]")
    if number(body, "DiscountPercent"):
        raise Refusal(-5006, "This sandbox keeps discounts on lines, not on the document")
    shown = [
        _line(books, take_over(books, set_name, line), place) for place, line in enumerate(lines)
    ]
    change = Change()
    draw(books, set_name, shown, change)
    header = _header(books, set_name, body, sale)
    if sale.is_priced:
        header |= _price_all(books, sale, body, shown)
    else:
        header |= {"DocTotal": ZERO, "VatSum": ZERO}
    book(books, _movements(books, shown, kind.goods), change)
    row = header | {"DocumentLines": shown, "_moves": list(change.stock)}
    _owe(change, row, kind.balance)
    if set_name == CREDIT_NOTES:
        row |= _credit_base(row, change)
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


def _sale(books: Books, body: Mapping[str, Any], partner: Row, *, kind: Kind, today: date) -> Sale:
    day = check_day(books, body, today)
    local = books.company.local_currency
    currency = document_currency(books, body, partner) if kind.partner else local
    rate = document_rate(books, body, currency, day)
    return Sale(
        partner=partner, day=day, currency=currency, rate=rate, is_priced=bool(kind.partner)
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
        "DocNum": books.next_num(set_name),
        "DocType": "dDocument_Items",
        "DocDate": sale.day.isoformat(),
        "DocDueDate": body.get("DocDueDate") or sale.day.isoformat(),
        "TaxDate": body.get("TaxDate") or sale.day.isoformat(),
        "CardName": sale.partner.get("CardName"),
        "DocCurrency": sale.currency,
        "DocRate": sale.rate if foreign else Decimal(1),
        "DocObjectCode": KINDS[set_name].object_code,
        "DocumentStatus": "bost_Open",
        "Cancelled": "tNO",
        "CancelStatus": "csNo",
        "PaidToDate": ZERO,
        "PaidToDateFC": ZERO,
        "DocTotalFc": ZERO,
        "VatSumFc": ZERO,
    }


def _line(books: Books, line: Mapping[str, Any], place: int) -> Row:
    item = active_item(books, line.get("ItemCode"))
    quantity = number(line, "Quantity") if "Quantity" in line else Decimal(1)
    if quantity <= 0:
        raise Refusal(
            -5002, f"Quantity must be above zero  [DocumentLines.Quantity][line: {place}]"
        )
    if line.get("UoMEntry") not in (None, -1):
        raise Refusal(-5002, "Unit of measure is not defined for the item  [UoMEntry]")
    for name in ("CostingCode", "CostingCode2"):
        _check_rule(books, line.get(name))
    return {
        **line,
        "LineNum": place,
        "ItemDescription": line.get("ItemDescription") or item.get("ItemName"),
        "Quantity": quantity,
        "InventoryQuantity": quantity,
        "RemainingOpenQuantity": quantity,
        "WarehouseCode": warehouse_of(books, line, item),
        "LineStatus": "bost_Open",
        "BatchNumbers": list(line.get("BatchNumbers") or ()),
    }


def _check_rule(books: Books, code: Any) -> None:
    if code:
        rule = books.row("DistributionRules", code)
        if rule is None or rule["Active"] == "tNO":
            raise Refusal(-5002, f"Distribution rule '{code}' is not valid  [CostingCode]")


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
    entry = entries.pop()
    # What the lines drew from it is in the change already.
    base = next(
        row for name, row in reversed(change.put) if (name, row["DocEntry"]) == (INVOICES, entry)
    )
    if base["CardCode"] != row["CardCode"] or base["DocCurrency"] != row["DocCurrency"]:
        raise Refusal(-5002, "Base document belongs to another partner or currency")
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


def _owed_again(change: Change, credit_note: Row) -> None:
    """The invoice a cancelled credit note had settled expects its money again."""
    base = next(row for name, row in reversed(change.put) if name == INVOICES)
    owed = {
        "PaidToDate": number(base, "PaidToDate") - number(credit_note, "DocTotal"),
        "PaidToDateFC": number(base, "PaidToDateFC") - number(credit_note, "DocTotalFc"),
        "DocumentStatus": "bost_Open",
    }
    change.put.append((INVOICES, base | owed))


def _price_all(
    books: Books, sale: Sale, body: Mapping[str, Any], shown: list[Row]
) -> dict[str, Any]:
    """Price the lines in place and return the header's totals."""
    company = books.company
    items = [books.row("Items", line["ItemCode"]) or {} for line in shown]
    priced = [price_line(books, sale, line, item) for line, item in zip(shown, items, strict=True)]
    decimals = decimals_of(books, sale.currency)
    totals = add_up(priced, decimals=decimals, by_group=company.group_vat)
    for line, one, total in zip(shown, priced, totals, strict=True):
        line.update(line_row(books, sale, one, total))
    return _totals(books, sale, body, totals)


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


def _movements(books: Books, lines: list[Row], goods: int) -> list[Movement]:
    return [
        Movement(
            item=books.row("Items", line["ItemCode"]) or {},
            warehouse=line["WarehouseCode"],
            quantity=goods * number(line, "Quantity"),
            batches=tuple(line.get("BatchNumbers") or ()),
            line=place,
        )
        for place, line in enumerate(lines)
        if line.get("WithoutInventoryMovement") != "tYES"
    ]


def _owe(change: Change, row: Mapping[str, Any], sign: int) -> None:
    if sign and row.get("CardCode"):
        change.balance.append((row["CardCode"], sign * number(row, "DocTotal")))


def _as_draft(books: Books, set_name: str, row: Row, body: Mapping[str, Any]) -> Booked:
    draft = {
        **row,
        "DocEntry": books.next_entry("Drafts"),
        "DocNum": books.next_num("Drafts"),
        "AuthorizationStatus": "dasPending",
        "_moves": [],
        "_set": set_name,
        "_body": dict(body),
    }
    refusal = Refusal(-2028, NO_MATCH, 404)
    return Booked(None, Change(put=[("Drafts", draft)]), refusal)
