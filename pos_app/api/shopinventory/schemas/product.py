"""Bodies of ``/api/Product`` and ``/api/Stock``."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from pydantic import Field

from pos_app.api.wire import Answer


class BatchDto(Answer):
    """One batch in one warehouse."""

    batch_number: str
    quantity: Decimal
    status: str
    expiry_date: date | None
    manufacturing_date: date | None = None
    admission_date: date | None
    location: str | None = None
    notes: str | None = None


class ProductDto(Answer):
    """An item with its stock, over all warehouses or in one."""

    item_code: str
    item_name: str
    bar_code: str | None
    item_type: str = "itItems"
    manages_batches: bool
    quantity_in_stock: Decimal
    quantity_available: Decimal
    quantity_committed: Decimal
    quantity_on_stock: Decimal
    price: Decimal
    default_warehouse: str | None
    uom: str | None = Field(serialization_alias="uoM")
    category: str | None = None
    batches: list[BatchDto]


class ProductList(Answer):
    """Every item."""

    count: int
    products: list[ProductDto]


class WarehouseProducts(Answer):
    """Every item of one warehouse, with its batches."""

    warehouse_code: str
    total_products: int
    products_with_batches: int
    products: list[ProductDto]


class WarehouseProductsPage(Answer):
    """A page of the items of one warehouse, with their batches."""

    warehouse_code: str
    page: int
    page_size: int
    count: int
    has_more: bool
    products: list[ProductDto]


class ItemBatches(Answer):
    """The batches of one item."""

    warehouse_code: str | None
    item_code: str
    item_name: str
    total_quantity: Decimal
    batch_count: int
    batches: list[BatchDto]


class WarehouseDto(Answer):
    """One warehouse."""

    warehouse_code: str
    warehouse_name: str
    location: str | None
    street: str | None
    city: str | None
    country: str | None
    is_active: bool


class WarehouseList(Answer):
    """Every warehouse."""

    total_warehouses: int
    warehouses: list[WarehouseDto]


class StockQuantity(Answer):
    """What one warehouse holds of one item."""

    item_code: str
    item_name: str
    bar_code: str | None
    warehouse_code: str
    in_stock: Decimal
    committed: Decimal
    ordered: Decimal
    available: Decimal
    uom: str | None = Field(serialization_alias="uoM")
    packaging_code: str | None = None
    packaging_code_labels: str | None = None
    packaging_code_lids: str | None = None
    packaging_material_stock: Decimal | None = None
    packaging_label_stock: Decimal | None = None
    packaging_lid_stock: Decimal | None = None


class WarehouseStock(Answer):
    """The stock of one warehouse."""

    warehouse_code: str
    total_items: int
    items_in_stock: int
    query_date: datetime
    items: list[StockQuantity]


class WarehouseStockPage(Answer):
    """A page of the stock of one warehouse."""

    warehouse_code: str
    page: int
    page_size: int
    count: int
    has_more: bool
    query_date: datetime
    items: list[StockQuantity]
