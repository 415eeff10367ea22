"""A posted sale as the fiscal device is asked to file it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from fiscal.errors import RequestInvalid
from fiscal.messages import Buyer, PaymentLine, ReceiptLine, ReceiptRequest, digest_of
from fiscal.request_check import check
from pos_app.domain.fiscal import (
    FiscalState,
    NotSettledSo,
    SaleNotFileable,
    device_lines,
    mark_of,
)
from pos_app.domain.item import Item
from pos_app.domain.money import half_up
from pos_app.domain.partner import Partner
from pos_app.domain.sale import Sale
from pos_app.domain.tax import UnmappedTaxGroup
from pos_app.services.shop import Shop
from pos_app.store import item as items
from pos_app.store import sale as sales

HS_CODE_LENGTHS = (4, 8)
NAME_LENGTH_MAX, TIN_LENGTH_MAX, VAT_LENGTH_MAX = 250, 10, 9


def for_sale(shop: Shop, sale: Sale, header: Mapping[str, Any]) -> ReceiptRequest:
    """The request of a sale: gross prices the device multiplies back to our very lines.

    Raises:
        UnmappedCurrency: the device has no code for the sale's currency.
        SaleNotFileable: the device would refuse it or change its figures (production lesson L34).
    """
    code = shop.rules.currencies.get(sale.currency).fiscal_code
    request = ReceiptRequest(
        number=header["receipt"],
        kind="invoice",
        currency=code,
        branch=shop.rules.seller.branch or shop.rules.seller.name,
        original_number="",
        buyer=_buyer(sale.partner, walk_in=shop.rules.walk_in),
        total=sale.total.amount,
        tax=sale.vat.amount,
        cashier=header["username"],
        comment=f"Till {sale.till} receipt {header['receipt']} {mark_of(sale.id)}",
        lines=tuple(_lines(shop, sale)),
        payments=(PaymentLine(currency=code, amount=sale.total.amount, rate=Decimal(1)),),
    )
    for problem in objections(shop, request):
        raise SaleNotFileable(request.number, problem)
    return request


def draft(shop: Shop, sale: Sale) -> ReceiptRequest:
    """The request of a sale that is not paid yet, to see whether it could be filed.

    Raises:
        UnmappedCurrency, SaleNotFileable: as `for_sale`.
    """
    header = {"receipt": f"{sale.till}-000000", "username": shop.rules.till}
    return for_sale(shop, sale.renumbered(), header)


def again(shop: Shop, connection: Connection, row: RowMapping) -> ReceiptRequest:
    """The request of a refused receipt with the tax ids, names and customs codes of today.

    Raises:
        NotSettledSo: its VAT would be another than the customer's receipt says.
        SaleNotFileable: it still could not be filed.
    """
    was = ReceiptRequest.from_json(row["request"])
    sold = {line["item"]: line for line in sales.lines_of(connection, row["sale_id"])}
    goods = items.find_by_codes(connection, list(sold))
    lines = tuple(
        _again(shop, line, sold.get(line.code), goods.get(line.code)) for line in was.lines
    )
    if [line.tax_percent for line in lines] != [line.tax_percent for line in was.lines]:
        why = "its taxes are others today than when it was sold"
        raise NotSettledSo(was.number, why, "write it off into a correction")
    request = replace(was, lines=lines)
    for problem in objections(shop, request):
        raise SaleNotFileable(request.number, problem)
    return request


def _again(
    shop: Shop, line: ReceiptLine, sold: RowMapping | None, goods: Item | None
) -> ReceiptLine:
    tax = shop.rules.taxes.get(sold["tax_group"]) if sold else None
    changed = replace(line, tax_id=tax.tax_id, tax_percent=tax.percent) if tax else line
    if goods is None:
        return changed
    return replace(
        changed, name=goods.name, hs_code=goods.hs_code or line.hs_code or shop.rules.fiscal.hs_code
    )


def objections(shop: Shop, request: ReceiptRequest) -> Iterator[str]:
    """What the device or the authority would object to, each in a few words (lesson L34)."""
    if request.total <= 0:
        yield "it comes to nothing"
    yield from _buyer_problems(request.buyer)
    if shop.rules.seller.vat_number:
        for line in request.lines:
            yield from _hs_problems(line)
    try:
        check(request)
    except RequestInvalid as error:
        yield error.text


def _buyer_problems(buyer: Buyer | None) -> Iterator[str]:
    """Lengths of ZIMRA FDMS 7.2, buyer data; name and TIN go together (RCPT043)."""
    if buyer is None:
        return
    if not buyer.name.strip() or not buyer.tin.strip():
        yield "its buyer needs a name and a TIN, or is not named at all"
    if len(buyer.name) > NAME_LENGTH_MAX:
        yield f"the name of its buyer is longer than {NAME_LENGTH_MAX} characters"
    if len(buyer.tin) > TIN_LENGTH_MAX:
        yield f"the TIN of its buyer is longer than {TIN_LENGTH_MAX} digits"
    if len(buyer.vat_number) > VAT_LENGTH_MAX:
        yield f"the VAT number of its buyer is longer than {VAT_LENGTH_MAX} digits"


def _hs_problems(line: ReceiptLine) -> Iterator[str]:
    """A VAT payer names a customs code on every line (ZIMRA FDMS 7.2, RCPT047 and RCPT048)."""
    which = f"line {line.number} ({line.code})"
    if not line.hs_code:
        yield f"{which} has no customs code"
    elif len(line.hs_code) not in HS_CODE_LENGTHS:
        yield f"the customs code {line.hs_code} of {which} has neither 4 nor 8 digits"
    elif not line.tax_percent and len(line.hs_code) != max(HS_CODE_LENGTHS):
        yield f"the customs code {line.hs_code} of {which} needs 8 digits, since it is untaxed"


def intent(
    shop: Shop, header: Mapping[str, Any], request: ReceiptRequest, now: datetime
) -> dict[str, Any]:
    """The journal row that stands before the first byte is sent (production lesson L12)."""
    text = request.to_json()
    return {
        "sale_id": header["id"],
        "seq": header["number"],
        "number": request.number,
        "device": shop.rules.fiscal.device,
        "state": FiscalState.INTENT.value,
        "request": text,
        "digest": digest_of(text),
        "reason": "",
        "resends": 0,
        "looks": 0,
        "intended_at": now,
    }


def _buyer(partner: Partner | None, *, walk_in: str) -> Buyer | None:
    """A named buyer is sent with name and TIN or not at all (FDMS 7.2 RCPT043)."""
    if partner is None or partner.code == walk_in or not partner.tin:
        return None
    return Buyer(
        name=partner.name,
        tin=partner.tin,
        vat_number=partner.vat_number,
        address=partner.address,
        phone=partner.phone,
        email=partner.email,
    )


def _lines(shop: Shop, sale: Sale) -> list[ReceiptLine]:
    """Without gifts: the authority marks a price of nothing red (ZIMRA FDMS 7.2, RCPT022)."""
    rows: list[ReceiptLine] = []
    for total in sale.lines_with_tax:
        line = total.line
        if total.gross.is_zero:
            continue
        tax = shop.rules.taxes.get(line.tax.code)
        if tax is None:
            raise UnmappedTaxGroup(line.tax.code, shop.today)
        for quantity, price in device_lines(total.gross, line.quantity):
            rows.append(
                ReceiptLine(
                    number=len(rows) + 1,
                    code=line.item.code,
                    name=line.item.name,
                    quantity=quantity,
                    price=price,
                    amount=half_up(quantity * price, 2),
                    tax_id=tax.tax_id,
                    tax_percent=tax.percent,
                    hs_code=line.item.hs_code or shop.rules.fiscal.hs_code,
                )
            )
    return rows
