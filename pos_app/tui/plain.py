"""Data as text a terminal can show, in the words of screens and in exact widths of cells."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from rich.cells import cell_len, set_cell_size

from pos_app.domain.money import Money
from pos_app.domain.plain import plain

ELLIPSIS = "…"


def fit(value: object, width: int, *, align: str = "left") -> str:
    """Return text of exactly ``width`` cells: cut with an ellipsis, or padded.

    Args:
        value: what to show; anything unprintable in it is replaced.
        width: cells, 0 or more.
        align: ``left`` or ``right``.
    """
    text = plain(value)
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + ELLIPSIS if width > 0 else ""
    return " " * (width - length) + text if align == "right" else text + " " * (width - length)


def amount(money: Money) -> str:
    """Return an amount with its thousands grouped, without the currency: ``1,234.50``."""
    return f"{money.amount:,.2f}"


def quantity(value: Decimal) -> str:
    """Return a quantity without trailing zeros: ``3``, ``1.234``."""
    return f"{value.normalize():,f}" if value else "0"


def price(value: Decimal) -> str:
    """Return a unit price with at least two decimals and no more than it has: ``1.99``."""
    text = f"{value.normalize():,f}"
    whole, _, cents = text.partition(".")
    return f"{whole}.{cents:0<2}"


def percent(value: Decimal) -> str:
    """Return a percentage: ``12.5 %``."""
    return f"{quantity(value)} %"


def age(seconds: float) -> str:
    """Return how long ago in the largest fitting unit: ``12 s``, ``5 min``, ``3 h``, ``2 d``."""
    whole = max(int(seconds), 0)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if whole >= size * (2 if unit != "min" else 1):
            return f"{whole // size} {unit}"
    return f"{whole} s"


def since(moment: datetime, now: datetime) -> str:
    """Return the age of a moment."""
    return age(max((now - moment) / timedelta(seconds=1), 0.0))


def remaining(until: datetime, now: datetime) -> str:
    """Return how long something still lasts, the minute that has begun counted whole."""
    seconds = math.ceil((until - now) / timedelta(seconds=1))
    return age(-(-seconds // 60) * 60 if seconds > 60 else seconds)


def clock_time(moment: datetime, zone: str) -> str:
    """Return the hour and minute in the shop's zone."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def day_and_time(moment: datetime, zone: str) -> str:
    """Return day, month, hour and minute in the shop's zone."""
    return f"{moment.astimezone(ZoneInfo(zone)):%d %b %H:%M}"


def count_of(number: int, noun: str) -> str:
    """Return ``1 line``, ``3 lines``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
