"""What each kind of thing in the feed is made of: read on the server, written on a till."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, select

from pos_app.domain.permission import Role
from pos_app.domain.quantity import from_micro
from pos_app.store import (
    currency,
    item_table,
    mirror,
    partner,
    price,
    rebase,
    sale,
    setting,
    shift,
    sold,
    stock,
    tax,
    user,
    warehouse,
    wire,
)
from pos_app.store.mirror import Key, Part
from pos_app.store.schema import from_microseconds
from sync.envelope import Malformed
from sync.page import Change

SHARED = "shop."
"""Settings whose name begins so are the same everywhere; all others belong to one place."""

RATES_TOLD = 30
"""How many of the newest rates of a pair a till gets to know."""

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing.

    Attributes:
        load: what there is to tell of some things, by key; what is not there is gone.
        apply: makes things what they are elsewhere; a change without data removes its thing.
        keys: every thing there is here; None for kinds that are never swept.
    """

    load: Callable[[Connection, Sequence[str]], dict[str, Data]]
    apply: Callable[[Connection, Sequence[Change]], None]
    keys: Callable[[Connection], set[str]] | None


def key_of(parts: Sequence[str]) -> str:
    """The key of a thing named by several codes, as in ``item|warehouse``."""
    return "|".join(parts)


def _split(key: str, size: int) -> Key:
    """The codes a key is made of; only the first may itself contain the separator."""
    parts = tuple(key.rsplit("|", size - 1))
    if len(parts) != size:
        raise Malformed(f"key {key[:60]!r} is not made of {size} codes")
    return parts


def _of_rows(*parts: Part, gone: Sequence[Part] = (), is_swept: bool = True) -> Kind:
    """A kind that is rows of some tables, and nothing else.

    Args:
        parts: the tables; the first has the row without which there is no such thing.
        gone: further tables whose rows go when the thing goes.
        is_swept: whether what the server does not have is removed on a new look at everything.
    """
    first, size = parts[0], len(parts[0].by)

    def load(connection: Connection, keys: Sequence[str]) -> dict[str, Data]:
        split = [_split(key, size) for key in keys]
        found = [mirror.load(connection, part, split) for part in parts]
        return {
            key_of(key): {
                part.name: rows.get(key, []) for part, rows in zip(parts, found, strict=True)
            }
            for key in split
            if key in found[0]
        }

    def apply(connection: Connection, changes: Sequence[Change]) -> None:
        lost = [_split(change.key, size) for change in changes if change.data is None]
        for part in (*gone, *reversed(parts)):
            mirror.drop(connection, part, lost)
        told = {_split(row.key, size): row.data for row in changes if row.data is not None}
        for part in parts:
            rows = {key: _rows(data, part.name) for key, data in told.items()}
            mirror.save(connection, part, rows)

    def keys(connection: Connection) -> set[str]:
        return {key_of(key) for key in mirror.keys_of(connection, first)}

    return Kind(load, apply, keys if is_swept else None)


def _rows(data: Mapping[str, Any], name: str) -> mirror.Rows:
    rows = data.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Malformed(f"{name} is not a list of rows")
    return rows


_PLACE = Part(name="stock", table=stock.stock, by=("item", "warehouse"))
_LOTS = Part(name="batches", table=stock.batches, by=("item", "warehouse"), is_list=True)


def _load_stock(connection: Connection, keys: Sequence[str]) -> dict[str, Data]:
    """What the server has on hand, which is the base a till stands on."""
    split = [_split(key, 2) for key in keys]
    places = mirror.load(connection, _PLACE, split)
    lots = mirror.load(connection, _LOTS, split)
    return {
        key_of(key): {
            "on_hand": rows[0]["on_hand"],
            "committed": rows[0]["committed"],
            "ordered": rows[0]["ordered"],
            "changed_at": rows[0]["changed_at"],
            "batches": [{name: lot[name] for name in _LOT_TOLD} for lot in lots.get(key, [])],
        }
        for key, rows in places.items()
    }


_LOT_TOLD = ("batch", "on_hand", "status", "expiry", "admission", "manufactured", "changed_at")


def _apply_stock(connection: Connection, changes: Sequence[Change]) -> None:
    places, lots, reach = [], [], []
    for change in changes:
        item, warehouse_code = _split(change.key, 2)
        named = {"item": item, "warehouse": warehouse_code, "base_seq": change.seq}
        data = change.data or _NO_STOCK
        places.append(
            {
                **named,
                "base": from_micro(data["on_hand"]),
                "committed": from_micro(data["committed"]),
                "ordered": from_micro(data["ordered"]),
                "changed_at": from_microseconds(data["changed_at"]),
            }
        )
        reach.append(((item, warehouse_code), change.seq))
        lots += [named | _lot(lot) for lot in data["batches"]]
    rebase.rebase(connection, places)
    rebase.rebase_batches(connection, reach, lots)


_NO_STOCK: Data = {"on_hand": 0, "committed": 0, "ordered": 0, "changed_at": 0, "batches": ()}


def _lot(data: Mapping[str, Any]) -> Data:
    days = {name: data[name] for name in ("expiry", "admission", "manufactured")}
    return {
        "batch": data["batch"],
        "base": from_micro(data["on_hand"]),
        "status": data["status"],
        "changed_at": from_microseconds(data["changed_at"]),
        **{name: day and date.fromisoformat(day) for name, day in days.items()},
    }


def _load_rates(connection: Connection, keys: Sequence[str]) -> dict[str, Data]:
    table = wire.plain(currency.exchange_rates)
    told: dict[str, Data] = {}
    for key in keys:
        base, quote = _split(key, 2)
        pair = (table.c.base == base) & (table.c.quote == quote)
        query = select(table).where(pair).order_by(table.c.at.desc()).limit(RATES_TOLD)
        rows = [dict(row) for row in connection.execute(query).mappings()]
        if rows:
            told[key] = {"rates": rows}
    return told


