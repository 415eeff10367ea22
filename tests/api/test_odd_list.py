"""Every list survives odd pages, days, words and encodings: told, or refused in a sentence."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.api.house import House, invoice_body
from tests.api.test_security import clear_now_and_then
from tests.cheap import cheap
from tests.conformance.odd_text import in_address, wrong_with

__all__ = ["cheap"]
pytestmark = pytest.mark.usefixtures("cheap")

NUMBERS = (
    "0", "-1", "1.5", "1e9", "2147483648", "99999999999999999999", "9" * 5000, "NaN", "",
    "0x10", " 2 ", "1_0", "\u0663", "true", "1;2",
)  # fmt: skip
FIRST, LAST = "0001-01-01", "9999-12-31"
DAYS = (
    "2026-02-30", "0000-00-00", "10000-01-01", "2026-11-02T23:59:60Z", "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+14:00", "2026-11-02T10:00:00 02:00", "01/02/2026", "20261102",
    "2026-W45-1", "today", "-1", "", "2026-11-02'--", "\u0662\u0660\u0662\u0666-11-02",
)  # fmt: skip
WORDS = (
    "%00", "%FF", "Caf%E9", "%C0%AF", "%ED%A0%80", "%F4%90%80%80", "%u0041", "%", "%zz", "+%2B+",
    "%0d%0aSet-Cookie:%20a=b", "price%3BDROP%20TABLE%20sales", "name,-price", "-", "%27", "%25_%5C",
    "%EF%BB%BF", "%E2%80%AE", "", "a" * 5000,
)  # fmt: skip
"""As they stand in the address."""


def lists(house: House) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every route that is read and asks for something, with the happy path of its story."""
    for path, methods in house.app.openapi()["paths"].items():
        asked = methods.get("get", {}).get("parameters", ())
        if not asked:
            continue
        named = {one["name"]: one for one in asked if one["in"] == "path" and not is_day(one)}
        address = path
        for name, told in named.items():
            address = address.replace(f"{{{name}}}", in_address(str(told.get("example", 1))))
        yield address, methods["get"]


def is_day(parameter: dict[str, Any]) -> bool:
    name = parameter["name"].lower()
    return "date" in str(parameter["schema"]) or name in {"from", "to", "date", "day"}


def is_number(parameter: dict[str, Any]) -> bool:
    return any(word in str(parameter["schema"]) for word in ("'integer'", "'number'"))


def tries(asked: Sequence[dict[str, Any]], turn: Iterator[int]) -> Iterator[dict[str, str]]:
    """What one route is asked: all days at either end of time, and one odd value of each kind."""
    days = [one["name"] for one in asked if is_day(one)]
    rest = [one for one in asked if not is_day(one) and one["in"] == "query"]
    numbers = [one["name"] for one in rest if is_number(one)]
    words = [one["name"] for one in rest if not is_number(one)]
    number = next(turn)
    if days:
        yield dict.fromkeys(days, (FIRST, LAST)[number % 2])
        yield dict(zip(days, itertools.cycle((LAST, FIRST)), strict=False))
        yield dict.fromkeys(days, in_address(DAYS[number % len(DAYS)]))
    if numbers:
        yield dict.fromkeys(numbers, in_address(NUMBERS[number % len(NUMBERS)]))
    if words:
        yield dict.fromkeys(words, WORDS[number % len(WORDS)])


def test_every_list_survives_what_it_is_asked(quick: House) -> None:
    """ASVS 5.0 1.1.1, 1.4.2, 2.2.1: told as described, or refused in a sentence."""
    admin, wrong, turn, sent = quick.as_role("Admin"), [], itertools.count(), 0
    assert admin.post("/api/Invoice", invoice_body()).status_code == 201
    for path, operation in lists(quick):
        for texts in tries(operation["parameters"], turn):
            sent += 1
            clear_now_and_then(quick, sent)
            address = path
            for name, text in texts.items():
                address = address.replace(f"{{{name}}}", text or "%20")
            query = "&".join(f"{name}={text}" for name, text in texts.items())
            answer = admin.get(f"{address}?{query}")
            if said := wrong_with(answer, operation):
                wrong.append((f"{address}?{query}"[:200], said[:200]))
    assert (wrong, sent > 250) == ([], True), sent
