"""Quotations, sales orders and delivery notes on paper; their barcode names them at the till."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.trade import TradeKind
from pos_app.services import invoice_view, paper, saved_paper
from pos_app.services.invoice_view import Invoice
from pos_app.services.saved_paper import Form
from pos_app.services.shop import Shop
from pos_app.services.trade import view
from pos_app.services.trade.view import Trade, TradeLine
from pos_app.store import partner as partners
from printing.layouts.trade import trade_paper
from printing.receipt import Buyer, TaxRow
from printing.trade import TradeKind as PaperKind
from printing.trade import TradeLine as PaperLine
from printing.trade import TradePaper

KINDS = {
    TradeKind.QUOTATION: PaperKind.QUOTATION,
    TradeKind.SALES_ORDER: PaperKind.SALES_ORDER,
}


def file_of(shop: Shop, made: TradePaper, form: Form) -> bytes:
    """One as a file.

    Raises:
        CannotMakePaper: the settings of papers do not fit it.
    """
    words = shop.rules.paper.words
    return saved_paper.encoded(
        shop,
        made.number,
        form,
        lambda width: trade_paper(made, width, words),
        kind=made.kind.value,
    )


def paper_of(shop: Shop, trade: Trade) -> TradePaper:
    """The paper of a quotation or sales order, as it stands now."""
    return TradePaper(
        kind=KINDS[trade.kind],
        seller=paper.seller_of(shop),
        number=trade.number,
        barcode=trade.number,
        made_on=trade.doc_date,
        partner=_buyer(shop, trade),
        currency=trade.currency,
        lines=tuple(_line(trade, line) for line in trade.lines),
        total=trade.total.amount,
        taxes=tuple(_taxes(shop, trade)),
        valid_until=trade.due_date if trade.kind is TradeKind.QUOTATION else None,
        reference=trade.reference,
        deliver_to=_address(trade.ship_to),
        made_by=trade.created_by,
        terms=trade.terms,
        notes=trade.comments,
    )


def delivery_of(shop: Shop, trade: Trade) -> TradePaper:
    """The delivery note of an order: what is still to be delivered, or all of one that is done."""
    left = [(line, line.left) for line in trade.lines if line.left > 0]
    lines = left or [(line, line.quantity) for line in trade.lines]
    return TradePaper(
        kind=PaperKind.DELIVERY_NOTE,
        seller=paper.seller_of(shop),
        number=trade.number,
        made_on=shop.today,
        partner=_buyer(shop, trade),
        lines=tuple(
            PaperLine(
                code=line.item,
                name=line.name,
                quantity=quantity,
                uom=line.uom,
                note=f"Batch {line.batch}" if line.batch else "",
            )
            for line, quantity in lines
        ),
        reference=trade.reference,
        deliver_to=_address(trade.ship_to),
        made_by=trade.created_by,
        notes=trade.comments,
    )


def delivery_of_invoice(shop: Shop, invoice: Invoice) -> TradePaper:
    """The delivery note of what left with an invoice, with its batches."""
    buyer = paper.buyer_of(invoice.customer) if invoice.customer else None
    return TradePaper(
        kind=PaperKind.DELIVERY_NOTE,
        seller=paper.seller_of(shop),
        number=invoice.receipt or str(invoice.number),
        made_on=invoice.doc_date,
        partner=buyer or Buyer(name=invoice.partner_name or invoice.partner),
        lines=tuple(
            PaperLine(
                code=line.item,
                name=line.name,
                quantity=line.quantity,
                uom=line.uom,
                note=_batches(line.batches),
            )
            for line in invoice.lines
        ),
        reference=invoice.num_at_card,
        made_by=invoice.created_by,
    )


def save(shop: Shop, actor: Actor, kind: str, number: str, form: Form) -> bytes:
    """The file of a ``quotation``, ``order`` or ``delivery`` by the number people know it by.

    Raises:
        RecordNotFound: there is none.
        CannotMakePaper: the settings of papers do not fit it.
    """
    require(actor, Permission.INVOICES_VIEW, Permission.SALESORDERS_VIEW)
    if kind == "quotation":
        made = paper_of(shop, view.by_number(shop, TradeKind.QUOTATION, number))
    elif kind == "order":
        made = paper_of(shop, view.by_number(shop, TradeKind.SALES_ORDER, number))
    elif number.startswith(f"{TradeKind.SALES_ORDER.prefix}-"):
        made = delivery_of(shop, view.by_number(shop, TradeKind.SALES_ORDER, number))
    else:
        made = delivery_of_invoice(shop, invoice_view.by_receipt(shop, number))
    return file_of(shop, made, form)


def _buyer(shop: Shop, trade: Trade) -> Buyer:
    with shop.store.read() as connection:
        partner = partners.by_code(connection, trade.partner)
    if partner is None:
        return Buyer(name=trade.partner_name or trade.partner)
    return paper.buyer_of(partner, address=trade.bill_to)


def _line(trade: Trade, line: TradeLine) -> PaperLine:
    """A line as it will be invoiced: the price is after both discounts, which the note names."""
    amount = line.gross if trade.is_gross else line.net
    return PaperLine(
        code=line.item,
        name=line.name,
        quantity=line.quantity,
        uom=line.uom,
        price=line.unit_price,
        tax=_percent(line.tax_percent),
        amount=amount.amount,
        note=_discounts(line.discount_percent, trade.discount_percent),
    )


def _discounts(own: Decimal, whole: Decimal) -> str:
    said = [f"{percent.normalize():f} %" for percent in (own, whole) if percent]
    return f"less {' and '.join(said)}" if said else ""


def _percent(percent: Decimal | None) -> str:
    return "exempt" if percent is None else f"{percent.normalize():f}%"


def _taxes(shop: Shop, trade: Trade) -> Sequence[TaxRow]:
    return [paper.tax_row(shop, row, trade.currency, on=trade.doc_date) for row in trade.taxes]


def _address(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace("\n", ",").split(",") if part.strip())


def _batches(batches: Sequence[tuple[str, Decimal]]) -> str:
    said = ", ".join(f"{number} ({quantity.normalize():f})" for number, quantity in batches)
    return f"Batch {said}" if said else ""
