"""A credit or debit note as the fiscal device is asked to file it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from fiscal.messages import ForeignOriginal, Kind, PaymentLine, ReceiptLine, ReceiptRequest
from pos_app.domain.fiscal import SaleNotFileable, device_lines, mark_of
from pos_app.domain.money import half_up
from pos_app.domain.note import NoteKind, TaxNotAsSold
from pos_app.domain.refund import Refund
from pos_app.services.fiscal_request import objections
from pos_app.services.original import Filing, Original
from pos_app.services.shop import Shop
from pos_app.store import fiscal_device as devices

KINDS: Mapping[NoteKind, Kind] = {NoteKind.CREDIT: "credit", NoteKind.DEBIT: "debit"}
ONE = Decimal(1)


def for_note(
    shop: Shop,
    connection: Connection,
    note: Refund,
    *,
    original: Original,
    header: Mapping[str, Any],
) -> ReceiptRequest:
    """The request of a note: magnitudes, the original's number as it was sent, its taxes alone.

    An original on another device is named by device, global number and fiscal day (TransactMExt).

    Raises:
        TaxNotAsSold: the device files another tax for an item now (ZIMRA RCPT025, RCPT036).
        SaleNotFileable: the device would refuse it or change its figures.
    """
    filing = original.filing
    code = shop.rules.currencies.get(original.currency).fiscal_code
    total = note.total.amount
    request = ReceiptRequest(
        number=header["receipt"],
        kind=KINDS[NoteKind(header["kind"])],
        currency=code,
        branch=shop.rules.seller.branch or shop.rules.seller.name,
        original_number=filing.number if filing else original.receipt,
        buyer=filing.buyer if filing else None,
        total=total,
        tax=note.vat.amount,
        cashier=header["username"],
        comment=f"{header['notes']} {mark_of(header['id'])}",
        lines=tuple(_lines(shop, original, note)),
        payments=(PaymentLine(currency=code, amount=total, rate=ONE),),
        foreign=_foreign(filing, devices.current(connection)) if filing else None,
    )
    for problem in objections(shop, request):
        raise SaleNotFileable(request.number, problem)
    return request


def check_taxes(original: Original, note: Refund) -> None:
    """Refuse a note whose taxes the device would not file as the original has them.

    Raises:
        TaxNotAsSold: a tax changed since, or is none of the original's.
    """
    filed = original.filing.taxes if original.filing else frozenset()
    for row in note.lines:
        tax = row.line.tax
        if not tax.fiscal_tax_id:
            why = f"was sold with tax {_rate(tax.percent)}, which the device files no more"
            raise TaxNotAsSold(row.line.number, row.line.item, why)
        if filed and (tax.fiscal_tax_id, tax.percent) not in filed:
            why = f"was filed under another tax than {tax.fiscal_code}"
            raise TaxNotAsSold(row.line.number, row.line.item, why)


def _rate(percent: Decimal | None) -> str:
    return "exempt" if percent is None else f"{percent:f} %"


def _foreign(filing: Filing, known: RowMapping | None) -> ForeignOriginal | None:
    """The original's place, unless the device at this till filed it itself."""
    if known is None or filing.device_id in {"", known["device_id"]}:
        return None
    return ForeignOriginal(
        device_id=filing.device_id,
        receipt_global_no=filing.receipt_global_no,
        fiscal_day_no=filing.fiscal_day,
    )


def _lines(shop: Shop, original: Original, note: Refund) -> Iterator[ReceiptLine]:
    """A correction of a price is filed as one piece of that amount; a quantity of none is not."""
    number = 0
    for row in note.lines:
        line = original.line(row.line.number)
        tax = row.line.tax
        for quantity, price in device_lines(row.gross, row.quantity or ONE):
            number += 1
            yield ReceiptLine(
                number=number,
                code=row.line.item,
                name=line.name,
                quantity=quantity,
                price=price,
                amount=half_up(quantity * price, 2),
                tax_id=tax.fiscal_tax_id,
                tax_percent=tax.percent,
                hs_code=line.hs_code or shop.rules.fiscal.hs_code,
            )
