"""A filed sale as a receipt on paper: only from the stored fiscal record, never from the basket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping

from fiscal.messages import ReceiptRequest
from pos_app.domain.currency import Rate, convert
from pos_app.domain.money import Money, half_up
from pos_app.domain.partner import Partner
from pos_app.domain.tax import UnmappedTaxGroup
from pos_app.services.rate import BASE, QUOTE
from pos_app.services.shop import FiscalTax, Shop
from printing import receipt as paper
from printing.document import Document
from printing.dress import framed, without, without_logo
from printing.errors import NotFiscalised
from printing.layouts import receipt as receipt_layout
from printing.layouts.page import receipt_page

Row = RowMapping | Mapping[str, Any]


def receipt_of(
    shop: Shop,
    *,
    sale: Row,
    lines: Sequence[Row],
    tenders: Sequence[Row],
    change: Sequence[Row],
    filed: Row,
    original: Row | None = None,
    copy_number: int = 0,
) -> paper.Receipt:
    """The paper of a sale whose fiscal record is stored (ZIMRA FDMS 7.2, printed content).

    Args:
        shop: the till.
        sale: header of the sale or note.
        lines: its lines.
        tenders: what was handed over, or paid back.
        change: what went back of it.
        filed: its fiscal record.
        original: of a note, the fiscal record of the receipt it corrects.
        copy_number: 0 for the original paper.

    Raises:
        NotFiscalised: the record is not complete; such paper must not exist.
        UnmappedTender, UnmappedTaxGroup: the shop has forgotten what it sold with.
    """
    currency, sold_on = sale["currency"], sale["business_date"]
    rules = shop.rules.paper.of(sale["kind"])
    made = paper.Receipt(
        kind=paper.ReceiptKind(sale["kind"]),
        seller=seller_of(shop),
        fiscal=_record(filed),
        reference=sale["receipt"],
        issued_at=_filed_at(filed),
        currency=currency,
        lines=tuple(_line(shop, line, currency, on=sold_on) for line in lines),
        total=Money(sale["total"], currency).amount,
        tenders=tuple(_tender(shop, tender, sale) for tender in tenders),
        change=tuple(
            paper.ChangeLine(
                amount=Money(row["amount"], row["currency"]).amount, currency=row["currency"]
            )
            for row in change
        ),
        taxes=tuple(tax_row(shop, row, currency, on=sold_on) for row in sale["taxes"]),
        buyer=_buyer(filed),
        original=_original(original) if original else None,
        notes=sale["notes"],
        cashier=sale["username"],
        till=sale["till"],
        copy_number=copy_number,
        header=rules.header,
        footer=rules.footer,
        logo=shop.rules.paper.logo if rules.has_logo else None,
    )
    made.check()
    return made


def roll_of(shop: Shop, made: paper.Receipt, columns: int) -> Document:
    """The receipt on a roll of this width, as the shop wants it."""
    rules = shop.rules.paper
    document = receipt_layout.layout(made, columns, rules.words, compact=rules.is_compact)
    return without(document, rules.of(made.kind).leave_out)


def page_of(shop: Shop, made: paper.Receipt) -> Document:
    """The receipt on a page, as the shop wants it."""
    kind = shop.rules.paper.of(made.kind)
    document = without(receipt_page(made, shop.rules.paper.words), kind.leave_out)
    return document if kind.has_logo else without_logo(document)


def dressed(shop: Shop, kind: str, document: Document) -> Document:
    """Any other paper as the shop wants it: its lines, its logo, without what is left out.

    Args:
        shop: the till or server.
        kind: one of `printing.dress.PARTS`.
        document: as its layout made it, for a page or a roll.
    """
    rules = shop.rules.paper.of(kind)
    kept = without(document, rules.leave_out)
    logo = shop.rules.paper.logo if rules.has_logo else None
    framed_document = framed(kept, header=rules.header, footer=rules.footer, logo=logo or 0)
    return framed_document if rules.has_logo else without_logo(framed_document)


def seller_of(shop: Shop) -> paper.Seller:
    """Who sells, as every paper of the law begins."""
    seller = shop.rules.seller
    return paper.Seller(
        name=seller.name,
        tin=seller.tin,
        vat_number=seller.vat_number,
        branch=seller.branch,
        address=seller.address,
        phone=seller.phone,
        email=seller.email,
    )


def buyer_of(partner: Partner, *, address: str = "") -> paper.Buyer:
    """A partner as papers between shop and customer name them."""
    told = address or partner.address
    return paper.Buyer(
        name=partner.name,
        tin=partner.tin,
        vat_number=partner.vat_number,
        address=tuple(part.strip() for part in told.replace("\n", ",").split(",") if part.strip()),
        phone=partner.phone,
        email=partner.email,
    )


def _record(filed: Row) -> paper.FiscalRecord:
    qr = filed["qr"] or ""
    return paper.FiscalRecord(
        device_id=filed["device_id"] or "",
        device_serial=filed["device_serial"] or "",
        fiscal_day=filed["fiscal_day"] or 0,
        receipt_counter=filed["receipt_counter"] or 0,
        receipt_global_no=filed["receipt_global_no"] or 0,
        qr=qr,
        verification_code=filed["verification_code"] or "",
        verification_url=qr.rsplit("/", 1)[0] if "/" in qr else qr,
    )


def _original(filed: Row) -> paper.Original:
    """The block of the corrected receipt (ZIMRA FDMS 7.2, printed content of notes)."""
    return paper.Original(
        device_serial=filed["device_serial"] or "",
        receipt_global_no=filed["receipt_global_no"] or 0,
        issued_at=_filed_at(filed),
        reference=filed["number"],
    )


def _filed_at(filed: Row) -> datetime:
    """The device's own time of a record, which the law wants on the paper."""
    try:
        return datetime.fromisoformat(filed["filed_at"] or "")
    except ValueError as error:
        raise NotFiscalised("date") from error


