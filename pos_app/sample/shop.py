"""The whole sample shop: the company as the SAP sandbox loads it, and the people who work there."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pos_app.sample import goods
from pos_app.sample.words import PLACES, TRADES

PARTNERS = 200
USER_FIELDS = {"OINV": ["U_Van_saleorder", "U_OrderNumber"], "OITM": ["U_HSCode"]}
WALK_IN = "C0000"
ROLES = (
    ("admin", "Admin"),
    ("manager", "Manager"),
    ("supervisor", "User"),
    ("cashier", "Cashier"),
    ("cashier2", "Cashier"),
    ("stock", "StockController"),
    ("depot", "DepotController"),
    ("delivery", "PodOperator"),
    ("api", "ApiUser"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleUser:
    """Somebody of the sample shop, with the secrets the demo prints."""

    username: str
    name: str
    role: str
    password: str
    pin: str
    warehouses: tuple[str, ...]


def company(*, items: int, seed: int, today: date) -> dict[str, Any]:
    """Everything the books know, in the format of the SAP sandbox."""
    rng = random.Random(seed)  # noqa: S311 - a sample, not a secret
    return {
        "company": {"user_fields": USER_FIELDS},
        "currencies": [
            {"code": "USD", "name": "US dollar", "iso": "USD", "decimals": 2},
            {"code": "ZiG", "name": "Zimbabwe Gold", "iso": "ZWG", "decimals": 2},
        ],
        "rates": [{"currency": "ZiG", "rate": str(goods.ZIG_PER_USD)}],
        "vat_groups": _vat_groups(),
        "warehouses": [
            {"code": "SHOP1", "name": "First Street", "city": "Harare"},
            {"code": "SHOP2", "name": "Market Square", "city": "Bulawayo"},
            {"code": "DEPOT", "name": "Depot", "city": "Harare"},
        ],
        "accounts": _accounts(),
        "cost_centres": [
            {"code": place, "name": place.title(), "dimension": 1, "active": True}
            for place in goods.WAREHOUSES
        ],
        "price_lists": [
            {"number": 1, "name": "Retail USD", "gross": True, "currency": "USD", "active": True},
            {"number": 2, "name": "Retail ZIG", "gross": True, "currency": "ZiG", "active": True},
            {"number": 3, "name": "Trade USD", "gross": True, "currency": "USD", "active": True},
        ],
        "items": list(goods.items(items, seed=seed, today=today)),
        "partners": _partners(rng, today),
        "special_prices": _specials(items, today),
    }


def users(*, seed: int) -> tuple[SampleUser, ...]:
    """One user of every role, and a second cashier; secrets repeat with the seed."""
    rng = random.Random(seed + 1)  # noqa: S311 - secrets of a demo that are printed anyway
    return tuple(
        SampleUser(
            username=username,
            name=f"Sample {role}",
            role=role,
            password=f"{role}-Demo-{rng.randint(100, 999)}!",
            pin=f"{rng.randint(2, 9)}{rng.choice('0579')}{rng.choice('1368')}{rng.randint(0, 9)}",
            warehouses=_warehouses_of(role),
        )
        for username, role in ROLES
    )


def _warehouses_of(role: str) -> tuple[str, ...]:
    if role == "StockController":
        return ("SHOP1", "SHOP2")
    return ("DEPOT",) if role == "DepotController" else ()


def _vat_groups() -> list[dict[str, Any]]:
    return [
        {
            "code": "O1",
            "name": "Standard 15.5 %",
            "rates": [
                {"from": "2023-01-01", "rate": "15"},
                {"from": "2026-01-01", "rate": "15.5"},
            ],
        },
        {"code": "O2", "name": "Zero-rated", "rates": [{"from": "2020-01-01", "rate": "0"}]},
        {"code": "O3", "name": "Exempt", "rates": [{"from": "2020-01-01", "rate": "0"}]},
        {
            "code": "I1",
            "name": "Input 15.5 %",
            "input": True,
            "rates": [{"from": "2026-01-01", "rate": "15.5"}],
        },
        {
            "code": "I2",
            "name": "Input zero-rated",
            "input": True,
            "rates": [{"from": "2020-01-01", "rate": "0"}],
        },
    ]


def _accounts() -> list[dict[str, Any]]:
    rows = (
        ("1110", "Cash USD", "USD", True),
        ("1111", "Cash ZiG", "ZiG", True),
        ("1120", "Mobile money USD", "USD", False),
        ("1121", "Mobile money ZiG", "ZiG", False),
        ("1130", "Card clearing USD", "USD", False),
        ("1131", "Card clearing ZiG", "ZiG", False),
        ("6400", "Breakages and losses", "USD", False),
    )
    return [
        {"code": code, "name": name, "currency": currency, "cash": cash, "active": True}
        for code, name, currency, cash in rows
    ]


def _partners(rng: random.Random, today: date) -> list[dict[str, Any]]:
    rows = [_partner(WALK_IN, "Walk-in customer", limit=0, balance=0, today=today)]
    for number in range(1, PARTNERS + 1):
        name = f"{rng.choice(PLACES)} {rng.choice(TRADES)} {number:03d}"
        limit = rng.choice((0, 100, 250, 500, 1000, 2500))
        row = _partner(
            f"C{number:04d}",
            name,
            limit=limit,
            balance=rng.randint(0, limit // 2) if limit else 0,
            today=today,
        )
        row["price_list"] = 3 if limit >= 1000 else 1
        row["tin"] = f"2{rng.randint(10**8, 10**9 - 1)}"
        row["phone"] = f"+26377{rng.randint(10**6, 10**7 - 1)}"
        rows.append(row)
    rows += [
        _partner("V0001", "Highlands Millers", limit=0, balance=0, today=today, kind="supplier"),
        _partner("V0002", "Valley Dairies", limit=0, balance=0, today=today, kind="supplier"),
    ]
    return rows


def _partner(
    code: str, name: str, *, limit: int, balance: int, today: date, kind: str = "customer"
) -> dict[str, Any]:
    return {
        "code": code,
        "name": name,
        "kind": kind,
        "currency": "##",
        "price_list": 1,
        "credit_limit": str(limit),
        "balance": str(balance),
        "active": True,
        "updated": today.isoformat(),
    }


def _specials(items: int, today: date) -> list[dict[str, Any]]:
    """A customer's own price, and one that only holds this week."""
    if items < 5:
        return []
    until = today + timedelta(days=7)
    return [
        {"item": goods.code_of(4), "partner": "C0001", "price": "0.99", "currency": "USD"},
        {
            "item": goods.code_of(5),
            "partner": "C0002",
            "price": "1.10",
            "currency": "USD",
            "from": today.isoformat(),
            "to": until.isoformat(),
        },
    ]
