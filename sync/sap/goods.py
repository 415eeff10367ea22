"""Items with their barcodes, prices and stock: one read of Items tells all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from sync.errors import Unavailable
from sync.sap.client import Row, ServiceLayer
from sync.sap.held import read_day
from sync.sap.master import changed_since, decimal_of, is_active, rows_of
from sync.sap.master_rows import GoodsRow, ItemRow, PriceRow, StockRow
from sync.sap.paging import pages_by_key, pages_counted, read_text
from sync.sap.query import Query

SELECT = (
    "ItemCode", "ItemName", "ForeignName", "ItemsGroupCode", "BarCode", "SalesVATGroup",
    "PurchaseVATGroup", "InventoryUOM", "InventoryItem", "SalesItem", "ManageBatchNumbers",
    "ManageSerialNumbers", "Valid", "Frozen", "DefaultWarehouse", "UpdateDate", "UoMGroupEntry",
    "ItemBarCodeCollection", "ItemPrices", "ItemWarehouseInfoCollection",
)  # fmt: skip


def goods(
    sl: ServiceLayer, updated_since: date | None = None, *, extra: Sequence[str] = ()
) -> Iterator[list[GoodsRow]]:
    """Items page by page, all or those changed on or after a day.

    A page is asked for when it is wanted, so that whoever wants it knows how old its stock is.
    SAP knows the day of a change only, a price does not always move it and stock never does: ask
    from the day before the last read, and for the items of new documents by `goods_by_code`.

    Raises:
        SyncError: also in the middle; `IncompleteRead` when rows are missing at the end.
    """
    query = Query(select=(*SELECT, *extra), where=changed_since(updated_since))
    pages = pages_by_key(sl, "Items", "ItemCode", query)
    for page in pages_counted(sl, "Items", query.where, pages):
        yield [_goods(row, extra) for row in page]


def goods_by_code(
    sl: ServiceLayer, codes: Sequence[str], *, extra: Sequence[str] = ()
) -> Iterator[GoodsRow]:
    """The items of these codes, many per request; unknown codes yield no row."""
    for row in rows_of(sl, "Items", "ItemCode", codes, select=(*SELECT, *extra)):
        yield _goods(row, extra)


def _goods(row: Row, extra: Sequence[str]) -> GoodsRow:
    item = _item(row, extra)
    return GoodsRow(item, tuple(_prices(row)), tuple(_stock(row)) if item.is_inventory else ())


def _item(row: Row, extra: Sequence[str]) -> ItemRow:
    main = read_text(row, "BarCode")
    rows = row.get("ItemBarCodeCollection") or ()
    others = [read_text(code, "Barcode") for code in rows]
    units = ((read_text(code, "Barcode"), int(code.get("UoMEntry") or -1)) for code in rows)
    listed = [code for code in (main, *others) if code]
    return ItemRow(
        code=row["ItemCode"],
        name=read_text(row, "ItemName"),
        foreign_name=read_text(row, "ForeignName"),
        group=int(row.get("ItemsGroupCode") or 0),
        barcode=main,
        barcodes=tuple(dict.fromkeys(listed)),
        vat_group=read_text(row, "SalesVATGroup"),
        purchase_vat_group=read_text(row, "PurchaseVATGroup"),
        uom=read_text(row, "InventoryUOM"),
        is_inventory=_flag(row, "InventoryItem"),
        is_sold=_flag(row, "SalesItem"),
        by_batch=_flag(row, "ManageBatchNumbers"),
        by_serial=_flag(row, "ManageSerialNumbers"),
        active=is_active(row),
        default_warehouse=read_text(row, "DefaultWarehouse"),
        updated=read_day(row.get("UpdateDate")),
        uom_group=int(row.get("UoMGroupEntry") or -1),
        barcode_units=tuple((code, unit) for code, unit in units if code and unit != -1),
        fields={name: row.get(name) for name in extra},
    )


def _prices(row: Row) -> Iterator[PriceRow]:
    """Zero in SAP means none and yields no row (production lesson L42)."""
    for price in row["ItemPrices"]:
        amount = decimal_of(price.get("Price"))
        if amount:
            number = int(price["PriceList"])
            yield PriceRow(row["ItemCode"], number, amount, read_text(price, "Currency"))


def _stock(row: Row) -> Iterator[StockRow]:
    for level in row["ItemWarehouseInfoCollection"]:
        yield StockRow(
            row["ItemCode"],
            level["WarehouseCode"],
            decimal_of(level.get("InStock")),
            decimal_of(level.get("Committed")),
            decimal_of(level.get("Ordered")),
            decimal_of(level.get("MinimalStock")),
            decimal_of(level.get("StandardAveragePrice")),
        )


def _flag(row: Row, name: str) -> bool:
    """A yes or no; neither is refused, since an unknown flag is not a no (lesson L43)."""
    value = row.get(name)
    if value not in ("tYES", "tNO"):
        raise Unavailable(f"SAP does not say whether {name} of {row.get('ItemCode')} is set.")
    return bool(value == "tYES")
