"""One figure to the cent: lines = total = settled tenders, and VAT taken once per tax group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from pos_app.services.check.violation import Violation, money
from pos_app.services.check.whole import Whole

MICRO = 1_000_000

_PARTS = (("net", "net"), ("vat", "VAT"), ("gross", "gross"))


def adds_up(found: Whole) -> Iterator[Violation]:
    """All figures of one sale against each other."""
    yield from _lines(found)
    yield from _taxes(found)
    yield from _tenders(found)
    yield from _change(found)


def _violation(found: Whole, code: str, what: str, one: int, other: int) -> Violation:
    """Two figures that should be one; `what` takes both."""
    currency = found.header["currency"]
    words = what.format(one=money(one, currency), other=money(other, currency))
    return Violation(code, found.header["receipt"], f"{found.name} {words}.")


def _totals(found: Whole) -> dict[str, int]:
    return {"net": found.header["net"], "vat": found.header["vat"], "gross": found.header["total"]}


def _lines(found: Whole) -> Iterator[Violation]:
    totals = _totals(found)
    for name, word in _PARTS:
        summed = sum(line[name] for line in found.lines)
        if summed != totals[name]:
            words = f"has lines of {{one}} {word} and a total of {{other}}"
            yield _violation(found, "lines_differ", words, summed, totals[name])
    for line in found.lines:
        if line["net"] + line["vat"] != line["gross"]:
            words = f"has net and VAT of {{one}} on line {line['line']} and a gross of {{other}}"
            both = line["net"] + line["vat"]
            yield _violation(found, "line_differs", words, both, line["gross"])


def _taxes(found: Whole) -> Iterator[Violation]:
    totals = _totals(found)
    for name, word in _PARTS:
        summed = sum(tax[name] for tax in found.taxes)
        if summed != totals[name]:
            words = f"has tax groups of {{one}} {word} and a total of {{other}}"
            yield _violation(found, "taxes_differ", words, summed, totals[name])
    yield from _groups(found)
    for tax in found.taxes:
        due = _vat(tax, is_gross=bool(found.header["is_gross"]))
        if due != tax["vat"]:
            words = f"carries VAT of {{one}} in tax group {tax['group']} where {{other}} are due"
            yield _violation(found, "vat_differs", words, tax["vat"], due)


def _groups(found: Whole) -> Iterator[Violation]:
    """Lines and tax groups of one percent; groups a device cannot tell apart are one group."""
    of_lines: defaultdict[int | None, int] = defaultdict(int)
    of_taxes: defaultdict[int | None, int] = defaultdict(int)
    for line in found.lines:
        of_lines[line["tax_percent"]] += line["gross"]
    for tax in found.taxes:
        of_taxes[_percent(tax)] += tax["gross"]
    for percent in sorted({*of_lines, *of_taxes}, key=lambda micro: -1 if micro is None else micro):
        one, other = of_lines[percent], of_taxes[percent]
        if one != other:
            rate = "exempt" if percent is None else f"{Decimal(percent) / MICRO:f} %"
            words = f"has lines of {{one}} at {rate} and tax groups of {{other}}"
            yield _violation(found, "tax_group_differs", words, one, other)


def _percent(tax: dict[str, Any]) -> int | None:
    percent = tax["percent"]
    return None if percent is None else int(Decimal(percent) * MICRO)


def _vat(tax: dict[str, Any], *, is_gross: bool) -> int:
    """VAT of one group's sum, halves away from zero: inside the gross, or on top of the net."""
    micro = _percent(tax) or 0
    base = int(tax["gross" if is_gross else "net"])
    over = 100 * MICRO + micro if is_gross else 100 * MICRO
    rounded = (2 * abs(base) * micro + over) // (2 * over)
    return rounded if base >= 0 else -rounded


def _tenders(found: Whole) -> Iterator[Violation]:
    total = found.header["total"]
    settled = sum(row["in_document"] for row in found.tenders)
    if settled != total and not (found.is_from_program and not found.tenders):
        words = "was settled with {one} and comes to {other}"
        yield _violation(found, "tenders_differ", words, settled, total)


def _change(found: Whole) -> Iterator[Violation]:
    """Taken less given back is the total, where all of it is in the sale's own currency."""
    currency, total = found.header["currency"], found.header["total"]
    if not found.tenders or any(
        row["currency"] != currency for row in (*found.tenders, *found.change)
    ):
        return
    given = sum(row["amount"] for row in found.change)
    kept = sum(row["tendered"] for row in found.tenders) - given
    if kept != total:
        words = "kept {one} of what was handed over and comes to {other}"
        yield _violation(found, "change_differs", words, kept, total)
