"""What a document says, as text, by the names templates use (`domain.template.PLACEHOLDERS`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from pos_app.domain.money import Money
from pos_app.domain.paperwork import DocumentKind
from pos_app.domain.partner import Partner
from pos_app.services import invoice_view, payment_view, statement
from pos_app.services.credit_note import view as notes
from pos_app.services.paperwork.render import Facts
from pos_app.services.paperwork.subject import Subject
from pos_app.services.purchase import view as purchases
from pos_app.services.shop import Shop
from pos_app.services.trade import view as trades
from pos_app.services.transfer import view as transfers
from pos_app.store import partner as partners

TITLES: Mapping[DocumentKind, str] = {
    DocumentKind.INVOICE: "Invoice",
    DocumentKind.CREDIT_NOTE: "Credit note",
    DocumentKind.QUOTATION: "Quotation",
    DocumentKind.SALES_ORDER: "Sales order",
    DocumentKind.PURCHASE_ORDER: "Purchase order",
    DocumentKind.PAYMENT: "Payment",
    DocumentKind.TRANSFER: "Transfer",
    DocumentKind.STATEMENT: "Statement of account",
}


def of(shop: Shop, found: Subject) -> Facts:
    """Everything a template may say of a document, as it is now.

    Raises:
        RecordNotFound: it is gone.
    """
    told = _READERS[found.kind](shop, found)
    base = _company(shop) | _partner(shop, found.partner)
    base |= {**told.fields, "DocumentType": TITLES[found.kind], "DocumentNumber": found.name}
    return Facts(fields=base, lines=told.lines)


def _company(shop: Shop) -> dict[str, str]:
    seller = shop.rules.seller
    return {
        "CompanyName": seller.name,
        "CompanyAddress": ", ".join(seller.address),
        "CompanyTin": seller.tin,
        "CompanyVatNumber": seller.vat_number,
        "CompanyPhone": seller.phone,
        "CompanyEmail": seller.email,
    }


def _partner(shop: Shop, code: str) -> dict[str, str]:
    with shop.store.read() as connection:
        found = partners.by_code(connection, code) if code else None
    known = found or Partner(code, "", "", "")
    return {
        "PartnerCode": code,
        "PartnerName": known.name,
        "PartnerAddress": ", ".join(known.address.split("\n")),
        "PartnerTin": known.tin,
        "PartnerVatNumber": known.vat_number,
        "PartnerPhone": known.phone,
        "PartnerEmail": known.email,
    }


def _invoice(shop: Shop, found: Subject) -> Facts:
    made = invoice_view.get(shop, found.id)
    lines = tuple(
        _goods(line.item, line.name, line.quantity, line.uom)
        | _worth(line.unit_price, line.tax_group, line.gross if made.is_gross else line.net)
        for line in made.lines
    )
    fields = _amounts(made.total, made.vat) | {
        "DocumentDate": _day(made.doc_date),
        "DueDate": _day(made.due_date),
        "Reference": made.num_at_card,
        "Status": made.status,
        "Comments": made.comments,
        "CreatedBy": made.created_by,
        "TotalPaid": _money(made.paid),
        "Balance": _money(made.total - made.paid),
    }
    return Facts(fields=fields, lines=lines)


def _credit_note(shop: Shop, found: Subject) -> Facts:
    made = notes.get(shop, found.id)
    lines = tuple(
        _goods(line.item, line.name, line.quantity, "")
        | _worth(
            line.unit_price, _percent(line.tax_percent), line.gross if made.is_gross else line.net
        )
        for line in made.lines
    )
    fields = _amounts(made.total, made.vat) | {
        "DocumentDate": _day(made.doc_date),
        "Reference": str(made.invoice or ""),
        "Status": made.state.value,
        "Comments": made.comments or made.reason,
        "CreatedBy": made.created_by,
    }
    return Facts(fields=fields, lines=lines)


def _trade(shop: Shop, found: Subject) -> Facts:
    made = trades.get(shop, found.id)
    lines = tuple(
        _goods(line.item, line.name, line.quantity, line.uom)
        | _worth(line.unit_price, _percent(line.tax_percent), line.amount)
        for line in made.lines
    )
    fields = _amounts(made.total, made.vat) | {
        "DocumentDate": _day(made.doc_date),
        "DueDate": _day(made.due_date),
        "Reference": made.reference,
        "Status": made.state.value,
        "Comments": made.comments,
        "CreatedBy": made.created_by,
    }
    return Facts(fields=fields, lines=lines)


def _purchase(shop: Shop, found: Subject) -> Facts:
    made = purchases.get(shop, found.id)
    lines = tuple(
        _goods(line.item, line.name, line.quantity, line.uom)
        | _worth(line.unit_price, _percent(line.tax_percent), line.net)
        for line in made.lines
    )
    fields = _amounts(made.total, made.tax) | {
        "DocumentDate": _day(made.doc_date),
        "DueDate": _day(made.due_date),
        "Reference": made.reference,
        "Status": made.state.value,
        "Comments": made.comments,
        "CreatedBy": made.created_by,
    }
    return Facts(fields=fields, lines=lines)


def _payment(shop: Shop, found: Subject) -> Facts:
    made = payment_view.get(shop, found.id)
    lines = tuple(
        {"DocumentNumber": str(row.doc_entry), "LineTotal": _money(row.amount)}
        for row in made.applied
    )
    fields = _amounts(made.total, Money.zero(made.currency)) | {
        "DocumentDate": _day(made.doc_date),
        "Reference": made.transfer_reference,
        "Comments": made.remarks,
    }
    return Facts(fields=fields, lines=lines)


def _transfer(shop: Shop, found: Subject) -> Facts:
    made = transfers.get(shop, found.id)
    lines = tuple(_goods(line.item, line.name, line.quantity, line.uom) for line in made.lines)
    fields = {
        "DocumentDate": _day(made.doc_date),
        "DueDate": _day(made.due_date),
        "Reference": made.reference,
        "Status": made.state.value,
        "Comments": made.comments,
        "CreatedBy": made.sent_by,
        "FromWarehouse": made.source,
        "ToWarehouse": made.target,
    }
    return Facts(fields=fields, lines=lines)


def _statement(shop: Shop, found: Subject) -> Facts:
    told = statement.of_customer(shop, found.partner, since=None, until=None)
    first = told.accounts[0]
    lines = tuple(
        {
            "Date": _day(line.entry.on),
            "DocumentNumber": line.entry.document,
            "Description": line.entry.what,
            "Currency": account.currency,
            "LineTotal": _money(line.entry.amount),
            "Balance": _money(line.balance),
        }
        for account in told.accounts
        for line in account.lines
    )
    fields = {
        "DocumentDate": _day(told.until),
        "FromDate": _day(told.since),
        "ToDate": _day(told.until),
        "Currency": first.currency,
        "OpeningBalance": _money(first.opening),
        "Total": _money(first.closing),
    }
    return Facts(fields=fields, lines=lines)


def _goods(item: str, name: str, quantity: Decimal, uom: str) -> dict[str, str]:
    shown = f"{quantity.normalize():f}"
    return {"ItemCode": item, "Description": name, "Quantity": shown, "Uom": uom}


def _worth(price: Decimal, tax: str, amount: Money) -> dict[str, str]:
    shown = price if price != price.quantize(Decimal("0.01")) else price.quantize(Decimal("0.01"))
    return {"UnitPrice": f"{shown:f}", "Tax": tax, "LineTotal": _money(amount)}


def _amounts(total: Money, tax: Money) -> dict[str, str]:
    return {
        "Currency": total.currency,
        "SubTotal": _money(total - tax),
        "TaxTotal": _money(tax),
        "Total": _money(total),
    }


def _money(amount: Money) -> str:
    return f"{amount.amount:f}"


def _day(on: date | None) -> str:
    return on.isoformat() if on else ""


def _percent(percent: Decimal | None) -> str:
    return "exempt" if percent is None else f"{percent.normalize():f}%"


_READERS: Mapping[DocumentKind, Callable[[Shop, Subject], Facts]] = {
    DocumentKind.INVOICE: _invoice,
    DocumentKind.CREDIT_NOTE: _credit_note,
    DocumentKind.QUOTATION: _trade,
    DocumentKind.SALES_ORDER: _trade,
    DocumentKind.PURCHASE_ORDER: _purchase,
    DocumentKind.PAYMENT: _payment,
    DocumentKind.TRANSFER: _transfer,
    DocumentKind.STATEMENT: _statement,
}
