"""Find an item: exact code first, then the shop's own labels, then ranked text and last digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sqlalchemy import Connection

from pos_app.domain import barcode
from pos_app.domain.barcode import PlainCode, PriceEmbedded, Scan, WeightEmbedded
from pos_app.domain.gs1 import Gs1Scan
from pos_app.domain.item import BarcodeAmbiguous, Item, ItemUnknown
from pos_app.domain.partner import Partner
from pos_app.domain.price import PriceMissing, PriceQuote
from pos_app.services import price
from pos_app.services.shop import Shop
from pos_app.store import item as items
from pos_app.store import item_search, stock

ONE = Decimal(1)
LIMIT = 50
LAST_DIGITS_MIN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An item as it was found, with what the label said about it.

    Attributes:
        quote: None when it has no price; `why_no_price` then says so.
        on_hand: None when the stock is not known here, which is not zero (production lesson L39).
        quantity: one, or the weight or count the label carries.
        label_price: what the label says to pay for it all, else None.
    """

    item: Item
    quote: PriceQuote | None
    why_no_price: str = ""
    on_hand: Decimal | None = None
    quantity: Decimal = ONE
    label_price: Decimal | None = None
    batch: str = ""


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """One price of an item on one list."""

    price_list: str
    quote: PriceQuote


@dataclass(frozen=True, slots=True)
class Place:
    """What one warehouse holds of an item."""

    warehouse: str
    on_hand: Decimal
    reserved: Decimal


@dataclass(frozen=True, slots=True)
class PriceCheck:
    """Everything a customer may ask about an item."""

    found: Found
    prices: tuple[ListedPrice, ...]
    places: tuple[Place, ...]
    why_none: dict[str, str] = field(default_factory=dict)


def by_scan(shop: Shop, text: str, *, partner: Partner | None, currency: str) -> Found:
    """The one item a scan or a typed code means; never guessed from parts of it.

    Raises:
        ItemUnknown: nothing has this code.
        BarcodeAmbiguous: more than one item has it; `details` name them.
        CheckDigitWrong, ScanInvalid, Gs1Invalid: the code itself is damaged.
    """
    scan = barcode.parse_scan(text, shop.rules.masks)
    with shop.store.read() as connection:
        item, pieces = _only(_matches(connection, scan), scan, text)
        label = _label(scan)
        return _found(
            shop,
            connection,
            item,
            partner=partner,
            currency=currency,
            label=replace(label, quantity=label.quantity * pieces),
        )


def by_code(shop: Shop, code: str, *, partner: Partner | None, currency: str) -> Found:
    """The item with exactly this item code.

    Raises:
        ItemUnknown: there is none.
    """
    with shop.store.read() as connection:
        item = items.find_by_code(connection, code)
        if item is None:
            raise ItemUnknown(code)
        return _found(shop, connection, item, partner=partner, currency=currency)


def search(
    shop: Shop, text: str, *, partner: Partner | None, currency: str, limit: int = LIMIT
) -> list[Found]:
    """Items whose names fit, recently sold here first; digits also fit the end of a code."""
    wanted = text.strip()
    with shop.store.read() as connection:
        hits = item_search.search(connection, wanted, limit=limit, warehouse=shop.rules.warehouse)
        if wanted.isdecimal() and len(wanted) >= LAST_DIGITS_MIN:
            hits = [*item_search.by_last_digits(connection, wanted, limit=limit), *hits]
        unique = list({item.code: item for item in hits}.values())[:limit]
        return _priced(shop, connection, unique, partner=partner, currency=currency)


def check_price(shop: Shop, text: str, *, partner: Partner | None = None) -> PriceCheck:
    """An item's price in every currency of the shop, and where it is in stock.

    Raises:
        ItemUnknown, BarcodeAmbiguous: as for a scan.
    """
    found = by_scan(shop, text, partner=partner, currency=shop.rules.currency)
    prices, why_none = [], {}
    with shop.store.read() as connection:
        for currency in shop.rules.price_lists:
            try:
                quoted = price.quote(
                    shop, connection, found.item, partner=partner, currency=currency
                )
            except PriceMissing as error:
                why_none[currency] = error.sentence
            else:
                prices.append(ListedPrice(quoted.price_list, quoted))
        rows = stock.of_item(connection, found.item.code)
        places = [(row["item"], row["warehouse"]) for row in rows]
        held = stock.reserved(connection, places, shop.clock.now())
    return PriceCheck(
        found,
        tuple(prices),
        tuple(
            Place(
                row["warehouse"], row["on_hand"], held.get((row["item"], row["warehouse"]), ONE * 0)
            )
            for row in rows
        ),
        why_none,
    )


