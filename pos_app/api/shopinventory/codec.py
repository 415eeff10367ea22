"""From our words to the contract's: people, goods, prices and rates."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from pos_app.api.shopinventory.schemas.auth import UserInfo
from pos_app.api.shopinventory.schemas.partner import BusinessPartnerDto, BusinessPartnerList
from pos_app.api.shopinventory.schemas.price import (
    CustomerPrices,
    ExchangeRateDto,
    ItemPrice,
    ItemPrices,
)
from pos_app.api.shopinventory.schemas.product import (
    BatchDto,
    ItemBatches,
    ProductDto,
    StockQuantity,
    WarehouseDto,
)
from pos_app.domain.item import Item
from pos_app.domain.price import PriceList
from pos_app.services import catalogue
from pos_app.services.catalogue import Goods, Lot, Place
from pos_app.services.partner_book import Listed
from pos_app.services.price_book import Book, CustomerBook
from pos_app.services.rate_book import Exchange
from pos_app.services.session import Account

CARD_TYPES = {"customer": "cCustomer", "supplier": "cSupplier", "lead": "cLead"}
COUNTRY = "ZW"


def user_info(account: Account) -> UserInfo:
    """An account as ``UserInfo``."""
    return UserInfo(
        username=account.actor.username,
        role=account.actor.role,
        email=account.email or None,
        assigned_warehouse_code=account.warehouses[0] if account.warehouses else None,
        assigned_warehouse_codes=list(account.warehouses),
        allowed_payment_methods=list(account.payment_methods),
        card_code=account.partner or None,
        must_change_password=account.is_given,
    )


def list_number(price_list: PriceList | None) -> int | None:
    """The number of a price list, where its code is one."""
    code = price_list.code if price_list else ""
    return int(code) if code.isascii() and code.isdecimal() and len(code) < 10 else None


def batch(lot: Lot) -> BatchDto:
    """A batch as ``BatchDto``."""
    return BatchDto(
        batch_number=lot.number,
        quantity=lot.quantity,
        status=lot.status,
        expiry_date=lot.expiry,
        manufacturing_date=lot.manufactured,
        admission_date=lot.admission,
        location=lot.warehouse,
    )


def item_batches(item: Item, lots: Sequence[Lot], *, warehouse: str | None) -> ItemBatches:
    """The batches of an item."""
    return ItemBatches(
        warehouse_code=warehouse,
        item_code=item.code,
        item_name=item.name,
        total_quantity=catalogue.sum_of(lots),
        batch_count=len(lots),
        batches=[batch(lot) for lot in lots],
    )


def product(goods: Goods) -> ProductDto:
    """An item with its stock as ``ProductDto``; without a price it costs 0 on the wire."""
    item = goods.item
    return ProductDto(
        item_code=item.code,
        item_name=item.name,
        bar_code=item.barcodes[0] if item.barcodes else None,
        manages_batches=item.is_batch_managed,
        quantity_in_stock=goods.on_hand,
        quantity_available=goods.available,
        quantity_committed=goods.committed,
        quantity_on_stock=goods.on_hand,
        price=goods.price if goods.price is not None else Decimal(0),
        default_warehouse=goods.warehouse,
        uom=item.uom,
        category=goods.group or None,
        batches=[batch(lot) for lot in goods.lots],
    )


def stock_quantity(goods: Goods) -> StockQuantity:
    """The stock of an item in a warehouse as ``StockQuantity``."""
    item = goods.item
    return StockQuantity(
        item_code=item.code,
        item_name=item.name,
        bar_code=item.barcodes[0] if item.barcodes else None,
        warehouse_code=goods.warehouse,
        in_stock=goods.on_hand,
        committed=goods.committed,
        ordered=goods.ordered,
        available=goods.available,
        uom=item.uom,
    )


def warehouse(place: Place) -> WarehouseDto:
    """A warehouse as ``WarehouseDto``."""
    return WarehouseDto(
        warehouse_code=place.code,
        warehouse_name=place.name,
        location=place.city or None,
        street=place.street or None,
        city=place.city or None,
        country=COUNTRY,
        is_active=place.is_active,
    )


def prices(book: Book) -> ItemPrices:
    """Every price on every list."""
    rows = [
        ItemPrice(
            item_code=row.item,
            item_name=row.name,
            price=row.price,
            currency=row.price_list.currency,
            price_list_num=list_number(row.price_list),
            price_list_name=row.price_list.name,
        )
        for row in book.prices
    ]
    return ItemPrices(
        total_count=len(rows),
        usd_price_count=sum(row.currency == "USD" for row in rows),
        zig_price_count=sum(row.currency == "ZIG" for row in rows),
        last_synced_at=book.synced_at,
        prices=rows,
    )


def customer_prices(book: CustomerBook) -> CustomerPrices:
    """Everything one customer pays."""
    number = list_number(book.price_list)
    rows = [
        ItemPrice(
            item_code=item.code,
            item_name=item.name,
            price=quote.unit_price,
            currency=quote.currency,
            price_list_num=number,
            price_list_name=book.price_list.name,
        )
        for item, quote in book.quotes
    ]
    return CustomerPrices(
        total_count=len(rows),
        card_code=book.partner.code,
        price_list_num=number,
        price_list_name=book.price_list.name,
        currency=book.price_list.currency,
        prices=rows,
    )


def exchange_rate(found: Exchange, *, zone: str) -> ExchangeRateDto:
    """A rate as ``ExchangeRateDto``; it is effective from its day in the shop's zone."""
    return ExchangeRateDto(
        id=found.number,
        from_currency=found.base,
        to_currency=found.quote,
        rate=found.rate,
        inverse_rate=found.inverse,
        effective_date=found.at.astimezone(ZoneInfo(zone)).date(),
        source=found.source or None,
        is_active=True,
        created_at=found.at,
    )


def business_partner(listed: Listed) -> BusinessPartnerDto:
    """A partner as ``BusinessPartnerDto``; an unknown balance is null, not zero."""
    partner = listed.partner
    return BusinessPartnerDto(
        card_code=partner.code,
        card_name=partner.name,
        card_type=CARD_TYPES.get(partner.kind, "cCustomer"),
        phone1=partner.phone or None,
        email=partner.email or None,
        address=partner.address or None,
        country=COUNTRY,
        currency=partner.currency,
        balance=partner.balance.amount if partner.balance is not None else None,
        is_active=partner.is_active,
        price_list_num=list_number(listed.price_list),
        price_list_name=listed.price_list.name if listed.price_list else None,
        vat_reg_no=partner.vat_number or None,
        tin_number=partner.tin or None,
    )


def business_partners(found: Sequence[Listed]) -> BusinessPartnerList:
    """Partners as a list."""
    rows = [business_partner(row) for row in found]
    return BusinessPartnerList(total_count=len(rows), business_partners=rows)
