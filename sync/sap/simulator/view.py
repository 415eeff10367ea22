"""What a client sees of a row: defaults, computed properties, selection, dialect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from sync.sap.simulator.books import ZERO, Books
from sync.sap.simulator.money import number
from sync.sap.simulator.schema import SetSchema, invalid_property
from sync.sap.simulator.table import Row

# Items leave out what equals these.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "Items": {
        "ItemType": "itItems",
        "SalesItem": "tYES",
        "PurchaseItem": "tYES",
        "InventoryItem": "tYES",
        "VatLiable": "tYES",
        "ManageBatchNumbers": "tNO",
        "ManageSerialNumbers": "tNO",
        "SRIAndBatchManageMethod": "bomm_OnEveryTransaction",
        "Valid": "tYES",
        "Frozen": "tNO",
        "NoDiscounts": "tNO",
        "TreeType": "iNotATree",
        "UoMGroupEntry": -1,
        "InventoryUoMEntry": -1,
        "SalesItemsPerUnit": 1,
        "ItemsGroupCode": 100,
    },
    "BusinessPartners": {
        "CardType": "cCustomer",
        "Currency": "##",
        "GroupCode": 100,
        "PriceListNum": 1,
        "Valid": "tYES",
        "Frozen": "tNO",
        "VatLiable": "vLiable",
    },
    "Warehouses": {"Inactive": "tNO"},
    "ChartOfAccounts": {"ActiveAccount": "tYES", "AcctCurrency": "##"},
}
ZERO_BY_DEFAULT = frozenset(
    {"DocTotal", "DocTotalFc", "VatSum", "VatSumFc", "PaidToDate", "PaidToDateFC", "CashSum",
     "TransferSum", "CashSumFC"}
)  # fmt: skip

Computed = Callable[[Books, Row], Any]


class View:
    """Reads properties of rows of one company."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def reader(self, set_name: str) -> Callable[[Row, str], Any]:
        """A function that reads one property of a row of this set."""
        defaults = DEFAULTS.get(set_name, {})
        computed = COMPUTED.get(set_name, {})
        books = self._books

        def read(row: Row, name: str) -> Any:
            value = row.get(name)
            if value is not None or name in row:
                return value
            if name in computed:
                return computed[name](books, row)
            if name in ZERO_BY_DEFAULT:
                return ZERO
            return defaults.get(name)

        return read

    def names(self, owner: SetSchema, select: str | None) -> list[str]:
        """The properties to show; raises Refusal for one the set does not have."""
        if select is None:
            user = self._books.schema.user_fields.get(owner.table, ())
            hidden = self._books.schema.not_on.get(owner.name, frozenset())
            own = self._books.schema.types[owner.type]
            return [*(name for name in own if name not in hidden), *user]
        names = [name.strip() for name in select.split(",") if name.strip()]
        for name in names:
            if self._books.schema.property_type(owner, name) is None:
                raise invalid_property(name, owner.type)
        return names

    def shape(
        self, owner: SetSchema, names: Iterable[str], *, version: int
    ) -> Callable[[Row], dict[str, Any]]:
        """A function that turns a row into what the dialect sends."""
        read = self.reader(owner.name)
        wanted = list(names)
        schema = self._books.schema
        kinds = {name: schema.property_type(owner, name) or "String" for name in wanted}
        days = [name for name, kind in kinds.items() if kind == "DateTime"]
        collections = [name for name, kind in kinds.items() if kind.endswith("[]")]
        dated = {name: self._days_in(kinds[name]) for name in collections if version == 2}

        def shaped(row: Row) -> dict[str, Any]:
            shown = {name: read(row, name) for name in wanted}
            for name in collections:
                shown[name] = shown[name] or []
            if version == 2:
                for name in days:
                    shown[name] = _instant(shown[name])
                for name, inside in dated.items():
                    if inside:
                        shown[name] = [_with_instants(one, inside) for one in shown[name]]
            return shown

        return shaped

    def _days_in(self, kind: str) -> list[str]:
        """The days among the properties of a collection's rows."""
        inside = self._books.schema.types.get(kind.removesuffix("[]"), {})
        return [name for name, one in inside.items() if one == "DateTime"]


