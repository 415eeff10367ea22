"""Goods of the sample shop: names, codes, prices, stock and batches, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pos_app.domain.gtin import check_digit
from pos_app.domain.money import half_up
from pos_app.sample.words import BRANDS, KINDS, Kind

WAREHOUSES = ("SHOP1", "SHOP2", "DEPOT")
ZIG_PER_USD = Decimal("26.80")
FIRST_STOCK = 5000
COMPANY_PREFIX = "6009"

COST, MINIMUM = Decimal("0.6"), "12"
"""What goods cost as part of their price, and the least a shop wants of each."""


def items(count: int, *, seed: int, today: date) -> Iterator[dict[str, Any]]:
    """The goods as the SAP sandbox loads them.

    The first three are fixed, for those who try things out: PRD001 and PRD002 with plenty of
    stock, PRD003 in two dated batches.
    """
    rng = random.Random(seed)  # noqa: S311 - a sample, not a secret
    names: dict[str, int] = {}
    for number in range(1, count + 1):
        kind = _kind(number, rng)
        name, cents = _named(kind, rng)
        seen = names[name] = names.get(name, 0) + 1
        if seen > 1:
            name = f"{name} No {seen}"
        yield _item(number, kind, name, cents, rng=rng, today=today)


def code_of(number: int) -> str:
    """Item code by its number: PRD001 and on."""
    return f"PRD{number:03d}"


def barcode_of(number: int) -> str:
    """A valid EAN-13 of the shop's own range."""
    body = f"{COMPANY_PREFIX}{number:08d}"
    return body + check_digit(body)


def plu_of(number: int) -> str:
    """The five digits scales print for weighed goods."""
    return f"{number % 100_000:05d}"


def _kind(number: int, rng: random.Random) -> Kind:
    if number <= 3:
        wanted = ("Mealie meal", "Cooking oil", "Yoghurt")[number - 1]
        return next(kind for kind in KINDS if kind.name == wanted)
    return rng.choice(KINDS)


def _named(kind: Kind, rng: random.Random) -> tuple[str, int]:
    size, times = rng.choice(kind.sizes)
    parts = (rng.choice(BRANDS), rng.choice(kind.flavours), kind.name, size)
    cents = rng.randint(*kind.cents) * times
    return " ".join(part for part in parts if part), max(cents, 5)


def _item(
    number: int, kind: Kind, name: str, cents: int, *, rng: random.Random, today: date
) -> dict[str, Any]:
    usd = Decimal(cents).scaleb(-2)
    is_weighed = kind.uom == "KG"
    row: dict[str, Any] = {
        "code": code_of(number),
        "name": name[:100],
        "group": kind.group,
        "barcode": barcode_of(number),
        "barcodes": [plu_of(number)] if is_weighed else [],
        "vat_group": kind.tax,
        "uom": kind.uom,
        "warehouse": WAREHOUSES[0],
        "inventory": True,
        "batch_managed": bool(kind.days),
        "active": True,
        "updated": today.isoformat(),
        "prices": {"1": str(usd), "2": str(_zig(usd)), "3": str(half_up(usd * Decimal("0.95"), 2))},
        "cost": str(half_up(usd * COST, 2)),
        "minimum": {WAREHOUSES[0]: MINIMUM},
        "fields": {"U_HSCode": kind.hs_code},
    }
    stock = _stock(number, is_weighed, rng)
    if kind.days:
        row["batches"] = _batches(number, kind, stock, today=today, rng=rng)
    else:
        row["stock"] = {place: str(quantity) for place, quantity in stock.items()}
    return row


def _zig(usd: Decimal) -> Decimal:
    """Rounded to ten cents, the way shelf prices are."""
    return half_up(usd * ZIG_PER_USD, 1) + Decimal("0.00")


def _stock(number: int, is_weighed: bool, rng: random.Random) -> dict[str, Decimal]:
    if number <= 3:
        return dict.fromkeys(WAREHOUSES, Decimal(FIRST_STOCK))
    most = 200 if is_weighed else 400
    return {
        place: Decimal(rng.randint(20, most)) * (3 if place == "DEPOT" else 1)
        for place in WAREHOUSES
    }


def _batches(
    number: int, kind: Kind, stock: dict[str, Decimal], *, today: date, rng: random.Random
) -> list[dict[str, Any]]:
    """Two batches, the older one smaller; expiry dates lie ahead, the nearer one first."""
    soon = today + timedelta(days=max(kind.days // 3, 2) + rng.randint(0, 3))
    late = today + timedelta(days=kind.days + rng.randint(4, 9))
    shares = {place: quantity // 3 for place, quantity in stock.items()}
    return [
        {
            "number": f"B{number:05d}A",
            "expiry": soon.isoformat(),
            "admitted": (today - timedelta(days=5)).isoformat(),
            "status": "released",
            "quantities": {place: str(share) for place, share in shares.items()},
        },
        {
            "number": f"B{number:05d}B",
            "expiry": late.isoformat(),
            "admitted": (today - timedelta(days=1)).isoformat(),
            "status": "released",
            "quantities": {place: str(stock[place] - share) for place, share in shares.items()},
        },
    ]
