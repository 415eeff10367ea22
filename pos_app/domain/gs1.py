"""GS1 element strings: application identifiers of GS1-128, DataMatrix and DataBar Expanded."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pos_app.domain.gtin import has_valid_check
from pos_app.errors import InvalidInput

FNC1 = "\x1d"

_SYMBOLOGIES = ("]C1", "]d2", "]Q3", "]e0", "]J1")

_FIXED = {
    "00": 18, "01": 14, "02": 14, "03": 14, "04": 16, "11": 6, "12": 6, "13": 6, "14": 6,
    "15": 6, "16": 6, "17": 6, "18": 6, "19": 6, "20": 2, "41": 13,
}  # fmt: skip
"""Values whose length the standard fixes by the identifier's first two digits (§7.8.5)."""

_VARIABLE = {"10": 20, "21": 20, "22": 20, "30": 8, "37": 8, "90": 30} | {
    str(company): 90 for company in range(91, 100)
}
"""Values of two-digit identifiers that run up to FNC1, with their longest length."""

_THREE_DIGIT = {"240", "241", "242", "243", "250", "251", "253", "254", "255", "400", "401", "402",
                "403", "420", "421", "422", "423", "424", "425", "426", "427"}  # fmt: skip


class Gs1Invalid(InvalidInput):
    """A GS1 element string is torn, or holds an identifier we cannot step over."""

    code = "gs1_invalid"

    def __init__(self, element: str, why: str) -> None:
        super().__init__(
            f"The GS1 code {why} at ({element}): scan it again or type the item's code.",
            element=element,
        )


@dataclass(frozen=True, slots=True)
class Gs1Scan:
    """What a GS1 code says about the piece in hand.

    Attributes:
        gtin: 14 digits, the trade item (01) or the content (02).
        batch: AI 10. serial: AI 21.
        expiry: AI 17, else best before, AI 15.
        weight: net weight in kilograms, AI 310n. count: AI 30 or 37.
        price: amount to pay, AI 392n, 393n, 390n or 391n; currency: ISO number of 391n, 393n.
    """

    gtin: str
    scanned: str
    batch: str = ""
    serial: str = ""
    expiry: date | None = None
    weight: Decimal | None = None
    count: int | None = None
    price: Decimal | None = None
    currency: str = ""


def is_marked_gs1(code: str) -> bool:
    """Whether a symbology prefix, FNC1 or brackets say that this is a GS1 element string."""
    return code.startswith((*_SYMBOLOGIES, "(01)", "(02)")) or FNC1 in code


def may_be_gs1(code: str) -> bool:
    """Whether an unmarked text starts like one: 01 and a valid GTIN."""
    return code.startswith("01") and len(code) >= 16 and has_valid_check(code[2:16])


def parse_gs1(code: str) -> Gs1Scan:
    """Read a GS1 element string.

    Raises:
        Gs1Invalid: torn, unknown identifier, wrong date, or without a GTIN.
    """
    found: dict[str, str] = {}
    for identifier, value in _elements(code):
        if found.setdefault(identifier, value) != value:
            raise Gs1Invalid(identifier, "says two different things")
    gtin = found.get("01") or found.get("02", "")
    if not gtin:
        raise Gs1Invalid("01", "names no item")
    if not gtin.isdecimal():
        raise Gs1Invalid("01", "has letters in the item number")
    price, currency = _price(found)
    counted = found.get("30") or found.get("37")
    return Gs1Scan(
        gtin=gtin,
        scanned=code,
        batch=found.get("10", ""),
        serial=found.get("21", ""),
        expiry=_date("17", found) or _date("15", found),
        weight=_measure("310", found),
        count=_whole("30", counted) if counted else None,
        price=price,
        currency=currency,
    )


def _elements(code: str) -> Iterator[tuple[str, str]]:
    if code.startswith("("):
        yield from _bracketed(code)
        return
    rest = code[3:] if code.startswith(_SYMBOLOGIES) else code
    rest = rest.strip(FNC1)
    while rest:
        identifier, length = _identifier(rest)
        body = rest[len(identifier) :]
        if length:
            value, rest = body[:length], body[length:].removeprefix(FNC1)
            if len(value) != length or FNC1 in value:
                raise Gs1Invalid(identifier, "is torn")
        else:
            value, _, rest = body.partition(FNC1)
        yield identifier, _checked(identifier, value)


def _bracketed(code: str) -> Iterator[tuple[str, str]]:
    parts = re.findall(r"\((\d{2,4})\)([^()]+)", code)
    if "".join(f"({identifier}){value}" for identifier, value in parts) != code:
        raise Gs1Invalid(code[:20], "is torn")
    for identifier, value in parts:
        known, length = _identifier(identifier)
        if known != identifier or (length and len(value) != length):
            raise Gs1Invalid(identifier, "is torn")
        yield identifier, _checked(identifier, value)


def _identifier(text: str) -> tuple[str, int]:
    """Return the identifier a string starts with, and its value's length (0: up to FNC1)."""
    two, three, four = text[:2], text[:3], text[:4]
    if two == "41":
        return three, _FIXED[two]
    if two in _FIXED:
        return two, _FIXED[two]
    if two in _VARIABLE:
        return two, 0
    if len(four) == 4 and four.isdecimal():
        if two in {"31", "32", "33", "34", "35", "36"}:
            return four, 6
        if two in {"39", "70", "71", "72", "80", "81", "82"}:
            return four, 0
    if three in _THREE_DIGIT:
        return three, 0
    raise Gs1Invalid(text[:4], "has an unknown identifier")


def _checked(identifier: str, value: str) -> str:
    longest = _VARIABLE.get(identifier, 90)
    if not value or len(value) > longest:
        raise Gs1Invalid(identifier, "is torn")
    return value


def _date(identifier: str, found: dict[str, str]) -> date | None:
    """Read YYMMDD of this century; day 00 means the last of the month (GS1 §3.4)."""
    text = found.get(identifier)
    if text is None:
        return None
    whole = _whole(identifier, text)
    year, month, day = 2000 + whole // 10_000, whole // 100 % 100, whole % 100
    try:
        return date(year, month, day or monthrange(year, month)[1])
    except ValueError:
        raise Gs1Invalid(identifier, "has a date that does not exist") from None


def _measure(family: str, found: dict[str, str]) -> Decimal | None:
    for places in range(10):
        value = found.get(f"{family}{places}")
        if value is not None:
            return Decimal(_whole(f"{family}{places}", value)).scaleb(-places)
    return None


def _price(found: dict[str, str]) -> tuple[Decimal | None, str]:
    for family, has_currency in (("392", False), ("393", True), ("390", False), ("391", True)):
        for places in range(10):
            value = found.get(f"{family}{places}")
            if value is not None:
                cut = 3 if has_currency else 0
                amount = _whole(f"{family}{places}", value[cut:])
                return Decimal(amount).scaleb(-places), value[:cut]
    return None, ""


def _whole(identifier: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal()):
        raise Gs1Invalid(identifier, "is not a number")
    return int(value)
