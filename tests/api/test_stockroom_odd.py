"""Odd input on every route of the stock room: refused in words, documented, and nothing breaks."""

from __future__ import annotations

import json
import random
import re
from typing import Any

from pos_app.services.check import invariants
from tests.api.house import House

ROUTES = (
    "/api/InventoryTransfer", "/api/DesktopIntegration/transfer", "/api/PurchaseOrder",
    "/api/GoodsIssue", "/api/GoodsReceipt", "/api/StockCount",
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, "", "x" * 600, -1, 0, 1e30, True, [], {}, [None], "\u202e'; DROP TABLE x--",
    "2026-13-45", "9" * 30, 2**63, 0.0000001, "ÿ😀",
)  # fmt: skip
PLAUSIBLE = ("SHOP1", "DEPOT", "MILK", "YOGHURT", "Y-SOON", "S0001", "2026-11-02", "damaged")
NAMES = (
    "1", "2", "1000000001", "0", "-1", "9223372036854775807", "SHOP1", "x", "2026-11-02",
    "%F0%9F%98%80",
)  # fmt: skip
SCALARS: dict[str, tuple[Any, ...]] = {
    "string": PLAUSIBLE,
    "number": (0, 1, 2, 5, 0.5, 100),
    "integer": (0, 1, 2, 5, 100),
    "boolean": (True, False),
}
TURNS = 400


def body(rng: random.Random, schema: dict[str, Any], known: dict[str, Any]) -> Any:
    """Something of the described shape, with something odd here and there."""
    if "$ref" in schema:
        return body(rng, known[schema["$ref"].rpartition("/")[2]], known)
    if rng.random() < 0.12:
        return rng.choice(ODD)
    if "anyOf" in schema:
        return body(rng, rng.choice(schema["anyOf"]), known)
    kind = schema.get("type")
    if kind == "object":
        told = schema.get("properties", {}).items()
        return {name: body(rng, part, known) for name, part in told if rng.random() < 0.85}
    if kind == "array":
        return [body(rng, schema["items"], known) for _ in range(rng.randint(0, 3))]
    return rng.choice(SCALARS.get(kind or "", ODD))


def test_nothing_odd_breaks_the_stock_room(house: House) -> None:
    described = house.app.openapi()
    known, rng = described["components"]["schemas"], random.Random(5)
    routes = [
        (method, path, operation)
        for path, methods in described["paths"].items()
        if path.startswith(ROUTES)
        for method, operation in methods.items()
    ]
    headers = house.as_role("Admin").headers | {"Content-Type": "application/json"}
    wrong = []
    for _ in range(TURNS):
        method, path, operation = rng.choice(routes)
        place = re.sub(r"\{[^}]+\}", lambda _: rng.choice(NAMES), path)
        given = operation.get("requestBody", {}).get("content", {}).get("application/json")
        content = json.dumps(body(rng, given["schema"], known)) if given else None
        house.fresh_limits()
        answer = house.client.request(method.upper(), place, headers=headers, content=content)
        if answer.status_code >= 500 or str(answer.status_code) not in operation["responses"]:
            wrong.append((method, place, content, answer.status_code, answer.text[:200]))
    assert wrong == []
    assert invariants.check(house.shop, is_server=True) == []
