"""Rows of SAP as the shop knows them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pos_app.domain.currency import Rate, UnmappedCurrency
from pos_app.domain.item import Item
from pos_app.domain.money import Money, half_up
from pos_app.domain.partner import Partner
from pos_app.domain.price import ListPrice, PriceList, SpecialPrice
from pos_app.domain.tax import TaxGroup, TaxKind
from pos_app.services.shop import Shop
from pos_app.store.item import BarcodeUse
from pos_app.store.level import Level
from sync.sap.master_rows import (
    CompanyRow,
    ItemRow,
    PartnerRow,
    PriceListRow,
    PriceRow,
    QuantityPrice,
    SpecialPriceRow,
    StockRow,
    Unit,
    VatGroupRow,
)

BY_WEIGHT = {"KG": 3, "L": 3, "M": 2}
"""Units sold in fractions, with the decimals a quantity may have."""

EVERYBODY = "*"
NONE = Decimal(0)

OWN_UNIT = -1
"""SAP's number for no other unit than the item's own."""
"""How the partner of a special price begins that holds for all partners."""


def currency_of(shop: Shop, sap_code: str) -> str:
    """Our code of one of SAP's currencies (production lesson L21).

    Raises:
        UnmappedCurrency: the shop does not know it.
    """
    for currency in shop.rules.currencies.currencies:
        if currency.sap_code == sap_code:
            return currency.code
    raise UnmappedCurrency(sap_code)


def item(row: ItemRow, *, hs_field: str) -> Item:
    """An item; goods of a unit that can be divided are weighed."""
    decimals = BY_WEIGHT.get(row.uom.upper(), 0)
    return Item(
        code=row.code,
        name=row.name,
        uom=row.uom.lower() if decimals else "each",
        decimals=decimals,
        tax_group=row.vat_group,
        hs_code=str(row.fields.get(hs_field) or ""),
        group=str(row.group),
        is_batch_managed=row.by_batch,
        is_active=row.active and row.is_sold,
        is_weighed=bool(decimals),
        barcodes=row.barcodes,
    )


def barcode_uses(
    row: ItemRow, goods: Item, units: Mapping[tuple[int, int], Unit]
) -> tuple[list[BarcodeUse], list[str]]:
    """On what each barcode is printed, and those of a unit SAP does not explain.

    A barcode whose unit is unknown is left out: it might stand for a case of twelve.
    """
    named = dict(row.barcode_units)
    uses, unknown = [], []
    for barcode in row.barcodes:
        unit = units.get((row.uom_group, named[barcode])) if barcode in named else None
        if unit is not None and unit.factor != 1:
            uses.append(BarcodeUse(barcode, row.code, unit.code.lower(), half_up(unit.factor, 6)))
        elif unit is not None or barcode not in named:
            uses.append(BarcodeUse(barcode, row.code, goods.uom))
        else:
            unknown.append(barcode)
    return uses, unknown


def level(row: StockRow) -> Level:
    """What SAP keeps about an item in a warehouse beside its stock."""
    return Level(row.item_code, row.warehouse, half_up(row.minimum, 6), half_up(row.cost, 6))


def minor(shop: Shop, amount: Decimal) -> int:
    """An amount of SAP's local currency in minor units."""
    return Money.rounded(amount, shop.rules.sap.local_currency).minor


def tax_groups(shop: Shop, row: VatGroupRow) -> list[TaxGroup]:
    """A VAT group, once per rate it has had; exempt where the device calls it so (lesson L09)."""
    fiscal = shop.rules.taxes.get(row.code)
    is_exempt = fiscal is not None and fiscal.percent is None
    return [
        TaxGroup(
            code=row.code,
            name=row.name,
            kind=_kind(rate, is_exempt),
            percent=None if is_exempt else rate,
            fiscal_tax_id="",
            fiscal_code="",
            sap_vat_group=row.code,
            valid_from=since,
        )
        for since, rate in row.rates
    ]


def price_list(shop: Shop, row: PriceListRow) -> PriceList:
    """A price list in one of the shop's currencies."""
    return PriceList(str(row.number), row.name, currency_of(shop, row.currency), row.is_gross)


def list_price(row: PriceRow) -> ListPrice:
    """The price of an item on a list, to 6 decimals."""
    return ListPrice(row.item_code, str(row.price_list), half_up(row.price, 6))


def special_prices(shop: Shop, row: SpecialPriceRow) -> list[SpecialPrice]:
    """A special price and those of its quantities; what says nothing is no price (lesson L65).

    Without a currency of its own it is in the shop's first. Steps in another unit than the item's
    own are left out: what one of it costs is not what one unit costs.
    """
    whole = QuantityPrice(NONE, row.price, row.discount_percent, row.currency, OWN_UNIT)
    told = [
        _special(shop, row, step) for step in (whole, *row.quantities) if step.uom_entry == OWN_UNIT
    ]
    return [special for special in told if special.has_effect]


def _special(shop: Shop, row: SpecialPriceRow, step: QuantityPrice) -> SpecialPrice:
    """SAP's ``*3`` is everybody who buys from list 3."""
    is_for_list = row.card_code.startswith(EVERYBODY)
    return SpecialPrice(
        item=row.item_code,
        partner=None if is_for_list else row.card_code,
        price_list=row.card_code.removeprefix(EVERYBODY) or None if is_for_list else None,
        price=half_up(step.price, 6) or None,
        discount_percent=half_up(step.discount_percent, 6) or None,
        currency=currency_of(shop, step.currency) if step.currency else shop.rules.currency,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        from_quantity=step.quantity,
        is_period=row.is_period,
    )


def partner(shop: Shop, row: PartnerRow) -> Partner:
    """A customer or supplier; limits and balances are in SAP's local currency."""
    local = shop.rules.sap.local_currency
    return Partner(
        code=row.code,
        name=row.name,
        price_list=str(row.price_list),
        currency=currency_of(shop, row.currency) if row.currency else "##",
        credit_limit=Money.rounded(row.credit_limit, local) if row.credit_limit else None,
        balance=Money.rounded(row.balance, local),
        is_active=row.active,
        tin=row.tin,
        vat_number=row.vat_number,
        phone=row.phone,
        email=row.email,
        kind="supplier" if row.kind == "supplier" else "customer",
    )


def rate(shop: Shop, company: CompanyRow, quote: str, told: Decimal) -> Rate:
    """One local unit in the other currency, whichever way round SAP keeps it."""
    local = currency_of(shop, company.local_currency)
    value = half_up(1 / told, 6) if company.direct_rate else half_up(told, 6)
    return Rate(local, quote, value, shop.clock.now())


def _kind(rate: Decimal, is_exempt: bool) -> TaxKind:
    if is_exempt:
        return TaxKind.EXEMPT
    return TaxKind.STANDARD if rate > 0 else TaxKind.ZERO