def rate_keys(connection: Connection) -> set[str]:
    """Every pair of currencies there is a rate for."""
    pair = Part(name="rates", table=currency.exchange_rates, by=("base", "quote"))
    return {key_of(key) for key in mirror.keys_of(connection, pair)}


def _apply_rates(connection: Connection, changes: Sequence[Change]) -> None:
    """Rates are only ever added: a sale keeps the one it was made at."""
    part = Part(name="rates", table=currency.exchange_rates, by=("base", "quote", "at"))
    for change in changes:
        if change.data is not None:
            rows = _rows(change.data, part.name)
            mirror.save(connection, part, {(change.key,): rows})


_USERS = Part(
    name="users",
    table=user.users,
    by=("id",),
    own=frozenset(
        {
            "number",
            "partner",
            "profile",
            "password_failures",
            "password_locked_until",
            "pin_failures",
            "pin_locked_until",
            "created_at",
            "signed_in_at",
        }
    ),
    fresh={
        "partner": "",
        "profile": "{}",
        "password_failures": 0,
        "pin_failures": 0,
        "created_at": 0,
    },
)
_USER_ROWS = _of_rows(_USERS)


def _load_users(connection: Connection, keys: Sequence[str]) -> dict[str, Data]:
    """The staff; a customer's portal account has no business at a till."""
    found = _USER_ROWS.load(connection, keys)
    return {key: data for key, data in found.items() if data["users"][0]["role"] != Role.CUSTOMER}


def _apply_users(connection: Connection, changes: Sequence[Change]) -> None:
    """Wrong tries are counted where they happen; a name given to somebody else leaves its owner."""
    for change in changes:
        for row in _rows(change.data, "users") if change.data is not None else ():
            taken = (user.users.c.username_key == row["username_key"]) & (
                user.users.c.id != row["id"]
            )
            connection.execute(delete(user.users).where(taken))
    _USER_ROWS.apply(connection, changes)


def _load_settings(connection: Connection, keys: Sequence[str]) -> dict[str, Data]:
    shared = [key for key in keys if key.startswith(SHARED)]
    found = {key: setting.read(connection, key) for key in shared}
    return {key: {"value": value} for key, value in found.items() if value is not None}


def _apply_settings(connection: Connection, changes: Sequence[Change]) -> None:
    for change in changes:
        value = change.data.get("value") if change.data else None
        if change.key.startswith(SHARED) and isinstance(value, str):
            setting.write(connection, change.key, value)


def _load_series(connection: Connection, keys: Sequence[str]) -> dict[str, Data]:
    """How far a till has come with its numbers, as far as this server knows."""
    return {
        till: {
            "receipt": sale.last_number(connection, till),
            "shift": shift.last_number(connection, till),
        }
        for till in keys
    }


def _apply_series(connection: Connection, changes: Sequence[Change]) -> None:
    """A till restored from an old backup goes on behind the numbers it has forgotten."""
    for change in changes:
        for name in ("receipt", "shift") if change.data else ():
            setting.go_on_behind(connection, f"{name}:{change.key}", (change.data or {})[name])


def _apply_sold(connection: Connection, changes: Sequence[Change]) -> None:
    """A till restored from an old backup learns which references it has sold under since."""
    sold.keep(connection, {row.key: row.data for row in changes if row.data is not None})


_ITEM = Part(name="items", table=item_table.items, by=("code",), own=frozenset({"number"}))
_BARCODES = Part(name="barcodes", table=item_table.barcodes, by=("item",), is_list=True)
_RECENT = Part(name="recent", table=item_table.item_recent, by=("item",), is_list=True)
_SPECIALS = Part(
    name="special_prices",
    table=price.special_prices,
    by=("item",),
    is_list=True,
    own=frozenset({"id"}),
)
_PARTNER = Part(name="partners", table=partner.partners, by=("code",), own=frozenset({"number"}))

KINDS: Mapping[str, Kind] = {
    "item": _of_rows(_ITEM, _BARCODES, gone=(_RECENT,)),
    "item_group": _of_rows(Part(name="item_groups", table=item_table.item_groups, by=("code",))),
    "price_list": _of_rows(Part(name="price_lists", table=price.price_lists, by=("code",))),
    "price": _of_rows(Part(name="prices", table=price.prices, by=("item",), is_list=True)),
    "special_price": _of_rows(_SPECIALS),
    "partner": _of_rows(_PARTNER),
    "tax_group": _of_rows(
        Part(name="tax_groups", table=tax.tax_groups, by=("code",), is_list=True)
    ),
    "warehouse": _of_rows(Part(name="warehouses", table=warehouse.warehouses, by=("code",))),
    "currency": _of_rows(Part(name="currencies", table=currency.currencies, by=("code",))),
    "user": Kind(_load_users, _apply_users, _USER_ROWS.keys),
    "stock": Kind(
        _load_stock,
        _apply_stock,
        lambda connection: {key_of(key) for key in mirror.keys_of(connection, _PLACE)},
    ),
    "rate": Kind(_load_rates, _apply_rates, None),
    "setting": Kind(_load_settings, _apply_settings, None),
    "series": Kind(_load_series, _apply_series, None),
    "sold": Kind(sold.of, _apply_sold, None),
    "sale_status": _of_rows(
        Part(name="sale_status", table=sale.sale_status, by=("sale_id",)), is_swept=False
    ),
}
"""Every kind a till can read; one it does not know is passed over (a newer server's)."""
