"""A posted sale as the fiscal device is asked to file it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from fiscal.errors import RequestInvalid
from fiscal.messages import Buyer, PaymentLine, ReceiptLine, ReceiptRequest, digest_of
from fiscal.request_check import check
from pos_app.domain.fiscal import FiscalState, SaleNotFileable, device_lines
from pos_app.domain.money import half_up
from pos_app.domain.partner import Partner
from pos_app.domain.sale import Sale
from pos_app.services.shop import Shop

HS_CODE = "99001000"
"""What is filed for an item without a code of its own."""


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
        comment=f"Till {sale.till} receipt {header['receipt']}",
        lines=tuple(_lines(shop, sale)),
        payments=(PaymentLine(currency=code, amount=sale.total.amount, rate=Decimal(1)),),
    )
    try:
        check(request)
    except RequestInvalid as error:
        raise SaleNotFileable(request.number, error.text) from error
    return request


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
    rows: list[ReceiptLine] = []
    for total in sale.lines_with_tax:
        line = total.line
        tax = shop.rules.taxes[line.tax.code]
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
                    hs_code=line.item.hs_code or HS_CODE,
                )
            )
    return rows
