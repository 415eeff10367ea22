"""The paper of an invoice as a page: from its fiscal record, or pro forma where none is filed."""

from __future__ import annotations

from pos_app.services import paper, saved_paper, spool
from pos_app.services.invoice_view import Invoice, InvoiceLine
from pos_app.services.saved_paper import Form
from pos_app.services.shop import Shop
from pos_app.services.spool import NotYetFiscalised
from pos_app.store import sale as sales
from printing.layouts.trade import trade_paper
from printing.receipt import Buyer
from printing.trade import TradeKind, TradeLine, TradePaper

COPY = 1
"""What a till sold has its original there."""


def page_of(shop: Shop, invoice: Invoice) -> bytes:
    """The PDF file of an invoice; the same bytes as long as nothing happens to it.

    A shop that files nothing for it gets a page that says it is no fiscal receipt.

    Raises:
        NotYetFiscalised: it is a draft, or its fiscal record is still to come.
        FiscalRecordIncomplete: the device did not tell all that such a paper must have.
        CannotMakePaper: the settings of papers do not fit it.
    """
    words = shop.rules.paper.words
    if invoice.fiscal.is_done:
        copy_number = 0 if invoice.source == "API" else COPY
        with shop.store.read() as connection:
            filed = spool.filed_receipt(shop, connection, invoice.id, copy_number=copy_number)
        return saved_paper.receipt_file(shop, filed)
    if invoice.fiscal.state or not invoice.receipt:
        raise NotYetFiscalised(invoice.receipt or f"of draft {invoice.number}")
    made = _pro_forma(shop, invoice)
    return saved_paper.encoded(
        shop,
        invoice.receipt,
        Form.PDF,
        lambda width: trade_paper(made, width, words),
        kind="invoice",
    )


def _pro_forma(shop: Shop, invoice: Invoice) -> TradePaper:
    with shop.store.read() as connection:
        sale = sales.by_id(connection, invoice.id)
    taxes = sale["taxes"] if sale is not None else ()
    currency = invoice.total.currency
    return TradePaper(
        kind=TradeKind.PRO_FORMA,
        seller=paper.seller_of(shop),
        number=invoice.receipt,
        made_on=invoice.doc_date,
        partner=paper.buyer_of(invoice.customer)
        if invoice.customer
        else Buyer(name=invoice.partner_name or invoice.partner),
        currency=currency,
        lines=tuple(_line(invoice, line) for line in invoice.lines),
        total=invoice.total.amount,
        taxes=tuple(paper.tax_row(shop, row, currency, on=invoice.doc_date) for row in taxes),
        reference=invoice.num_at_card,
        made_by=invoice.created_by,
        notes=invoice.comments,
    )


def _line(invoice: Invoice, line: InvoiceLine) -> TradeLine:
    amount = line.gross if invoice.is_gross else line.net
    discount = line.discount_percent
    return TradeLine(
        code=line.item,
        name=line.name,
        quantity=line.quantity,
        uom=line.uom,
        price=line.unit_price,
        tax=line.tax_group,
        amount=amount.amount,
        note=f"less {discount.normalize():f} %" if discount else "",
    )
