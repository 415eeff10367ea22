"""A shop from a folder of CSV files, one per part, as a spreadsheet writes them.

The first row names the columns, which are the keys of the JSON format in
`sync.sap.simulator.shop`; empty cells say nothing. What is nested there has a file of its own:

    company.csv          key, value
    currencies.csv, warehouses.csv, accounts.csv, cost_centres.csv, credit_cards.csv,
    payment_terms.csv, branches.csv,
    price_lists.csv, rates.csv, partners.csv, special_prices.csv, items.csv
    vat_groups.csv       code, name, input, inactive
    vat_rates.csv        group, from, rate
    prices.csv           item, list, price
    stock.csv            item, warehouse, quantity
    batches.csv          item, number, warehouse, quantity, expiry, manufactured, admitted, status
    barcodes.csv         item, barcode, unit
    serials.csv          item, warehouse, serial
    minimums.csv         item, warehouse, quantity
    bins.csv             warehouse, bin
    special_periods.csv  item, partner, from, to, price, discount, currency, quantity: rows of the
                         same period differ by quantity; the one without is the period's own
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
    "currencies", "warehouses", "accounts", "cost_centres", "credit_cards", "payment_terms",
    "price_lists", "rates", "branches",
    "partners", "special_prices", "items", "vat_groups", "uom_groups",
)  # fmt: skip
NESTED = (
    "company", "vat_rates", "prices", "stock", "batches", "barcodes", "uoms", "serials", "minimums",
    "bins", "special_periods",
)  # fmt: skip
FLAGS = frozenset(
    {"inactive", "input", "cash", "active", "gross", "inventory", "batch_managed", "direct_rate",
     "group_vat", "block_negative_stock", "allow_over_receipt", "main", "disabled"}
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
        ("items", "serials", "item", _serial),
        ("items", "minimums", "item", _minimum),
        ("warehouses", "bins", "warehouse", _bin),
    ):
        _attach(shop[owner], rows[name], file=f"{name}.csv", key=key, attach=attach)
    for row in rows["special_periods"]:
        _period(shop["special_prices"], row)
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


def _serial(item: Entry, row: Entry) -> None:
    item.setdefault("serials", {}).setdefault(row["warehouse"], []).append(row["serial"])


def _minimum(item: Entry, row: Entry) -> None:
    item.setdefault("minimum", {})[row["warehouse"]] = row["quantity"]


def _bin(warehouse: Entry, row: Entry) -> None:
    warehouse.setdefault("bins", []).append(row["bin"])


def _period(specials: list[Entry], row: Entry) -> None:
    """One row per period and quantity; those of one period belong together."""
    owner = {name: row.pop(name, None) for name in ("item", "partner")}
    found = [one for one in specials if {name: one.get(name) for name in owner} == owner]
    if not found:
        raise ShopInvalid("special_periods.csv", f"has a row for an unknown special price: {owner}")
    days = {name: row.pop(name) for name in ("from", "to") if name in row}
    periods = found[0].setdefault("periods", [])
    same = [one for one in periods if {name: one[name] for name in days if name in one} == days]
    period = same[0] if same else {**days}
    if not same:
        periods.append(period)
    if "quantity" in row:
        period.setdefault("quantities", []).append(row)
    else:
        period.update(row)
