"""Master data as SAP keeps it, in our own words; amounts and quantities are Decimal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """An item.

    Attributes:
        code: SAP ItemCode.
        name: shown to people.
        foreign_name: a second name, empty for none.
        group: item group number.
        barcode: the main one, empty for none.
        barcodes: all of them, the main one first.
        vat_group: sales VAT group, empty when SAP has none.
        purchase_vat_group: the same for purchases.
        uom: inventory unit of measure.
        is_inventory: kept in stock.
        is_sold: may be sold.
        by_batch: batch-managed.
        by_serial: serial-managed.
        active: valid and not frozen.
        default_warehouse: empty for none.
        updated: the day SAP changed it last.
        uom_group: number of its group of units, -1 for an item of one unit.
        barcode_units: barcodes of another unit than the item's own, with that unit's number.
        fields: further properties that were asked for, under SAP's names.
    """

    code: str
    name: str
    foreign_name: str
    group: int
    barcode: str
    barcodes: tuple[str, ...]
    vat_group: str
    purchase_vat_group: str
    uom: str
    is_inventory: bool
    is_sold: bool
    by_batch: bool
    by_serial: bool
    active: bool
    default_warehouse: str
    updated: date | None
    uom_group: int = -1
    barcode_units: tuple[tuple[str, int], ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A price of an item in a list; lists without a price for it yield no row."""

    item_code: str
    price_list: int
    price: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class StockRow:
    """Stock of an item in a warehouse, zeros included.

    Attributes:
        item_code: the item.
        warehouse: where.
        in_stock: on hand there.
        committed: promised to customers or on its way out.
        ordered: on its way in.
        minimum: the least that should be there; zero for no level.
        cost: average cost of one unit in local currency; zero when SAP keeps none.
    """

    item_code: str
    warehouse: str
    in_stock: Decimal
    committed: Decimal
    ordered: Decimal
    minimum: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class GoodsRow:
    """Everything about an item that one read of Items tells."""

    item: ItemRow
    prices: tuple[PriceRow, ...]
    stock: tuple[StockRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """Quantity of a batch in a warehouse.

    Attributes:
        item_code: its item.
        warehouse: where.
        batch: the batch number.
        quantity: in the inventory unit of measure.
        status: ``released``, ``not_accessible`` or ``locked``.
        expiry: last day, None for none.
        admitted: the day it came, None when unknown.
    """

    item_code: str
    warehouse: str
    batch: str
    quantity: Decimal
    status: str
    expiry: date | None
    admitted: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRow:
    """A business partner.

    Attributes:
        code: SAP CardCode.
        name: shown to people.
        kind: ``customer``, ``supplier`` or ``lead``.
        currency: SAP's code, None for a partner of all currencies.
        price_list: number of the list.
        vat_number: VAT registration, empty for none.
        tin: tax identification, empty for none.
        phone: empty for none.
        email: empty for none.
        credit_limit: in local currency; zero means that SAP checks none.
        balance: what the partner owes, in local currency.
        discount_percent: on every document.
        active: valid and not frozen.
        open_orders: ordered and not yet delivered, in local currency; no part of the balance.
        payment_terms: number of the terms of payment.
        updated: the day SAP changed it last.
        fields: further properties that were asked for, under SAP's names.
    """

    code: str
    name: str
    kind: str
    currency: str | None
    price_list: int
    vat_number: str
    tin: str
    phone: str
    email: str
    credit_limit: Decimal
    balance: Decimal
    discount_percent: Decimal
    active: bool
    updated: date | None
    open_orders: Decimal = Decimal(0)
    payment_terms: int = 0
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceListRow:
    """A price list; `is_gross` says whether its prices include VAT."""

    number: int
    name: str
    is_gross: bool
    currency: str
    base: int
    factor: Decimal
    active: bool
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class QuantityPrice:
    """A special price from a quantity on; zero together with a zero discount is none.

    Attributes:
        quantity: the least quantity it holds for.
        price: the price per unit.
        discount_percent: off the price list.
        currency: SAP's code, empty when SAP has none.
        uom_entry: number of the unit, -1 for the item's own.
    """

    quantity: Decimal
    price: Decimal
    discount_percent: Decimal
    currency: str
    uom_entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialPriceRow:
    """A special price of an item for a partner, for one period.

    Attributes:
        item_code: the item.
        card_code: the partner; ``*1`` and alike stand for all partners.
        price: the price; zero together with a zero discount is no price at all.
        currency: SAP's code, empty when SAP has none.
        discount_percent: off the price list.
        price_list: number of the list, 0 for none.
        valid_from: first day, None for no limit.
        valid_to: last day, None for no limit.
        is_period: one of the dated rows of its entry, which go before the entry itself.
        quantities: prices from a quantity on, the smallest first; they go before the price.
    """

    item_code: str
    card_code: str
    price: Decimal
    currency: str
    discount_percent: Decimal
    price_list: int
    valid_from: date | None
    valid_to: date | None
    is_period: bool
    quantities: tuple[QuantityPrice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VatGroupRow:
    """A VAT group with its rates, oldest first."""

    code: str
    name: str
    is_output: bool
    active: bool
    rates: tuple[tuple[date, Decimal], ...]

    def rate_on(self, day: date) -> Decimal | None:
        """Percent on a day, None before the first rate."""
        valid = [rate for since, rate in self.rates if since <= day]
        return valid[-1] if valid else None


@dataclass(frozen=True, slots=True)
class WarehouseRow:
    """A warehouse."""

    code: str
    name: str
    city: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """An account.

    Attributes:
        code: what documents name.
        name: shown to people.
        currency: SAP's code, None for an account of all currencies.
        is_cash: a cash account.
        active: active and not frozen.
        format_code: what accountants call it, where `code` is a key of the system's own.
        kind: ``at_Revenues``, ``at_Expenses`` or ``at_Other``.
        balance: in local currency.
    """

    code: str
    name: str
    currency: str | None
    is_cash: bool
    active: bool
    format_code: str = ""
    kind: str = "at_Other"
    balance: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class CostCentreRow:
    """A cost centre; document lines take the distribution rule of the same code.

    Attributes:
        code: its code.
        name: shown to people.
        dimension: 1 to 5.
        active: not closed.
        valid_from: first day, None for no limit.
        valid_to: last day, None for no limit.
    """

    code: str
    name: str
    dimension: int
    active: bool
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class PaymentTermsRow:
    """Terms of payment: due so many months and days after the document's day."""

    number: int
    name: str
    days: int
    months: int


@dataclass(frozen=True, slots=True)
class CurrencyRow:
    """A currency; `code` is SAP's own, `documents_code` nearer to ISO (lesson L21)."""

    code: str
    name: str
    documents_code: str
    decimals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyRow:
    """What to know about a company before posting to it.

    Attributes:
        name: the company's name.
        local_currency: SAP's code.
        direct_rate: one foreign unit is worth `rate` local ones; otherwise one local unit is
            worth `rate` foreign ones. Read it, never assume it.
        totals_decimals: of amounts.
        price_decimals: of prices.
        quantity_decimals: of quantities.
        blocks_negative_stock: SAP refuses what a warehouse does not have.
        approves: documents of programs may become drafts that wait for approval.
        groups_vat: VAT is taken once per VAT group of a document, otherwise line by line.
        invoices_in_payment: most invoices one payment may settle.
    """

    name: str
    local_currency: str
    direct_rate: bool
    totals_decimals: int
    price_decimals: int
    quantity_decimals: int
    blocks_negative_stock: bool
    approves: bool
    groups_vat: bool
    invoices_in_payment: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of a group: `factor` inventory units make one of it."""

    entry: int
    code: str
    factor: Decimal


@dataclass(frozen=True, slots=True)
class UnitGroupRow:
    """A group of units, its base unit among them with a factor of one."""

    number: int
    code: str
    name: str
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodRow:
    """A posting period.

    Attributes:
        code: its code.
        name: shown to people.
        first: first posting date,
        last: and the last one.
        is_open: documents may be posted.
        allows_sales: sales documents too.
        indicator: shared by the numbering series that belong to it.
    """

    code: str
    name: str
    first: date
    last: date
    is_open: bool
    allows_sales: bool
    indicator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRow:
    """A numbering series of one kind of document.

    Attributes:
        number: what a document names.
        name: shown to people.
        next_number: the next document's number.
        is_locked: gives no more numbers.
        indicator: of the periods it belongs to; ``Default`` fits any.
        last_number: the last it may give; None without an end.
    """

    number: int
    name: str
    next_number: int
    is_locked: bool
    indicator: str
    last_number: int | None = None

    @property
    def left(self) -> int | None:
        """How many numbers it still gives; None without an end."""
        return None if self.last_number is None else max(self.last_number - self.next_number + 1, 0)