def _buyer(filed: Row) -> paper.Buyer | None:
    """Who was named to the device, and nobody else (ZIMRA FDMS 7.2, buyer data)."""
    # A server has no request of what a till filed.
    known = ReceiptRequest.from_json(filed["request"]).buyer if filed["request"] else None
    if known is None:
        return None
    return paper.Buyer(
        name=known.name,
        tin=known.tin,
        vat_number=known.vat_number,
        address=(known.address,) if known.address else (),
        phone=known.phone,
        email=known.email,
    )


def _line(shop: Shop, line: Row, currency: str, *, on: date) -> paper.ReceiptLine:
    gross = Money(line["gross"], currency).amount
    # A correction of a price moves no goods and is filed as one piece of that amount.
    quantity, discount = abs(line["quantity"]) or Decimal(1), line["discount_percent"]
    return paper.ReceiptLine(
        name=line["name"],
        quantity=quantity,
        price=half_up(gross / quantity, 2),
        amount=gross,
        tax_letter=_mapped(shop, line["tax_group"], on).code,
        uom=line["uom"],
        code=line["item"],
        note=f"less {discount.normalize():f} %" if discount else "",
    )


def _tender(shop: Shop, tender: Row, sale: Row) -> paper.TenderLine:
    own = tender["currency"] == sale["currency"]
    return paper.TenderLine(
        name=shop.rules.tender_type(tender["type"]).name,
        amount=Money(tender["tendered"], tender["currency"]).amount,
        currency=tender["currency"],
        equivalent=None if own else _worth(tender, sale).amount,
        rate=None if own else _rate(sale["rate"], sale["currency"]),
        reference=tender["reference"],
    )


def _worth(tender: Row, sale: Row) -> Money:
    """What was handed over in the receipt's currency, whatever of it goes back as change."""
    if tender["settled"] == tender["tendered"]:
        return Money(tender["in_document"], sale["currency"])
    rate = Rate(BASE, QUOTE, sale["rate"], sale["posted_at"])
    return convert(Money(tender["tendered"], tender["currency"]), sale["currency"], rate)


def _rate(rate: Decimal | None, currency: str) -> Decimal | None:
    """Units of the tender's currency for one of the receipt's; the frozen rate is ZIG per USD."""
    if rate is None or currency == BASE:
        return rate
    return half_up(1 / rate, 6)


def _mapped(shop: Shop, group: str, on: date) -> FiscalTax:
    known = shop.rules.taxes.get(group)
    if known is None:
        raise UnmappedTaxGroup(group, on)
    return known


def tax_row(shop: Shop, row: Mapping[str, Any], currency: str, *, on: date) -> paper.TaxRow:
    """One tax group of a document, with the letter the device prints.

    Raises:
        UnmappedTaxGroup: the shop has forgotten what it sold with.
    """
    fiscal = _mapped(shop, row["group"], on)
    return paper.TaxRow(
        letter=fiscal.code,
        percent=None if row["percent"] is None else Decimal(row["percent"]),
        net=Money(row["net"], currency).amount,
        vat=Money(row["vat"], currency).amount,
        gross=Money(row["gross"], currency).amount,
    )
