"""What an invoice costs: the customer's own price of the day, checked against what was asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from pos_app.domain import item as item_rules
from pos_app.domain import partner as partner_rules
from pos_app.domain.currency import ALL_CURRENCIES, normalise
from pos_app.domain.item import Item
from pos_app.domain.partner import Partner
from pos_app.domain.permission import Actor, Permission
from pos_app.domain.price import PriceList, PriceMissing, PriceQuote, by_hand, overridden
from pos_app.domain.sale import Sale, SaleLine
from pos_app.domain.user import WarehouseNotYours
from pos_app.errors import InvalidInput, RuleBroken
from pos_app.services import price, rate, tax
from pos_app.services.shop import Shop
from pos_app.store import item as items
from pos_app.store import partner as partners

if TYPE_CHECKING:
    from pos_app.services.invoice_order import Line, Order

CENT, NOTHING = Decimal("0.01"), Decimal(0)


class CustomerUnusable(InvalidInput):
    """No invoice can be written for this partner."""

    code = "customer_unusable"

    def __init__(self, partner: str, why: str) -> None:
        super().__init__(
            f"Customer {partner} {why}: choose another customer.", partner=partner, reason=why
        )


class PriceUnusable(RuleBroken):
    """Items without a price, or asked for at another than the customer's."""

    code = "price_unusable"

    def __init__(self, why: str, items: Sequence[str]) -> None:
        named = ", ".join(items[:20])
        super().__init__(f"{why}: {named}.", items=named)


class ItemsUnknown(InvalidInput):
    """The order names items the shop does not have."""

    code = "items_unknown"

    def __init__(self, codes: Sequence[str]) -> None:
        named = ", ".join(codes[:20])
        super().__init__(f"These items are not known: {named}.", items=named)


def check_places(actor: Actor, places: Iterable[str], allowed: Sequence[str]) -> None:
    """Let an actor sell only from where they are assigned (production lesson L22).

    Raises:
        WarehouseNotYours: a line leaves from another warehouse.
    """
    check_places_of(actor.username, places, allowed)


def check_places_of(username: str, places: Iterable[str], allowed: Sequence[str]) -> None:
    """The same by the name of the actor.

    Raises:
        WarehouseNotYours: one is another warehouse.
    """
    for place in places:
        if allowed and place and place not in allowed:
            raise WarehouseNotYours(username, place)


@dataclass(frozen=True, slots=True)
class Offer:
    """An order as a sale, and which of its prices are not the customer's own."""

    sale: Sale
    other: tuple[str, ...]


def sale_of(
    shop: Shop, connection: Connection, actor: Actor, order: Order, *, sale_id: str
) -> Sale:
    """The order as a sale with prices and taxes.

    Raises:
        CustomerUnusable, ItemsUnknown, PriceUnusable, UnmappedTaxGroup, UnmappedCurrency, and
        whatever a sale refuses.
    """
    offer = offer_of(shop, connection, actor, order, sale_id=sale_id)
    if offer.other and not actor.may(Permission.PRODUCTS_MANAGE_PRICES):
        raise PriceUnusable("The prices asked for are not this customer's", offer.other)
    return offer.sale


def offer_of(
    shop: Shop, connection: Connection, actor: Actor, order: Order, *, sale_id: str
) -> Offer:
    """The order as a sale at the prices it names, whoever may agree to them.

    Raises:
        CustomerUnusable, ItemsUnknown, PriceUnusable, UnmappedTaxGroup, UnmappedCurrency, and
        whatever a sale refuses.
    """
    buyer = customer(connection, order.partner)
    currency = currency_of(shop, buyer, order.currency)
    price_list = price.list_for(shop, connection, partner=buyer, currency=currency)
    sale = Sale(
        id=sale_id,
        till=shop.rules.till,
        currency=currency,
        warehouse=order.lines[0].warehouse,
        partner=buyer,
        business_date=order.doc_date or shop.today,
        is_gross=price_list.is_gross,
        rate=rate.current(shop, connection),
    )
    goods = known_items(connection, order.lines)
    quotes, other = _quotes(
        shop, connection, actor, order, buyer=buyer, price_list=price_list, goods=goods
    )
    groups = tax.table_of(shop, connection)
    for line, quote in zip(order.lines, quotes, strict=True):
        item = goods[line.item]
        sale = sale.with_line(
            SaleLine(
                number=0,
                item=item,
                quantity=line.quantity,
                quote=quote,
                tax=tax.group_in(groups, shop, item, on=shop.today),
                discount_percent=line.discount_percent,
            )
        )
    return Offer(sale, tuple(other))


def customer(connection: Connection, code: str) -> Partner:
    """The customer an invoice is for.

    Raises:
        CustomerUnusable: there is none of that code, or it is a supplier.
        PartnerInactive: it is frozen.
    """
    found = partners.by_code(connection, code)
    if found is None:
        raise CustomerUnusable(code, "does not exist")
    if found.kind != "customer":
        raise CustomerUnusable(code, f"is a {found.kind}")
    return partner_rules.check_active(found)


def currency_of(shop: Shop, buyer: Partner, asked: str) -> str:
    """The currency of a document: as asked, else the partner's, else the shop's.

    Raises:
        UnmappedCurrency: it is not one the shop takes.
        CustomerUnusable: the partner trades in another one only.
    """
    own = "" if buyer.currency.strip() in {"", ALL_CURRENCIES} else normalise(buyer.currency)
    chosen = shop.rules.currencies.get(asked or own or shop.rules.currency).code
    if own and chosen != own:
        raise CustomerUnusable(buyer.code, f"is invoiced in {own} only")
    return chosen


def known_items(connection: Connection, lines: Sequence[Line]) -> dict[str, Item]:
    """The items of some lines, all of them and all for sale.

    Raises:
        ItemsUnknown: some are not known.
        ItemInactive: one is frozen.
    """
    codes = list(dict.fromkeys(line.item for line in lines))
    found = items.find_by_codes(connection, codes)
    missing = [code for code in codes if code not in found]
    if missing:
        raise ItemsUnknown(missing)
    return {code: item_rules.check_active(item) for code, item in found.items()}


def _quotes(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    order: Order,
    *,
    buyer: Partner,
    price_list: PriceList,
    goods: dict[str, Item],
) -> tuple[list[PriceQuote], list[str]]:
    quotes, missing, other = [], [], []
    currency = price_list.currency
    sheet = price.sheet_of(shop, connection, goods, partner=buyer, price_list=price_list)
    for line in order.lines:
        item = goods[line.item]
        try:
            known = sheet.quote(item, line.quantity)
        except PriceMissing:
            if not order.is_agreed or line.unit_price is None:
                missing.append(item.code)
                continue
            quotes.append(by_hand(price_list, line.unit_price, explanation="agreed before"))
            continue
        tolerated = NOTHING if order.is_agreed else CENT
        if line.unit_price is not None and abs(line.unit_price - known.unit_price) > tolerated:
            other.append(f"{item.code} costs {known.unit_price.normalize():f} {currency}")
            known = overridden(known, line.unit_price, explanation=f"set by {actor.username}")
        quotes.append(known)
    if missing:
        raise PriceUnusable("These items have no price for this customer", missing)
    return quotes, other
