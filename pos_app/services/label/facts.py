"""What the label of an item has to say, and the paper made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.currency import Rate, convert
from pos_app.domain.gtin import has_valid_check
from pos_app.domain.item import Item, ItemUnknown
from pos_app.domain.label import Facts, LabelImpossible, content_of, embedded, per_measure
from pos_app.domain.money import Money, half_up
from pos_app.domain.price import PriceMissing
from pos_app.services import price, rate
from pos_app.services.shop import Shop
from pos_app.store import item as items
from pos_app.store.item import ItemFilter
from printing.document import Symbology
from printing.label import LabelPrice, PriceLabel

CHUNK = 2000
EAN_DIGITS = 13


def every(shop: Shop, connection: Connection) -> Iterator[tuple[Item, Facts]]:
    """The facts of every item that is for sale and has a price, by code."""
    after, active = "", ItemFilter(is_active=True)
    while page := items.page(connection, after=after, limit=CHUNK, only=active):
        yield from of_items(shop, connection, page)
        after = page[-1].code


def of_items(
    shop: Shop, connection: Connection, goods: Sequence[Item]
) -> Iterator[tuple[Item, Facts]]:
    """The facts of these items; one without any price is left out."""
    quoted = {
        currency: price.quotes(shop, connection, goods, partner=None, currency=currency)
        for currency in shop.rules.price_lists
    }
    for item in goods:
        found = {currency: quotes[item.code] for currency, quotes in quoted.items()}
        prices = {
            currency: format(row.unit_price.normalize(), "f")
            for currency, row in found.items()
            if not isinstance(row, PriceMissing)
        }
        if prices:
            yield item, Facts(name=item.name, uom=item.uom, barcode=_barcode(item), prices=prices)


def of_item(shop: Shop, connection: Connection, code: str) -> tuple[Item, Facts]:
    """The facts of one item.

    Raises:
        ItemUnknown: there is none of this code.
        LabelImpossible: it has no price.
    """
    item = items.find_by_code(connection, code)
    if item is None:
        raise ItemUnknown(code)
    for found in of_items(shop, connection, [item]):
        return found
    raise LabelImpossible(code, "it has no price")


def label_of(shop: Shop, connection: Connection, row: Mapping[str, Any]) -> PriceLabel:
    """The label as it is printed now: at today's rate, with the prices of its row.

    Raises:
        ItemUnknown: the item is gone.
        LabelImpossible: a pack whose barcode no mask can carry.
    """
    item = items.find_by_code(connection, row["item"])
    if item is None:
        raise ItemUnknown(row["item"])
    facts, known = Facts.from_json(row["now"]), rate.current(shop, connection)
    weight = row["weight"]
    own, measure, prices = content_of(item), "", []
    for currency, unit_price in _priced(shop, facts, known):
        amount = unit_price if weight is None else half_up(unit_price * weight, 2)
        per_unit = None if own is None else per_measure(unit_price, own[0])
        measure = own[1] if own else ""
        is_plain = own is not None and own[0] == 1 and weight is None
        prices.append(
            LabelPrice(amount=amount, currency=currency, per_unit=None if is_plain else per_unit)
        )
    barcode = facts.barcode
    if weight is not None:
        barcode = embedded(item, shop.rules.masks, weight=weight, price=prices[0].amount)
    return PriceLabel(
        name=facts.name,
        prices=tuple(prices),
        code=item.code,
        uom=_unit(item, weight),
        measure=measure,
        content="" if weight is None else f"{weight.normalize():f} {item.uom}",
        barcode=barcode,
        symbology=_symbology(barcode),
        rate=known.rate if known else None,
        rate_on=shop.local(known.at).date() if known else None,
        printed_on=shop.today,
    )


def _unit(item: Item, weight: Decimal | None) -> str:
    """What the price is for; a piece and a whole pack need no word."""
    return "" if weight is not None or item.uom.casefold() in {"each", "ea", "pcs"} else item.uom


def _priced(shop: Shop, facts: Facts, known: Rate | None) -> list[tuple[str, Decimal]]:
    """Every currency of the shop, its own first; one without a list at today's rate."""
    codes = [row.code for row in shop.rules.currencies.currencies]
    order = sorted(codes, key=lambda code: code != shop.rules.currency)
    told = {code: Decimal(text) for code, text in facts.prices.items()}
    found = []
    for code in order:
        if code in told:
            found.append((code, told[code]))
        elif known is not None and code in {known.base, known.quote}:
            source, amount = next(iter(told.items()))
            found.append((code, convert(Money.of(half_up(amount, 2), source), code, known).amount))
    return found


def _barcode(item: Item) -> str:
    """The code people scan: a whole GTIN first, then whatever a printer can draw."""
    whole = [code for code in item.barcodes if len(code) == EAN_DIGITS and has_valid_check(code)]
    if whole:
        return whole[0]
    return next((code for code in (*item.barcodes, item.code) if code.isascii()), "")


def _symbology(barcode: str) -> Symbology:
    is_ean = len(barcode) == EAN_DIGITS and has_valid_check(barcode)
    return Symbology.EAN13 if is_ean else Symbology.CODE128
