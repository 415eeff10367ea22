"""The tax group an item is sold under, as the books, the date and the fiscal device agree on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from pos_app.domain.item import Item
from pos_app.domain.tax import TaxGroup, TaxTable, UnmappedTaxGroup
from pos_app.services.shop import Shop
from pos_app.store import tax as taxes


def group_of(shop: Shop, connection: Connection, item: Item, *, on: date) -> TaxGroup:
    """The item's group on a date, with the device's own id and letter (production lesson L09).

    Raises:
        UnmappedTaxGroup: the books have no such group on that date, the device has no id for it,
            or the two disagree about its percentage.
    """
    return group_in(table_of(shop, connection), shop, item, on=on)


def table_of(shop: Shop, connection: Connection) -> TaxTable:
    """Every group of the books, with the device's own ids and letters."""
    return TaxTable(tuple(_mapped(shop, group) for group in taxes.groups(connection)))


def group_in(table: TaxTable, shop: Shop, item: Item, *, on: date) -> TaxGroup:
    """The same as `group_of` where a document asks for many items.

    Raises:
        UnmappedTaxGroup: as there.
    """
    known = table.on(item.tax_group, on)
    if known.percent != shop.rules.taxes[known.code].percent:
        raise UnmappedTaxGroup(known.code, on)
    return known


def _mapped(shop: Shop, group: TaxGroup) -> TaxGroup:
    fiscal = shop.rules.taxes.get(group.code)
    if fiscal is None:
        return group
    return replace(group, fiscal_tax_id=fiscal.tax_id, fiscal_code=fiscal.code)
