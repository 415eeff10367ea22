"""The price of an item for a partner, from the lists this installation holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from pos_app.domain import price as rule
from pos_app.domain.currency import UnmappedCurrency
from pos_app.domain.item import Item
from pos_app.domain.partner import Partner
from pos_app.domain.price import ListPrice, PriceList, PriceMissing, PriceQuote, SpecialPrice
from pos_app.services.shop import Shop
from pos_app.store import price as prices

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class PriceSheet:
    """The prices of some items from one list, for one partner on one day."""

    price_list: PriceList
    partner: Partner | None
    on: date
    listed: Mapping[str, Sequence[ListPrice]]
    specials: Mapping[str, Sequence[SpecialPrice]]

    def quote(self, item: Item, quantity: Decimal = ONE) -> PriceQuote:
        """The price of one unit, and why.

        Raises:
            PriceMissing: there is none above zero (production lesson L42).
        """
        return rule.quote(
            item,
            self.partner,
            price_list=self.price_list,
            prices=self.listed.get(item.code, ()),
            specials=self.specials.get(item.code, ()),
            quantity=quantity,
            on=self.on,
        )


def list_for(
    shop: Shop, connection: Connection, *, partner: Partner | None, currency: str
) -> PriceList:
    """The list a partner buys from in a currency: their own if it is in that currency.

    Raises:
        UnmappedCurrency: the shop has no list in this currency.
    """
    own = prices.list_by_code(connection, partner.price_list) if partner else None
    if own is not None and own.currency == currency:
        return own
    code = shop.rules.price_lists.get(currency)
    found = prices.list_by_code(connection, code) if code else None
    if found is None:
        raise UnmappedCurrency(currency)
    return found


def quote(
    shop: Shop,
    connection: Connection,
    item: Item,
    *,
    partner: Partner | None,
    currency: str,
    quantity: Decimal = ONE,
) -> PriceQuote:
    """The price of one unit, and why.

    Raises:
        PriceMissing: there is none above zero (production lesson L42).
    """
    price_list = list_for(shop, connection, partner=partner, currency=currency)
    return rule.quote(
        item,
        partner,
        price_list=price_list,
        prices=prices.for_item(connection, item.code),
        specials=prices.specials_for(connection, item.code),
        quantity=quantity,
        on=shop.today,
    )


def sheet_of(
    shop: Shop,
    connection: Connection,
    codes: Iterable[str],
    *,
    partner: Partner | None,
    price_list: PriceList,
) -> PriceSheet:
    """The prices of some items as a partner buys them today; two reads for all of them."""
    wanted = list(codes)
    return PriceSheet(
        price_list,
        partner,
        shop.today,
        listed=prices.for_items(connection, wanted, price_list=price_list.code),
        specials=prices.specials_for_items(connection, wanted),
    )


def quotes(
    shop: Shop,
    connection: Connection,
    goods: Sequence[Item],
    *,
    partner: Partner | None,
    currency: str,
) -> dict[str, PriceQuote | PriceMissing]:
    """The price of one unit of each item, or why there is none; two reads for all of them."""
    price_list = list_for(shop, connection, partner=partner, currency=currency)
    codes = [item.code for item in goods]
    sheet = sheet_of(shop, connection, codes, partner=partner, price_list=price_list)
    found: dict[str, PriceQuote | PriceMissing] = {}
    for item in goods:
        try:
            found[item.code] = sheet.quote(item)
        except PriceMissing as error:
            found[item.code] = error
    return found