def _instant(day: Any) -> Any:
    """A day as the newer dialect writes it."""
    return day and f"{day}T00:00:00Z"


def _with_instants(row: Row, days: Iterable[str]) -> Row:
    return row | {name: _instant(row[name]) for name in days if row.get(name)}


def _item_prices(books: Books, row: Row) -> list[Row]:
    own = books.prices.get(row["ItemCode"], {})
    return [
        {
            "PriceList": price_list["PriceListNo"],
            "Price": own.get(price_list["PriceListNo"], (ZERO, None))[0],
            "Currency": own.get(price_list["PriceListNo"], (ZERO, None))[1],
            "BasePriceList": price_list["BasePriceList"],
            "Factor": price_list["Factor"],
            "UoMPrices": [],
        }
        for price_list in books.tables["PriceLists"].rows()
    ]


def _item_warehouses(books: Books, row: Row) -> list[Row]:
    if row.get("InventoryItem") == "tNO":
        return []
    levels = books.stock.get(row["ItemCode"], {})
    minimum, cost = row.get("_minimum", {}), row.get("_cost", ZERO)
    return [
        {
            "WarehouseCode": warehouse["WarehouseCode"],
            "InStock": levels.get(warehouse["WarehouseCode"], ZERO),
            "Committed": books.committed.get((row["ItemCode"], warehouse["WarehouseCode"]), ZERO),
            "Ordered": books.ordered.get((row["ItemCode"], warehouse["WarehouseCode"]), ZERO),
            "MinimalStock": minimum.get(warehouse["WarehouseCode"], ZERO),
            "MaximalStock": ZERO,
            "StandardAveragePrice": cost,
            "Locked": "tNO",
        }
        for warehouse in books.tables["Warehouses"].rows()
    ]


def _item_barcodes(books: Books, row: Row) -> list[Row]:
    found = books.tables["BarCodes"].having("ItemNo", row["ItemCode"]) or []
    return [
        {
            "AbsEntry": barcode["AbsEntry"],
            "UoMEntry": barcode["UoMEntry"],
            "Barcode": barcode["Barcode"],
            "FreeText": barcode.get("FreeText"),
        }
        for barcode in found
    ]


def _on_stock(books: Books, row: Row) -> Decimal:
    return sum(books.stock.get(row["ItemCode"], {}).values(), ZERO)


def _committed(books: Books, row: Row) -> Decimal:
    return _over_warehouses(books.committed, books, row)


def _ordered(books: Books, row: Row) -> Decimal:
    return _over_warehouses(books.ordered, books, row)


def _over_warehouses(held: Mapping[tuple[str, str], Decimal], books: Books, row: Row) -> Decimal:
    places = (warehouse["WarehouseCode"] for warehouse in books.tables["Warehouses"].rows())
    return sum((held.get((row["ItemCode"], place), ZERO) for place in places), ZERO)


def _balance(books: Books, row: Row) -> Decimal:
    return books.balances.get(row["CardCode"], ZERO)


def _open_orders(books: Books, row: Row) -> Decimal:
    """What is ordered and not yet delivered, VAT included."""
    total = ZERO
    for order in books.tables["Orders"].having("CardCode", row["CardCode"]) or ():
        if order["DocumentStatus"] == "bost_Open":
            for line in order["DocumentLines"]:
                if quantity := number(line, "Quantity"):
                    share = number(line, "RemainingOpenQuantity") / quantity
                else:
                    share = Decimal(line["LineStatus"] == "bost_Open")
                total += number(line, "GrossTotal") * share
    return total


COMPUTED: Mapping[str, Mapping[str, Computed]] = {
    "Items": {
        "ItemPrices": _item_prices,
        "ItemWarehouseInfoCollection": _item_warehouses,
        "ItemBarCodeCollection": _item_barcodes,
        "QuantityOnStock": _on_stock,
        "QuantityOrderedByCustomers": _committed,
        "QuantityOrderedFromVendors": _ordered,
    },
    "BusinessPartners": {
        "CurrentAccountBalance": _balance,
        "OpenOrdersBalance": _open_orders,
    },
}