Match = tuple[Item, Decimal]
"""An item, and how many of it one scan stands for: a case of twelve sells twelve."""


def _matches(connection: Connection, scan: Scan) -> list[Match]:
    if isinstance(scan, WeightEmbedded | PriceEmbedded):
        # Scales print the item's number padded with zeros, or a barcode made of it.
        codes: tuple[str, ...] = (scan.item_code, scan.item_code.lstrip("0"))
    else:
        code = scan.gtin if isinstance(scan, Gs1Scan) else scan.code
        codes = barcode.candidates(code)
    for code in dict.fromkeys(codes):
        found = _of_code(connection, code) if code else []
        if found:
            return found
    return []


def _of_code(connection: Connection, code: str) -> list[Match]:
    exact = items.find_by_code(connection, code)
    if exact is not None:
        return [(exact, ONE)]
    uses = items.uses_of_barcode(connection, code)
    goods = items.find_by_codes(connection, [use.item for use in uses])
    return [(goods[use.item], use.factor) for use in uses if use.item in goods]


def _only(found: Sequence[Match], scan: Scan, text: str) -> Match:
    if not found:
        raise barcode.unknown(scan) if isinstance(scan, PlainCode) else ItemUnknown(text)
    if len(found) > 1:
        raise BarcodeAmbiguous(text, tuple(item.code for item, _ in found))
    return found[0]


@dataclass(frozen=True, slots=True)
class _Label:
    quantity: Decimal = ONE
    price: Decimal | None = None
    batch: str = ""


def _label(scan: Scan) -> _Label:
    if isinstance(scan, WeightEmbedded):
        return _Label(quantity=scan.quantity)
    if isinstance(scan, PriceEmbedded):
        return _Label(price=scan.price)
    if isinstance(scan, Gs1Scan):
        count = Decimal(scan.count) if scan.count else ONE
        return _Label(quantity=scan.weight or count, price=scan.price, batch=scan.batch)
    return _Label()


def _found(
    shop: Shop,
    connection: Connection,
    item: Item,
    *,
    partner: Partner | None,
    currency: str,
    label: _Label | None = None,
) -> Found:
    says = label or _Label()
    quoted, why = _quote(shop, connection, item, partner=partner, currency=currency)
    place = (item.code, shop.rules.warehouse)
    row = stock.of_places(connection, [place]).get(place)
    return Found(
        item=item,
        quote=quoted,
        why_no_price=why,
        on_hand=row["on_hand"] if row else None,
        quantity=says.quantity,
        label_price=says.price,
        batch=says.batch,
    )


def _priced(
    shop: Shop,
    connection: Connection,
    hits: Sequence[Item],
    *,
    partner: Partner | None,
    currency: str,
) -> list[Found]:
    places = [(item.code, shop.rules.warehouse) for item in hits]
    known = stock.of_places(connection, places)
    quoted = price.quotes(shop, connection, hits, partner=partner, currency=currency)
    rows = []
    for item, place in zip(hits, places, strict=True):
        row, worth = known.get(place), quoted[item.code]
        rows.append(
            Found(
                item=item,
                quote=None if isinstance(worth, PriceMissing) else worth,
                why_no_price=worth.sentence if isinstance(worth, PriceMissing) else "",
                on_hand=row["on_hand"] if row else None,
            )
        )
    return rows


def _quote(
    shop: Shop, connection: Connection, item: Item, *, partner: Partner | None, currency: str
) -> tuple[PriceQuote | None, str]:
    try:
        quoted = price.quote(shop, connection, item, partner=partner, currency=currency)
    except PriceMissing as error:
        return None, error.sentence
    return quoted, ""
