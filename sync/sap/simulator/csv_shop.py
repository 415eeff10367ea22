"""A shop from a folder of CSV files, one per part, as a spreadsheet writes them.

The first row names the columns, which are the keys of the JSON format in
`sync.sap.simulator.shop`; empty cells say nothing. What is nested there has a file of its own:

    company.csv          key, value
    currencies.csv, warehouses.csv, accounts.csv, cost_centres.csv, credit_cards.csv,
    price_lists.csv, rates.csv, partners.csv, special_prices.csv, items.csv
    vat_groups.csv       code, name, input, inactive
    vat_rates.csv        group, from, rate
    prices.csv           item, list, price
    stock.csv            item, warehouse, quantity
    batches.csv          item, number, warehouse, quantity, expiry, manufactured, admitted, status
    barcodes.csv         item, barcode, unit
    uom_groups.csv       code, name, base
    uoms.csv             group, unit, quantity, base_quantity

Columns of items and partners that begin with ``U_`` are user-defined fields.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sync.sap.simulator.shop_rows import ShopInvalid

Entry = dict[str, Any]

PLAIN = (
    "currencies", "warehouses", "accounts", "cost_centres", "credit_cards", "price_lists", "rates",
    "partners", "special_prices", "items", "vat_groups", "uom_groups",
)  # fmt: skip
NESTED = ("company", "vat_rates", "prices", "stock", "batches", "barcodes", "uoms")
FLAGS = frozenset(
    {"inactive", "input", "cash", "active", "gross", "inventory", "batch_managed", "direct_rate",
     "group_vat", "block_negative_stock", "allow_over_receipt"}
)  # fmt: skip
SAID = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
WHOLE = frozenset({"group", "decimals", "session_minutes", "first_doc_num"})


def read_folder(folder: Path) -> Entry:
    """The shop of a folder, in the JSON format.

    Raises:
        ShopInvalid: a file or column nobody reads, or a cell that is not what its column holds.
    """
    files = {path.stem: path for path in sorted(folder.glob("*.csv"))}
    unknown = files.keys() - {*PLAIN, *NESTED}
    if unknown:
        raise ShopInvalid(str(folder), f"has the unknown file {sorted(unknown)[0]}.csv")
    if not files:
        raise ShopInvalid(str(folder), "holds no .csv file")
    rows = {name: list(_rows(files[name])) if name in files else [] for name in (*PLAIN, *NESTED)}
    shop: Entry = {name: rows[name] for name in PLAIN}
    shop["company"] = {row["key"]: _cell(row["key"], row["value"]) for row in rows["company"]}
    for owner, name, key, attach in (
        ("vat_groups", "vat_rates", "group", _rate),
        ("uom_groups", "uoms", "group", _unit),
        ("items", "prices", "item", _price),
        ("items", "batches", "item", _batch),
        ("items", "stock", "item", _stock),
        ("items", "barcodes", "item", _barcode),
    ):
        _attach(shop[owner], rows[name], file=f"{name}.csv", key=key, attach=attach)
    return shop


def _rows(path: Path) -> Iterator[Entry]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                if None in row or None in row.values():
                    raise ShopInvalid(path.name, f"has a row with other columns: {row}")
                yield _entry(row)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ShopInvalid(path.name, f"cannot be read ({error})") from error


def _entry(row: Mapping[str, str]) -> Entry:
    told = {name.strip(): text.strip() for name, text in row.items() if text.strip()}
    fields = {name: text for name, text in told.items() if name.startswith("U_")}
    entry = {name: _cell(name, text) for name, text in told.items() if name not in fields}
    return entry | ({"fields": fields} if fields else {})


def _cell(name: str, text: str) -> Any:
    if name in FLAGS:
        if text.lower() not in SAID:
            raise ShopInvalid(f"column {name}", f"has {text!r} in place of yes or no")
        return SAID[text.lower()]
    return int(text) if name in WHOLE and text.lstrip("-").isdigit() else text


def _attach(
    owners: list[Entry],
    rows: list[Entry],
    *,
    file: str,
    key: str,
    attach: Callable[[Entry, Entry], None],
) -> None:
    by_code = {owner.get("code"): owner for owner in owners}
    for row in rows:
        owner = by_code.get(str(row.pop(key, "")))
        if owner is None:
            raise ShopInvalid(file, f"has a row for an unknown {key}: {row}")
        try:
            attach(owner, row)
        except KeyError as error:
            raise ShopInvalid(file, f"has no column {error}") from error


def _rate(group: Entry, row: Entry) -> None:
    group.setdefault("rates", []).append(row)


def _unit(group: Entry, row: Entry) -> None:
    group.setdefault("units", []).append(row)


def _price(item: Entry, row: Entry) -> None:
    item.setdefault("prices", {})[row["list"]] = row["price"]


def _stock(item: Entry, row: Entry) -> None:
    item.setdefault("stock", {})[row["warehouse"]] = row["quantity"]


def _batch(item: Entry, row: Entry) -> None:
    """One row per batch and warehouse; those of one batch belong together."""
    place, quantity = row.pop("warehouse"), row.pop("quantity")
    batches = item.setdefault("batches", [])
    same = [batch for batch in batches if batch["number"] == row["number"]]
    batch = same[0] if same else {**row, "quantities": {}}
    batch["quantities"][place] = quantity
    if not same:
        batches.append(batch)


def _barcode(item: Entry, row: Entry) -> None:
    told = {"code": row["barcode"], "unit": row["unit"]} if "unit" in row else row["barcode"]
    item.setdefault("barcodes", []).append(told)
