"""What a quotation or sales order comes to: today's prices and taxes, as a sale would have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.money import Money, total
from pos_app.domain.permission import Actor
from pos_app.domain.sale import LineTotal, Sale
from pos_app.domain.trade import after_both
from pos_app.errors import InvalidInput
from pos_app.services import document, invoice_price
from pos_app.services.invoice_order import Line, Order
from pos_app.services.shop import Shop
from pos_app.services.trade.asked import AskedLine, AskedTrade
from pos_app.store import warehouse as warehouses


class WarehouseUnusable(InvalidInput):
    """Nobody can say where the goods are to leave from."""

    code = "warehouse_unusable"

    def __init__(self, line: int, place: str) -> None:
        where = f"Warehouse {place} of line {line} is not in use" if place else ""
        super().__init__(
            f"{where or f'Line {line} names no warehouse'}: say where its goods leave from.",
            line=line,
            warehouse=place,
        )


@dataclass(frozen=True, slots=True)
class Priced:
    """The figures of one, as they are stored."""

    figures: dict[str, Any]
    lines: list[dict[str, Any]]


def price(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    asked: AskedTrade,
    *,
    trade_id: str,
    allowed: Sequence[str],
) -> Priced:
    """Compute what is asked for; nothing is stored.

    The discount of the whole is put into each line's, before VAT is taken: what it becomes is
    filed with the VAT of what is really paid.

    Raises:
        WarehouseUnusable, WarehouseNotYours, CustomerUnusable, ItemsUnknown, PriceUnusable,
        UnmappedTaxGroup, UnmappedCurrency, and whatever a sale refuses.
    """
    places = _places(shop, connection, actor, asked, allowed=allowed)
    order = Order(
        partner=asked.partner,
        currency=asked.currency,
        lines=tuple(
            _line(asked, line, place) for line, place in zip(asked.lines, places, strict=True)
        ),
    )
    offer = invoice_price.offer_of(shop, connection, actor, order, sale_id=trade_id)
    sale = offer.sale
    rows = [
        _row(trade_id, asked_line, priced, place)
        for asked_line, priced, place in zip(asked.lines, sale.lines_with_tax, places, strict=True)
    ]
    figures = _figures(asked, sale, sum(row["amount"] for row in rows))
    figures |= {"warehouse": places[0], "has_other_prices": bool(offer.other)}
    return Priced(figures, rows)


def _figures(asked: AskedTrade, sale: Sale, subtotal: int) -> dict[str, Any]:
    partner = sale.partner
    after = total((line.amount for line in sale.lines), sale.currency)
    return {
        "partner": partner.code if partner else "",
        "partner_name": partner.name if partner else "",
        "currency": sale.currency,
        "rate": sale.rate.rate if sale.rate else None,
        "is_gross": sale.is_gross,
        "discount_percent": asked.discount_percent,
        "subtotal": subtotal,
        "discount": subtotal - after.minor,
        "vat": sale.vat.minor,
        "total": sale.total.minor,
        "taxes": document.tax_rows(sale),
    }


def _places(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    asked: AskedTrade,
    *,
    allowed: Sequence[str],
) -> list[str]:
    """Where each line leaves from: its own, the document's, the user's first, the shop's."""
    usual = asked.warehouse or (allowed[0] if allowed else shop.rules.warehouse)
    places = [line.warehouse or usual for line in asked.lines]
    known = {place: warehouses.by_code(connection, place) for place in set(places) if place}
    for number, place in enumerate(places):
        found = known.get(place)
        if found is None or not found.is_active:
            raise WarehouseUnusable(number, place)
    invoice_price.check_places(actor, places, allowed)
    return places


def _line(asked: AskedTrade, line: AskedLine, place: str) -> Line:
    return Line(
        item=line.item,
        quantity=line.quantity,
        warehouse=place,
        unit_price=line.unit_price,
        discount_percent=after_both(line.discount_percent, asked.discount_percent),
    )


def _row(trade_id: str, asked: AskedLine, priced: LineTotal, place: str) -> dict[str, Any]:
    line = priced.line
    own: Money = replace(line, discount_percent=asked.discount_percent).amount
    return {
        "trade_id": trade_id,
        "line": line.number,
        "item": line.item.code,
        "name": line.item.name,
        "uom": line.item.uom,
        "quantity": line.quantity,
        "fulfilled": 0,
        "unit_price": line.quote.unit_price,
        "discount_percent": asked.discount_percent,
        "amount": own.minor,
        "tax_group": line.tax.code,
        "tax_percent": line.tax.percent,
        "net": priced.net.minor,
        "vat": priced.vat.minor,
        "gross": priced.gross.minor,
        "warehouse": place,
        "batch": asked.batch,
        "price_list": line.quote.price_list,
        "price_rule": line.quote.rule,
    }
